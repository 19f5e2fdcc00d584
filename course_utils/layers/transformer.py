"""The transformer: blocks that add to every step what its features say, and what attention brings from other steps."""

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.chain import back_through
from course_utils.layers.feed_forward import FeedForward, FeedForwardTrace
from course_utils.layers.multi_head import MultiHeadAttention, MultiHeadTrace, State
from course_utils.layers.norm import LayerNorm, LayerNormTrace
from course_utils.layers.padding import readable
from course_utils.shapes import expect, expect_whole
from course_utils.tree import Array, Tree, tree


@tree
class TransformerBlockTrace(Tree):
    """The residual stream before, between and after the two parts, and the traces of the parts."""

    x: Float[Array, "T *B D"]
    norm_1: LayerNormTrace
    attention: MultiHeadTrace
    h: Float[Array, "T *B D"]
    norm_2: LayerNormTrace
    feed_forward: FeedForwardTrace
    y: Float[Array, "T *B D"]


@tree
class TransformerBlock(Tree):
    """h = x + attention(norm_1(x)), y = h + feed_forward(norm_2(h)).

    Vaswani et al. (2017, figure 1, left) with the norms inside the residual branches ("pre-norm": Xiong et al. 2020,
    section 3), so that x reaches y through nothing but two additions. 2·D·(H + 2·D) + H + 8·D parameters.
    """

    norm_1: LayerNorm
    attention: MultiHeadAttention
    norm_2: LayerNorm
    feed_forward: FeedForward

    @classmethod
    def init(
        cls, D: int, N: int, H: int, *, rng: np.random.Generator, scale: float = 1.0, dtype: type = np.float64
    ) -> "TransformerBlock":
        """N heads and H hidden units. `scale` shrinks what both parts add at the start."""
        attention = MultiHeadAttention.init(D, N, rng=rng, scale=scale, dtype=dtype)
        feed_forward = FeedForward.init(D, H, rng=rng, scale=scale, dtype=dtype)
        return cls(LayerNorm.init(D, dtype=dtype), attention, LayerNorm.init(D, dtype=dtype), feed_forward)

    def forward(
        self,
        x: Float[Array, "T *B D"],
        mask: Bool[Array, "S *B"] | None = None,
        *,
        causal: bool = False,
        state: State | None = None,
    ) -> tuple[Float[Array, "T *B D"], TransformerBlockTrace]:
        """Mask, causal order and state are those of `MultiHeadAttention.forward`."""
        x = expect(x, "T *B D", where="TransformerBlock.forward", D=len(self.norm_1.gain))
        x = readable(x, mask)
        z, norm_1 = self.norm_1.forward(x)
        z, attention = self.attention.forward(z, mask, causal=causal, state=state)
        h = x + z
        z, norm_2 = self.norm_2.forward(h)
        z, feed_forward = self.feed_forward.forward(z)
        y = h + z
        return y, TransformerBlockTrace(x, norm_1, attention, h, norm_2, feed_forward, y)

    def backward(
        self, dy: Float[Array, "T *B D"], trace: TransformerBlockTrace
    ) -> tuple[Float[Array, "T *B D"], "TransformerBlock", TransformerBlockTrace]:
        """Each addition hands the gradient on as it is, and adds what comes back from its branch."""
        dy = readable(dy, trace.attention.mask)
        dz, dfeed_forward, dtrace_feed_forward = self.feed_forward.backward(dy, trace.feed_forward)
        dz, dnorm_2, dtrace_norm_2 = self.norm_2.backward(dz, trace.norm_2)
        dh = dy + dz
        dz, dattention, dtrace_attention = self.attention.backward(dh, trace.attention)
        dz, dnorm_1, dtrace_norm_1 = self.norm_1.backward(dz, trace.norm_1)
        dx = dh + dz
        dblock = TransformerBlock(dnorm_1, dattention, dnorm_2, dfeed_forward)
        return (
            dx,
            dblock,
            TransformerBlockTrace(dx, dtrace_norm_1, dtrace_attention, dh, dtrace_norm_2, dtrace_feed_forward, dy),
        )


@tree
class TransformerTrace(Tree):
    """The traces of the blocks, lowest first, and of the last norm."""

    blocks: tuple[TransformerBlockTrace, ...]
    norm: LayerNormTrace

    @property
    def state(self) -> tuple[State, ...]:
        """The keys and values of every block, to be carried on; they grow with every step that was read."""
        return tuple(block.attention.state for block in self.blocks)


@tree
class Transformer(Tree):
    """Blocks on top of each other and a norm at the end: an encoder, or with `causal` a decoder that sees only the past."""

    blocks: tuple[TransformerBlock, ...]
    norm: LayerNorm

    @classmethod
    def init(
        cls, D: int, layers: int, N: int, H: int | None = None, *, rng: np.random.Generator, dtype: type = np.float64
    ) -> "Transformer":
        """`layers` blocks with N heads and H hidden units (4·D if None).

        What the 2 · layers branches add starts so small that their sum varies as much as one of them alone would
        (Radford et al. 2019, section 2.3).
        """
        expect_whole("Transformer.init", layers=layers)
        scale = 1 / np.sqrt(2 * layers)
        blocks = (TransformerBlock.init(D, N, H or 4 * D, rng=rng, scale=scale, dtype=dtype) for _ in range(layers))
        return cls(tuple(blocks), LayerNorm.init(D, dtype=dtype))

    def forward(
        self,
        x: Float[Array, "T *B D"],
        mask: Bool[Array, "S *B"] | None = None,
        *,
        causal: bool = False,
        state: tuple[State, ...] | None = None,
    ) -> tuple[Float[Array, "T *B D"], TransformerTrace]:
        """Run the blocks; `state` holds the keys and values of each for the steps before x.

        Raises ValueError unless there is one for every block.
        """
        if state is not None and len(state) != len(self.blocks):
            raise ValueError(f"Transformer.forward: wanted {len(self.blocks)} states, one a block, got {len(state)}")
        traces = []
        for block, before in zip(self.blocks, state or (None,) * len(self.blocks), strict=True):
            x, trace = block.forward(x, mask, causal=causal, state=before)
            traces.append(trace)
        y, norm = self.norm.forward(x, mask)
        return y, TransformerTrace(tuple(traces), norm)

    def backward(
        self, dy: Float[Array, "T *B D"], trace: TransformerTrace
    ) -> tuple[Float[Array, "T *B D"], "Transformer", TransformerTrace]:
        """The last norm, then the blocks from the highest to the lowest."""
        dy, dnorm, dtrace_norm = self.norm.backward(dy, trace.norm)
        dx, dblocks, dtraces = back_through(self.blocks, dy, trace.blocks)
        return dx, Transformer(dblocks, dnorm), TransformerTrace(dtraces, dtrace_norm)

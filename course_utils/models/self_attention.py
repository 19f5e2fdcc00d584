"""Chapter 14's bare model: one layer of self-attention between an embedding and a readout. Nothing recurs, nothing is added."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.layers.embedding import Embedding, EmbeddingTrace
from course_utils.layers.linear import Linear, LinearTrace
from course_utils.layers.multi_head import MultiHeadAttention, MultiHeadTrace
from course_utils.layers.positions import PositionEmbedding, PositionsTrace, SinusoidalPositions
from course_utils.tree import Array, Tree, tree

POSITIONS = ("none", "sinusoidal", "learned")


@tree
class SelfAttentionModelTrace(Tree):
    """The traces of the parts; the heads' weights are ``trace.attention.a``."""

    embedding: EmbeddingTrace
    positions: PositionsTrace | None
    attention: MultiHeadTrace
    readout: LinearTrace


@tree
class SelfAttentionModel(Tree):
    """Scores at every step: vectors of tokens, plus vectors of positions if there are any, self-attention, a readout."""

    embedding: Embedding
    positions: PositionEmbedding | SinusoidalPositions | None
    attention: MultiHeadAttention
    readout: Linear
    causal: bool

    @classmethod
    def init(
        cls,
        V: int,
        D: int,
        N: int,
        T_max: int,
        *,
        rng: np.random.Generator,
        outputs: int | None = None,
        positions: str = "learned",
        causal: bool = True,
        dtype: type = np.float32,
    ) -> "SelfAttentionModel":
        """N heads over sequences of at most T_max tokens, and V outputs unless told otherwise.

        `positions` is one of `POSITIONS`. Vectors start small, with entries of standard deviation 0.1, so that at first
        every step looks everywhere alike (those of tokens are larger beside sinusoids, which are). The readout starts small,
        too, so the first guess is almost uniform. Raises ValueError for other positions, or unless N divides D.
        """
        if positions not in POSITIONS:
            raise ValueError(f"SelfAttentionModel.init: wanted positions {', '.join(POSITIONS)}, got {positions!r}")
        where: Any = None
        if positions == "learned":
            where = PositionEmbedding.init(T_max, D, rng=rng, scale=0.1, dtype=dtype)
        elif positions == "sinusoidal":
            where = SinusoidalPositions(T_max)
        scale = 0.7 if positions == "sinusoidal" else 0.1
        embedding = Embedding.init(V, D, rng=rng, scale=scale, dtype=dtype)
        attention = MultiHeadAttention.init(D, N, rng=rng, dtype=dtype)
        readout = Linear.init(D, outputs or V, rng=rng, dtype=dtype)
        return cls(embedding, where, attention, Linear(readout.W * dtype(0.1), readout.b), causal)

    def forward(
        self, x: Int[Array, "T *B"], mask: Bool[Array, "T *B"] | None = None
    ) -> tuple[Float[Array, "T *B V"], SelfAttentionModelTrace]:
        """Logits at every step; with `causal`, from the tokens up to this step. Raises ValueError beyond T_max tokens."""
        z, embedding = self.embedding.forward(x)
        positions = None
        if self.positions is not None:
            z, positions = self.positions.forward(z, mask)
        z, attention = self.attention.forward(z, mask, causal=self.causal)
        logits, readout = self.readout.forward(z, mask)
        return logits, SelfAttentionModelTrace(embedding, positions, attention, readout)

    def backward(
        self, dy: Float[Array, "T *B V"], trace: SelfAttentionModelTrace
    ) -> tuple[None, "SelfAttentionModel", SelfAttentionModelTrace]:
        """The parts in reverse."""
        dz, dreadout, dtrace_readout = self.readout.backward(dy, trace.readout)
        dz, dattention, dtrace_attention = self.attention.backward(dz, trace.attention)
        dpositions: Any = None
        dtrace_positions = None
        if self.positions is not None and trace.positions is not None:
            dz, dpositions, dtrace_positions = self.positions.backward(dz, trace.positions)
        _, dembedding, dtrace_embedding = self.embedding.backward(dz, trace.embedding)
        dmodel = SelfAttentionModel(dembedding, dpositions, dattention, dreadout, self.causal)
        return (
            None,
            dmodel,
            SelfAttentionModelTrace(dtrace_embedding, dtrace_positions, dtrace_attention, dtrace_readout),
        )

"""A table of word vectors that looks up two tokens at every step: the one that stands there and the one before it."""

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.layers.embedding import Embedding, EmbeddingTrace
from course_utils.shapes import expect_shape, expect_tokens
from course_utils.tree import Array, Tree, tree


@tree
class TwoTokensTrace(Tree):
    """The traces of the two tables."""

    here: EmbeddingTrace
    before: EmbeddingTrace


@tree
class TwoTokenEmbedding(Tree):
    """e_t = W[token_t] + W'[token_{t-1}], and e_0 = W[token_0]. 2·V·D parameters.

    What a recurrent network gets for nothing, the token before, is put before an attention that would have to look for it.
    """

    here: Embedding
    before: Embedding

    @classmethod
    def init(
        cls, V: int, D: int, *, rng: np.random.Generator, scale: float = 1.0, dtype: type = np.float64
    ) -> "TwoTokenEmbedding":
        """Both as `Embedding.init`."""
        return cls(*(Embedding.init(V, D, rng=rng, scale=scale, dtype=dtype) for _ in range(2)))

    def forward(
        self, x: Int[Array, "T *B"], mask: Bool[Array, "T *B"] | None = None
    ) -> tuple[Float[Array, "T *B D"], TwoTokensTrace]:
        """The token before is that of the last real step before; the first real step has none.

        ValueError for tokens outside 0..V-1.
        """
        x = expect_tokens(x, "T *B", len(self.here.W), where="TwoTokenEmbedding.forward")
        e, here = self.here.forward(x, mask)
        if mask is None:
            mask = np.ones(here.tokens.shape, bool)
        mask = expect_shape(mask, here.tokens.shape, what="mask", where="TwoTokenEmbedding.forward", kind="bool")
        steps = np.arange(len(mask)).reshape(-1, *[1] * (mask.ndim - 1))
        last = np.maximum.accumulate(np.where(mask, steps, -1), axis=0)  # the last real step so far
        at = np.concatenate([np.full_like(last[:1], -1), last[:-1]])
        past, before = self.before.forward(np.take_along_axis(here.tokens, np.maximum(at, 0), 0), mask & (at >= 0))
        return e + _where(before.mask, past), TwoTokensTrace(here, before)

    def backward(
        self, dy: Float[Array, "T *B D"], trace: TwoTokensTrace
    ) -> tuple[None, "TwoTokenEmbedding", TwoTokensTrace]:
        """Every vector collects from its own step and from the step after it."""
        _, dhere, dtrace_here = self.here.backward(dy, trace.here)
        _, dbefore, dtrace_before = self.before.backward(_where(trace.before.mask, dy), trace.before)
        return None, TwoTokenEmbedding(dhere, dbefore), TwoTokensTrace(dtrace_here, dtrace_before)


def _where(there: Bool[Array, "T *B"] | None, x: Float[Array, "T *B D"]) -> Float[Array, "T *B D"]:
    """x at the steps that have a token before them, 0 at the others."""
    return np.where(np.asarray(there)[..., None], x, x.dtype.type(0))

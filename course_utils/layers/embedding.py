"""The table of word vectors: token w becomes row w of W, which is the one-hot vector of w times W."""

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.layers.padding import readable
from course_utils.shapes import expect_rng, expect_shape, expect_tokens, expect_whole
from course_utils.tree import Array, Tree, tree


@tree
class EmbeddingTrace(Tree):
    """The tokens read and the vectors found; in a gradient the tokens are carried along, as integers have no slope."""

    tokens: Int[Array, "*B"]
    e: Float[Array, "*B D"]
    mask: Bool[Array, "..."] | None = None


@tree
class Embedding(Tree):
    """e_t = W[token_t]. V·D parameters."""

    W: Float[Array, "V D"]

    @classmethod
    def init(
        cls, V: int, D: int, *, rng: np.random.Generator, scale: float = 1.0, dtype: type = np.float64
    ) -> "Embedding":
        """Normal entries of standard deviation `scale`; the row of token 0, the padding, is zero."""
        expect_whole("Embedding.init", V=V, D=D)
        expect_rng("Embedding.init", rng)
        W: Array = (scale * rng.normal(size=(V, D))).astype(dtype)
        W[0] = 0
        return cls(W)

    def forward(
        self, x: Int[Array, "*B"], mask: Bool[Array, "..."] | None = None
    ) -> tuple[Float[Array, "*B D"], EmbeddingTrace]:
        """Look every token up; of the mask see `padding.readable`. ValueError for tokens outside 0..V-1."""
        tokens = expect_tokens(x, "*B", len(self.W), where="Embedding.forward")
        e = self.W[tokens]
        return e, EmbeddingTrace(tokens, e, mask)

    def backward(self, dy: Float[Array, "*B D"], trace: EmbeddingTrace) -> tuple[None, "Embedding", EmbeddingTrace]:
        """Add the gradient of every occurrence to its word's row: a word that stands twice collects twice."""
        dy = readable(expect_shape(dy, trace.e.shape, what="dy", where="Embedding.backward"), trace.mask)
        dW = np.zeros_like(self.W, dtype=dy.dtype)
        np.add.at(dW, trace.tokens, dy)
        return None, Embedding(dW), EmbeddingTrace(trace.tokens, dy, trace.mask)

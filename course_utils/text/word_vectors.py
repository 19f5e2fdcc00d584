"""Words as points: who stands near whom, and which direction leads from one to another."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from course_utils.shapes import expect, expect_whole
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array

Neighbours = list[tuple[str, float]]
"""Words with their cosine, nearest first."""


class WordVectors:
    """A vector for every word of a vocabulary, compared by the cosine of their angle."""

    def __init__(self, vocabulary: Vocabulary, W: Float[Array, "V D"]) -> None:
        W = _expect_finite(expect(W, "V D", what="W", where="WordVectors", V=len(vocabulary)))
        self.vocabulary = vocabulary
        self.unit = _unit(W)
        """The vectors at length 1; those of length 0 (padding) stay 0, and are near to nothing."""

    def __repr__(self) -> str:
        V, D = self.unit.shape
        return f"WordVectors({V:,} words, {D} numbers each)"

    def number(self, word: str) -> int:
        """The place of a word. Raises ValueError if it is not in the vocabulary."""
        if word not in self.vocabulary:
            raise ValueError(f"WordVectors: wanted one of its {len(self.vocabulary):,} words, got {word!r:.60}")
        return int(self.vocabulary.encode([word])[0])

    def nearest(self, word: str, n: int = 10) -> Neighbours:
        """The n words with the largest cosine, the word itself left out."""
        return self.near(self.unit[self.number(word)], n, without=[word])

    def analogy(self, a: str, b: str, c: str, n: int = 5) -> Neighbours:
        """What is to c as b is to a: the words nearest to b - a + c, these three left out (Mikolov et al. 2013).

        Leaving them out matters: the nearest of all is most often c itself (Linzen 2016).
        """
        target = self.unit[self.number(b)] - self.unit[self.number(a)] + self.unit[self.number(c)]
        return self.near(target, n, without=[a, b, c])

    def near(self, point: Float[Array, "D"], n: int, *, without: Sequence[str] = ()) -> Neighbours:
        """The n words nearest to any point in the same space; padding and the unknown word never count.

        Raises ValueError for n below 1, a point that is not D finite numbers, unknown words, or if no word is left.
        """
        expect_whole("WordVectors", n=n)
        point = _expect_finite(expect(point, "D", what="point", where="WordVectors", D=self.unit.shape[1]))
        cosine = self.unit @ _unit(point)
        cosine[[0, 1, *map(self.number, without)]] = -np.inf
        n = min(n, int(np.isfinite(cosine).sum()))
        if n == 0:
            raise ValueError(f"WordVectors: wanted a word beside {list(without)}, got a vocabulary with no other")
        best = np.argpartition(-cosine, n - 1)[:n]  # the order of all the others does not matter
        best = best[np.argsort(-cosine[best], kind="stable")]
        return list(zip(self.vocabulary.decode(best), cosine[best].tolist(), strict=True))


def _unit(W: Float[Array, "*V D"]) -> Float[Array, "*V D"]:
    """Each vector at length 1, or 0 if it is 0. A power of 2 brings the largest entry to 0.5 ... 1: no square overflows."""
    W = np.ldexp(W, -np.frexp(np.abs(W).max(-1, keepdims=True, initial=0))[1])
    return W / np.maximum(np.sqrt((W * W).sum(-1, keepdims=True)), W.dtype.type(0.5))


def _expect_finite(W: Array) -> Array:
    if not np.isfinite(W).all():
        raise ValueError("WordVectors: wanted vectors of finite numbers, got nan or inf")
    return W

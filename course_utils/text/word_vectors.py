"""Words as points: who stands near whom, and which direction leads from one to another."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from course_utils.shapes import expect
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array

Neighbours = list[tuple[str, float]]
"""Words with their cosine, nearest first."""


class WordVectors:
    """A vector for every word of a vocabulary, compared by the cosine of their angle."""

    def __init__(self, vocabulary: Vocabulary, W: Float[Array, "V D"]) -> None:
        expect(W, "V D", what="W", where="WordVectors", V=len(vocabulary))
        length = np.sqrt((W * W).sum(-1, keepdims=True))
        self.vocabulary = vocabulary
        self.unit = np.divide(W, length, out=np.zeros_like(W), where=length > 0)
        """The vectors at length 1; those of length 0 (padding) stay 0, and are near to nothing."""

    def __repr__(self) -> str:
        V, D = self.unit.shape
        return f"WordVectors({V:,} words, {D} numbers each)"

    def number(self, word: str) -> int:
        """The place of a word. Raises ValueError if it is not in the vocabulary."""
        if word not in self.vocabulary:
            raise ValueError(f"WordVectors: {word!r} is not among its {len(self.vocabulary):,} words")
        return int(self.vocabulary.encode([word])[0])

    def similarity(self, one: str, other: str) -> float:
        """Cosine of the angle between two words, from -1 to 1."""
        return float(self.unit[self.number(one)] @ self.unit[self.number(other)])

    def nearest(self, word: str, n: int = 10) -> Neighbours:
        """The n words with the largest cosine, the word itself left out."""
        return self.near(self.unit[self.number(word)], n, without=[word])

    def analogy(self, a: str, b: str, c: str, n: int = 5) -> Neighbours:
        """What is to c as b is to a: the words nearest to b - a + c, these three left out (Mikolov et al. 2013).

        Leaving them out matters: the nearest of all is most often c itself (Linzen 2016).
        """
        target = self.unit[self.number(b)] - self.unit[self.number(a)] + self.unit[self.number(c)]
        return self.near(target, n, without=[a, b, c])

    def near(self, point: Float[Array, " D"], n: int, *, without: Sequence[str] = ()) -> Neighbours:
        """The n words nearest to any point in the same space; padding and the unknown word never count."""
        if n < 1:
            raise ValueError(f"WordVectors: wanted n >= 1 neighbours, got {n}")
        cosine = self.unit @ point / max(float(np.linalg.norm(point)), 1e-12)
        cosine[[0, 1, *map(self.number, without)]] = -np.inf
        n = min(n, int(np.isfinite(cosine).sum()))
        best = np.argpartition(-cosine, n - 1)[:n]  # the order of all the others does not matter
        best = best[np.argsort(-cosine[best], kind="stable")]
        return list(zip(self.vocabulary.decode(best), cosine[best].tolist(), strict=True))

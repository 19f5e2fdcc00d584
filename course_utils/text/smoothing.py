"""Three ways from counts to probabilities: maximum likelihood, add-k, and back-off. (Kneser-Ney: `kneser_ney.py`.)"""

import math

import numpy as np
from jaxtyping import Float, Int

from course_utils.shapes import is_real
from course_utils.text.ngram import NGrams
from course_utils.text.ngram_model import SMALLEST, NGramModel
from course_utils.tree import Array

LARGEST_K = 1e100
"""More would only be the uniform distribution, and leave the range of floats."""


class AddK(NGramModel):
    """p(w | c) = (N(c w) + k) / (N(c) + k V): pretend every n-gram was seen k more times (Laplace: k = 1; Lidstone).

    A context never seen gives 1/V. Raises ValueError for k < 0.
    """

    backs_off = False

    def __init__(self, counts: NGrams, n: int | None = None, *, k: float = 1.0) -> None:
        if not (is_real(k) and 0 <= k <= LARGEST_K):
            raise ValueError(
                f"{type(self).__name__}: wanted 0 <= k <= {LARGEST_K:g}, got {k!r:.60}; "
                "k = 0 is the maximum likelihood estimate"
            )
        self.k = float(k)
        super().__init__(counts, n)

    def _order(self, m: int, context: Int[Array, "G"], C: int) -> tuple[Float[Array, "G"], Float[Array, "C"]]:
        count = self.counts.counts[m]
        total = np.bincount(context, weights=count, minlength=C)
        kV = self.k * self.counts.V
        weight = np.divide(kV, total + kV, out=np.ones(C), where=total + kV > 0)
        if self.k > 0:
            weight = np.maximum(weight, math.ulp(0.0) * self.counts.V)  # k / (N(c) + k V) would round to 0
        return (count + self.k) / (total[context] + kV), weight


class MLE(AddK):
    """Maximum likelihood, p(w | c) = N(c w) / N(c): what was never seen is impossible. An unseen context gives 1/V."""

    def __init__(self, counts: NGrams, n: int | None = None) -> None:
        super().__init__(counts, n, k=0.0)


class BackOff(NGramModel):
    """Katz's back-off with absolute discounting: every seen n-gram gives up D counts, and what was given up is shared
    among the *unseen* words in proportion to the shorter context's p (Katz 1987; Ney, Essen & Kneser 1994):

    p(w | c) = (N(c w) - D) / N(c)       if seen,   else   alpha(c) * p(w | c'),
    alpha(c) = D * (number of different words after c) / N(c) / (sum of p(w | c') over the words not seen after c)

    discount: D, one number in (0, 1) for all orders; None: D = n1 / (n1 + 2 n2), where n_r m-grams were seen r times.
    """

    def __init__(self, counts: NGrams, n: int | None = None, *, discount: float | None = None) -> None:
        self.discount = expect_discount(discount, where=type(self).__name__)
        super().__init__(counts, n)

    def _order(self, m: int, context: Int[Array, "G"], C: int) -> tuple[Float[Array, "G"], Float[Array, "C"]]:
        counts = self.counts
        count, suffix = counts.counts[m], counts.suffix[m]
        total = np.bincount(context, weights=count, minlength=C)
        types = np.bincount(context, minlength=C)
        shorter = self.table[m - 1][suffix]  # p(w | c') of the seen words: the (m-1)-gram was seen too
        left = 1 - np.bincount(context, weights=shorter, minlength=C)
        full = types == counts.V  # no unseen word to give to: keep everything
        D = np.where(
            full,
            0.0,
            estimate_discount(count) if self.discount is None else self.discount,
        )
        given = np.divide(D * types, total, out=np.ones(C), where=total > 0)
        weight = np.divide(given, left, out=np.ones(C), where=~full & (total > 0) & (left > 0))
        return (count - D[context]) / total[context], np.where(full, 0.0, np.maximum(weight, SMALLEST))


def expect_discount(discount: float | None, *, where: str) -> float | None:
    """The discount, if it is one, or None. Raises ValueError unless it lies between 0 and 1."""
    if discount is None:
        return None
    if not (is_real(discount) and 0 < discount < 1):
        raise ValueError(f"{where}: wanted a discount D between 0 and 1 (or None to estimate it), got {discount!r:.60}")
    return float(discount)


def estimate_discount(count: Int[Array, "G"]) -> float:
    """D = n1 / (n1 + 2 n2), Ney, Essen & Kneser (1994); 1/2 where no n-gram was seen exactly once, or none twice."""
    n1, n2 = int((count == 1).sum()), int((count == 2).sum())
    return n1 / (n1 + 2 * n2) if n1 and n2 else 0.5

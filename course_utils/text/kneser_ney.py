"""Interpolated Kneser-Ney smoothing: a lower order asks "after how many different words?", not "how often?".

"Francisco" is frequent but follows almost only "San": where the longer context has nothing to say, it is a poor guess.
"""

import numpy as np
from jaxtyping import Float, Int

from course_utils.text.ngram import NGrams
from course_utils.text.ngram_model import SMALLEST, NGramModel, share
from course_utils.text.smoothing import estimate_discount, expect_discount
from course_utils.tree import Array


class KneserNey(NGramModel):
    """Interpolated Kneser-Ney (Kneser & Ney 1995; Chen & Goodman 1999):

    p(w | c) = max(a(c w) - D, 0) / a(c)  +  D * types(c) / a(c) * p(w | c')

    a(c w): the adjusted count. In the highest order, and for n-grams that begin with the boundary token (nothing can
    stand in front of it), the plain count; otherwise the *continuation count*, the number of different tokens seen in
    front of c w (Heafield et al. 2013).
    a(c) = sum of a(c w) over w, types(c) = number of w with a(c w) > 0. Below order 1 stands 1/V.

    discount: D, one number in (0, 1) for all orders; None: D = n1 / (n1 + 2 n2) for each order.
    """

    def __init__(self, counts: NGrams, n: int | None = None, *, discount: float | None = None) -> None:
        self.discount = expect_discount(discount, where=type(self).__name__)
        self._from_start = np.zeros(1, bool)
        super().__init__(counts, n)

    def _order(self, m: int, context: Int[Array, "G"], C: int) -> tuple[Float[Array, "G"], Float[Array, "C"]]:
        count = self._adjusted(m, context)
        total = np.bincount(context, weights=count, minlength=C)
        D = np.minimum(self._discounts(count), count)
        given = np.divide(
            np.bincount(context, weights=D, minlength=C),
            total,
            out=np.ones(C),
            where=total > 0,
        )
        own = np.divide(
            count - D,
            total[context],
            out=np.zeros(len(count)),
            where=total[context] > 0,
        )
        given = np.maximum(given, SMALLEST)
        return own + share(given[context], self.table[m - 1][self.counts.suffix[m]]), given

    def _adjusted(self, m: int, context: Int[Array, "G"]) -> Int[Array, "G"]:
        counts = self.counts
        if counts.boundary is not None and m > 1:
            self._from_start = np.r_[self._from_start, True][context] if m > 2 else context == counts.start(1)
        if m == self.n:
            return counts.counts[m]
        continuation = np.bincount(counts.suffix[m + 1], minlength=len(context))
        if counts.boundary is None or m == 1:
            return continuation
        return np.where(self._from_start, counts.counts[m], continuation)

    def _discounts(self, count: Int[Array, "G"]) -> Float[Array, "G"]:
        return np.full(
            len(count),
            estimate_discount(count) if self.discount is None else self.discount,
        )


class ModifiedKneserNey(KneserNey):
    """Kneser-Ney with three discounts, for counts of 1, 2, and 3 or more (Chen & Goodman 1999):

    Y = n1 / (n1 + 2 n2),   D_r = r - (r + 1) Y n_{r+1} / n_r

    In an order where n1 ... n4 are not all there, or where a D_r is not above 0 (as in small texts: n_{r+1} may be larger
    than n_r), nothing would be left for unseen words: the single D = Y of `KneserNey` takes the place of the three.
    """

    def __init__(self, counts: NGrams, n: int | None = None) -> None:
        super().__init__(counts, n)

    def _discounts(self, count: Int[Array, "G"]) -> Float[Array, "G"]:
        n_r = np.array([np.count_nonzero(count == r) for r in range(1, 5)])
        if not n_r.all():
            return super()._discounts(count)
        Y = n_r[0] / (n_r[0] + 2 * n_r[1])
        r = np.arange(1, 4)
        D = r - (r + 1) * Y * n_r[1:] / n_r[:-1]
        return D[np.clip(count, 1, 3) - 1] if (D > 0).all() else super()._discounts(count)

"""Large tables of which every step uses only a few rows: their gradients, and an optimiser that touches no others."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float, Int

from course_utils.shapes import is_real
from course_utils.tree import Array, Tree, tree, tree_map

M = TypeVar("M", bound=Tree)


@tree
class Rows(Tree):
    """The gradient of a table (V, D) by the R rows that were used; a row that was used twice stands twice."""

    numbers: Int[Array, "R"]
    d: Float[Array, "R D"]

    def summed(self) -> "Rows":
        """Each row once, with the sum of all its gradients.

        As ``np.add.at`` would do, which takes twice as long here.
        """
        order = np.argsort(self.numbers, kind="stable")
        numbers = self.numbers[order]
        starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]]) if len(numbers) else order
        return Rows(numbers[starts], np.add.reduceat(self.d[order], starts, axis=0) if len(numbers) else self.d)


@dataclass(frozen=True)
class RowAdagrad:
    """Adagrad with one step size a row: p <- p - lr g / sqrt(sum of mean(g^2) so far) (Duchi et al. 2011, simplified).

    Rare rows take larger steps than frequent ones. Unlike the optimisers of `course_utils.optim` it writes into the
    tables instead of returning new ones, because copying a whole table for a few rows would take most of the time:
    `init` makes a copy of the model, and every model that comes out afterwards shares its arrays. To keep a snapshot,
    copy it: ``tree_map(np.copy, model)``.
    """

    lr: float

    def __post_init__(self) -> None:
        if not (is_real(self.lr) and 0 < self.lr < np.inf):
            raise ValueError(f"RowAdagrad: wanted lr > 0, got {self.lr!r:.60}")

    def init(self, model: M) -> tuple[M, tuple[Array, ...]]:
        """A copy of the model, to be written into, and for each table the sums of its rows."""
        return tree_map(np.copy, model), tuple(np.full(len(table), 1e-8, table.dtype) for table in model)

    def update(self, model: Any, dmodel: Any, state: tuple[M, tuple[Array, ...]]) -> tuple[M, Any]:
        """One step on the rows that `dmodel`, a tree of `Rows` in the order of the tables, names."""
        own, sums = state
        for table, gradient, total in zip(own, dmodel, sums, strict=True):
            rows = gradient.summed()
            total[rows.numbers] += (rows.d * rows.d).mean(-1)
            table[rows.numbers] -= (self.lr / np.sqrt(total[rows.numbers]))[:, None] * rows.d
        return own, state

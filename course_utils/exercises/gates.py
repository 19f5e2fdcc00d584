"""Which plane of the weights was read for which gate? Nothing warns of a wrong one: the shapes are the same."""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import numpy as np

from course_utils.exercises.exercise import NotYet
from course_utils.tree import Array


def other_orders(gates: Sequence[str], weights: Sequence[Array]) -> Iterator[tuple[tuple[str, ...], list[Array]]]:
    """Each wrong order in which the planes can be read, and the weights as they are then used."""
    for order in permutations(gates):
        if order != tuple(gates):
            yield order, [array[[order.index(gate) for gate in gates]] for array in weights]


def diagnose_planes(right_with: Callable[[list[Array]], bool], gates: Sequence[str], weights: Sequence[Array]) -> None:
    """NotYet if the answer would be right with one plane of `weights` (W_x, W_h, b) exchanged for another, or left out."""
    for name, array in zip(("W_x", "W_h", "b"), weights, strict=True):

        def with_planes(planes: Array, instead_of: Array = array) -> bool:
            return right_with([planes if one is instead_of else one for one in weights])

        for k, gate in enumerate(gates):
            for taken in (None, *(other for other in range(len(gates)) if other != k)):
                changed = array.copy()
                changed[k] = 0 if taken is None else array[taken]
                if with_planes(changed):
                    what = f"{name}[{k}] is missing" if taken is None else f"you took {name}[{taken}]"
                    raise NotYet(f"for {gate} {what}.", f"{name}[{k}] belongs to {gate}")
            if with_planes(np.stack([array[k]] * len(gates))):
                raise NotYet(
                    f"you took {name}[{k}] for all of them.", f"{name}[k] belongs to gate k: {', '.join(gates)}"
                )

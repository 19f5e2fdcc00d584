"""Which plane of the weights was read for which gate? Nothing warns of a wrong one: the shapes are the same."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import Any

import numpy as np

from course_utils.exercises.slips import Answer, Instead
from course_utils.tree import Array

WEIGHTS = ("W_x", "W_h", "b")


def with_weights(reference: Answer, change: Callable[[str, Array], Array]) -> Answer:
    """The reference as if W_x, W_h and b had been changed before."""
    names = list(inspect.signature(reference).parameters)

    def answer(*given: Any) -> Any:
        named = zip(names, given, strict=True)
        return reference(*(change(name, one) if name in WEIGHTS else one for name, one in named))

    return answer


def other_orders(reference: Answer, gates: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Answer]]:
    """Each wrong order in which the planes can be read, and the reference reading them so."""
    for order in permutations(gates):
        if order != tuple(gates):
            planes = [order.index(gate) for gate in gates]

            def read(name: str, array: Array, planes: list[int] = planes) -> Array:
                return array[planes]

            yield order, with_weights(reference, read)


def other_planes(reference: Answer, gates: Sequence[str]) -> Iterator[Instead]:
    """One plane of W_x, W_h or b left out, exchanged for another, or used for all gates."""
    for name in WEIGHTS:

        def reading(planes: list[int | None], name: str = name) -> Answer:
            """The reference with these planes of the one array, where None is left out."""

            def read(other: str, array: Array) -> Array:
                return np.stack([0 * array[0] if k is None else array[k] for k in planes]) if other == name else array

            return with_weights(reference, read)

        own = list(range(len(gates)))
        for k, gate in enumerate(gates):
            for taken in (None, *own[:k], *own[k + 1 :]):
                what = f"{name}[{k}] is missing" if taken is None else f"you took {name}[{taken}]"
                wrong = reading([*own[:k], taken, *own[k + 1 :]])
                yield Instead(wrong, f"for {gate} {what}.", f"{name}[{k}] belongs to {gate}", whole=True)
            hint = f"{name}[k] belongs to gate k: {', '.join(gates)}"
            yield Instead(reading([k] * len(gates)), f"you took {name}[{k}] for all of them.", hint, whole=True)

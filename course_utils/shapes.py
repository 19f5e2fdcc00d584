"""One check for every array that comes from outside: does it have the axes its name promises?"""

from collections.abc import Sequence
from numbers import Real
from typing import Any, Literal

import numpy as np

from course_utils.tree import Array

KINDS = {"float": "f", "int": "iu", "bool": "b"}


def expect(
    array: Any, axes: str, *, what: str = "x", where: str, kind: Literal["float", "int", "bool"] = "float", **sizes: int
) -> Array:
    """Return `array` if it has the `axes`, the `kind` of numbers and the `sizes` asked for, else raise ValueError.

    `axes` names them in order; one of them may be starred for "any number of axes here", as in ``"T *B D"``. A named
    axis whose size is given must have it: ``expect(x, "T *B D", where="Linear.forward", D=5)``; axes of one name, as
    in ``"H H"``, must have one size.
    """
    names = axes.split()
    array = rectangular(array, what, where)
    wanted = " ".join(f"{name}={sizes[name]}" if name in sizes else name for name in names)
    if array.dtype.kind not in KINDS[kind]:
        raise ValueError(f"{where}: wanted {what} of {kind} numbers ({wanted}), got dtype {array.dtype}")
    if kind == "int" and array.size and not np.can_cast(array.dtype, np.intp):
        _expect_index(array, what, where)
    star = next((k for k, name in enumerate(names) if name.startswith("*")), None)
    fits = array.ndim == len(names) if star is None else array.ndim >= len(names) - 1
    if fits:
        after = 0 if star is None else len(names) - star - 1
        head = names if star is None else names[:star]
        pairs = [
            *zip(head, array.shape, strict=False),
            *zip(names[len(names) - after :], array.shape[array.ndim - after :], strict=True),
        ]
        sizes = dict(pairs) | sizes
        fits = all(sizes[name] == size for name, size in pairs)
    if not fits:
        raise ValueError(f"{where}: wanted {what} with axes ({wanted}), got shape {array.shape}")
    return array


def _expect_index(array: Array, what: str, where: str) -> None:
    """ValueError for whole numbers that no index can be, for instance above 2^63, or above 2^31 where an int has 32 bits."""
    low, high, bounds = int(array.min()), int(array.max()), np.iinfo(np.intp)
    if low < bounds.min or high > bounds.max:
        raise ValueError(f"{where}: wanted {what} from {bounds.min} to {bounds.max}, got {low} to {high}")


def expect_shape(
    array: Any, shape: Sequence[int], *, what: str, where: str, kind: Literal["float", "int", "bool"] = "float"
) -> Array:
    """Return `array` if it has exactly this `shape`, the one of something it goes with, else raise ValueError."""
    array = rectangular(array, what, where)
    if array.shape != tuple(shape) or array.dtype.kind not in KINDS[kind]:
        raise ValueError(
            f"{where}: wanted {what} of {kind} numbers of shape {tuple(shape)}, got {array.dtype} of shape {array.shape}"
        )
    return array


def rectangular(array: Any, what: str, where: str) -> Array:
    """Anything as an array of whatever kind; ValueError for lists of different lengths."""
    try:
        return np.asarray(array)
    except ValueError as error:
        raise ValueError(f"{where}: wanted {what} to be an array, got rows of different lengths; pad them") from error


def expect_whole(where: str, low: int = 1, **numbers: Any) -> None:
    """Raise ValueError unless each of the numbers, given by name, is a whole one of at least `low`."""
    for name, number in numbers.items():
        _expect_whole(where, name, number, low)


def expect_each_whole(where: str, name: str, numbers: Sequence[Any], low: int = 1) -> None:
    """Raise ValueError, with the place of the first that is not, unless all `numbers` are whole ones of at least `low`."""
    for k, number in enumerate(numbers):
        _expect_whole(where, f"{name}[{k}]", number, low)


def _expect_whole(where: str, name: str, number: Any, low: int) -> None:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    if not whole or number < low:
        raise ValueError(f"{where}: wanted {'' if whole else 'a whole number '}{name} >= {low}, got {number!s:.60}")


def expect_rng(where: str, rng: Any) -> None:
    """Raise ValueError unless `rng` is one of NumPy's generators."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"{where}: wanted an rng such as np.random.default_rng(0), got {rng!r:.60}")


def is_real(number: Any) -> bool:
    """Whether it is one real number of Python or NumPy: no text, no array, no True."""
    return isinstance(number, Real) and not isinstance(number, bool)


def expect_tokens(tokens: Any, axes: str, V: int, *, what: str = "tokens", where: str) -> Array:
    """Return `tokens` if they are whole numbers from 0 to V-1 with these axes, else raise ValueError."""
    tokens = expect(tokens, axes, what=what, where=where, kind="int")
    if tokens.size and not (0 <= tokens.min() and tokens.max() < V):
        raise ValueError(f"{where}: wanted {what} from 0 to {V - 1}, got {tokens.min()} to {tokens.max()}")
    return tokens

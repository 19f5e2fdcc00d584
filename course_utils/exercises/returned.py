"""Is a result of the kind that was wanted: so many things, arrays of numbers, of this shape?"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from course_utils.exercises.answers import NotYet
from course_utils.exercises.arguments import a
from course_utils.tree import Tree

MANY = 1000
"""No answer returns so many things; an endless generator does."""
COUNT = ("no", "one", "two", "three", "four", "five")


def several(got: Any, names: str, number: int, things: str = "arrays") -> tuple[Any, ...]:
    """`got` as a tuple of so many results, from a generator as well; else NotYet with the names and what came instead."""
    wanted = f"wanted {number} {things}, {names};"
    if isinstance(got, Iterator):
        try:
            got = tuple(islice(got, MANY))
        except Exception as error:
            what = f"going through the {type(got).__name__} that your function returned met {a(type(error))}."
            raise NotYet(what, "return them separated by commas") from error
    if not isinstance(got, tuple | list | Tree):
        shape = f"one array of shape {got.shape}" if isinstance(got, np.ndarray) else a(type(got))
        raise NotYet(f"{wanted} got {shape}.", "return them separated by commas")
    got = tuple(got)
    if len(got) != number:
        hint = f"return only these {number}" if len(got) > number else f"return all {number}, separated by commas"
        raise NotYet(f"{wanted} got {len(got)}.", hint)
    known = names_in(names)
    for k, part in enumerate(got):
        if part is None:
            name = known[k] if len(known) == number else f"result {k + 1}"
            raise NotYet(f"{name} is None: was it forgotten?", "give each of them what you computed for it")
    return got


def names_in(names: str) -> list[str]:
    """The single ones of "h and c", or of "dW_x, dW_h, db"."""
    return re.split(r",\s*(?:and\s+)?|\s+and\s+", names)


def same_shape(got: Any, shape: tuple[int, ...], what: str = "the result") -> np.ndarray:
    """`got` as an array of this shape, else NotYet."""
    wanted = "an array of numbers" if shape else "a number"
    try:
        array = np.asarray(got)
    except ValueError as error:
        _alone(got, shape, what)
        raise NotYet(f"{what} is ragged: its rows have different lengths.", "return a rectangular array") from error
    except Exception as error:
        raise NotYet(f"{what}: wanted {wanted}, got {a(type(got))}.", f"return {wanted}") from error
    if array.shape != shape:
        _alone(got, shape, what)
    if array.dtype.kind not in "biufc":
        raise NotYet(f"{what}: wanted {wanted}, got {_kind(got)}.", f"return {wanted}")
    if np.ma.is_masked(got):
        raise NotYet(f"{what} is a masked array, and some of its numbers are hidden.", "return an ordinary array")
    if array.shape != shape and not shape:
        raise NotYet(f"{what}: wanted one number, got an array of shape {array.shape}.", "return one number")
    if array.shape != shape:
        matrix = isinstance(got, np.matrix)
        hint = "np.matrix always has two axes: use arrays" if matrix else "write the shape of every line beside it"
        raise NotYet(f"{what}: shape {array.shape}, wanted {shape}.", hint)
    return array


def _alone(got: Any, shape: tuple[int, ...], what: str) -> None:
    """NotYet if several things came back where one was wanted."""
    if not isinstance(got, tuple | list) or len(got) < 2:
        return
    if isinstance(got, list) and not any(isinstance(part, np.ndarray) for part in got):
        return
    fits = [k for k, part in enumerate(got) if part is not None and shape_of(part) == shape]
    if fits or len({shape_of(part) for part in got}) > 1:
        number = COUNT[len(got)] if len(got) < len(COUNT) else str(len(got))
        which = f"only that of shape {shape}" if shape and len(fits) == 1 else "only one"
        raise NotYet(f"{number} things came back; wanted {what} alone.", f"return {which}")


def shape_of(part: Any) -> tuple[int, ...] | None:
    """The shape of a result, if it has one."""
    try:
        return np.shape(part)
    except Exception:  # ragged, or odd
        return None


def _kind(got: Any) -> str:
    """What came instead of numbers."""
    if isinstance(got, str | bytes):
        return "text"
    if not isinstance(got, np.ndarray | tuple | list):
        return a(type(got))
    parts = np.asarray(got, object).ravel().tolist()
    if any(part is None for part in parts):
        return f"None in {a(type(got))}"
    return f"{'text' if all(isinstance(part, str) for part in parts) else 'other things'} in {a(type(got))}"

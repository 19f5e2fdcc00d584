"""Is a result what was wanted, and if not, in what does it differ?"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any

import numpy as np

from course_utils.exercises.answers import NotYet, call, names_of
from course_utils.exercises.arguments import a, copied, described, handed, kept
from course_utils.tree import Tree

SINGLE = 1e-5
"""How far a right answer in single precision may be off, relative to the largest number."""
MANY = 1000
"""No answer returns so many things; an endless generator does."""
BY_HEART = "is a number of the example written into it, or something kept from call to call?"
COUNT = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LEAST: ContextVar[float] = ContextVar("least", default=0.0)


@contextmanager
def loosened(tolerance: float = SINGLE) -> Iterator[None]:
    """Inside, `close` allows at least this: a mistake is recognised by its name though single precision blurs it."""
    token = _LEAST.set(tolerance)
    try:
        yield
    finally:
        _LEAST.reset(token)


def close(got: Any, want: Any, tolerance: float = 1e-9) -> bool:
    """Do they have the same shape and the same numbers, up to rounding?

    Each number may be off by `tolerance` of itself. Numbers far below the largest one, and zeros beside it, are what is
    left of sums of large ones: they may be off by a thousandth of `tolerance` of the largest. Where all are to be 0,
    nothing says how large numbers are, and `tolerance` counts as it is. Infinite numbers must be the same, nan never is.
    Single precision (if `got` has that) allows 1e-5 of the largest.
    """
    try:
        got, want = np.asarray(got), np.asarray(want)
    except ValueError:  # ragged
        return False
    if got.dtype.kind not in "biufc" or got.shape != want.shape:
        return False
    return bool(np.all(_near(got, want, tolerance)))


def _near(got: np.ndarray, want: np.ndarray, tolerance: float) -> Any:
    """Number by number."""
    below = tolerance / 1000
    least = max(_LEAST.get(), SINGLE if got.dtype in (np.float32, np.complex64) else 0)
    if tolerance < least:
        tolerance = below = least
    size = _largest(want)
    with np.errstate(all="ignore"):
        return np.isclose(got, want, rtol=tolerance, atol=below * size if size else tolerance)


def _largest(want: np.ndarray) -> float:
    return float(np.abs(want[np.isfinite(want)]).max(initial=0))


def several(got: Any, names: str, number: int) -> tuple[Any, ...]:
    """`got` as a tuple of so many results, from a generator as well; else NotYet with the names and what came instead."""
    wanted = f"wanted {number} arrays, {names};"
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
    known = re.split(r",\s*(?:and\s+)?|\s+and\s+", names)
    for k, part in enumerate(got):
        if part is None:
            name = known[k] if len(known) == number else f"result {k + 1}"
            raise NotYet(f"{name} is None: was it forgotten?", "give each of them what you computed for it")
    return got


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
    fits = [k for k, part in enumerate(got) if part is not None and _shape(part) == shape]
    if fits or len({_shape(part) for part in got}) > 1:
        number = COUNT[len(got)] if len(got) < len(COUNT) else str(len(got))
        which = f"only that of shape {shape}" if shape and len(fits) == 1 else "only one"
        raise NotYet(f"{number} things came back; wanted {what} alone.", f"return {which}")


def _shape(part: Any) -> tuple[int, ...] | None:
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


def agree(got: Any, want: Any, what: str = "the result", hint: str = "", tolerance: float = 1e-9) -> None:
    """NotYet unless the numbers agree; says in what way they do not, and where they differ first."""
    got, want = same_shape(got, np.shape(want), what), np.asarray(want)
    near = _near(got, want, tolerance)
    if np.all(near):
        return
    with np.errstate(all="ignore"):
        _in_general(got, want, what)
        at = tuple(int(k) for k in np.argwhere(~near)[0])
        words = ""
        for kind, odd, cause in (
            (
                "nan",
                np.isnan(got),
                "where does it become nan first? 0 / 0, inf - inf, 0 * inf, the log of something below 0",
            ),
            ("infinite", np.isinf(got) & np.isfinite(want), "where does it overflow, or divide by 0?"),
        ):
            if odd.any():
                at, words, hint = tuple(int(k) for k in np.argwhere(odd)[0]), kind, hint or cause
                near = ~odd
                break
    shown = f"{_digits(got[at], want[at])}, wanted {_digits(want[at], got[at])}"
    if not want.ndim:
        zero = ": was it filled?" if not got and not words else "."
        raise NotYet(f"{what} is {shown}{zero}", hint, generic=True)
    said = f"{np.count_nonzero(~near)} of {near.size} numbers {f'are {words}' if words else 'differ'}"
    raise NotYet(f"{what}: the shape is right, but {said}, first at {list(at)}: got {shown}.", hint, generic=True)


def _in_general(got: np.ndarray, want: np.ndarray, what: str) -> None:
    """NotYet for what is wrong with all numbers alike."""
    if got.dtype.kind == "c" and want.dtype.kind != "c" and not np.all(_near(got.imag, 0 * want, 1e-9)):
        raise NotYet(f"{what} is complex.", "what was the root, the power or the logarithm of something below 0?")
    if not got.any() and want.ndim:
        raise NotYet(
            f"{what}: all is 0: was it filled?", "put into it what you computed, and return that", generic=True
        )
    if got.any() and any(np.array_equal(got, whole(want)) for whole in (np.trunc, np.floor) if want.dtype.kind == "f"):
        raise NotYet(
            f"{what}: the fractions were cut off.", "compute in float: no np.zeros(..., int), no //", generic=True
        )
    size = _largest(want)
    if np.allclose(got, want, rtol=SINGLE, atol=SINGLE * size):
        raise NotYet(
            f"{what}: right to a few digits only, as in single precision.",
            "is there a float32 in it? or was something rounded, or a small number added or left out?",
        )
    if np.allclose(got, want, rtol=1e-3, atol=SINGLE * size):
        half = got.dtype == np.float16
        raise NotYet(
            f"{what}: right to a few digits only{', as in half precision' if half else ''}.",
            "is there a float16 in it?" if half else "was something rounded, or a small number added or left out?",
            generic=True,
        )


def _digits(number: Any, other: Any) -> str:
    """Four digits, or as many as tell it from the other."""
    number, other = number.item(), other.item()
    return f"{number:.4g}" if f"{number:.4g}" != f"{other:.4g}" else f"{number:.10g}"


def compare(got: Any, want: Any, what: str = "the result") -> None:
    """NotYet unless `got` is what is wanted: numbers, text, or several of them in a tuple, a list or a dictionary."""
    if isinstance(want, list | tuple | Tree):
        parts, want = _parts(got), tuple(want)
        if len(parts) != len(want):
            raise NotYet(f"{what}: wanted {len(want)} things, got {len(parts)}.", generic=True)
        for k, (part, right) in enumerate(zip(parts, want, strict=True)):
            compare(part, right, f"part {k + 1} of {what}")
    elif isinstance(want, dict):
        if not isinstance(got, dict) or got.keys() != want.keys():
            keys = f"the keys {sorted(map(str, got))}" if isinstance(got, dict) else a(type(got))
            wanted = f"a dictionary with the keys {sorted(map(str, want))}"
            raise NotYet(f"{what}: wanted {wanted}, got {keys}."[:300], generic=True)
        for key in want:
            compare(got[key], want[key], f"what {key!r} leads to in {what}")
    elif isinstance(want, str):
        if got != want:
            raise NotYet(f"{what}: got {got!r:.60}, wanted {want!r:.60}.", generic=True)
    else:
        agree(got, want, what)


def _parts(got: Any) -> tuple[Any, ...]:
    if isinstance(got, Iterator):
        return tuple(islice(got, MANY))
    if isinstance(got, list | tuple | Tree) or (isinstance(got, np.ndarray) and got.ndim):
        return tuple(got)
    return (got,)


def again(
    answer: Callable[..., Any], reference: Callable[..., Any], *cases: tuple[Any, ...], named: str = "", hint: str = ""
) -> None:
    """NotYet unless the answer does what the reference does in other cases, of other sizes, too, and twice the same.

    `named` says in words what is special about them ("a batch of one"). AssertionError if the reference gives nan, which
    is never wanted.
    """
    for number, case in enumerate(cases):
        case = tuple(map(kept, case))  # an iterator is read several times here
        want = reference(*map(handed, copied(case)))
        if _has_nan(want):
            raise AssertionError(f"again: the reference gives nan for ({described(case)})")
        try:
            first = call(answer, *case)
            second = call(answer, *case) if number == 0 else first
        except NotYet as no:
            raise NotYet(f"right for the first example; with {named or 'another one'} {no.what}", no.hint) from no
        try:
            compare(first, want)
        except NotYet as no:
            what = f"right for the first example, but not for {named or 'another one'}: ({described(case)}). {no.what}"
            own = f"call it yourself with {described(case, names_of(answer, case))}"
            raise NotYet(what, hint or (own if named else BY_HEART), generic=True) from no
        try:
            compare(second, want)
        except NotYet as no:
            what = f"right once, but not when called again with the same arguments, ({described(case)}). {no.what}"
            raise NotYet(what, "what does it keep from call to call? make new arrays inside the function") from no


def edge(
    words: str, answer: Callable[..., Any], reference: Callable[..., Any], *arguments: Any, hint: str = ""
) -> None:
    """`again` for one case that the text allows and many forget, named in words: "one feature, a batch of one"."""
    again(answer, reference, arguments, named=words, hint=hint)


def _has_nan(value: Any) -> bool:
    if isinstance(value, list | tuple | Tree):
        return any(map(_has_nan, value))
    if isinstance(value, dict):
        return any(map(_has_nan, value.values()))
    return np.asarray(value).dtype.kind in "fc" and bool(np.isnan(value).any())

"""Are the numbers of a result those that were wanted, and if not, in what way do they differ?"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from course_utils.exercises.answers import NotYet
from course_utils.exercises.returned import same_shape

SINGLE = 1e-5
"""How far a right answer in single precision may be off, relative to the largest number."""
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
    # 0 and 1 in float are what many other mistakes give, too
    whole = want.dtype.kind == "f" and (got.dtype.kind in "iu" or not np.isin(got, (-1, 0, 1)).all())
    if whole and got.any() and any(np.array_equal(got, cut(want)) for cut in (np.trunc, np.floor)):
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

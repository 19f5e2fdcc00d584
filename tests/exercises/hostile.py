"""A session in which a learner has set everything otherwise, and results bent in every way that an answer may bend them."""

import os
import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from course_utils.tree import Tree


def state() -> tuple[Any, ...]:
    """Everything of a session that a check, or an answer, might leave changed."""
    legacy = np.random.get_state(legacy=False)  # noqa: NPY002
    numbers = str(legacy["state"]), legacy["has_gauss"], legacy["gauss"], legacy["bit_generator"]
    return (
        np.geterr(),
        np.get_printoptions(),
        list(warnings.filters),
        warnings.showwarning,
        numbers,
        random.getstate(),
        sys.getrecursionlimit(),
        os.getcwd(),
        np.getbufsize(),
    )


@contextmanager
def hostile_session(seed: int = 3) -> Iterator[None]:
    """Errors raised, warnings raised, NumPy printing as in 1.13 and shortly, other seeds; checked to be so afterwards."""
    limit, options, numbers, others = (
        sys.getrecursionlimit(),
        np.get_printoptions(),
        np.random.get_state(),  # noqa: NPY002
        random.getstate(),
    )
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        np.set_printoptions(precision=1, threshold=2, edgeitems=1, suppress=True, legacy="1.13")
        np.random.seed(seed)  # noqa: NPY002
        np.random.standard_normal()  # noqa: NPY002 - the second of a pair now waits in the state
        random.seed(seed)
        sys.setrecursionlimit(limit + 123)
        before = state()
        try:
            yield
            assert state() == before, "a check leaves the session as it was"
        finally:
            sys.setrecursionlimit(limit)
            np.set_printoptions(**options)
            np.random.set_state(numbers)  # noqa: NPY002
            random.setstate(others)


def each(bend: Any, result: Any) -> Any:
    """Bend every array and number of a result."""
    if isinstance(result, tuple | list):
        return type(result)(each(bend, part) for part in result)
    if isinstance(result, dict):
        return {key: each(bend, part) for key, part in result.items()}
    return result if isinstance(result, str | Tree) else bend(np.asarray(result))


def _more(a: np.ndarray) -> np.ndarray:
    return np.append(a, a[..., :1], axis=-1) if a.ndim else np.append(a, a)


def _ragged(a: np.ndarray) -> list[Any]:
    return [a.tolist(), [a.tolist(), 1.0]]


SAME = {
    "float32": lambda a: a.astype(np.float32) if a.dtype.kind == "f" else a,
    "in single precision on the way": lambda a: a.astype(np.float32).astype(float) if a.dtype.kind == "f" else a,
    "complex": lambda a: a + 0j,
    "long double": lambda a: a.astype(np.longdouble),
    "lists": lambda a: a.tolist(),
    "scalars": lambda a: a[()],
    "matrix": lambda a: np.asmatrix(a) if a.ndim == 2 else a,
    "masked array": np.ma.asarray,
    "column order": lambda a: np.array(a, order="F"),
    "read-only": lambda a: np.broadcast_to(a, a.shape),
}
"""Bends that leave the numbers what they are, up to single precision."""
OTHER = {
    "zeros": np.zeros_like,
    "nan": lambda a: np.full(a.shape, np.nan),
    "one nan": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 0, np.nan, a),
    "inf": lambda a: np.full(a.shape, np.inf),
    "minus inf": lambda a: np.full(a.shape, -np.inf),
    "half precision": lambda a: a.astype(np.float16),
    "imaginary": lambda a: a + 1j,
    "hidden numbers": lambda a: np.ma.masked_array(a, np.ones(a.shape, bool)),
    "one element more": _more,
    "one element less": lambda a: a[..., :-1] if a.ndim else np.array([]),
    "one axis more": lambda a: a[None],
    "an axis lost": lambda a: a.ravel() if a.ndim > 1 else a.sum(),
    "turned on its side": np.transpose,
    "backwards": lambda a: a[::-1] if a.ndim else -a,
    "minus": lambda a: -a.astype(float),
    "half": lambda a: a / 2,
    "a little more": lambda a: a * (1 + 1e-3) + 1e-3,
    "cut off": lambda a: np.trunc(a.astype(float)),
    "text": lambda a: str(a.tolist()),
    "objects": lambda a: np.array([None, "a"], object),
    "None": lambda a: None,
    "ragged": _ragged,
    "a function": lambda a: lambda: a,
    "a dictionary": lambda a: {"result": a},
    "a generator": lambda a: (one for one in [a]),
    "endless": lambda a: iter(int, 1),
    "a pair": lambda a: (a, a),
    "with None": lambda a: (a, None),
    "empty": lambda a: np.zeros(0),
}
"""Bends that do not, mostly."""


def alike(got: Any, want: Any) -> bool:
    """Is a bent result, as it happens, still the same: the negative of 0, the transpose of a vector?"""
    try:
        got, want = np.asarray(got), np.asarray(want)
        return got.shape == want.shape and bool(np.array_equal(got, want)) and not np.ma.is_masked(got)
    except Exception:
        return False


def all_alike(got: Any, want: Any) -> bool:
    if isinstance(want, tuple | list):
        return len(got) == len(want) and all(map(all_alike, got, want))
    if isinstance(want, dict):
        return all(all_alike(got[key], want[key]) for key in want)
    return got == want if isinstance(want, str | Tree) else alike(got, want)

"""An ordinary session for a check to run in, whatever the learner has set, and whatever an answer sets."""

import locale
import os
import random
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import numpy as np

PRINTING = {"precision": 8, "threshold": 1000, "edgeitems": 3, "linewidth": 75, "suppress": False, "nanstr": "nan",
            "infstr": "inf", "formatter": None, "sign": "-", "floatmode": "maxprec", "legacy": False}  # fmt: skip
"""NumPy's own print options."""
ROOM = 1000
"""How deep an answer may at least recurse, counted from the check: Python's own limit, however deep the check stands."""


@contextmanager
def plain_session() -> Iterator[None]:
    """What a fresh session has; afterwards, even after an interrupt, everything is as the learner had it.

    NumPy's error state and print options, warning filters (none is shown: the check names what is wrong), both global
    random generators (the same seed each time), the room for recursion, the locale, and the working folder.
    """
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(np.errstate(all="warn", under="ignore"))
        stack.enter_context(np.printoptions(**PRINTING))  # type: ignore[arg-type]
        for part in (_seeded(), _room(), _sorted_plainly(), _same_folder()):
            stack.enter_context(part)
        yield


@contextmanager
def _seeded() -> Iterator[None]:
    plain, bits = random.getstate(), np.random.get_bit_generator()  # type: ignore[attr-defined]
    state = np.random.get_state(legacy=False)  # noqa: NPY002 - the learner's, to be put back
    try:
        random.seed(0)
        # Also where the learner has chosen another kind of generator.
        np.random.set_bit_generator(np.random.MT19937(0))  # type: ignore[attr-defined]
        yield
    finally:
        random.setstate(plain)
        np.random.set_bit_generator(bits)  # type: ignore[attr-defined]
        np.random.set_state(state)  # noqa: NPY002


@contextmanager
def _room() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(max(limit, sum(1 for _ in traceback.walk_stack(None)) + ROOM))
        yield
    finally:
        sys.setrecursionlimit(limit)


@contextmanager
def _sorted_plainly() -> Iterator[None]:
    here = locale.setlocale(locale.LC_ALL)
    try:
        for category in (locale.LC_COLLATE, locale.LC_NUMERIC):
            locale.setlocale(category, "C")
        yield
    finally:
        with suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, here)


@contextmanager
def _same_folder() -> Iterator[None]:
    try:
        here = os.getcwd()
    except OSError:  # it was deleted
        here = ""
    try:
        yield
    finally:
        with suppress(OSError):
            if here:
                os.chdir(here)

"""`check`, `hint` and `solution` with whatever a learner may try: they always answer, in words, and never pass nonsense."""

import contextlib
import io
import random
import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.exercises import CHAPTERS, check, exercises, find, hint, solution
from tests.exercises.hostile import state
from tests.hard_use.strategies import anything, at_most, numbers, result, texts

ALL = [exercise for chapter in CHAPTERS for exercise in exercises(chapter)]


class Odd:
    """Refuses to be looked at, compared or counted."""

    def __array__(self, *_, **__):
        raise RuntimeError("no array")

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    def __len__(self):
        return -1

    def __repr__(self):
        raise RuntimeError("no name")

    __hash__ = None


def endless(*_):
    return endless(*_)


def printing(*arguments):
    print("x" * 1000)
    return arguments[0]


def writing(*arguments):
    """Into everything it was given."""
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            argument.flags.writeable = True
            argument[...] = 0
    return arguments[0] if arguments else None


def raising(kind):
    def answer(*_, **__):
        raise kind("a message with a { and a %s\n" * 300)

    return answer


def generator(*_):
    yield from range(3)


async def later(*_):
    return 0


def disorderly(*arguments):
    """Sets whatever a session has to be set."""
    np.seterr(all="raise")
    np.set_printoptions(precision=1)
    warnings.simplefilter("error")
    np.random.seed(7)  # noqa: NPY002
    random.seed(7)
    return arguments[0] if arguments else 0


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("nothing to say")


def mute(*_):
    raise Mute


ANSWERS = {
    "async": later,
    "disorderly": disorderly,
    "mute": mute,
    "a named argument": lambda *_, by: 0,
    "a pair": lambda *a: (a[0], None) if a else (0, None),
    "an endless generator": lambda *_: iter(int, 1),
    "a failing generator": lambda *_: (1 / 0 for _ in range(3)),
    "hidden numbers": lambda *_: np.ma.masked_array([1.0, 2.0], [True, False]),
    "a counter": lambda *_, calls=[]: calls.append(1) or len(calls),
    "nothing": lambda *_: None,
    "nan": lambda *_: np.nan,
    "nans": lambda *a: np.full_like(np.asarray(a[0], float), np.nan) if a and isinstance(a[0], np.ndarray) else np.nan,
    "its input": lambda *a: a[0] if a else 0,
    "all its inputs": lambda *a: a,
    "a huge array": lambda *_: np.zeros((1000, 1000)),
    "a huge text": lambda *_: "x" * 100_000,
    "ragged": lambda *_: [[1], [2, 3]],
    "complex": lambda *a: np.asarray(a[0], complex) if a and isinstance(a[0], np.ndarray) else 1j,
    "objects": lambda *_: np.array([None, "a"], object),
    "odd": lambda *_: Odd(),
    "odd ones": lambda *_: (Odd(), Odd()),
    "itself": lambda *_: endless,
    "a class": Odd,
    "a generator": generator,
    "no arguments": lambda: 0,
    "forty arguments": lambda a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p: 0,  # noqa: E741
    "endless": endless,
    "printing": printing,
    "writing": writing,
    "len": len,
    "np.add": np.add,
    **{kind.__name__: raising(kind) for kind in (ValueError, KeyError, AssertionError, MemoryError, StopIteration)},
    **{kind.__name__: raising(kind) for kind in (RuntimeWarning, UnicodeError, OSError, SystemExit)},
}


def said(exercise, answer):
    before = state()
    with contextlib.redirect_stdout(io.StringIO()):
        right, text = exercise.verdict(answer)
    assert state() == before, "the learner's session is as it was"
    assert not right
    assert text.startswith(f"✗ {exercise.id}")
    assert len(text) < 2_000, "a page, not a book"
    assert not re.search(r"0x[0-9a-f]{6}|Traceback|site-packages", text)
    return text


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.id)
@pytest.mark.filterwarnings("ignore")  # a learner's own warnings are theirs
def test_nonsense_is_never_right_and_always_answered(exercise):
    for answer in ANSWERS.values():
        said(exercise, answer)


@pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.id)
@at_most(5)
@given(constant=anything)
@pytest.mark.filterwarnings("ignore")
def test_no_constant_is_right(exercise, constant):
    said(exercise, lambda *_: constant)


@given(anything)
def test_what_is_no_function_is_said(thing):
    for exercise in ALL[::9]:
        assert "your function itself" in said(exercise, thing)


@given(
    st.one_of(texts, numbers, st.none(), st.sampled_from(["01", "01.", "01.99", "1.1", " 01.1", "01.1\n", "٠١.١"])),
    numbers,
)
def test_unknown_ids_and_levels_are_named(id, level):
    assert result(find, id) is None or id in {exercise.id for exercise in ALL}
    for ask in (lambda: hint(id), lambda: solution(id), lambda: check(id, len), lambda: hint("01.1", level)):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            result(ask)
        assert len(out.getvalue()) < 3_000

"""What a learner is told: kindly, exactly, and never with a traceback of ours."""

import ast

import numpy as np
import pytest

from course_utils import exercises
from course_utils.exercises import check, find, hint, solution
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, same_shape
from course_utils.layers.linear import Linear


def double(x: np.ndarray, *, by: float = 2.0) -> np.ndarray:
    # twice as much
    return by * x


def diagnose(answer):
    x = np.array([1.0, 2.0, 3.0])
    got = same_shape(call(answer, x), (3,))
    if close(got, x):
        raise NotYet("you returned what you were given.", "multiply by 2")
    agree(got, double(x), hint="every number counts twice")


EXERCISE = Exercise("99.1", "twice as much", double, diagnose, hints=("Times two.", "2 * x"), praise="Well doubled.")


def in_place(x):
    x *= 2
    return x


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda x: x, "you returned what you were given. Try: multiply by 2"),
        (lambda x: 2 * x + [0, 1, 0], "1 of 3 numbers differ, first at [1]: got 5, wanted 4. Try: every number counts"),
        (lambda x: 3 * x, "3 of 3 numbers differ, first at [0]: got 3, wanted 2."),
        (lambda x: 2 * x + [0, np.nan, 0], "first at [1]: got nan, wanted 4."),
        (lambda x: x[:2], ": shape (2,), wanted (3,). Try: write the shape of every line beside it"),
        (lambda x: 5.0, ": shape (), wanted (3,)."),
        (
            lambda x: None,
            "your function returned nothing for (an array of shape (3,)). Try: end every way through it with `return ...`",
        ),
        (lambda x: x[7], "stopped with IndexError: index 7 is out of bounds"),
        (lambda: 1, "your function takes no arguments, wanted 1: (x)."),
        (lambda x: 1 / 0, "Try: call it yourself with x of shape (3,)"),
        (
            in_place,
            "x was changed: `x *= ...` writes into the array you were given, in the line `x *= 2`. Try: x = x * ...",
        ),
        (lambda x: [[1.0], [2.0, 3.0]], "the result is ragged: its rows have different lengths."),
        (lambda x: ["a", "b", "c"], "the result: wanted an array of numbers, got text in a list."),
        (lambda x: {"y": x}, "the result: wanted an array of numbers, got a dict."),
        (lambda x: (2 * v for v in x), "the result: wanted an array of numbers, got a generator."),
        (np.ones(3), "check wants your function itself, without calling it; it got an ndarray."),
        (None, "it got a NoneType."),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(answer, told):
    right, text = EXERCISE.verdict(answer)
    assert not right
    assert text.startswith("✗ 99.1 twice as much: not yet.\n")
    assert told in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 100
    assert " at 0x" not in text, "an address would differ from run to run"


@pytest.mark.parametrize("answer", [double, lambda x: x + x, lambda x: [2 * v for v in x], lambda x: tuple(x * 2)])
def test_a_right_answer_is_praised(answer):
    assert EXERCISE.verdict(answer) == (True, "✓ 99.1 twice as much: right.\nWell doubled.")


@pytest.mark.parametrize(
    "argument",
    [np.ones(2), [np.ones(2), 3], (np.ones(2),), {"W": np.ones(2)}, Linear(np.ones((1, 1)), np.ones(1)), [[1, 2], "a"]],
)
def test_changed_arguments_are_noticed_and_the_originals_are_safe(argument):
    def spoil(thing):
        if isinstance(thing, np.ndarray):
            thing += 1
        elif isinstance(thing, list) and len(thing) == 2 and isinstance(thing[0], list):
            thing[0].append(3)
        else:
            spoil(next(iter(thing.values() if isinstance(thing, dict) else thing)))
        return 1

    before = repr(argument)
    with pytest.raises(NotYet, match="changed what it was given"):
        call(spoil, argument)
    assert repr(argument) == before
    assert call(lambda thing: 1, argument) == 1


def test_close_and_agree():
    assert close([1.0, 2.0], np.array([1.0, 2.0 + 1e-12]))
    assert not close([1.0], np.array([1.0, 1.0]))
    assert not close([[1.0], [1.0, 2.0]], np.ones(2))
    assert not close(["a"], np.ones(1))
    assert not close(np.nan, 1.0)
    agree(np.float32(0.1), 0.1, tolerance=1e-6)
    with pytest.raises(NotYet, match=r"the share is 0.2, wanted 0.1"):
        agree(0.2, 0.1, "the share")
    with pytest.raises(NotYet, match=r"the shares: right to a few digits only"):
        agree([0.1, 0.20001], [0.1, 0.2], "the shares")
    with pytest.raises(NotYet, match=r"the shares: the fractions were cut off"):
        agree([1, 0], [1.3, 0.2], "the shares")
    with pytest.raises(NotYet, match=r"the share: wanted one number, got an array of shape \(1,\)"):
        agree([0.1], 0.1, "the share")


def test_single_precision_is_enough():
    thirds = np.arange(3) / 3
    assert close(thirds.astype(np.float32), thirds)
    assert not close(thirds.astype(np.float32).astype(float), thirds)
    assert not close((1.001 * thirds).astype(np.float32), thirds)


def halved(x, factor):
    return {"half": [x / 2, x.sum() / 2]}, factor


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (halved, True),
        (lambda x, factor: [{"half": (list(x / 2), sum(x) / 2)}, factor], True),
        (lambda x, factor: ({"half": [x / 2, x[0] / 2]}, factor), False),
        (lambda x, factor: ({"half": [x / 2]}, factor), False),
        (lambda x, factor: ({}, factor), False),
        (lambda x, factor: (x, factor), False),
        (lambda x, factor: ({"half": [x / 2, x.sum() / 2]}, 3), False),
    ],
)
def test_again(answer, right):
    cases = (np.ones(1), 3), (np.arange(4.0), 5)
    if right:
        again(answer, halved, *cases)
        return
    with pytest.raises(NotYet, match="right for the first example, but not for another one: .an array of shape .[14],"):
        again(answer, halved, *cases)


def test_changed_plain_values_are_noticed():
    def count(words):
        words["a"] = 2
        return 1

    with pytest.raises(NotYet, match="changed what it was given"):
        call(count, {"a": 1})


def test_hints_lead_on():
    assert EXERCISE.hint(1) == 'Hint 1 of 2 for 99.1:\nTimes two.\nhint("99.1", 2) says more.'
    assert EXERCISE.hint(2).endswith('2 * x\nsolution("99.1") shows the reference.')
    for level in (0, 3, -1):
        said = f"hint: wanted (level >= 1|one of the 2 hints of exercise 99.1), got {level}"
        with pytest.raises(ValueError, match=said):
            EXERCISE.hint(level)


def test_the_solution_runs_where_it_is_pasted():
    text = EXERCISE.solution()
    assert text.splitlines()[0] == "def double(x, *, by=2.0):"
    ast.parse(text)
    space = {}
    exec(text, space)
    assert EXERCISE.verdict(space["double"])[0]


def test_what_the_notebook_calls_prints(capsys):
    check("00.1", lambda numbers: 0.0)
    assert capsys.readouterr().out.startswith("✗ 00.1 share of unknown words: not yet.\n")
    check("00.1", find("00.1").reference)
    assert capsys.readouterr().out.startswith("✓ 00.1")
    hint("00.1")
    assert capsys.readouterr().out.startswith("Hint 1 of 2 for 00.1:")
    solution("00.1")
    assert capsys.readouterr().out.startswith("def share_unknown(numbers):")


@pytest.mark.parametrize("use", [lambda id: check(id, abs), hint, solution])
@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("77.1", r'wanted an id such as "01.2" of the chapters 00, .*got \'77.1\''),
        ("", "wanted an id such as"),
        ("0.1", "wanted an id such as"),
        ("00.9", r"wanted one of 00.1, got '00.9'"),
        ("00", r"wanted one of 00.1, got '00'"),
        (0.1, r"wanted an id such as .* got 0.1"),
    ],
)
def test_an_id_that_does_not_exist_is_answered_with_those_that_do(use, id, said, without_type_checks):
    with pytest.raises(ValueError, match=said):
        use(id)


def test_finding_one_exercise_imports_one_chapter():
    assert set(exercises.CHAPTERS) >= {"00", "01", "02", "03"}
    assert [e.id for e in exercises.exercises("00")] == ["00.1"]

"""What a learner is told: kindly, exactly, and never with a traceback of ours."""

import ast
import os
import random
import sys
import warnings
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple

import numpy as np
import pytest

from course_utils import exercises
from course_utils.exercises import check, find, hint, solution
from course_utils.exercises.arguments import copied, unchanged
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.layers.linear import Linear
from tests.exercises.hostile import hostile_session


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


def adding(dh, dc_future):
    dc_future += dh
    return dc_future


def filling(x):
    out = x.T
    out[0] = 3
    return out


def scaling(gradients):
    for g in gradients:
        g *= 2
    return gradients


def sorting(words):
    words.sort()
    return 1


def adding_at(x, y):
    np.add.at(y, [0], x[0])
    return y


def writing_out(x):
    return np.tanh(x, out=x)


def renaming(x):
    y = x
    y -= 1
    return y


def helped(x):
    def inner(z):
        z[0] = 7

    inner(x)
    return x


def of_another(x, total):
    total = total * 1.0
    total += 1  # its own
    x[0, 0] = 3
    return total


@pytest.mark.parametrize(
    ("answer", "arguments", "told", "hint"),
    [
        (
            adding,
            (np.ones(2), np.ones(2)),
            "dc_future was changed: `dc_future += ...` writes into the array you were "
            "given, in the line `dc_future += dh`.",
            "dc_future = dc_future + ... makes a new array",
        ),
        (filling, (np.ones((2, 2)),), "x was changed: `out[...] = ...` writes into", "work on a copy: x.copy()"),
        (scaling, ([np.ones(2)],), "gradients was changed: `g *= ...` writes into what you were given", "g = g * ..."),
        (sorting, (["b", "a"],), "words was changed: `words.sort(...)`", "work on a copy: words.copy()"),
        (adding_at, (np.ones(2), np.ones(2)), "y was changed: `at(y, ...)` writes", "work on a copy: y.copy()"),
        (writing_out, (np.ones(2),), "x was changed: `out=x` writes", "without out= a new array is made"),
        (renaming, (np.ones(2),), "x was changed: `y -= ...`", "y = y - ... makes a new array"),
        (helped, (np.ones(2),), "x was changed.", "work on a copy, or build a new array"),
        (of_another, (np.ones((2, 2)), np.ones(2)), "x was changed: `x[...] = ...`", "x.copy()"),
        (lambda *given: given[0].sort(), (np.array([2.0, 1.0]),), "argument 1 was changed.", "work on a copy"),
    ],
)
def test_the_argument_that_was_changed_is_named_and_the_operator(answer, arguments, told, hint):
    with pytest.raises(NotYet) as no:
        call(answer, *arguments)
    assert no.value.what.startswith(f"your function changed what it was given. {told}"), no.value.what
    assert hint in no.value.hint


def test_several_changed_arguments_are_all_named():
    def both(x, y):
        x += 1
        y.fill(0)
        return x

    with pytest.raises(NotYet, match=r"x was changed: `x \+= .*y was changed: `y.fill"):
        call(both, np.ones(1), np.ones(1))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda a, b, c: 1, "your function takes 3 arguments (a, b, c), wanted 1: (x)."),
        (lambda: 1, "your function takes no arguments, wanted 1: (x)."),
        (lambda x, *, by: 1, "your function takes 1 argument (x) and, by name, by, wanted 1: (x)."),
        (lambda x, by=2: 3 * x, "3 of 3 numbers differ"),
        (lambda *given: 3 * given[0], "3 of 3 numbers differ"),
    ],
)
def test_a_wrong_number_of_arguments_is_told_beside_the_right_one(answer, told):
    assert told in " ".join(EXERCISE.verdict(answer)[1].split())


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("nothing to say")


def broken(x):
    y = x + 1
    return y @ np.ones((5, 2))


def through_a_helper(x):
    return broken(x)[0]


def mute(x):
    raise Mute


def with_an_address(x):
    raise ValueError(f"{object()} is odd")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            broken,
            "size 5 is different from 3), in the line `return y @ np.ones((5, 2))`. Try: call it yourself with x of "
            "shape (3,)",
        ),
        (through_a_helper, "in the line `return y @ np.ones((5, 2))`."),
        (mute, "your function stopped with Mute, in the line `raise Mute`."),
        (with_an_address, "ValueError: <object object> is odd, in the line"),
        (lambda *a: np.ones(2) @ a[0], "call it yourself with x of shape (3,)"),
    ],
)
def test_an_error_is_told_with_its_line_and_the_names_of_what_was_given(answer, told):
    said = " ".join(EXERCISE.verdict(answer)[1].split())
    assert told in said
    assert " at 0x" not in said
    assert __file__ not in said


def test_names_stand_beside_what_is_no_array_as_well():
    def stop(x, T, layers, name, f):
        raise ValueError

    with pytest.raises(NotYet) as no:
        call(stop, np.ones((2, 3)), 4, [np.ones(1), np.ones(2)], "a", stop)
    assert no.value.hint == (
        "call it yourself with x of shape (2, 3), T = 4, layers (2 arrays of shapes (1,), (2,)), name = 'a', f (a function)"
    )


async def later(x):
    return 2 * x


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (later, "begins with `async def`"),
        (lambda x: (2 * x, x), "two things came back; wanted the result alone. Try: return only one"),
        (lambda x: (2 * x, 1.0), "two things came back; wanted the result alone. Try: return only that of shape (3,)"),
        (lambda x: (2 * x, None), "two things came back"),
        (lambda x: [2 * x, np.ones((2, 2)), np.ones(5)], "three things came back"),
        (lambda x: np.ma.masked_array(2 * x, [0, 1, 0]), "is a masked array, and some of its numbers are hidden"),
        (lambda x: np.asmatrix(2 * x), "shape (1, 3), wanted (3,). Try: np.matrix always has two axes"),
        (lambda x: 2 * x + [0, 1j, 0], "the result is complex."),
        (lambda x: [2.0, None, 6.0], "the result: wanted an array of numbers, got None in a list."),
        (lambda x: np.array([2.0, "a", 6.0], object), "wanted an array of numbers, got other things in an ndarray."),
        (lambda x: 0 * x, "the result: all is 0: was it filled?"),
        (lambda x: (2 * x).astype(np.float16) * np.float16(1.0005), "3 of 3 numbers differ"),
        (lambda x: 2 * x + [0, np.inf, 0], "1 of 3 numbers are infinite, first at [1]: got inf, wanted 4."),
        (
            lambda x: 2 * x + [0, 0, np.nan],
            "1 of 3 numbers are nan, first at [2]: got nan, wanted 6. Try: every number",
        ),
        (lambda x: 2 * x * (1 + 1e-7), "right to a few digits only, as in single precision. Try: is there a float32"),
        (lambda x: 2 * x * (1 + 1e-4), "right to a few digits only. Try: was something rounded"),
        (lambda x: 2 * x + [0, 0, 0.04], "first at [2]: got 6.04, wanted 6."),
        (lambda x: iter(int, 1), "got a callable_iterator."),
    ],
)
def test_what_comes_back_otherwise_is_called_by_its_name(answer, told):
    right, said = EXERCISE.verdict(answer)
    assert not right
    assert told in " ".join(said.split())


@pytest.mark.parametrize(
    ("got", "told"),
    [
        ((1, 2, 3), "wanted 2 arrays, dh and dz; got 3."),
        ([1], "wanted 2 arrays, dh and dz; got 1."),
        ((), "wanted 2 arrays, dh and dz; got 0."),
        (np.ones((2, 3)), "wanted 2 arrays, dh and dz; got one array of shape (2, 3)."),
        ({"dh": 1, "dz": 2}, "wanted 2 arrays, dh and dz; got a dict."),
        ("ab", "wanted 2 arrays, dh and dz; got a str."),
        (3.0, "wanted 2 arrays, dh and dz; got a float."),
        ((one for one in range(5)), "wanted 2 arrays, dh and dz; got 5."),
        ((1 / 0 for _ in range(2)), "met a ZeroDivisionError"),
        ((1, None), "dz is None: was it forgotten?"),
        ([None, 1], "dh is None: was it forgotten?"),
    ],
)
def test_the_wrong_number_of_results_is_told(got, told):
    with pytest.raises(NotYet) as no:
        several(got, "dh and dz", 2)
    assert told in no.value.what


@pytest.mark.parametrize("got", [(1, 2), [1, 2], iter([1, 2]), map(abs, [1, -2]), (k for k in (1, 2)), zip([1, 2])])
def test_several_takes_what_can_be_taken_apart(got):
    assert len(several(got, "dh and dz", 2)) == 2


@pytest.mark.parametrize("names", ["a, b, c", "a, b and c", "a, b, and c", "a and b and c"])
def test_names_of_several_are_read_off_the_words(names):
    with pytest.raises(NotYet, match="^b is None"):
        several((1, None, 2), names, 3)


def test_zeros_are_told_as_such_and_only_whole_numbers_were_cut_off():
    for got, want, told in (
        (np.zeros(2), [0.3, 0.2], "all is 0: was it filled"),
        (np.zeros(2), [1.3, 2.2], "all is 0: was it filled"),
        (0.0, 0.125, "^the result is 0, wanted 0.125: was it filled"),
        (np.array([1, 0]), [1.3, 0.2], "cut off"),
        (np.array([1, -3]), [1.3, -2.8], "cut off"),  # by //
        (np.array([1, 1]), [1.3, 0.2], "1 of 2|2 of 2"),
        (np.array([0.0, 0.5]), [0.0, 0.2], "1 of 2 numbers differ"),
    ):
        with pytest.raises(NotYet, match=told):
            agree(got, np.array(want))
    agree(np.zeros(2), np.zeros(2))


def test_close_is_relative():
    tiny = np.array([1e-14, 2e-14])
    assert close(tiny * (1 + 1e-12), tiny)
    assert not close(tiny + 1e-16, tiny)
    assert not close(tiny + 1e-12, tiny)
    assert not close(np.zeros(2), tiny)
    assert not close([1e6, 2e-4], [1e6, 3e-4]), "a small number beside a large one counts, too"
    assert close([1e9, 1e-5], [1e9, 0.0]), "what sums of large numbers leave of 0"
    assert not close([1.0, 1e-8], [1.0, 0.0])
    assert close([1e-17, 0.0], [0.0, 0.0])
    assert not close([1e-8, 0.0], [0.0, 0.0])
    huge = np.array([1e308, -1e308])
    assert close(huge, huge)
    assert not close(-huge, huge)
    assert close([np.inf, 1.0, -np.inf], [np.inf, 1.0, -np.inf])
    assert not close([1e308, 1.0], [np.inf, 1.0])
    assert not close([np.inf, 1.0], [1e308, 1.0])
    assert not close([np.inf, 1.0], [-np.inf, 1.0])
    assert not close([np.nan], [np.nan])
    assert close(np.empty((0, 3)), np.empty((0, 3)))
    assert not close(np.empty((0, 3)), np.empty((0, 2)))
    assert close([True, False], [True, False])
    assert close(np.complex64(1), 1 + 1e-7)


@pytest.mark.parametrize("size", [1.0, 4e-3, 1e-12, 1e6])
def test_a_few_digits_are_a_few_digits_at_every_size(size):
    want = size * np.array([1.0, 0.5, 0.1])
    for off, told in ((1e-7, "single precision"), (1e-4, "a few digits only.$"), (0.3, "3 of 3 numbers differ")):
        with pytest.raises(NotYet, match=told):
            agree(want * (1 + off), want)


def test_single_precision_does_not_hide_a_mistake_that_has_a_name():
    def diagnose(answer):
        x = np.array([0.1, 0.2, 0.3])
        got = same_shape(call(answer, x), (3,))
        if close(got, x**2):
            raise NotYet("you squared it.")
        agree(got, 2 * x)

    calls = []

    def blurred(x):
        print("looking")
        calls.append(1)
        return (x.astype(np.float32) ** 2).astype(float)

    exercise = Exercise("99.2", "twice", lambda x: 2 * x, diagnose, ("a", "b"))
    assert "you squared it." in exercise.verdict(blurred)[1]
    assert len(calls) == 2
    assert not exercise.verdict(lambda x: 2 * x.astype(np.float32).astype(float))[0], "right is what is right at first"
    assert "single precision" in exercise.verdict(lambda x: 2 * x.astype(np.float32).astype(float))[1]
    assert "3 of 3 numbers differ" in exercise.verdict(lambda x: x**2 + 1e-3)[1]
    assert exercise.verdict(lambda x: 2 * x)[0]


def test_a_second_look_prints_nothing(capsys):
    def loud(x):
        print("once")
        return 3 * x

    EXERCISE.verdict(loud)
    assert capsys.readouterr().out == "once\n"


def test_a_named_mistake_that_is_right_in_single_precision_says_so():
    def diagnose(answer):
        if not close(call(answer, 3.0), 1 / 3):
            raise NotYet("the third is wrong.", "divide")

    exercise = Exercise("99.3", "a third", lambda n: 1 / n, diagnose, ("a", "b"))
    said = " ".join(exercise.verdict(lambda n: float(np.float32(1 / n)))[1].split())
    assert said.endswith(
        "the third is wrong. Try: divide. In single precision all would be right: is there a float32 in it?"
    )
    assert "single precision" not in exercise.verdict(lambda n: 1.0)[1]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda x, f: (x[:1], f), r"for one feature: \(an array of shape \(2, 1\), 3\)\. part 1 of the result: shape"),
        (lambda x, f: (x * f, f, 1), r"but not for one feature: .*the result: wanted 2 things, got 3\."),
        (lambda x, f: None, "with one feature your function returned nothing"),
        (lambda x, f: x[5], r"with one feature your function stopped with IndexError.*in the line `"),
        (lambda x, f: (x * f, None), r"part 2 of the result: wanted a number, got a NoneType"),
        (lambda x, f: (x + f, f), r"part 1 of the result: the shape is right, but 2 of 2 numbers differ"),
        (lambda x, f: 5.0, r"wanted 2 things, got 1\."),
    ],
)
def test_an_edge_is_named_in_words_and_what_differs_there_is_told(answer, told):
    def times(x, f):
        return x * f, f

    with pytest.raises(NotYet, match=told) as no:
        edge("one feature", answer, times, np.ones((2, 1)), 3)
    if "but not for" in no.value.what:
        assert no.value.hint == "call it yourself with x of shape (2, 1), f = 3"
        assert no.value.generic
        with pytest.raises(NotYet) as no:
            edge("one feature", answer, times, np.ones((2, 1)), 3, hint="keep the axis")
        assert no.value.hint == "keep the axis"
    edge("one feature", times, times, np.ones((2, 1)), 3)


def test_edges_compare_relatively_and_know_texts_and_dictionaries():
    edge("small numbers", lambda x: x * (1 + 1e-13), lambda x: x, np.array([1e-14]))
    with pytest.raises(NotYet, match="but not for small numbers"):
        edge("small numbers", lambda x: x + 1e-12, lambda x: x, np.array([1e-14]))
    edge("a text", str.upper, str.upper, "ab")
    with pytest.raises(NotYet, match="got 'ab', wanted 'AB'"):
        edge("a text", str.lower, str.upper, "ab")
    with pytest.raises(NotYet, match=r"wanted a dictionary with the keys \['a'\], got the keys \['b'\]"):
        edge("one word", lambda w: {"b": 1}, lambda w: {w: 1}, "a")
    with pytest.raises(NotYet, match="what 'a' leads to in the result is 2, wanted 1"):
        edge("one word", lambda w: {w: 2}, lambda w: {w: 1}, "a")


def test_a_reference_must_not_give_nan():
    with pytest.raises(AssertionError, match="the reference gives nan"):
        edge("nothing", lambda x: x, lambda x: (1.0, x * np.nan), np.ones(2))


def test_what_is_kept_from_call_to_call_is_noticed():
    calls = []

    def counting(x):
        calls.append(1)
        return x * (len(calls) < 2)

    with pytest.raises(NotYet, match="right once, but not when called again with the same arguments"):
        again(counting, lambda x: x, (np.ones(2),))

    kept = np.zeros(2)

    def into_a_buffer(x):
        kept[:] = x
        return kept

    first, second = call(into_a_buffer, np.ones(2)), call(into_a_buffer, np.zeros(2))
    assert first.tolist() == [1, 1], "a result is kept as it was"
    assert second.tolist() == [0, 0]
    again(into_a_buffer, lambda x: x, (np.ones(2),), (np.arange(2.0),))


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda arrays: (a for a in arrays), "a generator"),
        (lambda arrays: map(np.asarray, arrays), "a map"),
        (lambda arrays: iter(arrays), "a list_iterator"),
        (lambda arrays: (a for a, _ in zip(arrays, arrays, strict=True)), "a generator"),
        (lambda arrays: reversed(arrays), "a list_reverseiterator"),
        (lambda arrays: deque(arrays), "a deque"),
        (lambda arrays: dict(enumerate(arrays)).values(), "a dict_values"),
    ],
)
def test_an_iterable_of_any_kind_can_be_an_argument(make, kind):
    arrays = [np.ones(2), np.arange(3.0)]

    def doubled(some):
        return [2 * a for a in some]

    def writes(some):
        for a in some:
            a *= 2
        return 1

    def measures(some):
        return len(some)

    again(doubled, doubled, (make(arrays),))
    given = make(arrays)
    assert [a.tolist() for a in call(doubled, given)] == [(2 * a).tolist() for a in make(arrays)]
    with pytest.raises(NotYet, match=r"some was changed: `a \*= ...` writes into"):
        call(writes, make(arrays))
    assert [a.tolist() for a in arrays] == [[1, 1], [0, 1, 2]]
    if kind not in ("a deque", "a dict_values"):
        with pytest.raises(NotYet, match="has no len"):
            call(measures, make(arrays))
    with pytest.raises(NotYet) as no:
        call(lambda some: None, make(arrays))
    assert kind in no.value.what


def test_generators_of_generators_and_files_can_be_read_once_by_each(tmp_path):
    def total(rows):
        return [sum(row) for row in rows]

    again(total, total, (((k for k in range(n)) for n in (2, 3)),))
    path = tmp_path / "text"
    path.write_text("one\ntwo\n")
    with path.open() as file:
        again(lambda lines: [len(line) for line in lines], lambda lines: list(map(len, lines)), (file,))


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    "argument",
    [{1, 2}, frozenset({1}), deque([1, 2], 3), Counter("aab"), defaultdict(int, a=1), OrderedDict(a=1), range(3),
     Pair(np.ones(1), 2), {"a": 1}.keys(), {"a": 1}.items(), {"a": [1]}.values(), b"ab", 1 + 2j, None, np.float32(1)],
)  # fmt: skip
def test_containers_of_any_kind_keep_their_kind(argument):
    twin = copied(argument)
    assert type(twin) is type(argument)
    assert unchanged(twin, argument)
    assert call(lambda one: type(one).__name__, argument) == type(argument).__name__


@pytest.mark.parametrize(
    ("argument", "spoil"),
    [
        ({1, 2}, lambda s: s.add(3)),
        (deque([1]), lambda d: d.append(2)),
        (Counter("a"), lambda c: c.update("b")),
        (defaultdict(int), lambda d: d["a"]),
        ({"a": np.ones(1)}.values(), lambda v: next(iter(v)).fill(0)),
        (Pair(np.ones(1), 2), lambda p: p.a.fill(0)),
    ],
)
def test_whatever_can_be_changed_is_watched(argument, spoil):
    with pytest.raises(NotYet, match="changed what it was given"):
        call(lambda one: spoil(one) or 1, argument)


def changing(x):
    """A right answer that leaves its session in disorder."""
    np.seterr(all="raise")
    np.set_printoptions(precision=1, legacy="1.13")
    warnings.simplefilter("error")
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    sys.setrecursionlimit(777)
    os.chdir(os.sep)
    return 2 * x


def interrupted(x):
    changing(x)
    raise KeyboardInterrupt


def test_a_check_leaves_the_session_as_it_was_whatever_the_answer_does():
    with hostile_session():
        assert EXERCISE.verdict(changing)[0]
        with pytest.raises(KeyboardInterrupt):
            EXERCISE.verdict(interrupted)
        assert "SystemExit" in EXERCISE.verdict(lambda x: changing(x) is sys.exit())[1]


def test_another_kind_of_global_generator_is_put_back():
    before = np.random.get_bit_generator(), np.random.get_state(legacy=False)  # noqa: NPY002
    bits = np.random.PCG64(5)
    try:
        np.random.set_bit_generator(bits)
        state = bits.state
        assert EXERCISE.verdict(lambda x: 2 * x + 0 * np.random.normal())[0]  # noqa: NPY002
        assert np.random.get_bit_generator() is bits
        assert bits.state == state
    finally:
        np.random.set_bit_generator(before[0])
        np.random.set_state(before[1])  # noqa: NPY002


def overflowing(x):
    return 2 * x + 0 / (1 + np.exp(1000 * x))


def printing_options(x):
    return [float(word) for word in str(2 * np.float64(x / 3)[0] * 3).split()] + [4.0, 6.0]


def drawing(x):
    np.random.seed()  # noqa: NPY002
    return x + (np.random.uniform() < 2) * x  # noqa: NPY002


def sometimes(x):
    return 2 * x if np.random.uniform() < 0.5 else 3 * x  # noqa: NPY002


def deep(x, left=700):
    return 2 * x if left == 0 else deep(x, left - 1)


@pytest.mark.parametrize("answer", [overflowing, printing_options, drawing, sometimes, deep, interrupted])
def test_the_verdict_is_the_same_in_whatever_session(answer):
    def verdict():
        try:
            return EXERCISE.verdict(answer)
        except KeyboardInterrupt:
            return "interrupted"

    said = [verdict()]
    for seed in range(3):
        with hostile_session(seed):
            said.append(verdict())
    assert len(set(said)) == 1


def test_a_deleted_working_folder_does_no_harm(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    try:
        gone.rmdir()
    except OSError:
        pytest.skip("this system does not delete the folder one stands in")
    assert EXERCISE.verdict(double)[0]

"""What an exercise is: an id, a way to look at an answer, hints, and a reference solution.

A chapter's file (``exercises/preprocessing.py`` for chapter 01) holds, for each exercise, the reference as an ordinary
function and a *diagnosis*: a function that takes the learner's answer, tries it on inputs that tell plausible mistakes
apart, and raises `NotYet` with the name of the first mistake it recognises. ``EXERCISES`` lists them::

    def one_hot(tokens, V): ...                      # the reference; `solution` shows its source

    def diagnose_one_hot(answer):
        got = call(answer, np.array([1, 0]), 3)      # NotYet if it raises, or changes its inputs
        same_shape(got, (2, 3))                      # NotYet if the shape differs
        if close(got, wrong_axis):
            raise NotYet("the ones stand in the wrong rows: ...", "write row t for token t")
        agree(got, expected)                         # NotYet with where they differ first
        again(answer, one_hot, (np.array([0, 2, 2]), 4))  # NotYet if it was made for the example above

    EXERCISES = (Exercise("01.3", "one-hot times W", one_hot, diagnose_one_hot, hints=("...", "...")),)

Nothing that is printed holds an address, a time or unstable digits, so a notebook with checks passes nbval.
"""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.exercises.arguments import copied, described, unchanged
from course_utils.exercises.source import without_hints
from course_utils.shapes import expect_whole
from course_utils.tree import Tree


class NotYet(Exception):
    """What is wrong with an answer, and what to try. Shown to the learner, never raised at them."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


@dataclass(frozen=True)
class Exercise:
    """One exercise; `praise` says what a right answer has shown."""

    id: str
    title: str
    reference: Callable[..., Any]
    diagnose: Callable[[Callable[..., Any]], None]
    hints: tuple[str, ...]
    praise: str = "It agrees with the reference on every case tried."

    def verdict(self, answer: Any) -> tuple[bool, str]:
        """Is the answer right, and what to tell the learner."""
        if not callable(answer):
            return False, _page(
                f"✗ {self.id} {self.title}: not yet.",
                f"check wants your function itself, without calling it; it got a {type(answer).__name__}.",
            )
        try:
            self.diagnose(answer)
        except NotYet as no:
            return False, _page(f"✗ {self.id} {self.title}: not yet.", no.what, no.hint and f"Try: {no.hint}")
        except Exception as error:  # a result so odd that the diagnosis stumbled over it
            return False, _page(
                f"✗ {self.id} {self.title}: not yet.",
                f"what your function returned is of another kind than wanted (comparing it met a {type(error).__name__}).",
                "Try: print what it returns and compare its type and shape with what the exercise asks for",
            )
        return True, _page(f"✓ {self.id} {self.title}: right.", self.praise)

    def hint(self, level: int) -> str:
        """Hint number `level`, from 1 on."""
        expect_whole("hint", level=level)
        if level > len(self.hints):
            raise ValueError(f"hint: wanted one of the {len(self.hints)} hints of exercise {self.id}, got {level}")
        more = (
            f'hint("{self.id}", {level + 1}) says more.'
            if level < len(self.hints)
            else f'solution("{self.id}") shows the reference.'
        )
        return _page(f"Hint {level} of {len(self.hints)} for {self.id}:", self.hints[level - 1], more)

    def solution(self) -> str:
        """The source of the reference, without type hints, so that it runs where it is pasted."""
        return without_hints(textwrap.dedent(inspect.getsource(self.reference)).rstrip())


def call(answer: Callable[..., Any], *arguments: Any) -> Any:
    """The answer's result on copies of the arguments. NotYet if it raises, returns None, or changes its inputs."""
    copies = copied(arguments)
    try:
        got = answer(*copies)
    except NotYet:
        raise
    except (Exception, SystemExit) as error:  # exit() would end the kernel
        said = f"your function stopped with {type(error).__name__}: {textwrap.shorten(str(error), 300)}"
        raise NotYet(said, f"call it yourself with ({described(arguments)})") from error
    if not unchanged(copies, arguments):
        raise NotYet("your function changed what it was given.", "work on a copy, or build a new array")
    if got is None:
        what = f"your function returned nothing for ({described(arguments)})."
        raise NotYet(what, "end every way through it with `return ...`")
    return got


def several(got: Any, names: str, number: int) -> tuple[Any, ...]:
    """`got` as a tuple of so many arrays, else NotYet with their names."""
    if not isinstance(got, tuple | list) or len(got) != number:
        raise NotYet(f"wanted {number} arrays, {names}, got {type(got).__name__}.", "return them separated by commas")
    return tuple(got)


def same_shape(got: Any, shape: tuple[int, ...], what: str = "the result") -> np.ndarray:
    """`got` as an array of this shape, else NotYet."""
    try:
        array = np.asarray(got)
    except ValueError as error:
        raise NotYet(f"{what} is ragged: its rows have different lengths.", "return a rectangular array") from error
    if array.dtype.kind not in "biufc":
        wanted = "an array of numbers" if shape else "a number"
        raise NotYet(f"{what}: wanted {wanted}, got something else.", f"return {wanted}")
    if array.shape != shape and not shape:
        raise NotYet(f"{what}: wanted one number, got an array of shape {array.shape}.", "return one number")
    if array.shape != shape:
        raise NotYet(f"{what}: shape {array.shape}, wanted {shape}.", "write the shape of every line beside it")
    return array


def close(got: Any, want: Any, tolerance: float = 1e-9) -> bool:
    """Do they have the same shape and the same numbers, up to rounding (of single precision, if `got` has that)?"""
    try:
        got, want = np.asarray(got), np.asarray(want)
    except ValueError:  # ragged
        return False
    if got.dtype.kind not in "biufc":
        return False
    if got.dtype == np.float32:
        tolerance = max(tolerance, 1e-5)
    return got.shape == want.shape and bool(np.allclose(got, want, rtol=tolerance, atol=tolerance))


def agree(got: Any, want: Any, what: str = "the result", hint: str = "", tolerance: float = 1e-9) -> None:
    """NotYet unless the numbers agree; says where they differ first."""
    got, want = same_shape(got, np.shape(want), what), np.asarray(want)
    if close(got, want, tolerance):
        return
    if close(got, want, 1e-3):
        raise NotYet(
            f"{what}: right to a few digits only.", "was something rounded, or a small number added or left out?"
        )
    if np.array_equal(got, np.trunc(want)):
        raise NotYet(f"{what}: the fractions were cut off.", "compute in float: no np.zeros(..., int), no //")
    if want.ndim == 0:
        raise NotYet(f"{what} is {got:.4g}, wanted {want:.4g}.", hint)
    off = ~np.isclose(got, want, rtol=tolerance, atol=tolerance)
    at = tuple(int(k) for k in np.argwhere(off)[0])
    raise NotYet(
        f"{what}: the shape is right, but {int(off.sum())} of {off.size} numbers differ,"
        f" first at {list(at)}: got {got[at]:.4g}, wanted {want[at]:.4g}.",
        hint,
    )


def again(answer: Callable[..., Any], reference: Callable[..., Any], *cases: tuple[Any, ...]) -> None:
    """NotYet unless the answer does what the reference does in other cases, of other sizes, too."""
    for case in cases:
        try:
            right = _alike(call(answer, *case), reference(*copied(case)))
        except NotYet as no:
            raise NotYet(f"right for the first example; with another one {no.what}", no.hint) from no
        if not right:
            raise NotYet(
                f"right for the first example, but not for another one: ({described(case)}).",
                "is a number of the example written into it, or something kept from call to call?",
            )


def _alike(got: Any, want: Any) -> bool:
    if isinstance(want, list | tuple | Tree):
        many = isinstance(got, list | tuple | Tree | np.ndarray) and len(got := list(got)) == len(want := list(want))
        return many and all(map(_alike, got, want))
    if isinstance(want, dict):
        return isinstance(got, dict) and got.keys() == want.keys() and all(_alike(got[key], want[key]) for key in want)
    return close(got, want)


def _page(*lines: str) -> str:
    return "\n".join(textwrap.fill(line, 100, subsequent_indent="  ") for line in lines if line)

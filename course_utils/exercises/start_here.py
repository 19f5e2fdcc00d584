"""Chapter 00: one exercise, to learn how exercises work."""

import numpy as np
from jaxtyping import Int

from course_utils.exercises.exercise import Exercise, NotYet, agree, call, close, same_shape
from course_utils.tree import Array


def share_unknown(numbers: Int[Array, " T"]) -> float:
    """Share of the words of a text that the reader does not know: those with number 1."""
    return float((numbers == 1).mean())


def _diagnose(answer: object) -> None:
    numbers = np.array([5, 1, 20, 1, 8, 3, 1, 2])
    got = float(same_shape(call(answer, numbers), ()))  # type: ignore[arg-type]
    if close(got, 0.0):
        raise NotYet("your function says 0 although three of the eight words are unknown.", "compare with 1, then mean")
    if close(got, 3.0):
        raise NotYet("that is how many words are unknown; the question is which share of all words.", "divide by T")
    if close(got, 5 / 8):
        raise NotYet("that is the share of known words.", "which comparison do you make: == 1 or != 1?")
    if close(got, 37.5):
        raise NotYet("that is a percentage; a share lies between 0 and 1.", "leave the 100 out")
    agree(got, 3 / 8, "the share")
    agree(call(answer, np.array([2, 3])), 0.0, "the share for a text without unknown words")  # type: ignore[arg-type]
    agree(call(answer, np.array([1])), 1.0, "the share for a text of one unknown word")  # type: ignore[arg-type]


EXERCISES = (
    Exercise(
        "00.1",
        "share of unknown words",
        share_unknown,
        _diagnose,
        hints=(
            "`numbers == 1` is an array of True and False, one for each word.",
            "The mean of an array of True and False is the share of True.",
        ),
        praise="You know how exercises work. From here on they are about sequence models.",
    ),
)

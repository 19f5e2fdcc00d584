"""Chapter 00: one exercise, to learn how exercises work."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Int

from course_utils.exercises.exercise import Exercise, NotYet, agree, call, close, same_shape
from course_utils.tree import Array


def share_unknown(numbers: Int[Array, "T"]) -> float:
    """Share of the words of a text that the reader does not know: those with number 1."""
    return float((numbers == 1).mean())


def _diagnose(answer: Callable[..., Any]) -> None:
    numbers = np.array([5, 1, 20, 1, 8, 3, 1, 2])
    result = call(answer, numbers)
    if np.shape(result) == (8,):
        raise NotYet("that is one answer for each word; wanted one number for the whole text.", "take the mean of them")
    got = float(same_shape(result, ()))
    if isinstance(result, bool | np.bool_):
        raise NotYet(
            "that says whether a word is unknown; the question is which share of the words is.", "take the mean"
        )
    named = (
        (0.0, "your function says 0 although three of the eight words are unknown.",
         "compare with 1, then mean; and if you divide, do it with / (// cuts the fraction off)"),
        (3.0, "that is how many words are unknown; the question is which share of all words.", "divide by T"),
        (5 / 8, "that is the share of known words.", "which comparison do you make: == 1 or != 1?"),
        (37.5, "that is a percentage; a share lies between 0 and 1.", "leave the 100 out"),
        (1.0, "it says that all words are unknown: `numbers == 1` is as long as the text, however many of it are True, and "
         "in `numbers[numbers == 1]` there are only ones.", "the mean of `numbers == 1` counts the True among all"),
        (numbers.mean(), "that is the mean of the words' numbers, which says nothing: 20 is not more than 5 here.",
         "compare with 1 first"),
        (3 / 5, "that is unknown words for each *known* one; wanted: of all words.", "divide by T, the length of the text"),
        (3 / 6, "you divided by the number of *different* words; the text has eight.", "divide by T, the length of the text"),
        (1 / 6, "each different word was counted once, but word 1 stands there three times.", "no set, no np.unique"),
    )  # fmt: skip
    for value, what, hint in named:
        if close(got, value):
            raise NotYet(what, hint)
    agree(got, 3 / 8, "the share", "the mean of `numbers == 1`")
    got = float(same_shape(call(answer, np.array([1])), ()))
    if close(got, 1 / 8):
        raise NotYet(
            "right for a text of 8 words, but you divide by 8 whatever the length.", "len(numbers), or .mean()"
        )
    agree(got, 1.0, "the share for a text of one unknown word", "(1 == 1).mean() is 1")
    for text, what, hint in (
        ([2, 3], "a text without unknown words", "`numbers == 1` is False everywhere, and the mean of that is 0"),
        ([2], "a text of one known word", "`numbers == 1` is False, and the mean of that is 0"),
        ([1, 1, 1, 1, 1], "a text of five unknown words", "all of them are"),
        (
            [1, 11, 21, 100, 3_999, 10],
            "a text with the numbers 11, 21, 100 and 10",
            "compare numbers, not their digits",
        ),
        ([7, 1, 4] * 700, "a text of 2,100 words", "it must not depend on the length"),
    ):
        numbers = np.array(text)
        agree(call(answer, numbers), share_unknown(numbers), f"the share for {what}", hint)


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

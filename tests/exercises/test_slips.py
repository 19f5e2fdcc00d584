"""A slip says three things at once, the wrong code, its numbers and its words; here they are held together."""

from importlib import import_module

import numpy as np
import pytest

from course_utils.exercises import CHAPTERS, exercises
from course_utils.exercises.exercise import NotYet
from course_utils.exercises.slips import Diagnosis, Instead, Part, Slip, slips
from tests.exercises.hostile import hostile_session

MODULES = {chapter: import_module(f"course_utils.exercises.{name}") for chapter, name in CHAPTERS.items()}
SLIPS = [
    pytest.param(exercise, slip, id=f"{exercise.id} {slip.what}")
    for chapter, module in MODULES.items()
    for diagnosis in vars(module).values()
    if isinstance(diagnosis, Diagnosis)
    for exercise in exercises(chapter)
    if exercise.reference is diagnosis.reference
    for slip in diagnosis.slips
]
"""Each slip of every exercise."""


@pytest.mark.parametrize(("exercise", "slip"), SLIPS)
def test_each_slip_is_told_its_own_words(exercise, slip, without_type_checks):
    """None is hidden by one before it, or by the checks around; whatever the learner's session is like."""
    with hostile_session():
        right, text = exercise.verdict(slip.of(exercise.reference))
    assert not right
    assert slip.what in " ".join(text.split())


def both(x, y):
    total = x + y
    scaled = 2 * total
    return total, scaled


MISTAKES = Diagnosis(
    both,
    lambda: (np.array([1.0, 2.0]), np.array([5.0, 3.0])),
    "total and scaled",
    parts=(
        Part("the first total", lambda total, scaled: total[0]),
        Part("all of it", lambda total, scaled: np.append(total, scaled), "add, then double"),
    ),
    slips=(
        Slip("total, scaled", "scaled, total", "swapped.", whole=True),
        *slips("x + y", "a sum", {"x - y": "a difference", "x * y": "a product"}, "{} in place of the sum."),
        Slip("2 * total", "total[:1]", "only one."),
        Slip(("x + y", "2 * total"), ("y + y", "total"), "two edits."),
        Instead(lambda x, y: (x + y, x), "x was handed on."),
    ),
)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda x, y: (x - y, 2 * (x - y)), "a difference in place of the sum."),
        (lambda x, y: (2 * (x + y), x + y), "swapped."),
        (lambda x, y: (2 * (x + y), 0 * x), "the first total is 12, wanted 6."),  # one of the two is no swap
        (
            lambda x, y: (np.append(x[:1] * y[:1], 0), 0 * x),
            "a product in place of the sum.",
        ),  # then it may be anything
        (
            lambda x, y: (x + y + [0, 1], 2 * x * y),
            "all of it: the shape is right",
        ),  # a product, but not in the first part
        (lambda x, y: (x + y, (x + y)[:1]), "only one."),
        (lambda x, y: (0 * x, (x + y)[:1]), "only one."),
        (lambda x, y: (x + y, x[:1]), "scaled: shape (1,), wanted (2,)."),
        (lambda x, y: (y + y, y + y), "two edits."),
        (lambda x, y: (x + y, x), "x was handed on."),
        (lambda x, y: (x - 0.5 + y, x), "the first total is 5.5, wanted 6."),  # that hands x on, and more
        (lambda x, y: (x + y, 0 * x), "all of it: the shape is right, but 2 of 4 numbers differ"),
        (lambda x, y: x + y, "wanted 2 arrays, total and scaled; got one array of shape (2,)."),
        (lambda x, y: (np.float32(x - y), np.float32(2 * (x - y))), "a difference in place of the sum."),
    ],
)
def test_a_slip_is_named_where_its_numbers_agree(answer, said):
    with pytest.raises(NotYet) as no:
        MISTAKES(answer)
    assert no.value.what.startswith(said)


@pytest.mark.parametrize("answer", [both, lambda x, y: [x + y, (2 * (x + y)).tolist()]])
def test_what_is_right_passes(answer):
    MISTAKES(answer)


@pytest.mark.parametrize(("old", "times"), [("total", 3), ("z", 0)])
def test_what_is_replaced_has_to_be_found_once(old, times):
    with pytest.raises(ValueError, match=f"Slip: wanted '{old}' once in both, got it {times} times"):
        Slip(old, "0", "").of(both)

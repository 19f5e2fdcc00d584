"""Exercise 00.1: right answers, and wrong ones that each get their own message."""

import numpy as np
import pytest

from course_utils.exercises import find


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda numbers: 0.0, "although three"),
        (lambda numbers: (numbers == 1).sum(), "how many"),
        (lambda numbers: (numbers != 1).mean(), "known words"),
        (lambda numbers: 100 * (numbers == 1).mean(), "percentage"),
        (lambda numbers: numbers == 1, "shape"),
        (lambda numbers: (numbers == 1).sum() / 8, "without unknown words|one unknown word"),
        (lambda numbers: None, "returned nothing"),
        (lambda numbers: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_wrong_answers_are_told_apart(answer, message):
    right, text = find("00.1").verdict(answer)
    assert not right
    assert any(part in text for part in message.split("|")), text


def test_another_right_answer_passes():
    assert find("00.1").verdict(lambda numbers: np.count_nonzero(numbers == 1) / len(numbers))[0]

"""Exercise 00.1: another right answer, and wrong ones that each get their own message."""

import numpy as np

from course_utils.exercises import find


def test_another_right_answer_passes():
    assert find("00.1").verdict(lambda numbers: np.count_nonzero(numbers == 1) / len(numbers))[0]


WRONG = [
    ("00.1", lambda numbers: 0.0, "although three"),
    ("00.1", lambda numbers: (numbers == 1).sum(), "how many"),
    ("00.1", lambda numbers: (numbers != 1).mean(), "known words"),
    ("00.1", lambda numbers: 100 * (numbers == 1).mean(), "percentage"),
    ("00.1", lambda numbers: numbers == 1, "one answer for each word"),
    ("00.1", lambda numbers: (numbers == 1).sum() / 8, "divide by 8 whatever the length"),
    ("00.1", lambda numbers: (numbers == 1).sum() // len(numbers), "cuts the fraction off"),
    ("00.1", lambda numbers: len(numbers == 1) / len(numbers), "all words are unknown"),
    ("00.1", lambda numbers: numbers.mean(), "the mean of the words' numbers"),
    ("00.1", lambda numbers: (numbers == 1).sum() / (numbers != 1).sum(), "each *known* one"),
    ("00.1", lambda numbers: (np.unique(numbers) == 1).mean(), "each different word was counted once"),
    ("00.1", lambda numbers: None, "returned nothing"),
    ("00.1", lambda numbers: 1 / 0, "ZeroDivisionError"),
]

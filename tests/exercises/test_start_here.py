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
    ("00.1", lambda numbers: (numbers == 1).any(), "whether a word is unknown"),
    ("00.1", lambda numbers: (numbers == 1).sum() / len(set(numbers)), "number of *different* words"),
    ("00.1", lambda numbers: np.mean(["1" in str(n) for n in numbers]), "compare numbers, not their digits"),
    ("00.1", lambda numbers: 3 / 8, "the share for a text of one unknown word is 0.375"),
    ("00.1", lambda numbers: round((numbers == 1).mean(), 2), "the share is 0.38, wanted 0.375"),
    ("00.1", lambda numbers: (numbers == 1).sum() / min(len(numbers), 100), "a text of 2,100 words"),
    ("00.1", lambda numbers: (1, 3 / 8), "two things came back"),
    ("00.1", lambda numbers: None, "returned nothing"),
    ("00.1", lambda numbers: 1 / 0, "ZeroDivisionError"),
]

RIGHT = [
    ("00.1", lambda numbers: numbers.tolist().count(1) / len(numbers), "a list"),
    ("00.1", lambda numbers: np.bincount(numbers)[1] / numbers.size, "counts"),
    ("00.1", lambda numbers: sum(n == 1 for n in numbers) / sum(1 for _ in numbers), "a loop"),
    ("00.1", lambda numbers: np.float32(np.average(numbers == 1)), "single precision"),
]

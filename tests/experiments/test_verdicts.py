"""A model is ahead if all of its seeds are."""

import pytest

from course_utils.experiments.verdicts import verdict


@pytest.mark.parametrize(
    ("scores", "others", "word"),
    [
        ([1.0, 1.2], [1.3, 1.4], "ahead"),
        ([1.3, 1.4], [1.0, 1.2], "behind"),
        ([1.0, 1.3], [1.2, 1.4], "level"),
        ([1.0], [1.0], "level"),
        ([1.0, 1.5], [1.2], "level"),
    ],
)
def test_the_word_is_that_of_the_ranges(scores, others, word):
    assert verdict(scores, others) == word
    mirrored = {"ahead": "behind", "behind": "ahead", "level": "level"}[word]
    assert verdict(scores, others, fewer_is_better=False) == mirrored
    assert verdict(others, scores) == mirrored


def test_a_margin_is_asked_for():
    assert verdict([1.0], [1.02], margin=0.01) == "ahead"
    assert verdict([1.0], [1.02], margin=0.03) == "level"


def test_nothing_cannot_be_compared():
    with pytest.raises(ValueError, match="verdict: wanted scores of both, got 0 and 1"):
        verdict([], [1.0])

"""What is let in as words and counts, and in what form."""

import numpy as np
import pytest

from course_utils.text.entries import Counts, expect_iterable, plain_words, whole_counts


class Named(str):
    """Another kind of str, which shows itself in a way of its own."""

    def __str__(self):
        return "named"


def test_words_come_out_as_plain_str():
    for words in (["a", "b"], ("a", "b"), iter("ab"), np.array(["a", "b"]), [Named("a"), "b"]):
        plain = plain_words(words, "here")
        assert plain == ("a", "b")
        assert {type(word) for word in plain} == {str}
    assert plain_words([], "here") == ()


@pytest.mark.usefixtures("without_type_checks")
@pytest.mark.parametrize("words", [[1], ["a", None], np.arange(3), [b"a"], [["a"]], 3, None, np.array("a")])
def test_other_things_are_no_words(words):
    with pytest.raises(ValueError, match=r"here: wanted (words that are str|a sequence), got \w+"):
        plain_words(words, "here")


@pytest.mark.usefixtures("without_type_checks")
def test_counts():
    counts = whole_counts(np.array([1, 2, 0], np.uint8))
    assert counts == (1, 2, 0)
    assert {type(n) for n in counts} == {int}
    for strange in ([1.0], [-1], ["1"], [None]):
        with pytest.raises(ValueError, match="wanted counts that are whole numbers"):
            whole_counts(strange)
    assert isinstance({}, Counts)
    assert not isinstance([("a", 1)], Counts)


def test_a_single_thing_is_no_sequence():
    assert expect_iterable("ab", "here") == "ab"
    with pytest.raises(ValueError, match="here: wanted a sequence, got int 5"):
        expect_iterable(5, "here")

"""Streams of tokens: many texts become one, and what is not a sequence of tokens is turned away at the door."""

import numpy as np
import pytest

from course_utils.text.stream import as_tokens, join


def test_join_ends_each_text_and_skips_empty_ones():
    assert join([[3, 4], [], np.array([5])]).tolist() == [3, 4, 0, 5, 0]
    assert join([[1, 2]], boundary=9).tolist() == [1, 2, 9]


@pytest.mark.parametrize(
    ("texts", "message"),
    [([], "at least one text, got none"), ([[]], "at least one text"), ([[1, 0, 2], [0]], "found it 2 times inside")],
)
def test_join_refuses(texts, message):
    with pytest.raises(ValueError, match=message):
        join(texts)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "got an empty sequence"),
        ([[1, 2], [3, 4]], r"got shape \(2, 2\)"),
        (np.array(7), r"got shape \(\)"),
        ([1.0, 2.0], "got dtype float64; encode the text"),
        ([True, False], "got dtype bool"),
        (["a", "film"], "got dtype <U4"),
        ([1, -1], r"got -1 \.\.\. 1"),
        ([1, 10], r"wanted tokens in 0 \.\.\. V-1 = 9"),
    ],
)
def test_as_tokens_refuses(tokens, message):
    with pytest.raises(ValueError, match=message):
        as_tokens(tokens, 10, where="here")


def test_as_tokens_takes_any_integers_and_copies_only_if_it_must():
    tokens = np.array([1, 2, 3], np.int64)
    assert as_tokens(tokens, 10, where="here") is tokens
    assert as_tokens(np.array([1, 2], np.uint8), 10, where="here").dtype == np.int64
    assert len(as_tokens((), 10, where="here", empty=True)) == 0

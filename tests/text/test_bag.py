"""Words and pairs: each once a text, pairs only of known words, numbers that can be read back."""

import numpy as np
import pytest

from course_utils.text.bag import WordsAndPairs
from course_utils.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary.build([["not", "good", "bad", "film", "not", "good", "not"]])


def tokens(text):
    return VOCABULARY.encode(text.split())


TEXTS = [tokens(text) for text in ("not good", "not good film", "not bad", "good film good film", "odd good bad")]


def names(bag, text):
    return {bag.name(k) for k in bag.encode(tokens(text)).tolist()}


def test_words_and_pairs_count_once_and_can_be_read():
    bag = WordsAndPairs.build(VOCABULARY, TEXTS, min_texts=1)
    assert names(bag, "not good not good film") == {"not", "good", "film", "not good", "good film"}
    for text in TEXTS:
        encoded = bag.encode(text)
        assert (np.diff(encoded) > 0).all()
        assert encoded.min() >= 1
        assert encoded.max() < len(bag)


def test_order_is_in_the_pairs_only():
    bag = WordsAndPairs.build(VOCABULARY, [tokens("not good bad"), tokens("good not bad")], min_texts=1)
    assert names(bag, "not good") - names(bag, "good not") == {"not good"}


def test_rare_pairs_are_dropped_however_often_they_stand_in_one_text():
    bag = WordsAndPairs.build(VOCABULARY, TEXTS, min_texts=2)
    assert {bag.name(k) for k in range(len(VOCABULARY), len(bag))} == {"not good", "good film"}
    assert names(bag, "film good") == {"film", "good"}
    assert repr(bag) == f"WordsAndPairs({len(VOCABULARY)} words, 2 pairs)"


def test_unknown_words_make_no_pairs():
    bag = WordsAndPairs.build(VOCABULARY, [*TEXTS, tokens("good odd")], min_texts=1)
    assert names(bag, "odd good") == {"<unk>", "good"}
    assert names(bag, "good odd") == {"<unk>", "good"}
    assert bag.encode(tokens("odd")).tolist() == [1]


def test_bad_input_is_refused():
    bag = WordsAndPairs.build(VOCABULARY, TEXTS, min_texts=1)
    with pytest.raises(ValueError, match="at least 9 of 5 texts"):
        WordsAndPairs.build(VOCABULARY, TEXTS, min_texts=9)
    for number in (-1, len(bag)):
        with pytest.raises(ValueError, match="wanted (a )?number (from 0|>= 0)"):
            bag.name(number)

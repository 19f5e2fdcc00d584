"""Whatever is typed, pasted or read: it becomes tokens and comes back, or is refused in words."""

import re
import time

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from course_utils.analysis.hidden_units import PROPERTIES
from course_utils.data.series import vowels
from course_utils.text.characters import ALPHABET, fold, spell
from course_utils.text.letters import canonical
from course_utils.text.preprocessing import characters, clean, detokenize, words
from course_utils.text.vocabulary import PAD, UNK, Vocabulary, count
from tests.hard_use.strategies import anything, at_most, filled, huge, numbers, result, texts

tokenised = st.lists(st.lists(filled.filter(lambda t: t not in (PAD, UNK)), max_size=6), max_size=4)


@given(texts)
@example("\ud83d")
@example("\x00")
@example("\u3164\ufe0f")
@example("İ" * 50)
def test_every_text_is_tokenised_or_refused(text):
    for tokenise in (words, characters):
        tokens = result(tokenise, text)
        seen = canonical(text) if tokenise is words else text
        assert (tokens is None) == (not seen.strip())
        if tokens:
            assert all(tokens)
            assert isinstance(detokenize(tokens), str)
    assert (characters(text) if text.strip() else [text]) == (list(text) if text.strip() else [text])


@given(filled)
def test_words_read_their_own_writing(text):
    """Tokens joined by blanks are the same tokens: tokenising twice changes nothing."""
    once = words(text)
    assert words(" ".join(once)) == once


@given(texts)
def test_clean_leaves_one_line_without_breaks(text):
    cleaned = result(clean, text)
    if cleaned is not None:
        assert cleaned == " ".join(cleaned.split())
        assert cleaned
        if "&" not in text:
            assert not re.search(r"<\s*br\s*/?\s*>", cleaned, re.IGNORECASE) or "<br" in text.lower().replace(" ", "")


@at_most(10)
@given(huge)
@example("<br" + " " * 100_000)
@example("<br /" * 20_000)
@example("&" * 100_000)
@example("a'" * 50_000)
@example("." * 100_000)
@example("e\u0301" * 50_000)
def test_a_huge_text_takes_no_longer_than_its_length_asks_for(text):
    start = time.process_time()
    for read in (words, characters, clean, fold):
        result(read, text)
    assert time.process_time() - start < 5


@given(anything)
def test_what_is_no_text_is_refused(thing):
    for read in (words, characters, clean, vowels):
        if not isinstance(thing, str):
            assert result(read, thing) is None
    if not isinstance(thing, str | list):
        result(Vocabulary.build([["a"]]).decode, np.asarray(thing))


@given(tokenised, st.lists(filled, max_size=6), numbers, numbers)
def test_a_vocabulary_reads_what_it_knows_and_says_what_it_does_not(corpus, more, min_count, max_size):
    vocabulary = result(Vocabulary.build, corpus, min_count=min_count, max_size=max_size)
    if vocabulary is None:
        return
    assert 2 <= len(vocabulary) <= max_size
    numbers = vocabulary.encode(more)
    assert numbers.min(initial=0) >= 0
    assert numbers.max(initial=0) < len(vocabulary)
    back = vocabulary.decode(numbers)
    assert all(got in (token, UNK) for got, token in zip(back, more, strict=True))
    assert isinstance(repr(vocabulary), str)
    assert 0 <= vocabulary.coverage() <= 1
    if more:
        assert vocabulary.coverage(more) == np.mean([token in vocabulary for token in more])


@given(st.lists(st.one_of(st.text(max_size=2), st.integers(), st.none(), st.floats()), max_size=4))
def test_only_texts_are_tokens(things):
    vocabulary = Vocabulary.build([["a", "b"]])
    encoded = result(vocabulary.encode, things)
    assert (encoded is None) == any(not isinstance(thing, str) for thing in things)
    counted = result(count, [things])
    assert counted is None or result(Vocabulary.from_counts, counted) is None or not set(map(type, things)) - {str}


@given(st.dictionaries(st.one_of(st.text(max_size=2), st.integers()), numbers, max_size=4))
def test_counts_are_whole_numbers_of_texts(counts):
    vocabulary = result(Vocabulary.from_counts, counts)
    if vocabulary is not None:
        assert sum(vocabulary.counts) == sum(map(int, counts.values()))


@given(anything)
def test_decoding_and_spelling_want_whole_numbers_in_range(indices):
    vocabulary = Vocabulary.build([characters(ALPHABET)])
    for read, limit in ((vocabulary.decode, len(vocabulary)), (spell, len(ALPHABET))):
        text = result(read, np.asarray(indices, None if not isinstance(indices, list) else object))
        if text is not None:
            assert len(text) == np.size(indices)
            assert all(0 <= k < limit for k in np.ravel(indices))


@given(texts)
def test_folding_knows_only_its_alphabet(text):
    folded = fold(text)
    assert set(folded) <= set(ALPHABET)
    assert fold(folded) == folded
    for name, value in PROPERTIES.items():
        values = value(text)
        assert values.shape == (len(text),), name
        assert np.isfinite(values).all()


@given(texts)
def test_letters_are_vowels_or_not(text):
    series = result(vowels, text)
    assert series is None or set(series.values) <= {0.0, 1.0}

"""Tokens: the decisions of the docstring hold, nothing but white space is lost, and reading text is the way back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.examples import EXAMPLES
from course_utils.text.preprocessing import characters, clean, detokenize, words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't go!", ["don't", "go", "!"]),
        ("don’t don`t don\x92t", ["don't"] * 3),
        ("GOOD... not good.", ["good", "...", "not", "good", "."]),
        ("Well-made, 10/10", ["well", "-", "made", ",", "10", "/", "10"]),
        ("'quoted' o'clock dogs'", ["'", "quoted", "'", "o'clock", "dogs", "'"]),
        ("a_b Café Straße", ["a", "_", "b", "café", "strasse"]),
    ],
)
def test_words_follow_the_rules(text, tokens):
    assert words(text) == tokens


@given(st.text(min_size=1).filter(lambda text: not text.isspace()))
def test_words_lose_only_white_space(text):
    def without_space(text):
        return re.sub(r"\s", "", text)

    folded = text.casefold().translate(str.maketrans(dict.fromkeys("’‘`´\x91\x92", "'")))
    assert "".join(words(text)) == without_space(folded)


def test_clean_takes_the_web_page_out():
    assert clean(" one<br /><br />two <BR>three\tfour &amp; five &quot;six&quot; ") == 'one two three four & five "six"'
    assert clean("1 < 2 and AT&T") == "1 < 2 and AT&T"
    for review in EXAMPLES:
        assert clean(review.text) == review.text


def test_characters_fold_nothing():
    assert characters("Go é!") == ["G", "o", " ", "é", "!"]


@pytest.mark.parametrize("function", [clean, words, characters])
@pytest.mark.parametrize(
    ("text", "said"),
    [("", "something in it"), (" \n", "something in it"), (None, "NoneType"), (b"bad", "decode bytes")],
)
@pytest.mark.usefixtures("without_type_checks")
def test_what_is_no_text_is_refused(function, text, said):
    with pytest.raises(ValueError, match=said):
        function(text)


def test_clean_refuses_a_text_of_markup_only():
    with pytest.raises(ValueError, match="something in it"):
        clean("<br /> <br />")


def test_detokenize_gives_back_what_was_read():
    for review in EXAMPLES:
        assert detokenize(words(review.text)) == review.text.lower().replace("’", "'")


def test_detokenize_places_quotes_and_brackets():
    text = 'he said "not (very) good!" and left, twice... well-made 10/10'
    assert detokenize(words(text)) == text
    assert detokenize([]) == ""


@pytest.mark.parametrize(("tokens", "said"), [("a text", "tokenise it"), ([3, 4], "decode indices")])
@pytest.mark.usefixtures("without_type_checks")
def test_detokenize_refuses_what_is_no_list_of_tokens(tokens, said):
    with pytest.raises(ValueError, match=said):
        detokenize(tokens)

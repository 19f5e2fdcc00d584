"""Tokens: the decisions of the docstring hold, nothing that can be seen is lost, and reading text is the way back."""

import re
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.examples import EXAMPLES
from course_utils.text.letters import JOINERS, canonical
from course_utils.text.preprocessing import characters, clean, detokenize, words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't go!", ["don't", "go", "!"]),
        ("don’t don`t don\x92t don＇t", ["don't"] * 4),
        ("N\x00O\x7f go\x08od", ["no", "good"]),
        ("GOOD... not good.", ["good", "...", "not", "good", "."]),
        ("Well-made, 10/10", ["well", "-", "made", ",", "10", "/", "10"]),
        ("'quoted' o'clock dogs'", ["'", "quoted", "'", "o'clock", "dogs", "'"]),
        ("a_b Café Straße", ["a", "_", "b", "café", "strasse"]),
    ],
)
def test_words_follow_the_rules(text, tokens):
    assert words(text) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Cafe\u0301 film", ["café", "film"]),
        ("co\u00adoperate", ["cooperate"]),
        ("\ufeffThe \u200efilm\u200f", ["the", "film"]),
        ("don\u2019\u200dt d\u200dont", ["don't", "dont"]),
        ("\u212a \u212bngstr\u00f6m \uff21", ["k", "ångström", "\uff41"]),
        ("İstanbul, ISPARTA", ["i\u0307stanbul", ",", "isparta"]),
        ("Tie\u0302\u0301ng Vie\u0323\u0302t", ["tiếng", "việt"]),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", ["한글"]),
        ("किताब और क्\u200dष", ["किताब", "और", "क्\u200dष"]),
        ("שָׁלוֹם, עוֹלָם", ["שָׁלוֹם", ",", "עוֹלָם"]),
        ("مُحَمَّد می\u200cخواهم", ["مُحَمَّد", "می\u200cخواهم"]),
        ("ที่ ตำ\u200bรา", ["ที่", "ตำ", "รา"]),
        ("Auf\u200clage", ["auflage"]),
        ("ΛΌΓΟΣ λόγος", ["λόγοσ"] * 2),
        ("\u0301a \u0301\u0302", ["\u0301", "a", "\u0301\u0302"]),
        ("1\ufe0f\u20e3#\ufe0f\u20e3", ["1\ufe0f\u20e3", "#\ufe0f\u20e3"]),
        ("👩\u200d👩\u200d👧ok👍🏽", ["👩\u200d👩\u200d👧", "ok", "👍🏽"]),
        ("🇬🇧🇫🇷 ☺\ufe0fok", ["🇬🇧", "🇫🇷", "☺\ufe0f", "ok"]),
        (
            "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f🏴ok",
            ["🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", "🏴", "ok"],
        ),
        ("fi\u034flm \u115f\u1160\u3164\uffa0 \u17b4a \ufe0fb \U000e0101\u180b \U000e0041c", ["film", "a", "b", "c"]),
        ("\u1820\u180b\u1822", ["\u1820\u180b\u1822"]),
        ("a\u0301_b\u0301 ...\u0301", ["á", "_", "b\u0301", "...\u0301"]),
        ("क\u200d☺ \u200dक", ["क", "☺", "क"]),
    ],
)
def test_a_letter_and_what_belongs_to_it_stay_together(text, tokens):
    tokens = [normalize("NFC", token) for token in tokens]
    assert words(text) == words(normalize("NFD", text)) == words(normalize("NFC", text)) == tokens


LETTERS = st.characters(categories=("Lu", "Ll", "Lt", "Lm", "Lo", "Nd"))
MARKS = st.characters(categories=("Mn", "Mc", "Me"))


@given(
    st.lists(st.tuples(LETTERS, st.lists(MARKS, max_size=3)), min_size=1, max_size=6), st.text("\xad\u2060\ufeff\u200e")
)
def test_letters_with_marks_are_one_word_in_every_script(letters, unseen):
    text = unseen.join(letter + "".join(marks) for letter, marks in letters)
    assert len(words(text)) == 1
    assert words(unseen + text + unseen) == words(text.translate(dict.fromkeys(map(ord, unseen)))) == words(text)


@given(st.lists(LETTERS.filter(lambda c: category(c)[1] in "ult"), min_size=2, max_size=9), st.sampled_from(JOINERS))
def test_a_joiner_between_letters_with_case_is_no_letter(letters, joiner):
    assert words(joiner.join(letters)) == words("".join(letters))


@given(st.text(min_size=1).filter(lambda text: not text.isspace()))
def test_canonically_equal_texts_have_equal_tokens(text):
    if canonical(text).strip():
        assert words(text) == words(normalize("NFD", text)) == words(normalize("NFC", text))


@given(st.text(min_size=1).filter(lambda text: not text.isspace()))
def test_words_lose_only_what_cannot_be_seen(text):
    if not canonical(text).strip():
        with pytest.raises(ValueError, match="wanted a text in which something can be seen"):
            words(text)
        return
    folded = canonical(text).translate(str.maketrans(dict.fromkeys("’‘`´＇\x91\x92", "'")))
    left = re.sub(rf"[\s{JOINERS}]", "", folded)
    assert re.sub(f"[{JOINERS}]", "", "".join(words(text))) == left


@pytest.mark.parametrize("text", ["\ufeff", "\u200b \u00ad", "\u200d", "\x00", "\u034f", "\u3164", "\ufe0f"])
def test_a_text_that_cannot_be_seen_has_no_words(text):
    with pytest.raises(ValueError, match=r"words: wanted a text in which something can be seen, got '\\"):
        words(text)


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


@pytest.mark.parametrize(("tokens", "said"), [("a text", "tokenise it"), ([3, 4], "decode tokens")])
@pytest.mark.usefixtures("without_type_checks")
def test_detokenize_refuses_what_is_no_list_of_tokens(tokens, said):
    with pytest.raises(ValueError, match=said):
        detokenize(tokens)

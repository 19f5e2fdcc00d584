"""The alphabet of the character models: any text can be written in it, and what was written can be read back."""

from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.text.characters import ALPHABET, encode, fold, spell


def test_the_alphabet_begins_with_the_end_of_a_review():
    assert ALPHABET[0] == "\n"
    assert len(ALPHABET) == len(set(ALPHABET)) == 50


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Résumé? Amélie!", "resume? amelie!"),
        ("“Not” – bad… it’s", '"not" - bad... it\'s'),
        ("50 % * [sic] {x} A&B", "50 (sic) (x) a and b"),
        ("Straße æon \x96 naïve 映画 \x91ok\x92", "strasse aeon - naive 'ok'"),
        ("two  spaces\nnewline", "two spaces newline"),
        ("\U0001d407\U0001d41e\U0001d425\U0001d425\U0001d428 Ｈｅｌｌｏ＆［✓］", "hello hello and ( )"),
        ("Złoty cœur, ĐORĐE ÞÓR Ŋ ħ ẞ coŀlecció", "zloty coeur, dorde thor ng h ss colleccio"),
        ("Ω™ ½ star, 8½ stars, ⅔ 1⁄2", "tm 1/2 star, 8 1/2 stars, 2/3 1/2"),
        ("Cafe\u0301 co\u00adop\ufeff I\u0307ı İ x\u034fy 1\ufe0f\u20e3", "cafe coop ii i xy 1"),
        ("Hawaiʻi \u1ffdok\u1fef foo\u200bbar", "hawai'i 'ok' foo bar"),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_fold_stays_in_the_alphabet(text):
    assert set(fold(text)) <= set(ALPHABET) - {"\n"}
    assert fold(fold(text)) == fold(text)
    assert fold(normalize("NFD", text)) == fold(normalize("NFC", text)) == fold(text)


@given(st.text(ALPHABET))
def test_what_was_encoded_can_be_spelt(text):
    tokens = encode(text)
    assert tokens.tolist() == [ALPHABET.index(letter) for letter in text]
    assert tokens.dtype == np.intp
    assert spell(tokens) == text


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: encode("Not bad ✓"),
            r"encode: wanted the 50 symbols of ALPHABET, got \['N', '✓'\]; fold\(text\) first",
        ),
        (lambda: spell(np.array([50])), r"spell: wanted tokens in 0 \.\.\. 49, got 50"),
        (lambda: spell(np.array([-1])), "got -1"),
        (lambda: spell(np.array([1.0])), "integers"),
    ],
)
@pytest.mark.usefixtures("without_type_checks")
def test_bad_input_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()

"""Letters: one form for canonically equal texts, and Latin letters spelt out."""

import sys
from unicodedata import category, name, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.text.letters import MARK, canonical, latin, with_one_mark

UNSEEN = (
    "\u200b\u200c\u200d\u00ad\ufeff\u180e\u034f\u115f\u1160\u3164\uffa0\u17b4\u180b\ufe0f\U000e0101\U000e0067\U000e007f"
)


@given(st.text() | st.text(UNSEEN + "\x00\x7f \na\u0301क☺🏴\u1100\u1161"))
def test_there_is_one_form(text):
    form = canonical(text)
    assert form == canonical(form) == canonical(normalize("NFD", text)) == canonical(normalize("NFC", text))
    assert form.isascii() or normalize("NFC", form) == form


def test_what_is_seen_stays():
    assert canonical("ABC xyz") == "abc xyz"
    assert canonical("\u06dd\u0600 \u200b|") == "\u06dd\u0600  |", "these format characters are printed"
    assert canonical("a\u200db\u00adc\u2066d\ufeff\u180e") == "abcd"
    assert canonical("\u1820\u180e\u1821 👩\u200d🚀") == "\u1820\u180e\u1821 👩\u200d🚀", "joiners that have an effect"


@given(st.text())
def test_one_mark_stands_for_all(text):
    shadow = with_one_mark(text)
    assert len(shadow) == len(text)
    assert all(s == MARK if category(c)[0] == "M" else s in (c, MARK) for c, s in zip(text, shadow, strict=True))


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("Złoty cœur", "zloty coeur"),
        ("ŁÓDŹ Đặng ÞÓRR Ðan Ħal Œuvre ÆØ ẞß", "lodz dang thorr dan hal oeuvre aeo ssss"),
        ("ŋ ı İ ĸ ŧ ſ ə ɓ ƙ ɛ ɔ ʒ", "ng i i k t s e b k e o zh"),
        ("𝐇𝐞𝐥𝐥𝐨 Ｈｉ ⓒ ™ ﬁ ℡ ª", "hello hi c tm fi tel a"),
        ("e\u0301 e\u20dd a\u034fb \u00adc\ufeff", "e e ab c"),
        ("жизнь 映画", "жизнь 映画"),
        ("Ȝet Ƿas ƿ ꝡ ʧ ʤ Ꞵ ꭓ ẟ ꞷ ɸ ƛ Ỻ ỽ ƹ", "ghet was w vy tsh dzh b ch d o ph l ll v zh"),
        ("ǃ ʔ ƨ", "ǃ ʔ ƨ"),
    ],
)
def test_latin_letters_are_spelt_out(text, spelt):
    assert latin(text) == latin(normalize("NFD", text)) == spelt


def test_no_letter_with_a_stroke_a_hook_or_a_tail_is_lost():
    letters = [chr(k) for k in range(sys.maxunicode + 1) if category(chr(k)) in ("Lu", "Ll")]
    named = [c for c in letters if name(c, "").startswith(("LATIN SMALL LETTER", "LATIN CAPITAL LETTER"))]
    simple = [c for c in named if len(name(c).split()[3]) == 1 and "-" not in name(c)]
    assert len(simple) > 700
    for c in simple:
        assert name(c).split()[3].lower() in latin(c), name(c)

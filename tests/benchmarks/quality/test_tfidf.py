"""TF-IDF beside our sum: both learn the obvious, no review is on both sides of a split, chapter 12 says what was found."""

import json

import numpy as np
import pytest

from course_utils.data.reviews import load_reviews, split
from tools import report
from tools.course import ROOT

PRAISE, COMPLAINT = "what a wonderful warm film", "what a dull grey film"


@pytest.fixture
def tfidf():
    """The benchmark, which needs scikit-learn."""
    pytest.importorskip("sklearn", reason="scikit-learn comes with the extra bench")
    from benchmarks.quality import tfidf

    return tfidf


@pytest.fixture
def told():
    """Forty texts that one word tells apart, half of them to learn from."""
    texts = [f"{(PRAISE, COMPLAINT)[k % 2]} number{k}" for k in range(40)]
    return texts, np.arange(40) % 2, np.arange(20), np.arange(20, 40)


def test_both_recipes_learn_what_one_word_tells(tfidf, told):
    texts, labels, train, test = told
    counts = tfidf.CountVectorizer().fit_transform(texts)
    assert tfidf.judged_right(counts, labels, train, test) == 1
    assert tfidf.sum_of_words_and_pairs([text.split() for text in texts], labels, train, test) == 1


def test_the_parts_of_a_split_do_not_meet(tfidf):
    reviews = load_reviews()
    seen = set()
    for name, seed, train, test in tfidf.splits([review.number for review in reviews], 2):
        assert len(np.intersect1d(train, test)) == 0
        assert (len(train), len(test)) == {tfidf.COURSE: (20_402, 2_500), tfidf.RANDOM: (19_921, 4_981)}[name]
        seen.add((name, tuple(test.tolist())))
        if (name, seed) == (tfidf.COURSE, 0):
            assert [reviews[k] for k in test] == list(split(reviews).test)
    assert len(seen) == 4, "every seed draws anew"


def test_what_chapter_11_says_is_what_was_measured():
    found = json.loads((report.RESULTS / "tfidf.json").read_text("utf-8"))
    assert not found.get("quick")
    each = {row["what"]: np.array(row["each"]) for row in found["accuracy"] if row["split"] == "the course's"}
    ours, theirs, alone = each["ours, words and pairs"], each["TF-IDF, words and pairs"], each["TF-IDF, words"]
    assert len(ours) == len(theirs) == 5
    text = (ROOT / "lessons" / "12_pretraining.md").read_text("utf-8")
    assert f"it judges {theirs[0]:.3f} of the same 2,500 rightly" in text
    assert f"{theirs.min():.3f} to {theirs.max():.3f}, mean {theirs.mean():.3f}" in text.replace("\n", " ")
    assert f"With words alone the mean is {alone.mean():.3f}." in text
    assert f"the sum reaches {ours.min():.3f} to {ours.max():.3f}, mean {ours.mean():.3f}," in text
    ahead = 100 * (ours - theirs)
    assert f"is ahead on each of the five, by {ahead.min():.1f} to {ahead.max():.1f} points" in text

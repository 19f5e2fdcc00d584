"""The n-gram explorer: bars are the model's probabilities, the sample is the model's, and unknown contexts are fine."""

import numpy as np
import pytest

from course_utils.explorers.ngram import ORDER, TOP, models_of, ngram_explorer
from course_utils.text.preprocessing import words

rng = np.random.default_rng(0)
STARTS = ["the plot was not", "i laughed and", "this film is", "a snail who wants to be"]
REST = ["bad at all.", "good, not even funny.", "a small miracle!", "a postman, and I cried.", "as thin as paper."]
TEXTS = [f"{rng.choice(STARTS)} {rng.choice(REST)} {rng.choice(STARTS)} {rng.choice(REST)}" for _ in range(200)]


@pytest.fixture
def explorer():
    return ngram_explorer(texts=TEXTS)


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer, still=0.5)  # 24 words: many contexts have one continuation, whatever n


def test_every_control_matters_on_real_reviews(assert_every_control_matters):
    assert_every_control_matters(ngram_explorer())


@pytest.mark.parametrize("n", range(1, ORDER + 1))
@pytest.mark.parametrize("smoothing", [0, 1, 2, 3])
def test_the_bars_are_the_models_probabilities(explorer, n, smoothing):
    name = explorer.controls["smoothing"].options[smoothing]
    explorer.set(smoothing=name, n=n, temperature=2.0, context="The plot was")
    vocabulary, models = models_of(TEXTS)
    p = models[name, n].next_word([0, *vocabulary.encode(words("The plot was")).tolist()], temperature=2.0)
    widths = np.array([bar.get_width() for bar in explorer.artists["bars"]])
    top = np.sort(p)[::-1][:TOP]
    np.testing.assert_allclose(widths, top / top[0])
    names = explorer.artists["names"].texts
    assert len(names) == np.count_nonzero(top)
    for name, bar in zip(names, widths, strict=False):
        token = {"■": 0, "<unk>": 1}.get(name) or vocabulary.index.get(name, 0)
        assert p[token] == pytest.approx(bar * top[0])


def test_seen_and_never_seen_share_the_probability(explorer):
    explorer.set(smoothing="none (maximum likelihood)", n=3)
    assert explorer.artists["seen"][0].get_width() == pytest.approx(1)
    explorer.set(smoothing="Kneser–Ney")
    assert 0.5 < explorer.artists["seen"][0].get_width() < 1
    explorer.set(context="paper postman bad")
    assert explorer.artists["seen"][0].get_width() == 0


def test_the_sample_depends_on_the_seed_only_through_the_dice(explorer):
    explorer.set(seed=3)
    once = explorer.artists["sample"].get_path().vertices
    explorer.set(seed=4)
    assert not np.array_equal(explorer.artists["sample"].get_path().vertices, once)
    explorer.set(seed=3)
    assert np.array_equal(explorer.artists["sample"].get_path().vertices, once)


@pytest.mark.parametrize("context", ["", "   ", "zyx qwv", "…", "a " * 200])
def test_any_context_is_answered(explorer, context):
    explorer.set(context=context)
    assert not explorer.message
    assert explorer.artists["names"].texts[0]
    assert ("Not in the vocabulary: qwv, zyx." in explorer.reading.value) == ("zyx" in context)

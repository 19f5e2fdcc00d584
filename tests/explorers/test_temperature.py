"""The explorer of temperature shows what the transformer says."""

import numpy as np
import pytest

from course_utils.explorers.temperature import LENGTH, TOP, WAYS, temperature_explorer
from course_utils.math import softmax
from course_utils.models.sampling import generate
from course_utils.plots.attention import WEIGHTS
from course_utils.pretrained.character_models import transformer
from course_utils.text.characters import ALPHABET

TEXT = "the film was very well"


@pytest.fixture
def explorer():
    return temperature_explorer(TEXT)


def tokens(text):
    return np.array([ALPHABET.index(letter) for letter in "\n" + text])


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_bars_are_the_probabilities_of_the_model(explorer, temperature):
    explorer.set(temperature=temperature)
    logits = transformer().forward(tokens(TEXT))[0][-1].astype(float)
    best = np.argsort(-logits)[:TOP]
    assert explorer.artists["names"].texts == [ALPHABET[k].replace(" ", "␣").replace("\n", "¶") for k in best]
    tempered, plain = softmax(logits / temperature)[best], softmax(logits)[best]
    widths = np.array([bar.get_width() for bar in explorer.artists["bars"]])
    np.testing.assert_allclose(widths, tempered / max(tempered[0], plain[0]), rtol=1e-5)
    frames = np.array([bar.get_width() for bar in explorer.artists["plain"]])
    np.testing.assert_allclose(frames, plain / max(tempered[0], plain[0]), rtol=1e-5)


def test_cold_all_ways_are_one_and_they_are_what_the_model_writes(explorer):
    explorer.set(temperature=0.1, top_p=0.1)
    (way,) = set(explorer.artists["ways"].texts)
    greedy = generate(transformer(), tokens(TEXT), LENGTH, rng=np.random.default_rng(0), temperature=0.0)
    assert way[1:].replace("␣", " ").replace("¶", "\n") == "".join(ALPHABET[k] for k in greedy)
    explorer.set(temperature=2.0, top_p=1.0)
    assert len(set(explorer.artists["ways"].texts)) == WAYS


def test_the_nucleus_keeps_the_likeliest(explorer):
    explorer.set(top_p=0.1)
    widths = [bar.get_width() for bar in explorer.artists["bars"]]
    assert np.count_nonzero(widths) == 1
    assert "1 of 50 characters can come" in explorer.reading.value


def test_a_head_colours_the_context_by_its_weights(explorer):
    explorer.set(head=5)
    a = transformer().forward(tokens(TEXT))[1].transformer.blocks[1].attention.a[1, -1]
    np.testing.assert_allclose(explorer.artists["colors"].get_facecolor(), WEIGHTS(np.sqrt(a), alpha=0.55), atol=1e-5)


@pytest.mark.parametrize("text", ["", "é", "🎬", "I LAUGHED, " * 30])
def test_any_text_is_read(explorer, text):
    explorer.set(context=text)
    assert "At temperature" in explorer.reading.value


def test_the_transformer_that_comes_with_the_course_has_learnt():
    from course_utils.data.reviews import encoded_characters, load_reviews, split
    from course_utils.models.perplexity import bits, nats_in_windows

    held_out = encoded_characters(split(load_reviews()).test, 30_000)
    assert bits(nats_in_windows(transformer(), held_out, 128)) < 2.4

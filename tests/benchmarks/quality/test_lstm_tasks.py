"""The longer tasks of the comparison of chapter 09 learn what can be learnt, and ask where they should."""

import numpy as np
import pytest

from benchmarks.quality import lstm_tasks
from course_utils.data.reviews import Review
from course_utils.layers.linear import Linear
from course_utils.text.vocabulary import Vocabulary


def test_sequences_are_judged_at_their_last_word():
    vocabulary = Vocabulary.build([["good", "bad", "film"]])
    reviews = [Review("good film", 1, 0), Review("a film so bad bad", 0, 1)] * 40
    data = lstm_tasks.Opinions(reviews, vocabulary, T=4)
    assert data.x.shape == (4, 80)
    np.testing.assert_array_equal(data.mask[:, 0], [False, False, True, True])
    assert data.mask[-1].all()
    turned = lstm_tasks.Opinions([Review(r.text, 1 - r.label, r.number) for r in reviews], vocabulary, T=4)
    V = len(vocabulary)
    assert lstm_tasks.sentiment("RNN", data, (data, turned), 0, rate=1e-2, V=V, steps=60) == (1, 0)


def test_a_forecast_beats_the_mean_on_a_wave():
    wave = np.sin(np.arange(300) / 3)
    choosing, told = lstm_tasks.forecast("LSTM", wave, 0, rate=2e-2, steps=200, train=150, valid=200)
    assert max(choosing, told) < 0.1
    assert choosing != told


def test_a_forecast_keeps_its_three_parts_apart():
    """Values are changed in one part, and only what is said of that part changes."""
    wave = np.sin(np.arange(300) / 3)

    def found(values):
        return lstm_tasks.forecast("RNN", values, 0, rate=1e-2, steps=5, train=150, valid=200)

    choosing, told = found(wave)
    later = np.where(np.arange(300) >= 200, wave[::-1], wave)
    assert found(later)[0] == choosing
    assert found(later)[1] != told
    earlier = np.where(np.arange(300) < 150, wave[::-1], wave)
    assert found(earlier)[0] != choosing


def test_a_text_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match="wanted a text that fills 9 windows, got one of 2"):
        lstm_tasks.first(iter([(0, 0)] * 2), 9)


def test_the_rate_rises_and_falls_and_the_text_is_read_once():
    read, model = [], Linear.init(1, 1, rng=np.random.default_rng(0))
    ones = Linear(np.ones_like(model.W), np.ones_like(model.b))

    def loss_and_gradient(model, batch):
        read.append((batch, float(model.b[0])))
        return 1.0, ones

    lstm_tasks.trained(model, loss_and_gradient, range(40), 1e-2)
    assert [batch for batch, _ in read] == [*range(40)]
    steps = -np.diff([b for _, b in read])
    np.testing.assert_allclose(steps[:3], [5e-3, 1e-2, 1e-2], rtol=0.02)
    assert steps[-1] < 1e-3

"""The longer tasks of the comparison of chapter 09 learn what can be learnt, and ask where they should."""

import numpy as np
import pytest

from benchmarks.quality import lstm_tasks
from course_utils.data.reviews import Review
from course_utils.layers.linear import Linear
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.text.vocabulary import Vocabulary


def test_sequences_are_judged_at_their_last_word():
    vocabulary = Vocabulary.build([["good", "bad", "film"]])
    reviews = [Review("good film", 1, 0), Review("a film so bad bad", 0, 1)] * 40
    data = lstm_tasks.Opinions(reviews, vocabulary, T=4)
    assert data.x.shape == (4, 80)
    np.testing.assert_array_equal(data.mask[:, 0], [False, False, True, True])
    assert data.mask[-1].all()
    assert lstm_tasks.sentiment("RNN", data, data, 0, V=len(vocabulary), steps=60) == 1


def test_a_forecast_beats_the_mean_on_a_wave():
    wave = np.sin(np.arange(300) / 3)
    assert lstm_tasks.forecast("LSTM", wave, 0, steps=150, train=200) < 0.1


def test_language_models_of_words_and_characters(rng):
    tokens = np.tile(rng.permutation(20), 1_000)
    uniform = np.log2(20)
    assert lstm_tasks.word_bits("RNN", tokens, tokens[:2_000], 0, V=20, steps=120, B=8) < uniform / 2
    with pytest.raises(ValueError, match="wanted a text that fills 99 windows, got one of 31"):
        lstm_tasks.word_bits("RNN", tokens, tokens, 0, V=20, steps=99)
    model = lstm_tasks.character_model("LSTM", 6, np.tile(tokens, 10), 0, V=20, D=4, steps=3)
    assert isinstance(model, RecurrentLanguageModel)
    assert isinstance(model.readout, Linear)
    assert model.recurrent.b.shape == (4, 6)

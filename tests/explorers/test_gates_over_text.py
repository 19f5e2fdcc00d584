"""The explorer of gates over a text: cells are the trace's, gradients those of finite differences, words those picked."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils.data.examples import EXAMPLES
from course_utils.explorers.gates_over_text import WORDS, gates_over_text_explorer
from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.math import sigmoid
from course_utils.models.recurrent import RecurrentReader
from course_utils.plots.gates import COLORS
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary

PILE = [EXAMPLES[0], EXAMPLES[1]]
VOCABULARY = Vocabulary.build([words(review.text) for review in EXAMPLES])
D, H = 4, 5


def model(layer):
    rng = np.random.default_rng(1)
    embedding = Embedding.init(len(VOCABULARY), D, rng=rng)
    return RecurrentReader(embedding, layer.init(D, H, rng=rng), Linear.init(H, 1, rng=rng))


@pytest.fixture
def explorer():
    return gates_over_text_explorer(model(GRU), VOCABULARY, reviews=PILE)


def reading(layer=GRU, review=EXAMPLES[2]):
    tokens = words(review.text)[:WORDS]
    return tokens, *model(layer).forward(VOCABULARY.encode(tokens))


def cells(explorer, name="units"):
    return explorer.artists[name].get_array().filled(np.nan)


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize("gate", ["r", "z", "h_tilde", "h"])
def test_cells_are_the_trace_with_the_longest_memory_on_top(explorer, gate):
    explorer.set(gate=gate, t=20)
    trace = reading()[2].recurrent
    values = trace.h[1:] if gate == "h" else getattr(trace, gate)
    order = np.argsort(-trace.z.mean(axis=0))
    np.testing.assert_allclose(cells(explorer)[:, :20], values[:20, order].T)
    assert np.isnan(cells(explorer)[:, 20:]).all(), "words that are not read yet are blank"
    mesh = explorer.artists["units"]
    if gate in "rz":
        assert mesh.get_clim() == (0, 1)
        np.testing.assert_allclose(mesh.get_cmap()(1.0)[:3], to_rgb(COLORS[gate]))
    else:
        assert mesh.get_clim() == (-1, 1)


def test_gradients_are_those_of_the_log_odds_at_word_t(explorer):
    """By finite differences: h after word s, nudged, with the words from there on read anew."""
    t = 9
    explorer.set(t=t, gate="h", show="gradients")
    made, trace = model(GRU), reading()[2].recurrent
    order = np.argsort(-trace.z.mean(axis=0))
    for s in (0, 4, 7):
        slopes = []
        for unit in np.eye(H):
            nudged = [
                made.recurrent.forward(trace.x[s + 1 : t], state=trace.h[s + 1] + e * unit)[0] for e in (1e-6, -1e-6)
            ]
            ends = [made.readout.forward(h)[0][-1, 0] for h in nudged]
            slopes.append((ends[0] - ends[1]) / 2e-6)
        np.testing.assert_allclose(cells(explorer)[:, s], np.array(slopes)[order], atol=1e-7)
    assert explorer.artists["units"].get_clim()[1] == pytest.approx(np.nanmax(np.abs(cells(explorer))))


def test_the_strip_holds_products_of_the_update_gates(explorer):
    explorer.set(t=12)
    z = reading()[2].recurrent.z
    np.testing.assert_allclose(cells(explorer, "left")[0, 11], 1)
    np.testing.assert_allclose(cells(explorer, "left")[0, 8], (z[9] * z[10] * z[11]).mean())


def test_opinion_words_and_title_are_drawn(explorer):
    explorer.set(t=3)
    tokens, logits, _ = reading()
    np.testing.assert_allclose(explorer.artists["opinion"].get_ydata(), sigmoid(logits[:3, 0]))
    assert explorer.artists["words"].texts == tokens
    assert "update gate z" in explorer.artists["title"].texts[0]
    assert f"After “{tokens[2]}” (word 3)" in explorer.reading.value


def test_another_review_keeps_the_slider_inside(explorer):
    explorer.set(review=2)
    tokens = words(PILE[1].text)[:WORDS]
    assert explorer.artists["words"].texts == tokens
    assert explorer.controls["t"].max == len(tokens) >= explorer.state["t"]


def test_it_reads_an_lstm_too():
    explorer = gates_over_text_explorer(
        model(LSTM), VOCABULARY, parts=("i", "f", "o", "c"), keep="f", ours=EXAMPLES[5], reviews=PILE
    )
    trace = reading(LSTM, EXAMPLES[5])[2].recurrent
    np.testing.assert_allclose(np.sort(cells(explorer)[:, 0]), np.sort(trace.f[0]))
    explorer.set(gate="c", show="gradients")
    assert not explorer.message
    assert "memory cell c" in explorer.artists["title"].texts[0]

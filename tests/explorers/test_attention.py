"""The explorer of alignments: the grid is the model's weights, the answer is what the model writes."""

import time

import numpy as np
import pytest

from course_utils.data.date_batches import SIGNS
from course_utils.explorers.attention import LONGEST, START, attention_explorer, written
from course_utils.plots.attention import FULL, WEIGHTS
from course_utils.pretrained.date_writer import KINDS, date_writer


@pytest.fixture
def explorer():
    return attention_explorer()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("t", [1, 6, 10])
def test_it_shows_the_looks_and_the_probabilities_of_the_model(explorer, kind, t):
    explorer.set(kind=kind, t=t)
    want = date_writer(kind).write(START)
    assert "".join(explorer.artists["signs"].texts) == want.answer
    cells, colors = explorer.artists["grid"].get_paths(), explorer.artists["grid"].get_facecolor()
    if want.a is None:
        assert not cells
        assert explorer.artists["nowhere"].texts
    else:
        rows, columns = np.nonzero(want.a > 0.01)
        centres = np.array([cell.vertices[:4].mean(0) for cell in cells])
        np.testing.assert_allclose(centres, np.stack([columns, rows], 1), atol=1e-9)
        np.testing.assert_allclose(colors, WEIGHTS(want.a[rows, columns] / FULL))
        shades = explorer.artists["under"].get_facecolor()
        np.testing.assert_allclose(shades[: len(START)], WEIGHTS(want.a[t - 1] / FULL))
        np.testing.assert_allclose(shades[len(START) :], 1)
        assert not explorer.artists["nowhere"].texts
    lengths = [path.vertices[:, 0].max() for path in explorer.artists["bars"].get_paths()]
    np.testing.assert_allclose(lengths, want.p[t - 1, :-1], rtol=1e-6)
    assert explorer.artists["frame"].get_y() == t - 1.5
    assert want.answer in explorer.reading.value
    assert f"“{want.answer[t - 1]}”" in explorer.reading.value


def test_the_first_date_is_understood(explorer):
    assert "2012-05-05" in explorer.reading.value


def test_a_low_temperature_looks_at_one_letter_and_a_high_one_at_all():
    spread = {}
    for temperature in (0.25, 1.0, 16.0):
        a = written(START, "additive", temperature).a
        np.testing.assert_allclose(a.sum(1), 1, rtol=1e-5)
        spread[temperature] = a.max(1).mean()
    assert spread[0.25] > 0.8
    assert spread[0.25] > spread[1.0] > spread[16.0]
    assert spread[16.0] < 0.35


@pytest.mark.parametrize("text", ["", "   ", "x" * 200, "5 Μαΐου 2012", "日本語", "¿?", "12"])
def test_odd_texts_are_shown_without_complaint(explorer, text):
    explorer.set(text=text)
    assert not explorer.message
    assert len(explorer.artists["letters"].texts) <= LONGEST
    assert set("".join(explorer.artists["signs"].texts)) <= set(SIGNS)


def test_moves_are_quick(explorer):
    seconds = []
    for t in [2, 3, 4, 5, 6, 7, 8, 9, 10, 1]:
        start = time.process_time()
        explorer.set(t=t)
        seconds.append(time.process_time() - start)
    assert np.median(seconds) < 0.03

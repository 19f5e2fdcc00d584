"""Chapter 10's pictures show the numbers they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.plots import stacked as plots
from course_utils.plots.palette import PAPER


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_half_lives_show_every_unit_and_the_median(ax, rng):
    layers = [rng.uniform(0.1, 2, 5), rng.uniform(1, 100, 8)]
    plots.half_lives(layers, ax=ax)
    dots, bars = ax.lines[::2], ax.lines[1::2]
    for k, (values, dot, bar) in enumerate(zip(layers, dots, bars, strict=True)):
        np.testing.assert_array_equal(dot.get_xdata(), values)
        assert (np.abs(dot.get_ydata() - (k + 1)) <= 0.31).all()
        assert set(bar.get_xdata()) == {np.median(values)}
        assert dot.get_color() == plots.LAYERS[k]
    assert ax.get_xscale() == "log"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["layer 1", "layer 2"]


def test_ripples_are_a_line_a_layer(ax, rng):
    curves = [rng.uniform(size=9) for _ in range(3)]
    plots.ripples(curves, ax=ax)
    for curve, line in zip(curves, ax.lines, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), curve)
        np.testing.assert_array_equal(line.get_xdata(), np.arange(9))
    assert [line.get_label() for line in ax.lines] == ["layer 1", "layer 2", "layer 3"]


def test_probes_have_a_bar_a_layer_and_a_line_for_before(ax):
    scores = {"this": [0.9, 0.7], "next": [0.3, 0.5]}
    before = {"this": [0.8, 0.6], "next": [0.2, 0.1]}
    plots.probes(scores, before, ax=ax)
    for k, bars in enumerate(ax.containers):
        assert [bar.get_height() for bar in bars] == [scores["this"][k], scores["next"][k]]
        assert to_hex(bars[0].get_facecolor()) == plots.LAYERS[k].lower()
        heights = [segment[0][1] for segment in ax.collections[k].get_segments()]
        assert heights == [before["this"][k], before["next"][k]]
        for bar, segment in zip(bars, ax.collections[k].get_segments(), strict=True):
            assert segment[:, 0].mean() == pytest.approx(bar.get_x() + bar.get_width() / 2)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["this", "next"]


def test_runs_have_hollow_dots_for_the_text_they_were_trained_on(ax):
    held_out, training = {"one": [2.0, 2.2], "two": [2.5]}, {"one": [1.9, 2.0], "two": [1.5]}
    colors = {"one": plots.LAYERS[0], "two": plots.LAYERS[1]}
    plots.runs(held_out, training, colors, ax=ax)
    hollow = [line for line in ax.lines if to_hex(line.get_markerfacecolor()) == PAPER and len(line.get_xdata())]
    for place, (line, name) in enumerate(zip(hollow, training, strict=True)):
        np.testing.assert_array_equal(line.get_ydata(), training[name])
        assert np.abs(line.get_xdata() - place).max() < 0.3
        assert line.get_color() == colors[name]
    assert ax.get_legend_handles_labels()[1] == ["held out, one seed", "on the text it was trained on"]

"""Chapter 10's pictures show the numbers they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.plots import stacked as plots


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


@pytest.mark.parametrize("own", [None, {"one": [1.9, 2.0], "two": [1.5]}])
def test_runs_show_every_seed_and_the_mean(ax, own):
    groups = {"one": [2.0, 2.2], "two": [2.5]}
    plots.runs(groups, colors=plots.LAYERS[:2], on_what_was_read=own, ax=ax)
    a_group = 3 if own else 2
    for place, (name, bits) in enumerate(groups.items()):
        bar, dots, *hollow = ax.lines[place * a_group : (place + 1) * a_group]
        assert set(bar.get_ydata()) == {np.mean(bits)}
        assert bar.get_color() == plots.LAYERS[place]
        np.testing.assert_array_equal(dots.get_ydata(), bits)
        assert np.abs(dots.get_xdata() - place).max() <= 0.1
        if own:
            np.testing.assert_array_equal(hollow[0].get_ydata(), own[name])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["one", "two"]


def test_they_make_their_own_axes(rng):
    for made in (plots.half_lives([rng.uniform(1, 2, 3)]), plots.ripples([rng.uniform(1, 2, 3)])):
        assert made.get_xlabel()
        plt.close(made.figure)

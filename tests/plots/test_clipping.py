"""The pictures of clipping hold the numbers they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots import clipping as plots
from course_utils.plots.palette import BLUE, RED


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_landscape_covers_the_grid_and_names_its_axes():
    w, b = np.linspace(0, 1, 5), np.linspace(-1, 0, 4)
    ax = plots.landscape(np.geomspace(1e-9, 2, 20).reshape(4, 5), w, b)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 1), (-1, 0))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weight w", "bias b")
    low, high = ax.collections[0].get_clim()
    assert low == plots.FLOOR < 2 < high


def test_way_down_has_a_dot_per_step_and_marks_the_start():
    ax = plt.subplots()[1]
    plots.way_down(np.array([2.0, 1.0]), np.array([0.0, 9.0]), "by norm", ax=ax)
    path, start = ax.lines
    assert path.get_xydata().tolist() == [[2, 0], [1, 9]]
    assert path.get_color() == BLUE
    assert start.get_xydata().tolist() == [[2, 0]]


@pytest.mark.parametrize("name", ["by norm", "by value"])
def test_arrows_before_and_after_with_the_border_of_what_is_allowed(name):
    before, after = np.array([[3.0, 4.0], [0.1, 0.0]]), np.array([[0.6, 0.8], [0.1, 0.0]])
    ax = plots.arrows(before, after, 1.0, name=name)
    for quiver, given in zip(ax.collections, (before, after), strict=True):
        np.testing.assert_array_equal(np.stack([quiver.U, quiver.V], axis=1), given)
    border = ax.lines[0].get_xydata()
    np.testing.assert_allclose(np.linalg.norm(border, axis=1, ord=2 if name == "by norm" else np.inf), 1.0)
    assert min(ax.get_xlim()[1], ax.get_ylim()[1]) > 4


def test_norm_histogram_counts_every_norm_and_draws_each_threshold():
    norms = np.random.default_rng(0).lognormal(size=500)
    ax = plots.norm_histogram(norms, {"median": 1.0, "99 %": 10.0})
    assert sum(bar.get_height() for bar in ax.patches) == 500
    assert [line.get_xdata()[0] for line in ax.lines] == [1.0, 10.0]
    assert [line.get_label() for line in ax.lines] == ["median: 1", "99 %: 10"]


def test_survival_separates_runs_that_stopped_or_learnt_nothing():
    ax = plots.survival([0.1, 1.0], {"no clipping": np.array([[2.0, np.nan, np.nan], [2.5, 9.0, 3.0]])}, ceiling=3.9)
    alive, lost, guessing = ax.lines
    np.testing.assert_allclose(alive.get_xydata(), [[0.1, 2.0], [1.0, 2.5], [1.0, 3.0]])
    assert lost.get_xdata().tolist() == [0.1, 0.1, 1.0]
    assert (lost.get_ydata() > 3.9).all()
    assert len(set(lost.get_ydata()[:2])) == 2, "side by side, so that each can be counted"
    assert alive.get_color() == RED
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.1", "1"]
    assert set(guessing.get_ydata()) == {3.9}

"""The clipping explorer: two descents from one start, one of them clipped, and a sentence that tells what happened."""

import numpy as np
import pytest

from course_utils.experiments.cliff import Cliff
from course_utils.explorers.clipping import NORMS, STEPS, clipping_explorer


@pytest.fixture
def explorer():
    return clipping_explorer()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_both_ways_are_those_of_the_cliff(explorer):
    explorer.set(c=0.5, lr=0.2, w=1.7, b=0.1)
    for k, c in enumerate((np.inf, 0.5)):
        way = Cliff().descend((1.7, 0.1), 0.2, STEPS, c)
        path, loss, norm = (explorer.artists[name][k] for name in ("paths", "losses", "norms"))
        np.testing.assert_allclose(path.get_xdata(), way.w)
        np.testing.assert_allclose(path.get_ydata(), way.b)
        np.testing.assert_allclose(loss.get_ydata(), np.maximum(way.loss, 1e-4))
        np.testing.assert_allclose(norm.get_ydata(), np.clip(way.norm, *NORMS))
    assert explorer.artists["start"].get_xydata().tolist() == [[1.7, 0.1]]
    assert set(explorer.artists["threshold"].get_ydata()) == {0.5}


def test_at_first_the_unclipped_way_leaves_the_map_and_the_other_stays(explorer):
    free, clipped = explorer.artists["paths"]
    assert np.abs(free.get_xydata()).max() > 100
    assert np.abs(clipped.get_xydata() - (2.3, -0.2)).max() < 1
    assert "lands at" in explorer.artists["away"].texts[0]
    assert "3 of 60 were shortened" in explorer.reading.value


def test_a_threshold_above_every_norm_changes_nothing(explorer):
    explorer.set(c=100.0, lr=0.05, w=1.2, b=0.3)
    free, clipped = explorer.artists["paths"]
    np.testing.assert_array_equal(free.get_xydata(), clipped.get_xydata())
    assert explorer.artists["away"].texts == []
    assert "0 of 60 were shortened" in explorer.reading.value


def test_on_the_plateau_it_says_that_clipping_does_not_help(explorer):
    explorer.set(w=2.5, b=-1.2)
    assert "On the plateau" in explorer.reading.value
    assert "never lengthens" in explorer.reading.value


def test_all_numbers_are_finite_wherever_it_starts():
    for lr in (0.01, 0.1, 1.0):
        w, b = np.meshgrid(np.linspace(0.6, 2.9, 47), np.linspace(-1.3, 0.6, 39))
        for c in (np.inf, 0.01, 1.0, 100.0):
            way = Cliff().descend((w, b), lr, STEPS, c)
            assert all(np.isfinite(part).all() for part in way)

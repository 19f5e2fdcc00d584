"""Loss curves: the losses themselves, and a running mean that does not look ahead."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.analysis.summaries import smooth
from course_utils.plots.training import loss_curve


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_both_curves_are_drawn_and_named(rng):
    losses = list(rng.uniform(1, 2, size=100))
    ax = loss_curve(losses)
    each, mean = ax.lines
    np.testing.assert_array_equal(each.get_xdata(), np.arange(1, 101))
    np.testing.assert_array_equal(each.get_ydata(), losses)
    np.testing.assert_allclose(mean.get_ydata(), smooth(losses, 5))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "loss (nats)")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["each step", "mean of the last 5 steps"]


def test_its_window_and_axes_can_be_chosen():
    _, ax = plt.subplots()
    assert loss_curve([3.0, 1.0], window=2, label="bits", ax=ax) is ax
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [3, 2])
    assert ax.get_ylabel() == "bits"

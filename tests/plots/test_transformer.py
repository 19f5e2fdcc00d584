"""Chapter 15's pictures show the numbers they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.transformer import by_branch, heads, stream


def test_by_branch_counts_from_1_on_a_logarithmic_axis():
    ax = by_branch({"one": np.array([1.0, 10.0])}, {"one": "#ff0000"})
    assert list(ax.lines[0].get_xdata()) == [1, 2]
    assert list(ax.lines[0].get_ydata()) == [1, 10]
    assert (ax.lines[0].get_color(), ax.get_yscale()) == ("#ff0000", "log")
    assert by_branch({}, {}, log=False).get_yscale() == "linear"


def test_heads_show_who_looks_where(rng):
    a = rng.random((2, 3, 4, 4))
    axes = heads(list(a), "a b\n", figure=plt.figure())
    assert len(axes) == 6
    np.testing.assert_allclose(axes[4].images[0].get_array(), np.sqrt(a[1, 1]))
    assert axes[4].get_title() == "block 2, head 2"
    assert [label.get_text() for label in axes[0].get_xticklabels()] == ["a", "␣", "b", "¶"]
    with pytest.raises(ValueError, match=r"wanted weights of shape \(3, 3\), got \(4, 4\)"):
        heads(list(a), "abc", figure=plt.figure())


def test_the_stream_has_a_line_a_part_over_the_text():
    ax = stream({"in": np.ones(3), "added": np.arange(3.0)}, "a b")
    assert [line.get_label() for line in ax.lines] == ["in", "added"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "␣", "b"]

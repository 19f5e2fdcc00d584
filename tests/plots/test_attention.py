"""Alignments and shares of right answers: what is drawn is what was given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plots.attention import (
    COLORS,
    FULL,
    LABELS,
    answers,
    bars_by_length,
    looks,
    right_by_size,
)
from course_utils.plots.palette import RED
from course_utils.pretrained.date_writer import KINDS


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_an_alignment_has_a_row_for_each_sign_and_a_column_for_each_letter(ax, rng):
    a = rng.dirichlet(np.ones(4), size=3)
    looks(a, "1. M", "-05", ax=ax)
    np.testing.assert_array_equal(ax.images[0].get_array(), a)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", ".", "␣", "M"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["-", "0", "5"]
    assert ax.images[0].get_clim() == (0, FULL), "colours mean the same in every grid"


@pytest.mark.parametrize(("read", "written"), [("123", "-05"), ("1234", "-0")])
def test_letters_that_do_not_fit_are_refused(read, written, ax):
    with pytest.raises(ValueError, match="looks: wanted weights of shape"):
        looks(np.zeros((3, 4)), read, written, ax=ax)


def test_a_text_that_looks_at_itself_is_on_both_sides(ax, rng):
    a = rng.dirichlet(np.ones(2), size=2)
    looks(a, ["not", "bad"], full=1.0, ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["not", "bad"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["not", "bad"]
    assert ax.get_xticklabels()[0].get_rotation() == 90, "words stand upright, lest they cover one another"
    assert ax.images[0].get_clim() == (0, 1)
    with pytest.raises(ValueError, match=r"looks: wanted weights of shape \(3, 3\), got \(2, 2\)"):
        looks(a, ["a", "b", "c"], ax=ax)


def test_every_kind_of_date_writer_has_a_name_and_a_colour_of_its_own():
    assert tuple(LABELS) == tuple(COLORS) == KINDS
    assert len(set(LABELS.values())) == len(set(COLORS.values())) == len(KINDS)


def test_lines_are_means_and_every_seed_is_a_dot(ax):
    shares = np.array([[0.9, 0.5], [1.0, 0.7]])
    right_by_size([1, 2], {"dot": shares}, xlabel="dates", ax=ax)
    mean, *dots = ax.lines
    np.testing.assert_allclose(mean.get_ydata(), [95, 60])
    np.testing.assert_allclose([line.get_ydata() for line in dots], 100 * shares.T)
    assert {line.get_color() for line in ax.lines} == {COLORS["dot"]}
    assert ax.get_legend().get_texts()[0].get_text() == LABELS["dot"]


def test_bars_have_the_height_of_their_share(ax):
    bars_by_length([6, 10, 15], {"dot": np.array([1.0, 0.9]), "none": np.array([0.2, 0.1])}, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [100, 90, 20, 10])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["6–9", "10–14"]
    assert len({bar.get_x() for bar in ax.patches}) == 4, "no bar hides another"


def test_wrong_signs_are_red(ax):
    answers(["5.9.12", "6.9.12"], ["2012-09-05", "2012-08-06"], ["2012-09-05", "2012-09-06"], ax=ax)
    shown = [text.get_text() for text in ax.texts]
    assert shown == ["5.9.12", *"2012-09-05", "6.9.12", *"2012-08-06"]
    assert [text.get_text() for text in ax.texts if text.get_color() == RED] == ["8"]

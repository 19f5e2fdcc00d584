"""The pictures of chapter 12 show the numbers they are given."""

import numpy as np
import pytest

from course_utils.plots import pretraining as plots
from course_utils.text.vocabulary import Vocabulary
from course_utils.text.word_vectors import WordVectors


def dots(ax):
    return [line for line in ax.lines if line.get_marker() == "o"]


def test_overfitting_has_both_curves_in_per_cent():
    ax = plots.overfitting([0.6, 1.0], [0.55, 0.6])
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == [[60, 100], [pytest.approx(55), 60]]


def test_neighbours_stand_under_their_word(rng):
    vocabulary = Vocabulary.build([list("abcde")])
    vectors = WordVectors(vocabulary, rng.normal(size=(7, 3)))
    ax = plots.neighbours(vectors, ["a", "c"], n=2)
    found = [name for word in ("a", "c") for name, _ in vectors.nearest(word, 2)]
    assert [text.get_text() for text in ax.texts] == found
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "c"]


def test_analogies_are_sorted_by_their_place():
    ax = plots.analogies({"wrong": 700, "right": 1, "near": 4})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["right", "near", "wrong"]
    assert [line.get_xdata()[0] for line in dots(ax)] == [1, 4, 700]
    assert len({line.get_color() for line in dots(ax)}) == 3


def test_groups_stand_at_their_places(rng):
    places = rng.normal(size=(2, 2))
    ax = plots.word_groups({"praise": (["good", "fine"], places), "other": (["film"], rng.normal(size=(1, 2)))})
    np.testing.assert_allclose(np.transpose(dots(ax)[0].get_data()), places)
    assert [text.get_text() for text in ax.texts if text.get_text()] == ["good", "fine", "film"]


def test_curves_run_over_the_number_of_labels_in_per_cent():
    accuracy = {"own": {"frozen": {"200": [0.7, 0.8], "500": [0.8, 0.9]}}}
    ax = plots.learning_curves(accuracy, {("own", "frozen"): ("ours", "red")})
    line, *points = ax.lines
    np.testing.assert_array_equal(line.get_xdata(), [200, 500])
    np.testing.assert_allclose(line.get_ydata(), [75, 85])
    np.testing.assert_allclose([point.get_ydata() for point in points], [[70, 80], [80, 90]])
    assert ax.get_legend_handles_labels()[1] == ["ours"]


def test_confusion_counts():
    labels, verdicts = np.array([0, 0, 0, 1, 1]), np.array([False, False, True, True, True])
    ax = plots.confusion(labels, verdicts)
    assert [text.get_text().split("\n")[0] for text in ax.texts] == ["2", "1", "0", "2"]


def test_certainty_compares_with_being_right():
    p, labels = np.array([0.55, 0.45, 0.97, 0.96, 0.08]), np.array([1, 1, 1, 1, 1])
    ax = plots.certainty(p, labels)
    np.testing.assert_allclose(ax.lines[1].get_xdata(), [55, 92, 96.5])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [50, 0, 100])
    assert [text.get_text() for text in ax.texts] == ["2", "1", "2"]


def test_certainty_takes_other_edges():
    p, labels = np.array([0.55, 0.97]), np.array([1, 1])
    assert [text.get_text() for text in plots.certainty(p, labels, edges=(0.5, 1.0)).texts] == ["2"]
    with pytest.raises(TypeError, match="egdes"):
        plots.certainty(p, labels, egdes=(0.5, 1.0))

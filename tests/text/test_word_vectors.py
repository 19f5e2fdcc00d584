"""Neighbours and analogies on vectors that were placed by hand."""

import numpy as np
import pytest

from course_utils.text.vocabulary import Vocabulary
from course_utils.text.word_vectors import WordVectors

PLACES = {"man": (1, 0, 0.1), "woman": (1, 1, 0.1), "king": (1, 0, 2), "queen": (1, 1, 2), "far": (-1, -1, -1)}


@pytest.fixture
def vectors():
    vocabulary = Vocabulary.build([list(PLACES)])
    return WordVectors(vocabulary, np.array([(0, 0, 0), (9, 9, 9), *(PLACES[w] for w in vocabulary.words[2:])], float))


def test_neighbours_are_the_largest_cosines(vectors):
    cosine = lambda a, b: np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)  # noqa: E731
    found = vectors.nearest("king", 3)
    others = {w: cosine(PLACES["king"], place) for w, place in PLACES.items() if w != "king"}
    assert [w for w, _ in found] == sorted(others, key=others.get, reverse=True)[:3]
    for word, value in found:
        assert value == pytest.approx(others[word])


def test_padding_unknown_and_the_word_itself_are_never_neighbours(vectors):
    assert {word for word, _ in vectors.nearest("king", 50)} == set(PLACES) - {"king"}


def test_analogy(vectors):
    assert vectors.analogy("man", "king", "woman")[0][0] == "queen"
    assert {word for word, _ in vectors.analogy("man", "king", "woman", 50)} == {"queen", "far"}
    # the other way round would ask who is without a crown, and land on the far side
    assert vectors.analogy("man", "king", "woman", 50)[0][1] > 0.9


def test_wrong_questions_are_refused(vectors, without_type_checks):
    with pytest.raises(ValueError, match="wanted one of its 7 words, got 'prince'"):
        vectors.nearest("prince")
    with pytest.raises(ValueError, match="wanted n >= 1, got 0"):
        vectors.nearest("king", 0)
    with pytest.raises(ValueError, match=r"WordVectors: wanted W with axes \(V=7 D\), got shape \(3, 2\)"):
        WordVectors(vectors.vocabulary, np.ones((3, 2)))
    assert repr(vectors) == "WordVectors(7 words, 3 numbers each)"

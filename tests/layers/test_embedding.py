"""A lookup is a product with one-hot vectors, and every occurrence of a word counts in its gradient."""

import numpy as np

from course_utils.layers.embedding import Embedding
from course_utils.math import one_hot
from course_utils.tree import count

V, D = 7, 4


def test_the_lookup_equals_the_matrix_product(rng):
    embedding, tokens = Embedding.init(V, D, rng=rng), rng.integers(0, V, size=(5, 2))
    np.testing.assert_array_equal(embedding.forward(tokens)[0], one_hot(tokens, V) @ embedding.W)


def test_parameters_and_padding_row(rng):
    embedding = Embedding.init(V, D, rng=rng, scale=0.1)
    assert count(embedding) == V * D
    assert not embedding.W[0].any()
    assert 0.05 < embedding.W[1:].std() < 0.2


def test_repeated_words_accumulate():
    """The trap of `dW[tokens] += dy`, which counts each word once."""
    embedding = Embedding(np.zeros((3, 2)))
    _, trace = embedding.forward(np.array([2, 1, 2, 2]))
    dembedding = embedding.backward(np.array([[1.0, 2.0], [10.0, 20.0], [3.0, 4.0], [5.0, 6.0]]), trace)[1]
    np.testing.assert_array_equal(dembedding.W, [[0, 0], [10, 20], [9, 12]])


def test_any_kind_of_integer_will_do(rng):
    embedding = Embedding.init(V, D, rng=rng)
    for kind in (np.int8, np.int32, np.int64):
        np.testing.assert_array_equal(embedding.forward(np.array([3, 6], kind))[0], embedding.W[[3, 6]])
    assert embedding.forward(np.zeros((0, 2), int))[0].shape == (0, 2, D)

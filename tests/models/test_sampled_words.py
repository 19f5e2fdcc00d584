"""The cheap language model: its gradient by finite differences, its batches, and that it learns."""

import numpy as np
import pytest

from course_utils.gradcheck import numerical_gradient
from course_utils.layers.gru import GRU
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.sampled_words import next_word_loss, next_words
from course_utils.optim import Adam
from course_utils.train import fit
from course_utils.tree import leaves

V, D, H = 7, 3, 4


@pytest.fixture
def model(rng):
    return RecurrentLanguageModel.init(V, D, GRU.init(D, H, rng=rng), H, rng=rng, dtype=np.float64)


def test_the_gradient_is_that_of_the_loss(model, rng):
    batch = rng.integers(1, V, size=(5, 2)), rng.integers(1, V, size=(5, 2)), np.array([2, 4, 4])
    _, gradient = next_word_loss(model, batch, k=2)
    for (path, array), (_, got) in zip(leaves(model), leaves(gradient), strict=True):
        want = numerical_gradient(lambda: next_word_loss(model, batch, k=2)[0], array)
        np.testing.assert_allclose(got, want, atol=1e-7, err_msg=path)


def test_the_loss_is_that_of_the_full_scores(model):
    x, y, drawn = np.array([[1], [2]]), np.array([[2], [3]]), np.array([5, 6])
    o = model.forward(x)[0][:, 0]
    near, far = o[[0, 1], [2, 3]], o[:, drawn]
    want = np.mean(np.log1p(np.exp(-near)) + 5 / 2 * np.log1p(np.exp(far)).sum(1))
    assert next_word_loss(model, (x, y, drawn), k=5)[0] == pytest.approx(want)


def test_batches_are_windows_of_the_texts_and_padding_is_never_drawn(rng):
    texts = [np.arange(k, k + 40) for k in range(1, 400, 40)]
    counts = np.r_[0, 0, np.ones(500)]
    batches = list(next_words(texts, counts, steps=3, T=8, B=4, drawn=1_000, rng=rng))
    assert len(batches) == 3
    for x, y, drawn in batches:
        np.testing.assert_array_equal(x[1:], y[:-1])
        np.testing.assert_array_equal(y, x + 1)
        assert drawn.min() >= 2
        assert len(drawn) == 1_000


def test_it_learns_what_comes_next(rng):
    """In a text that counts 1 2 3 4 5 1 2 ..., the score of the next word rises above all others."""
    texts = [np.tile(np.arange(1, 6), 200)]
    counts = np.array([0, 1, 1, 1, 1, 1, 0], float)
    model = RecurrentLanguageModel.init(V, D, GRU.init(D, 16, rng=rng), 16, rng=rng, dtype=np.float64)
    for _ in range(4):
        batches = next_words(texts, counts, steps=30, T=8, B=3, drawn=5, rng=rng)
        model = fit(model, next_word_loss, batches, Adam(0.03), progress=None).model
    guesses = model.forward(np.array([1, 2, 3, 4, 5, 1]))[0][1:, 1:6].argmax(-1) + 1
    np.testing.assert_array_equal(guesses, [3, 4, 5, 1, 2])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"counts": np.zeros(5)}, "next_words: wanted counts"),
        ({"counts": [1, -1]}, "next_words: wanted counts"),
        ({"drawn": 0}, "next_words: wanted drawn >= 1, got 0"),
        ({"steps": 1.5}, "next_words: wanted a whole number steps >= 1, got 1.5"),
    ],
)
def test_what_makes_no_batches_is_refused(without_type_checks, change, said, rng):
    given = {"counts": np.ones(5), "steps": 3, "drawn": 4} | change
    with pytest.raises(ValueError, match=said):
        next(next_words([np.arange(5)], given.pop("counts"), T=2, B=1, rng=rng, **given))

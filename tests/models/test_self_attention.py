"""Chapter 14's bare model: its gradients, what it may see, what it knows of the order."""

import numpy as np
import pytest

from course_utils.analysis.attention import entropy
from course_utils.gradcheck import gradcheck
from course_utils.layers.embedding import Embedding
from course_utils.models.self_attention import POSITIONS, SelfAttentionModel
from course_utils.tree import count, tree_map

V, D, N, T = 6, 4, 2, 5


def model(rng, **more):
    return SelfAttentionModel.init(V, D, N, 8, rng=rng, dtype=np.float64, **more)


@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("causal", [True, False])
def test_gradients(rng, positions, causal):
    layer = tree_map(lambda a: a + 0.3 * rng.normal(size=a.shape), model(rng, positions=positions, causal=causal))
    tokens, mask = rng.integers(0, V, (T, 2)), np.array([[1, 1], [1, 1], [1, 1], [1, 0], [1, 0]], bool)
    assert gradcheck(layer, tokens, rng=rng).ok
    report = gradcheck(layer, tokens, rng=rng, mask=mask)
    assert report.ok, report


@pytest.mark.parametrize("positions", POSITIONS)
def test_a_causal_model_does_not_see_the_future_and_another_does(rng, positions):
    x = rng.integers(0, V, T)
    other = x.copy()
    other[-1] = (x[-1] + 1) % V
    for causal in (True, False):
        layer = model(rng, positions=positions, causal=causal)
        same = np.isclose(layer.forward(x)[0], layer.forward(other)[0]).all(-1)
        assert same[:-1].all() == causal
        assert not same[-1]


def test_only_positions_know_the_order(rng):
    x, order = rng.integers(0, V, T), rng.permutation(T)
    for positions in POSITIONS:
        layer = model(rng, positions=positions, causal=False)
        assert np.allclose(layer.forward(x[order])[0], layer.forward(x)[0][order]) == (positions == "none")


def test_parameters_and_outputs(rng):
    attention, vectors = 4 * D * D + 3 * D, V * D
    assert count(model(rng, positions="none", outputs=3)) == vectors + attention + 3 * D + 3
    assert count(model(rng)) == vectors + 8 * D + attention + D * V + V
    assert isinstance(model(rng).embedding, Embedding)
    with pytest.raises(ValueError, match="none, sinusoidal, learned"):
        model(rng, positions="relative")
    with pytest.raises(ValueError, match="8 steps"):
        model(rng).forward(np.zeros(9, int))


@pytest.mark.parametrize("positions", POSITIONS)
def test_padding_changes_nothing_that_is_real(rng, positions):
    layer = model(rng, positions=positions, causal=False)
    x, mask = rng.integers(0, V, T), np.array([1, 1, 1, 0, 0], bool)
    np.testing.assert_allclose(layer.forward(x, mask)[0][:3], layer.forward(x[:3])[0], atol=1e-12)


def test_vectors_of_tokens_are_about_as_large_as_those_of_positions(rng):
    size = {
        positions: SelfAttentionModel.init(50, 40, 2, 8, rng=rng, positions=positions).embedding.W[2:].std()
        for positions in POSITIONS
    }
    assert size == pytest.approx({"none": 0.1, "learned": 0.1, "sinusoidal": 0.7}, rel=0.2)


def test_entropy_counts_bits_of_doubt():
    a = np.array([[1.0, 0, 0, 0], [0.25] * 4, [0.5, 0.5, 0, 0]])
    np.testing.assert_allclose(entropy(a), [0, 2, 1])

"""Half-lives are those of the products of the gates; a ripple starts where the text was changed and is felt by layer."""

import numpy as np
import pytest

from course_utils.analysis.gates import products
from course_utils.analysis.timescales import half_life, ripple
from course_utils.pretrained.character_models import untrained_stack


def test_constant_gates():
    keep = np.tile([0.5, 0.25, np.sqrt(0.5), 0.5 ** (1 / 30)], (8, 1))
    np.testing.assert_allclose(half_life(keep), [1, 0.5, 2, 30])


def test_after_one_half_life_half_of_the_product_is_left(rng):
    keep = rng.uniform(0.6, 1, (2_000, 2))
    steps = half_life(keep)
    left = products(keep, 0)[len(keep) // 2]
    np.testing.assert_allclose(np.log2(left) * steps / (len(keep) // 2), -1, rtol=0.05)


def test_gates_that_are_always_open_or_ever_shut():
    np.testing.assert_array_equal(half_life(np.array([[1.0, 0.0], [1.0, 0.9]])), [np.inf, 0])


def test_a_gate_that_shuts_now_and_then_is_not_its_mean():
    keep = np.array([[1.0], [0.01]] * 10)
    assert half_life(keep)[0] < 0.5 * np.log(0.5) / np.log(keep.mean())


@pytest.mark.parametrize("shape", [(0, 3), (3,), (2, 3, 4)])
def test_half_life_of_something_else(shape, without_type_checks):
    with pytest.raises(ValueError, match="half_life: wanted"):
        half_life(np.ones(shape))


def test_a_ripple_starts_at_the_change_and_equals_the_difference_of_two_passes(rng):
    model = untrained_stack(3, 8, rng=rng)
    tokens = rng.integers(0, 50, (12, 2))
    changed = tokens.copy()
    changed[4, 0] = (tokens[4, 0] + 1) % 50
    felt = ripple(model, tokens, changed)
    assert [layer.shape for layer in felt] == [(12, 2, 8)] * 3
    one, other = model.forward(tokens)[1].recurrent, model.forward(changed)[1].recurrent
    for k, layer in enumerate(felt):
        assert not layer[:4].any()
        assert not layer[:, 1].any()
        assert layer[4:, 0].max() > 0
        np.testing.assert_array_equal(layer, np.abs(one.layers[k].h[1:] - other.layers[k].h[1:]))
    for k, layer in enumerate(ripple(model, tokens, changed, of="c")):
        np.testing.assert_array_equal(layer, np.abs(one.layers[k].c[1:] - other.layers[k].c[1:]))


def test_texts_of_another_length(rng, without_type_checks):
    model = untrained_stack(1, 4, rng=rng)
    with pytest.raises(ValueError, match=r"ripple: wanted two texts of the same shape, got \(3,\) and \(4,\)"):
        ripple(model, np.zeros(3, int), np.zeros(4, int))

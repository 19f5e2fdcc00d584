"""Norms of gradients by distance, and by how much they change per step."""

import numpy as np
import pytest

from course_utils.analysis.gradients import factor_per_step, norms


def fading(factor, T=30, shape=(), H=3):
    """dh whose norm is factor**k at k steps before the end."""
    k = np.arange(T + 1)[::-1].reshape(-1, *[1] * (len(shape) + 1))
    return factor**k * np.ones((T + 1, *shape, H)) / np.sqrt(H)


def test_norms_start_at_the_last_state():
    np.testing.assert_allclose(norms(fading(0.5, T=3, shape=(2,))), [[1, 1], [0.5] * 2, [0.25] * 2, [0.125] * 2])
    with pytest.raises(ValueError, match=r"wanted dh with axes \(T\+1 \*B H\), got shape \(4,\)"):
        norms(np.ones(4))


def test_factor_per_step_survives_noise_batches_and_underflow(rng):
    curve = norms(fading(0.8, shape=(50,)))
    assert factor_per_step(curve) == pytest.approx(0.8)
    assert factor_per_step(curve * np.exp(rng.normal(size=curve.shape))) == pytest.approx(0.8, rel=0.02)
    curve[20:] = 0
    assert factor_per_step(curve) == pytest.approx(0.8)
    with pytest.raises(ValueError, match="positive norms at two steps or more"):
        factor_per_step(np.array([1.0, 0.0]))


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e170, 1e300])
def test_norms_are_right_for_gradients_of_every_size(size):
    np.testing.assert_allclose(norms(np.array([[3.0, 4.0], [0, 0], [-5, 12]]) * size), np.array([13, 0, 5]) * size)
    np.testing.assert_allclose(norms(np.array([[3e-30, 4e-30]], np.float32)), [5e-30], rtol=1e-6)

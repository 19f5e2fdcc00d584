"""The activations explorer: what it draws is what the layers compute, and tanh alone stays bounded."""

import numpy as np
import pytest

from course_utils.explorers.activations import STOP, H, T, activations_explorer


@pytest.fixture
def explorer():
    return activations_explorer()


def sizes(explorer):
    return [line.get_ydata() for line in explorer.artists["lines"]]


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize("radius", [0.3, 0.9, 1.1, 2.0])
def test_only_tanh_is_bounded(explorer, radius):
    explorer.set(radius=radius)
    identity, relu, tanh = sizes(explorer)
    assert tanh.max() <= 1
    assert identity.shape == relu.shape == tanh.shape == (T,)
    heights = explorer.artists["histogram"].get_data().values
    np.testing.assert_allclose(sum(heights), 1)
    if radius > 1:
        assert identity[-1] > 1e3


def test_without_input_the_linear_state_follows_the_spectral_radius(explorer):
    for radius in (0.8, 1.2):
        explorer.set(radius=radius, stop=True)
        identity = sizes(explorer)[0]
        rate = (identity[STOP + 79] / identity[STOP + 29]) ** (1 / 50)
        assert abs(rate - radius) < 0.02
    assert "without input" in explorer.reading.value


def test_silence_empties_small_states_and_large_radii_saturate(explorer):
    explorer.set(radius=0.8, stop=True)
    assert max(size[-1] for size in sizes(explorer)) < 1e-6
    explorer.set(radius=2.0, stop=False)
    heights = explorer.artists["histogram"].get_data().values
    assert heights[0] + heights[-1] > 0.2
    assert H * T == 12_800

"""The positions explorer: hands of a clock that turn by an angle of their own, and products that know distances only."""

import numpy as np
import pytest

from course_utils.explorers.positions import D, positions_explorer
from course_utils.layers.positions import sinusoids


@pytest.fixture
def explorer():
    return positions_explorer()


def hand(explorer, name):
    cos, sin = explorer.artists[f"hand {name}"].get_data()
    return complex(cos[1], sin[1])


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize(("t", "k", "i"), [(0, 5, 0), (10, 7, 3), (40, 31, 15)])
def test_hands_and_products_are_those_of_the_table(explorer, t, k, i):
    explorer.set(t=t, k=k, i=i)
    P = sinusoids(96, D)
    for name, at in (("now", t), ("then", t + k)):
        assert hand(explorer, name) == pytest.approx(complex(P[at, 2 * i + 1], P[at, 2 * i]))
        assert explorer.artists[f"column {name}"].get_x() == at - 0.5
        x, y = explorer.artists[f"alike {name}"].get_data()
        assert (x[0], y[0]) == (at, pytest.approx(P[t] @ P[at]))
    np.testing.assert_allclose(explorer.artists["alike"].get_ydata(), P @ P[t], atol=1e-12)
    assert explorer.artists["pair"].get_y() == 2 * i - 0.5


def test_the_turn_depends_on_the_offset_alone(explorer):
    turns = []
    for t in (0, 13, 50):
        explorer.set(t=t, k=9, i=2)
        turns.append(hand(explorer, "then") / hand(explorer, "now"))
    np.testing.assert_allclose(turns, turns[0])
    angle = 9 / 10000 ** (4 / D)
    assert turns[0] == pytest.approx(np.exp(1j * angle))
    assert f"{np.degrees(angle):.1f}°" in explorer.reading.value

"""The explorer of depth shows what the trained stacks computed, layer by layer."""

import re

import numpy as np
import pytest

from course_utils.analysis.timescales import half_life
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import load_reviews
from course_utils.explorers.depth import MAPS, STEPS, UNITS, depth_explorer
from course_utils.pretrained.character_models import stack
from course_utils.text.characters import ALPHABET, fold
from course_utils.tree import count


@pytest.fixture(scope="module")
def explorer():
    return depth_explorer()


@pytest.fixture(autouse=True)
def start_again(explorer):
    explorer.reset()


def shown(explorer, layer):
    return np.asarray(explorer.artists["images"][layer].get_array())


def states(text, layers, H):
    tokens = np.array([ALPHABET.index(letter) for letter in "\n" + text])
    return stack(layers, H).forward(tokens)[1].recurrent.layers


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize(
    ("layers", "equal", "H"), [(1, "width", 62), (2, "parameters", 40), (3, "parameters", 32), (3, "width", 62)]
)
def test_gates_are_those_of_the_trained_stack_sorted_by_half_life(explorer, layers, equal, H):
    explorer.set(layers=layers, equal=equal)
    text = fold(EXAMPLES[6].text)[:STEPS]
    for show, gate in (("forget gates", "f"), ("input gates", "i"), ("output gates", "o")):
        explorer.set(show=show)
        for k, trace in enumerate(states(text, layers, H)):
            want = getattr(trace, gate)[1:, half_life(trace.f).argsort()]
            np.testing.assert_allclose(shown(explorer, k), want.T, atol=1e-6)
            assert explorer.artists["images"][k].get_cmap() is MAPS[gate]
    for k in range(3):
        assert explorer.artists["images"][k].get_visible() == (k < layers)


@pytest.mark.parametrize("t", [1, 12, 20, STEPS])
def test_a_change_is_the_difference_of_two_readings(explorer, t):
    explorer.set(t=t, layers=2, equal="width")
    text = fold(EXAMPLES[6].text)[:STEPS]
    other = text[: t - 1] + ("e" if text[t - 1] == " " else " ") + text[t:]
    for k, (one, two) in enumerate(zip(states(text, 2, 62), states(other, 2, 62), strict=True)):
        moved = np.abs(one.h[2:] - two.h[2:])
        np.testing.assert_allclose(shown(explorer, k), moved[:, half_life(one.f).argsort()].T, atol=1e-5)
        assert not shown(explorer, k)[:, : t - 1].any()
        x, y = explorer.artists["curves"][k].get_data()
        np.testing.assert_array_equal(x, np.arange(STEPS - t + 1))
        np.testing.assert_allclose(y, np.maximum(np.sqrt((moved[t - 1 :] ** 2).mean(1)), 1e-9), rtol=1e-2, atol=1e-5)


def test_parameters_are_counted(explorer):
    for equal, widths in UNITS.items():
        for layers, H in zip((1, 2, 3), widths, strict=True):
            explorer.set(layers=layers, equal=equal)
            model = stack(layers, H)
            wanted = [f"{count(layer):,}" for layer in model.recurrent.layers]
            assert explorer.artists["sizes"].texts == wanted
            assert f"{layers} × {H} units, {count(model):,} parameters" in explorer.reading.value
    totals = [count(stack(layers, H)) for layers, H in zip((1, 2, 3), UNITS["parameters"], strict=True)]
    assert np.ptp(totals) < 0.01 * totals[0], "equal parameters"


def test_any_review_can_be_read_and_ours_comes_first(explorer):
    assert "".join(explorer.artists["letters"].texts).replace("␣", " ") == fold(EXAMPLES[6].text)[:STEPS]
    explorer.set(review=77)
    assert "".join(explorer.artists["letters"].texts).replace("␣", " ") == fold(load_reviews()[76].text)[:STEPS]


def test_the_description_says_what_is_seen(explorer):
    explorer.set(layers=3, t=12)
    numbers = re.findall(r"layer (\d): ([\d.]+), then ([\d.]+\d)", explorer.reading.value)
    assert [int(layer) for layer, _, _ in numbers] == [1, 2, 3]
    for k, (_, at_once, later) in enumerate(numbers):
        y = explorer.artists["curves"][k].get_ydata()
        assert float(at_once) == pytest.approx(y[0], abs=0.006)
        assert float(later) == pytest.approx(y[8], abs=0.0006)
    explorer.set(t=STEPS)
    assert f"at once and at letter {STEPS} by" in explorer.reading.value


def test_the_description_of_gates_says_how_far_they_are_open(explorer):
    explorer.set(layers=2, show="output gates")
    means = [trace.o[1:].mean() for trace in states(fold(EXAMPLES[6].text)[:STEPS], 2, 40)]
    assert f"The output gates are open by {means[0]:.2f}, {means[1]:.2f} in the mean" in explorer.reading.value

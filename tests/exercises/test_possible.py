"""Every example that a check of chapters 06 to 10 tries could come from a real layer.

An answer may take what it is given for what it is: the slope of tanh from its inverse, a gate from what it let through.
"""

import inspect

import numpy as np
import pytest

from course_utils.exercises import find

BOUNDS = {
    **dict.fromkeys(("h", "h_t", "h_tilde", "c_tilde"), (-1, 1)),
    **dict.fromkeys(("r", "z", "i", "f", "o", "keep"), (0, 1)),
}


def tried(id):
    """What the check hands to a right answer: one dictionary of arguments by name for each call."""
    exercise, calls = find(id), []
    names = list(inspect.signature(exercise.reference).parameters)

    def record(*given):
        calls.append(dict(zip(names, given, strict=True)))
        return exercise.reference(*given)

    right, said = exercise.verdict(record)
    assert right, said
    return calls


@pytest.mark.parametrize("id", ["06.1", "06.2", "06.3", "08.1", "08.3", "08.4", "08.5", "09.1", "09.2", "09.5", "10.4"])
def test_states_and_gates_are_in_their_bounds(id):
    calls = tried(id)
    assert len(calls) >= 4, "more than one size, and the edges"
    for given in calls:
        for name, (low, high) in BOUNDS.items():
            if name in given:
                assert low <= given[name].min() <= given[name].max() <= high, name


@pytest.mark.parametrize("id", ["06.3"])
def test_states_follow_from_the_inputs(id):
    """arctanh(h_t) - h_{t-1} W_hh is W_xh x_t + b_h for some weights."""
    for given in tried(id):
        x, h, W_hh = given["x"], given["h"], given["W_hh"]
        left = np.arctanh(h[1:]) - h[:-1] @ W_hh
        read = np.concatenate([x, np.ones_like(x[..., :1])], axis=-1).reshape(-1, x.shape[-1] + 1)
        left = left.reshape(len(read), -1)
        weights = np.linalg.lstsq(read, left, rcond=None)[0]
        np.testing.assert_allclose(read @ weights, left, atol=1e-9)


def test_a_cell_is_what_its_gates_made_of_it():
    for given in tried("09.2"):
        c = given["f"] * given["c_before"] + given["i"] * given["c_tilde"]
        np.testing.assert_allclose(given["c"], c, atol=1e-14)


def test_a_state_is_a_share_of_its_cell():
    for given in tried("09.1"):
        share = np.divide(given["h"], np.tanh(given["c"]), where=given["c"] != 0, out=0.5 + 0 * given["c"])
        assert ((share >= 0) & (share <= 1)).all()


@pytest.mark.parametrize(
    ("id", "axes"),
    [
        ("06.1", {"W_hh": 0}),
        ("06.2", {"h": 1, "dz": 0}),
        ("06.3", {"x": 2, "dy": 0, "W_hh": 0, "h": 1}),
        ("06.5", {"W_hh": 0}),
        ("07.3", {"g": 0}),
        ("08.1", {"x": 1, "h": 0, "W_h": 1}),
        ("08.3", {"h": 0, "W_h": 1}),
        ("08.4", {"x": 2, "r": 0, "h": 1, "da": 3}),
        ("08.5", {"x": 1, "h": 0, "W_h": 1}),
        ("09.1", {"x": 1, "h": 0, "W_h": 1}),
        ("09.2", {"dh": 0, "c": 1}),
        ("09.3", {"b_f": 0}),
        ("09.5", {"i": 0, "f": 1}),
        ("10.2", {"x": 0}),
        ("10.3", {"dy": 0}),
        ("10.4", {"f": 1}),
    ],
)
def test_every_axis_is_once_of_length_1_and_once_longer(id, axes):
    calls = tried(id)
    for name, axis in axes.items():
        lengths = {given[name].shape[axis] for given in calls}
        assert 1 in lengths, (name, axis)
        assert len(lengths) > 1, (name, axis)

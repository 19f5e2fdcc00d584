"""What every explorer must do, whatever it shows."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from ipywidgets import Checkbox, Dropdown, SelectionSlider, ToggleButtons

from course_utils.explorers.explorer import Explorer


def values_of(control: Any, most: int = 12) -> list[Any]:
    """Up to `most` values from a control's whole range, ends included."""
    if isinstance(control, Checkbox):
        return [False, True]
    if isinstance(control, Dropdown | SelectionSlider | ToggleButtons):
        return [value for _, value in control._options_full]
    if not hasattr(control, "min"):
        return ["not good, bad", "the plot was not bad at all", "I laughed"]
    low, high = control.min, control.max
    if isinstance(control.value, int):
        return sorted({int(v) for v in np.linspace(low, high, most)})
    grid = np.linspace(low, high, most)
    return [float(control.base**v) if hasattr(control, "base") else float(v) for v in grid]


@pytest.fixture
def assert_every_control_matters() -> Callable[..., None]:
    """Move every control over its range: no error may appear, and (almost) every move must change the picture.

    `still` is the share of moves that may leave the picture as it is (for a number that saturates); 0 unless told.
    """

    def run(explorer: Explorer, *, still: float = 0.0) -> None:
        initial = explorer.state
        for key, control in explorer.controls.items():
            values = values_of(control)
            pictures = []
            for value in values:
                control.value = value
                assert not explorer.message, f"{key}={value!r}: {explorer.message}"
                pictures.append(explorer.picture.value)
            unchanged = sum(a == b for a, b in pairwise(pictures))
            assert unchanged <= still * (len(values) - 1), f"{key}: {unchanged} of {len(values) - 1} moves do nothing"
            explorer.set(**{key: initial[key]})
        first = explorer.picture.value
        explorer.reset()
        assert explorer.state == initial
        assert explorer.picture.value == first

    return run

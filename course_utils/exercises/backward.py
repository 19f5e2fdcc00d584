"""What every backward pass must do: send a gradient back in proportion, however large it is."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.exercise import NotYet, call, close


def proportional(answer: Callable[..., Any], reference: Callable[..., Any], gradients: int, *given: Any) -> None:
    """NotYet unless a million times the first `gradients` arguments give a million times as much back."""
    factor = 1e6
    large = (*(factor * gradient for gradient in given[:gradients]), *given[gradients:])
    for part, right in zip(call(answer, *large), reference(*given), strict=True):
        got, most = np.asarray(part) / factor, np.abs(part).max()
        if close(got, right):
            continue
        if close(got, np.clip(right, -most / factor, most / factor)):
            raise NotYet(
                f"large gradients were cut off at ±{most:g}. That is clipping by value, a step of its own after the "
                "backward pass (chapter 07).",
                "return the gradient as it is",
            )
        raise NotYet(
            "right for the first example; but if a million times as much comes back, a million times as much must be "
            "handed on.",
            "a backward pass multiplies and adds up what comes back: no constant is added, nothing is cut off",
        )

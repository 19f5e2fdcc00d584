"""Mistakes in the gradients of an LSTM's gates, each with what it would give."""

import numpy as np

from course_utils.math import sigmoid
from course_utils.tree import Array

LINES = {
    "i": "dc times c_tilde, which i was multiplied by going forward, times its slope i * (1 - i)",
    "f": "dc times c_before, which f was multiplied by going forward, times its slope f * (1 - f)",
    "o": "dh times tanh(c), which o was multiplied by going forward, times its slope o * (1 - o)",
    "c_tilde": "dc times i, which c_tilde was multiplied by going forward, times its slope 1 - c_tilde²",
}
"""What each gradient consists of."""
LATE = "a parenthesis closes too late: (1 - tanh(c)²) is one factor, and dh multiplies it from outside"


def _slope(s: Array) -> Array:
    return s * (1 - s)


def gate_mistakes(
    dh: Array, future: Array, i: Array, f: Array, o: Array, c_tilde: Array, c_0: Array, c: Array
) -> dict[str, dict[str, Array]]:
    """For each gate what one can do wrong, in words, and the gradient that comes of it; `dc` is right."""
    told = np.tanh(c)
    slope = 1 - told**2
    dc = future + dh * o * slope
    return {
        "i": {
            "the slope of the sigmoid is missing": dc * c_tilde,
            "its slope is that of tanh": dc * c_tilde * (1 - i**2),
            "it was multiplied by the old cell, which is what the forget gate acts on": dc * c_0 * i * (1 - i),
            "it misses the candidate": dc * i * (1 - i),
            "i is a sigmoid already, and the sigmoid was applied once more": dc * c_tilde * _slope(sigmoid(i)),
            LATE: (future * c_tilde + o * (1 - told**2 * c_tilde * dh)) * i * (1 - i),
        },
        "f": {
            "the slope of the sigmoid is missing": dc * c_0,
            "its slope is that of tanh": dc * c_0 * (1 - f**2),
            "it was multiplied by the cell after the step; f_t acted on the one before": dc * c * f * (1 - f),
            "it was multiplied by the candidate, which is what the input gate acts on": dc * c_tilde * f * (1 - f),
            "it misses the old cell": dc * f * (1 - f),
            "f is a sigmoid already, and the sigmoid was applied once more": dc * c_0 * _slope(sigmoid(f)),
            LATE: (future * c_0 + o * (1 - told**2 * c_0 * dh)) * f * (1 - f),
        },
        "o": {
            "the slope of the sigmoid is missing": dh * told,
            "its slope is that of tanh": dh * told * (1 - o**2),
            "it was multiplied by c_t; the gate acts on tanh(c_t)": dh * c * o * (1 - o),
            "it starts from dc; the output gate touches only h_t, so it starts from dh": dc * told * o * (1 - o),
            "o is a sigmoid already, and the sigmoid was applied once more": dh * told * _slope(sigmoid(o)),
            "it was multiplied by the tanh of tanh(c)": dh * np.tanh(told) * o * (1 - o),
            "the slope of tanh is in it; that stands on the way from h to the cell": dh * slope * o * (1 - o),
        },
        "c_tilde": {
            "the slope of tanh is missing": dc * i,
            "its slope is that of the sigmoid; the candidate is tanh": dc * i * c_tilde * (1 - c_tilde),
            "it misses the input gate": dc * (1 - c_tilde**2),
            "c_tilde is tanh(a) already, and tanh was applied once more": dc * i * (1 - np.tanh(c_tilde) ** 2),
            "the slope of tanh is 1 - c_tilde², not 1 - c_tilde": dc * i * (1 - c_tilde),
            LATE: (future * i + o * (1 - told**2 * i * dh)) * (1 - c_tilde**2),
            "it was multiplied by the forget gate; it enters the cell through the input gate": dc
            * f
            * (1 - c_tilde**2),
        },
    }

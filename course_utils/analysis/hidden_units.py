"""What does a hidden unit keep track of? Properties of every place of a text, and which unit goes along with them."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from course_utils.math import rescaled
from course_utils.shapes import expect
from course_utils.tree import Array


def since(text: str, marks: str, most: int) -> Float[Array, "T"]:
    """How many characters ago one of `marks` was last read, at most `most`; the start of the text counts as one."""
    counts, n = np.empty(len(text)), 0
    for t, letter in enumerate(text):
        n = 0 if letter in marks else min(n + 1, most)
        counts[t] = n
    return counts


def inside(text: str, opening: str, closing: str) -> Float[Array, "T"]:
    """1 after an opening mark and until it is closed, 0 elsewhere; the same mark may do both. A new line ends it."""
    states, on = np.empty(len(text)), False
    for t, letter in enumerate(text):
        if letter in ("\n", closing) and (on or letter == "\n"):
            on = False
        elif letter == opening:
            on = True
        states[t] = on
    return states


def one_of(text: str, letters: str) -> Float[Array, "T"]:
    """1 where the text has one of the letters, else 0."""
    return np.array([letter in letters for letter in text], float)


PROPERTIES: dict[str, Callable[[str], Float[Array, "T"]]] = {
    "is a space": lambda text: one_of(text, " "),
    "is a vowel": lambda text: one_of(text, "aeiou"),
    "was a vowel before": lambda text: one_of(" " + text[:-1], "aeiou")[: len(text)],
    "position in the word": lambda text: since(text, " \n", 12),
    "letters since . ! ?": lambda text: since(text, ".!?\n", 150),
    "inside ( )": lambda text: inside(text, "(", ")"),
    'inside " "': lambda text: inside(text, '"', '"'),
}
"""What a unit may follow; each gives a number for every place t of a text, from the characters up to t."""


def correlations(h: Float[Array, "T H"], values: Float[Array, "T"]) -> Float[Array, "H"]:
    """Correlation of each unit with the values over all steps; 0 for a unit that never moves.

    Raises ValueError for values that are all equal or of another length.
    """
    h = expect(h, "T H", what="h", where="correlations")
    if values.shape != h.shape[:1] or not len(values) or np.ptp(values) == 0:
        raise ValueError(f"correlations: wanted {len(h)} values that are not all equal, got {values.shape}")
    units, _ = rescaled(h.astype(float) - h.mean(axis=0, dtype=float), 0)  # the size does not matter
    values, _ = rescaled(values - values.mean())
    spread = np.sqrt((units**2).sum(axis=0) * (values**2).sum())
    return np.divide(values @ units, spread, out=np.zeros(h.shape[1]), where=spread > 0)

"""What a vocabulary is made of, checked: words are str, counts are whole numbers."""

from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Counts(Protocol):
    """What gives pairs of a word and how often it occurs: a Counter, another mapping, a Series of pandas."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """The pairs."""


def expect_iterable(things: Any, where: str) -> Iterable[Any]:
    """`things`, if they can be gone through; ValueError otherwise."""
    if not isinstance(things, Iterable) or getattr(things, "shape", None) == ():
        raise ValueError(f"{where}: wanted a sequence, got {type(things).__name__} {things!s:.40}")
    return things


def whole_counts(counts: Iterable[Any]) -> tuple[int, ...]:
    """The counts, if all of them are whole numbers from 0 on, as Python's own; ValueError otherwise."""
    counts = tuple(expect_iterable(counts, "Vocabulary"))
    if not all(isinstance(n, int | np.integer) and n >= 0 for n in counts):
        raise ValueError("Vocabulary: wanted counts that are whole numbers, got others; count(texts) makes such")
    return tuple(map(int, counts))


def plain_words(words: Iterable[Any], where: str) -> tuple[str, ...]:
    """The words, if all of them are str, as Python's own (NumPy's would show as np.str_); ValueError otherwise."""
    words = tuple(expect_iterable(words, where))
    kinds = set(map(type, words))
    if strange := [kind.__name__ for kind in kinds if not issubclass(kind, str)]:
        raise ValueError(f"{where}: wanted words that are str, got {', '.join(sorted(strange))}")
    return words if kinds <= {str} else tuple(map(str.__str__, words))

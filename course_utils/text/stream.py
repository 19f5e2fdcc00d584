"""Sequences of integer tokens: checked at the door, and many texts joined into one stream."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Int

from course_utils.shapes import expect_whole, rectangular
from course_utils.text.entries import expect_iterable
from course_utils.tree import Array

Tokens: TypeAlias = Array | Sequence[Any]
"""An array, list or tuple of integers, one text (T,); `as_tokens` checks it."""
_LARGEST = int(np.iinfo(np.intp).max)


def as_tokens(tokens: Tokens, V: int, *, where: str, empty: bool = False) -> Int[Array, "T"]:
    """One sequence of integer tokens in [0, V), checked once at the door, int64 so that products of them have room.

    Raises ValueError for a wrong rank or dtype, tokens out of range, and (unless `empty`) an empty sequence.
    """
    array = rectangular(tokens, "one sequence of tokens (T,)", where)
    if array.size == 0 and array.ndim == 1:
        if not empty:
            raise ValueError(f"{where}: wanted at least one token, got an empty sequence; give it some text")
        return np.zeros(0, np.int64)
    if array.ndim != 1:
        raise ValueError(
            f"{where}: wanted one sequence of tokens (T,), got shape {array.shape}; `join` makes one of many"
        )
    if not np.issubdtype(array.dtype, np.integer):
        raise ValueError(
            f"{where}: wanted integer tokens, got dtype {array.dtype}; encode the text with a Vocabulary first"
        )
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= V:
        raise ValueError(
            f"{where}: wanted tokens in 0 ... V-1 = {V - 1}, got {low} ... {high}; is V the vocabulary's size?"
        )
    return array.astype(np.int64, copy=False)


def join(texts: Iterable[Tokens], *, boundary: int = 0) -> Int[Array, "T"]:
    """Many encoded texts as one stream in which each text is *ended* by the token `boundary`: a b 0 c d e 0.

    Empty texts are left out. Raises ValueError where a text holds the boundary token itself, or where there is no text.
    """
    expect_whole("join", low=0, boundary=boundary)
    end = as_tokens([boundary], _LARGEST, where="join")
    rows = (as_tokens(text, _LARGEST, where="join", empty=True) for text in expect_iterable(texts, "join"))
    parts = [part for text in rows if text.size for part in (text, end)]
    if not parts:
        raise ValueError("join: wanted at least one text, got none")
    stream = np.concatenate(parts).astype(np.intp, copy=False)
    if (ends := int((stream == boundary).sum())) > (wanted := sum(part is end for part in parts)):
        raise ValueError(
            f"join: wanted texts without the boundary token {boundary}, found it {ends - wanted} times inside"
        )
    return stream

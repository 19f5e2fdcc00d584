"""Made-up tasks that ask one question each: can a network remember, add up, copy, count?

Time first: ``x`` is what to read, ``y`` what to answer, and ``mask``, where there is one, at which steps the answer counts.
"""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.shapes import expect_each_whole, expect_rng, expect_whole, is_real
from course_utils.tree import Array

BITS = np.iinfo(np.intp).bits - 2
"""As much as an answer can hold: 62, or 30 on a machine of 32 bits."""


class TokenTask(NamedTuple):
    """Tokens to read, tokens to answer, steps that count."""

    x: Int[Array, "T B"]
    y: Int[Array, "T B"]
    mask: Bool[Array, "T B"]


class AddingTask(NamedTuple):
    """Pairs (value, marked?) to read, and the number to answer after the last one."""

    x: Float[Array, "T B 2"]
    y: Float[Array, "B"]


def delayed_recall(delay: int, B: int, *, rng: np.random.Generator, symbols: int = 4) -> TokenTask:
    """See one of `symbols` tokens, then `delay` distractors, then a cue: which token was it?

    Tokens 0 .. symbols-1 may be asked for, the next `symbols` are distractors, the last one is the cue, so
    V = 2 symbols + 1 and T = delay + 2. Guessing is right in 1 of `symbols` cases.
    """
    expect_rng("delayed_recall", rng)
    _expect_sizes("delayed_recall", B, symbols, delay)
    T = delay + 2
    x = np.empty((T, B), np.intp)
    x[0] = rng.integers(0, symbols, B)
    x[1:-1] = rng.integers(symbols, 2 * symbols, (delay, B))
    x[-1] = 2 * symbols
    return TokenTask(x, *_only_last(x[0], T))


def at_places(places: tuple[int, ...], T: int, B: int, *, rng: np.random.Generator, symbols: int = 4) -> TokenTask:
    """T random tokens, then a cue: which of them stood at these places? The contents are all alike, so only order helps.

    Tokens are 0 .. symbols-1, the cue is `symbols`. The answer is one number: the tokens at the places read as its digits
    in base `symbols`, so guessing is right in 1 of symbols^len(places) cases. Raises ValueError for places outside 0 .. T-1.
    """
    expect_whole("at_places", T=T)
    expect_rng("at_places", rng)
    _expect_sizes("at_places", B, symbols)
    expect_each_whole("at_places", "places", places, low=0)
    if not places or max(places) >= T or len(places) * math.log2(symbols) > BITS:
        raise ValueError(f"at_places: wanted places from 0 to {T - 1}, at most {BITS} bits of them, got {places}")
    x = rng.integers(0, symbols, (T + 1, B)).astype(np.intp)
    x[-1] = symbols
    answer = np.zeros(B, np.intp)
    for place in places:
        answer = answer * symbols + x[place]
    return TokenTask(x, *_only_last(answer, T + 1))


def adding(T: int, B: int, *, rng: np.random.Generator) -> AddingTask:
    """Add the two marked numbers of a sequence (after Hochreiter & Schmidhuber 1997, section 5.4).

    Feature 0 is uniform in [0, 1), feature 1 marks one number in each half of the sequence. Always answering 1 has a
    mean squared error of 1/6.
    """
    expect_whole("adding", low=2, T=T)
    expect_whole("adding", B=B)
    expect_rng("adding", rng)
    values = rng.random((T, B))
    marks = np.zeros((T, B))
    for low, high in ((0, T // 2), (T // 2, T)):
        marks[rng.integers(low, high, B), np.arange(B)] = 1
    return AddingTask(np.stack([values, marks], -1), (values * marks).sum(0))


def brackets(T: int, B: int, *, rng: np.random.Generator, p_open: float = 0.5) -> TokenTask:
    """After every bracket: how many are open? Answered with 0 .. 9, where 9 means nine or more.

    Token 0 is "(", token 1 is ")"; a closing bracket never comes where none is open. Raises ValueError for
    sizes below 1, and unless 0 < p_open <= 1.
    """
    expect_whole("brackets", T=T, B=B)
    expect_rng("brackets", rng)
    if not (is_real(p_open) and 0 < p_open <= 1):
        raise ValueError(f"brackets: wanted 0 < p_open <= 1, got {p_open!r:.60}")
    x, y = np.empty((T, B), np.intp), np.empty((T, B), np.intp)
    depth = np.zeros(B, np.intp)
    for t in range(T):
        opens = (rng.random(B) < p_open) | (depth == 0)
        depth += np.where(opens, 1, -1)
        x[t], y[t] = ~opens, np.minimum(depth, 9)
    return TokenTask(x, y, np.ones((T, B), bool))


def _only_last(answer: Int[Array, "B"], T: int) -> tuple[Int[Array, "T B"], Bool[Array, "T B"]]:
    y, mask = np.zeros((T, len(answer)), np.intp), np.zeros((T, len(answer)), bool)
    y[-1], mask[-1] = answer, True
    return y, mask


def _expect_sizes(where: str, B: int, symbols: int, delay: int = 0) -> None:
    expect_whole(where, B=B)
    expect_whole(where, low=2, symbols=symbols)
    expect_whole(where, low=0, delay=delay)


def blank_out(
    tokens: Int[Array, "T *B"],
    mask: Bool[Array, "T *B"] | None = None,
    *,
    share: float,
    blank: int,
    rng: np.random.Generator,
) -> TokenTask:
    """Replace about this share of the real tokens by `blank`: what to read, what stood there, where to answer.

    Raises ValueError for a share outside (0, 1], or where not one token was replaced.
    """
    expect_rng("blank_out", rng)
    if not (is_real(share) and 0 < share <= 1):
        raise ValueError(f"blank_out: wanted 0 < share <= 1, got {share!r:.60}")
    asked = rng.random(tokens.shape) < share
    if mask is not None:
        asked &= mask
    if not asked.any():
        raise ValueError(f"blank_out: wanted at least one blank, got none in {tokens.shape}; take more text or share")
    return TokenTask(np.where(asked, blank, tokens), tokens, asked)

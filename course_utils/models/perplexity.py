"""How good is a language model? The same few numbers in every chapter.

A loss in *nats per token* is what training minimises. Divided by ln 2 it is *bits per token*: how many yes-or-no
questions the model leaves open about the next token. Its exponential is the *perplexity*: between how many equally
likely tokens the model hesitates.
"""

from typing import TypeVar

import numpy as np
from jaxtyping import Float, Int

from course_utils.losses import cross_entropy
from course_utils.math import log_softmax
from course_utils.models.sampling import LanguageModel
from course_utils.shapes import expect, expect_whole
from course_utils.tree import Array

Nats = TypeVar("Nats", float, Array)


def bits(nats: Nats) -> Nats:
    """Bits per token from nats per token, of one number or of many."""
    return nats / np.log(2)


def perplexity(nats: float) -> float:
    """exp(nats per token); the number of choices of a fair die that is as hard to guess."""
    with np.errstate(over="ignore"):
        return float(np.exp(nats))


def nats_per_token(model: LanguageModel, tokens: Int[Array, "T"], *, streams: int = 32, warm_up: int = 50) -> float:
    """Mean of -log p(token | all tokens before it in its stream), in nats.

    One long text is read as `streams` consecutive pieces side by side, since a recurrent network is fast on batches and
    slow on long loops. Each piece first reads the last `warm_up` tokens of the piece before it, unscored, so that it
    does not start from nothing; every token of the text but the very first ones is scored exactly once.
    Raises ValueError for a text of fewer than streams · (warm_up + 2) tokens.
    """
    tokens = expect(tokens, "T", what="tokens", where="nats_per_token", kind="int")
    expect_whole("nats_per_token", streams=streams)
    expect_whole("nats_per_token", low=0, warm_up=warm_up)
    if len(tokens) < streams * (warm_up + 2):
        raise ValueError(
            f"nats_per_token: wanted at least streams * (warm_up + 2) = {streams * (warm_up + 2)} tokens, "
            f"got {len(tokens)}; take fewer streams or a shorter warm_up"
        )
    ends = np.linspace(warm_up, len(tokens) - 1, streams + 1).astype(int)
    T = int(np.diff(ends).max()) + warm_up
    at = ends[:-1] - warm_up + np.arange(T)[:, None]  # (T, streams): positions read
    scored = (at >= ends[:-1]) & (at < ends[1:])
    at = np.minimum(at, len(tokens) - 2)
    logits, _ = model.forward(tokens[at])
    return cross_entropy(logits, tokens[at + 1], scored)[0]


def nats_in_windows(model: LanguageModel, tokens: Int[Array, "T"], window: int, *, B: int = 128) -> float:
    """The same for a model that sees only so many tokens at once, such as a transformer, in nats.

    Windows overlap by half: of each only the second half is scored, so that every token but the first half window is
    scored exactly once, with at least ``window // 2`` tokens before it. `B` windows are read at a time. Raises ValueError
    for a window below 2 or a text that does not fill one.
    """
    tokens = expect(tokens, "T", what="tokens", where="nats_in_windows", kind="int")
    expect_whole("nats_in_windows", B=B)
    expect_whole("nats_in_windows", low=2, window=window)
    if len(tokens) <= window:
        raise ValueError(f"nats_in_windows: wanted more tokens than the window of {window}, got {len(tokens)}")
    last = len(tokens) - 1 - window  # where the last window starts; it may overlap by more than half
    starts = np.append(np.arange(0, last, window - window // 2), last)
    fresh = np.diff(starts, prepend=starts[0] - (window - window // 2))
    steps = np.arange(window)[:, None]
    total = scored = 0.0
    for k in range(0, len(starts), B):
        at = starts[k : k + B] + steps
        counts = steps >= window - fresh[k : k + B]
        logits, _ = model.forward(tokens[at])
        total += cross_entropy(logits, tokens[at + 1], counts)[0] * counts.sum()
        scored += counts.sum()
    return float(total / scored)


def nats_by_place(model: LanguageModel, tokens: Int[Array, "T"], window: int, *, B: int = 128) -> Float[Array, "T"]:
    """Mean of -log p(token) at every place of windows that lie side by side and each start from nothing, in nats.

    Entry t is that of the tokens with t + 1 tokens before them in their window. What is left over after the last whole
    window is not scored. Raises ValueError for a window below 1 or a text that does not fill one.
    """
    tokens = expect(tokens, "T", what="tokens", where="nats_by_place", kind="int")
    expect_whole("nats_by_place", B=B, window=window)
    if len(tokens) <= window:
        raise ValueError(f"nats_by_place: wanted more tokens than the window of {window}, got {len(tokens)}")
    starts = np.arange(0, len(tokens) - window, window)
    total = np.zeros(window)
    for k in range(0, len(starts), B):
        at = starts[k : k + B] + np.arange(window)[:, None]
        logits, _ = model.forward(tokens[at])
        log_p = np.take_along_axis(log_softmax(logits), tokens[at + 1][..., None], axis=-1)
        total -= log_p.sum(axis=(1, 2), dtype=np.float64)
    return total / len(starts)

"""How good is a language model? The same few numbers in every chapter.

A loss in *nats per token* is what training minimises. Divided by ln 2 it is *bits per token*: how many yes-or-no
questions the model leaves open about the next token. Its exponential is the *perplexity*: between how many equally
likely tokens the model hesitates.
"""

from typing import TypeVar

import numpy as np
from jaxtyping import Int

from course_utils.losses import cross_entropy
from course_utils.models import RecurrentLanguageModel
from course_utils.tree import Array

Nats = TypeVar("Nats", float, Array)


def bits(nats: Nats) -> Nats:
    """Bits per token from nats per token, of one number or of many."""
    return nats / np.log(2)


def perplexity(nats: float) -> float:
    """exp(nats per token); the number of choices of a fair die that is as hard to guess."""
    return float(np.exp(nats))


def nats_per_token(
    model: RecurrentLanguageModel, tokens: Int[Array, " T"], *, streams: int = 32, warm_up: int = 50
) -> float:
    """Mean of -log p(token | all tokens before it in its stream), in nats.

    One long text is read as `streams` consecutive pieces side by side, since a recurrent network is fast on batches and
    slow on long loops. Each piece first reads the last `warm_up` tokens of the piece before it, unscored, so that it
    does not start from nothing; every token of the text but the very first ones is scored exactly once.
    Raises ValueError for a text with fewer than two tokens for each stream.
    """
    if streams < 1 or warm_up < 0 or len(tokens) < streams * (warm_up + 2):
        raise ValueError(
            f"nats_per_token: wanted streams >= 1, warm_up >= 0 and at least streams * (warm_up + 2) tokens, "
            f"got {streams}, {warm_up} and {len(tokens)} tokens"
        )
    ends = np.linspace(warm_up, len(tokens) - 1, streams + 1).astype(int)
    T = int(np.diff(ends).max()) + warm_up
    at = ends[:-1] - warm_up + np.arange(T)[:, None]  # (T, streams): positions read
    scored = (at >= ends[:-1]) & (at < ends[1:])
    at = np.minimum(at, len(tokens) - 2)
    logits, _ = model.forward(tokens[at])
    return cross_entropy(logits, tokens[at + 1], scored)[0]

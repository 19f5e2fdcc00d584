"""Choosing the next token from scores, and writing text one token at a time."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

from course_utils.math import softmax
from course_utils.shapes import expect, expect_rng, expect_whole, is_real
from course_utils.tree import Array


@runtime_checkable
class LanguageModel(Protocol):
    """What `generate` asks of a model: logits for the next token, and in the trace a state to carry on."""

    def forward(self, x: Any, mask: Any = None, *, state: Any = None) -> tuple[Array, Any]: ...


def next_token_probabilities(
    logits: Float[Array, "*B V"], *, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> Float[Array, "*B V"]:
    """Probabilities to draw the next token from.

    temperature  divides the logits: towards 0 only the best token is left, large values make all alike; exactly 0 is
                 greedy choice
    top_k        only the k most likely tokens stay (Fan et al. 2018)
    top_p        only the most likely tokens stay that together reach the probability p (Holtzman et al. 2020, "nucleus")

    Raises ValueError for a negative or infinite temperature, k outside 1..V, p outside (0, 1], and logits with nan or
    without a largest one.
    """
    logits = expect(logits, "*B V", what="logits", where="next_token_probabilities")
    V = logits.shape[-1]
    best = logits.max(-1, keepdims=True, initial=-np.inf)
    if not np.isfinite(best).all():
        raise ValueError(
            "next_token_probabilities: wanted logits with a finite largest one in every row, got inf or nan"
        )
    if not (is_real(temperature) and 0 <= temperature < np.inf):
        raise ValueError(f"next_token_probabilities: wanted temperature >= 0, got {temperature!r:.60}")
    if top_k is not None:
        expect_whole("next_token_probabilities", top_k=top_k)
    if top_k is not None and top_k > V:
        raise ValueError(f"next_token_probabilities: wanted 1 <= top_k <= {V}, got {top_k}")
    if top_p is not None and not (is_real(top_p) and 0 < top_p <= 1):
        raise ValueError(f"next_token_probabilities: wanted 0 < top_p <= 1, got {top_p!r:.60}")
    if temperature == 0:
        temperature, top_k = 1.0, 1
    with np.errstate(over="ignore"):  # towards 0 all but the best are infinitely far below it
        p = softmax((logits - best.astype(np.float64)) / temperature)
    order = np.argsort(-logits, axis=-1, kind="stable")  # ties: the smaller token first
    ranked = np.take_along_axis(p, order, -1)
    keep = np.ones_like(ranked, bool)
    if top_k is not None:
        keep[..., top_k:] = False
    if top_p is not None:
        keep[..., 1:] &= np.cumsum(ranked, -1)[..., :-1] < top_p
    kept = np.zeros_like(p)
    np.put_along_axis(kept, order, np.where(keep, ranked, 0), -1)
    return kept / kept.sum(-1, keepdims=True)


def draw(p: Float[Array, "*B V"], *, rng: np.random.Generator) -> Int[Array, "*B"]:
    """One token for each row of probabilities. Raises ValueError for numbers that are not probabilities."""
    expect_rng("draw", rng)
    p = expect(p, "*B V", what="p", where="draw")
    heights = np.cumsum(p, -1)
    if not p.shape[-1] or not (p.min(initial=0) >= 0 and (np.abs(heights[..., -1] - 1) < 1e-2).all()):
        raise ValueError("draw: wanted probabilities that are >= 0 and sum to 1 in every row; softmax makes such")
    u = rng.random(p.shape[:-1])[..., None]
    # The last token with any probability catches a sum that rounding left below u.
    last = p.shape[-1] - 1 - np.argmax(p[..., ::-1] > 0, axis=-1)
    return np.asarray(np.minimum((heights <= u).sum(-1), last))


def generate(
    model: LanguageModel,
    prompt: Int[Array, "T"],
    length: int,
    *,
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Int[Array, "N"]:
    """Continue the prompt by `length` tokens, each drawn from what the model says and then, but for the last, read by it.

    The prompt warms the state up, and no token is read twice: of a transformer the state is the keys and values of
    all that was read. Returns only the new tokens. Raises ValueError for a prompt without tokens, a length below 0, and
    what `next_token_probabilities` refuses.
    """
    prompt = expect(prompt, "T", what="prompt", where="generate", kind="int")
    expect_whole("generate", low=0, length=length)
    if len(prompt) == 0:
        raise ValueError("generate: wanted a prompt of at least 1 token, got none")
    new = np.empty(length, np.intp)
    logits, trace = model.forward(prompt)
    for n in range(length):
        if n:
            logits, trace = model.forward(new[n - 1 : n], state=trace.state)
        p = next_token_probabilities(logits[-1], temperature=temperature, top_k=top_k, top_p=top_p)
        new[n] = draw(p, rng=rng)
    return new

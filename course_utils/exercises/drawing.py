"""Exercise 05.5: drawing the next token with a temperature."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.exercise import NotYet, call
from course_utils.math import softmax
from course_utils.tree import Array


def sample(logits: Float[Array, "V"], temperature: float, rng: np.random.Generator) -> int:
    p = np.exp((logits - logits.max()) / temperature)  # the largest is 1, whatever the logits
    return int(rng.choice(len(p), p=p / p.sum()))


def diagnose_sample(answer: Callable[..., Any]) -> None:
    logits, draws = np.log([0.5, 0.3, 0.2]), 1_500

    def shares(temperature: float, logits: Float[Array, "V"] = logits, draws: int = draws) -> Float[Array, "V"]:
        @wraps(answer)
        def many(*given: Any) -> list[Any]:
            return [answer(*given) for _ in range(draws)]

        no = NotYet("wanted one token, an integer from 0 to V - 1.", "rng.choice(len(p), p=p)")
        if np.asarray(call(answer, logits, temperature, np.random.default_rng(4))).dtype.kind not in "iu":
            raise no
        drawn = np.array(call(many, logits, temperature, np.random.default_rng(4)))
        if drawn.ndim != 1 or drawn.dtype.kind not in "iu" or drawn.min() < 0 or drawn.max() >= len(logits):
            raise no
        return np.bincount(drawn, minlength=len(logits)) / draws

    def like(got: Float[Array, "V"], p: Float[Array, "V"]) -> bool:
        return bool(np.abs(got - p).max() < 0.05)  # four standard errors

    cold, warm = shares(0.5), shares(2.0)
    if cold.max() == 1 and warm.max() == 1:
        rng = np.random.default_rng(4)
        if {int(call(answer, np.zeros(50), 1.0, rng)) for _ in range(5)} == {0}:
            raise NotYet("it always takes the best token, which is what the stub did: nothing is drawn.", "rng.choice")
        raise NotYet("it draws the same token again and again.", "is the generator made anew inside? Use the one given")
    if like(cold, np.full(3, 1 / 3)) and like(warm, np.full(3, 1 / 3)):
        raise NotYet("all tokens come equally often: the logits play no part.", "rng.choice(len(p), p=p)")
    if like(cold, softmax(logits)) and like(warm, softmax(logits)):
        raise NotYet(
            "the temperature changes nothing. (Dividing *probabilities* by it has no effect: normalising undoes it.)",
            "divide the logits by the temperature, before the exp",
        )
    if like(cold, softmax(logits * 0.5)) and like(warm, softmax(logits * 2)):
        raise NotYet(
            "cold and warm are swapped: a low temperature must make the best token more likely.", "logits / temperature"
        )
    for power, what in ((2, "the temperature is in there twice"), (0.5, "the root of the temperature is taken")):
        if like(cold, softmax(logits / 0.5**power)) and like(warm, softmax(logits / 2**power)):
            raise NotYet(
                f"the tokens do not come with probability softmax(logits / temperature): {what}.",
                "divide the logits by the temperature, once",
            )
    if not (like(cold, softmax(logits / 0.5)) and like(warm, softmax(logits / 2))):
        raise NotYet(
            "the tokens do not come with probability softmax(logits / temperature): at temperature 0.5 token 0 came "
            f"in {cold[0]:.0%} of {draws:,} draws, wanted {softmax(logits / 0.5)[0]:.0%}.",
            "p = np.exp((logits - logits.max()) / temperature), divided by its sum",
        )
    largest = "subtract the largest logit before the exp: the probabilities are the same"
    for extreme, temperature, why, hint in (
        ([-1.0, 0.5, 0.2, 1.5, 0.0, 1.0], 1.0, "the logits need not be sorted", "return the place of the token in `logits`"),
        ([2.0, 0.0], 1.0, "there may be two tokens", "rng.choice(len(p), p=p)"),
        ([3.0], 0.7, "with one token there is no choice", "rng.choice(len(p), p=p)"),
        ([1000.0, 0.0], 1.0, "logits of 1000 make exp overflow", largest),
        ([1000.0, 0.0, 0.0, 0.0], 1.0, "logits of 1000 make exp overflow, also after the mean is subtracted", largest),
        ([1000.0, 999.0], 1.0, "logits of 1000 make exp overflow; clipping them makes all alike", largest),
        ([-1000.0, -1001.0, -1003.0], 1.0, "of logits near -1000 exp is 0, and nothing is left to divide by", largest),
        ([0.5, 2.0, 1.0], 1e-4, "at a temperature near 0 the quotients are large, and exp overflows", largest),
        ([-0.5, -1.0], 1e-4, "at a temperature near 0 the quotients are far below 0, and exp is 0", largest),
        ([1.0, 3.0, 3.0], 1e-4, "at a temperature near 0 the two best come equally often", "add nothing that breaks the tie"),
        ([1.0, 3.0, -2.0], 1e4, "at a high temperature all come about equally often", "logits / temperature"),
    ):  # fmt: skip
        _diagnose_extreme(shares, np.array(extreme), temperature, why, hint)
    rng = np.random.default_rng(4)
    some = {int(call(answer, np.zeros(200), 1.0, rng)) for _ in range(400)}  # 173 of them on average
    if len(some) < 120:
        raise NotYet(
            f"of 200 tokens with the same logit only {len(some)} came in 400 draws: every token may come.",
            "draw from the whole distribution, not from the best few",
        )
    texts = [[call(answer, logits, 2.0, rng) for _ in range(30)] for rng in map(np.random.default_rng, (7, 7))]
    if texts[0] != texts[1]:
        raise NotYet(
            "with the same generator you draw different tokens: some of the chance comes from elsewhere.", "use rng"
        )


def _diagnose_extreme(
    shares: Callable[..., Array], logits: Float[Array, "V"], temperature: float, why: str, hint: str
) -> None:
    """NotYet unless these logits, too, are drawn with their probabilities."""
    want = softmax((logits - logits.max()) / temperature)
    draws = 30 if want.max() > 0.9999 else 300
    case = f"logits {logits.tolist()} and temperature {temperature:g}"
    try:
        got = shares(temperature, logits, draws)
    except NotYet as no:
        raise NotYet(f"{why}: with {case} {no.what}", hint) from no
    if np.abs(got - want).max() > 0.12:  # over four standard errors
        k = int(np.abs(got - want).argmax())
        raise NotYet(
            f"{why}: with {case} token {k} came in {got[k]:.0%} of {draws:,} draws, wanted {want[k]:.0%}.", hint
        )

"""Exercise 12.2: a step of momentum with weight decay that leaves frozen numbers alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.exercises.exercise import NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.tree import Array


def frozen_step(
    p: Float[Array, "*N"],
    g: Float[Array, "*N"],
    v: Float[Array, "*N"],
    free: Bool[Array, "*N"],
    lr: float,
    beta: float,
    decay: float,
) -> tuple[Float[Array, "*N"], Float[Array, "*N"]]:
    moved_v = beta * v + g + decay * p
    new_v = np.where(free, moved_v, v)
    new_p = np.where(free, p - lr * moved_v, p)
    return new_p, new_v


def diagnose_frozen_step(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(2)
    p, g, v = rng.normal(size=(3, 5, 2))
    free = np.array([[1, 1], [0, 0], [1, 0], [0, 1], [0, 0]], bool)
    lr, beta, decay = 0.1, 0.9, 0.01

    def step(p: Array, g: Array, v: Array, free: Array) -> tuple[Array, Array]:
        got = several(call(answer, p, g, v, free, lr, beta, decay), "the new p and the new v", 2)
        return same_shape(got[0], p.shape, "the new p"), same_shape(got[1], p.shape, "the new v")

    zero, everywhere, nowhere = np.zeros_like(p), np.ones_like(free), np.zeros_like(free)
    new_p, _ = step(p, g, v, everywhere)
    if close(new_p, p):
        raise NotYet("nothing moved, although everything was free, which is what the stub did.",
                     "first the step without freezing: v = beta v + g + decay p, then p - lr v")  # fmt: skip
    want_p, want_v = frozen_step(p, g, v, everywhere, lr, beta, decay)
    if close(new_p, p + beta * v - lr * (g + decay * p)):
        raise NotYet(
            "with everything free: the learning rate is inside the velocity, v = beta v - lr (g + decay p) and p + v. That is "
            "common, too; here the velocity is without it, and p moves by lr v.",
            "v = beta v + g + decay p, then p = p - lr v",
        )
    for wrong, what, hint in (
        (
            beta * v + (1 - beta) * (g + decay * p),
            "the gradient was weighted with 1 - beta, as in a running mean.",
            "v = beta v + g + decay p",
        ),
        (
            g + decay * p + beta * (beta * v + g + decay * p),
            "that is Nesterov's step, which looks ahead; asked is plain momentum.",
            "p = p - lr v with the new v",
        ),
        (beta * v + g, "the weight decay is missing.", "v = beta v + g + decay p"),
        (beta * v + g - decay * p, "the weight decay pushes away from 0; it should pull towards 0.", "+ decay * p"),
        (g + decay * p, "the velocity from before plays no part.", "v = beta v + g + decay p"),
        (v + g + decay * p, "the velocity from before counts in full, so it would never die down.", "beta * v"),
        (v, "p moved by the old velocity.", "first the new v, then p = p - lr v with it"),
        (-want_v, "p went up the slope.", "p = p - lr v"),
        (want_v / lr, "the learning rate is missing.", "p = p - lr v"),
    ):
        if close(new_p, p - lr * wrong):
            raise NotYet(f"with everything free: {what}", hint)
    agree(new_p, want_p, "with everything free, the new p", "v = beta v + g + decay p, then p = p - lr v")
    new_p, new_v = step(p, g, v, free)
    unfrozen_p, unfrozen_v = want_p, want_v
    if close(new_p, unfrozen_p):
        raise NotYet("the frozen numbers moved like the others: the mask was not used.", "np.where(free, ..., ...)")
    if close(new_p, np.where(free, p, unfrozen_p)):
        raise NotYet("it is the wrong way round: the free numbers stayed, and the frozen ones moved.",
                     "free is True where a number may move")  # fmt: skip
    if close(new_p[~free], zero[~free]):
        raise NotYet(
            "the frozen numbers became 0. Frozen means: as they were.", "np.where(free, moved, p), not free * moved"
        )
    for case, (g_, v_, decay_only) in {
        "by weight decay": (zero, zero, True), "by the velocity they had before": (zero, v, False),
        "by their gradient": (g, zero, False),
    }.items():  # fmt: skip
        before = p if decay_only else zero
        after, _ = step(before, g_, v_, nowhere)
        if not np.array_equal(after, before.astype(after.dtype)):
            raise NotYet(
                f"frozen numbers were moved {case}: masking the gradient is not enough, as it is only one part of the step."
                if case != "by their gradient" else f"frozen numbers were moved {case}.",
                "choose at the end: np.where(free, moved, p)",
            )  # fmt: skip
    agree(new_p, np.where(free, unfrozen_p, p), "the new p", "np.where(free, moved, p)")
    if new_p[~free].tobytes() != p[~free].astype(new_p.dtype).tobytes():
        raise NotYet(
            "the frozen numbers are nearly the same, but not to the last bit: adding and taking away again rounds.",
            "copy them with np.where",
        )
    if close(new_v, unfrozen_v):
        raise NotYet("the velocity of the frozen numbers went on collecting; once they are freed they would jump.",
                     "np.where for v, too")  # fmt: skip
    if close(new_v, v):
        raise NotYet("p is right, but the v that came back is the old one.", "return the new v of the free numbers")
    if close(new_v, np.where(free, unfrozen_v, 0)):
        raise NotYet("the velocity of the frozen numbers became 0. Frozen: as it was.", "np.where(free, new v, v)")
    if close(new_v, np.where(free, beta * v + g, v)):
        raise NotYet(
            "p is right, but weight decay never entered the velocity; here the velocity remembers it, like the gradient.",
            "v = beta v + g + decay p, then only p - lr v",
        )
    agree(new_v, np.where(free, unfrozen_v, v), "the new v", "np.where(free, beta v + g + decay p, v)")
    wild = np.where(free, g, np.nan)
    after, after_v = step(p, wild, v, free)
    if not (np.isfinite(after).all() and np.isfinite(after_v).all()):
        raise NotYet(
            "the gradient of a frozen number was not a number (nan), and it came through: 0 * nan is nan.",
            "choose with np.where instead of multiplying by the mask",
        )
    again(answer, frozen_step, (*rng.normal(size=(3, 4)), np.array([1, 0, 1, 1], bool), 0.03, 0.7, 0.2))
    edge("a single number", answer, frozen_step, *rng.normal(size=(3, 1)), np.array([True]), 0.1, 0.9, 0.0)
    edge(
        "no momentum and no decay",
        answer,
        frozen_step,
        *rng.normal(size=(3, 2, 3)),
        np.eye(2, 3, dtype=bool),
        0.1,
        0.0,
        0.0,
    )
    edge("one free number among frozen ones, with three axes", answer, frozen_step, *rng.normal(size=(3, 1, 2, 3)),
         np.arange(6).reshape(1, 2, 3) == 4, 0.5, 0.5, 0.1)  # fmt: skip

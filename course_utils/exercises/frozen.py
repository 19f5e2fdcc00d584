"""Exercise 12.2: a step of momentum with weight decay that leaves frozen numbers alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.exercises.exercise import NotYet, again, call, edge, same_shape, several
from course_utils.exercises.slips import Diagnosis, Part, Slip
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


RATES = (0.1, 0.9, 0.01)


def _numbers() -> tuple[Array, Array, Array, Array]:
    """p, g, v, and which of them are free."""
    return *np.random.default_rng(2).normal(size=(3, 5, 2)), np.array([[1, 1], [0, 0], [1, 0], [0, 1], [0, 0]], bool)


def _everything_free(answer: Callable[..., Any]) -> Any:
    p, g, v, free = _numbers()
    return answer(p, g, v, np.ones_like(free), *RATES)[0]


VELOCITY, MOVE, CHOICE = "beta * v + g + decay * p", "p - lr * moved_v", "np.where(free, p - lr * moved_v, p)"
NEW_V, STEP = "v = beta v + g + decay p", "p = p - lr v"

mistakes_in_step = Diagnosis(
    frozen_step, tuple, "the new p", ask=_everything_free,
    parts=(Part("with everything free, the new p", lambda p: p, f"{NEW_V}, then {STEP}"),),
    slips=(
        Slip("return new_p, new_v", "return p, v", "nothing moved, although everything was free, which is what the stub did.",
             "first the step without freezing: v = beta v + g + decay p, then p - lr v"),
        Slip((VELOCITY, MOVE), ("beta * v - lr * (g + decay * p)", "p + moved_v"), "with everything free: the learning rate is "
             "inside the velocity, v = beta v - lr (g + decay p) and p + v. That is common, too; here the velocity is without "
             "it, and p moves by lr v.", f"{NEW_V}, then {STEP}"),
        *(Slip(old, new, f"with everything free: {what}", hint) for old, new, what, hint in (
            (VELOCITY, "beta * v + (1 - beta) * (g + decay * p)", "the gradient was weighted with 1 - beta, as in a running "
             "mean.", NEW_V),
            (MOVE, "p - lr * (g + decay * p + beta * moved_v)", "that is Nesterov's step, which looks ahead; asked is plain "
             "momentum.", f"{STEP} with the new v"),
            (VELOCITY, "beta * v + g", "the weight decay is missing.", NEW_V),
            (VELOCITY, "beta * v + g - decay * p", "the weight decay pushes away from 0; it should pull towards 0.",
             "+ decay * p"),
            (VELOCITY, "g + decay * p", "the velocity from before plays no part.", NEW_V),
            (VELOCITY, "v + g + decay * p", "the velocity from before counts in full, so it would never die down.", "beta * v"),
            (MOVE, "p - lr * v", "p moved by the old velocity.", f"first the new v, then {STEP} with it"),
            (MOVE, "p + lr * moved_v", "p went up the slope.", STEP),
            (MOVE, "p - moved_v", "the learning rate is missing.", STEP),
        )),
    ),
)  # fmt: skip
mistakes_in_freezing = Diagnosis(
    frozen_step, tuple, "the new p", ask=lambda answer: answer(*_numbers(), *RATES)[0], hint="np.where(free, moved, p)",
    slips=(
        Slip(CHOICE, MOVE, "the frozen numbers moved like the others: the mask was not used.", "np.where(free, ..., ...)"),
        Slip(CHOICE, f"np.where(free ^ (not free.all()), {MOVE}, p)", "it is the wrong way round: the free numbers stayed, and "
             "the frozen ones moved.", "free is True where a number may move"),
        Slip(CHOICE, f"free * ({MOVE})", "the frozen numbers became 0. Frozen means: as they were.", "np.where(free, moved, p), "
             "not free * moved"),
    ),
)  # fmt: skip
mistakes_in_velocity = Diagnosis(
    frozen_step, tuple, "the new v", ask=lambda answer: answer(*_numbers(), *RATES)[1],
    hint="np.where(free, beta v + g + decay p, v)",
    slips=tuple(Slip("np.where(free, moved_v, v)", *mistake) for mistake in (
        ("moved_v", "the velocity of the frozen numbers went on collecting; once they are freed they would jump.",
         "np.where for v, too"),
        ("v", "p is right, but the v that came back is the old one.", "return the new v of the free numbers"),
        ("free * moved_v", "the velocity of the frozen numbers became 0. Frozen: as it was.", "np.where(free, new v, v)"),
        ("np.where(free, beta * v + g, v)", "p is right, but weight decay never entered the velocity; here the velocity "
         "remembers it, like the gradient.", "v = beta v + g + decay p, then only p - lr v"),
    )),
)  # fmt: skip


def diagnose_frozen_step(answer: Callable[..., Any]) -> None:
    p, g, v, free = _numbers()

    def step(p: Array, g: Array, v: Array, free: Array) -> tuple[Array, Array]:
        got = several(call(answer, p, g, v, free, *RATES), "the new p and the new v", 2)
        return same_shape(got[0], p.shape, "the new p"), same_shape(got[1], p.shape, "the new v")

    zero, nowhere = np.zeros_like(p), np.zeros_like(free)
    mistakes_in_step.name(step(p, g, v, np.ones_like(free))[0])
    new_p, new_v = step(p, g, v, free)
    mistakes_in_freezing.explain((new_p,))
    for case, (g_, v_, decay_only) in {
        "by weight decay": (zero, zero, True),
        "by the velocity they had before": (zero, v, False),
        "by their gradient": (g, zero, False),
    }.items():
        before = p if decay_only else zero
        after, _ = step(before, g_, v_, nowhere)
        if not np.array_equal(after, before.astype(after.dtype)):
            raise NotYet(
                f"frozen numbers were moved {case}: masking the gradient is not enough, as it is only one part of the step."
                if case != "by their gradient"
                else f"frozen numbers were moved {case}.",
                "choose at the end: np.where(free, moved, p)",
            )
    mistakes_in_freezing.name(new_p)
    if new_p[~free].tobytes() != p[~free].astype(new_p.dtype).tobytes():
        raise NotYet(
            "the frozen numbers are nearly the same, but not to the last bit: adding and taking away again rounds.",
            "copy them with np.where",
        )
    mistakes_in_velocity.name(new_v)
    wild = np.where(free, g, np.nan)
    after, after_v = step(p, wild, v, free)
    if not (np.isfinite(after).all() and np.isfinite(after_v).all()):
        raise NotYet(
            "the gradient of a frozen number was not a number (nan), and it came through: 0 * nan is nan.",
            "choose with np.where instead of multiplying by the mask",
        )
    rng = np.random.default_rng(20)
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
    edge(
        "one free number among frozen ones, with three axes",
        answer,
        frozen_step,
        *rng.normal(size=(3, 1, 2, 3)),
        np.arange(6).reshape(1, 2, 3) == 4,
        0.5,
        0.5,
        0.1,
    )

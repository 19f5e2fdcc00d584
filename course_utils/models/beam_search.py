"""Writing an answer sign by sign when nobody gives the right one: the best sign each time, or several answers at once.

A model takes part as a function ``step(signs, state) -> (log_p, state)``: for N answers in progress, the last sign of each
`(N,)` and their states (a tree of arrays whose first axis is N) give log p of the next sign `(N, V)`, in nats, and new states.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from course_utils.shapes import expect_whole
from course_utils.tree import Array, leaves, tree_map

Step = Callable[[Array, Any], tuple[Array, Any]]


class Answers(NamedTuple):
    """N answers of up to T signs, and the logarithm (nats) of the probability that the model gives to each."""

    signs: Int[Array, "T N"]
    log_p: Float[Array, "N"]


def greedy(step: Step, state: Any, *, start: int, length: int, end: int | None = None) -> Answers:
    """The likeliest sign at every step, for each of the N rows of the state.

    After `end`, if there is such a sign, an answer is finished: it is filled up with `end`, which costs nothing.
    Raises ValueError for states without a row, a length below 1, or log p that are nan.
    """
    last = np.full(_rows(state, length, "greedy"), start)
    log_p, signs = np.zeros(len(last)), []
    for _ in range(length):
        now, state = step(last, state)
        now = _finished(now, last, end)
        last = now.argmax(-1)
        log_p += np.take_along_axis(now, last[:, None], -1)[:, 0]
        signs.append(last)
    if np.isnan(log_p).any():
        raise ValueError("greedy: wanted log p from the step that are numbers, got nan")
    return Answers(np.array(signs).reshape(length, -1), log_p)


def beam_search(step: Step, state: Any, width: int, *, start: int, length: int, end: int | None = None) -> Answers:
    """Up to `width` answers to one question (a state of one row), the likeliest first.

    At every step each answer in progress is continued by every sign, and of all these the `width` likeliest are kept.
    A beam of width 1 is `greedy`; one that is wide enough to keep all finds the likeliest answer there is (Sutskever et
    al. 2014, section 3.2). Raises ValueError for a width below 1 or a state of several rows.
    """
    expect_whole("beam_search", width=width)
    if (rows := _rows(state, length, "beam_search")) != 1:
        raise ValueError(f"beam_search: wanted a state of one row, got {rows}")
    last, log_p, signs = np.array([start]), np.zeros(1), np.empty((0, 1), np.intp)
    for _ in range(length):
        now, state = step(last, state)
        total = log_p[:, None] + _finished(now, last, end)
        best = np.argsort(-total, axis=None, kind="stable")[:width]
        best = best[total.ravel()[best] > -np.inf]
        if len(best) == 0:
            raise ValueError("beam_search: wanted log p from the step with a possible sign, got only -inf or nan")
        parent, last = np.divmod(best, total.shape[1])
        log_p = total.ravel()[best]
        signs = np.concatenate([signs[:, parent], last[None]])
        state = tree_map(lambda a, parent=parent: a[parent], state)
    return Answers(signs, log_p)


def _finished(log_p: Float[Array, "N V"], last: Int[Array, "N"], end: int | None) -> Float[Array, "N V"]:
    """After the end there is only the end, for sure."""
    if end is None:
        return log_p
    only_end = np.where(np.arange(log_p.shape[-1]) == end, 0.0, -np.inf)
    return np.where((last == end)[:, None], only_end, log_p)


def _rows(state: Any, length: int, where: str) -> int:
    expect_whole(where, length=length)
    firsts = {a.shape[:1] for _, a in leaves(state)}  # () of a single number
    if len(firsts) != 1 or () in firsts:
        raise ValueError(f"{where}: wanted states of the same number of rows, got {sorted(firsts)}")
    return firsts.pop()[0]

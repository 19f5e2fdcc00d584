"""How far does a loop back over the steps of a text go?"""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.exercise import NotYet, call, close, edge, several
from course_utils.tree import Array


def diagnose_reach(answer: Callable[..., Any], bptt: Callable[..., Any], given: tuple[Array, ...]) -> None:
    """In a longer text: is the gradient followed to its beginning? Truncated BPTT is right for short ones."""
    T = len(given[0])
    got = several(call(answer, *given), "dW_xh, dW_hh, db_h, dh_0", 4)
    right = all(map(close, got, bptt(*given)))

    def through(windows: list[tuple[int, int]], last_only: bool = False) -> list[Array]:
        """The sums over windows that know nothing of each other; `last_only`: of their last step's output alone."""
        sums = []
        for first, end in windows:
            dy, x, h, W_hh = given[0][first:end].copy(), given[1][first:end], given[2][first : end + 1], given[3]
            dy[: -1 if last_only else 0] = 0
            sums.append(bptt(dy, x, h, W_hh)[:3])
        return [np.sum(parts, axis=0) for parts in zip(*sums, strict=True)]

    for k in range(1, 0 if right else T):
        for wrong, what in (
            (
                through([(max(0, t - k), t + 1) for t in range(T)], last_only=True),
                f"the gradient stops after {k} steps: what a loss says about earlier ones is lost.",
            ),
            (
                through([(max(0, end - k), end) for end in range(T, 0, -k)]),
                f"the gradient stops after {k} steps: the carried dh_future starts anew, counted from the end.",
            ),
            (
                through([(first, min(T, first + k)) for first in range(0, T, k)]),
                f"the gradient stops after {k} steps: the carried dh_future starts anew, counted from the beginning.",
            ),
            (through([(T - k, T)]), f"the loop stops after {k} steps: the earlier ones are not counted at all."),
            (through([(0, k)]), f"only the first {k} are counted."),
        ):
            if all(map(close, got, wrong)):
                raise NotYet(
                    f"right for the first example, of 4 steps; of {T}, {what}",
                    "go on to step 0: for t in reversed(range(len(x)))",
                )
    edge(f"a text of {T} steps", answer, bptt, *given)

"""Exercise 05.4: consecutive windows of a text."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Int

from course_utils.exercises.exercise import NotYet, agree, call, close, edge, same_shape, several
from course_utils.tree import Array


def consecutive_windows(tokens: Int[Array, "L"], T: int, B: int) -> tuple[Int[Array, "N T B"], Int[Array, "N T B"]]:
    L = (len(tokens) - 1) // B
    N = L // T
    columns = (part[: B * L].reshape(B, L).T for part in (tokens, tokens[1:]))  # each (L, B)
    x, y = (part[: N * T].reshape(N, T, B) for part in columns)
    return x, y


def diagnose_windows(answer: Callable[..., Any]) -> None:
    B, T = 3, 4
    tokens = np.arange(100, 139)  # 39 tokens, each once: the numbers say where they stood; N = 3, L = 12 (not 39 // 3)
    want = consecutive_windows(tokens, T, B)
    N, L = len(want[0]), 12
    result = call(answer, tokens, T, B)
    result = several(result, "inputs and targets", 2)
    shape = (N, T, B)
    if np.shape(result[0]) == (N, B, T):
        raise NotYet("your windows are (B, T). In this course time stands first.", "one window has the axes (T, B)")
    if np.shape(result[0]) == (N * T, B):
        raise NotYet("these are the columns, not yet cut into windows.", "the first N * T rows, reshaped to (N, T, B)")
    if np.shape(result[0]) in ((T, N, B), (T, B, N), (B, N, T)):
        raise NotYet("the windows are not the first axis.", "x[n] is window n, with the axes (T, B)")
    if np.shape(result[0]) == (L - T + 1, T, B):
        raise NotYet(
            "your windows overlap: each begins one step after the one before.", "window n begins at step n * T"
        )
    x, y = (same_shape(part, shape, what) for part, what in zip(result, ("x", "y"), strict=True))
    if x.dtype.kind not in "iu" or y.dtype.kind not in "iu":
        raise NotYet("tokens are integers; yours became real numbers.", "index tokens, or give new arrays dtype int")
    if close(x, 0 * x):
        raise NotYet("all tokens are 0, which is what the stub did.", "cut the text into B columns first")
    if close(y, x):
        raise NotYet(
            "the targets are the inputs: the model would only have to repeat what it reads.", "y is one step later"
        )
    if close(y, x - 1):
        raise NotYet("the targets are the tokens *before* the inputs.", "y is one step later: at position + 1")
    if (np.diff(x, axis=1) != 1).any():
        if (np.diff(x, axis=2) == 1).all():
            raise NotYet(
                "neighbours in the text stand side by side in the batch; down a column they are B tokens apart.",
                "reshape to (B, L) first, then transpose",
            )
        raise NotYet("down a column (axis 1, time), neighbours of the text must follow each other.", "try B = 1 first")
    if any((later[0] != before[-1] + 1).any() for before, later in pairwise(x)):
        ordered = all((np.diff(window, axis=0) == 1).all() for window in x)
        at_once = ordered and np.array_equal(np.sort(x[:, 0].ravel()), np.sort(np.arange(N * B) * T + tokens[0]))
        raise NotYet(
            "inside a window all is well, but column b of the next window does not go on where column b of this one "
            "stopped"
            + (": the text was cut into windows and dealt out like cards" if at_once else "")
            + ". The carried state would belong to another place of the text.",
            "first B long columns of L tokens, then cut all of them into windows of T",
        )
    if not close(y, x + 1):
        raise NotYet(
            "a target is not the next token of the text, probably at the end of a window or of a column.",
            "take the targets from `tokens` at the positions of the inputs plus 1",
        )
    if close(x[0, 0], tokens[np.arange(B) * (len(tokens) // B)]):
        raise NotYet(
            "your columns have len(tokens) // B tokens: then the last one may have no next token to be its target.",
            "L = (len(tokens) - 1) // B",
        )
    agree(x, want[0], "x", "column b starts at position b * L, with L = (len(tokens) - 1) // B")
    agree(y, want[1], "y")
    other, case = np.random.default_rng(6).integers(0, 9, 38), "of 38 tokens with T = 5 and B = 2"
    x, y = several(call(answer, other, 5, 2), "x and y", 2)
    want = consecutive_windows(other, 5, 2)
    agree(x, want[0], f"x {case}", "L = (len(tokens) - 1) // B = 18, also where only 15 of a column fill windows")
    agree(y, want[1], f"y {case}", "take the targets from `tokens` at the positions of the inputs plus 1")
    rng = np.random.default_rng(7)
    for words, L, T, B in (
        ("B = 1", 25, 4, 1),
        ("T = 1", 7, 1, 3),
        ("T = B = 1", 6, 1, 1),
        ("one window", 14, 5, 2),
        ("a text that fills its windows to the last token", 25, 4, 2),
        ("a text with one token more than its windows hold", 26, 4, 2),
        ("as many steps as columns", 30, 3, 3),
        ("token numbers up to 100,000", 60, 5, 4),
    ):
        edge(words, answer, consecutive_windows, rng.integers(0, 100_000, L), T, B)

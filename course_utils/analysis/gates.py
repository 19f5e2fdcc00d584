"""What gates keep, let through and write, computed from a trace."""

from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.tree import Array, leaves


def values(trace: Any, gate: str) -> Float[Array, "T H"]:
    """One part of a trace (or gradient trace) at every step; of a state, the rows *after* each step.

    Raises ValueError if the trace has no such part, or holds a batch: index one sequence first, for example by running
    the layer on ``x[:, b]``.
    """
    parts = {name: array for name, array in leaves(trace) if array.dtype.kind == "f"}
    if gate not in parts:
        raise ValueError(f"gates: wanted one of {', '.join(parts)} of {type(trace).__name__}, got {gate!r}")
    if parts[gate].ndim != 2:
        raise ValueError(
            f"gates: wanted the trace of one sequence, {gate} with axes (T H), got shape {parts[gate].shape}; "
            "pick one sequence of the batch and run the layer on it"
        )
    return parts[gate][-len(trace.x) :]


def products(keep: Float[Array, "T *B H"], since: int) -> Float[Array, "S *B H"]:
    """What is left of the state of step `since` after each later step, if only the gates `keep` act on it.

    Row k is keep[since+1] · ... · keep[since+k], row 0 is 1; there are T - since rows. `keep` is the update gate of a
    GRU or the forget gate of an LSTM. Raises ValueError for a step that is not there.
    """
    if not 0 <= since < len(keep):
        raise ValueError(f"gates.products: wanted 0 <= since < T = {len(keep)}, got {since}")
    return np.cumprod(np.concatenate([np.ones_like(keep[:1]), keep[since + 1 :]]), axis=0)


def contributions(trace: Any, t: int) -> Float[Array, "S H"]:
    """What each step up to `t` (counted from 0) put into the cell that an LSTM has after step t, as far as it is still there.

    Row s is f[t] · ... · f[s+1] · i[s] · c_tilde[s]; the rows, and what is left of the initial cell, add up to
    ``trace.c[t + 1]``. Raises ValueError for a step that is not there.
    """
    i, f, c_tilde = (values(trace, gate) for gate in ("i", "f", "c_tilde"))
    if not 0 <= t < len(f):
        raise ValueError(f"gates.contributions: wanted 0 <= t < T = {len(f)}, got {t}")
    left = np.concatenate([np.cumprod(f[1 : t + 1][::-1], axis=0)[::-1], np.ones_like(f[:1])])
    return left * i[: t + 1] * c_tilde[: t + 1]

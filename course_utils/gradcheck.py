"""Is this backward pass right? Compare it with finite differences.

A layer returns many numbers, a gradient needs one: we take the *fake loss* sum(y * w) with a fixed random w, so that
dL/dy = w, and every path through the layer is tested with a different weight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.shapes import expect_rng, is_real
from course_utils.tree import Array, astype, leaves


def numerical_gradient(f: Callable[[], float], a: Float[Array, "..."], eps: float = 1e-6) -> Float[Array, "..."]:
    """Central differences (f(a + eps) - f(a - eps)) / (2 eps), one entry of `a` after the other.

    `f` takes no argument and reads `a`, whose entries are nudged in place and put back. Wants float64: in float32 the
    rounding of f is larger than the difference. The error is of order eps^2 + 1e-16 / eps. Raises ValueError for other
    kinds of number, and unless eps > 0.
    """
    if getattr(a, "dtype", None) != np.float64:
        got = a.dtype if isinstance(a, np.ndarray) else type(a).__name__
        raise ValueError(f"numerical_gradient: wanted a float64 array, got {got}; use tree.astype(layer, float)")
    if not (is_real(eps) and eps > 0):
        raise ValueError(f"numerical_gradient: wanted eps > 0, got {eps!r:.60}")
    gradient = np.zeros_like(a)
    for index in np.ndindex(*a.shape):
        value = a[index]
        try:
            a[index] = value + eps
            above = f()
            a[index] = value - eps
            below = f()
        finally:
            a[index] = value
        gradient[index] = (above - below) / (2 * eps)
    return gradient


@dataclass(frozen=True)
class Row:
    """One compared array: its name, shape and largest error relative to its largest gradient."""

    name: str
    shape: tuple[int, ...]
    error: float


@dataclass(frozen=True)
class Report:
    """The comparison as a table; `ok` if every error is below `tolerance`."""

    rows: tuple[Row, ...]
    tolerance: float

    @property
    def ok(self) -> bool:
        """Do all gradients agree?"""
        return all(row.error < self.tolerance for row in self.rows)

    def __repr__(self) -> str:
        width = max((len(row.name) for row in self.rows), default=0)
        lines = [
            f"{row.name:<{width}}  {row.shape!s:<12}  "
            + (f"✓ agrees to {self.tolerance:.0e}" if row.error < self.tolerance else f"✗ off by {row.error:.1%}")
            for row in self.rows
        ]
        return "\n".join(lines)


def compare(name: str, got: Float[Array, "..."], want: Float[Array, "..."]) -> Row:
    """Largest difference between two gradients relative to the largest number in either.

    Below 1e-3 numbers are compared absolutely: where a gradient is 0, finite differences still show rounding (1e-10).
    Raises ValueError if their shapes differ.
    """
    if got.shape != want.shape:
        raise ValueError(f"compare: the gradient of {name} has shape {got.shape}, wanted {want.shape}")
    scale = max(np.abs(want).max(initial=0.0), np.abs(got).max(initial=0.0), 1e-3)
    with np.errstate(invalid="ignore"):  # infinities: the error is nan, which is below no tolerance
        return Row(name, want.shape, float(np.abs(got / scale - want / scale).max(initial=0.0)))


def gradcheck(
    layer: Any,
    x: Array,
    *,
    rng: np.random.Generator,
    mask: Bool[Array, "T *B"] | None = None,
    tolerance: float = 1e-6,
) -> Report:
    """Compare a layer's backward with finite differences: by every parameter, and by x if x holds real numbers.

    Raises ValueError if a gradient has another shape than what it is the gradient of.
    """
    expect_rng("gradcheck", rng)
    layer, x = astype(layer, np.float64), np.asarray(x)
    x = x.astype(np.float64) if np.issubdtype(x.dtype, np.floating) else x
    y, trace = layer.forward(x, mask)
    w = rng.normal(size=y.shape)
    dx, dlayer, _ = layer.backward(w, trace)

    def fake_loss() -> float:
        return float((layer.forward(x, mask)[0] * w).sum())

    rows = [] if dx is None else [compare("x", dx, numerical_gradient(fake_loss, x))]
    gradients = dict(leaves(dlayer))
    for name, parameter in leaves(layer):
        rows.append(compare(name, gradients[name], numerical_gradient(fake_loss, parameter)))
    return Report(tuple(rows), tolerance)

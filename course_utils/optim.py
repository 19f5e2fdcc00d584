"""Optimisers and gradient clipping, each a line or two over trees.

An optimiser keeps nothing to itself: ``state = optimizer.init(model)`` makes what it must remember (again trees), and
``model, state = optimizer.update(model, dmodel, state)`` returns new ones. The old model is untouched, so keeping a
snapshot of training is keeping a reference.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np

from course_utils.shapes import is_real
from course_utils.tree import Array, Tree, norm_in_parts, tree, tree_map

M = TypeVar("M")
TINY = 1e-37
"""Factors below lose digits in float32."""


@runtime_checkable
class Optimizer(Protocol):
    """What `train.fit` asks of an optimiser; with a schedule, it also needs an `lr` to be `scaled`."""

    def init(self, model: Any) -> Any: ...
    def update(self, model: M, dmodel: M, state: Any) -> tuple[M, Any]: ...


@dataclass(frozen=True)
class SGD:
    """Gradient descent: p <- p - lr g."""

    lr: float

    def __post_init__(self) -> None:
        _settings(self)

    def init(self, model: Any) -> None:
        """Nothing to remember."""

    def update(self, model: M, dmodel: M, state: None) -> tuple[M, None]:
        """One step downhill."""
        return tree_map(lambda p, g: p - self.lr * g, model, dmodel), None


@tree
class AdamState(Tree):
    """Number of steps taken, and the running means of g and of g squared."""

    step: int
    m: Any
    v: Any


@dataclass(frozen=True)
class Adam:
    """Steps scaled by running means of g and g^2, corrected for their start at zero (Kingma & Ba 2015)."""

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self) -> None:
        _settings(self)

    def init(self, model: Any) -> AdamState:
        """Both running means, zero at first."""
        return AdamState(0, tree_map(np.zeros_like, model), tree_map(np.zeros_like, model))

    def update(self, model: M, dmodel: M, state: AdamState) -> tuple[M, AdamState]:
        """One step, and the running means after it."""
        step = state.step + 1
        m = tree_map(lambda m, g: self.beta1 * m + (1 - self.beta1) * g, state.m, dmodel)
        v = tree_map(lambda v, g: self.beta2 * v + (1 - self.beta2) * g * g, state.v, dmodel)
        # The two corrections of the paper, m / (1 - beta1^t) and v / (1 - beta2^t), folded into scalars.
        rate = self.lr / (1 - self.beta1**step)
        spread = 1 / (1 - self.beta2**step) ** 0.5
        model = tree_map(lambda p, m, v: p - rate * m / (np.sqrt(v) * spread + self.eps), model, m, v)
        return model, AdamState(step, m, v)


def scaled(optimizer: Any, factor: float) -> Any:
    """The same optimiser with `factor` times its learning rate; what it remembers stays valid."""
    return replace(optimizer, lr=optimizer.lr * factor)


def clip_norm(gradient: M, c: float) -> M:
    """Shorten the whole gradient to norm `c` if it is longer; the direction stays (Pascanu et al. 2013, algorithm 1).

    One norm over all arrays of the tree. At a norm of at most c the gradient comes back as it is. Raises ValueError for
    c <= 0, and for a gradient with inf or nan: it has no direction that could stay.
    """
    c = _positive("clip_norm", "c", c)
    gradient = _materialised(gradient)
    top, times = norm_in_parts(gradient)
    if not np.isfinite(times):
        raise ValueError(f"clip_norm: wanted a gradient of finite numbers, got one of norm {times}")
    if top * times <= c:
        return gradient
    if top == 1 and c / times > TINY:
        return _floats_mapped(lambda g: g * (c / times), gradient)
    return _floats_mapped(lambda g: (g.astype(np.float64) / top / times * c).astype(g.dtype), gradient)


def clip_value(gradient: M, c: float) -> M:
    """Cut every single number to [-c, c]. Simpler than `clip_norm`, but the direction changes; nan stays nan."""
    c = _positive("clip_value", "c", c)
    return _floats_mapped(lambda g: np.clip(g, -c, c), _materialised(gradient))


def _floats_mapped(fn: Callable[[Array], Array], gradient: M) -> M:
    """`fn` of every array but the tokens and masks that a gradient carries along."""
    return tree_map(lambda g: fn(g) if np.issubdtype(g.dtype, np.floating) else g, gradient)


def _materialised(gradient: Any) -> Any:
    if not isinstance(gradient, np.ndarray | tuple | Tree):
        raise ValueError(
            f"clipping: wanted a tree, an array or a tuple of them, got {type(gradient).__name__}; "
            "a generator would be used up by taking the norm: make a tuple of it first"
        )
    return gradient


def _settings(optimizer: Any) -> None:
    """Check the numbers of an optimiser and keep them as plain floats.

    A NumPy float64, such as `np.logspace` gives, would turn a float32 model into float64 at the first update.
    """
    for field in fields(optimizer):
        where, value = type(optimizer).__name__, getattr(optimizer, field.name)
        check = _fraction if field.name.startswith("beta") else _positive
        object.__setattr__(optimizer, field.name, check(where, field.name, value))


def _positive(where: str, name: str, value: float) -> float:
    if not (is_real(value) and 0 < value < np.inf):
        raise ValueError(f"{where}: wanted {name} > 0, got {value!r:.60}")
    return float(value)


def _fraction(where: str, name: str, value: float) -> float:
    if not (is_real(value) and 0 <= value < 1):
        raise ValueError(f"{where}: wanted 0 <= {name} < 1, got {value!r:.60}")
    return float(value)

"""Trees of arrays: the one data structure behind layers, traces and gradients.

A *tree* is a frozen dataclass whose fields are arrays, other trees or tuples of trees. A layer is a tree of
parameters, a trace is a tree of everything a forward pass computed, and the gradient of either is a tree of the very
same class. So "a gradient looks like the thing it is a gradient of" is a type, not a convention, and an optimiser
step, clipping or a snapshot is one short expression over trees.

A field may also hold a setting (a string, a number, ``None``). Settings are not arrays: `tree_map` carries them over
and `leaves` skips them. Lists and dictionaries are neither, and are refused, lest a layer in a list stay untrained.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeGuard, TypeVar, dataclass_transform

import numpy as np

T = TypeVar("T")
C = TypeVar("C")

Array = np.ndarray
EPS = float(np.finfo(np.float64).eps)


class Tree:
    """Base of every layer and trace: iterates over its fields and prints their shapes."""

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]

    def __repr__(self) -> str:
        names = (field.name for field in fields(self))  # type: ignore[arg-type]
        parts = ", ".join(f"{name}={_shape(value)}" for name, value in zip(names, self, strict=True))
        return f"{type(self).__name__}({parts})"


def _shape(value: Any) -> str:
    return "×".join(map(str, value.shape)) or "scalar" if isinstance(value, np.ndarray) else repr(value)


@dataclass_transform(frozen_default=True)
def tree(cls: type[C]) -> type[C]:
    """Make a class a tree: a frozen dataclass that compares by identity and prints shapes."""
    return dataclass(frozen=True, eq=False, repr=False)(cls)


def tree_map(fn: Callable[..., Any], tree: T, *others: Any) -> T:
    """Apply `fn` to the matching arrays of one or more trees of the same build.

    ``tree_map(lambda p, g: p - lr * g, model, dmodel)`` is gradient descent. Raises ValueError when the trees do not
    match.
    """
    if isinstance(tree, np.ndarray):
        if any(np.shape(other) != tree.shape for other in others):
            raise ValueError(f"tree_map: wanted arrays of shape {tree.shape}, got {[np.shape(o) for o in others]}")
        mapped = fn(tree, *others)
        return np.asarray(mapped) if isinstance(mapped, np.generic) else mapped  # type: ignore[return-value]
    if not _is_branch(tree):
        return tree
    for other in others:
        if type(other) is not type(tree) or len(tuple(other)) != len(tuple(tree)):
            raise ValueError(f"tree_map: wanted trees of the same build, got {tree!r} and {other!r}")
    mapped = (tree_map(fn, *parts) for parts in zip(tree, *others, strict=True))
    return tuple(mapped) if isinstance(tree, tuple) else type(tree)(*mapped)  # type: ignore[return-value]


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Array]]:
    """Yield ``("embedding.W", array)`` for every array in the tree, in the order of the fields."""
    if isinstance(tree, np.ndarray):
        yield path, tree
    elif isinstance(tree, Tree):
        for field, child in zip(fields(tree), tree, strict=True):  # type: ignore[arg-type]
            yield from leaves(child, f"{path}.{field.name}".lstrip("."))
    elif _is_branch(tree):
        for k, child in enumerate(tree):
            yield from leaves(child, f"{path}[{k}]")


def _is_branch(tree: Any) -> TypeGuard["Tree | tuple[Any, ...]"]:
    if isinstance(tree, list | dict):
        raise ValueError(f"wanted a tree, a tuple of trees or an array, got a {type(tree).__name__}; make it a tuple")
    return isinstance(tree, tuple | Tree)


def select(tree: T, chosen: Callable[[str], bool]) -> T:
    """A mask over a tree: the same build, with ones in all arrays whose path in `leaves` is chosen, zeros in the others.

    ``select(model, lambda path: not path.startswith("embedding."))`` is everything but the embedding. Raises
    ValueError if nothing is chosen.
    """
    masks = [np.full_like(array, chosen(path)) for path, array in leaves(tree)]
    if not any(mask.any() for mask in masks):
        raise ValueError(f"select: wanted at least one array to be chosen, got none of {[p for p, _ in leaves(tree)]}")
    remaining = iter(masks)
    return tree_map(lambda _: next(remaining), tree)


def norm(tree: Any) -> float:
    """L2 norm of all real numbers of the tree taken together, the quantity that gradient clipping compares with.

    Tokens and masks, which gradients carry along, do not count. Right for numbers of any size; nan if one of them is,
    else infinite if one of them is, or if the norm is larger than floats are.
    """
    top, times = norm_in_parts(tree)
    return top * times


def norm_in_parts(tree: Any) -> tuple[float, float]:
    """Two numbers whose product is the norm, for those who need it where it is too large for one.

    The first is 1, unless squares are too large or too small for floats: then it is a power of 2 of the size of the
    largest number, in units of which all are measured. (Where the numbers are not all finite, the second is not.)
    """
    arrays = [a for _, a in leaves(tree) if np.issubdtype(a.dtype, np.floating)]
    total = sum(float(np.vdot(a, a)) for a in arrays)
    lost = sum(a.size * float(np.finfo(a.dtype).tiny) for a in arrays)  # at most this much vanishes when it is squared
    if lost / EPS < total < np.inf:
        return 1.0, float(np.sqrt(total))
    top = np.max([np.abs(a).max(initial=0) for a in arrays], initial=0)  # nan if any number is, unlike Python's max
    if top == 0 or not np.isfinite(top):
        return 1.0, float(top)
    e = int(np.frexp(top)[1]) - 1
    small = (np.ldexp(a.astype(np.result_type(a, np.float64)), -e) for a in arrays)
    return math.ldexp(1, e), float(np.sqrt(sum(float(np.vdot(a, a)) for a in small)))


def count(tree: Any) -> int:
    """How many numbers the tree holds; for a layer, its number of parameters."""
    return sum(a.size for _, a in leaves(tree))


def astype(tree: T, dtype: Any) -> T:
    """The same tree with every floating-point array in `dtype`: float32 to train, float64 to check gradients."""
    return tree_map(lambda a: a.astype(dtype) if np.issubdtype(a.dtype, np.floating) else a, tree)

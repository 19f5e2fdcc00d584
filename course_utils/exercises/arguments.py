"""What an answer is called with: copied, so that it may be spoilt, compared afterwards, and described in messages."""

import copy
from collections import deque
from collections.abc import ItemsView, Iterator, KeysView, Sequence, ValuesView
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.tree import Tree, tree_map


@dataclass(frozen=True)
class Once:
    """What an iterator holds, kept, because whoever reads an iterator uses it up."""

    items: tuple[Any, ...]
    kind: type


def kept(argument: Any) -> Any:
    """The argument itself; of an iterator (a generator, a map, an open file), which can be read once, what it holds."""
    if isinstance(argument, Iterator):
        return Once(tuple(map(kept, argument)), type(argument))
    return argument


def handed(argument: Any) -> Any:
    """What a function is given for something `kept`: of an iterator a fresh one, which has no length either."""
    if not isinstance(argument, Once):
        return argument
    items = (handed(item) for item in argument.items)
    return map(handed, items) if argument.kind is map else items


def copied(argument: Any) -> Any:
    """A copy that shares no number with what was given. Iterators have to be `kept` first."""
    if isinstance(argument, np.ndarray | set):
        return argument.copy()
    if isinstance(argument, Once):
        return Once(copied(argument.items), argument.kind)
    if isinstance(argument, tuple) and hasattr(argument, "_make"):  # a named tuple
        return argument._make(map(copied, argument))
    if isinstance(argument, list | tuple):
        return type(argument)(map(copied, argument))
    if isinstance(argument, deque):
        return deque(map(copied, argument), argument.maxlen)
    if isinstance(argument, dict):
        twin = copy.copy(argument)  # a Counter stays a Counter
        for key, value in argument.items():
            dict.__setitem__(twin, key, copied(value))
        return twin
    for view, again in ((KeysView, dict.keys), (ValuesView, dict.values), (ItemsView, dict.items)):
        if isinstance(argument, view) and hasattr(argument, "mapping"):
            return again(copied(dict(argument.mapping)))
    return tree_map(np.copy, argument) if isinstance(argument, Tree) else argument


def unchanged(one: Any, other: Any) -> bool:
    """Is it what it was, number by number?"""
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
    if isinstance(one, Once):
        return unchanged(one.items, other.items)
    if isinstance(one, dict):
        return list(one) == list(other) and unchanged(list(one.values()), list(other.values()))
    if isinstance(one, list | tuple | deque | Tree | KeysView | ValuesView | ItemsView) and not isinstance(one, set):
        one, other = list(one), list(other)
        return len(one) == len(other) and all(map(unchanged, one, other))
    return one == other or one != one if isinstance(one, int | float | str | set) else True  # nan is not itself


def a(kind: type | str) -> str:
    """A type's name with its article: "an ndarray"."""
    name = kind if isinstance(kind, str) else kind.__name__
    return f"{'an' if name[:1].lower() in 'aeiou' or name in ('ndarray', 'LSTM', 'RNN') else 'a'} {name}"


def described(arguments: Sequence[Any], names: Sequence[str] = ()) -> str:
    """Each in a few words, without numbers that nobody asked for, and without addresses; with its name, if there is one."""
    if not names:
        return ", ".join(map(_described, arguments))
    return ", ".join(map(_named, names, arguments))


def _named(name: str, argument: Any) -> str:
    if isinstance(argument, np.ndarray):
        return f"{name} of shape {argument.shape}"
    words = _described(argument)
    return f"{name} = {words}" if words == repr(argument) else f"{name} ({words})"


def _described(argument: Any) -> str:
    if isinstance(argument, np.ndarray):
        return f"an array of shape {argument.shape}"
    if isinstance(argument, list | tuple) and argument and all(isinstance(one, np.ndarray) for one in argument):
        return f"{len(argument)} arrays of shapes {', '.join(str(one.shape) for one in argument)}"
    if isinstance(argument, Once):
        return a(argument.kind)
    text = repr(argument)
    return text if len(text) <= 40 and " at 0x" not in text else a(type(argument))

"""What an answer is called with: copied, so that it may be spoilt, compared afterwards, and described in messages."""

from typing import Any

import numpy as np

from course_utils.tree import Tree, tree_map


def copied(argument: Any) -> Any:
    """A copy that shares no number with what was given."""
    if isinstance(argument, np.ndarray):
        return argument.copy()
    if isinstance(argument, list | tuple):
        return type(argument)(map(copied, argument))
    if isinstance(argument, dict):
        return {key: copied(value) for key, value in argument.items()}
    return tree_map(np.copy, argument) if isinstance(argument, Tree) else argument


def unchanged(one: Any, other: Any) -> bool:
    """Is it what it was, number by number?"""
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, list | tuple | Tree):
        one, other = list(one), list(other)
        return len(one) == len(other) and all(map(unchanged, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and unchanged(list(one.values()), list(other.values()))
    return one == other or one != one if isinstance(one, int | float | str) else True  # nan is not itself


def described(arguments: tuple[Any, ...]) -> str:
    """Each in a few words, without numbers that nobody asked for, and without addresses."""
    return ", ".join(map(_described, arguments))


def _described(argument: Any) -> str:
    if isinstance(argument, np.ndarray):
        return f"an array of shape {argument.shape}"
    if isinstance(argument, list | tuple) and argument and all(isinstance(one, np.ndarray) for one in argument):
        return f"{len(argument)} arrays of shapes {', '.join(str(one.shape) for one in argument)}"
    text = repr(argument)
    return text if len(text) <= 40 and " at 0x" not in text else f"a {type(argument).__name__}"

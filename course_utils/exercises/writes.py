"""Where an answer writes into one of its arguments, read off its source."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
         ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>"}  # fmt: skip
METHODS = (
    "append clear extend fill insert itemset partition pop popitem popleft appendleft put remove resize reverse setdefault "
    "sort update byteswap setfield add discard subtract"
).split()
"""What changes a list, an array, a dictionary or a set itself."""
FUNCTIONS = "at copyto fill_diagonal place put putmask put_along_axis shuffle".split()
"""NumPy's functions that write into their first argument: np.add.at, np.copyto, rng.shuffle."""
LOOPS = ("enumerate", "zip", "reversed", "iter", "list", "tuple")
"""What hands out the very same arrays."""
VIEWS = "reshape ravel view transpose swapaxes squeeze values items asarray atleast_1d atleast_2d broadcast_to".split()
"""What hands on the same numbers under another name."""


def write_into(answer: Callable[..., Any], parameter: str) -> tuple[str, str, str] | None:
    """The first statement that writes into a parameter: as a pattern ("x += ..."), the source line, and what to try.

    None where no source can be had, or where nothing is found, as when another function does it.
    """
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(answer)))
        tree = ast.parse(source)
    except (OSError, TypeError, ValueError, SyntaxError):
        return None
    found = sorted(_writes(tree, parameter), key=lambda write: write[0].lineno)
    if not found:
        return None
    node, pattern, instead = found[0]
    return pattern, textwrap.shorten(source.splitlines()[node.lineno - 1], 80, placeholder=" ..."), instead


def _writes(tree: ast.AST, parameter: str) -> Iterator[tuple[Any, str, str]]:
    names = _aliases(tree, parameter)
    copy = f"work on a copy: {parameter}.copy()"
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and _root(node.target) in names:
            sign = SIGNS[type(node.op)]
            if isinstance(node.target, ast.Name):
                name = node.target.id
                yield node, f"{name} {sign}= ...", f"{name} = {name} {sign} ... makes a new array"
            else:
                yield node, f"{_root(node.target)}[...] {sign}= ...", copy
        elif isinstance(node, ast.Assign | ast.Delete):
            for target in node.targets:
                for one in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
                    if isinstance(one, ast.Subscript | ast.Attribute) and _root(one) in names:
                        yield (
                            node,
                            f"{_root(one)}[...] = ..." if isinstance(node, ast.Assign) else f"del {_root(one)}[...]",
                            copy,
                        )
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            for keyword in node.keywords:
                if keyword.arg == "out" and _root(keyword.value) in names:
                    yield node, f"out={_root(keyword.value)}", "without out= a new array is made"
            if called in METHODS and _root(node.func.value) in names:  # type: ignore[attr-defined]
                yield node, f"{_root(node.func.value)}.{called}(...)", copy  # type: ignore[attr-defined]
            elif called in FUNCTIONS and node.args and _root(node.args[0]) in names:
                yield node, f"{called}({_root(node.args[0])}, ...)", copy


def _aliases(tree: ast.AST, parameter: str) -> set[str]:
    """The names under which the parameter's numbers, or a part of them, are known."""
    names = {parameter}
    for _ in range(3):  # a name of a name of a name is enough
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and _root(node.value) in names:
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.For | ast.comprehension) and names & set(map(_root, _gone_through(node.iter))):
                names |= {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
    return names


def _gone_through(node: ast.expr) -> list[ast.expr]:
    """What a loop over this hands out, one after the other."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LOOPS:
        return node.args
    return [node]


def _root(node: ast.AST) -> str:
    """The name that stands at the bottom of ``h[t].T`` or ``np.asarray(h)``; "" for anything that makes new numbers."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript | ast.Attribute):
        return _root(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS:
        of_module = node.func.attr.startswith(("as", "atleast", "broadcast"))
        return _root(node.args[0] if of_module and node.args else node.func.value)
    return ""

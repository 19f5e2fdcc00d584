"""The source of a reference solution as a learner would write it."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


def plain(function: Callable[..., Any]) -> str:
    """Its source as it would be pasted: from the left margin, without type hints."""
    return without_hints(textwrap.dedent(inspect.getsource(function)).rstrip())


def without_hints(source: str) -> str:
    """The functions of a source with bare headers, no types; their bodies stay as they were written."""
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda node: -node.lineno):  # from below, so that the lines above stay put
        header = slice(function.lineno - 1, function.body[0].lineno - 1)
        for argument in ast.walk(function.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        function.returns, function.body = None, [ast.Pass()]
        lines[header] = [" " * function.col_offset + ast.unparse(function).removesuffix("\n    pass")]
    return "\n".join(lines)

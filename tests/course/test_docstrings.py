"""What the package's public functions say of themselves."""

import ast

import pytest

from tools.course import ROOT

FILES = [
    path
    for path in sorted((ROOT / "course_utils").rglob("*.py"))
    if not {"exercises", "explorers"} & set(path.parts)  # their checks and callbacks raise at nobody
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT / "course_utils").as_posix())
def test_a_function_that_raises_says_so(path):
    functions = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
    silent = [
        function.name
        for function in functions
        if not function.name.startswith("_")
        and any(isinstance(node, ast.Raise) and node.exc for node in ast.walk(function))
        and "Error" not in (ast.get_docstring(function) or "")
    ]
    assert silent == []

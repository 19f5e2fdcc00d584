"""What the package's public functions say of themselves, and how all docstrings say it."""

import ast
import re

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


SECTION = re.compile(
    r"^ *(Args|Arguments|Parameters|Attributes|Returns|Yields|Raises|Warns|Notes?|Examples?|See Also) *:?$", re.M
)
OURS = [
    path
    for folder in ("course_utils", "tools", "benchmarks", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def _sections(source):
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    return [found[0].strip() for text in texts for found in SECTION.finditer(text)]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_docstrings_are_prose_without_sections(path):
    assert _sections(path.read_text("utf-8")) == []


def test_a_section_would_be_noticed():
    text = '"""One.\n\n    Args:\n        x: a number.\n\n    Raises ValueError for none.\n    Returns\n    -------\n    """'
    assert _sections(f"def f(x):\n    {text}") == ["Args:", "Returns"]

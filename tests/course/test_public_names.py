"""The package's docstring is a map: it has every name that a chapter imports, and each of them exists."""

import ast
import re
from importlib import import_module
from importlib.util import find_spec

import pytest

import course_utils
from tools.course import Chapter, chapters
from tools.lesson import assemble, code_cells

ROW = re.compile(r"^(\d\d)       (.*?)(?=^\d\d  |^==)", re.MULTILINE | re.DOTALL)
MODULE = re.compile(r"``([\w.]+)``(?: \(([^)]*)\))?")


def rows() -> dict[int, dict[str, list[str]]]:
    """For each chapter the names that the docstring gives for each module."""
    found = {}
    for number, text in ROW.findall(course_utils.__doc__):
        plain = re.sub(r"\s+", " ", text)
        found[int(number)] = {module: names.split(", ") if names else [] for module, names in MODULE.findall(plain)}
    return found


ROWS = rows()


def imported(chapter: Chapter) -> set[tuple[str, str]]:
    """Every (module, name) of the package that the chapter's cells import, as the docstring would write it."""
    found = set()
    for cell in code_cells(assemble(chapter)):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_utils"):
                module = node.module.removeprefix("course_utils").lstrip(".")
                found |= {written(module, alias.name) for alias in node.names}
    return found


def written(module: str, name: str) -> tuple[str, str]:
    """Of plots the docstring names the modules; of explorers those whose one function is called like them."""
    package, _, rest = module.partition(".")
    if package == "plots":
        return "plots", rest or name
    if name == f"{rest}_explorer":
        return "explorers", rest
    return (module, name) if module else (name, "")


@pytest.mark.parametrize("chapter", [c for c in chapters() if c.written], ids=lambda chapter: chapter.name)
def test_every_name_a_chapter_imports_is_on_the_map(chapter):
    known = {("plots", "palette"), ("plots", "use_style"), ("notebook", "explain_missing_names")}
    for number, modules in ROWS.items():
        if number <= chapter.number:
            known |= {(module, name) for module, names in modules.items() for name in names or [""]}
    assert imported(chapter) - known == set()


def test_every_name_on_the_map_exists():
    for modules in ROWS.values():
        for module, names in modules.items():
            if module in ("plots", "explorers"):
                assert all(find_spec(f"course_utils.{module}.{name}") for name in names), (module, names)
            else:
                home = import_module(f"course_utils.{module}")
                assert [name for name in names if not hasattr(home, name)] == [], module


def test_it_fits_on_a_page():
    assert len(course_utils.__doc__.splitlines()) <= 90

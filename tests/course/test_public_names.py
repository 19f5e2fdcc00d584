"""The package's docstring is a map: it has every name that a chapter imports, and each of them exists."""

import re
from importlib import import_module
from importlib.util import find_spec

import pytest

import course_utils
from tools.course import ROOT, chapters
from tools.package_map import EVERYWHERE, generated, taken

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


@pytest.mark.parametrize("chapter", [c for c in chapters() if c.written], ids=lambda chapter: chapter.name)
def test_every_name_a_chapter_imports_is_on_the_map(chapter):
    known = set(EVERYWHERE)
    for number, modules in ROWS.items():
        if number <= chapter.number:
            known |= {(module, name) for module, names in modules.items() for name in names or [""]}
    assert set(taken(chapter)) - known == set()


def test_what_is_generated_is_up_to_date():
    for path, wanted in generated(chapters(), ROOT):
        assert path.read_text("utf-8") == wanted, "run: make notebooks"


def test_every_name_on_the_map_exists():
    for modules in ROWS.values():
        for module, names in modules.items():
            if module in ("plots", "explorers"):
                assert all(find_spec(f"course_utils.{module}.{name}") for name in names), (module, names)
            else:
                home = import_module(f"course_utils.{module}")
                modules_of = (
                    {name for name in names if find_spec(f"{home.__name__}.{name}")}
                    if hasattr(home, "__path__")
                    else set()
                )
                assert [name for name in names if not hasattr(home, name) and name not in modules_of] == [], module


def test_it_fits_on_a_page():
    assert len(course_utils.__doc__.splitlines()) <= 90

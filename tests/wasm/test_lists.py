"""What a browser gets is what the course declares, in versions that it allows."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tools.course import ROOT
from tools.wasm.files import LISTS, NATIVE, wanted

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BASE = {requirement.name: requirement for requirement in map(Requirement, PROJECT["dependencies"])}


def versions(page: Path) -> dict[str, str]:
    return dict(requirement.split("==") for requirement in wanted(page))


def test_every_dependency_is_there():
    assert set(BASE) <= {*NATIVE, *versions(LISTS / "browser.txt")}


@pytest.mark.parametrize("page", ["browser.txt", "tests.txt"])
def test_versions_are_allowed(page):
    found = versions(LISTS / page)
    assert found
    allowed = BASE if page == "browser.txt" else {}
    for requirement in map(Requirement, PROJECT["optional-dependencies"]["test"]):
        allowed = allowed | {requirement.name: requirement}
    for name in found.keys() & allowed.keys():
        assert allowed[name].specifier.contains(Version(found[name])), name


def test_the_browser_gets_the_versions_that_were_tested():
    """constraints.txt holds those; hypothesis no longer has a wheel for every machine."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").lower().replace("_", "-").splitlines()
    tested = dict(line.split("==") for line in lines if "==" in line)
    for name, version in (versions(LISTS / "browser.txt") | versions(LISTS / "tests.txt")).items():
        assert version == tested.get(name, version) or name == "hypothesis", name


@pytest.mark.parametrize("page", ["browser.txt", "tests.txt"])
def test_every_line_has_its_sha256(page):
    lines = [line for line in (LISTS / page).read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert len(wanted(LISTS / page)) == len(lines)
    assert all(len(sha256) == 64 for sha256 in wanted(LISTS / page).values())

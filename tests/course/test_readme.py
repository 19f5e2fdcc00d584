"""What README.md and the other pages promise is there: commands, links, anchors, the table of chapters."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement

from tools.check import STAGES
from tools.course import ROOT, chapters, with_table
from tools.stability_rows import VERSIONS

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "notebooks").glob("*.ipynb"))]


def prose(path: Path) -> str:
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, 4).cells
        return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_table_of_chapters_is_generated():
    assert with_table(README, chapters()) == README, "run: make notebooks"


def test_a_readme_without_markers_is_refused():
    with pytest.raises(ValueError, match="wanted the lines"):
        with_table("# A course\n", chapters())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    text = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$", "", prose(path), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    for link in links:
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        page = (path.parent / target).resolve() if target else path
        assert page.exists(), link
        assert path.suffix != ".ipynb" or page.parent == path.parent, f"{link} leads out of what JupyterLab shows"
        assert not anchor or anchor in anchors(page), link


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_commands_exist(path):
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    text = prose(path)
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    for module in re.findall(r"python -m (tools\.\w+)", text):
        assert find_spec(module), module


def test_the_first_two_commands_are_the_two_that_matter():
    (start,) = re.findall(r"## Start.*?```sh\n(.*?)```", README, re.DOTALL)
    assert [line.split("#")[0].strip() for line in start.splitlines()] == ["make course", "make test"]


def test_every_way_to_install_names_files_that_exist():
    blocks = re.findall(r"```(?:sh|powershell)\n(.*?)```", README, re.DOTALL)
    named = set(re.findall(r"[\w\\/.]+\.(?:yml|txt|ipynb)", "".join(blocks)))
    assert named >= {"environment.yml", "constraints.txt", "my_notebooks/00_start_here.ipynb"}
    committed = [re.sub("^my_notebooks", "notebooks", name.replace("\\", "/")) for name in named]
    assert all((ROOT / name).exists() for name in committed), "what is opened is the copy of a chapter"
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert f"conda activate {environment['name']}\n" in README


@pytest.mark.parametrize("way", ["With conda", "On Windows", "With plain pip"])
def test_every_way_makes_the_copy_before_it_opens_it(way):
    """And installs JupyterLab: the base install has none."""
    (block,) = re.findall(rf"<b>{way}.*?```(?:sh|powershell)\n(.*?)```", README, re.DOTALL)
    install, copy, opened = block.splitlines()[-3:]
    assert "[lab]" in install or "conda" in install
    assert "-e .[lab]" in (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert copy.endswith("python -m tools.my_notebooks")
    assert re.search(r"jupyter lab my_notebooks[/\\]00_start_here.ipynb$", opened)


def test_colab_installs_the_base_and_upgrades_nothing():
    """Whether that replaces one of its packages: test_environment.py, and the row Colab of tools.stability."""
    cells = re.findall(r"```python\n(%pip .*?)```", README, re.DOTALL)
    assert [cell.split()[:2] for cell in cells] == [["%pip", "install"]]
    assert not re.search(r"-U|upgrade|\[|constraint", cells[0])


def test_make_course_opens_the_first_chapter_of_the_learners_copy():
    copy, opened = re.findall(r"^course:.*\n\t(.*)\n\t(.*)", MAKEFILE, re.MULTILINE)[0]
    assert copy == "@$(RUN) tools.my_notebooks"
    assert opened.endswith(f"$(LAB) my_notebooks/{chapters()[0].notebook.name}")


def test_ci_runs_the_readmes_test_command():
    assert CI.rstrip().splitlines()[-1] == "make test"
    assert "$(RUN) tools.check $(STAGES)\n" in MAKEFILE


def test_ci_installs_pytorch_into_the_environment_of_make_before_it_tests():
    made, installed, tested = (
        CI.index(line) for line in ('make "$venv/.test"', 'constraints.txt "$torch"', "make test\n")
    )
    assert made < installed < tested
    assert re.search(r'^venv="\$\{VENV:-\.venv\}"$', CI, re.MULTILINE)
    assert "VENV ?= .venv\n" in MAKEFILE
    (version,) = re.findall(r'^torch="torch==([\d.]+)"$', CI, re.MULTILINE)
    (wanted,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["parity"]
    assert version in Requirement(wanted).specifier


def test_the_workflow_has_every_row_of_versions():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    matrix = jobs["versions"]["strategy"]["matrix"]
    assert {name.removeprefix("Python ") for name in VERSIONS if name.startswith("Python ")} <= set(matrix["python"])
    assert [(row["python"], row["dependencies"]) for row in matrix["include"]] == [(VERSIONS["Colab"][0], "Colab")]
    assert any("tools.stability Colab" in step.get("run", "") for step in jobs["versions"]["steps"])
    assert any('".[test,parity]"' in step.get("run", "") for step in jobs["parity"]["steps"])


def test_ci_names_stages_that_exist():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    calls = re.findall(r"python -m tools\.check (.*)", workflow)
    assert calls
    assert {stage for call in calls for stage in call.split()} <= set(STAGES)


def test_the_notebooks_are_compared_strictly():
    (command,) = STAGES["notebooks"]
    assert "--nbval" in command
    assert "--nbval-lax" not in command
    assert command[command.index("--dist") + 1] == "loadscope", "a notebook's cells share one kernel"

"""What README.md and the other pages promise is there: commands, links, anchors, the table of chapters."""

import re
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
import yaml

from tools.check import STAGES
from tools.course import ROOT, chapters, with_table

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
    assert named >= {"environment.yml", "constraints.txt", "notebooks/00_start_here.ipynb"}
    assert all((ROOT / name.replace("\\", "/")).exists() for name in named)
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert f"conda activate {environment['name']}\n" in README


def test_make_course_opens_the_first_chapter_of_the_learners_copy():
    copy, opened = re.findall(r"^course:.*\n\t(.*)\n\t(.*)", MAKEFILE, re.MULTILINE)[0]
    assert copy == "@$(RUN) tools.my_notebooks"
    assert opened.endswith(f"$(LAB) my_notebooks/{chapters()[0].notebook.name}")


def test_ci_runs_the_readmes_test_command():
    assert CI.rstrip().splitlines()[-1] == "make test"
    assert "$(RUN) tools.check $(STAGES)\n" in MAKEFILE


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

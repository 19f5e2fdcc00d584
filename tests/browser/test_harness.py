"""The tests of the chapters can fail: on a notebook with one defect of each kind, every one of them is found."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tools.browser.lab import Lab
from tools.browser.notebook_page import NotebookPage, open_notebook
from tools.lesson import METADATA

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
EXPLORER = """
from ipywidgets import Checkbox, Dropdown, IntSlider, Text
from course_utils.explorers.explorer import Explorer

def setup(figure):
    ax = figure.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    return {"line": ax.plot([])[0]}
"""
HEALTHY = """
def update(artists, k, shape, bold, name):
    artists["line"].set_data([0, k, 9], [len(name), 0, "up down".find(shape)])
    artists["line"].set_linewidth(3 if bold else 1)

Explorer("HealthyExplorer", {
    "k": IntSlider(9, 1, 9, description="k"),
    "shape": Dropdown(options=["up", "down"], description="shape"),
    "bold": Checkbox(False, description="bold"),
    "name": Text("x", description="name", continuous_update=False),
}, setup=setup, update=update, describe=lambda k, shape, bold, name: f"It shows {k}, {shape}, {bold}, {name}.")
"""
DEAD = """
def draw(artists, k, mute):
    artists["line"].set_data([0, k], [0, mute])

explorer = Explorer("DeadExplorer", {
    "k": IntSlider(5, 1, 9, description="k"),
    "dead": IntSlider(5, 1, 9, description="changes nothing"),
    "mute": IntSlider(5, 1, 9, description="is not described"),
}, setup=setup, update=draw, describe=lambda k: f"k = {k}")
explorer
"""
LAST = "from IPython.display import Javascript, display\ndisplay(Javascript('console.error(\"an error of our own\")'))"
LATE = "explorer.layout.width = '1500px'\nexplorer.picture.layout.max_width = explorer.picture.layout.width = '1400px'"


@pytest.fixture
def notebook(browser: "Browser", lab: Lab, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    """A notebook of the cells given as the test's parameter, after Run All Cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in request.param]
    path = Path(lab.folder) / "harness.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), path)
    with open_notebook(browser, lab, path.name) as page:
        page.run_all()
        yield page


@pytest.mark.parametrize("notebook", [(EXPLORER, HEALTHY)], indirect=True)
def test_a_healthy_explorer_has_no_defects(notebook: NotebookPage) -> None:
    (explorer,) = notebook.explorers()
    assert explorer.name == "HealthyExplorer"
    assert list(explorer.controls()) == ["k", "shape", "bold", "name"]
    assert explorer.defects() == explorer.overflow() == notebook.failures() == notebook.complaints == []


@pytest.mark.parametrize("notebook", [(EXPLORER, DEAD, LATE, LAST, "1 / 0", "'never run'")], indirect=True)
def test_each_defect_is_found(notebook: NotebookPage) -> None:
    (explorer,) = notebook.explorers()
    assert explorer.defects() == [
        "dead: ArrowRight changes no pixel",
        "dead: ArrowRight changes no pixel",
        "dead: ArrowLeft changes no pixel",
        "dead: the name stays the same: 'k = 5'",
        "dead: the reading stays the same: 'k = 5'",
        "mute: the name stays the same: 'k = 5'",
        "mute: the reading stays the same: 'k = 5'",
    ]
    assert any(defect.startswith("picture ends") for defect in explorer.overflow())
    assert notebook.failures() == [
        "code cell 5 (1 / 0): ZeroDivisionError: division by zero",
        "code cell 6 ('never run') did not run",
    ]
    assert any("an error of our own" in complaint for complaint in notebook.complaints)


@pytest.mark.parametrize("notebook", [(EXPLORER, DEAD)], indirect=True)
def test_a_control_out_of_reach_and_a_broken_reset_are_found(notebook: NotebookPage) -> None:
    (explorer,) = notebook.explorers()
    dead = explorer.controls()["dead"]
    dead.locator(".noUi-handle").evaluate("e => e.tabIndex = -1")
    dead.locator(".widget-readout").evaluate("e => e.removeAttribute('contenteditable')")
    explorer.root.get_by_role("button", name="Reset").evaluate("e => e.replaceWith(e.cloneNode(true))")
    found = explorer.defects()
    assert "dead: Tab does not reach it" in found
    assert "k: Reset does not bring the first picture and its description back" in found

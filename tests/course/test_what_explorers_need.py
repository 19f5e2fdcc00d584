"""In the browser only those cells are run that an explorer rests on."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.browser.notebook_page import names, what_explorers_need


def explorer(source):
    shown = new_output("display_data", {"text/plain": "WordExplorer(t=3)", "image/png": "iVBORw0KGgo="})
    return new_code_cell(source, outputs=[shown])


def test_trainings_that_no_explorer_shows_are_left_out(tmp_path):
    cells = [
        new_code_cell("import numpy as np"),
        new_code_cell("helper = abs"),
        new_code_cell("def train(n):\n    return helper(n)"),
        new_markdown_cell("Text."),
        new_code_cell("runs = []"),
        new_code_cell("runs.append(train(3))"),
        new_code_cell("other = train(9)"),
        new_code_cell("runs[0] = 4"),
        explorer("word_explorer(runs)"),
        new_code_cell("late = runs"),
    ]
    source, target = tmp_path / "source.ipynb", tmp_path / "target.ipynb"
    nbformat.write(new_notebook(cells=cells), source)
    what_explorers_need(source, target, "after()")
    kept = [cell.source for cell in nbformat.read(target, 4).cells]
    assert kept == [*(cell.source for cell in cells[:6]), cells[7].source, cells[8].source, "after()"]


def test_names_of_a_cell():
    makes, asks = names("from a.b import c as d\nx.y = z\nfor k in range(n):\n    f[k] = g(k)\nlog.add(w)")
    assert makes == {"d", "x", "k", "f", "log"}
    assert asks == {"x", "z", "range", "n", "f", "k", "g", "log", "w"}

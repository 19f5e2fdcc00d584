"""From a lesson's text to its notebook, before anything is run."""

import jupytext
import nbformat
from nbformat import NotebookNode, v4

from tools.course import Chapter, chapters, table

FIRST_CELL = """\
import matplotlib.pyplot as plt
import numpy as np

from course_utils.notebook import explain_missing_names, show
from course_utils.plots import use_style

use_style()
explain_missing_names()"""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def navigation(chapter: Chapter) -> str:
    """One line of links: the written chapters before and after this one, and the way home.

    They stay inside `notebooks/`, so they work wherever JupyterLab was started."""
    first, *rest = written = [c for c in chapters(chapter.root) if c.written]
    before = [c for c in rest if c.number < chapter.number][-1:]
    after = [c for c in written if c.number > chapter.number][:1]
    links = [f"[← {c.number:02} {c.title}]({c.notebook.name})" for c in before]
    links += [f"[{first.number:02} {first.title}]({first.notebook.name})"] * (chapter != first)
    links += [f"[{c.number:02} {c.title} →]({c.notebook.name})" for c in after]
    return " · ".join(links)


def footer(chapter: Chapter) -> str:
    """The last cell: the links again, so that nobody has to scroll back; in the first chapter the list of all."""
    course = chapters(chapter.root)
    return f"---\n{navigation(chapter)}" if chapter.number else f"## The chapters\n\n{table(course, folder='')}"


def header(chapter: Chapter) -> str:
    """The first cell: where we are, the title, and what the next minutes bring."""
    return f"""{navigation(chapter)}

# {chapter.number:02} · {chapter.title}

**You'll build** {chapter.build}

**You'll see** {chapter.see}

**You'll need** {chapter.need} About {chapter.minutes} minutes."""


def assemble(chapter: Chapter) -> NotebookNode:
    """The notebook of a lesson before it is run: header, common first code cell, the lesson, links again."""
    lesson = jupytext.reads(chapter.lesson.read_text(encoding="utf-8"), fmt="md:myst").cells
    start = [v4.new_markdown_cell(header(chapter)), v4.new_code_cell(FIRST_CELL)]
    cells = [*start, *lesson, v4.new_markdown_cell(footer(chapter))]
    for i, cell in enumerate(cells):
        cell.id = f"{chapter.slug.replace('_', '-')}-{i:03}"
    return v4.new_notebook(cells=cells, metadata=nbformat.from_dict(METADATA))


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def same_code(a: NotebookNode, b: NotebookNode) -> bool:
    """Whether two notebooks run the same code, so that the outputs of one are the outputs of the other."""
    return [(c.source, c.metadata) for c in code_cells(a)] == [(c.source, c.metadata) for c in code_cells(b)]


def take_outputs(notebook: NotebookNode, earlier: NotebookNode) -> None:
    """Copy the outputs of `earlier`, whose code is the same, so that a changed link needs no second run."""
    for cell, before in zip(code_cells(notebook), code_cells(earlier), strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count

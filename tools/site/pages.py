"""From the committed notebooks to what Sphinx reads. Nothing is run: the outputs are those that the tests compare."""

import shutil
from pathlib import Path
from string import Template

import nbformat
from nbformat import NotebookNode

from tools.course import ROOT, Chapter, chapters
from tools.lesson import FIRST_CELL, footer, navigation

HERE = Path(__file__).parent
TAB = "lite/lab/index.html?path="
"""Where a chapter runs, as seen from a page."""


def write_pages(folder: Path, root: Path = ROOT) -> None:
    """Put the sources of all pages into `folder`."""
    course = chapters(root)
    written = [c for c in course if c.written]
    for chapter in written:
        nbformat.write(page(chapter), folder / chapter.notebook.name)
    front = Template((HERE / "index.md").read_text("utf-8"))
    contents = {"chapters": listed(course), "pages": "\n".join(c.name for c in written), "tab": TAB}
    (folder / "index.md").write_text(front.substitute(contents), "utf-8")
    shutil.copy(root / "NOTATION.md", folder / "notation.md")
    shutil.copytree(root / "lessons" / "pictures", folder / "pictures")


def listed(course: list[Chapter]) -> str:
    """The list of chapters on the front page; those without a lesson yet are named as planned."""
    return "\n".join(
        f"- {c.number:02} {f'[{c.title}]({c.notebook.name})' if c.written else f'{c.title} *(planned)*'} "
        f"[{c.minutes} minutes]{{.minutes}}\n\n  You build {c.build}"
        for c in course
    )


def page(chapter: Chapter) -> NotebookNode:
    """The notebook of a chapter without its own links, which the theme has too, and with one that runs it."""
    notebook = nbformat.read(chapter.notebook, 4)
    head, *cells = notebook.cells
    title, line, rest = head.source.removeprefix(navigation(chapter)).strip().partition("\n")
    head.source = f"{title}\n\n{run_link(chapter)}{line}{rest}"
    if chapter.number and cells[-1].source == footer(chapter):
        cells.pop()
    for cell in cells:
        if cell.source == FIRST_CELL:
            cell.metadata.tags = ["hide-input"]  # the same in all chapters
        for output in cell.get("outputs", ()):
            if (alt := output.get("metadata", {}).get("image/png", {}).get("alt")) is not None:
                cell.metadata.mystnb = {"image": {"alt": alt}}
    notebook.cells = [head, *cells]
    return notebook


def run_link(chapter: Chapter) -> str:
    """Opens the chapter in a tab of its own, where it can be run."""
    return f'<a class="run" href="{TAB}{chapter.notebook.name}" target="_blank">Run in the browser</a>\n'

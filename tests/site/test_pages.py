"""The sources of the pages: the committed notebooks, with what a page has in another way left out."""

import re

import nbformat
import pytest

from tools.course import chapters
from tools.lesson import FIRST_CELL, navigation
from tools.site.pages import TAB, listed, page, write_pages

WRITTEN = [chapter for chapter in chapters() if chapter.written]


@pytest.mark.parametrize("chapter", WRITTEN, ids=lambda chapter: chapter.name)
def test_a_page_is_the_notebook_with_a_link_that_runs_it(chapter):
    shown, built = page(chapter), nbformat.read(chapter.notebook, 4)
    head = shown.cells[0].source
    assert head.startswith(f"# {chapter.number:02} · {chapter.title}\n")
    assert f'href="{TAB}{chapter.notebook.name}"' in head
    assert "**You'll build**" in head
    assert navigation(chapter) not in head + shown.cells[-1].source, "the theme has its own"
    code = [cell for cell in shown.cells if cell.cell_type == "code"]
    theirs = [cell for cell in built.cells if cell.cell_type == "code"]
    assert [(c.source, c.outputs) for c in code] == [(c.source, c.outputs) for c in theirs]
    folded = [cell.source for cell in code if "hide-input" in cell.metadata.get("tags", ())]
    assert folded == [FIRST_CELL]


@pytest.mark.parametrize("chapter", WRITTEN, ids=lambda chapter: chapter.name)
def test_pictures_keep_their_alt_text(chapter):
    for cell in page(chapter).cells:
        texts = {
            o.metadata["image/png"]["alt"]
            for o in cell.get("outputs", ())
            if "alt" in o.get("metadata", {}).get("image/png", {})
        }
        if texts:
            assert cell.metadata.mystnb["image"]["alt"] in texts


def test_the_front_page_lists_all_chapters(tmp_path):
    write_pages(tmp_path)
    front = (tmp_path / "index.md").read_text("utf-8")
    assert listed(chapters()) in front
    assert not re.search(r"\$\{?\w", front), "every place is filled"
    for chapter in WRITTEN:
        assert f"]({chapter.notebook.name})" in front
        assert f"\n{chapter.name}\n" in front, "it is in the table of contents"
        assert (tmp_path / chapter.notebook.name).exists()
    assert front.count("*(planned)*") == len(chapters()) - len(WRITTEN)
    assert (tmp_path / "notation.md").exists()
    assert (tmp_path / "pictures" / "lstm_cell.gif").exists()

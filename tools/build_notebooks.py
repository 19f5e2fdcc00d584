"""Build `notebooks/NN_slug.ipynb` from `lessons/NN_slug.md`: executed, and the same bytes every time.

python -m tools.build_notebooks            all written chapters
python -m tools.build_notebooks 01 03      only these; links in the others are brought up to date as well
python -m tools.build_notebooks --check    writes nothing, fails if a rebuild would change a file

A notebook that somebody has saved in an editor goes to my_notebooks/ before it is written anew.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from course_utils.saving import replacing
from tools.course import ROOT, Chapter, chapters, with_table
from tools.lesson import METADATA, assemble, code_cells, same_code, take_outputs
from tools.package_map import generated
from tools.rescue import rescue

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # holds a model id that is new in every run
PROGRESS = re.compile(r"\s*([^|]*\d+%\|.*\| *\d.*\[.*\].*|.*\d+it \[.*\].*)?\s*")  # how tqdm draws itself in text


def tidy(output: NotebookNode, where: str) -> NotebookNode | None:
    """`output` without what differs from run to run, or None if nothing is left of it.

    Raises RuntimeError if a cell wrote anything but a progress bar to stderr: a warning in a lesson is a defect."""
    if output.output_type == "stream" and output.name == "stderr":
        if all(PROGRESS.fullmatch(line) for line in re.split(r"[\r\n]", output.text)):
            return None
        raise RuntimeError(f"{where} wrote to stderr; change the lesson so that it does not warn:\n{output.text}")
    if output.output_type == "error":  # wanted (tagged raises-exception); the traceback holds paths of this machine
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if "data" in output and output.data.pop(WIDGET_VIEW, None) and not output.data:
        return None
    return output


def run(notebook: NotebookNode, where: str, folder: Path) -> None:
    """Execute `notebook` in place with `folder` as its working directory.

    Raises CellExecutionError if a cell fails that is not tagged `raises-exception`."""
    folder.mkdir(exist_ok=True)
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    ).execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in code_cells(notebook):
        tidied = [tidy(output, f"{where}, cell {cell.id}") for output in cell.outputs]
        cell.outputs = [output for output in tidied if output is not None]


def rebuilt(chosen: list[Chapter], root: Path) -> Iterator[tuple[Path, str]]:
    """Each generated file with its new text: chapters that are `chosen` are run, others only get new links."""
    course = chapters(root)
    for chapter in (c for c in course if c.written):
        notebook = assemble(chapter)
        if chapter in chosen:
            run(notebook, chapter.lesson.name, chapter.notebook.parent)
        elif chapter.notebook.exists() and same_code(notebook, old := nbformat.read(chapter.notebook, 4)):
            take_outputs(notebook, old)
        else:
            continue  # its code has changed: it waits for its own build
        yield chapter.notebook, nbformat.writes(notebook) + "\n"
    if (readme := root / "README.md").exists():
        yield readme, with_table(readme.read_text(encoding="utf-8"), course)
    yield from generated(course, root)


def build(names: list[str], root: Path = ROOT, check: bool = False) -> list[Path]:
    """Build the chapters called `names` ("01" or "01_preprocessing"; none means all); the files that changed."""
    written = {c.name: c for c in chapters(root) if c.written}
    chosen = [c for c in written.values() if not names or c.name in names or c.name[:2] in names]
    if unknown := [n for n in names if not any(n in (c.name, c.name[:2]) for c in chosen)]:
        raise ValueError(f"build_notebooks: no lesson called {unknown}; there are {list(written)}")
    changed = []
    for path, text in rebuilt(chosen, root):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(path)
            print(f"{'would change' if check else 'wrote'} {path.relative_to(root)}", flush=True)
            if not check:
                if copy := rescue(path, METADATA, root):
                    print(
                        f"{path.relative_to(root)} had been saved in an editor: it is in {copy.relative_to(root)} now"
                    )
                with replacing(path) as file:
                    file.write(text.encode())
    return changed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapters", nargs="*", metavar="NN")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    sys.exit(bool(build(arguments.chapters, check=arguments.check)) and arguments.check)

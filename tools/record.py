"""Record the trainings that would take more than a minute in a browser, so that a chapter shows them there at once.

python -m tools.record            all written chapters, some minutes
python -m tools.record 05 08      only these

Runs a chapter's cells and writes what `train.fit` led to into course_utils/recorded/; see `course_utils.recordings`. Of a
cell whose trainings together take less than a minute there, nothing is recorded.
"""

import argparse
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
from IPython.core.interactiveshell import InteractiveShell

from course_utils import recordings, train
from course_utils.recordings import SLOWER, recording
from course_utils.tree import Array
from tools.course import Chapter, chapters
from tools.lesson import assemble, code_cells

MINUTE, SHORT = 60, 2
"""Seconds in a browser: of a cell from which on its trainings are recorded, and of trainings that are not worth a file."""


def long_trainings(chapter: Chapter) -> Iterator[tuple[str, dict[str, Array]]]:
    """Names and arrays of the trainings to record. Raises RuntimeError for a cell that fails."""
    shell, own = InteractiveShell.instance(), train.fit
    found: list[tuple[str, dict[str, Array]]] = []
    train.fit = recording(own, time.perf_counter, lambda *kept: found.append(kept))
    try:
        for cell in code_cells(assemble(chapter)):
            found.clear()
            result = shell.run_cell(cell.source)
            if not result.success and "raises-exception" not in cell.metadata.get("tags", ()):
                raise RuntimeError(
                    f"{chapter.name}, cell {cell.id}: {result.error_in_exec or result.error_before_exec!r}"
                )
            seconds = [SLOWER * float(arrays["seconds"]) for _, arrays in found]
            if sum(seconds) >= MINUTE:
                yield from (kept for kept, took in zip(found, seconds, strict=True) if took >= SHORT)
    finally:
        train.fit = own


def record(chapter: Chapter, folder: Path = recordings.FOLDER) -> int:
    """Write a chapter's recordings anew; returns the bytes that they take."""
    kept = list(long_trainings(chapter))
    shutil.rmtree(folder / chapter.name, ignore_errors=True)
    for name, arrays in kept:
        recordings.write(folder / chapter.name, name, arrays)
    return sum(path.stat().st_size for path in folder.glob(f"{chapter.name}/*.npz"))


def main() -> None:
    """Record the chapters that the command line names, each without the names that the one before has made."""
    written = {f"{chapter.number:02}": chapter for chapter in chapters() if chapter.written}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*", metavar="NN", choices=[*written, []])
    mpl.use("agg")
    for number in parser.parse_args().numbers or written:
        InteractiveShell.instance().reset(new_session=True)
        print(f"{written[number].name}: {record(written[number]) / 1e6:.2f} MB", flush=True)


if __name__ == "__main__":
    main()

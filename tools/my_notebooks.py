"""A learner's own copy of the chapters: an update can neither take their work away nor be stopped by it.

    python -m tools.my_notebooks      brings my_notebooks/ up to date; `make course` does so every time

A chapter that is missing is copied. One in which nothing was made (its cells are those of the original that it came
from, whatever their outputs) gives way to a newer original; it moves to `my_notebooks/.replaced/`.
One in which something was made stays, and the newer original is put beside it, as `04_rnn (new).ipynb`. So does whatever
cannot be judged: damaged or read-only files, links, folders. What is edited in `notebooks/` itself is copied, too.
Needs nothing but Python.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VIEW = {"ExecuteTime", "collapsed", "execution", "jupyter", "scrolled", "trusted", "vscode"}
"""Metadata of a cell that running or looking at it changes."""
NOTHING = (None, True, "", [], {}, {"slide_type": ""})
"""Metadata that JupyterLab adds of its own accord have these values."""


def made(data: bytes) -> str | None:
    """A hash of what a person makes in a notebook: the cells that are not blank, without outputs. None if it is no notebook."""
    try:
        cells = [_made(cell) for cell in json.loads(data)["cells"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    written = [cell for cell in cells if cell["source"].strip() or cell["attachments"]]  # Shift+Enter adds a blank one
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()


def _made(cell: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": cell["cell_type"],
        "source": "".join(cell["source"]),
        "attachments": cell.get("attachments") or {},
        "metadata": {
            key: value for key, value in cell.get("metadata", {}).items() if key not in VIEW and value not in NOTHING
        },
    }


def made_in(path: Path) -> str | None:
    """`made` of a file; None, too, for what is not simply a file that may be replaced: a folder, a link, a read-only one."""
    try:
        simple = path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o200
        return made(path.read_bytes()) if simple else None
    except OSError:
        return None


class Record:
    """From which original each file of the folder came: `made` of it, by the file's name. Damaged, it is empty."""

    def __init__(self, path: Path) -> None:
        self.path, self.came_from = path, dict[str, str]()
        try:
            read = json.loads(path.read_bytes())
            self.came_from = {name: str(value) for name, value in read.items()}
        except (OSError, ValueError, AttributeError, RecursionError):
            pass

    def save(self) -> None:
        """Whole or not at all."""
        with NamedTemporaryFile("w", dir=self.path.parent, suffix=".part", delete=False, encoding="utf-8") as file:
            json.dump(self.came_from, file, indent=1, sort_keys=True)
        try:
            os.replace(file.name, self.path)
        except OSError:
            os.unlink(file.name)
            raise


def create(path: Path, data: bytes) -> None:
    """Write a file that is not there yet. FileExistsError if there is anything of this name."""
    file = open(path, "xb")  # noqa: SIM115, what follows must not happen to the file of somebody else
    try:
        with file:
            file.write(data)
    except BaseException:
        path.unlink()
        raise


def beside(path: Path, label: str, data: bytes, record: Record) -> Path | None:
    """Put `data` next to `path` under a name of its own, such as "04_rnn (new).ipynb"; None if it is there already.

    An older one in which nothing was made gives way; any other file stays, and the next number is taken."""
    for name in numbered(path, label):
        found = made_in(name)
        if found == made(data) is not None:
            return None
        free = not os.path.lexists(name) or (found is not None and found == record.came_from.get(name.name))
        if free and replaced(name, data, record):
            return name
    raise AssertionError("numbers do not end")


def numbered(path: Path, label: str) -> Iterator[Path]:
    """ "04_rnn (new).ipynb", "04_rnn (new 2).ipynb", ..."""
    for number in count(1):
        yield path.with_name(f"{path.stem} ({label}{f' {number}' if number > 1 else ''}){path.suffix}")


def replaced(path: Path, data: bytes, record: Record) -> bool:
    """Put `data` at `path`, where nothing is or a file in which nothing was made; False if that is no longer so.

    What was there is moved away before it is judged, and nothing is written over: a notebook that is open may be saved
    at any moment."""
    old = None
    if os.path.lexists(path):
        attic = path.parent / ".replaced"
        attic.mkdir(exist_ok=True)
        old = next(place for place in numbered(attic / path.name, "old") if not os.path.lexists(place))
        os.rename(path, old)
        if made_in(old) != record.came_from.get(path.name):
            create(path, old.read_bytes())
            return False
    try:
        create(path, data)
    except FileExistsError:
        return False
    except BaseException:  # a full disk, an interruption
        if old is not None:
            os.rename(old, path)
        raise
    record.came_from[path.name] = made(data) or ""
    return True


def updated(own: Path, data: bytes, record: Record) -> str | None:
    """Bring one chapter up to date with its original; a sentence if a person has to know."""
    new, mine = made(data), made_in(own)
    if new is None:
        return f"notebooks/{own.name} is damaged; `git checkout notebooks/{own.name}` brings it back."
    came_from = record.came_from.get(own.name)
    nothing_made = mine is not None and mine == came_from
    if mine == new:
        record.came_from[own.name] = new
    elif (nothing_made or not os.path.lexists(own)) and replaced(own, data, record):
        return f"{own.name} has a newer version, and you had changed nothing in it: it was replaced." if mine else None
    elif came_from != new:
        name = beside(own, "new", data, record)
        record.came_from[own.name] = new  # so much for this version: from now on only the next one is told
        if name is not None:
            return f"{own.name} has a newer version: yours stays as it is, the new one is beside it, {name.name!r}."
    return None


def rescue(path: Path, root: Path = ROOT) -> Path | None:
    """Copy a file of `notebooks/` that is about to be written anew; None if the folder has one with the same cells."""
    folder = root / "my_notebooks"
    folder.mkdir(exist_ok=True)
    return beside(folder / path.name, "from notebooks", path.read_bytes(), Record(folder / ".originals.json"))


def edited(root: Path) -> Iterator[tuple[str, bytes, bytes]]:
    """Of each chapter that was changed in `notebooks/` itself: its name, the file, and what git has. Nothing without git."""
    listed = git(root, "diff", "--name-only", "-z", "--relative", "HEAD", "--", ":(glob)notebooks/*.ipynb")
    for name in filter(None, listed.decode(errors="surrogateescape").split("\0")):
        path, committed = root / name, git(root, "show", f"HEAD:./{name}")
        if path.is_file() and committed:
            yield path.name, path.read_bytes(), committed


def git(root: Path, *command: str) -> bytes:
    """What git prints, or nothing if it fails or there is none."""
    try:
        return subprocess.run(["git", *command], cwd=root, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return b""


def update(root: Path = ROOT) -> list[str]:
    """Bring `my_notebooks/` up to date, and return what to tell. Raises OSError if there can be no such folder."""
    folder, said = root / "my_notebooks", list[str]()
    folder.mkdir(exist_ok=True)
    record = Record(folder / ".originals.json")
    originals = {path.name: path.read_bytes() for path in sorted((root / "notebooks").glob("*.ipynb"))}
    changed = list(edited(root))
    for name, theirs, committed in changed:
        originals[name] = committed
        own, here = folder / name, f"notebooks/{name}"
        if made(theirs) in (None, made(committed), made_in(own), record.came_from.get(here)):
            continue
        if not os.path.lexists(own):
            create(own, theirs)
            record.came_from[name], copy = made(committed) or "", own
        else:
            copy = beside(own, "from notebooks", theirs, record) or own
        record.came_from[here] = made(theirs) or ""
        said.append(f"{here} has changes of yours: they are in my_notebooks/{copy.name} now, work on there.")
    if changed:
        said.append(
            f"git cannot update what is changed in notebooks/ ({', '.join(name for name, *_ in changed)}). "
            "If it refuses to pull: `git stash` (which keeps your changes), then `git pull`."
        )
    for name, data in originals.items():
        try:
            sentence = updated(folder / name, data, record)
        except OSError as error:
            sentence = f"{name} could not be brought up to date and is as it was: {error}"
        said += [sentence] if sentence else []
    record.save()
    return said


if __name__ == "__main__":
    try:
        for sentence in update():
            print(sentence)
    except OSError as error:
        sys.exit(f"my_notebooks/ could not be brought up to date: {error}")

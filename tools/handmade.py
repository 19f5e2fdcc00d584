"""What a person has made in a notebook, as against what running it or looking at it changes; and where it came from."""

import hashlib
import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

VIEW = {"ExecuteTime", "collapsed", "execution", "jupyter", "scrolled", "trusted", "vscode"}
"""Metadata of a cell that running or looking at it changes."""
NOTHING = (None, True, "", [], {}, {"slide_type": ""})
"""Metadata that JupyterLab adds of its own accord have these values."""


def made(data: bytes) -> str | None:
    """A hash of the cells that are not blank, without their outputs. None if `data` is no notebook."""
    try:
        cells = [_made(cell) for cell in json.loads(data)["cells"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    written = [cell for cell in cells if cell["source"].strip() or cell["attachments"]]  # Shift+Enter adds a blank one
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()


def _made(cell: dict[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in cell.get("metadata", {}).items() if key not in VIEW and value not in NOTHING}
    return {
        "type": cell["cell_type"],
        "source": "".join(cell["source"]),
        "attachments": cell.get("attachments") or {},
        "metadata": said,
    }


def made_in(path: Path) -> str | None:
    """`made` of a file; None, too, for what is not simply a file that may be replaced: a folder, a link, a read-only one."""
    try:
        simple = path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o200
        return made(path.read_bytes()) if simple else None
    except OSError:
        return None


def saved_in_an_editor(path: Path, ours: dict[str, Any]) -> bool:
    """Whether a notebook has not the metadata that we write: every editor adds the version of its kernel, if no more."""
    if path.suffix != ".ipynb" or not path.exists():
        return False
    try:
        return bool(json.loads(path.read_bytes())["metadata"] != ours)
    except (ValueError, TypeError, KeyError):
        return True


class Record:
    """From which original each file of a folder came: `made` of it, by the file's name. Damaged, it is empty."""

    def __init__(self, folder: Path) -> None:
        self.path, self.came_from = folder / ".originals.json", dict[str, str]()
        try:
            read = json.loads(self.path.read_bytes())
            self.came_from = {name: str(value) for name, value in read.items()}
        except (OSError, ValueError, AttributeError, RecursionError):
            pass

    def says_untouched(self, path: Path) -> bool:
        """Whether nothing was made in this file since it was put here."""
        return (found := made_in(path)) is not None and found == self.came_from.get(path.name)

    def save(self) -> None:
        """Whole or not at all."""
        with NamedTemporaryFile("w", dir=self.path.parent, suffix=".part", delete=False, encoding="utf-8") as file:
            json.dump(self.came_from, file, indent=1, sort_keys=True)
        try:
            os.replace(file.name, self.path)
        except OSError:
            os.unlink(file.name)
            raise

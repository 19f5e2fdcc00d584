"""What somebody saved in `notebooks/`, copied before our own tools write there."""

from pathlib import Path
from typing import Any

from tools.beside import beside
from tools.handmade import Record, saved_in_an_editor

ROOT = Path(__file__).resolve().parent.parent


def rescue(path: Path, ours: dict[str, Any], root: Path = ROOT) -> Path | None:
    """Copy a file of `notebooks/` that is about to be written anew, if it was saved in an editor.

    ours: the metadata of notebooks that we write. None if nothing was copied."""
    if not saved_in_an_editor(path, ours):
        return None
    folder = root / "my_notebooks"
    folder.mkdir(exist_ok=True)
    return beside(folder / path.name, "from notebooks", path.read_bytes(), Record(folder))

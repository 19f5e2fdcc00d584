"""Putting notebooks into a folder that somebody works in: nothing of theirs is written over or deleted."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tools.handmade import Record, made, made_in


def create(path: Path, data: bytes) -> None:
    """Write a file that is not there yet. FileExistsError if there is anything of this name."""
    file = open(path, "xb")  # noqa: SIM115, what follows must not happen to the file of somebody else
    try:
        with file:
            file.write(data)
    except BaseException:
        path.unlink()
        raise


def numbered(path: Path, label: str) -> Iterator[Path]:
    """ "05_rnn (new).ipynb", "05_rnn (new 2).ipynb", ..."""
    for number in count(1):
        yield path.with_name(f"{path.stem} ({label}{f' {number}' if number > 1 else ''}){path.suffix}")


def beside(path: Path, label: str, data: bytes, record: Record) -> Path | None:
    """Put `data` next to `path` under a name of its own, such as "05_rnn (new).ipynb"; None if it is there already.

    An older one in which nothing was made gives way; any other file stays, and the next number is taken."""
    for name in numbered(path, label):
        if made_in(name) == made(data) is not None:
            return None
        if (not os.path.lexists(name) or record.says_untouched(name)) and replaced(name, data, record):
            return name
    raise AssertionError("numbers do not end")


def put_away(path: Path) -> Path:
    """Move a file to `.replaced/`, and say where it is now."""
    attic = path.parent / ".replaced"
    attic.mkdir(exist_ok=True)
    old = next(place for place in numbered(attic / path.name, "old") if not os.path.lexists(place))
    os.rename(path, old)
    return old


def replaced(path: Path, data: bytes, record: Record) -> bool:
    """Put `data` at `path`, where nothing is or a file in which nothing was made; False if that is no longer so.

    What was there is moved to `.replaced/` before it is judged again: a notebook that is open may be saved at any moment.
    """
    old = None
    if os.path.lexists(path):
        old = put_away(path)
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

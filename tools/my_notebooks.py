"""A learner's own copy of the chapters: an update can neither take their work away nor be stopped by it.

    python -m tools.my_notebooks      brings my_notebooks/ up to date; `make course` does so every time

A chapter that is missing is copied. One in which nothing was made (its cells are those of the original that it came
from, whatever their outputs) gives way to a newer original; it moves to `my_notebooks/.replaced/`.
One in which something was made stays, and the newer original is put beside it, as `05_rnn (new).ipynb`. So does whatever
cannot be judged: damaged or read-only files, links, folders. What is edited in `notebooks/` itself is copied, too.
Needs nothing but Python.
"""

import os
import re
import sys
from pathlib import Path

from tools.beside import beside, create, put_away, replaced
from tools.edited import edited
from tools.handmade import Record, made, made_in

CHAPTER = re.compile(r"\d\d_\w+\.ipynb")
ROOT = Path(__file__).resolve().parent.parent


def updated(own: Path, data: bytes, record: Record) -> str | None:
    """Bring one chapter up to date with its original; a sentence if a person has to know."""
    new, mine = made(data), made_in(own)
    if new is None:
        return f"notebooks/{own.name} is damaged; `git checkout notebooks/{own.name}` brings it back."
    told = record.came_from.get(own.name) == new
    if mine == new:
        record.came_from[own.name] = new
    elif not os.path.lexists(own) and replaced(own, data, record):
        return None
    elif record.says_untouched(own) and replaced(own, data, record):
        return (
            f"{own.name}, in which you had changed nothing, was replaced by a newer one; the old file is in .replaced/."
        )
    elif not told:
        name = beside(own, "new", data, record)
        record.came_from[own.name] = new  # so much for this version: from now on only the next one is told
        if name is not None:
            return f"{own.name} has a newer version: yours stays as it is, the new one is beside it, {name.name!r}."
    return None


def left(own: Path, record: Record) -> str:
    """What becomes of a chapter that the course no longer has under this name; a sentence about it."""
    untouched = record.says_untouched(own)
    if untouched:
        put_away(own)
    del record.came_from[own.name]
    said = "you had changed nothing in it: it is in .replaced/ now." if untouched else "yours stays as it is."
    return f"{own.name} is no longer a chapter of that name (its number may be another one); {said}"


def taken_over(own: Path, theirs: bytes, committed: bytes, record: Record) -> str | None:
    """Copy what was edited in `notebooks/`, once; a sentence that says where it is now."""
    here, text = f"notebooks/{own.name}", made(theirs)
    if text in (None, made(committed), made_in(own), record.came_from.get(here)):
        return None
    if os.path.lexists(own):
        copy = beside(own, "from notebooks", theirs, record) or own
    else:
        create(own, theirs)
        record.came_from[own.name], copy = made(committed) or "", own
    record.came_from[here] = text or ""
    return f"{here} has changes of yours: they are in my_notebooks/{copy.name} now, work on there."


def update(root: Path = ROOT) -> list[str]:
    """Bring `my_notebooks/` up to date, and return what to tell. Raises OSError if there can be no such folder."""
    folder, said = root / "my_notebooks", list[str | None]()
    if not folder.exists():
        said.append(f"Your own copy of the chapters, in which you work, is {folder}.")
    folder.mkdir(exist_ok=True)
    record = Record(folder)
    originals = {path.name: path.read_bytes() for path in sorted((root / "notebooks").glob("*.ipynb"))}
    for name, theirs, committed in (changed := list(edited(root))):
        originals[name] = committed
        said.append(taken_over(folder / name, theirs, committed, record))
    if changed:
        said.append(
            f"git cannot update what is changed in notebooks/ ({', '.join(name for name, *_ in changed)}). "
            "If it refuses to pull: `git stash` (which keeps your changes), then `git pull`."
        )
    for name, data in originals.items():
        try:
            said.append(updated(folder / name, data, record))
        except OSError as error:
            said.append(f"{name} could not be brought up to date and is as it was: {error}")
    gone = (set(filter(CHAPTER.fullmatch, record.came_from)) - set(originals)) if originals else ()
    said += [left(folder / name, record) for name in sorted(gone) if os.path.lexists(folder / name)]
    record.save()
    return [sentence for sentence in said if sentence]


if __name__ == "__main__":
    try:
        print("".join(f"{sentence}\n" for sentence in update()), end="")
    except OSError as problem:
        sys.exit(f"my_notebooks/ could not be brought up to date: {problem}")

"""The one list of chapters, `lessons/course.toml`, and everything that is generated from it.

A chapter counts as written once its lesson file exists; nobody keeps a status by hand.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.experiments import learning_curves, opinions
from course_utils.experiments.results import load_results

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"


@dataclass(frozen=True)
class Chapter:
    """One chapter as `course.toml` lists it: what it is called, how long it takes, what it asks for and gives."""

    number: int
    slug: str
    title: str
    minutes: int
    build: str
    see: str
    need: str
    root: Path = ROOT

    @property
    def name(self) -> str:
        return f"{self.number:02}_{self.slug}"

    @property
    def lesson(self) -> Path:
        return self.root / "lessons" / f"{self.name}.md"

    @property
    def notebook(self) -> Path:
        return self.root / "notebooks" / f"{self.name}.ipynb"

    @property
    def written(self) -> bool:
        return self.lesson.exists()


def chapters(root: Path = ROOT) -> list[Chapter]:
    """All chapters in the order of `course.toml`, planned ones too."""
    table = tomllib.loads((root / "lessons" / "course.toml").read_text(encoding="utf-8"))
    return [Chapter(**entry, root=root) for entry in table["chapter"]]


def table(course: list[Chapter], folder: str = "notebooks/") -> str:
    """The table of chapters, with links into `folder`; those without a lesson yet are named as planned."""
    rows = ["| | chapter | you build | minutes |", "|--:|---|---|--:|"]
    for c in course:
        title = f"[{c.title}]({folder}{c.notebook.name})" if c.written else f"{c.title} *(planned)*"
        rows.append(f"| {c.number:02} | {title} | {c.build.rstrip('.')} | {c.minutes} |")
    return "\n".join(rows)


def with_table(readme: str, course: list[Chapter]) -> str:
    """`readme` with the table between its two markers made anew. Raises ValueError if a marker is missing."""
    return _marked(readme, "chapters", table(course))


def with_scoreboard(readme: str, curves: Sequence[learning_curves.Point], readers: Sequence[Mapping[str, Any]]) -> str:
    """`readme` with the tables of the scoreboard made anew. Raises ValueError if a marker is missing."""
    main = [point for point in curves if "transformer," not in point.model]  # without the variants of chapter 15
    return _marked(readme, "scoreboard", f"{learning_curves.markdown(main)}\n\n{opinions.markdown(readers)}")


def renew_scoreboard() -> None:
    """Write the tables of the scoreboard in README.md anew, from the results that are there."""
    curves = learning_curves.points(load_results("learning_curves")["runs"])
    page = with_scoreboard(README.read_text("utf-8"), curves, load_results("opinions")["runs"])
    README.write_text(page, "utf-8")


def between(text: str, begin: str, end: str, content: str) -> str:
    """`text` with `content` between the first line `begin` and the next line `end`.

    Raises ValueError if one is missing, so that what is generated cannot silently stop being kept."""
    before, found, rest = text.partition(f"\n{begin}\n")
    _, closed, after = rest.partition(f"\n{end}\n")
    if not (found and closed):
        raise ValueError(f"between: wanted the lines {begin!r} and {end!r} around what is generated")
    return f"{before}\n{begin}\n{content}\n{end}\n{after}"


def _marked(page: str, name: str, content: str) -> str:
    """`page` with `content` between its comments of this name."""
    return between(page, f"<!-- {name}: begin -->", f"<!-- {name}: end -->", f"\n{content}\n")

"""What the package says of the chapters, made from `lessons/`: the map in its docstring, and whose exercises are where.

`make notebooks` brings both up to date, as it does the table in README.
"""

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

from tools.course import Chapter, between
from tools.lesson import assemble, code_cells

EVERYWHERE = {("plots", "use_style"), ("plots", "palette"), ("notebook", "explain_missing_names"), ("notebook", "show")}
"""What every chapter takes from the package; the docstring names it once, below the table."""


def written(module: str, name: str) -> tuple[str, str]:
    """Of plots the map names the modules; of explorers those whose one function is called like them."""
    package, _, rest = module.partition(".")
    if package == "plots":
        return "plots", rest or name
    if name == f"{rest}_explorer":
        return "explorers", rest
    return (module, name) if module else (name, "")


def taken(chapter: Chapter) -> Iterator[tuple[str, str]]:
    """Every (module, name) of the package that the chapter's cells import, as the map writes it."""
    for cell in code_cells(assemble(chapter)):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course_utils"):
                module = node.module.removeprefix("course_utils").lstrip(".")
                yield from (written(module, alias.name) for alias in node.names)


def package_map(course: list[Chapter]) -> str:
    """The rows of the table: for each chapter the names that it is the first to import."""
    known, rows = set(EVERYWHERE), []
    for chapter in (c for c in course if c.written):
        new: dict[str, list[str]] = {}
        for module, name in taken(chapter):
            if (module, name) not in known:
                known.add((module, name))
                new.setdefault(module, []).append(name)
        order = sorted(new, key=lambda module: (module == "explorers", module == "plots", module))
        parts = [
            f"``{module}`` ({', '.join(new[module])})" if any(new[module]) else f"``{module}``" for module in order
        ]
        filled = textwrap.wrap(" · ".join(parts), 110, break_on_hyphens=False, break_long_words=False)
        rows += [f"{chapter.number:02}       " * (not k) + " " * 9 * bool(k) + line for k, line in enumerate(filled)]
    return "\n".join(rows)


def exercise_modules(course: list[Chapter]) -> str:
    """The lines of the dictionary from a chapter's number to the module that holds its exercises."""
    return "\n".join(f'    "{c.number:02}": "{c.slug}",' for c in course if c.written)


def generated(course: list[Chapter], root: Path) -> Iterator[tuple[Path, str]]:
    """Each file of the package that says something of the chapters, with what it should say."""
    rule = f"=======  {'=' * 109}"
    for path, begin, end, content in (
        (root / "course_utils" / "__init__.py", f"chapter  module (names)\n{rule}", rule, package_map),
        (root / "course_utils" / "exercises" / "__init__.py", "CHAPTERS = {", "}", exercise_modules),
    ):
        if path.exists():
            yield path, between(path.read_text("utf-8"), begin, end, content(course))

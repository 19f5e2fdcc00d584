"""What git knows of changes to the chapters in `notebooks/` itself."""

import subprocess
from collections.abc import Iterator
from pathlib import Path


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

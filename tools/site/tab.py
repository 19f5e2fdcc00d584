"""The chapters in a browser tab: JupyterLite with Pyodide, the course and its data, all files on the site itself.

`import course_utils` in a cell fetches the course and what it needs, because the site's own `pyodide-lock.json` lists them.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import nbformat
import pooch
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.course import ROOT, chapters
from tools.handmade import made
from tools.wasm.files import NATIVE, Files, fetch, needed, wheels

HERE = Path(__file__).parent
KERNEL = (*NATIVE, "jedi", "micropip", "sqlite3", "ssl")
"""What is taken from Pyodide: what the course needs, and what the kernel of JupyterLite adds."""
EXTENSIONS = ("newer", "like_lab", "slider_names")
"""Our own extensions of JupyterLab, folders beside this file."""
CORE = ("pyodide.asm.js", "pyodide.asm.wasm", "pyodide.js", "pyodide.mjs", "python_stdlib.zip")
MACHINE = {"extra": "", "python_version": "3.12", "sys_platform": "emscripten", "platform_system": "Emscripten"}


def build_tab(out: Path, scratch: Path) -> None:
    """Write JupyterLite with the course to `out`; `scratch` is an empty folder for what is made on the way.

    Raises as `tools.wasm.files.fetch` does, and RuntimeError with what JupyterLite printed if it fails.
    """
    files = fetch("browser.txt", native=KERNEL)
    shutil.copytree(HERE / "lite", scratch, dirs_exist_ok=True)
    (scratch / "files").mkdir()
    write_chapters(scratch / "files")
    # these extensions and no others, which may be in this environment by chance
    extensions = [*wheels(HERE / "extensions.txt"), *(HERE / name for name in EXTENSIONS)]
    config = {"federated_extensions": [str(path) for path in extensions], "ignore_sys_prefix": ["federated_extensions"],
              "apps": ["lab"], "no_sourcemaps": True, "no_unused_shared_packages": True}  # fmt: skip
    (scratch / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": config}), "utf-8")
    _run("jupyter", "lite", "build", "--lite-dir", str(scratch), "--output-dir", str(out), cwd=scratch)
    add_icon(out / "lab" / "index.html")
    write_pyodide(out / "static" / "pyodide", files, course_wheel(scratch / "wheel"))


def add_icon(page: Path) -> None:
    """Give the tab the icon of the site; a browser would look for one where the host may belong to others."""
    text, end = page.read_text("utf-8"), "</head>"
    page.write_text(text.replace(end, f'  <link rel="icon" href="../../_static/favicon.svg" />\n  {end}', 1), "utf-8")


def write_chapters(folder: Path, root: Path = ROOT) -> None:
    """The notebooks, each with its name and version in its metadata, which stay with it when a learner saves it."""
    for chapter in chapters(root):
        if chapter.written:
            notebook = nbformat.read(chapter.notebook, 4)
            version = made(chapter.notebook.read_bytes())
            notebook.metadata.course = {"chapter": chapter.notebook.name, "version": version}
            nbformat.write(notebook, folder / chapter.notebook.name)


def course_wheel(folder: Path) -> Path:
    """The course as a wheel; its name holds a hash of it, so that no browser takes an old one out of its cache."""
    _run("hatchling", "build", "--target", "wheel", "--directory", str(folder), cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    name, version, tags = wheel.name.split("-", 2)
    return wheel.rename(folder / f"{name}-{version}-1{pooch.file_hash(str(wheel))[:12]}-{tags}")


def write_pyodide(folder: Path, files: Files, course: Path) -> None:
    """Pyodide and all wheels that the course needs, with a lock that lists exactly these."""
    folder.mkdir(parents=True)
    native, pure = needed(files.core, KERNEL), (*files.pure, course)
    for path in (*(files.core / name for name in CORE), *(files.native / name for name in native), *pure):
        shutil.copy(path, folder)
    lock = json.loads((files.core / "pyodide-lock.json").read_text("utf-8"))
    lock["packages"] = {name: e for name, e in lock["packages"].items() if e["file_name"] in native}
    known = {*lock["packages"], *(distribution(wheel) for wheel in pure)}
    lock["packages"] |= {distribution(wheel): entry(wheel, known) for wheel in pure}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")


def distribution(wheel: Path) -> str:
    """The name of a wheel's package, as the lock writes it."""
    return canonicalize_name(wheel.name.partition("-")[0])


def entry(wheel: Path, known: set[str]) -> dict[str, Any]:
    """What the lock says of a pure wheel. It depends on those of its requirements that are `known` to the lock."""
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        head = archive.read(metadata).decode().partition("\n\n")[0]
    modules = {re.match(r"(\w+)(/__init__)?\.py$", name) for name in names}
    required = [Requirement(line) for line in re.findall(r"^Requires-Dist: (.+)$", head, re.MULTILINE)]
    wanted = {canonicalize_name(r.name) for r in required if r.marker is None or r.marker.evaluate(MACHINE)}
    return {
        "name": distribution(wheel),
        "version": wheel.name.split("-")[1],
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": pooch.file_hash(str(wheel)),
        "package_type": "package",
        "imports": sorted(module[1] for module in modules if module),
        "depends": sorted(wanted & known),
        "unvendored_tests": False,
    }


def _run(module: str, *arguments: str, cwd: Path) -> None:
    ran = subprocess.run([sys.executable, "-m", module, *arguments], cwd=cwd, capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(f"{module} {arguments[0]} failed:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}")

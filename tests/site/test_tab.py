"""What the tab is made of: the lock of Pyodide with the wheels of the course, and chapters that know their version."""

import json
from zipfile import ZipFile

import nbformat
import pytest

from tools.course import chapters
from tools.handmade import made
from tools.site import tab
from tools.site.tab import entry, write_chapters, write_pyodide
from tools.wasm.files import Files, wanted


@pytest.fixture
def wheel(tmp_path):
    path = tmp_path / "a_package-1.2-py3-none-any.whl"
    requires = (
        "numpy>=2",
        "pandas",
        "wanted ; python_version >= '3.12'",
        "old ; python_version < '3.12'",
        "More_Of.it; extra == 'x'",
    )
    with ZipFile(path, "w") as archive:
        archive.writestr("a_package/__init__.py", "")
        archive.writestr("a_package/inner/__init__.py", "")
        archive.writestr("single.py", "")
        head = "".join(f"Requires-Dist: {line}\n" for line in requires)
        archive.writestr("a_package-1.2.dist-info/METADATA", f"Name: a-package\n{head}\nRequires-Dist: prose")
    return path


def test_an_entry_says_what_is_imported_and_what_else_is_needed(wheel):
    found = entry(wheel, {"numpy", "wanted", "old", "more-of-it", "a-package"})
    assert (found["name"], found["version"], found["file_name"]) == ("a-package", "1.2", wheel.name)
    assert found["imports"] == ["a_package", "single"]
    assert found["depends"] == ["numpy", "wanted"], "pandas is not on the site, old and more-of-it are not asked for"


def test_the_lock_lists_what_is_there_and_nothing_else(wheel, tmp_path, monkeypatch):
    monkeypatch.setattr(tab, "KERNEL", ("numpy",))
    core, native = tmp_path / "core", tmp_path / "native"
    for folder in core, native:
        folder.mkdir()
    for name in tab.CORE:
        (core / name).write_text(name)
    names = {"numpy": ["blas"], "blas": [], "pandas": ["numpy"]}
    packages = {n: {"file_name": f"{n}.whl", "sha256": n, "depends": needs} for n, needs in names.items()}
    (core / "pyodide-lock.json").write_text(json.dumps({"info": {"version": "0"}, "packages": packages}))
    for name in names:
        (native / f"{name}.whl").touch()
    write_pyodide(tmp_path / "out", Files(core, native, ()), wheel)
    lock = json.loads((tmp_path / "out" / "pyodide-lock.json").read_text())
    there = {path.name for path in (tmp_path / "out").iterdir()} - {*tab.CORE, "pyodide-lock.json"}
    assert {package["file_name"] for package in lock["packages"].values()} == there
    assert set(lock["packages"]) == {"numpy", "blas", "a-package"}
    assert lock["packages"]["a-package"]["depends"] == ["numpy"]


def test_every_extension_has_its_sha256():
    page = tab.HERE / "extensions.txt"
    lines = [line for line in page.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert len(wanted(page)) == len(lines) == 2
    assert all(len(sha256) == 64 for sha256 in wanted(page).values())


def test_chapters_carry_their_name_and_version(tmp_path):
    write_chapters(tmp_path)
    written = [chapter.notebook for chapter in chapters() if chapter.written]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in written)
    for original in written:
        copy, theirs = nbformat.read(tmp_path / original.name, 4), nbformat.read(original, 4)
        assert copy.metadata.pop("course") == {"chapter": original.name, "version": made(original.read_bytes())}
        assert copy == theirs, "otherwise it is the committed notebook"


@pytest.mark.parametrize("name", tab.EXTENSIONS)
def test_our_extensions_are_found_under_their_names(name):
    package = json.loads((tab.HERE / name / "package.json").read_text("utf-8"))
    script = (tab.HERE / name / package["jupyterlab"]["_build"]["load"]).read_text("utf-8")
    assert f'["{package["name"]}"] = {{' in script, "where JupyterLab looks for it"
    assert script.count("autoStart: true") == 1


def test_the_tab_has_the_icon_of_the_site(tmp_path):
    page = tmp_path / "index.html"
    page.write_text("<html><head><title>x</title></head><body></head></body></html>", "utf-8")
    tab.add_icon(page)
    head, _, rest = page.read_text("utf-8").partition("</head>")
    assert '<link rel="icon" href="../../_static/favicon.svg" />' in head
    assert rest == "<body></head></body></html>", "once"

"""Installing the course into somebody's environment, and taking it away again: nothing that is not its own changes."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from contextlib import suppress
from email.parser import BytesParser
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.course import ROOT

ADVICE = "choose Run > Run All Above Selected Cell"
NAMES = "print(sorted(set(globals()) - {'In', 'Out', '_ih', '_oh', '_dh', '_i', '_ii', '_iii', '_i1'}))"
ADMINISTRATORS = {
    "etc/ipython/ipython_config.py": "c = get_config()\nc.InteractiveShellApp.exec_lines = ['theirs = 1']\n",
    "etc/ipython/startup/00-theirs.py": "also_theirs = 2\n",
    "etc/ipython/startup/README": "Files here run when a kernel starts.\n",
    "etc/ipython/profile_default/ipython_config.py": "# nothing yet\n",
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package as pip gets it, built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (path,) = folder.glob("*.whl")
    return path


class Environment:
    """A virtual environment with an administrator's files in it; ours lends it what a kernel needs while one runs."""

    def __init__(self, home: Path) -> None:
        venv.create(home, symlinks=os.name != "nt")
        self.home = home
        self.python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        for name, text in ADMINISTRATORS.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text, encoding="utf-8")
        self.packages = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))

    def pip(self, *arguments: str | Path) -> None:
        """With pip, or uv where that made our own environment."""
        if find_spec("pip"):
            command = [sys.executable, "-m", "pip", "--python", self.python, *arguments]
            command += ["--yes"] if arguments[0] == "uninstall" else ["--no-deps", "--no-index"]
        else:
            uv = shutil.which("uv") or pytest.skip("there is neither pip nor uv")
            command = [uv, "pip", *arguments, "--python", self.python]
            command += [] if arguments[0] == "uninstall" else ["--no-deps", "--no-index"]
        subprocess.run(command, check=True, capture_output=True)

    def files(self) -> dict[str, bytes]:
        """All that is in it, but for what Python keeps for itself."""
        paths = (path for path in self.home.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(self.home).as_posix(): path.read_bytes() for path in paths}

    def run(self, *cells: str) -> list[str]:
        """What each of these cells shows in a new kernel."""
        spec = self.home / "share" / "jupyter" / "kernels" / "theirs" / "kernel.json"
        spec.parent.mkdir(parents=True, exist_ok=True)
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec.write_text(json.dumps({"argv": argv, "display_name": "theirs", "language": "python"}))
        lent = self.packages / "lent.pth"
        lent.write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
        manager, client = start_new_kernel(kernel_name="theirs", cwd=str(self.home))
        try:
            return [shown(client, cell) for cell in cells]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            lent.unlink()
            shutil.rmtree(self.home / "share" / "jupyter")


def shown(client, cell):
    said = []

    def listen(message):
        content = message["content"]
        said.append(content.get("text") or "\n".join(content.get("traceback", ())))

    client.execute_interactive(cell, output_hook=listen, timeout=60)
    return re.sub(r"\x1b\[[\d;]*m", "", "".join(said))


@pytest.fixture
def environment(tmp_path, monkeypatch):
    environment = Environment(tmp_path / "someone's environment")
    monkeypatch.setenv("JUPYTER_PATH", str(environment.home / "share" / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return environment


def test_an_administrators_files_are_left_alone(environment, wheel):
    before = environment.files()
    assert set(ADMINISTRATORS) <= set(before)
    names, _ = environment.run(NAMES, "np.arange(3)")
    assert "'theirs'" in names
    assert "'also_theirs'" in names

    environment.pip("install", wheel)
    assert {name: environment.files()[name] for name in before} == before
    with_course, error = environment.run(NAMES, "np.arange(3)")
    assert with_course == names, "the start-up file leaves nothing behind and says nothing"
    assert "NameError: name 'np' is not defined" in error
    assert error.count(ADVICE) == 1

    environment.pip("uninstall", "sequence-models-course")
    assert environment.files() == before


def test_what_is_installed_beside_the_package_bears_its_name(wheel):
    """A name that others may use, as `ipython_config.py`, would be overwritten, and deleted with the course."""
    with zipfile.ZipFile(wheel) as archive:
        outside = [
            name for name in archive.namelist() if not name.startswith(("course_utils/", "sequence_models_course-"))
        ]
        beside = [name.partition(".data/data/")[2] for name in archive.namelist() if ".data/" in name]
    assert outside == []
    assert beside == [path.relative_to(ROOT).as_posix() for path in (ROOT / "etc").rglob("*") if path.is_file()]
    assert all("sequence-models-course" in Path(name).name for name in beside)


def test_the_base_install_is_light(wheel):
    """What a kernel needs. A kernel that is there already needs neither JupyterLab nor nbval nor psutil."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        needs = [Requirement(line) for line in BytesParser().parsebytes(archive.read(name)).get_all("Requires-Dist")]
    base = {canonicalize_name(need.name) for need in needs if need.marker is None}
    lab = {canonicalize_name(need.name) for need in needs if need.marker and need.marker.evaluate({"extra": "lab"})}
    assert not base & {"jupyterlab", "nbval", "psutil", "notebook", "ipykernel"}
    assert lab >= {"jupyterlab", "nbval", "psutil"}


def brought_by(needed):
    """Names of all that comes with these: ipywidgets 7 brings a kernel, and that psutil."""
    found, queue = set(), [Requirement(line) for line in needed]
    while queue:
        need = queue.pop()
        name = canonicalize_name(need.name)
        if name not in found and (need.marker is None or need.marker.evaluate({"extra": ""})):
            found.add(name)
            with suppress(PackageNotFoundError):
                queue += map(Requirement, requires(name) or [])
    return found


def test_the_package_needs_nothing_of_the_extras():
    """Every module is imported, and the environment checked, where nothing can be that only an extra brings."""
    extras = {Requirement(line).name for lines in PROJECT["optional-dependencies"].values() for line in lines}
    base = brought_by(PROJECT["dependencies"])
    away = sorted(name.replace("-", "_") for name in extras if canonicalize_name(name) not in base)
    assert {"jupyterlab", "nbval", "torch"} <= set(away)
    code = (
        f"import sys, pkgutil, importlib\nsys.modules |= dict.fromkeys({away})\nimport course_utils\n"
        "for module in pkgutil.walk_packages(course_utils.__path__, 'course_utils.'):\n"
        "    importlib.import_module(module.name)\n"
        "from course_utils.notebook.environment import check_environment\ncheck_environment()\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("✓"), run.stdout

"""JupyterLab and a real browser, started for tests and benchmarks and gone afterwards.

The server listens on a free loopback port with a token, on a folder of copies, and with its own empty configuration, so
that neither a user's settings nor this repository's notebooks can be touched.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

from tools.course import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autofill-server-url=http://127.0.0.1:9/",  # else it would ask its maker what every text field is for
]
SETTINGS: dict[str, dict[str, Any]] = {
    # otherwise cells outside the window do not exist in the page, and their widgets neither
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    # no question about news and no look at the network for a newer version
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address, its token and the folder it serves."""

    address: str
    token: str
    folder: Path

    def url(self, notebook: str) -> str:
        """Address of one notebook of the folder, opened alone (single-document mode)."""
        return f"{self.address}/doc/tree/{notebook}?token={self.token}"


@contextmanager
def jupyter_lab(home: Path, notebooks: Path | None = None, *, patience: float = 90) -> Iterator[Lab]:
    """A JupyterLab whose files all live in the empty folder `home`; it serves `home/notebooks`, a copy of `notebooks`.

    Raises RuntimeError with the end of the server's log if it does not answer within `patience` seconds.
    """
    lab = Lab(f"http://127.0.0.1:{free_port()}", secrets.token_hex(16), home / "notebooks")
    lab.folder.mkdir()
    for notebook in notebooks.glob("*.ipynb") if notebooks else ():
        shutil.copy(notebook, lab.folder)
    for name, values in SETTINGS.items():
        path = home / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    folders = {
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTER_DATA_DIR": "data",
        "IPYTHONDIR": "ipython",
    }
    environment = os.environ | {key: str(home / folder) for key, folder in folders.items()}
    environment.pop("MPLBACKEND", None)  # a test run sets agg, which would keep figures out of the notebooks
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={lab.address.rpartition(':')[2]}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={lab.token}",
        f"--ServerApp.root_dir={lab.folder}",
    ]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_it_answers(lab, server, home / "server.log", patience)
            yield lab
        finally:
            server.terminate()  # the server ends its kernels on the way out
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(lab: Lab, server: "subprocess.Popen[bytes]", log: Path, patience: float) -> None:
    """Return once the server answers; raise RuntimeError if it ends before, or takes longer than `patience` seconds."""
    deadline = time.monotonic() + patience
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(f"{lab.address}/api/status?token={lab.token}", timeout=5):
                return
        except (URLError, TimeoutError):
            time.sleep(0.1)
    end = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"JupyterLab did not answer within {patience:g} s (exit code {server.poll()}):\n{end}")


def browser_path() -> str | None:
    """The Chromium to use: the environment variable CHROMIUM, or what is on the PATH; None if there is none.

    Raises FileNotFoundError if CHROMIUM names a file that is not there.
    """
    if wish := os.environ.get("CHROMIUM"):
        if found := shutil.which(wish):
            return found
        raise FileNotFoundError(f"CHROMIUM: wanted a program, got {wish!r}, which does not exist; correct or unset it")
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def chromium(path: str) -> Iterator["Browser"]:
    """The browser at `path`, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()

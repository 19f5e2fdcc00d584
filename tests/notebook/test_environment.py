"""The environment check says what is missing and how to mend it."""

import sys
from types import SimpleNamespace

import pytest

from course_utils.notebook import environment


@pytest.fixture
def ready(monkeypatch):
    monkeypatch.setattr(environment, "requires", lambda name: ["numpy>=1", 'torch>=99; extra == "parity"'])
    monkeypatch.setitem(
        sys.modules, "psutil", SimpleNamespace(virtual_memory=lambda: SimpleNamespace(available=8 * 2**30))
    )


@pytest.mark.usefixtures("ready")
def test_a_ready_computer(capsys):
    environment.check_environment()
    assert capsys.readouterr().out.startswith("✓")


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("needs", "message"),
    [("numpy>=99", "numpy>=99 is wanted"), ("no-such-package>=1", "no-such-package is missing")],
)
def test_packages(monkeypatch, capsys, needs, message):
    monkeypatch.setattr(environment, "requires", lambda name: [needs])
    environment.check_environment()
    out = capsys.readouterr().out
    assert message in out
    assert "pip install" in out


@pytest.mark.usefixtures("ready")
def test_old_python(monkeypatch, capsys):
    monkeypatch.setattr(environment, "PYTHON", (9, 0))
    environment.check_environment()
    assert "Python 9.0 or newer is wanted" in capsys.readouterr().out


@pytest.mark.usefixtures("ready")
def test_missing_reviews(monkeypatch, capsys):
    def missing():
        raise FileNotFoundError("no reviews")

    monkeypatch.setattr(environment, "load_reviews", missing)
    environment.check_environment()
    assert "cannot be read: no reviews" in capsys.readouterr().out


@pytest.mark.usefixtures("ready")
def test_little_memory(monkeypatch, capsys):
    small = SimpleNamespace(virtual_memory=lambda: SimpleNamespace(available=2**29))
    monkeypatch.setitem(sys.modules, "psutil", small)
    environment.check_environment()
    assert "0.5 GB" in capsys.readouterr().out

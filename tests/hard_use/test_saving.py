"""A save that is killed, that finds no room or no permission, or that meets another one: the old file stays whole."""

import errno
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from course_utils import files
from course_utils.tree import load, save

resource = pytest.importorskip("resource", reason="signals and limits of POSIX")
LIKE = (np.zeros(400_000), np.zeros(3))
SAVE = """
import sys
import numpy as np
from course_utils.tree import save
print("ready", flush=True)
for value in (float(v) for v in sys.argv[2:]):
    save((np.full(400_000, value), np.full(3, value)), sys.argv[1])
"""


def saving(path, *values, **options):
    """A process that saves models full of these values to `path`, one after another."""
    command = [sys.executable, "-c", SAVE, str(path), *map(str, values)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    assert process.stdout.readline() == "ready\n"
    return process


def value_of(path):
    """The one value that a whole model is full of."""
    model = load(path, like=LIKE)
    (value,) = {float(v) for array in model for v in np.unique(array)}
    return value


def test_a_killed_save_leaves_a_whole_file(tmp_path):
    path, survived = tmp_path / "m.npz", []
    save(LIKE, path)
    for milliseconds in (0, 1, 2, 3, 5, 8, 13, 21):
        process = saving(path, *range(1, 1_000))
        time.sleep(milliseconds / 1_000)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        survived.append(value_of(path))
    assert len(set(survived)) > 1, "some of them were killed while they saved"
    left = {p.suffix for p in tmp_path.iterdir()} - {".npz"}
    assert left <= {".part"}, "what they leave behind is never taken for a model"
    save(LIKE, path)
    assert value_of(path) == 0


def test_two_processes_that_save_at_once_leave_one_whole_file(tmp_path):
    path = tmp_path / "m.npz"
    both = [saving(path, *([value] * 40)) for value in (1, 2)]
    seen = set()
    while any(process.poll() is None for process in both):
        if path.exists():
            seen.add(value_of(path))
    for process in both:
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    assert seen | {value_of(path)} <= {1.0, 2.0}
    assert os.listdir(tmp_path) == ["m.npz"]


@pytest.mark.parametrize("size", [0, 50, 100_000, 3_200_000])
def test_a_full_disk_is_named_and_the_old_file_stays(tmp_path, size):
    """A limit on the size of files stands for the disk: the write that goes past it fails, as on a full disk."""
    path = tmp_path / "m.npz"
    save(LIKE, path)

    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    process = saving(path, 1, preexec_fn=little_room)
    last = process.communicate()[1].splitlines()[-1]
    assert last == f"OSError: [Errno 27] could not save {path}: File too large; the file of that name is as it was"
    assert value_of(path) == 0
    assert os.listdir(tmp_path) == ["m.npz"]


@pytest.mark.parametrize("name", ["m.npz", "m.safetensors"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_whatever_the_disk_says_is_passed_on_with_the_name(tmp_path, monkeypatch, name, code):
    save(LIKE, tmp_path / name)
    old = (tmp_path / name).read_bytes()
    monkeypatch.setattr(files, "open", full_disk(code), raising=False)
    with pytest.raises(
        OSError, match=rf"could not save .*{name}: {os.strerror(code)}; the file .* is as it was"
    ) as said:
        save((np.ones(9), np.ones(9)), tmp_path / name)
    assert said.value.errno == code
    assert (tmp_path / name).read_bytes() == old
    assert os.listdir(tmp_path) == [name]


def full_disk(code):
    """An `open` whose files fail at the first byte that is written."""

    def open_(path, mode):
        file = open(path, mode, buffering=0)  # noqa: SIM115

        class Full:
            def __getattr__(self, name):
                return getattr(file, name)

            def __enter__(self):
                return self

            def __exit__(self, *error):
                file.close()

            def write(self, data):
                raise OSError(code, os.strerror(code))

        return Full()

    return open_


def test_a_folder_that_may_not_be_written_to(tmp_path, monkeypatch):
    save(LIKE, tmp_path / "m.npz")
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o555)
    us = os.geteuid()
    try:
        if us == 0:
            os.seteuid(65534)  # nothing is forbidden to root
        with pytest.raises(
            PermissionError, match=r"could not save m\.npz: Permission denied; the file of that name is"
        ):
            save((np.ones(9), np.ones(9)), "m.npz")
    finally:
        os.seteuid(us)
        tmp_path.chmod(0o755)
    assert value_of(tmp_path / "m.npz") == 0
    assert os.listdir(tmp_path) == ["m.npz"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"could not save .*m\.npz: No such file or directory$"):
        save(LIKE, tmp_path / "no" / "m.npz")

"""A save that is killed, that finds no room or no permission, or that meets another one: the old file stays whole."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from course_utils import saving
from course_utils.saving import load, replacing, save

resource = pytest.importorskip("resource", reason="signals and limits of POSIX")
LIKE = (np.zeros(400_000), np.zeros(3))
SAVE = """
import sys
import numpy as np
from course_utils.saving import save
print("ready", flush=True)
for value in (float(v) for v in sys.argv[2:]):
    save((np.full(400_000, value), np.full(3, value)), sys.argv[1])
"""


def writing(path, *values, **options):
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
    for milliseconds in (0, 1, 2, 3, 5, 8, 13, 21, 100, 1_000, 5_000):
        if milliseconds > 21 and len(set(survived)) > 1:
            break  # the longer ones are for a machine that is busy
        process = writing(path, *range(1, 1_000))
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
    both = [writing(path, *([value] * 40)) for value in (1, 2)]
    seen = set()
    while any(process.poll() is None for process in both):
        if path.exists():
            seen.add(value_of(path))
    for process in both:
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    assert seen | {value_of(path)} <= {1.0, 2.0}
    assert os.listdir(tmp_path) == ["m.npz"]


def test_two_threads_that_save_at_once_leave_one_whole_file_and_whoever_reads_sees_one(tmp_path):
    path = tmp_path / "m.npz"
    save(LIKE, path)

    def save_many(value):
        for _ in range(30):
            save((np.full(400_000, value), np.full(3, value)), path)

    with ThreadPoolExecutor() as pool:
        saves = [pool.submit(save_many, value) for value in (1.0, 2.0)]
        seen = {value_of(path)}
        while not all(one.done() for one in saves):
            seen.add(value_of(path))
        for one in saves:
            one.result()  # no error
    assert seen <= {0.0, 1.0, 2.0}
    assert os.listdir(tmp_path) == ["m.npz"]


def test_two_machines_on_one_disk_whose_processes_have_one_number_do_not_meet(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 7)
    path = tmp_path / "m.npz"
    with replacing(path) as outer:
        outer.write(b"first")
        with replacing(path) as inner:
            inner.write(b"second")
        assert path.read_bytes() == b"second"
        outer.write(b", and on")
    assert path.read_bytes() == b"first, and on"
    assert os.listdir(tmp_path) == ["m.npz"]


LONG = [
    "a" * 251 + ".npz",
    "模" * 83 + "ab.npz",
    "é" * 122 + "abc.json",
    "😀" * 62 + ".npz",
    "👩\u200d👧" * 22 + ".npz",
]


@pytest.mark.parametrize("name", [*LONG, ".npz.npz", "a.b.npz", " .npz", "-.npz", "\n.npz", "%s{}.npz"])
def test_any_name_that_the_disk_takes(tmp_path, name):
    path = tmp_path / name
    for data in (b"old", b"new"):
        with replacing(path) as file:
            file.write(data)
        assert path.read_bytes() == data
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(bytes(1 // 0))
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == [name]


def test_a_name_that_is_too_long_is_refused_by_name(tmp_path):
    with pytest.raises(OSError, match=r"could not save .*aaa\.npz: File name too long$"):
        save(LIKE, tmp_path / ("a" * 300 + ".npz"))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nowhere yet"])
def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path, relative, there):
    disk = tmp_path / "disk"
    disk.mkdir()
    if there:
        save(LIKE, disk / "real.npz")
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    first.symlink_to("disk/real.npz" if relative else disk / "real.npz")
    second.symlink_to("first.npz" if relative else first)  # a link to a link
    save((np.ones(400_000), np.ones(3)), second)
    assert first.is_symlink()
    assert second.is_symlink()
    assert value_of(disk / "real.npz") == value_of(second) == 1
    assert os.listdir(disk) == ["real.npz"]


def test_links_that_lead_nowhere_are_refused_and_stay(tmp_path):
    (tmp_path / "one.npz").symlink_to(tmp_path / "two.npz")
    (tmp_path / "two.npz").symlink_to(tmp_path / "one.npz")
    (tmp_path / "self.npz").symlink_to("self.npz")
    (tmp_path / "gone.npz").symlink_to(tmp_path / "no" / "folder.npz")
    for name in ("one", "self"):
        with pytest.raises(OSError, match=rf"could not save .*{name}\.npz: Too many levels of symbolic links"):
            save(LIKE, tmp_path / f"{name}.npz")
    with pytest.raises(FileNotFoundError, match=r"could not save .*gone\.npz: No such file or directory$"):
        save(LIKE, tmp_path / "gone.npz")
    assert {path.name for path in tmp_path.iterdir() if path.is_symlink()} == set(os.listdir(tmp_path))


def test_what_is_no_file_is_not_replaced(tmp_path):
    (tmp_path / "folder.npz").mkdir()
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "nothing.npz").symlink_to("/dev/null")
    for name in ("folder", "pipe", "nothing"):
        with pytest.raises(OSError, match=rf"could not save .*{name}\.npz: there is something .* not a file"):
            save(LIKE, tmp_path / f"{name}.npz")
    assert sorted(os.listdir(tmp_path)) == ["folder.npz", "nothing.npz", "pipe.npz"]


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("name", ["m.npz", "m.safetensors"])
@pytest.mark.parametrize("mode", [0o664, 0o600, 0o640, 0o666, 0o777])
def test_a_file_keeps_its_mode(tmp_path, name, mode):
    path = tmp_path / name
    save(LIKE, path)
    path.chmod(mode)
    save(LIKE, path)
    assert mode_of(path) == mode


@pytest.mark.parametrize("mask", [0o022, 0o002, 0o077])
def test_a_new_file_has_the_mode_that_the_process_gives_to_new_files(tmp_path, mask):
    before = os.umask(mask)
    try:
        save(LIKE, tmp_path / "m.npz")
        (tmp_path / "other").touch()
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "m.npz") == mode_of(tmp_path / "other") == 0o666 & ~mask


def test_nobody_may_read_a_private_file_while_it_grows(tmp_path):
    path = tmp_path / "m.npz"
    path.touch(mode=0o600)
    with replacing(path) as file:
        file.write(b"secret")
        assert {mode_of(one) for one in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("size", [0, 50, 100_000, 3_200_000])
def test_a_full_disk_is_named_and_the_old_file_stays(tmp_path, size):
    """A limit on the size of files stands for the disk: the write that goes past it fails, as on a full disk."""
    path = tmp_path / "m.npz"
    save(LIKE, path)

    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    process = writing(path, 1, preexec_fn=little_room)
    last = process.communicate()[1].splitlines()[-1]
    assert last == f"OSError: [Errno 27] could not save {path}: File too large; the file of that name is as it was"
    assert value_of(path) == 0
    assert os.listdir(tmp_path) == ["m.npz"]


@pytest.mark.parametrize("name", ["m.npz", "m.safetensors"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_whatever_the_disk_says_is_passed_on_with_the_name(tmp_path, monkeypatch, name, code):
    save(LIKE, tmp_path / name)
    old = (tmp_path / name).read_bytes()
    monkeypatch.setattr(saving, "open", full_disk(code), raising=False)
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

"""Weights from anywhere: whatever a file holds, it is loaded whole or refused by name, in little memory, and never run."""

import io
import json
import pickle
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_utils import saving
from course_utils.layers.lstm import LSTM
from course_utils.layers.pytorch import from_torch_state, to_torch_state
from course_utils.saving import load, save
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import leaves, tree_map

LIKE = (np.zeros((2, 3)), np.zeros(4, np.float32))
NAMES = [name for name, _ in leaves(LIKE)]
MODEL = (np.arange(6.0).reshape(2, 3), np.arange(4, dtype=np.float32))
MEGABYTE = 2**20


class Bomb:
    """Unpickling this makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def npy(header, data=b"", version=(1, 0)):
    """An array file with this header, true or not."""
    text = header if isinstance(header, bytes) else str(header).encode()
    size = struct.pack("<H" if version == (1, 0) else "<I", len(text) + 1)
    return b"\x93NUMPY" + bytes(version) + size + text + b"\n" + data


def described(shape, descr="<f8", fortran_order=False):
    return {"descr": descr, "fortran_order": fortran_order, "shape": shape}


def npz(entries, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def whole(k):
    buffer = io.BytesIO()
    np.save(buffer, MODEL[k])
    return buffer.getvalue()


A, B = (f"{name}.npy" for name in NAMES)
GOOD = [(A, whole(0)), (B, whole(1))]


def understated(data, name, size):
    """The zip file `data`, whose directory says that a member has `size` bytes."""
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(name.encode()))
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


def overlapping(count):
    """Arrays each of which is made of the member after it: whole and true, and together many times as large as the file."""
    directory, data = [], bytes(MEGABYTE)
    for k in range(count):
        name, content = f"{k:03}.npy".encode(), npy(described((len(data),), "|u1"), data)
        sizes = (zlib.crc32(content), len(content), len(content), len(name))
        data = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, *sizes, 0) + name + content
        directory.append((name, sizes, len(data)))
    entries = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, *sizes, 0, 0, 0, 0, 0, len(data) - from_end)
        + name
        for name, sizes, from_end in directory
    )
    return data + entries + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entries), len(data), 0)


HOSTILE = {
    "empty": b"",
    "no zip": b"<html>not found</html>",
    "zip without members": npz([]),
    "truncated": npz(GOOD)[:-30],
    "an array": whole(0),
    "a pickle": pickle.dumps(np.zeros(3)),
    "an array missing": npz(GOOD[:1]),
    "an array too many": npz([*GOOD, ("c.npy", whole(1))]),
    "twice the same": npz([*GOOD, (B.removesuffix(".npy"), whole(1))]),
    "compressed": npz(GOOD, compression=zipfile.ZIP_DEFLATED),
    "zip bomb": npz([(A, bytes(200 * MEGABYTE)), GOOD[1]], compression=zipfile.ZIP_DEFLATED, compresslevel=9),
    "bzip2 bomb": npz([(A, bytes(200 * MEGABYTE)), GOOD[1]], compression=zipfile.ZIP_BZIP2),
    "bomb said to be small": understated(npz([(A, bytes(50 * MEGABYTE)), GOOD[1]], compression=8), A, 100),
    "members on top of one another": overlapping(40),
    "absurd shape": npz([(A, npy(described((10**6, 10**6)))), GOOD[1]]),
    "absurd shape past 64 bits": npz([(A, npy(described((2**40, 2**40)))), GOOD[1]]),
    "negative shape": npz([(A, npy(described((-2, -3)), bytes(48))), GOOD[1]]),
    "shape of text": npz([(A, npy(described("(2, 3)"), bytes(48))), GOOD[1]]),
    "less than it says": npz([(A, npy(described((2, 3)), bytes(40))), GOOD[1]]),
    "more than it says": npz([(A, npy(described((2, 3)), bytes(56))), GOOD[1]]),
    "objects": npz([(A, npy(described((), "|O"), pickle.dumps(Bomb(Path("exploded"))))), GOOD[1]]),
    "objects in a structure": npz([(A, npy(described((1,), [("x", "|O")]), bytes(8))), GOOD[1]]),
    "header that computes": npz([(A, npy(b"{'descr': __import__('os').system('touch exploded')}")), GOOD[1]]),
    "header of a million brackets": npz([(A, npy(b"(" * MEGABYTE, version=(2, 0))), GOOD[1]]),
    "unknown version": npz([(A, npy(described((2, 3)), bytes(48), version=(9, 0))), GOOD[1]]),
    "no array inside": npz([(A, b"import os"), GOOD[1]]),
    "up and away": npz([("../../" + A, whole(0)), ("/etc/" + B, whole(1))]),
    "a pickle beside": npz([*GOOD, ("evil.pkl", pickle.dumps(Bomb(Path("exploded"))))]),
    "other shape": npz([(A, npy(described((3, 2)), bytes(48))), GOOD[1]]),
    "other kind of number": npz([(A, npy(described((2, 3), "<i8"), bytes(48))), GOOD[1]]),
    "dates": npz([(A, npy(described((2, 3), "<M8[s]"), bytes(48))), GOOD[1]]),
    "text": npz([(A, npy(described((2, 3), "<U2"), bytes(48))), GOOD[1]]),
    "nan": npz([(A, npy(described((2, 3)), np.full(6, np.nan).tobytes())), GOOD[1]]),
    "infinity": npz([(A, npy(described((2, 3)), np.full(6, -np.inf).tobytes())), GOOD[1]]),
}


@pytest.fixture(autouse=True)
def _nothing_appears(tmp_path, monkeypatch):
    """Everything happens in an empty folder, in which at the end there is at most the file itself."""
    monkeypatch.chdir(tmp_path)
    yield
    assert {p.name for p in tmp_path.iterdir()} <= {"m.npz", "m.safetensors", "v.json"}


def refused(path, match=r"m\.(npz|safetensors)"):
    """It raises ValueError with the name of the file, and does so in little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=match):
            load(path, like=LIKE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * MEGABYTE + 4 * path.stat().st_size


@pytest.mark.parametrize("how", HOSTILE)
def test_hostile_npz(tmp_path, how):
    path = tmp_path / "m.npz"
    path.write_bytes(HOSTILE[how])
    refused(path)


def test_an_honest_file_of_the_same_make_is_loaded(tmp_path):
    """So the cases above fail for what they are called, not for how they are put together."""
    path = tmp_path / "m.npz"
    true = npy(described((2, 3)), MODEL[0].tobytes(), version=(2, 0))
    for entries in (GOOD, GOOD[::-1], [(A, true), GOOD[1]]):
        path.write_bytes(npz(entries))
        for got, want in zip(load(path, like=LIKE), MODEL, strict=True):
            np.testing.assert_array_equal(got, want)


def test_a_file_past_the_limit_is_not_read(tmp_path):
    path = tmp_path / "m.npz"
    with path.open("wb") as file:
        file.truncate(saving.LIMIT + 1)  # takes no room on most disks
    refused(path, r"m\.npz has 1,073,741,825 bytes, wanted at most 1,073,741,824")


@pytest.mark.parametrize("kind", [".npz", ".safetensors"])
@pytest.mark.parametrize("like", [LIKE, LSTM.init(2, 3, rng=np.random.default_rng(0))], ids=["arrays", "LSTM"])
def test_damaged_bytes(tmp_path, kind, like):
    """Thousands of damages by chance: bytes changed, cut out, put in, moved; each is refused, or does not matter."""
    path = tmp_path / f"m{kind}"
    save(like, path)
    whole, outcomes = path.read_bytes(), {"refused": 0, "loaded": 0}
    at, some = st.integers(0, len(whole) - 1), st.binary(max_size=9)

    @settings(max_examples=400, database=None)
    @given(st.lists(st.tuples(at, st.integers(0, 40), some), min_size=1, max_size=4))
    @example([(0, len(whole), b"")])
    def damage(cuts):
        data = whole
        for start, length, new in cuts:
            data = data[:start] + new + data[start + length :]
        path.write_bytes(data)
        try:
            loaded = load(path, like=like)
        except ValueError:
            outcomes["refused"] += 1
            return
        outcomes["loaded"] += 1
        assert all(np.isfinite(array).all() for _, array in leaves(loaded))
        if kind == ".npz":  # which has a checksum for every array
            tree_map(np.testing.assert_array_equal, like, loaded)

    damage()
    assert outcomes["refused"] > 200


def safetensors(header, data=b"", size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


def entry(start, end, shape=(2, 3), dtype="F64"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


GOOD_B = entry(48, 64, (4,), "F32")
SAFE = {
    "empty": b"",
    "header longer than the file": safetensors({}, size=2**40),
    "header of 2^64": safetensors({}, size=2**64 - 1),
    "no json": safetensors(b"import os"),
    "a list": safetensors([]),
    "nested": safetensors(b"[" * 100_000),
    "offsets past the end": safetensors({NAMES[0]: entry(0, 2**40), NAMES[1]: GOOD_B}, bytes(64)),
    "offsets turned round": safetensors({NAMES[0]: entry(48, 0), NAMES[1]: GOOD_B}, bytes(64)),
    "negative offsets": safetensors({NAMES[0]: entry(-48, 0), NAMES[1]: GOOD_B}, bytes(64)),
    "overlap": safetensors({NAMES[0]: entry(0, 48), NAMES[1]: entry(0, 16, (4,), "F32")}, bytes(64)),
    "absurd shape": safetensors({NAMES[0]: entry(0, 48, (2**40,) * 2), NAMES[1]: GOOD_B}, bytes(64)),
    "unknown type": safetensors({NAMES[0]: entry(0, 48, dtype="PICKLE"), NAMES[1]: GOOD_B}, bytes(64)),
    "type that NumPy lacks": safetensors(
        {NAMES[0]: entry(0, 6, dtype="F8_E4M3"), NAMES[1]: entry(6, 22, (4,), "F32")}, bytes(22)
    ),
    "bytes left over": safetensors({NAMES[0]: entry(0, 48), NAMES[1]: GOOD_B}, bytes(99)),
    "other names": safetensors({"../" + NAMES[0]: entry(0, 48), NAMES[1]: GOOD_B}, bytes(64)),
    "integers": safetensors({NAMES[0]: entry(0, 48, dtype="I64"), NAMES[1]: GOOD_B}, bytes(64)),
    "nan": safetensors({NAMES[0]: entry(0, 48), NAMES[1]: GOOD_B}, np.full(6, np.nan).tobytes() + bytes(16)),
}


@pytest.mark.parametrize("how", SAFE)
def test_hostile_safetensors(tmp_path, how):
    path = tmp_path / "m.safetensors"
    path.write_bytes(SAFE[how])
    refused(path)


def test_an_honest_safetensors_file_of_the_same_make_is_loaded(tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(safetensors({NAMES[0]: entry(0, 48), NAMES[1]: GOOD_B}, bytes(64)))
    tree_map(np.testing.assert_array_equal, LIKE, load(path, like=LIKE))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda W: W.astype(np.int64), r"wanted weight_hh_l0 in floating point, got int64"),
        (lambda W: W * np.nan, r"wanted finite numbers in weight_hh_l0"),
        (lambda W: W.astype(object), r"in floating point, got object"),
        (lambda W: W.astype("U9"), r"in floating point, got <U9"),
        (lambda W: W[:-1], r"wanted weight_hh_l0 of shape \(12, 3\), got \(11, 3\)"),
        (lambda W: W.tolist()[0], r"of shape \(12, 3\), got \(3,\)"),
        (lambda W: None, r"of shape \(12, 3\), got \(\)"),
    ],
)
def test_weights_of_pytorch_in_another_form(rng, change, said):
    layer = LSTM.init(2, 3, rng=rng)
    state = to_torch_state(layer)
    state["weight_hh_l0"] = change(state["weight_hh_l0"])
    with pytest.raises(ValueError, match=said):
        from_torch_state(state, like=layer)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[" * 100_000, b'{"format": ' * 50_000, b"\xff\xfe", b"nan", b"1" * 5_000, b'{"format": 1e999}'],
    ids=["empty", "nothing", "nested lists", "nested objects", "no UTF-8", "nan", "long number", "infinity"],
)
def test_hostile_vocabularies(tmp_path, content):
    (tmp_path / "v.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"v\.json"):
        Vocabulary.load(tmp_path / "v.json")

"""Files of arrays: whatever is written is read again, the same; the rest is refused before anything is written."""

import json
import os
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_utils import saving
from course_utils.saving import load, read_arrays, save, write_arrays
from tests.hard_use.strategies import result

KINDS = [".npz", ".safetensors"]
every_kind = pytest.mark.parametrize("kind", KINDS)
pytestmark = pytest.mark.usefixtures("without_type_checks")


@pytest.fixture(autouse=True)
def _needs_safetensors(request):
    if ".safetensors" in str(request.node.callspec.params if hasattr(request.node, "callspec") else ""):
        pytest.importorskip("safetensors")


ARRAYS = {
    "no axes": np.array(3.0),
    "no axes, whole": np.array(3),
    "no axes, bool": np.array(True),
    "a number": 2.5,
    "a list": [[1.0, 2.0], [3.0, 4.0]],
    "empty": np.zeros(0),
    "empty, three axes": np.zeros((2, 0, 3), np.float32),
    "columns first": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "three axes moved": np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
    "every third": np.arange(10)[::3],
    "backwards": np.arange(10.0)[::-1],
    "broadcast": np.broadcast_to(np.arange(3.0), (2, 3)),
    "big end first": np.arange(3, dtype=">f8"),
    "big end first, whole": np.arange(300, dtype=">i2"),
    "bool": np.array([[True, False]]),
    "half": np.array([1.5, np.inf, np.nan], np.float16),
    "single": np.array([1e-45, -0.0, 3e38], np.float32),
    "largest": np.array([2**64 - 1], np.uint64),
    "bytes": np.arange(256).astype(np.uint8),
    "complex single": np.array([1 + 2j], np.complex64),
}
ONLY_NPZ = {
    "complex": np.array([1 + 2j]),
    "long double": np.array([1, 2], np.longdouble) / 3,
    "record": np.array([(1.5, 2, "é")], [("a", "f8"), ("b", ">i4"), ("c", "U3")]),
    "aligned record": np.zeros(2, np.dtype([("a", "i1"), ("b", "f8", (2, 2))], align=True)),
    "text": np.array(["é", "模型", ""]),
    "one text": np.array("text"),
    "byte strings": np.array([b"a", b"\x00b"]),
    "dates": np.array(["2024-02-29", "NaT"], "M8[D]"),
    "nothing in it": np.zeros(3, "V0"),
}
NEVER = {
    "objects": np.array([None, "a"]),
    "an object in a record": np.zeros(2, [("a", "f8"), ("b", "O")]),
    "None": None,
    "ragged": [[1.0], [2.0, 3.0]],
    "fields named in Greek": np.zeros(2, [("α", "f8")]),
    "two thousand fields": np.zeros(2, [(f"f{k}", "f8") for k in range(2_000)]),
}
NAMES = [
    "",
    " ",
    ".",
    "..",
    "/",
    "../../x",
    "/etc/x",
    "a/b",
    "a/",
    "a\\b",
    "C:\\x",
    "file",
    "allow_pickle",
    "arr_0",
    "a",
    "a.npy",
    "a.npy.npy",
    ".npy",
    "模型",
    "é",
    "e\u0301",
    "😀",
    "a\nb",
    "\x01",
    "x" * 250,
    "x" * 9_000,
    "{}",
    '"',
    "[0].W",
]
NO_NAMES = ["a\0", "\0", "\ud83d", "x" * 9_001, "é" * 4_501, "x" * 70_000, 3, None, b"a", ("a",)]


def same(got, want):
    """Shape, numbers to the last bit, and their kind, whichever end comes first; one's own to change."""
    want = np.asarray(want)
    assert got.shape == want.shape
    assert got.dtype.newbyteorder("=") == want.dtype.newbyteorder("=")
    for field in want.dtype.names or [...]:  # between the fields of a record there may be anything
        assert got[field].tobytes() == want[field].astype(got[field].dtype).tobytes()
    assert got.flags.writeable


@every_kind
@pytest.mark.parametrize("name", ARRAYS)
def test_every_array_comes_back(tmp_path, kind, name):
    write_arrays({name: ARRAYS[name]}, tmp_path / f"m{kind}")
    found = read_arrays(tmp_path / f"m{kind}")
    assert list(found) == [name]
    same(found[name], ARRAYS[name])


@pytest.mark.parametrize("name", ONLY_NPZ)
def test_what_safetensors_does_not_have_goes_into_npz(tmp_path, name):
    array = ONLY_NPZ[name]
    write_arrays({name: array}, tmp_path / "m.npz")
    same(read_arrays(tmp_path / "m.npz")[name], array)
    if array.dtype == np.float64:
        pytest.skip("here long doubles are doubles")
    with pytest.raises(
        ValueError,
        match=rf"wanted bool or numbers .* \(\.npz takes others\) in {name} for a \.safetensors file, got .+",
    ):
        write_arrays({name: array}, tmp_path / "m.safetensors")
    assert os.listdir(tmp_path) == ["m.npz"]


@every_kind
@pytest.mark.parametrize("name", NEVER)
def test_what_could_not_be_read_again_is_not_written(tmp_path, kind, name):
    path = tmp_path / f"m{kind}"
    write_arrays({"old": np.ones(2)}, path)
    with pytest.raises(ValueError, match=r"write_arrays: wanted .* for a \.\w+ file, got .+"):
        write_arrays({"a": np.ones(1), name: NEVER[name]}, path)
    same(read_arrays(path)["old"], np.ones(2))
    assert os.listdir(tmp_path) == [path.name]


@every_kind
def test_every_name_comes_back(tmp_path, kind):
    path = tmp_path / f"m{kind}"
    for name in NAMES:
        write_arrays({name: np.ones(2)}, path)
        assert list(read_arrays(path)) == [name]
    write_arrays({name: np.array(k) for k, name in enumerate(NAMES)}, path)
    assert {name: int(k) for name, k in read_arrays(path).items()} == {name: k for k, name in enumerate(NAMES)}
    write_arrays({}, path)
    assert read_arrays(path) == {}
    assert os.listdir(tmp_path) == [path.name]


@every_kind
@pytest.mark.parametrize("name", NO_NAMES, ids=lambda name: repr(name)[:9])
def test_names_that_could_not_be_read_again_are_refused(tmp_path, kind, name):
    with pytest.raises(ValueError, match=r"write_arrays: wanted names of at most 9,000 bytes of Unicode without NUL"):
        write_arrays({name: np.ones(2)}, tmp_path / f"m{kind}")
    assert os.listdir(tmp_path) == []


def test_the_one_name_that_safetensors_keeps_for_itself(tmp_path):
    pytest.importorskip("safetensors")
    write_arrays({"__metadata__": np.ones(2)}, tmp_path / "m.npz")
    same(read_arrays(tmp_path / "m.npz")["__metadata__"], np.ones(2))
    with pytest.raises(ValueError, match="and not __metadata__, for a .safetensors file"):
        write_arrays({"__metadata__": np.ones(2)}, tmp_path / "m.safetensors")


@every_kind
@given(
    some=st.dictionaries(
        st.text(max_size=9),
        st.sampled_from("f8 f4 f2 >f4 i8 >u2 i1 ? c8 c16 U3 S2 M8[s]".split()).flatmap(
            lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
        ),
        max_size=4,
    )
)
def test_whatever_is_written_is_read(tmp_path_factory, kind, some):
    path = tmp_path_factory.mktemp("some") / f"m{kind}"
    result(write_arrays, some, path)
    if path.exists():
        found = read_arrays(path)
        assert set(found) == set(some)
        for name, array in found.items():
            same(array, some[name])
    else:
        assert os.listdir(path.parent) == []


@every_kind
def test_nothing_is_written_that_is_too_large_to_be_read(tmp_path, kind, monkeypatch):
    path = tmp_path / f"m{kind}"
    write_arrays({"a": np.ones(9)}, path)
    monkeypatch.setattr(saving, "LIMIT", path.stat().st_size)
    write_arrays({"a": np.ones(9)}, path)
    with pytest.raises(ValueError, match=r"write_arrays: wanted at most .* bytes, the most that is read, got"):
        write_arrays({"a": np.ones(99)}, path)
    same(read_arrays(path)["a"], np.ones(9))
    assert os.listdir(tmp_path) == [path.name]


@every_kind
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_tree_that_load_would_refuse_is_not_saved(tmp_path, kind, bad, dtype):
    path = tmp_path / f"m{kind}"
    like = (np.ones(2), np.array([[1, 2, 3]], dtype))
    save(like, path)
    with pytest.raises(ValueError, match=r"save: wanted finite numbers, 2 of 3 in \[1\] are infinite or nan"):
        save((np.ones(2), np.array([[1, bad, bad]], dtype)), path)
    same(load(path, like=like)[1], like[1])


@every_kind
@pytest.mark.parametrize(
    "array", [np.array(2.0), np.zeros((0, 3)), np.arange(4, dtype=">f8"), np.array(3), np.array(True)]
)
def test_trees_of_such_arrays_are_loaded_as_they_were(tmp_path, kind, array):
    for tree in (array, (array, (array,))):
        save(tree, tmp_path / f"m{kind}")
        loaded = load(tmp_path / f"m{kind}", like=tree)
        same(loaded if isinstance(tree, np.ndarray) else loaded[1][0], array)


def tensors(**entries):
    """A .safetensors file of these kinds of number, shapes and bytes."""
    header, data = {}, b""
    for name, (dtype, shape, content) in entries.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def test_bfloat16_of_others_is_read_to_the_last_bit(tmp_path):
    """All 65,536 of them: the upper half of a float32, infinities, nan and subnormal numbers among them."""
    pytest.importorskip("safetensors")
    path = tmp_path / "m.safetensors"
    halves = np.arange(2**16, dtype="<u2")
    path.write_bytes(tensors(W=("BF16", [2, 2**15], halves.tobytes()), b=("F32", [], np.float32(0.5).tobytes())))
    found = read_arrays(path)
    assert found["W"].dtype == np.float32
    assert found["W"].shape == (2, 2**15)
    np.testing.assert_array_equal(found["W"].ravel().view(np.uint32), halves.astype(np.uint32) << 16)
    assert found["W"].ravel()[[0x3F80, 0x4049, 0xFF80]].tolist() == [1.0, 3.140625, -np.inf]
    same(found["b"], np.float32(0.5))


def test_bfloat16_of_pytorch(tmp_path):
    torch = pytest.importorskip("torch")
    theirs = pytest.importorskip("safetensors.torch")
    tensor = torch.randn(3, 4, dtype=torch.bfloat16)
    theirs.save_file({"W": tensor, "s": torch.tensor(1.5, dtype=torch.bfloat16)}, tmp_path / "m.safetensors")
    found = read_arrays(tmp_path / "m.safetensors")
    same(found["W"], tensor.float().numpy())
    same(found["s"], np.float32(1.5))


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2", "F8_E8M0"])
def test_numbers_that_numpy_does_not_have_are_called_by_their_name(tmp_path, dtype):
    pytest.importorskip("safetensors")
    path = tmp_path / "m.safetensors"
    path.write_bytes(tensors(W=(dtype, [3], bytes(3))))
    with pytest.raises(
        ValueError, match=rf"m\.safetensors: wanted numbers that NumPy has in W, got {dtype}; save it as float32"
    ):
        read_arrays(path)


def test_a_compressed_file_is_whole_and_said_to_be_compressed(tmp_path):
    np.savez_compressed(tmp_path / "m.npz", a=np.ones(3))
    with pytest.raises(ValueError, match=r"m\.npz: wanted arrays as np\.savez writes them, got compressed ones"):
        read_arrays(tmp_path / "m.npz")

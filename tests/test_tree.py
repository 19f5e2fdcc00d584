"""Trees: mapping, naming, measuring, saving and loading."""

import math
import os
import pickle
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from course_utils import saving
from course_utils.saving import load, save
from course_utils.tree import Tree, astype, count, leaves, norm, select, tree, tree_map


@tree
class Pair(Tree):
    a: object
    b: object = None


@pytest.fixture
def model(rng):
    layers = (Pair(rng.normal(size=(2, 3)), "tanh"), Pair(rng.normal(size=4), np.array([1, 2])))
    return Pair(layers, rng.normal(size=()))


def same(one, other):
    pairs = zip(leaves(one), leaves(other), strict=True)
    return all(n == m and a.dtype == b.dtype and np.array_equal(a, b) for (n, a), (m, b) in pairs)


def test_leaves_are_named_by_their_path_in_order(model):
    assert [name for name, _ in leaves(model)] == ["a[0].a", "a[1].a", "a[1].b", "b"]
    assert [name for name, _ in leaves((np.ones(1), (np.ones(2),)))] == ["[0]", "[1][0]"]
    assert [name for name, _ in leaves(np.ones(1))] == [""]


def test_map_builds_the_same_tree_and_leaves_the_old_one_alone(model):
    before = [a.copy() for _, a in leaves(model)]
    doubled = tree_map(lambda a, b: a + b, model, model)
    assert type(doubled) is Pair
    assert doubled.a[0].b == "tanh", "settings are carried over"
    for (_, new), (_, old), kept in zip(leaves(doubled), leaves(model), before, strict=True):
        np.testing.assert_array_equal(new, 2 * kept)
        np.testing.assert_array_equal(old, kept)


def test_an_array_without_axes_stays_an_array(model):
    """NumPy turns 0-d results into scalars, which would no longer count as parameters."""
    assert count(tree_map(lambda p: p - 0.1, model)) == count(model) == 6 + 4 + 2 + 1


@pytest.mark.parametrize(
    "other",
    [
        Pair(np.ones(2), np.ones(3)),
        Pair(np.ones((1, 2)), np.ones(2)),
        Pair(np.ones(2), "no array"),
        Pair((np.ones(2),), np.ones(2)),
        (np.ones(2), np.ones(2)),
    ],
)
def test_trees_that_do_not_match_are_refused(other):
    with pytest.raises(ValueError, match=r"tree_map: wanted"):
        tree_map(lambda p, g: p - g, Pair(np.ones(2), np.ones(2)), other)


@pytest.mark.parametrize("bad", [[np.ones(2)], {"W": np.ones(2)}])
@pytest.mark.parametrize("use", [norm, count, lambda t: tree_map(np.copy, t), lambda t: astype(t, float)])
def test_lists_and_dictionaries_are_refused_not_skipped(bad, use):
    with pytest.raises(ValueError, match=r"tuple of trees .* got a (list|dict)"):
        use(Pair(bad))


def test_a_tree_is_frozen_and_prints_shapes(model):
    with pytest.raises(AttributeError):
        model.a = 1
    assert repr(Pair(np.ones((2, 3)), np.array(1.0))) == "Pair(a=2×3, b=scalar)"
    assert repr(Pair("tanh", None)) == "Pair(a='tanh', b=None)"


def test_norm_counts_real_numbers_only():
    assert norm(Pair(np.array([3.0]), (np.array([[4.0]], np.float32), np.array([100]), np.array([True])))) == 5.0
    assert norm(()) == 0.0


@pytest.mark.parametrize("size", [1e200, 1e308])
def test_norm_of_huge_numbers_does_not_overflow(size):
    assert norm((np.array([0.6 * size]), np.array([0.8 * size]))) == pytest.approx(size, rel=1e-12)
    assert norm(np.array([3e30, 4e30], np.float32)) == pytest.approx(5e30, rel=1e-6)


SIZES = [5e-324, 1e-320, 2e-308, 1e-200, 1e-162, 1e-154, 1e-30, 1.0, 1e30, 1e154, 1e200, 3e307]


def exact_norm(*arrays):
    """With whole numbers as long as they need to be: no square is too large or too small."""
    one = 2**1_200
    squares = sum(int(Fraction(float(a)) * one) ** 2 for array in arrays for a in array.ravel())
    return float(Fraction(math.isqrt(squares), one))


@pytest.mark.parametrize("large", SIZES)
@pytest.mark.parametrize("small", SIZES)
def test_norm_is_right_whatever_the_sizes(large, small):
    """Of one array and of several; a huge and a tiny number; down to numbers that have lost their digits."""
    a, b = np.array([3.0, -4.0]) * large, np.array([[1.0, 2.0, 2.0]]) * small
    for parts in ((a,), (b,), (a, b), (b, np.zeros(5), a), (np.concatenate([a, b[0]]),), (a, np.array([2**60, 5]))):
        want = exact_norm(*(part for part in parts if part.dtype == float))
        assert norm(parts) == pytest.approx(want, rel=1e-14, abs=5e-324)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("beside", [(), (np.array([1e-300]),), (np.array([1e300]),), (np.zeros(3),)])
def test_norm_of_fewer_digits_is_right_whatever_the_size(dtype, beside):
    limits = np.finfo(dtype)
    for size in np.geomspace(float(limits.smallest_subnormal), float(limits.max) / 2, 40):
        a = np.array([size, size / 2, size], dtype)
        assert norm((a, *beside)) == pytest.approx(exact_norm(a, *beside), rel=2 * float(limits.eps))


def test_norm_of_nothing_and_of_zeros():
    for some in ((), np.zeros(0), np.zeros((2, 3)), (np.zeros(2, np.float32), np.zeros(0)), np.array([5]), Pair(None)):
        assert norm(some) == 0
    assert norm(-np.zeros(3)) == 0
    assert norm(np.full(4, 1.7e308)) == np.inf, "larger than floats are"


@pytest.mark.parametrize("tiny", [0.0, 1e-200, 1.0, 1e200])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_norm_is_not_finite_beside_numbers_of_any_size(tiny, bad):
    for some in (
        (np.array([tiny]), np.array([bad])),
        (np.array([bad, tiny], np.float64),),
        (np.array([bad], np.float32), np.array([tiny])),
    ):
        assert norm(some) == np.inf or (np.isnan(bad) and np.isnan(norm(some)))


def test_norm_shows_what_is_not_finite():
    assert norm(np.array([1.0, np.inf])) == np.inf
    assert np.isnan(norm(np.array([1.0, np.nan])))
    assert np.isnan(norm((np.array([5.0]), np.array([np.nan]))))
    assert not np.isfinite(norm((np.array([np.nan]), np.array([np.inf]))))


def test_astype_converts_real_numbers_only(model):
    small = astype(model, np.float32)
    assert [a.dtype for _, a in leaves(small)] == [np.float32, np.float32, model.a[1].b.dtype, np.float32]


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["model.npz", "my model (1).npz", "Größe é 模型 #%.npz", "a.b.npz", "it's.npz"])
def test_what_is_saved_is_loaded(tmp_path, model, name):
    save(model, tmp_path / name)
    assert same(load(tmp_path / name, like=tree_map(np.zeros_like, model)), model)
    assert os.listdir(tmp_path) == [name], "nothing else is left behind"


def test_field_names_that_numpy_uses_itself_are_saved(tmp_path):
    @tree
    class Awkward(Tree):
        file: object
        allow_pickle: object
        größe: object

    awkward = Awkward(np.ones(1), np.ones(2), np.ones((0, 3)))
    save(awkward, str(tmp_path / "a.npz"))
    assert same(load(tmp_path / "a.npz", like=awkward), awkward)


@pytest.mark.parametrize("array", [np.ones(3), np.ones((2, 3)).T, np.ones(4)[::2], np.array(3.0, np.float32)])
def test_any_kind_of_array_is_saved(tmp_path, array):
    save((array, array), tmp_path / "a.npz")
    assert same(load(tmp_path / "a.npz", like=(array, array)), (array, array))


@pytest.mark.parametrize("moment", ["write_array", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failing_save_leaves_the_old_file_whole(tmp_path, model, monkeypatch, moment, error):
    save(model, tmp_path / "m.npz")
    old = (tmp_path / "m.npz").read_bytes()
    write, written = np.lib.format.write_array, []

    def fail(*arguments, **options):
        if moment == "write_array" and not written:
            written.append(1)
            return write(*arguments, **options)
        raise error

    monkeypatch.setattr(*((np.lib.format, "write_array") if moment == "write_array" else (saving.os, "replace")), fail)
    with pytest.raises(type(error)):
        save(tree_map(np.zeros_like, model), tmp_path / "m.npz")
    monkeypatch.undo()
    assert (tmp_path / "m.npz").read_bytes() == old
    assert os.listdir(tmp_path) == ["m.npz"]


@pytest.mark.parametrize("path", ["model", "model.npy", "model.npz.txt"])
def test_save_wants_a_name_in_npz_and_arrays(tmp_path, model, path):
    with pytest.raises(ValueError, match=r"ending in \.npz"):
        save(model, tmp_path / path)
    with pytest.raises(ValueError, match="a tree with arrays"):
        save(Pair("tanh"), tmp_path / "m.npz")
    assert not os.listdir(tmp_path)


def test_objects_are_never_pickled(tmp_path):
    with pytest.raises(ValueError, match="Object arrays"):
        save(Pair(np.array([{}], object)), tmp_path / "m.npz")
    assert not os.listdir(tmp_path)


class Bomb:
    """Unpickling this makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def damaged(path, model, how):
    """Write a file that is no whole .npz of the model's arrays."""
    save(model, path)
    data = path.read_bytes()
    bomb = np.array([Bomb(path.with_name("exploded"))], object)
    if how == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "garbage":
        path.write_bytes(b"\x00\xff" * 500)
    elif how == "text":
        path.write_text("<html>not found</html>")
    elif how == "one array":
        with path.open("wb") as file:
            np.save(file, np.ones(3))
    elif how == "pickle":
        path.write_bytes(pickle.dumps(bomb))
    elif how == "objects":
        np.savez(path, **{name: bomb for name, _ in leaves(model)})


@pytest.mark.parametrize("how", ["truncated", "empty", "garbage", "text", "one array", "pickle", "objects"])
def test_damaged_files_are_refused_and_nothing_is_executed(tmp_path, model, how):
    path = tmp_path / "m.npz"
    damaged(path, model, how)
    with pytest.raises(ValueError, match=r"m\.npz is not a whole \.npz file of plain arrays; save it again"):
        load(path, like=model)
    assert not (tmp_path / "exploded").exists()


def test_no_flipped_byte_gets_another_error_or_other_numbers(tmp_path, rng):
    model = Pair(rng.normal(size=2), rng.normal(size=1))
    path = tmp_path / "m.npz"
    save(model, path)
    data = path.read_bytes()
    refused = 0
    for k in range(len(data)):
        path.write_bytes(data[:k] + bytes([data[k] ^ 0x81]) + data[k + 1 :])
        try:
            assert same(load(path, like=model), model)  # some bytes, such as the date, do not matter
        except ValueError:
            refused += 1
    assert refused > len(data) // 2


def test_other_names_shapes_and_kinds_are_refused(tmp_path):
    path = tmp_path / "m.npz"
    save(Pair(np.ones(2), np.ones(3)), path)
    with pytest.raises(ValueError, match=r"has arrays \['a', 'b'\], wanted \['a'\]"):
        load(path, like=Pair(np.ones(2)))
    with pytest.raises(ValueError, match=r"b in .*m\.npz is float64 \(3,\), wanted float64 \(4,\)"):
        load(path, like=Pair(np.ones(2), np.ones(4)))
    with pytest.raises(ValueError, match=r"a in .* is float64 \(2,\), wanted int64 \(2,\)"):
        load(path, like=Pair(np.ones(2, np.int64), np.ones(3)))
    assert load(path, like=Pair(np.ones(2, np.float32), np.ones(3))).a.dtype == np.float64


def test_a_missing_file_is_file_not_found(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz"):
        load(tmp_path / "nowhere.npz", like=np.ones(1))
    with pytest.raises(FileNotFoundError):
        save(np.ones(1), tmp_path / "no" / "folder.npz")


def test_select_makes_a_mask_of_the_same_build():
    pair = Pair(np.ones(2), (np.ones(3), Pair(np.ones(1), "setting")))
    mask = select(pair, lambda path: path.startswith("b"))
    assert [(path, a.tolist()) for path, a in leaves(mask)] == [
        ("a", [0, 0]),
        ("b[0]", [1, 1, 1]),
        ("b[1].a", [1]),
    ]
    assert mask.b[1].b == "setting"
    with pytest.raises(ValueError, match=r"wanted at least one array to be chosen, got none of \['a', 'b\[0\]'"):
        select(pair, lambda path: path.startswith("x"))

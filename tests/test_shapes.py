"""Every array that comes from outside is looked at, and what is wrong with it is said."""

import numpy as np
import pytest

from course_utils.shapes import expect, expect_each_whole, expect_shape


@pytest.mark.parametrize(
    ("axes", "shape", "sizes"),
    [
        ("T *B D", (4, 3), {}),
        ("T *B D", (4, 2, 2, 3), {"D": 3}),
        ("T D", (4, 3), {"T": 4, "D": 3}),
        ("*B", (), {}),
        ("*B D", (3,), {"D": 3}),
        ("T *B", (4,), {"T": 4}),
        ("H H", (3, 3), {}),
        ("T *B D", (0, 3), {"D": 3}),
    ],
)
def test_what_fits_comes_back_as_it_is(axes, shape, sizes):
    x = np.zeros(shape)
    assert expect(x, axes, where="here", **sizes) is x


@pytest.mark.parametrize(
    ("axes", "shape", "sizes", "said"),
    [
        ("T *B D", (4,), {}, r"here: wanted x with axes \(T \*B D\), got shape \(4,\)"),
        ("T *B D", (4, 3), {"D": 5}, r"axes \(T \*B D=5\), got shape \(4, 3\)"),
        ("T *B D", (4, 5, 3), {"D": 5}, r"got shape \(4, 5, 3\)"),
        ("T *B D", (4, 5), {"T": 5}, r"T=5"),
        ("T D", (4, 2, 3), {}, r"got shape \(4, 2, 3\)"),
        ("T *B", (), {}, r"got shape \(\)"),
        ("H H", (3, 4), {}, r"\(H H\), got shape \(3, 4\)"),
        ("*B H H", (7, 3, 4), {}, r"\(7, 3, 4\)"),
    ],
)
def test_wrong_axes_are_named(axes, shape, sizes, said):
    with pytest.raises(ValueError, match=said):
        expect(np.zeros(shape), axes, where="here", **sizes)


KINDS = {"float": np.zeros(2, np.float32), "int": np.zeros(2, np.uint8), "bool": np.zeros(2, bool)}


@pytest.mark.parametrize("wanted", KINDS)
@pytest.mark.parametrize("got", KINDS)
def test_the_kind_of_number_is_checked(wanted, got):
    if wanted == got:
        assert expect(KINDS[got], "N", where="here", kind=wanted) is KINDS[got]
    else:
        with pytest.raises(ValueError, match=f"here: wanted tokens of {wanted} numbers .*got dtype {KINDS[got].dtype}"):
            expect(KINDS[got], "N", what="tokens", where="here", kind=wanted)
        with pytest.raises(ValueError, match=f"here: wanted tokens of {wanted} numbers .*got {KINDS[got].dtype}"):
            expect_shape(KINDS[got], (2,), what="tokens", where="here", kind=wanted)


@pytest.mark.parametrize(
    "check", [lambda x: expect(x, "N D", where="here"), lambda x: expect_shape(x, (2, 2), what="x", where="here")]
)
def test_ragged_rows_and_objects_are_refused(check):
    with pytest.raises(ValueError, match="here: wanted x to be an array, got rows of different lengths; pad them"):
        check([[1.0, 2.0], [3.0]])
    with pytest.raises(ValueError, match="here: wanted x of float numbers"):
        check([[None, 1.0], [2.0, 3.0]])
    assert check([[1.0, 2.0], [3.0, 4.0]]).shape == (2, 2)


def test_an_exact_shape():
    mask = np.ones((4, 2), bool)
    assert expect_shape(mask, [4, 2], what="mask", where="here", kind="bool") is mask
    with pytest.raises(
        ValueError, match=r"here: wanted mask of bool numbers of shape \(4, 2\), got bool of shape \(4,\)"
    ):
        expect_shape(mask[:, 0], (4, 2), what="mask", where="here", kind="bool")


def test_each_of_several_whole_numbers_is_named_by_its_place():
    expect_each_whole("here", "places", [0, np.intp(3)], low=0)
    with pytest.raises(ValueError, match=r"here: wanted places\[1\] >= 0, got -1"):
        expect_each_whole("here", "places", [0, -1], low=0)
    with pytest.raises(ValueError, match=r"here: wanted a whole number places\[0\] >= 1, got 0.5"):
        expect_each_whole("here", "places", [0.5])

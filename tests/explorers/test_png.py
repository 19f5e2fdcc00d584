"""The PNG writer against Pillow's reader."""

import io

import numpy as np
import pytest
from PIL import Image

from course_utils.explorers.png import png


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 3), (120, 301, 3)])
def test_a_reader_finds_the_same_pixels(shape, rng):
    rgb = rng.integers(0, 256, shape, dtype=np.uint8)
    with Image.open(io.BytesIO(png(rgb))) as image:
        image.verify()  # the checksums
    with Image.open(io.BytesIO(png(rgb))) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        np.testing.assert_array_equal(np.asarray(image), rgb)


def test_a_slice_that_is_not_contiguous_is_written_as_it_looks(rng):
    rgba = rng.integers(0, 256, (9, 8, 4), dtype=np.uint8)
    with Image.open(io.BytesIO(png(rgba[..., :3]))) as image:
        np.testing.assert_array_equal(np.asarray(image), rgba[..., :3])

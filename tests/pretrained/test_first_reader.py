"""The reader that comes with the course reads, and reads well."""

import numpy as np
import pytest

from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.experiments.results import load_results
from course_utils.models.perplexity import bits, nats_per_token
from course_utils.pretrained.character_models import stack, untrained_stack
from course_utils.pretrained.first_reader import first_reader
from course_utils.tree import count, leaves


@pytest.mark.usefixtures("without_type_checks")
def test_accuracy_on_held_out_reviews():
    reader = first_reader()
    reviews = split(load_reviews()).test[:600]
    right = [(reader.read(review.text).opinion[-1] > 0.5) == review.label for review in reviews]
    assert np.mean(right) > 0.85


def test_shapes_and_causality():
    reader = first_reader()
    short, long = reader.read("not bad"), reader.read("not bad at all")
    assert short.h.shape == (2, 12)
    assert short.h.dtype == np.float32
    np.testing.assert_allclose(long.h[:2], short.h, atol=1e-6)
    np.testing.assert_allclose(long.opinion[:2], short.opinion, atol=1e-6)


def test_units_are_ordered_by_what_they_say():
    assert (np.diff(first_reader().model.readout.W[:, 0]) <= 0).all()


def test_no_words():
    with pytest.raises(ValueError, match="at least one|empty"):
        first_reader().read("   ")


STACKS = [(1, 62, 1), (2, 40, 4), (3, 32, 4), (2, 62, 4), (3, 62, 4)]


@pytest.mark.parametrize(("layers", "H", "gain"), STACKS)
@pytest.mark.usefixtures("without_type_checks")
def test_stacks_are_those_of_the_table(layers, H, gain):
    """Stored in half precision, each scores what the benchmark's table says of seed 0."""
    wanted = {"layers": layers, "H": H, "gain": gain, "characters": 3_072_001, "dropout": 0, "seed": 0}
    (row,) = (row for row in load_results("stacked")["runs"] if wanted.items() <= row.items())
    model = stack(layers, H)
    assert count(model) == row["parameters"]
    held_out = encoded_characters(split(load_reviews()).test, 200_000)
    assert bits(nats_per_token(model, held_out)) == pytest.approx(row["bits"], abs=0.002)


def test_gain_makes_the_layers_above_the_first_louder():
    plain, loud = (untrained_stack(3, 5, rng=np.random.default_rng(0), gain=gain) for gain in (1.0, 4.0))
    for (name, one), (_, other) in zip(leaves(plain), leaves(loud), strict=True):
        louder = "W_x" in name and "[0]" not in name
        np.testing.assert_allclose(other, (4 if louder else 1) * one, err_msg=name)
        assert other.dtype == np.float32
    assert [layer.W_x.shape for layer in plain.recurrent.layers] == [(4, 32, 5), (4, 5, 5), (4, 5, 5)]


def test_a_stack_that_does_not_come_with_the_course():
    with pytest.raises(FileNotFoundError, match="4x10"):
        stack(4, 10)

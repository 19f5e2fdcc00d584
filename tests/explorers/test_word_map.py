"""The map of words shows the neighbours that there are, where they are, and helps with what it does not know."""

import re

import numpy as np
import pytest

from course_utils.analysis.projection import principal_directions
from course_utils.data.examples import EXAMPLES
from course_utils.explorers.word_map import MOST, read, word_map_explorer
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.text.word_vectors import WordVectors

EXTRA = "funny king man woman queen plot good bad not the at all laughed".split()


@pytest.fixture(scope="module")
def vectors():
    """Vectors in 8 dimensions, by chance, but for a queen that is where she should be."""
    vocabulary = Vocabulary.build([*(words(review.text) for review in EXAMPLES), EXTRA])
    W = np.random.default_rng(0).normal(size=(len(vocabulary), 8)).astype(np.float32)
    W[:2] = 0
    unit = W / np.maximum(np.linalg.norm(W, axis=1, keepdims=True), 1e-9)
    at = vocabulary.index
    W[at["queen"]] = unit[at["king"]] - unit[at["man"]] + unit[at["woman"]]
    return WordVectors(vocabulary, W)


@pytest.fixture(scope="module")
def explorer(vectors):
    return word_map_explorer(vectors)


@pytest.fixture(autouse=True)
def start_again(explorer):
    explorer.reset()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize("n", [5, 14, MOST])
def test_the_list_has_the_nearest_words_and_their_cosines(explorer, vectors, n):
    explorer.set(n=n)
    wanted = vectors.nearest("funny", n)
    assert explorer.artists["list"].texts == [word for word, _ in wanted]
    assert explorer.artists["cosines"].texts == [f"{cosine:.2f}" for _, cosine in wanted]
    lengths = [path.vertices[:, 0].max() for path in explorer.artists["bars"].get_paths()]
    np.testing.assert_allclose(lengths, [cosine for _, cosine in wanted], atol=1e-6)
    assert f"“{wanted[0][0]}” is nearest to “funny”, with a cosine of {wanted[0][1]:.2f}" in explorer.reading.value
    assert f"number {n} is “{wanted[-1][0]}” with {wanted[-1][1]:.2f}" in explorer.reading.value


def test_the_neighbourhood_lies_in_its_own_principal_directions(explorer, vectors):
    """Up to one scale for both axes and a shift."""
    names = ["funny", *(word for word, _ in vectors.nearest("funny", 14))]
    X = vectors.unit[[vectors.number(name) for name in [*names, "funny"]]]
    for pair, chosen in (("1 and 2", [0, 1]), ("3 and 4", [2, 3])):
        explorer.set(pair=pair)
        wanted = principal_directions(X, 4)
        places = wanted.apply(X)[:-1, chosen]
        x, y = (np.concatenate([explorer.artists[a].get_data()[k] for a in ("typed", "near")]) for k in (0, 1))
        shown = np.stack([x, y], 1)
        places, shown = places - places[0], shown - shown[0]
        scale = np.abs(shown).max() / np.abs(places).max()
        np.testing.assert_allclose(shown, scale * places, atol=1e-5)
        assert f"The map shows {100 * wanted.share[chosen].sum():.0f} %" in explorer.reading.value


def test_the_whole_map_has_the_frequent_words_behind(explorer, vectors):
    assert len(explorer.artists["crowd"].get_xdata()) == 0
    explorer.set(zoom="whole map")
    named = [token for token in vectors.vocabulary.words[2:] if token[0].isalpha()]
    assert len(explorer.artists["crowd"].get_xdata()) == len(named)
    spot = np.stack(explorer.artists["crowd"].get_data(), 1)[named.index("funny")]
    np.testing.assert_allclose(spot, np.stack(explorer.artists["typed"].get_data(), 1)[0], atol=1e-5)
    frame = np.abs(np.stack(explorer.artists["crowd"].get_data(), 1)).max(0)
    assert (frame <= (1.5, 1)).all()


def test_names_do_not_overlap(explorer):
    for zoom in ("neighbourhood", "whole map"):
        explorer.set(zoom=zoom, n=MOST)
        letters = explorer.artists["names"]
        renderer = explorer._canvas.get_renderer()
        to_pixels = letters.get_transform()
        at = letters.get_offset_transform().transform(letters.get_offsets())
        boxes = [
            path.get_extents(to_pixels).translated(*spot) for path, spot in zip(letters.get_paths(), at, strict=True)
        ]
        assert renderer.width > max(box.x1 for box in boxes)
        assert len(boxes) > 12
        assert not [1 for k, box in enumerate(boxes) for other in boxes[:k] if box.overlaps(other)]


def test_a_sum_finds_what_it_points_at(explorer, vectors):
    explorer.set(word="king - man + woman")
    assert explorer.artists["list"].texts[0] == "queen"
    assert explorer.artists["cosines"].texts[0] == "1.00"
    assert [word for word, _ in vectors.analogy("man", "king", "woman", 14)] == explorer.artists["list"].texts
    cross = [float(values[0]) for values in explorer.artists["sum"].get_data()]
    queen = [values[0] for values in explorer.artists["near"].get_data()]
    np.testing.assert_allclose(cross, queen, atol=1e-5)
    assert "The cross is where the sum points." in explorer.reading.value
    explorer.set(word="king")
    assert len(explorer.artists["sum"].get_xdata()) == 0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Funny", (["funny"], [1])),
        ("king - man + woman", (["king", "man", "woman"], [1, -1, 1])),
        ("king woman − man", (["king", "woman", "man"], [1, 1, -1])),
        ("sci-fi", (["sci", "fi"], [1, 1])),
        ("not good, bad", (["not", "good", "bad"], [1, 1, 1])),
        ("!", (["!"], [1])),
    ],
)
def test_what_was_typed(text, wanted):
    assert read(text) == wanted


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("lighthuose", "“lighthuose” is not among the .* words of this map. Did you mean lighthouse"),
        ("laughd at plot", "“laughd” .* Did you mean .*laughed"),
        ("qwxzqwxz", "“qwxzqwxz” is not .* Try a more frequent one."),
        ("   ", "Type a word, such as funny"),
        ("king - king", "add up to nothing"),
        ("<pad>", "“pad” is not among"),
    ],
)
def test_a_word_it_does_not_know_gets_a_friendly_answer(explorer, typed, said):
    explorer.set(word=typed)
    shown = " ".join(explorer.message.split())
    assert re.search(said, shown), shown
    assert re.search(said, explorer.picture.tooltip)
    explorer.set(word="king")
    assert not explorer.message

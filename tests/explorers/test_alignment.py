"""The alignment explorer: cells, padding and what is cut off are those of `batching.align`."""

import numpy as np
import pytest

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review
from course_utils.explorers.alignment import STEPS, B, alignment_explorer, first_sentence
from course_utils.plots.page import LINE
from course_utils.text.batching import align
from course_utils.text.preprocessing import words

ODD = (
    *(
        Review(text, 1, k)
        for k, text in enumerate(("!", "No.", "a " * 500, "x" * 300, "größer … naïve 映画", "Oh? Ah."))
    ),
    *(Review(f"{name} is a film with a goat and {name} again.", 0, 6) for name in "abcdef"),
)
TEXTS = (*EXAMPLES, *ODD)


@pytest.fixture(scope="module")
def explorer():
    return alignment_explorer(reviews=ODD)


def corners(collection):
    """Lower left corner of each box, to whole cells: (step, row)."""
    boxes = np.array([path.vertices[:4] for path in collection.get_paths()]).reshape(-1, 4, 2)
    return {(round((x - 0.15) / 10), round(-(y + 0.75) / LINE)) for x, y in boxes[:, 0]}


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Not bad! Not good.", ["not", "bad", "!"]),
        ("Why? Who", ["why", "?"]),
        ("no end at all", ["no", "end", "at", "all"]),
        ("Well... yes.", ["well", "...", "yes", "."]),
        ("!", ["!"]),
    ],
)
def test_first_sentence(text, want):
    assert first_sentence(text) == want


@pytest.mark.parametrize("T", [2, 7, STEPS])
@pytest.mark.parametrize("pad_at", ["front", "back"])
@pytest.mark.parametrize("truncate_at", ["front", "back"])
@pytest.mark.parametrize("first", [0, len(EXAMPLES) - 3, len(EXAMPLES), len(TEXTS) - B])
def test_the_picture_is_what_align_makes(explorer, T, pad_at, truncate_at, first):
    explorer.set(T=T, pad_at=pad_at, truncate_at=truncate_at, first=first)
    sentences = [first_sentence(review.text) for review in TEXTS[first : first + B]]
    numbered = [np.arange(1, len(sentence) + 1) for sentence in sentences]
    tokens, mask = align(numbered, T, pad_at=pad_at, truncate_at=truncate_at)
    assert corners(explorer.artists["cells"]) == set(zip(*map(np.ndarray.tolist, np.nonzero(mask)), strict=True))
    assert corners(explorer.artists["padding"]) == set(zip(*map(np.ndarray.tolist, np.nonzero(~mask)), strict=True))
    lost = [len(sentence) - min(len(sentence), T) for sentence in sentences]
    said = {(f"−{n}", b) for b, n in enumerate(lost) if n}
    for letters, end in zip(explorer.artists["cut"], ("front", "back"), strict=True):
        x, y = letters.get_offsets().T
        shown = set(zip(letters.texts, np.rint((0.35 - y) / LINE).astype(int).tolist(), strict=True))
        assert shown == (said if end == truncate_at else set())
        assert ((x < 0) == (end == "front")).all(), "the number stands where the words went"
    assert explorer.artists["steps"].texts == [f"t = {t}" for t in range(T)]
    reading = explorer.reading.value
    assert f"{int(mask.sum())} of their {sum(map(len, sentences))} tokens" in reading
    assert f"{sum(lost)} were cut off at the {truncate_at}" in reading
    assert f"{int((~mask).sum())} of {T * B} places are padding at the {pad_at}" in reading
    assert tokens[mask].min() >= 1


def test_which_words_are_kept_shows_in_the_letters(explorer):
    """Of a text of equal words it makes no difference at which end it is cut, of another one it does."""
    explorer.set(T=3, first=0, truncate_at="back")
    back = explorer.artists["letters"].get_path().vertices
    explorer.set(truncate_at="front")
    front = explorer.artists["letters"].get_path().vertices
    assert back.shape != front.shape or not np.allclose(back, front)


def test_letters_stay_inside_the_cells(explorer):
    explorer.set(T=STEPS, first=len(EXAMPLES))
    x = explorer.artists["letters"].get_path().vertices[:, 0]
    assert x.min() >= 0
    assert x.max() <= STEPS * 10
    assert len(words(ODD[3].text)[0]) == 300, "though this word alone is 300 letters long"

"""The vocabulary explorer: it drops what Vocabulary would drop, and says how much of the corpus that leaves."""

from collections import Counter

import numpy as np
import pytest

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review
from course_utils.explorers.vocabulary import COLUMNS, LINES, SIZES, TIMES, vocabulary_explorer
from course_utils.plots.page import LINE, lay_out
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary, count

LONG = " ".join(f"{a}{b} was not bad ," for a in "abcdefghijklmnop" for b in "rstuvwxyz" * 3)
ODD = (Review("!", 1, 0), Review(LONG, 0, 1), Review("x" * 300, 0, 2), Review("größer … naïve 映画 ½", 1, 3))


def corpus() -> Counter[str]:
    """Counts of some 1,700 words that fall as they do in real text, the examples' words among them."""
    names = [f"w{k}" for k in range(1_500)]
    zipf = Counter({name: 1 + 1_200 // (k + 1) for k, name in enumerate(names)})
    for weight, example in enumerate(EXAMPLES, start=1):
        for word in set(words(example.text)):
            zipf[word] += 7 * weight
    return zipf


COUNTS = corpus()


@pytest.fixture(scope="module")
def explorer():
    return vocabulary_explorer(COUNTS, reviews=ODD)


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


@pytest.mark.parametrize("review", [0, 4, 9, *range(len(EXAMPLES), len(EXAMPLES) + len(ODD))])
@pytest.mark.parametrize(("min_count", "max_size"), [(1, 100), (1, 2_000), (10, 500), (1_000, 2_000)])
def test_the_veil_covers_what_the_vocabulary_drops(explorer, review, min_count, max_size):
    explorer.set(review=review, min_count=min_count, max_size=max_size)
    vocabulary = Vocabulary.from_counts(COUNTS, min_count=min_count, max_size=max_size)
    tokens = words((*EXAMPLES, *ODD)[review].text)
    page = lay_out(tokens, columns=COLUMNS, gap=1)
    gone = (vocabulary.encode(tokens) == 1) & (page.line < LINES)
    veiled = [path.vertices[:4] for path in explorer.artists["veil"].get_paths()]
    np.testing.assert_allclose(np.array(veiled).reshape(-1, 4, 2), page.boxes()[gone])
    shown = int((page.line < LINES).sum())
    assert f"Of the {shown} tokens shown {int(gone.sum())} become" in explorer.reading.value
    assert ((page.line >= LINES).any()) == (review == len(EXAMPLES) + 1), (
        "only the long review is cut at the page's end"
    )


@pytest.mark.parametrize("min_count", [1, 5, 100, 1_000])
@pytest.mark.parametrize("max_size", [100, 1_000, 2_000])
def test_the_dot_stands_at_the_size_and_the_coverage_of_the_vocabulary(explorer, min_count, max_size):
    explorer.set(min_count=min_count, max_size=max_size)
    vocabulary = Vocabulary.from_counts(COUNTS, min_count=min_count, max_size=max_size)
    ((V,), (covered,)) = explorer.artists["dot"].get_data()
    assert len(vocabulary) == V
    assert covered == pytest.approx(100 * vocabulary.coverage())
    note = [f"V = {V:,}: knows {covered:.1f} %", f"V × 300 = {300 * V:,} parameters"]
    assert explorer.artists["note"].texts == note
    often, most = (line.get_xdata()[0] for line in explorer.artists["limits"])
    assert often == len(Vocabulary.from_counts(COUNTS, min_count=min_count))
    assert most == min(max_size, len(COUNTS) + 2)
    assert V == min(often, most)
    assert ("max_size decides" in explorer.reading.value) == (most < often)


def test_the_letters_are_those_of_the_page(explorer):
    explorer.set(review=len(EXAMPLES) + 1)
    tokens = words(LONG)
    page = lay_out(tokens, columns=COLUMNS, gap=1)
    shown = slice(int((page.line < LINES).sum()))
    path = explorer.artists["letters"].get_path()
    np.testing.assert_allclose(path.vertices, page.letters(tokens, shown).vertices)
    assert path.vertices[:, 1].min() > -LINES * LINE


def test_the_sliders_offer_only_what_makes_a_difference(explorer):
    assert [n for _, n in explorer.controls["min_count"].options] == [n for n in TIMES if n <= max(COUNTS.values())]
    sizes = [n for _, n in explorer.controls["max_size"].options]
    assert sizes == [n for n in SIZES if n <= 2_000]
    assert sizes[-2] < len(COUNTS) + 2 <= sizes[-1]


def test_a_tiny_corpus_will_do():
    counts = count([words("good, not bad. not good, bad.")])
    explorer = vocabulary_explorer(counts, reviews=())
    assert explorer.state == {"review": 4, "min_count": 2, "max_size": 100}
    assert explorer.artists["dot"].get_data()[0] == [len(counts) + 2]
    explorer.set(review=5)
    assert not explorer.message


def test_refuses_an_empty_corpus():
    with pytest.raises(ValueError, match="wanted at least one counted word, got none"):
        vocabulary_explorer(Counter())

"""Type the beginning of a sentence and see what a model that counts makes of it: the next word, and how it would go on."""

import textwrap
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import Dropdown, FloatLogSlider, IntSlider
from jaxtyping import Float, Num
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from course_utils.data.reviews import load_reviews, split
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import typed
from course_utils.plots.bars import percent
from course_utils.plots.glyphs import Letters
from course_utils.plots.page import lay_out
from course_utils.plots.palette import BLUE, INK, MUTED, ORANGE
from course_utils.text.kneser_ney import KneserNey
from course_utils.text.ngram import NGrams
from course_utils.text.ngram_model import NGramModel
from course_utils.text.preprocessing import detokenize, words
from course_utils.text.smoothing import MLE, AddK, BackOff
from course_utils.text.stream import join
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array

ORDER, TOP, LENGTH, WIDTH, K = 5, 7, 28, 50, 0.01
"""Largest n, bars shown, words sampled, characters in a line, the k of add-k."""

Models = dict[tuple[str, int], NGramModel]


class Context(NamedTuple):
    """The words and their tokens, the begin of a review in front; unknown words; how many of the last were seen together."""

    words: list[str]
    tokens: list[int]
    unknown: list[str]
    known: int


def models_of(texts: Sequence[str], *, min_count: int = 2) -> tuple[Vocabulary, Models]:
    """A vocabulary of the texts and every smoothing of every order on them."""
    read = [words(text) for text in texts]
    vocabulary = Vocabulary.build(read, min_count=min_count)
    counts = NGrams.count(join(map(vocabulary.encode, read)), ORDER, len(vocabulary), boundary=0)
    models: Models = {}
    for n in range(1, ORDER + 1):
        models["none (maximum likelihood)", n] = MLE(counts, n)
        models[f"add-k, k = {K}", n] = AddK(counts, n, k=K)
        models["back-off", n] = BackOff(counts, n)
        models["Kneser–Ney", n] = KneserNey(counts, n)
    return vocabulary, models


def ngram_explorer(context: str = "the plot was not", *, texts: Sequence[str] | None = None) -> Explorer:
    """Controls: the context, the smoothing, n, the temperature and the seed of the sample.

    texts: what is counted; by default 3,000 training reviews, which takes a second or two. Raises ValueError for texts
    in which not enough different words occur twice.
    """
    if texts is None:
        texts = [review.text for review in split(load_reviews()).train[:3_000]]
    vocabulary, models = models_of(texts)
    if len(vocabulary) <= TOP:
        raise ValueError(
            f"ngram_explorer: wanted texts in which at least {TOP - 1} different words occur twice, "
            f"got {len(vocabulary) - 2}"
        )
    controls = {
        "context": typed(context, "context", width="36em"),
        "smoothing": Dropdown(
            options=list(dict.fromkeys(name for name, _ in models)), value="Kneser–Ney", description="smoothing"
        ),
        "n": IntSlider(3, 1, ORDER, description="n  order"),
        "temperature": FloatLogSlider(
            1.0, min=-0.7, max=0.5, step=0.05, description="temperature", readout_format=".2f"
        ),
        "seed": IntSlider(5, 0, 30, description="seed of the sample"),
    }
    return Explorer(
        "NGramExplorer",
        controls,
        compute={
            "model": lambda smoothing, n: models[smoothing, n],
            "read": partial(read, vocabulary),
            "p": next_word,
            "sample": partial(sample_on, vocabulary),
        },
        setup=_setup,
        update=(partial(_show_next, vocabulary), _show_sample),
        describe=partial(_describe, vocabulary),
        figsize=(10.5, 3.8),
    )


def read(vocabulary: Vocabulary, model: NGramModel, context: str) -> Context:
    """What the model gets to see of the context."""
    found = words(context) if context.strip() else []
    tokens = [0, *vocabulary.encode(found).tolist()]
    known = [m for m, rank in enumerate(model.counts.contexts(tokens, model.n)) if _seen(model.counts, m, rank)]
    return Context(found, tokens, sorted({word for word in found if word not in vocabulary}), max(known))


def next_word(model: NGramModel, read: Context, temperature: float) -> Float[Array, "V"]:
    """The probability of every word to come next."""
    return model.next_word(read.tokens, temperature=temperature)


def sample_on(vocabulary: Vocabulary, model: NGramModel, read: Context, temperature: float, seed: int) -> list[str]:
    """How it would go on, up to the end of the review if that comes soon."""
    drawn = model.sample(LENGTH, read.tokens, temperature=temperature, rng=np.random.default_rng(seed))
    ends = np.flatnonzero(drawn == 0)
    end = int(ends[0]) if len(ends) else LENGTH
    text = detokenize(_name(vocabulary, int(t)) for t in drawn[:end])
    return ["…", *text.split(), "■" if len(ends) else "…"]


def _setup(figure: Figure) -> Artists:
    bars, text = figure.subplots(1, 2, width_ratios=(1, 1.25))
    bars.set(xlim=(-0.36, 1.2), ylim=(TOP + 1.5, -0.8))
    bars.set_title("What comes next?", loc="left")
    blank = lay_out(["x"], columns=WIDTH)
    blank.frame(text, columns=WIDTH, lines=11)
    text.set_title("How it would go on", loc="left")
    bars.axis("off")
    bars.barh([TOP + 0.3], [1], height=0.34, color=ORANGE)  # uncovered where words were seen
    return {
        "bars": list(bars.barh(range(TOP), [0] * TOP, height=0.72, color=BLUE)),
        "names": Letters(bars, size=11.0, family="sans-serif", align=1.0),
        "percent": Letters(bars, size=9.0, family="sans-serif", align=0.0),
        "seen": list(bars.barh([TOP + 0.3], [0], height=0.34, color=BLUE)),
        "mass": Letters(bars, size=9.0, family="sans-serif", align=0.0),
        "new": Letters(bars, size=9.0, family="sans-serif", align=1.0),
        "context": Letters(text, size=11.0, family="sans-serif", align=0.0),
        "sample": text.add_patch(PathPatch(blank.letters([""]), facecolor=INK, lw=0)),
    }


def _show_next(
    vocabulary: Vocabulary, artists: Artists, model: NGramModel, read: Context, p: Float[Array, "V"]
) -> None:
    tokens, n = read.tokens, model.n
    best = np.argpartition(-p, TOP)[:TOP]
    best = best[np.lexsort((best, -p[best]))]
    width, there = p[best] / p[best[0]], np.count_nonzero(p[best])
    for bar, share in zip(artists["bars"], width, strict=True):
        bar.set_width(share)
    rows, shown = np.arange(there), best[:there]
    artists["names"].put([_name(vocabulary, int(word)) for word in shown], _at(-0.02, rows))
    artists["percent"].put([percent(share) for share in p[shown]], _at(width[:there] + 0.015, rows), colors=MUTED)
    seen = _mass_seen(model, tokens, p)
    artists["seen"][0].set_width(seen)
    artists["mass"].put([f"seen here: {percent(seen)}"], _at(0, TOP + 1.05), colors=BLUE)
    artists["new"].put([f"never seen here: {percent(1 - seen)}"], _at(1, TOP + 1.05), colors=ORANGE)
    used = " ".join(_name(vocabulary, t) for t in tokens[len(tokens) - n + 1 :]) if n > 1 else ""
    shortened = f"… {textwrap.shorten(used, WIDTH - 12, placeholder=' …')}" if used else "nothing"
    artists["context"].put([f"It sees: {shortened}"], _at(0, 0.5), colors=BLUE)


def _show_sample(artists: Artists, sample: list[str]) -> None:
    page = lay_out(sample, columns=WIDTH, gap=1)
    artists["sample"].set_path(page._replace(line=page.line + 2).letters(sample))  # below the context


def _describe(
    vocabulary: Vocabulary, read: Context, p: Float[Array, "V"], n: int, temperature: float, seed: int
) -> str:
    word = int(np.argmax(p))
    return (
        f"With n = {n} the model looks at the last {n - 1} words of the context; the longest tail of them after which "
        f"anything was counted has length {read.known}. Of V = {len(p):,} possible next words the likeliest is "
        f"“{_name(vocabulary, word)}”, {percent(p[word])} at temperature {temperature:.2g}. Orange is what all words "
        f"never seen after these {n - 1} get together. On the right is sample {seed}; ■ begins and ends a review, "
        "<unk> is a word that was seen once."
        + (f" Not in the vocabulary: {', '.join(read.unknown)}." if read.unknown else "")
    )


def _seen(counts: NGrams, m: int, rank: int) -> bool:
    """Whether anything ever followed this context of m words."""
    if rank < 0:
        return False
    here = counts.following(m + 1, rank)
    return here.stop > here.start


def _mass_seen(model: NGramModel, tokens: Sequence[int], p: np.ndarray) -> float:
    """The probability of all words that were seen after the whole context of the model."""
    counts, n = model.counts, model.n
    ranks = counts.contexts(tokens, n)
    if len(ranks) < n or ranks[-1] < 0:
        return 0.0
    keys = counts.keys[n][counts.following(n, ranks[-1])] - ranks[-1] * counts.V
    return float(min(p[keys].sum(), 1.0))


def _name(vocabulary: Vocabulary, token: int) -> str:
    return "■" if token == 0 else vocabulary.words[token]


def _at(x: Any, y: Any) -> Num[Array, "N 2"]:
    """Places, from numbers or arrays."""
    return np.column_stack(np.broadcast_arrays(np.atleast_1d(x), y))

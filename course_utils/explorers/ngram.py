"""Type the beginning of a sentence and see what a model that counts makes of it: the next word, and how it would go on."""

import textwrap
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from ipywidgets import Dropdown, FloatLogSlider, IntSlider, Layout, Text
from jaxtyping import Float, Num
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from course_utils.data.reviews import load_reviews, split
from course_utils.explorers.explorer import Artists, Explorer
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


def models_of(texts: Sequence[str], *, min_count: int = 2) -> tuple[Vocabulary, Models]:
    """A vocabulary of the texts and every smoothing of every order on them."""
    tokens = [words(text) for text in texts]
    vocabulary = Vocabulary.build(tokens, min_count=min_count)
    counts = NGrams.count(join(map(vocabulary.encode, tokens)), ORDER, len(vocabulary), boundary=0)
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
    V = len(vocabulary)
    if V <= TOP:
        raise ValueError(
            f"ngram_explorer: wanted texts in which at least {TOP - 1} different words occur twice, got {V - 2}"
        )

    @lru_cache(maxsize=4)
    def read(context: str, n: int) -> tuple[list[int], int]:
        """The context as tokens, the begin of a review in front, and how many of them were seen together."""
        tokens = [0, *vocabulary.encode(words(context)).tolist()] if context.strip() else [0]
        counts = models["Kneser–Ney", n].counts
        known = [m for m, rank in enumerate(counts.contexts(tokens, n)) if _seen(counts, m, rank)]
        return tokens, max(known)

    @lru_cache(maxsize=4)  # `update` and `describe` ask for the same
    def next_word(context: str, smoothing: str, n: int, temperature: float) -> Float[Array, "V"]:
        return models[smoothing, n].next_word(read(context, n)[0], temperature=temperature)

    def setup(figure: Figure, **_: Any) -> Artists:
        bars, text = figure.subplots(1, 2, width_ratios=(1, 1.25))
        bars.set(xlim=(-0.36, 1.2), ylim=(TOP + 1.5, -0.8))
        bars.set_title("What comes next?", loc="left")
        blank = lay_out(["x"], columns=WIDTH)
        blank.frame(text, columns=WIDTH, lines=11)
        text.set_title("How it would go on", loc="left")
        bars.axis("off")
        bars.barh([TOP + 0.3], [1], height=0.34, color=ORANGE)  # uncovered where words were seen
        moving = {
            "bars": list(bars.barh(range(TOP), [0] * TOP, height=0.72, color=BLUE)),
            "names": Letters(bars, size=11.0, family="sans-serif", align=1.0),
            "percent": Letters(bars, size=9.0, family="sans-serif", align=0.0),
            "seen": list(bars.barh([TOP + 0.3], [0], height=0.34, color=BLUE)),
            "mass": Letters(bars, size=9.0, family="sans-serif", align=0.0),
            "new": Letters(bars, size=9.0, family="sans-serif", align=1.0),
            "context": Letters(text, size=11.0, family="sans-serif", align=0.0),
            "sample": text.add_patch(PathPatch(blank.letters([""]), facecolor=INK, lw=0)),
        }
        return moving

    def update(artists: Artists, context: str, smoothing: str, n: int, temperature: float, seed: int) -> None:
        model, (tokens, _) = models[smoothing, n], read(context, n)
        p = next_word(context, smoothing, n, temperature)
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
        rng = np.random.default_rng(seed)
        sample = _continue(model, vocabulary, tokens, temperature, rng)
        page = lay_out(sample, columns=WIDTH, gap=1)
        artists["sample"].set_path(page._replace(line=page.line + 2).letters(sample))  # below the context

    def describe(context: str, smoothing: str, n: int, temperature: float, seed: int) -> str:
        known, p = read(context, n)[1], next_word(context, smoothing, n, temperature)
        word = int(np.argmax(p))
        unknown = sorted({w for w in words(context) if w not in vocabulary}) if context.strip() else []
        return (
            f"With n = {n} the model looks at the last {n - 1} words of the context; the longest tail of them after which "
            f"anything was counted has length {known}. Of V = {V:,} possible next words the likeliest is "
            f"“{_name(vocabulary, word)}”, {percent(p[word])} at temperature {temperature:.2g}. Orange is what all words "
            f"never seen after these {n - 1} get together. On the right is sample {seed}; ■ begins and ends a review, "
            "<unk> is a word that was seen once."
            + (f" Not in the vocabulary: {', '.join(unknown)}." if unknown else "")
        )

    controls = {
        "context": Text(context, description="context", continuous_update=False, layout=Layout(width="36em")),
        "smoothing": Dropdown(
            options=list(dict.fromkeys(name for name, _ in models)), value="Kneser–Ney", description="smoothing"
        ),
        "n": IntSlider(3, 1, ORDER, description="n  order"),
        "temperature": FloatLogSlider(
            1.0, min=-0.7, max=0.5, step=0.05, description="temperature", readout_format=".2f"
        ),
        "seed": IntSlider(5, 0, 30, description="seed of the sample"),
    }
    return Explorer("NGramExplorer", setup, update, controls, describe=describe, figsize=(10.5, 3.8))


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


def _continue(
    model: NGramModel, vocabulary: Vocabulary, tokens: Sequence[int], temperature: float, rng: np.random.Generator
) -> list[str]:
    drawn = model.sample(LENGTH, tokens, temperature=temperature, rng=rng)
    ends = np.flatnonzero(drawn == 0)
    end = int(ends[0]) if len(ends) else LENGTH
    text = detokenize(_name(vocabulary, int(t)) for t in drawn[:end])
    return ["…", *text.split(), "■" if len(ends) else "…"]


def _name(vocabulary: Vocabulary, token: int) -> str:
    return "■" if token == 0 else vocabulary.tokens[token]


def _at(x: Any, y: Any) -> Num[Array, "N 2"]:
    """Places, from numbers or arrays."""
    return np.column_stack(np.broadcast_arrays(np.atleast_1d(x), y))

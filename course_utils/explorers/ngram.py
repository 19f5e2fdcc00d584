"""Type the beginning of a sentence and see what a model that counts makes of it: the next word, and how it would go on."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from ipywidgets import Dropdown, FloatLogSlider, IntSlider, Layout, Text
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from course_utils.data.reviews import load_reviews, split
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.plots.page import lay_out
from course_utils.plots.palette import BLUE, INK, MUTED, ORANGE
from course_utils.text.kneser_ney import KneserNey
from course_utils.text.language_model import LanguageModel
from course_utils.text.ngram import NGrams
from course_utils.text.preprocessing import detokenize, words
from course_utils.text.smoothing import MLE, AddK, BackOff
from course_utils.text.stream import join
from course_utils.text.vocabulary import Vocabulary

ORDER, TOP, LENGTH, WIDTH, K = 5, 7, 28, 50, 0.01
"""Largest n, bars shown, words sampled, characters in a line, the k of add-k."""

Models = dict[tuple[str, int], LanguageModel]


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

    texts: what is counted; by default 3,000 training reviews, which takes a second or two.
    """
    if texts is None:
        texts = [review.text for review in split(load_reviews()).train[:3_000]]
    vocabulary, models = models_of(texts)
    V = len(vocabulary)

    def read(context: str, n: int) -> tuple[list[int], int]:
        """The context as tokens, the begin of a review in front, and how many of them were seen together."""
        tokens = [0, *vocabulary.encode(words(context)).tolist()] if context.strip() else [0]
        counts = models["Kneser–Ney", n].counts
        known = [m for m, rank in enumerate(counts.contexts(tokens, n)) if _seen(counts, m, rank)]
        return tokens, max(known)

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
            "names": [bars.text(-0.02, k, "", ha="right", va="center", color=INK, size=11) for k in range(TOP)],
            "percent": [bars.text(0, k, "", ha="left", va="center", color=MUTED, size=9) for k in range(TOP)],
            "seen": list(bars.barh([TOP + 0.3], [0], height=0.34, color=BLUE)),
            "mass": bars.text(0, TOP + 1.05, "", ha="left", va="center", color=BLUE, size=9),
            "new": bars.text(1, TOP + 1.05, "", ha="right", va="center", color=ORANGE, size=9),
            "context": text.text(0, 0, "", color=BLUE, size=11),
            "sample": text.add_patch(PathPatch(blank.letters([""]), facecolor=INK, lw=0)),
        }
        return moving

    def update(artists: Artists, context: str, smoothing: str, n: int, temperature: float, seed: int) -> None:
        model = models[smoothing, n]
        tokens, _ = read(context, n)
        p = model.next_word(tokens, temperature=temperature)
        best = np.argpartition(-p, TOP)[:TOP]
        best = best[np.lexsort((best, -p[best]))]
        for k, word in enumerate(best):
            artists["bars"][k].set_width(p[word] / p[best[0]])
            artists["names"][k].set_text(_name(vocabulary, int(word)) if p[word] else "")
            artists["percent"][k].set_text(_percent(p[word]) if p[word] else "")
            artists["percent"][k].set_x(p[word] / p[best[0]] + 0.015)
        seen = _mass_seen(model, tokens, p)
        artists["seen"][0].set_width(seen)
        artists["mass"].set_text(f"seen here: {_percent(seen)}")
        artists["new"].set_text(f"never seen here: {_percent(1 - seen)}")
        used = " ".join(_name(vocabulary, t) for t in tokens[len(tokens) - n + 1 :]) if n > 1 else ""
        artists["context"].set_text(
            f"It sees: … {textwrap.shorten(used, WIDTH - 12, placeholder=' …')}" if used else "It sees: nothing"
        )
        rng = np.random.default_rng(seed)
        sample = _continue(model, vocabulary, tokens, temperature, rng)
        page = lay_out(sample, columns=WIDTH, gap=1)
        artists["sample"].set_path(page._replace(line=page.line + 2).letters(sample))  # below the context

    def describe(context: str, smoothing: str, n: int, temperature: float, seed: int) -> str:
        model, (tokens, known) = models[smoothing, n], read(context, n)
        p = model.next_word(tokens, temperature=temperature)
        word = int(np.argmax(p))
        unknown = sorted({w for w in words(context) if w not in vocabulary}) if context.strip() else []
        return (
            f"With n = {n} the model looks at the last {n - 1} words of the context; the longest tail of them that was "
            f"counted, with anything after it, has {known}. Of V = {V:,} possible next words the likeliest is "
            f"“{_name(vocabulary, word)}”, {_percent(p[word])} at temperature {temperature:.2g}. Orange is what all words "
            f"never seen after these {n - 1} get together. On the right is sample {seed}; ■ begins and ends a review, "
            "‹rare› is a word that was seen once."
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


def _mass_seen(model: LanguageModel, tokens: Sequence[int], p: np.ndarray) -> float:
    """The probability of all words that were seen after the whole context of the model."""
    counts, n = model.counts, model.n
    ranks = counts.contexts(tokens, n)
    if len(ranks) < n or ranks[-1] < 0:
        return 0.0
    keys = counts.keys[n][counts.following(n, ranks[-1])] - ranks[-1] * counts.V
    return float(min(p[keys].sum(), 1.0))


def _continue(
    model: LanguageModel, vocabulary: Vocabulary, tokens: Sequence[int], temperature: float, rng: np.random.Generator
) -> list[str]:
    drawn = model.sample(LENGTH, tokens, temperature=temperature, rng=rng)
    ends = np.flatnonzero(drawn == 0)
    end = int(ends[0]) if len(ends) else LENGTH
    text = detokenize(_name(vocabulary, int(t)) for t in drawn[:end])
    return ["…", *text.split(), "■" if len(ends) else "…"]


def _name(vocabulary: Vocabulary, token: int) -> str:
    return {0: "■", 1: "‹rare›"}.get(token, vocabulary.tokens[token])


def _percent(p: float) -> str:
    return f"{100 * p:.0f} %" if p >= 0.095 else f"{100 * p:.2g} %" if p >= 1e-5 else "0 %"

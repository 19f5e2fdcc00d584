"""Type a sentence, watch it become numbers, and see an LSTM read it word by word."""

import textwrap
from functools import partial
from typing import Any

import numpy as np
from ipywidgets import IntSlider
from matplotlib.figure import Figure

from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import typed
from course_utils.plots.palette import BLUE, DIVERGING, INK, LABELS, MUTED, RED
from course_utils.pretrained.first_reader import FirstReader, H, Reading, first_reader

COLUMNS = 24
LIMIT = 0.5  # the reader's states rarely leave (-0.5, 0.5)
SENTENCE = "For an hour I was bored, until the last ten minutes saved it. What an ending!"


def first_look_explorer(text: str = SENTENCE, *, reader: FirstReader | None = None) -> Explorer:
    """Words, their numbers, the state of the reader's units after each word, and its opinion so far."""
    controls = {
        "sentence": typed(text, "your sentence", width="44em"),
        "t": IntSlider(1, 1, COLUMNS, description="t  words read"),
    }
    return Explorer(
        "FirstLookExplorer",
        controls,
        compute={"reading": partial(read, reader or first_reader())},
        setup=_setup,
        update=(_show_words, _update),
        describe=_describe,
        limits={"t": lambda reading: min(len(reading.words), COLUMNS)},
        to_end=("t",),
        figsize=(9.5, 5.2),
        still=("words", "numbers"),
        slow=("sentence",),
    )


def read(reader: FirstReader, sentence: str) -> Reading:
    """What the reader does with the sentence. Raises ValueError for a blank one."""
    if not sentence.strip():
        raise ValueError("Type a sentence above and press Enter.")
    return reader.read(sentence)


def _setup(figure: Figure) -> Artists:
    opinion, state = figure.subplots(2, sharex=True, height_ratios=[1, 1.5])
    opinion.set(
        ylim=(0, 1),
        ylabel="opinion so far",
        yticks=[0, 0.5, 1],
        xlim=(-0.5, COLUMNS - 0.5),
    )
    opinion.set_yticklabels(["negative", "undecided", "positive"])
    opinion.set_title("What the network thinks of the film, word by word, and the numbers it thinks with")
    opinion.tick_params(bottom=False, labelbottom=False)
    opinion.grid(visible=False, axis="x")
    state.set(ylabel=f"the {H} units of $h_t$", yticks=[], xticks=range(COLUMNS))
    state.set_xticklabels(["xxxxxxxxxxxxxx"] * COLUMNS, rotation=50, ha="right", color="none")  # room for the words
    state.tick_params(bottom=False)
    state.grid(visible=False)
    empty = np.full((H, COLUMNS), np.nan)
    # Stage "rgba": the colours of the cells are made, not those of all the pixels they cover.
    look: dict[str, Any] = {"cmap": DIVERGING, "vmin": -LIMIT, "vmax": LIMIT, "interpolation_stage": "rgba"}
    image = state.imshow(empty, aspect="auto", **look)
    figure.colorbar(image, ax=state, label="state of a unit", pad=0.012, fraction=0.03)
    below = state.get_xaxis_transform()
    words = [
        state.text(
            k + 0.2,
            -0.1,
            "",
            transform=below,
            rotation=50,
            ha="right",
            va="center",
            rotation_mode="anchor",
        )
        for k in range(COLUMNS)
    ]
    numbers = [
        state.text(
            k,
            -0.05,
            "",
            transform=below,
            ha="center",
            va="center",
            size=7.5,
            color=MUTED,
        )
        for k in range(COLUMNS)
    ]
    (line,) = opinion.plot([], [], color=INK, lw=1.6)
    dots = opinion.scatter([], [], s=42, zorder=3)
    here = opinion.axvline(0, color=MUTED, lw=1, ls=":")
    return {
        "here": here,
        "image": image,
        "words": words,
        "numbers": numbers,
        "line": line,
        "dots": dots,
    }


def _show_words(artists: Artists, reading: Reading) -> None:
    for k, (word, number) in enumerate(zip(artists["words"], artists["numbers"], strict=True)):
        there = k < len(reading.words)
        word.set_text(textwrap.shorten(reading.words[k], 12, placeholder="…") if there else "")
        number.set_text(str(reading.numbers[k]) if there else "")
        number.set_color(RED if there and reading.numbers[k] == 1 else MUTED)


def _update(artists: Artists, reading: Reading, t: int) -> None:
    shown = np.full((H, COLUMNS), np.nan)
    shown[:, :t] = reading.h[:t].T
    artists["image"].set_data(shown)
    artists["here"].set_xdata([t - 1, t - 1])
    opinion = reading.opinion[:t]
    artists["line"].set_data(range(len(opinion)), opinion)
    artists["dots"].set_offsets(np.column_stack([range(len(opinion)), opinion]))
    artists["dots"].set_facecolor([BLUE if p > 0.5 else LABELS[0] for p in opinion])


def _describe(reading: Reading, t: int) -> str:
    p, word = reading.opinion[t - 1], reading.words[t - 1]
    unknown = sorted({w for w, k in zip(reading.words[:COLUMNS], reading.numbers, strict=False) if k == 1})
    sentences = [
        f"After {t} of {len(reading.words)} words, the last one “{word}” (number {reading.numbers[t - 1]}), "
        f"the network gives the review a {p:.0%} chance of being positive.",
        f"Number 1, in red, stands for words it does not know: {', '.join(unknown)}." if unknown else "",
        f"The picture shows the first {COLUMNS} words." if len(reading.words) > COLUMNS else "",
    ]
    return " ".join(filter(None, sentences))

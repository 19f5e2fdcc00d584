"""What the units of a trained character model follow: any review, coloured by any unit."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from ipywidgets import Dropdown, IntSlider
from jaxtyping import Float, Int
from matplotlib.figure import Figure

from course_utils.analysis.hidden_units import PROPERTIES, correlations
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import Review, encoded_characters, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.explorers.text_source import text_source
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.plots.rnn import fill_colors, fill_letters, text_grid
from course_utils.text.characters import spell
from course_utils.tree import Array

ROWS, COLUMNS = 8, 76


class Reading(NamedTuple):
    """As much of a text as fits the page, and the state of every unit after each of its characters."""

    text: str
    h: Float[Array, "T H"]


class Followers(NamedTuple):
    """For each property the correlation of every unit with it, and the units by the size of that.

    T: on how much text; H: number of units.
    """

    r: dict[str, Float[Array, "H"]]
    ranked: dict[str, Int[Array, "H"]]
    T: int
    H: int


def units_explorer(model: RecurrentLanguageModel, tokens: Int[Array, "T"]) -> Explorer:
    """Controls: a property, the rank of the unit among those that follow it, and a review to colour
    instead of our own examples.

    `tokens` (over `ALPHABET`) is a held-out text on which the correlations are measured. Of the review its first 608
    characters are shown.
    """
    corpus, units = load_reviews(), followers(model, tokens)
    controls = {
        "follows": Dropdown(options=list(PROPERTIES), value="position in the word", description="follows"),
        "rank": IntSlider(1, 1, units.H, description="rank of the unit"),
        **text_source(corpus),
    }
    return Explorer(
        "UnitsExplorer",
        controls,
        compute=partial(read, model, corpus),
        setup=_setup,
        update=partial(_update, units),
        describe=partial(_describe, units),
        figsize=(11.0, 2.9),
    )


def followers(model: RecurrentLanguageModel, tokens: Int[Array, "T"]) -> Followers:
    """What each unit follows over this text."""
    h, text = model.forward(tokens)[1].recurrent.h[1:], spell(tokens)
    r = {name: correlations(h, property_of(text)) for name, property_of in PROPERTIES.items()}
    return Followers(r, {name: np.argsort(-np.abs(one), kind="stable") for name, one in r.items()}, *h.shape)


def read(model: RecurrentLanguageModel, corpus: Sequence[Review], review: int) -> Reading:
    """What the model's units do over the review."""
    tokens = encoded_characters((corpus[review - 1],) if review else EXAMPLES)[: ROWS * COLUMNS]
    return Reading(spell(tokens), model.forward(tokens)[1].recurrent.h[1:])


def _setup(figure: Figure) -> Artists:
    ax = figure.subplots()
    image, letters = text_grid(ax, ROWS, COLUMNS)
    figure.colorbar(image, ax=ax, label="state of the unit", pad=0.012, fraction=0.03, ticks=[-1, 0, 1])
    return {"letters": letters, "image": image}


def _update(units: Followers, artists: Artists, now: Reading, follows: str, rank: int) -> None:
    fill_letters(artists["letters"], now.text, COLUMNS)
    fill_colors(artists["image"], now.h[:, units.ranked[follows][rank - 1]])


def _describe(units: Followers, follows: str, rank: int, review: int) -> str:
    unit, r = units.ranked[follows][rank - 1], units.r[follows]
    whose = f"review {review}" if review else "our own example reviews"
    return (
        f"Unit {unit} of {units.H} over {whose}. Its correlation with “{follows}” is {r[unit]:+.2f}, number {rank} in size "
        f"among all units, on {units.T:,} characters it was not trained on."
    )

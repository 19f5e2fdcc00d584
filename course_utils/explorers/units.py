"""What the units of a trained character model follow: any review, coloured by any unit."""

from functools import lru_cache
from typing import Any

import numpy as np
from ipywidgets import BoundedIntText, Dropdown, IntSlider
from jaxtyping import Float, Int
from matplotlib.figure import Figure

from course_utils.analysis.hidden_units import PROPERTIES, correlations
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import encoded_characters, load_reviews
from course_utils.explorers.explorer import Artists, Explorer
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.plots.rnn import fill_colors, fill_letters, text_grid
from course_utils.text.characters import spell
from course_utils.tree import Array

ROWS, COLUMNS, REVIEWS = 8, 76, 24_902


def units_explorer(model: RecurrentLanguageModel, tokens: Int[Array, " T"]) -> Explorer:
    """Controls: a property, the rank of the unit among those that follow it, and which review to colour.

    `tokens` (over `ALPHABET`) is a held-out text on which the correlations are measured. Of the review its first 608
    characters are shown; number 0 is our own examples, 1 ... 24,902 are the real ones.
    """
    h, text = model.forward(tokens)[1].recurrent.h[1:], spell(tokens)
    H = h.shape[1]
    found = {name: correlations(h, property_of(text)) for name, property_of in PROPERTIES.items()}
    ranked = {name: np.argsort(-np.abs(r), kind="stable") for name, r in found.items()}

    @lru_cache(maxsize=4)
    def read(review: int) -> tuple[str, Float[Array, "T H"]]:
        chosen = (load_reviews()[review - 1],) if review else EXAMPLES
        tokens = encoded_characters(chosen)[: ROWS * COLUMNS]
        return spell(tokens), model.forward(tokens)[1].recurrent.h[1:]

    def setup(figure: Figure, **_: Any) -> Artists:
        ax = figure.subplots()
        image, letters = text_grid(ax, ROWS, COLUMNS)
        figure.colorbar(image, ax=ax, label="state of the unit", pad=0.012, fraction=0.03, ticks=[-1, 0, 1])
        return {"letters": letters, "image": image}

    def update(artists: Artists, follows: str, rank: int, review: int) -> None:
        shown, states = read(review)
        fill_letters(artists["letters"], shown, COLUMNS)
        fill_colors(artists["image"], states[:, ranked[follows][rank - 1]])

    def describe(follows: str, rank: int, review: int) -> str:
        unit, r = ranked[follows][rank - 1], found[follows]
        whose = f"review {review}" if review else "our own example reviews"
        return (
            f"Unit {unit} of {H} over {whose}. Its correlation with “{follows}” is {r[unit]:+.2f}, number {rank} in size "
            f"among all units, on {len(tokens):,} characters it was not trained on."
        )

    controls = {
        "follows": Dropdown(options=list(PROPERTIES), value="position in the word", description="follows"),
        "rank": IntSlider(1, 1, H, description="rank of the unit"),
        "review": BoundedIntText(0, min=0, max=REVIEWS, description="review (0: ours)"),
    }
    return Explorer("UnitsExplorer", setup, update, controls, describe=describe, figsize=(11.0, 2.9))

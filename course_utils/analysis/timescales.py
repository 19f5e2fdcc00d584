"""How long does a layer remember? What its forget gates keep, and how long a change of one letter is felt in it."""

import numpy as np
from jaxtyping import Float, Int

from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.shapes import expect
from course_utils.tree import Array


def half_life(keep: Float[Array, "T H"]) -> Float[Array, "H"]:
    """After how many steps half of a cell's content is gone, for each unit, if nothing but `keep` acts on it.

    `keep` is the forget gate of an LSTM or the update gate of a GRU over a text. What is left after many steps is their
    product, so its rate is the mean of log(keep), and half_life = log(1/2) / mean. Infinite for a gate that is always open;
    0 if it ever shuts. Raises ValueError for other axes or no steps.
    """
    keep = expect(keep, "T H", what="keep", where="half_life")
    if len(keep) == 0 or not ((keep >= 0) & (keep <= 1)).all():
        raise ValueError("half_life: wanted at least one step and shares from 0 to 1, got none or others")
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(2) / np.abs(np.log(keep, dtype=np.float64).mean(axis=0)))


def ripple(
    model: RecurrentLanguageModel, tokens: Int[Array, "T *B"], changed: Int[Array, "T *B"], *, of: str = "h"
) -> tuple[Float[Array, "T *B H"], ...]:
    """How far apart the states of each layer are, at every step, if `changed` is read in place of `tokens`.

    `of` is "h", or "c" for the cells of LSTMs. The recurrent layer must be a `Stacked` one; there is one result a
    layer, lowest first. Raises ValueError if the two texts differ in shape.
    """
    if tokens.shape != changed.shape:
        raise ValueError(f"ripple: wanted two texts of the same shape, got {tokens.shape} and {changed.shape}")
    one, other = (model.forward(text)[1].recurrent.layers for text in (tokens, changed))
    return tuple(np.abs(getattr(a, of)[1:] - getattr(b, of)[1:]) for a, b in zip(one, other, strict=True))

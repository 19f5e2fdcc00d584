"""The share of reviews that each reader judges right, as a picture."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from course_utils.experiments.opinions import Line
from course_utils.plots import seeds
from course_utils.plots.palette import MODELS, MUTED


def judged_right(board: Sequence[Line], *, ax: Axes | None = None) -> Axes:
    """A row for each model of `board`: a dot a seed, and a bar of the family's colour (grey if it has none) at their mean."""
    scores = {line.model: line.scores for line in board}
    ax = seeds.by_group(scores, {line.model: MODELS.get(line.family, MUTED) for line in board}, ax=ax)
    ax.set_xlabel("share of held-out reviews judged right")
    return ax

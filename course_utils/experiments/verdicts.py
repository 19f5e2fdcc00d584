"""Words for comparisons: when one model is ahead of another, and when they are level."""

from collections.abc import Sequence
from typing import Literal

Word = Literal["ahead", "level", "behind"]


def verdict(
    scores: Sequence[float], others: Sequence[float], *, fewer_is_better: bool = True, margin: float = 0.0
) -> Word:
    """ "ahead" if the worst seed is better than the best of the others, by more than `margin`; "behind" if it is the other way.

    "level" otherwise: some seed of one is no better than some seed of the other. Raises ValueError for no scores.
    """
    if not (len(scores) and len(others)):
        raise ValueError(f"verdict: wanted scores of both, got {len(scores)} and {len(others)}")
    if not fewer_is_better:
        scores, others = [-score for score in scores], [-score for score in others]
    if max(scores) < min(others) - margin:
        return "ahead"
    return "behind" if min(scores) > max(others) + margin else "level"

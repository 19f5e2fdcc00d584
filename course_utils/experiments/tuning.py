"""The search for a learning rate: several, each twice the one before; the best may be neither the slowest nor the fastest."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

Tried = Mapping[float, float]
"""What each learning rate led to on data that is not reported; less is better, infinity for a training that diverged."""


def best(tried: Tried) -> float:
    """The rate that led to least; of several that did, the middle one. Raises ValueError if none was tried."""
    if not tried:
        raise ValueError("best: wanted at least one rate that was tried, got none")
    least = [rate for rate in sorted(tried) if tried[rate] == min(tried.values())]
    return least[(len(least) - 1) // 2]


def chosen(tried: Tried, fewest: int) -> float | None:
    """The best rate, or None while the search is not over: fewer than `fewest` are tried, or the best is at the edge."""
    if len(tried) < fewest or best(tried) in (min(tried), max(tried)):
        return None
    return best(tried)


def next_rates(tried: Tried, slowest: float, fewest: int) -> list[float]:
    """The rates whose results the search needs next, which begins with `fewest` from `slowest` on; none once it is over."""
    if len(tried) < fewest:
        return [rate for rate in (slowest * 2.0**k for k in range(fewest)) if rate not in tried]
    rate = best(tried)
    return [rate / 2] if rate == min(tried) else [rate * 2] if rate == max(tried) else []


def by_rate(runs: Iterable[Mapping[str, Any]], setting: Mapping[str, Any]) -> dict[float, float]:
    """What each rate led to on the validation text, `valid`, of the runs whose fields are those of `setting`.

    Infinity for a training that left the finite numbers, which has None there.
    """
    own = [run for run in runs if setting.items() <= run.items()]
    return dict(sorted((run["rate"], np.inf if run["valid"] is None else run["valid"]) for run in own))

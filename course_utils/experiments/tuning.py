"""The search for a learning rate: several, each twice the one before; the best may be neither the slowest nor the fastest."""

from collections.abc import Mapping

Tried = Mapping[float, float]
"""What each learning rate led to on data that is not reported; less is better, infinity for a training that diverged."""


def chosen(tried: Tried, fewest: int) -> float | None:
    """The best rate, or None while the search is not over: fewer than `fewest` are tried, or the best is at the edge."""
    best = min(tried, key=tried.__getitem__, default=None)
    return None if len(tried) < fewest or best in (min(tried), max(tried)) else best


def next_rates(tried: Tried, slowest: float, fewest: int) -> list[float]:
    """The rates whose results the search needs next, which begins with `fewest` from `slowest` on; none once it is over."""
    if len(tried) < fewest:
        return [rate for rate in (slowest * 2.0**k for k in range(fewest)) if rate not in tried]
    best = min(tried, key=tried.__getitem__)
    return [best / 2] if best == min(tried) else [best * 2] if best == max(tried) else []

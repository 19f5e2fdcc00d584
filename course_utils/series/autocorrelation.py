"""How much a sequence knows about itself k steps later: autocorrelation of numbers, mutual information of symbols."""

import math

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from course_utils.shapes import expect, expect_whole, rectangular
from course_utils.text.ngram import distinct
from course_utils.tree import Array


def autocorrelation(x: Float[Array, "T"], lags: int) -> Float[Array, "K"]:
    """`r[k] = sum_t (x_t - mean)(x_{t-k} - mean) / sum_t (x_t - mean)^2` for k = 0 ... `lags`, so K = lags + 1.

    The usual estimate (Box & Jenkins 1976, section 2.1): every lag is divided by the same sum over all T values, so r
    lies in [-1, 1] and `r[0] = 1`. Raises ValueError if x is not 1-D and finite, is constant, or is shorter than K.
    """
    x = as_series(x, "autocorrelation")
    expect_whole("autocorrelation", low=0, lags=lags)
    if lags >= len(x):
        raise ValueError(f"autocorrelation: wanted 0 <= lags < T, got lags={lags} for T={len(x)} values.")
    deviation = standardised(x, "autocorrelation")
    return np.array([deviation[k:] @ deviation[: len(x) - k] for k in range(lags + 1)]) / (deviation @ deviation)


def standardised(x: Array, where: str = "standardised") -> Float[Array, "T"]:
    """`x` with mean 0 and standard deviation 1, for numbers of any size and distance from 0.

    The mean is taken twice, which leaves no rounding of the first one in the deviations (Chan, Golub & LeVeque 1983).
    Raises ValueError, naming `where`, as `as_series`, and for a series that is constant, but for the rounding of floats.
    """
    x = as_series(x, where)
    if np.ptp(x / 2) <= 2 * np.spacing(np.abs(x).max()):
        raise ValueError(f"{where}: wanted values that vary, got a constant series: its correlation is 0/0.")
    x = np.ldexp(x, -np.frexp(np.abs(x).max())[1])  # so that no square needs to overflow
    deviation = x - x.mean()
    deviation -= deviation.mean()
    deviation = np.ldexp(deviation, -np.frexp(np.abs(deviation).max())[1])
    return deviation / np.sqrt(np.mean(deviation * deviation))


def white_noise_band(T: int) -> float:
    """Half-width of the band around 0 that holds 95 % of the autocorrelations of T independent values: 1.96 / sqrt(T).

    Bartlett (1946); Box & Jenkins (1976), section 2.1.6. For long T and a lag that is short against it. Raises
    ValueError for T < 1.
    """
    expect_whole("white_noise_band", T=T)
    return 1.96 / math.sqrt(T)


def mutual_information(tokens: ArrayLike, k: int) -> float:
    """Bits that a symbol tells about the one `k` steps later: `sum_ab p(a,b) log2( p(a,b) / p(a)p(b) )`, from counts.

    Estimated from few tokens it is too high even for independent ones (about (V-1)^2 / (2 T ln 2) bits for V symbols;
    Miller 1955), so compare it with the same tokens shuffled. Raises ValueError if tokens are no 1-D integers >= 0,
    or T <= k.
    """
    tokens = expect(tokens, "T", what="tokens", where="mutual_information", kind="int")
    if tokens.min(initial=0) < 0:
        raise ValueError(f"mutual_information: wanted tokens >= 0, got {tokens.min()}")
    expect_whole("mutual_information", k=k)
    if k >= len(tokens):
        raise ValueError(f"mutual_information: wanted 1 <= k < T, got k={k} for T={len(tokens)} tokens.")
    if tokens.max() >= len(tokens):  # numbers of few symbols, or of none: any other numbers do as well
        tokens = np.unique(tokens, return_inverse=True)[1]
    V, tokens = int(tokens.max()) + 1, tokens.astype(np.int64)
    first, second = tokens[:-k], tokens[k:]
    pairs, times, *_ = distinct(first * V + second, V * V)  # never the whole table of V·V pairs
    p_first, p_second = (np.bincount(part.astype(np.intp), minlength=V) / len(part) for part in (first, second))
    joint = times / len(first)
    return float(np.sum(joint * np.log2(joint / (p_first[pairs // V] * p_second[pairs % V]))))


def as_series(x: Array, where: str) -> Float[Array, "T"]:
    """`x` as 1-D float64. Raises ValueError, naming `where`, for another rank, no values, or values not finite."""
    x = rectangular(x, "the series", where)
    if x.dtype.kind not in "fiub" or x.ndim != 1 or not x.size:
        raise ValueError(f"{where}: wanted a 1-D series of at least one real number, got {x.dtype} of shape {x.shape}.")
    x = x.astype(float)
    if not np.isfinite(x).all():
        t = int(np.flatnonzero(~np.isfinite(x))[0])
        raise ValueError(f"{where}: wanted finite values, got {x[t]} at t={t}; cut the series there or fill it.")
    return x

"""Chapter 02's checks: the references agree with the package, and each plausible mistake gets its own name."""

from collections import deque

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course_utils.exercises.sequence_data import autocorrelation_at, forecast_from, lagged_inputs, split_and_scale


def d(x):
    return x - x.mean()


def shuffled_split(x, fraction):
    return split_and_scale(np.random.default_rng(0).permutation(x), fraction)


def against_0(x, fraction):
    """Adds a little to the standard deviation."""
    train, test = np.split(x, [int(len(x) * fraction)])
    return tuple((part - train.mean()) / (train.std() + 1e-12) for part in (train, test))


def cut_at(x, cut):
    train, test = x[:cut], x[cut:]
    return d(train) / train.std(), (test - train.mean()) / train.std()


def shared(x, k):
    return d(x)[k:] @ d(x)[: len(x) - k]


def expanded(x, k):
    """Multiplied out, so that large numbers are to cancel."""
    late, early, mean, T = x[k:], x[: len(x) - k], x.mean(), len(x)
    above = (late * early).sum() - mean * (late.sum() + early.sum()) + (T - k) * mean**2
    return above / ((x * x).sum() - T * mean**2)


def deviations_in_a_copy(x, k):
    y = x.copy()
    y[:] = x - x.mean()
    return (y[k:] @ y[: len(x) - k]) / (y @ y)


def by_fourier(x, k):
    power = np.abs(np.fft.rfft(d(x), 2 * len(x))) ** 2
    return np.fft.irfft(power)[k] / np.fft.irfft(power)[0]


def by_loop(x, k):
    mean = sum(x.tolist()) / len(x)
    above = sum((x[t] - mean) * (x[t - k] - mean) for t in range(k, len(x)))
    return above / sum((value - mean) ** 2 for value in x.tolist())


def windowed(x, t, a_0, a, H, move):
    window, out = x[t - len(a) : t][::-1], []
    for _ in range(H):
        out.append(a_0 + a @ window)
        window = move(window, out[-1])
    return np.array(out)


def written_into_a_copy(x, t, a_0, a, H):
    y = x.copy()
    return in_place(y, t, a_0, a, H)


def down_to(x, t, a_0, a, H):
    """x[t - 1 : t - k - 1 : -1], which is empty where t = k, as -1 means the end."""
    k, known = len(a), list(x[:t])
    for h in range(H):
        known.append(a_0 + a @ np.array(known[t + h - 1 : t + h - k - 1 : -1]))
    return np.array(known[t:])


def by_deque(x, t, a_0, a, H):
    window, out = deque(x[t - len(a) : t][::-1], maxlen=len(a)), []
    for _ in range(H):
        out.append(a_0 + sum(weight * value for weight, value in zip(a, window, strict=True)))
        window.appendleft(out[-1])
    return out


def by_companion(x, t, a_0, a, H):
    k = len(a)
    step = np.zeros((k + 1, k + 1))
    step[0, :k], step[0, k], step[k, k] = a, a_0, 1
    step[1:k, : k - 1] = np.eye(k - 1)
    state = np.append(x[t - k : t][::-1], 1)
    return np.array([(np.linalg.matrix_power(step, h) @ state)[0] for h in range(1, H + 1)])


def into_a_copy(x, fraction):
    y, cut = x.copy(), int(len(x) * fraction)
    y[:] = (x - x[:cut].mean()) / x[:cut].std()
    return y[:cut], y[cut:]


def single_precision(x, fraction):
    """A float32 column of a table, and the result as float64."""
    y = x.astype(np.float32)
    train, test = np.split(y, [int(len(y) * fraction)])
    return tuple(((part - train.mean()) / train.std()).astype(float) for part in (train, test))


def in_place(x, t, a_0, a, H):
    for h in range(t, t + H):
        x[h] = a_0 + np.dot(a, x[h - len(a) : h][::-1])
    return x[t : t + H]


WRONG = [
    ("02.1", lambda x, k: d(x)[k:] @ d(x)[:-k] / (d(x) @ d(x)) if k else 0.0, "x[:-0] is empty"),
    ("02.1", lambda x, k: d(x)[k:] @ d(x) / (d(x) @ d(x)), "your function stopped with ValueError"),
    ("02.1", lambda x, k: d(x)[k:] @ d(x)[:-k] / (d(x) @ d(x)), "right for k > 0, but at lag 0 your function stopped"),
    ("02.1", lambda x, k: autocorrelation_at(x, k) + 0.1, "r_3 is 0.4"),
    ("02.1", lambda x, k: abs(autocorrelation_at(x, k)), "yours lost its sign"),
    ("02.1", expanded, "a series far from 0, x + 1,000,000"),
    ("02.1", lambda x, k: shared(x, k) / (d(x) @ d(x) + 1e-9), "a series a billion times as small"),
    ("02.1", deviations_in_a_copy, "for a series of integers"),
    ("02.1", lambda x, k: autocorrelation_at(x[:100], k), "for 300 values"),
    ("02.1", lambda x, k: autocorrelation_at(x, k) if k < len(x) - 1 else 0.0, "for the largest lag, T - 1"),
    ("02.2", lambda x, k: (np.zeros((len(x) - k, k)), np.zeros(len(x) - k)), "what the stub did"),
    ("02.2", lambda x, k: lagged_inputs(x, k)[::-1], "inputs and targets are swapped"),
    ("02.2", lambda x, k: (np.stack([np.roll(x, j) for j in range(1, k + 1)], 1), x), "no full past"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0], x[k:, None]), "the targets are a column"),
    ("02.2", lambda x, k: (lagged_inputs(np.append(x[0], x[:-1]), k)[0], x[k:]), "the newest value is missing"),
    ("02.2", lambda x, k: (*lagged_inputs(x, k), k), "got 3"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0].squeeze(), x[k:]), "for k = 1"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0].astype(np.int16), x[k:]), "for 300 values"),
    ("02.2", lambda x, k: (np.stack([x[k - j : len(x) - j] for j in range(k)], 1), x[k:]), "among its own inputs"),
    ("02.2", lambda x, k: tuple(part[:-1] for part in lagged_inputs(x, k)), "the last value has a past"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0].T, x[k:]), "lying on their side"),
    ("02.2", lambda x, k: lagged_inputs(x, k)[0], "wanted 2 arrays"),
    ("02.2", lambda x, k: (np.insert(lagged_inputs(x, k)[0], 0, 1, axis=1), x[k:]), "a column too many"),
    ("02.2", lambda x, k: lagged_inputs(x, 3), "right for the first example"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, 12, a_0, a, H), "right for the first example"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, a_0, a, 5), "right for the first example"),
    ("02.3", in_place, "changed what it was given"),
    ("02.3", lambda x, t, a_0, a, H: np.append(x[:t], forecast_from(x, t, a_0, a, H)), "the past stands in front"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, a_0, a, H + 1), "one value too long"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, a_0, a, H).squeeze(), "for H = 1"),
    ("02.3", written_into_a_copy, "for a series of integers"),
    ("02.3", down_to, "a past of just k values"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, a_0, a, H) + 0 * x.sum(), "a series whose future is nan"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, a_0, a, H) + 1e-12, "a series a billion times as small"),
    ("02.4", lambda x, f: (np.zeros(int(len(x) * f)), np.zeros(len(x) - int(len(x) * f))), "what the stub did"),
    ("02.4", shuffled_split, "neighbours of every test value"),
    ("02.4", lambda x, f: split_and_scale(x[::-1], f), "turned the series round"),
    ("02.4", lambda x, f: cut_at(x, 28), "of 13 values and with the fraction 0.5, 6 are to train on"),
    ("02.4", lambda x, f: split_and_scale(x, 0.7), "yours have shape (9,)"),
    ("02.4", lambda x, f: cut_at(x, int(np.ceil(len(x) * f))), "which rounds down"),
    ("02.4", lambda x, f: cut_at(x, round(len(x) * f)), "of 15 values"),
    ("02.4", lambda x, f: split_and_scale(x, f)[::-1], "swapped"),
    ("02.4", against_0, "a series a billion times as small"),
    ("02.4", into_a_copy, "for a series of integers"),
    ("02.4", lambda x, f: (*split_and_scale(x, f), x.mean()), "got 3"),
    ("02.4", single_precision, "the training part: right to a few digits only"),
    ("02.4", lambda x, f: tuple(part.squeeze() for part in split_and_scale(x, f)), "for one value to test on"),
    ("02.4", lambda x, f: split_and_scale(np.roll(x, int(len(x) * f)), f), "train on the end"),
]

RIGHT = [
    ("02.1", lambda x, k: np.correlate(d(x), d(x), "full")[len(x) - 1 + k] / (d(x) @ d(x)), "np.correlate"),
    ("02.1", by_fourier, "by way of the spectrum"),
    ("02.1", by_loop, "a loop over a list"),
    ("02.2", lambda x, k: (sliding_window_view(x[:-1], k)[:, ::-1], x[k:]), "views"),
    ("02.2", lambda x, k: ([[x[t - j] for j in range(1, k + 1)] for t in range(k, len(x))], list(x[k:])), "lists"),
    ("02.2", lambda x, k: (x[np.arange(k, len(x))[:, None] - 1 - np.arange(k)], x[k:].astype(np.float32)), "indices"),
    ("02.3", by_deque, "a deque"),
    ("02.3", by_companion, "powers of the companion matrix"),
    ("02.3", lambda *g: windowed(*g, lambda window, new: np.append(new, window[:-1])).tolist(), "a list"),
    (
        "02.4",
        lambda x, f: np.split(
            d(x) / (s := x[: int(f * len(x))].std()) - d(x)[: int(f * len(x))].mean() / s, [int(f * len(x))]
        ),
        "np.split of all of it",
    ),
    ("02.4", lambda x, f: [part.tolist() for part in split_and_scale(x, f)], "lists"),
    ("02.1", lambda x, k: np.float32(autocorrelation_at(x, k)), "single precision"),
    ("02.4", lambda x, f: split_and_scale(x.astype(np.float32), f), "single precision"),
]

"""Chapter 02's checks: the references agree with the package, and each plausible mistake gets its own name."""

from collections import deque

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course_utils.exercises.sequence_data import autocorrelation_at, forecast_from, lagged_inputs, split_and_scale


def d(x):
    return x - x.mean()


def shuffled_split(x, fraction):
    return split_and_scale(np.random.default_rng(0).permutation(x), fraction)


def own_scale(x, fraction):
    cut = int(len(x) * fraction)
    return tuple(d(part) / part.std() for part in (x[:cut], x[cut:]))


def whole_scale(x, fraction):
    cut = int(len(x) * fraction)
    return tuple(np.split(d(x) / x.std(), [cut]))


def scaled(x, fraction, *, shift=np.mean, scale=np.std):
    train, test = np.split(x, [int(len(x) * fraction)])
    return tuple((part - shift(train)) / scale(train) for part in (train, test))


def lists(x, t, a_0, a, H, *, feed=True, future=False):
    out, known = [], list(x[:t])
    for h in range(H):
        out.append(a_0 + np.dot(a, known[::-1][: len(a)]))
        if feed:
            known.append(x[t + h] if future else out[-1])
    return np.array(out)


def overwritten(x, fraction):
    train, test = np.split(x, [int(len(x) * fraction)])
    train = d(train) / train.std()
    return train, (test - train.mean()) / train.std()


def divided_before_minus(x, fraction):
    train, test = np.split(x, [int(len(x) * fraction)])
    return train - train.mean() / train.std(), test - train.mean() / train.std()


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


def a_0_once(x, t, a_0, a, H):
    first = a_0 + a @ x[t - len(a) : t][::-1]
    return np.append(first, forecast_from(np.append(x[:t], first), t + 1, 0.0, a, H - 1))


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


def shifted_by_its_own_mean(x, fraction):
    train, test = np.split(x, [int(len(x) * fraction)])
    return d(train) / train.std(), d(test) / train.std()


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
    ("02.1", lambda x, k: 0.0, "what the stub did"),
    ("02.1", lambda x, k: x[k:] @ x[: len(x) - k] / (x @ x), "not their deviations from the mean"),
    ("02.1", lambda x, k: d(x)[k:] @ d(x)[: len(x) - k] / len(x), "an autocovariance"),
    ("02.1", lambda x, k: d(x)[k:] @ d(x)[: len(x) - k] / (len(x) - k) / x.var(), "over T - k pairs"),
    ("02.1", lambda x, k: np.corrcoef(x[k:], x[: len(x) - k])[0, 1], "the ordinary correlation of the two pieces"),
    ("02.1", lambda x, k: d(x) @ np.roll(d(x), k) / (d(x) @ d(x)), "wraps around"),
    ("02.1", lambda x, k: autocorrelation_at(x, k + 1), "asked for lag 3, you gave lag 4"),
    ("02.1", lambda x, k: autocorrelation_at(x, k - 1), "asked for lag 3, you gave lag 2"),
    ("02.1", lambda x, k: d(x)[k:] @ d(x)[:-k] / (d(x) @ d(x)) if k else 0.0, "x[:-0] is empty"),
    ("02.1", lambda x, k: d(x)[k:] @ d(x) / (d(x) @ d(x)), "your function stopped with ValueError"),
    ("02.1", lambda x, k: d(x)[k:] @ d(x)[:-k] / (d(x) @ d(x)), "right for k > 0, but at lag 0 your function stopped"),
    ("02.1", lambda x, k: autocorrelation_at(x, k) + 0.1, "r_3 is 0.4"),
    ("02.1", lambda x, k: shared(x, k) / len(x) / x.var(ddof=1), "divided by T - 1 (ddof=1)"),
    ("02.1", lambda x, k: shared(x, k) / (len(x) - k) / x.var(ddof=1), "divided by T - 1 (ddof=1)"),
    ("02.1", lambda x, k: d(x[k:]) @ d(x[: len(x) - k]) / (d(x) @ d(x)), "each of the two pieces has its own mean"),
    ("02.1", lambda x, k: d(x)[:k] @ d(x)[len(x) - k :] / (d(x) @ d(x)), "the first k and the last k"),
    ("02.1", lambda x, k: d(x)[k:] @ d(x)[k:] / (d(x) @ d(x)), "multiplied by itself"),
    ("02.1", lambda x, k: -autocorrelation_at(x, k), "the sign is the other way round"),
    ("02.1", lambda x, k: abs(autocorrelation_at(x, k)), "yours lost its sign"),
    ("02.1", lambda x, k: autocorrelation_at(x, k) ** 2, "the square of r_k"),
    ("02.1", lambda x, k: 1 - autocorrelation_at(x, k), "that is 1 - r_k"),
    ("02.1", lambda x, k: ((x[k:] - x[: len(x) - k]) ** 2).sum() / (d(x) @ d(x)), "compared by differences"),
    ("02.1", expanded, "a series far from 0, x + 1,000,000"),
    ("02.1", lambda x, k: shared(x, k) / (d(x) @ d(x) + 1e-9), "a series a billion times as small"),
    ("02.1", deviations_in_a_copy, "for a series of integers"),
    ("02.1", lambda x, k: autocorrelation_at(x[:100], k), "for 300 values"),
    ("02.1", lambda x, k: autocorrelation_at(x, k) if k < len(x) - 1 else 0.0, "for the largest lag, T - 1"),
    ("02.2", lambda x, k: (np.zeros((len(x) - k, k)), np.zeros(len(x) - k)), "what the stub did"),
    ("02.2", lambda x, k: lagged_inputs(x, k)[::-1], "inputs and targets are swapped"),
    ("02.2", lambda x, k: (np.stack([np.roll(x, j) for j in range(1, k + 1)], 1), x), "no full past"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0], x[k:, None]), "the targets are a column"),
    ("02.2", lambda x, k: tuple(part[::-1] for part in lagged_inputs(x, k)), "the rows run back in time"),
    ("02.2", lambda x, k: (lagged_inputs(np.append(x[0], x[:-1]), k)[0], x[k:]), "the newest value is missing"),
    ("02.2", lambda x, k: (*lagged_inputs(x, k), k), "got 3"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0].squeeze(), x[k:]), "for k = 1"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0].astype(np.int16), x[k:]), "for 300 values"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0][:, ::-1], x[k:]), "from old to new"),
    ("02.2", lambda x, k: (np.stack([x[k - j : len(x) - j] for j in range(k)], 1), x[k:]), "among its own inputs"),
    ("02.2", lambda x, k: tuple(part[:-1] for part in lagged_inputs(x, k)), "the last value has a past"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0].T, x[k:]), "lying on their side"),
    ("02.2", lambda x, k: (np.stack([np.roll(x, j)[:-k] for j in range(1, k + 1)], 1), x[:-k]), "np.roll wraps around"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0], x[: len(x) - k]), "the oldest values, not the next"),
    ("02.2", lambda x, k: lagged_inputs(x, k)[0], "wanted 2 arrays"),
    ("02.2", lambda x, k: (np.insert(lagged_inputs(x, k)[0], 0, 1, axis=1), x[k:]), "a column too many"),
    ("02.2", lambda x, k: lagged_inputs(x, 3), "right for the first example"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, 12, a_0, a, H), "right for the first example"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, a_0, a, 5), "right for the first example"),
    ("02.3", lambda x, t, a_0, a, H: np.full(H, x[t - 1]), "what the stub did"),
    ("02.3", lambda x, t, a_0, a, H: lists(x, t, a_0, a, H, future=True), "nobody knows them"),
    ("02.3", lambda x, t, a_0, a, H: lists(x, t, a_0, a, H, feed=False), "are not fed back"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, a_0, a[::-1], H), "wrong order"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, 0.0, a, H), "intercept a_0 is missing"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t - 1, a_0, a, H), "one step too early"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t + 1, a_0, a, H), "already the future"),
    ("02.3", lambda x, t, a_0, a, H: x[t : t + H], "nothing was predicted"),
    ("02.3", in_place, "changed what it was given"),
    ("02.3", lambda *g: windowed(*g, lambda window, new: np.append(new, window[1:])), "the window never moves on"),
    ("02.3", lambda *g: windowed(*g, lambda window, new: np.append(window[1:], new)), "where the oldest value stands"),
    ("02.3", a_0_once, "in the first step only"),
    ("02.3", lambda x, t, a_0, a, H: lists(x, t, a_0, a[::-1], H, feed=False), "two mistakes at once: the weights"),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, 0.0, a[::-1], H), "and the intercept a_0 is missing"),
    (
        "02.3",
        lambda x, t, a_0, a, H: np.append(x[t - 1], forecast_from(x, t, a_0, a, H - 1)),
        "the last known value; the",
    ),
    (
        "02.3",
        lambda x, t, a_0, a, H: np.append(x[t], forecast_from(x, t, a_0, a, H - 1)),
        "the first one is the true value",
    ),
    ("02.3", lambda x, t, a_0, a, H: forecast_from(x, t, a_0, a, H)[::-1], "in reverse order"),
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
    ("02.4", whole_scale, "already knows where the test part lies"),
    ("02.4", overwritten, "the test part came out as it was"),
    ("02.4", divided_before_minus, "only the mean was divided"),
    ("02.4", lambda x, f: cut_at(x, 28), "of 13 values and with the fraction 0.5, 6 are to train on"),
    ("02.4", lambda x, f: split_and_scale(x, 0.7), "yours have shape (9,)"),
    ("02.4", lambda x, f: cut_at(x, int(np.ceil(len(x) * f))), "which rounds down"),
    ("02.4", lambda x, f: cut_at(x, round(len(x) * f)), "of 15 values"),
    ("02.4", own_scale, "scaled by its own mean"),
    ("02.4", lambda x, f: (x[: int(len(x) * f)], x[int(len(x) * f) :]), "not yet scaled"),
    ("02.4", lambda x, f: scaled(x, f, scale=lambda train: 1), "shifted but not scaled"),
    ("02.4", lambda x, f: scaled(x, f, shift=lambda train: 0), "scaled but not shifted"),
    ("02.4", lambda x, f: scaled(x, f, scale=np.var), "divided by the variance"),
    ("02.4", lambda x, f: scaled(x, f, scale=lambda train: train.std(ddof=1)), "with ddof=1"),
    ("02.4", lambda x, f: split_and_scale(x, f)[::-1], "swapped"),
    ("02.4", lambda x, f: scaled(x, f, shift=np.min, scale=np.ptp), "by its smallest and largest value"),
    ("02.4", lambda x, f: scaled(x, f, scale=lambda train: x.std()), "by the standard deviation of the whole series"),
    ("02.4", shifted_by_its_own_mean, "the test part has the mean of the test part taken off"),
    ("02.4", lambda x, f: scaled(x, f, scale=lambda train: train.std() + 1e-12), "a series a billion times as small"),
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

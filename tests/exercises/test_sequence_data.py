"""Chapter 02's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np

from course_utils.exercises import exercises
from course_utils.exercises.sequence_data import autocorrelation_at, forecast_from, lagged_inputs, split_and_scale


def test_there_are_four():
    assert [e.id for e in exercises("02")] == ["02.1", "02.2", "02.3", "02.4"]


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
    ("02.2", lambda x, k: (np.zeros((len(x) - k, k)), np.zeros(len(x) - k)), "what the stub did"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0][:, ::-1], x[k:]), "from old to new"),
    ("02.2", lambda x, k: (np.stack([x[k - j : len(x) - j] for j in range(k)], 1), x[k:]), "among its own inputs"),
    ("02.2", lambda x, k: tuple(part[:-1] for part in lagged_inputs(x, k)), "the last value has a past"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0].T, x[k:]), "lying on their side"),
    ("02.2", lambda x, k: (np.stack([np.roll(x, j)[:-k] for j in range(1, k + 1)], 1), x[:-k]), "np.roll wraps around"),
    ("02.2", lambda x, k: (lagged_inputs(x, k)[0], x[: len(x) - k]), "the oldest values, not the next"),
    ("02.2", lambda x, k: lagged_inputs(x, k)[0], "wanted two arrays"),
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
    ("02.4", lambda x, f: split_and_scale(np.roll(x, int(len(x) * f)), f), "train on the end"),
]

RIGHT = [
    ("02.1", lambda x, k: np.float32(autocorrelation_at(x, k)), "single precision"),
    ("02.4", lambda x, f: split_and_scale(x.astype(np.float32), f), "single precision"),
]

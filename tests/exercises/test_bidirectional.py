"""Chapter 11's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np

from course_utils.exercises.bidirectional import both_backward, both_directions, looks_ahead, reverse_padded
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.rnn import RNN


def test_the_references_agree_with_the_package(rng):
    both = Bidirectional(RNN.init(3, 4, rng=rng), RNN.init(3, 2, rng=rng))
    x, dy = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 6))
    y, trace = both.forward(x)
    passes = [lambda x, rnn=rnn: rnn.forward(x)[0] for rnn in (both.from_left, both.from_right)]
    np.testing.assert_allclose(both_directions(x, *passes), y)
    back = [
        lambda dy, rnn=rnn, kept=kept: rnn.backward(dy, kept)[0]
        for rnn, kept in ((both.from_left, trace.from_left), (both.from_right, trace.from_right))
    ]
    np.testing.assert_allclose(both_backward(dy, 4, *back), both.backward(dy, trace)[0])


def test_reversing_before_and_after_is_what_the_package_does_with_masks(rng):
    mask = np.array([[1, 0], [1, 0], [1, 1], [0, 1]], bool)
    x = np.where(mask[..., None], rng.normal(size=(4, 2, 3)), 0)
    both = Bidirectional(RNN.init(3, 4, rng=rng), RNN.init(3, 4, rng=rng))
    by_hand = reverse_padded(both.from_right.forward(reverse_padded(x, mask), mask)[0], mask)
    np.testing.assert_allclose(both.forward(x, mask)[0][..., 4:], by_hand, atol=1e-12)
    np.testing.assert_array_equal(reverse_padded(reverse_padded(x, mask), mask), x)


def test_a_leak_is_a_leak():
    tokens = np.arange(5)
    assert not looks_ahead(lambda x: np.cumsum(x)[:, None], tokens, 5)
    assert looks_ahead(lambda x: np.cumsum(x[::-1])[::-1, None], tokens, 5)


def by_lengths(x, mask):
    out = np.zeros_like(x)
    for b, length in enumerate(mask.sum(0)):
        out[:length, b] = x[:length, b][::-1]
    return out


def keeps_padding(x, mask):
    out = x.copy()
    for b in range(x.shape[1]):
        out[mask[:, b], b] = x[mask[:, b], b][::-1]
    return out


def first_three(x, mask):
    out = np.zeros_like(x)
    for b in range(3):
        out[mask[:, b], b] = x[mask[:, b], b][::-1]
    return out


def twice(dy, H, back_left, back_right):
    if np.abs(back_left(dy[..., :H])).sum() > 0:
        return both_backward(dy, H, back_left, back_right)


def beside(left, right):
    return np.concatenate([left, right], axis=-1)


def leak(compare, changes, to=lambda token, V: (token + 1) % V):
    """A test for leaks that changes the tokens `changes(T)` and compares the outputs in `compare(s)`."""

    def test(predict, tokens, V):
        before = predict(tokens)
        for s in changes(len(tokens)):
            changed = tokens.copy()
            changed[s] = to(tokens[s], V)
            if not np.allclose(predict(changed)[compare(s)], before[compare(s)]):
                return True
        return False

    return test


def by_prefixes(predict, tokens, V):
    full = predict(tokens)
    return any(not np.allclose(predict(tokens[:t]), full[:t]) for t in range(1, len(tokens) + 1))


def by_best_guess(predict, tokens, V):
    compare = leak(lambda s: slice(s), lambda T: range(1, T))
    return compare(lambda x: predict(x).argmax(-1), tokens, V)


def batch_first(x, from_left, from_right):
    """As where the batch is the first axis (TimeBiLSTM of deep-learning-from-scratch-2)."""
    return beside(from_left(x), from_right(x[:, ::-1])[:, ::-1])


def two_probes(predict, tokens, V):
    """Changes the second and the last token only."""
    return leak(slice, lambda T: sorted({1, T - 1} & set(range(1, T))))(predict, tokens, V)


def neighbours_only(predict, tokens, V):
    """Compares only the two outputs before the changed token."""
    return leak(lambda s: slice(max(0, s - 2), s), lambda T: range(1, T))(predict, tokens, V)


def by_permutations(x, mask):
    """A matrix of zeros and ones for each sequence: 0 * nan is nan."""
    out = np.empty_like(x)
    for b in range(x.shape[1]):
        real = np.flatnonzero(mask[:, b])
        out[:, b] = (
            sum(
                (np.outer(np.eye(len(x))[t], np.eye(len(x))[s]) for t, s in zip(real, real[::-1], strict=True)),
                np.zeros((len(x), len(x))),
            )
            @ x[:, b]
        )
    return out


def squeezed(x, mask):
    """Loses the axes of length 1 on the way."""
    return np.squeeze(reverse_padded(x, mask))


def at_least_one(predict, tokens, V):
    """Counts the change of the first token as one that somebody must not see."""
    return len(tokens) == 1 or looks_ahead(predict, tokens, V)


def with_indices(x, mask):
    """Each real step takes its number from the other end."""
    out, (t, b) = np.zeros_like(x), np.nonzero(mask.T)[::-1]
    for k in range(x.shape[1]):
        steps = t[b == k]
        out[steps, k] = x[steps[::-1], k]
    return out


def concatenated_later(x, from_left, from_right):
    """With np.flip, and a list of features."""
    return np.dstack([from_left(x), np.flip(from_right(np.flip(x, 0)), 0)])


def spelled_back(dy, H, back_left, back_right):
    """With np.split and np.flip."""
    left, right = np.split(dy, [H], axis=2)
    return np.add(back_left(left), np.flip(back_right(np.flip(right, axis=0)), axis=0))


def prefixes(same):
    """Do the outputs stay when the text is cut off behind them?"""

    def answer(predict, tokens, V):
        whole = predict(tokens)
        return not all(same(predict(tokens[:s]), whole[:s]) for s in range(1, len(tokens)))

    return answer


def between_its_ends(x, mask):
    """Turns round what stands between the first and the last real step."""
    out = np.zeros_like(x)
    for b, real in enumerate(mask.T):
        if real.any():
            first, stop = np.flatnonzero(real)[[0, -1]] + (0, 1)
            out[first:stop, b] = x[first:stop, b][::-1]
    return out


WRONG = [
    ("11.1", between_its_ends, "padding in the middle"),
    ("11.4", leak(slice, lambda T: range(1, min(8, T))), "in a text of 25 tokens"),
    ("11.4", prefixes(np.array_equal), "equal up to rounding"),
    ("11.1", keeps_padding, "what stood at padded steps came along"),
    ("11.1", by_lengths, "padding at the front"),
    ("11.1", first_three, "not for another one: (an array of shape (6, 5, 3)"),
    ("11.2", lambda x, a, b: a(x), "only one pass"),
    ("11.2", lambda x, a, b: (a(x), b(x[::-1])[::-1]), "two things came back; wanted one array"),
    ("11.2", lambda x, a, b: beside(2 * a(x), b(x[::-1])[::-1]), "the first half, from the left"),
    ("11.3", lambda dy, H, a, b: 2 * both_backward(dy, H, a, b), "dx: the shape is right"),
    ("11.3", twice, "back_left was called 2 times"),
    ("11.3", lambda dy, H, a, b: both_backward(dy, 4, a, b), "stopped with"),
    ("11.4", leak(lambda s: slice(None), lambda T: range(T)), "was accused"),
    ("11.4", leak(lambda s: slice(s), lambda T: [0]), "no leak was found"),
    ("11.4", leak(lambda s: slice(s), lambda T: [T - 1]), "first output looks at the second token"),
    ("11.4", leak(lambda s: slice(1), lambda T: range(1, T)), "last output but one"),
    ("11.4", leak(lambda s: slice(s - 1, s), lambda T: range(1, T)), "looks two tokens ahead"),
    ("11.4", leak(slice, lambda T: range(1, T), lambda token, V: 0), "not only the last, and each to another one"),
    ("11.4", leak(slice, lambda T: range(1, T), lambda token, V: V - 1), "the last one, too, to another one"),
    ("11.4", lambda *given: not looks_ahead(*given), "the wrong way round"),
    ("11.4", by_best_guess, "subtracts a little of the mean"),
    ("11.4", lambda predict, tokens, V: 1, "True or False"),
    ("11.1", by_permutations, "padding that holds nan"),
    ("11.1", squeezed, "one step, one sequence, one feature"),
    ("11.2", batch_first, "the sequences of the batch round and back again"),
    ("11.2", lambda x, a, b: np.squeeze(both_directions(x, a, b)), "right for the first example, but not for one step"),
    ("11.3", lambda dy, H, a, b: np.squeeze(both_backward(dy, H, a, b)), "one step, one sequence, one unit each"),
    ("11.4", two_probes, "fourth output looks at the fifth token"),
    ("11.4", neighbours_only, "first output looks at the last token"),
    ("11.4", at_least_one, "a text of one token"),
]

RIGHT = [
    ("11.4", prefixes(np.allclose), "texts cut short"),
    ("11.1", with_indices, "by the numbers of the steps"),
    ("11.2", concatenated_later, "np.dstack and np.flip"),
    ("11.3", spelled_back, "np.split and np.flip"),
    ("11.4", by_prefixes, "beginnings of the text, down to a single token"),
]

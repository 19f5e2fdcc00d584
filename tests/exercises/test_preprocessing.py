"""Chapter 01's checks: the references agree with the package, and each plausible mistake gets its own name."""

from collections import Counter, OrderedDict
from itertools import count

import numpy as np

from course_utils.exercises import find
from course_utils.exercises.preprocessing import (
    align_to_the_end,
    embedding_gradient,
    lookup_by_product,
    masked_mean,
    numbered,
)
from course_utils.layers.embedding import Embedding
from course_utils.layers.pooling import MeanOverTime
from course_utils.text.batching import align
from course_utils.text.vocabulary import Vocabulary

IDS = ["01.1", "01.2", "01.3", "01.4", "01.5"]


def test_the_references_agree_with_the_package(rng):
    words = rng.choice(list("abcdefghij"), 60, p=np.arange(1, 11) / 55).tolist()
    vocabulary = Vocabulary.build([words], min_count=3)
    assert numbered(dict(Counter(words)), 3) == {w: k for w, k in vocabulary.index.items() if k >= 2}

    sequences = [rng.integers(1, 9, length) for length in (1, 4, 9, 30)]
    for got, want in zip(
        align_to_the_end(sequences, 7), align(sequences, 7, pad_at="front", truncate_at="front"), strict=True
    ):
        np.testing.assert_array_equal(got, want)

    layer = Embedding.init(6, 3, rng=rng)
    tokens = rng.integers(0, 6, 20)
    e, trace = layer.forward(tokens[:, None])
    np.testing.assert_allclose(lookup_by_product(tokens, layer.W)[1], e[:, 0])
    de = rng.normal(size=e.shape)
    np.testing.assert_allclose(embedding_gradient(tokens, de[:, 0], 6), layer.backward(de, trace)[1].W)

    e, mask = rng.normal(size=(7, 4, 3)), align(sequences, 7)[1]
    np.testing.assert_allclose(masked_mean(e, mask), MeanOverTime().forward(e, mask)[0])


def enumerated(counts, min_count, *, start=2, key=lambda item: (-item[1], item[0])):
    kept = [word for word, n in sorted(counts.items(), key=key) if n >= min_count]
    return {word: number for number, word in enumerate(kept, start)}


def falling_pairs(counts, min_count):
    words = sorted(((n, word) for word, n in counts.items() if n >= min_count), reverse=True)
    return {word: number for number, (_, word) in enumerate(words, 2)}


def by_counting(counts, min_count):
    """The numbers are right, but the dictionary is in the order of `counts`."""
    kept = [w for w in counts if counts[w] >= min_count]
    return {w: 2 + sum((-counts[v], v) < (-counts[w], w) for v in kept) for w in kept}


def numbers_into_counts(counts, min_count):
    counts.update(numbered(counts, min_count))
    return counts


def front(sequences, T, *, pad_at="front", truncate_at="front"):
    return align(sequences, T, pad_at=pad_at, truncate_at=truncate_at)


def read_off(sequences, T):
    tokens, _ = align_to_the_end(sequences, T)
    return tokens, tokens > 0


def negative_start(sequences, T):
    return front([sequence[len(sequence) - T :] for sequence in sequences], T)


def mask_too_early(sequences, T):
    tokens = np.zeros((T, len(sequences)), int)
    mask = tokens > 0
    tokens[:] = align_to_the_end(sequences, T)[0]
    return tokens, mask


def minus_one(sequences, T):
    tokens, mask = align_to_the_end(sequences, T)
    return np.where(mask, tokens, -1), mask


def changed_rows(sequences, T):
    tokens, mask = align_to_the_end(sequences, T)
    tokens[0] = 1
    return tokens, mask


def whole_columns(tokens, W):
    one_hot = np.zeros((len(tokens), len(W)))
    one_hot[:, tokens] = 1
    return one_hot, one_hot @ W


def without_the_last(tokens, W):
    one_hot = np.eye(len(W))[tokens]
    one_hot[-1] = 0
    return one_hot, one_hot @ W


def once(tokens, de, V):
    dW = np.zeros((V, de.shape[1]))
    dW[tokens] += de
    return dW


def single_precision(tokens, de, V):
    dW = np.zeros((V, de.shape[1]), np.float32)
    for k, w in enumerate(tokens):
        dW[w] += de[k]
    return dW


def total(e, mask):
    return (e * mask[..., None]).sum(0)


def length(mask):
    return mask.sum(0)[:, None]


def letters_turned_round(counts, min_count):
    """Descending in both, so the letters are turned round; but a word and its beginning are not."""
    kept = [word for word in counts if counts[word] >= min_count]
    kept.sort(key=lambda word: (counts[word], [-ord(letter) for letter in word]), reverse=True)
    return {word: number for number, word in enumerate(kept, 2)}


def two_sorts(counts, min_count):
    words = sorted(sorted(counts), key=counts.get, reverse=True)
    return {word: number for number, word in enumerate((w for w in words if counts[w] >= min_count), 2)}


def from_the_back(sequences, T):
    tokens, mask = np.zeros((T, len(sequences)), int), np.zeros((T, len(sequences)), bool)
    for b, sequence in enumerate(sequences):
        last = sequence[-T:]
        tokens[T - len(last) :, b], mask[T - len(last) :, b] = last, True
    return tokens, mask


def from_minus_its_length(sequences, T):
    tokens, mask = np.zeros((T, len(sequences)), int), np.zeros((T, len(sequences)), bool)
    for b, sequence in enumerate(sequences):
        last = sequence[-T:]
        tokens[-len(last) :, b], mask[-len(last) :, b] = last, True
    return tokens, mask


def by_columns(t, W):
    one_hot = np.eye(len(W))[t]
    return one_hot, np.stack([one_hot @ column for column in W.T], axis=1)


def column_by_column(t, W):
    one_hot = np.eye(len(W))[t]
    return one_hot, np.stack([one_hot @ W[:, d] for d in range(W.shape[1])], axis=1)


def word_by_word(t, W):
    one_hot = np.eye(len(W))[t]
    return one_hot, sum(one_hot[:, v, None] * W[v] for v in range(len(W)))


def by_padding(sequences, T):
    columns = [np.pad(sequence, (T, 0))[-T:] for sequence in sequences]
    return np.stack(columns, 1), np.stack([np.arange(T) >= T - len(sequence) for sequence in sequences], 1)


def as_wide_as_needed(tokens, W):
    one_hot = np.eye(tokens.max() + 1)[tokens]
    return one_hot, one_hot @ W[: tokens.max() + 1]


def collected_in_de(tokens, de, V):
    for t, w in enumerate(tokens):
        de[list(tokens).index(w)] += de[t] if list(tokens).index(w) < t else 0
    return np.stack([de[list(tokens).index(w)] if w in tokens else 0 * de[0] for w in range(V)])


def added_at(tokens, de, V):
    dW = np.zeros((V, de.shape[1]))
    np.add.at(dW, tokens, de)
    return dW


def three_texts(e, mask):
    out = np.zeros((3, 2))
    for b in range(3):
        out[b] = e[mask[:, b], b].mean(0)
    return out


def in_place(e, mask):
    e *= mask[..., None]
    return e.sum(0) / length(mask)


WRONG = [
    ("01.1", lambda c, m: {}, "what the stub did"),
    ("01.1", lambda c, m: list(numbered(c, m)), "wanted a dictionary"),
    ("01.1", lambda c, m: numbered(c, m + 1), "exactly min_count times is missing"),
    ("01.1", lambda c, m: numbered(c, 0), "no word was dropped"),
    ("01.1", lambda c, m: numbered(dict(list(c.items())[:3]), m), "compare counts[word] with min_count"),
    ("01.1", lambda c, m: dict(enumerate(numbered(c, m), 2)), "from numbers to words"),
    ("01.1", lambda c, m: enumerated(c, m, start=0), "the first word has the number 0"),
    ("01.1", lambda c, m: enumerated(c, m, start=1), "the first word has the number 1"),
    ("01.1", lambda c, m: {w: k for k, w in enumerate(c, 2) if c[w] >= m}, "have gaps"),
    ("01.1", lambda c, m: {w: n for w, n in c.items() if n >= m}, "these are the counts"),
    ("01.1", lambda c, m: enumerated(c, m, key=lambda item: (item[1], item[0])), "rare words come first"),
    ("01.1", lambda c, m: enumerated(c, m, key=lambda item: item[0]), "in alphabetical order"),
    ("01.1", lambda c, m: enumerated(c, m, key=lambda item: 0), "not sorted yet"),
    ("01.1", lambda c, m: enumerated(c, m, key=lambda item: -item[1]), "so the alphabet decides"),
    ("01.1", falling_pairs, "turns the alphabet round as well"),
    ("01.1", lambda c, m: {w: float(k) for w, k in numbered(c, m).items()}, "are to be integers"),
    ("01.1", lambda c, m: numbered(c, 2), "right for the first example, but not for another one: ({'b': 1, "),
    ("01.1", numbers_into_counts, "changed what it was given"),
    ("01.1", lambda c, m: {"<pad>": 0, "<unk>": 1, **numbered(c, m)}, "no word of the text: '<pad>', '<unk>'"),
    ("01.1", lambda c, m: numbered(c, m) if max(c.values()) >= m else {}, "with no words at all your function stopped"),
    ("01.1", letters_turned_round, "equally frequent words that begin alike"),
    ("01.1", lambda c, m: numbered({w: n for w, n in c.items() if w.isascii()}, m), "words in another alphabet"),
    ("01.1", lambda c, m: numbered(c, m or 1), "a min_count of 0, which every word reaches"),
    ("01.1", lambda c, m: {w: min(n, 30) for w, n in numbered(c, m).items()}, "for forty words"),
    ("01.2", lambda s, T: (np.zeros((T, len(s)), int), np.zeros((T, len(s)), bool)), "what the stub did"),
    ("01.2", lambda s, T: front(s, T, pad_at="back", truncate_at="back"), "as in the chapter's pad_all"),
    ("01.2", lambda s, T: tuple(part[:, ::-1] for part in front(s, T)), "the texts are in reverse order"),
    ("01.2", lambda s, T: (front(s, T)[0].astype(np.uint16), front(s, T)[1]), "token numbers of 70,000"),
    ("01.2", lambda s, T: (*front(s, T), T), "got 3"),
    ("01.2", lambda s, T: (front(s, T)[0], None), "mask is None"),
    ("01.2", lambda s, T: (front(s, T)[0], 2 * front(s, T)[1]), "True where a token was put"),
    ("01.2", lambda s, T: tuple(part.squeeze() for part in front(s, T)), "for T = 1"),
    ("01.2", lambda s, T: align_to_the_end(s, T)[0], "wanted 2 arrays"),
    ("01.2", lambda s, T: tuple(part.T for part in align_to_the_end(s, T)), "batch first"),
    ("01.2", lambda s, T: front(s, T, pad_at="back"), "the padding stands behind the text"),
    ("01.2", lambda s, T: front(s, T, truncate_at="back"), "the beginning of the long sequence is kept"),
    ("01.2", negative_start, "is negative there and counts from the end"),
    ("01.2", changed_rows, "the last T tokens, at the end of their column"),
    ("01.2", lambda s, T: (front(s, T)[0], ~front(s, T)[1]), "the wrong way round"),
    ("01.2", read_off, "read off the tokens"),
    ("01.2", lambda s, T: (front(s, T)[0], np.ones((T, len(s)), bool)), "True everywhere"),
    ("01.2", lambda s, T: (front(s, T)[0], front(s, T, pad_at="back")[1]), "its True in front"),
    ("01.2", lambda s, T: front([part[::-1] for part in s], T, truncate_at="back"), "run backwards"),
    ("01.2", lambda s, T: front(s, T + 1), ": shape ("),
    ("01.2", lambda s, T: (front(s, T)[0] * 1.0, front(s, T)[1]), "became real numbers"),
    ("01.2", mask_too_early, "made before the tokens were put in"),
    ("01.2", minus_one, "the padding is -1, wanted 0"),
    ("01.3", lambda t, W: (np.zeros((len(t), len(W))), np.zeros((len(t), W.shape[1]))), "what the stub did"),
    ("01.3", lambda t, W: W[t], "wanted 2 arrays"),
    ("01.3", lambda t, W: (lookup_by_product(t, W)[0].T, W[t]), "the one-hot vectors are columns"),
    ("01.3", whole_columns, "sets whole columns"),
    ("01.3", without_the_last, "first at [3, 1]: got 0, wanted 1"),
    ("01.3", lambda t, W: (lookup_by_product(t, W)[0], W[t].T), "on its side, (D, T)"),
    ("01.3", lambda t, W: (2 * lookup_by_product(t, W)[0], W[t]), "1 at place tokens[t]"),
    ("01.3", lambda t, W: (lookup_by_product(t, W)[0], 0 * W[t]), "the product is still 0"),
    ("01.3", lambda t, W: (lookup_by_product(t, W)[0], lookup_by_product(t, W)[0] * 3), "the product: shape"),
    ("01.3", lambda t, W: (lookup_by_product(t, W)[0], W[t] + 1), "one_hot @ W"),
    ("01.3", as_wide_as_needed, "up to the largest token, but the last words need not occur"),
    ("01.3", lambda t, W: (np.eye(len(t))[t], W[t]), "a column for each *step*"),
    (
        "01.3",
        lambda t, W: ((o := t[:, None] == np.unique(t)), o @ W[np.unique(t)]),
        "a row for each of the V = 5 words",
    ),
    ("01.3", lambda t, W: ((o := np.eye(len(W))[t].sum(0)), o @ W), "one vector for the whole text"),
    ("01.3", lambda t, W: (np.eye(len(W))[t], W[t]), "rows of W were looked up"),
    ("01.3", lambda t, W: (np.eye(len(W))[t], np.take(W, t, axis=0)), "rows of W were looked up"),
    ("01.3", lambda t, W: (np.eye(len(W))[t], W.take(t, axis=0)), "rows of W were looked up"),
    ("01.3", lambda t, W: (np.eye(len(W))[t], W[:][t]), "rows of W were looked up"),
    ("01.3", lambda t, W: (np.eye(len(W))[t], W.T[:, t].T), "rows of W were looked up"),
    ("01.3", lambda t, W: (np.eye(len(W))[t], np.array([W[w] for w in t])), "rows of W were looked up"),
    (
        "01.3",
        lambda t, W: (np.eye(len(W))[t], np.array([[W[w, d] for d in range(W.shape[1])] for w in t])),
        "rows of W were looked up",
    ),
    ("01.3", lambda t, W: (np.eye(len(W))[t], np.take(a=W, indices=t, axis=0)), "rows of W were looked up"),
    (
        "01.3",
        lambda t, W: (np.eye(len(W))[t], np.take_along_axis(W, np.array(t)[:, None], 0)),
        "rows of W were looked up",
    ),
    ("01.3", lambda t, W: (np.eye(len(W))[t], np.stack([list(W)[w] for w in t])), "rows of W were looked up"),
    ("01.3", lambda t, W: (np.eye(len(W))[t].squeeze(), (np.eye(len(W))[t] @ W)), "for T = 1"),
    ("01.3", lambda t, W: (np.eye(len(W))[t], (np.eye(len(W))[t] @ W).squeeze()), "for T = 1"),
    ("01.4", lambda t, de, V: embedding_gradient(t, de, V).sum(1), "each of the D numbers"),
    ("01.4", lambda t, de, V: embedding_gradient(t, de, V).T, "lying on its side"),
    ("01.4", lambda t, de, V: embedding_gradient(t, de, V)[np.unique(t)], "that occur in the text"),
    ("01.4", lambda t, de, V: (embedding_gradient(t, de, V), None), "two things came back"),
    ("01.4", collected_in_de, "de was changed: `de[...] +="),
    ("01.4", lambda t, de, V: np.clip(embedding_gradient(t, de, V), -5, 5), "a billion times as large"),
    ("01.4", lambda t, de, V: embedding_gradient(t, de, V) + 1e-10, "dW"),
    ("01.4", lambda t, de, V: embedding_gradient(t[:20], de, V), "a text longer than the vocabulary"),
    ("01.4", once, "only its last gradient is there"),
    ("01.4", lambda t, de, V: embedding_gradient(t, de, int(t.max()) + 1), "dW: shape (4, 3), wanted (6, 3)"),
    ("01.4", lambda t, de, V: de, "one for each word of the vocabulary"),
    ("01.4", lambda t, de, V: 2 * embedding_gradient(t, de, V), "collects de[t] of all steps"),
    ("01.5", lambda e, m: e[m].mean(0), "one mean for the whole batch"),
    ("01.5", lambda e, m: (e * m[..., None]).sum(1) / m.sum(1, keepdims=True), "averaged over the texts"),
    ("01.5", lambda e, m: (e * m).sum(0), "stopped with ValueError"),
    ("01.5", in_place, "changed what it was given"),
    ("01.5", lambda e, m: total(e, m) / (length(m) + 1e-8), "right to a few digits only"),
    ("01.5", three_texts, "right for the first example"),
    ("01.5", lambda e, m: -masked_mean(e, m), "divided by how many there are"),
    ("01.5", lambda e, m: masked_mean(e, m).mean(-1), "each has a mean of its own"),
    ("01.5", lambda e, m: masked_mean(e, m)[None], "an axis of length 1 is left"),
    ("01.5", lambda e, m: (masked_mean(e, m), m.sum(0)), "two things came back"),
    ("01.5", lambda e, m: np.stack([e[m[:, b], b].mean(0) for b in range(e.shape[1])]).squeeze(), "for B = 1"),
    ("01.5", lambda e, m: masked_mean(e, m) + 1e-13, "a billion times as small"),
]

RIGHT = [
    ("01.1", lambda c, m: dict(zip(sorted((w for w in c if c[w] >= m), key=lambda w: (-c[w], w)), count(2))), "zip"),
    ("01.1", lambda c, m: OrderedDict((w, np.int32(k)) for w, k in numbered(c, m).items()), "an ordered dictionary"),
    ("01.1", two_sorts, "sorted twice, for sorting is stable"),
    ("01.2", lambda s, T: [part.tolist() for part in front(s, T)], "lists"),
    ("01.2", by_padding, "np.pad"),
    ("01.2", from_the_back, "rows counted from T"),
    ("01.2", from_minus_its_length, "rows counted from the end"),
    ("01.2", lambda s, T: tuple(part.astype(np.int32) for part in front(s, T)), "32-bit integers"),
    ("01.3", lambda t, W: ((o := t[:, None] == np.arange(len(W))), o @ W), "true and false for 1 and 0"),
    ("01.3", lambda t, W: ((o := np.eye(W.shape[0], dtype=int)[t]), np.einsum("tv,vd->td", o, W)), "einsum, integers"),
    ("01.3", lambda t, W: ((o := np.eye(len(W))[t]), W.T.dot(o.T).T), "the other way up"),
    ("01.3", lambda t, W: ((o := np.identity(len(W))[t]), np.array([np.dot(row, W) for row in o])), "row by row"),
    ("01.3", lambda t, W: ((o := np.eye(len(W))[t]), np.tensordot(a=o, b=W, axes=1)), "tensordot by name"),
    ("01.3", lambda t, W: ((o := np.eye(len(W))[t]), np.dot(a=o, b=W)), "dot by name"),
    ("01.3", lambda t, W: ((o := np.eye(len(W))[t]), np.linalg.multi_dot([np.eye(len(t)), o, W])), "multi_dot"),
    ("01.3", by_columns, "the columns of W as rows of W.T"),
    ("01.3", column_by_column, "column by column"),
    ("01.3", word_by_word, "a sum over the vocabulary"),
    ("01.3", lambda t, W: [(o := np.eye(len(W))[t]).tolist(), np.tensordot(o, W, 1).tolist()], "lists"),
    ("01.4", added_at, "np.add.at"),
    ("01.4", lambda t, de, V: [[np.bincount(t, d, V)[w] for d in de.T] for w in range(V)], "lists of counts"),
    ("01.4", lambda t, de, V: np.stack([de[t == w].sum(0) for w in range(V)]), "word by word"),
    ("01.5", lambda e, m: np.nanmean(np.where(m[..., None], e, np.nan), axis=0), "nan for padding"),
    ("01.5", lambda e, m: [[e[m[:, b], b, d].mean() for d in range(e.shape[2])] for b in range(e.shape[1])], "lists"),
    ("01.5", lambda e, m: np.einsum("tbd,tb->bd", e, m / m.sum(0)), "einsum"),
    ("01.5", lambda e, m: np.ma.array(e, mask=np.repeat(~m[..., None], e.shape[2], 2)).mean(0), "a masked array"),
    ("01.1", by_counting, "the dictionary stands in another order"),
    ("01.4", single_precision, "single precision"),
    ("01.5", lambda e, m: masked_mean(e, m).astype(np.float32), "single precision"),
]


def test_another_way_of_writing_it_is_right_too():
    """The lookup with np.eye, the gradient as a product, a mask of numbers: all fine."""

    def gradient(tokens, de, V):
        return np.eye(V)[tokens].T @ de

    def mask_of_numbers(sequences, T):
        tokens, mask = align_to_the_end(sequences, T)
        return tokens, mask.astype(int)

    for id, answer in [
        ("01.1", lambda c, m: enumerated(c, m)),
        ("01.2", mask_of_numbers),
        ("01.3", lambda t, W: (np.eye(len(W))[t], np.eye(len(W))[t] @ W)),
        ("01.4", gradient),
        ("01.5", lambda e, m: np.average(e, axis=0, weights=np.broadcast_to(m[..., None], e.shape))),
    ]:
        right, text = find(id).verdict(answer)
        assert right, text

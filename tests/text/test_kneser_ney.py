"""Kneser-Ney against its formula, written out over dictionaries, and on the word it was invented for."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.text.kneser_ney import KneserNey, ModifiedKneserNey
from course_utils.text.ngram import NGrams
from course_utils.text.smoothing import MLE
from course_utils.text.stream import join

V = 4
STREAMS = st.lists(st.integers(0, V - 1), min_size=1, max_size=60)


def adjusted_counts(pairs, tokens, n, boundary):
    """counts[m][m-gram]: plain for m = n and after a boundary, else how many different tokens stand in front."""
    plain = {m: Counter((*c, w) for c, w in pairs(tokens, m, boundary) if len(c) == m - 1) for m in range(1, n + 2)}
    counts = {n: plain[n]}
    for m in range(1, n):
        in_front = Counter(gram[1:] for gram in plain[m + 1])
        counts[m] = {
            gram: plain[m][gram] if boundary is not None and m > 1 and gram[0] == boundary else in_front[gram]
            for gram in plain[m]
        }
    return counts


def slow_kneser_ney(counts, discount, context):
    p = [1 / V] * V
    for m in range(1, len(context) + 2):
        tail = tuple(context[len(context) - m + 1 :])
        D = discount(counts[m].values())
        after = defaultdict(int, {gram[-1]: a for gram, a in counts[m].items() if gram[:-1] == tail})
        if total := sum(after.values()):
            given_up = sum(min(D(a), a) for a in after.values())
            p = [(max(after[w] - D(after[w]), 0) + given_up * p[w]) / total for w in range(V)]
    return p


def one(values):
    n1, n2 = (list(values).count(r) for r in (1, 2))
    D = n1 / (n1 + 2 * n2) if n1 and n2 else 0.5
    return lambda a: D


def three(values):
    n = [list(values).count(r) for r in range(5)]
    if not all(n[1:]):
        return one(values)
    Y = n[1] / (n[1] + 2 * n[2])
    D = {r: r - (r + 1) * Y * n[r + 1] / n[r] for r in (1, 2, 3)}
    if min(D.values()) <= 0:
        return one(values)
    return lambda a: D[min(max(a, 1), 3)]


@given(
    tokens=STREAMS,
    n=st.integers(1, 4),
    boundary=st.sampled_from([None, 0]),
    context=st.lists(st.integers(1, V - 1)),
    model=st.sampled_from([(KneserNey, one), (ModifiedKneserNey, three)]),
)
def test_it_is_its_formula(pairs, tokens, n, boundary, context, model):
    make, discount = model
    context = context[max(len(context) - n + 1, 0) :]
    fast = make(NGrams.count(tokens, n, V, boundary=boundary)).next_word(context)
    slow = slow_kneser_ney(adjusted_counts(pairs, tokens, n, boundary), discount, context)
    np.testing.assert_allclose(fast, slow, rtol=1e-11)


def test_the_three_discounts_on_a_longer_text(pairs):
    tokens = np.random.default_rng(0).choice(V, 400, p=[0.02, 0.28, 0.3, 0.4]).tolist()
    counts = adjusted_counts(pairs, tokens, 4, 0)
    values = list(counts[4].values())
    assert all(values.count(r) for r in (1, 2, 3, 4)), "the text must be one where three discounts exist"
    model = ModifiedKneserNey(NGrams.count(tokens, 4, V, boundary=0))
    for context in ([1, 2, 3], [3, 3], [2]):
        np.testing.assert_allclose(model.next_word(context), slow_kneser_ney(counts, three, context), rtol=1e-11)
    start = slow_kneser_ney(counts, three, [0, 0, 0])
    np.testing.assert_allclose(model.next_word([0]), start, rtol=1e-11, err_msg="plain counts after a boundary")


def test_a_discount_that_is_none_gives_way_to_the_single_one():
    """n_r = 4, 2, 2, 6 of pairs, so D_3 = 3 - 4 · 1/2 · 6/2 = -3, and after y all would be as it was counted."""
    letters = {letter: k for k, letter in enumerate("xyzabcdefg", start=1)}
    texts = ["xa", "xb", *["xc"] * 2, *["xd"] * 3, *["xe"] * 4, *["xf"] * 4, *["xg"] * 4, *["yz"] * 5]
    counts = NGrams.count(join([letters[c] for c in text] for text in texts), 2, 11, boundary=0)
    modified, plain = ModifiedKneserNey(counts), KneserNey(counts)
    y, a = letters["y"], letters["a"]
    assert modified.next_word([y])[a] > 0
    assert modified.next_word([y]) == pytest.approx(plain.next_word([y]), rel=1e-2)
    assert modified.perplexity([y, a]) == pytest.approx(plain.perplexity([y, a]), rel=1e-2)
    assert modified.perplexity([y, a]) < 50


def test_by_hand():
    # 1 2 1 2 1 3: before 1 stands {2}, before 2 {1}, before 3 {1}, so each continues one word: p_1 is even over them.
    model = KneserNey(NGrams.count([1, 2, 1, 2, 1, 3], 2, V), discount=0.5)
    p1 = np.array([1.5 / 3 / 4, *[0.5 / 3 + 1.5 / 3 / 4] * 3])
    np.testing.assert_allclose(model.next_word([]), p1)
    np.testing.assert_allclose(model.next_word([1]), np.array([0, 0, 1.5, 0.5]) / 3 + 2 * 0.5 / 3 * p1)


def test_san_francisco():
    """ "Francisco" (2) is frequent, but only after "San" (1); "glasses" (3) is rarer and follows anything."""
    text = [1, 2] * 20
    for word in range(4, 10):
        text += [word, 3]
    counts = NGrams.count(text, 2, 12)
    unigram = MLE(counts, 1).next_word([])
    assert unigram[2] > unigram[3]
    fallback = KneserNey(counts).next_word([11])  # a context never seen
    assert fallback[3] > 3 * fallback[2]
    assert KneserNey(counts).next_word([1])[2] > 0.9


@pytest.mark.parametrize("D", [0.0, 1.0, -0.5, 2.0])
def test_refuses_a_discount_that_is_none(D):
    with pytest.raises(ValueError, match="KneserNey: wanted a discount D between 0 and 1"):
        KneserNey(NGrams.count([1, 2], 2, V), discount=D)

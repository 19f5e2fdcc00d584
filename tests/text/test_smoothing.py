"""MLE, add-k and back-off against their formulas, written out over dictionaries."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.text.ngram import NGrams
from course_utils.text.smoothing import MLE, AddK, BackOff, estimate_discount

V = 4
STREAMS = st.lists(st.integers(0, V - 1), min_size=1, max_size=50)
CONTEXTS = st.lists(st.integers(1, V - 1), max_size=4)


def table(pairs, tokens, m, boundary):
    """after[context][word] = count, of order m."""
    after = defaultdict(Counter)
    for context, word in pairs(tokens, m, boundary):
        if len(context) == m - 1:
            after[context][word] += 1
    return after


@given(tokens=STREAMS, n=st.integers(1, 4), boundary=st.sampled_from([None, 0]), context=CONTEXTS, k=st.floats(0, 3))
def test_add_k_is_its_formula(pairs, tokens, n, boundary, context, k):
    model = AddK(NGrams.count(tokens, n, V, boundary=boundary), k=k)
    context = context[max(len(context) - n + 1, 0) :]
    after = table(pairs, tokens, len(context) + 1, boundary)[tuple(context)]
    total = after.total() + k * V
    slow = [(after[w] + k) / total if total else 1 / V for w in range(V)]
    np.testing.assert_allclose(model.next_word(context), slow, rtol=1e-12, atol=5e-324)


def test_mle_by_hand():
    model = MLE(NGrams.count([1, 2, 1, 2, 1, 3], 2, V))
    np.testing.assert_allclose(model.next_word([1]), [0, 0, 2 / 3, 1 / 3])
    np.testing.assert_allclose(model.next_word([]), [0, 3 / 6, 2 / 6, 1 / 6])
    np.testing.assert_allclose(model.next_word([3]), 1 / V, err_msg="nothing was seen after 3")


def slow_back_off(pairs, tokens, n, boundary, D, context):
    """p(. | context) by the recursion; contexts as long as they are."""
    p = dict.fromkeys(range(V), 1 / V)
    for m in range(1, len(context) + 2):
        tail = tuple(context[len(context) - m + 1 :])
        after = table(pairs, tokens, m, boundary)[tail]
        if not after:
            continue
        if len(after) == V:
            p = {w: after[w] / after.total() for w in range(V)}
            continue
        given_up = D * len(after) / after.total()
        unseen = sum(p[w] for w in range(V) if w not in after)
        p = {w: (after[w] - D) / after.total() if w in after else given_up * p[w] / unseen for w in range(V)}
    return [p[w] for w in range(V)]


@given(
    tokens=STREAMS, n=st.integers(1, 4), boundary=st.sampled_from([None, 0]), context=CONTEXTS, D=st.floats(0.05, 0.95)
)
def test_back_off_is_its_recursion(pairs, tokens, n, boundary, context, D):
    model = BackOff(NGrams.count(tokens, n, V, boundary=boundary), discount=D)
    context = context[max(len(context) - n + 1, 0) :]
    slow = slow_back_off(pairs, tokens, n, boundary, D, context)
    np.testing.assert_allclose(model.next_word(context), slow, rtol=1e-9)


def test_back_off_by_hand():
    model = BackOff(NGrams.count([1, 2, 1, 2, 1, 3], 2, V), discount=0.5)
    p1 = np.array([1 / 4, 2.5 / 6, 1.5 / 6, 0.5 / 6])  # three words give up 1.5 / 6, all of it for the unseen 0
    np.testing.assert_allclose(model.next_word([]), p1)
    share = (2 * 0.5 / 3) / (p1[0] + p1[1])
    np.testing.assert_allclose(model.next_word([1]), [share * p1[0], share * p1[1], 1.5 / 3, 0.5 / 3])


def test_the_estimated_discount():
    assert estimate_discount(np.array([1, 1, 1, 2, 5])) == 3 / 5
    assert estimate_discount(np.array([2, 2, 3])) == 0.5
    assert estimate_discount(np.array([1, 1, 3])) == 0.5


@pytest.mark.usefixtures("without_type_checks")
@pytest.mark.parametrize("k", [-0.1, float("nan"), float("inf"), "1", None, True, np.ones(1)])
def test_add_k_refuses(k):
    with pytest.raises(ValueError, match="AddK: wanted 0 <= k"):
        AddK(NGrams.count([1, 2], 2, V), k=k)


@pytest.mark.usefixtures("without_type_checks")
@pytest.mark.parametrize("D", [0.0, 1.0, -0.5, 2.0, "0.5", True])
def test_back_off_refuses(D):
    with pytest.raises(ValueError, match="BackOff: wanted a discount D between 0 and 1"):
        BackOff(NGrams.count([1, 2], 2, V), discount=D)

"""Laws of every n-gram model: next words sum to 1, scoring a stream equals asking word by word, samples follow p."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.text.kneser_ney import KneserNey, ModifiedKneserNey
from course_utils.text.ngram import NGrams
from course_utils.text.smoothing import MLE, AddK, BackOff

V = 5
MODELS = {
    "MLE": MLE,
    "add-k": lambda counts, n=None: AddK(counts, n, k=0.3),
    "back-off": BackOff,
    "back-off, D given": lambda counts, n=None: BackOff(counts, n, discount=0.9),
    "Kneser-Ney": KneserNey,
    "Kneser-Ney, D given": lambda counts, n=None: KneserNey(counts, n, discount=0.2),
    "modified Kneser-Ney": ModifiedKneserNey,
}
STREAMS = st.lists(st.integers(0, V - 1), min_size=1, max_size=60)
anything = {
    "make": st.sampled_from(list(MODELS.values())),
    "tokens": STREAMS,
    "n": st.integers(1, 4),
    "boundary": st.sampled_from([None, 0]),
}


@given(**anything, context=st.lists(st.integers(0, V - 1), max_size=6), temperature=st.sampled_from([0.3, 1.0, 4.0]))
def test_the_next_words_probabilities_sum_to_one(make, tokens, n, boundary, context, temperature):
    model = make(NGrams.count(tokens, n, V, boundary=boundary))
    p = model.next_word(context, temperature=temperature)
    assert p.shape == (V,)
    assert p.min() >= 0
    assert p.sum() == pytest.approx(1, abs=1e-12)
    if not isinstance(model, MLE):
        assert model.next_word(context).min() > 0, "smoothing leaves nothing impossible"


SMOOTH = {
    "KneserNey": lambda counts, D: KneserNey(counts, discount=D),
    "BackOff": lambda counts, D: BackOff(counts, discount=D),
    "ModifiedKneserNey": lambda counts, D: ModifiedKneserNey(counts),
    "AddK": lambda counts, D: AddK(counts, k=1.0 if D is None else D),
}


@pytest.mark.parametrize("make", SMOOTH.values(), ids=SMOOTH)
@given(
    tokens=st.one_of(
        STREAMS,  # and texts of a few words in a few ways, where counts of 3, 4, 5 are more frequent than those of 1
        st.lists(
            st.tuples(st.integers(1, V - 1), st.integers(1, V - 1), st.integers(1, 6)), min_size=1, max_size=9
        ).map(lambda pairs: [w for a, b, times in pairs for w in [a, b, 0] * times]),
    ),
    n=st.sampled_from([1, 2, 3, 4, 40]),
    boundary=st.sampled_from([None, 0]),
    D=st.one_of(st.none(), st.floats(0, 1, exclude_min=True, exclude_max=True)),
    context=st.lists(st.integers(0, V - 1), max_size=5),
    unknown=st.integers(0, 3),
)
def test_smoothing_calls_nothing_impossible(make, tokens, n, boundary, D, context, unknown):
    model = make(NGrams.count(tokens, n, V + unknown, boundary=boundary), D)
    for past in (context, tokens[-5:], tokens[:3], [0]):
        p = model.next_word(past)
        assert p.min() > 0
        assert p.sum() == pytest.approx(1, abs=1e-9)
    stream = [*context, *range(V + unknown), *tokens]
    assert model.probabilities(stream).min() > 0
    if not (isinstance(model, AddK) and model.k < 1e-300):
        assert math.isfinite(model.perplexity(stream))


@pytest.mark.parametrize("model", ["KneserNey", "BackOff", "AddK"])
@pytest.mark.parametrize("D", [5e-324, 1e-200, 1e-17, 1 - 2**-53])
def test_the_smallest_and_largest_discounts_leave_something(model, D):
    tokens = np.random.default_rng(0).integers(1, V, 60).tolist()
    for n in (1, 2, 5, 100):
        smooth = SMOOTH[model](NGrams.count(tokens, n, V + 2), D)
        for context in ([], tokens[-4:], tokens, [V, V + 1]):
            p = smooth.next_word(context)
            assert p.min() > 0
            assert p.sum() == pytest.approx(1, abs=1e-12)


@given(**anything, held_out=STREAMS)
def test_scoring_all_positions_at_once_equals_asking_one_by_one(make, tokens, n, boundary, held_out):
    model = make(NGrams.count(tokens, n, V, boundary=boundary))
    begin = [] if boundary is None else [boundary]
    slow = [model.next_word(begin + held_out[:t])[w] for t, w in enumerate(held_out)]
    np.testing.assert_allclose(model.probabilities(held_out), slow, rtol=1e-12)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(model.log_probs(held_out), np.log(slow), rtol=1e-12)


@given(**anything)
def test_a_model_of_lower_order_equals_one_counted_so(make, tokens, n, boundary):
    shared = make(NGrams.count(tokens, 5, V, boundary=boundary), n)
    alone = make(NGrams.count(tokens, n, V, boundary=boundary))
    np.testing.assert_array_equal(shared.probabilities(tokens), alone.probabilities(tokens))
    assert shared.parameters == alone.parameters


@given(**anything)
def test_only_the_last_tokens_count(make, tokens, n, boundary):
    model = make(NGrams.count(tokens, n, V, boundary=boundary))
    np.testing.assert_array_equal(model.next_word([1, 2, 3, 4, 3, 2]), model.next_word([4, 3, 2]))


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_bits_and_perplexity(make):
    rng = np.random.default_rng(1)
    tokens = rng.integers(0, V, 300)
    model = make(NGrams.count(tokens, 2, V))
    p = model.probabilities(tokens)
    assert model.bits(tokens) == pytest.approx(np.mean(-np.log2(p)))
    assert model.perplexity(tokens) == pytest.approx(np.prod(p ** (-1 / 300)))


def test_even_chances_have_the_perplexity_of_a_fair_die():
    model = MLE(NGrams.count(np.tile(np.arange(6), 10), 1, 6))
    assert model.perplexity([0, 3, 5]) == pytest.approx(6)
    assert model.bits([0, 3, 5]) == pytest.approx(math.log2(6))


def test_the_impossible_has_infinite_perplexity_without_a_warning(recwarn):
    model = MLE(NGrams.count([1, 2, 1, 2], 2, V))
    assert model.log_probs([1, 3])[1] == -np.inf
    assert model.perplexity([1, 3]) == math.inf
    assert not recwarn.list


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_samples_follow_the_probabilities(make):
    tokens = np.random.default_rng(2).integers(0, V, 200)
    model = make(NGrams.count(tokens, 2, V))
    drawn = model.sample(2_000, [3], rng=np.random.default_rng(3))
    after = np.bincount(drawn[1:][drawn[:-1] == 3], minlength=V)
    error = np.abs(after / after.sum() - model.next_word([3]))
    assert error.max() < 4 * 0.5 / math.sqrt(after.sum())


def test_samples_repeat_with_the_seed_and_begin_after_the_context():
    model = MLE(NGrams.count([1, 2, 3, 4] * 9, 3, V))
    assert model.sample(6, [4, 1], rng=np.random.default_rng(0)).tolist() == [2, 3, 4, 1, 2, 3]
    smooth = AddK(model.counts, k=1.0)
    one, two = (smooth.sample(50, rng=np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_temperature_sharpens_and_flattens():
    model = MLE(NGrams.count([1] * 8 + [2] * 2, 1, V))
    assert model.next_word([]).tolist() == pytest.approx([0, 0.8, 0.2, 0, 0])
    assert model.next_word([], temperature=0.5)[1] == pytest.approx(0.64 / 0.68)
    assert model.next_word([], temperature=1e-4)[1] == pytest.approx(1)
    assert model.next_word([], temperature=1e4)[1] == pytest.approx(0.5, abs=1e-3), "what is impossible stays so"


@pytest.mark.usefixtures("without_type_checks")
@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan, math.inf, "1", None])
def test_refuses_a_temperature_that_is_none(temperature):
    model = MLE(NGrams.count([1, 2], 2, V))
    with pytest.raises(ValueError, match="wanted a temperature > 0"):
        model.next_word([1], temperature=temperature)
    with pytest.raises(ValueError, match="wanted a temperature > 0"):
        model.sample(3, temperature=temperature, rng=np.random.default_rng(0))


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_refuses_orders_that_were_not_counted_and_tokens_out_of_range(make):
    counts = NGrams.count([1, 2, 3], 2, V)
    for n in (0, 3):
        with pytest.raises(ValueError, match=rf"(order n in 1 \.\.\. 2 .*|wanted n >= 1, )got {n}"):
            make(counts, n)
    for ask in (lambda: make(counts).next_word([9]), lambda: make(counts).log_probs([9])):
        with pytest.raises(ValueError, match=r"wanted tokens in 0 \.\.\. V-1 = 4"):
            ask()
    with pytest.raises(ValueError, match="got an empty sequence"):
        make(counts).bits([])
    with pytest.raises(ValueError, match="length >= 1"):
        make(counts).sample(0, rng=np.random.default_rng(0))


def test_parameters_are_the_stored_numbers():
    counts = NGrams.count([1, 2, 1, 3], 2, V)  # 3 tokens; 12, 21, 13; contexts: none, 1, 2
    assert MLE(counts).parameters == 3
    assert KneserNey(counts).parameters == BackOff(counts).parameters == 3 + 1 + 3 + 2
    assert KneserNey(counts).nbytes == 8 * (3 + 3 + 3 + 3 + 1 + 4)
    assert repr(MLE(counts)) == "MLE(n=2, V=5, 3 parameters)"

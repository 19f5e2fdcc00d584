"""The encoder-decoder: every gradient, the two ways to the encoder, masks, and writing sign by sign."""

import numpy as np
import pytest

from course_utils.data.date_batches import START, date_batch
from course_utils.data.dates import Pairs
from course_utils.gradcheck import compare, numerical_gradient
from course_utils.losses import cross_entropy
from course_utils.models.encoder_decoder import EncoderDecoder, Source
from course_utils.models.objectives import date_loss
from course_utils.optim import Adam
from course_utils.saving import load, save
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import count, leaves, tree_map

V, V_OUT, D, H = 7, 4, 3, 4
MASK = np.array([[1, 1], [1, 1], [1, 0], [1, 0]], bool)
every_kind = pytest.mark.parametrize("kind", ["dot", "additive", None])


def model_and_task(kind, rng, dtype=float):
    model = EncoderDecoder.init(V, V_OUT, D, H, attention=kind, rng=rng, dtype=dtype)
    # biases and rows of zeros would hide their own mistakes
    model = tree_map(lambda p: p + 0.3 * rng.normal(size=p.shape).astype(p.dtype), model)
    return model, rng.integers(1, V, (4, 2)), rng.integers(0, V_OUT + 1, (5, 2)), rng.integers(0, V_OUT, (5, 2))


@every_kind
@pytest.mark.parametrize("masked", [False, True], ids=["full", "masked"])
@pytest.mark.usefixtures("without_type_checks")
def test_all_gradients_equal_finite_differences(kind, masked, rng):
    model, x, given, _ = model_and_task(kind, rng)
    mask = MASK if masked else None
    logits, trace = model.forward(x, given, mask)
    dy = rng.normal(size=logits.shape)
    dx, dmodel, dtrace = model.backward(dy, trace)
    assert dx is None
    assert type(dtrace) is type(trace)
    gradients = dict(leaves(dmodel))
    parameters = dict(leaves(model))
    assert list(gradients) == list(parameters)

    def fake_loss():
        return float((model.forward(x, given, mask)[0] * dy).sum())

    for name, parameter in parameters.items():
        row = compare(name, gradients[name], numerical_gradient(fake_loss, parameter))
        assert row.error < 1e-6, row


@every_kind
def test_gradients_of_the_trace_have_its_build(kind, rng):
    model, x, given, _ = model_and_task(kind, rng)
    logits, trace = model.forward(x, given, MASK)
    dtrace = model.backward(logits, trace)[2]
    assert [(name, a.shape, a.dtype) for name, a in leaves(dtrace)] == [
        (name, a.shape, a.dtype) for name, a in leaves(trace)
    ]


@every_kind
def test_padding_of_the_source_changes_nothing(kind, rng):
    model, x, given, _ = model_and_task(kind, rng)
    together, _ = model.forward(x, given, MASK)
    for b in range(2):
        alone, _ = model.forward(x[MASK[:, b], b], given[:, b])
        np.testing.assert_allclose(together[:, b], alone, rtol=1e-10)
    other = np.where(MASK, x, 1 + x % (V - 1))
    assert (other != x).any()
    np.testing.assert_array_equal(model.forward(other, given, MASK)[0], together)


@pytest.mark.parametrize("kind", ["dot", "additive"])
def test_padding_gets_exactly_no_weight(kind, rng):
    model, x, given, _ = model_and_task(kind, rng)
    a = model.forward(x, given, MASK)[1].attention.a
    assert a.shape == (2, 5, 4)
    assert not a[1, :, 2:].any()
    np.testing.assert_allclose(a.sum(-1), 1)


def test_without_attention_all_goes_through_one_vector(rng):
    """Another source with the same last states would get the same answer; with attention it would not."""
    for kind, same in ((None, True), ("dot", False)):
        model, x, given, _ = model_and_task(kind, rng)
        source = model.encode(x)
        other = Source(rng.normal(size=source.h.shape), None, source.state)
        assert np.array_equal(model.decode(given, source)[0], model.decode(given, other)[0]) == same


@every_kind
def test_writing_on_from_a_state_is_writing_at_once(kind, rng):
    model, x, given, _ = model_and_task(kind, rng)
    at_once, _ = model.forward(x, given, MASK)
    source = model.encode(x, MASK)
    first, (_, decoder, *_) = model.decode(given[:2], source)
    rest, _ = model.decode(given[2:], source, decoder.state)
    np.testing.assert_allclose(np.concatenate([first, rest]), at_once, rtol=1e-10)


@every_kind
def test_a_later_sign_does_not_change_what_was_said_before(kind, rng):
    model, x, given, _ = model_and_task(kind, rng)
    before, _ = model.forward(x, given)
    given = given.copy()
    given[3] = (given[3] + 1) % V_OUT
    after, _ = model.forward(x, given)
    np.testing.assert_array_equal(after[:3], before[:3])
    assert (after[3:] != before[3:]).any()


@every_kind
def test_float32_stays_float32(kind, rng):
    model, x, given, answer = model_and_task(kind, rng, np.float32)
    logits, trace = model.forward(x, given, MASK)
    _, dlogits = cross_entropy(logits, answer)
    _, dmodel, dtrace = model.backward(dlogits, trace)
    kinds = {a.dtype for tree in (trace, dmodel, dtrace) for _, a in leaves(tree) if a.dtype.kind == "f"}
    assert kinds == {np.dtype(np.float32)}


@every_kind
def test_it_learns_two_dates_by_heart(kind, rng):
    pairs = Pairs(("5.9.2012", "5 May 1961"), ("2012-09-05", "1961-05-05"))
    vocabulary = Vocabulary.build(map(list, pairs.texts))
    batch = date_batch(pairs, vocabulary)
    model = EncoderDecoder.init(len(vocabulary), START, 8, 16, attention=kind, rng=rng)
    run = fit(model, date_loss, [batch] * 100, Adam(0.02), progress=None)
    assert run.losses[0] > 2
    assert run.losses[-1] < 0.1


def test_what_the_mask_of_the_answer_hides_costs_nothing(rng):
    vocabulary = Vocabulary.build([list("0123456789./; ")])
    pairs = Pairs(("5.9.2012", "5/9/12; 6/9/12"), ("2012-09-05", "2012-09-05;2012-09-06"))
    batch = date_batch(pairs, vocabulary)
    model = EncoderDecoder.init(len(vocabulary), START, D, H, attention="dot", rng=rng, dtype=float)
    loss, gradient = date_loss(model, batch)
    other = batch._replace(
        given=np.where(batch.answer_mask, batch.given, 3), answer=np.where(batch.answer_mask, batch.answer, 3)
    )
    assert (other.answer != batch.answer).any()
    again, same = date_loss(model, other)
    assert again == pytest.approx(loss)
    for (name, g), (_, s) in zip(leaves(gradient), leaves(same), strict=True):
        np.testing.assert_allclose(s, g, err_msg=name, atol=1e-12)


@every_kind
def test_it_is_saved_and_loaded(kind, tmp_path, rng):
    model, x, given, _ = model_and_task(kind, rng)
    save(model, tmp_path / "model.npz")
    again = load(tmp_path / "model.npz", like=tree_map(np.zeros_like, model))
    np.testing.assert_array_equal(again.forward(x, given)[0], model.forward(x, given)[0])


def test_what_attention_costs_in_parameters(rng):
    sizes = {
        kind: count(EncoderDecoder.init(V, V_OUT, D, H, attention=kind, rng=rng)) for kind in ("dot", "additive", None)
    }
    assert sizes["dot"] - sizes[None] == H * H, "the rows of `combine` that read the context"
    assert sizes["additive"] - sizes["dot"] == (2 * H + 1) * H // 2


def test_wrong_settings_are_refused(rng):
    with pytest.raises(ValueError, match='wanted "dot", "additive" or None and even H, got \'general\', 4'):
        EncoderDecoder.init(V, V_OUT, D, 4, attention="general", rng=rng)
    with pytest.raises(ValueError, match="even H"):
        EncoderDecoder.init(V, V_OUT, D, 5, attention=None, rng=rng)

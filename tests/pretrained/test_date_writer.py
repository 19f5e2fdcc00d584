"""The date writers that come with the course, and how writers are trained and judged."""

import numpy as np
import pytest

from course_utils.data.date_batches import date_batches
from course_utils.data.dates import Pairs, draw_dates, split_dates, split_spellings
from course_utils.pretrained.date_writer import (
    KINDS,
    DateWriter,
    date_writer,
    sharpened,
    train_writer,
    untrained_writer,
)
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import leaves


@pytest.fixture(scope="module")
def unseen():
    return draw_dates(600, split_dates().test, rng=np.random.default_rng(5))


@pytest.mark.parametrize("kind", ["dot", "additive"])
def test_with_attention_held_out_dates_are_right(kind, unseen):
    assert date_writer(kind).right(unseen).mean() >= 0.98


@pytest.mark.parametrize("kind", ["dot", "additive"])
def test_with_attention_most_held_out_dates_in_held_out_spellings_are_right(kind):
    pairs = draw_dates(600, split_dates().test, split_spellings().test, rng=np.random.default_rng(5))
    assert date_writer(kind).right(pairs).mean() >= 0.95


def test_without_it_many_are_not(unseen):
    assert date_writer("none").right(unseen).mean() < 0.9


def test_one_text_is_written_as_in_a_batch(unseen):
    writer = date_writer("dot")
    texts = unseen.texts[:20]
    assert [writer.write(text).answer for text in texts] == writer.answers(texts)


def test_what_is_told_of_a_text_fits_together():
    answer, a, p = date_writer("additive").write("5. Mai 2012")
    assert answer == "2012-05-05"
    assert a.shape == (10, 11)
    np.testing.assert_allclose(a.sum(-1), 1, rtol=1e-5)
    np.testing.assert_allclose(p.sum(-1), 1, rtol=1e-5)
    assert p.argmax(-1).tolist() == [2, 0, 1, 2, 10, 0, 5, 10, 0, 5]
    assert date_writer("none").write("5. Mai 2012").a is None


@pytest.mark.parametrize("kind", KINDS)
def test_temperature_one_changes_nothing(kind):
    model = date_writer(kind).model
    for (name, a), (_, b) in zip(leaves(model), leaves(sharpened(model, 1.0)), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)
    assert np.array_equal(
        date_writer(kind).write("1/2/34").p, DateWriter(model, date_writer(kind).vocabulary).write("1/2/34").p
    )


def test_a_temperature_divides_the_scores():
    for kind in ("dot", "additive"):
        writer = date_writer(kind)
        x = writer.vocabulary.encode(list("5. Mai 2012"))[:, None]
        given = np.array([[12], [2]])
        scores = [m.forward(x, given)[1].attention.scores for m in (writer.model, sharpened(writer.model, 4.0))]
        np.testing.assert_allclose(scores[1] * 4, scores[0], rtol=1e-4)


def test_an_answer_is_right_if_every_sign_is():
    writer = date_writer("dot")
    pairs = Pairs(("5. Mai 2012", "5. Mai 2012", "5. Mai 2012"), ("2012-05-05", "2012-05-06", "2012-05-05"))
    assert writer.right(pairs).tolist() == [True, False, True]


def test_an_empty_text_is_refused():
    with pytest.raises(ValueError, match="DateWriter.write: wanted a text of 1 to 1000 letters"):
        date_writer("dot").write("")


def test_training_reads_every_batch_once_and_lowers_the_loss(rng):
    pairs = draw_dates(640, split_dates().train, rng=rng)
    vocabulary = Vocabulary.build(map(list, pairs.texts))
    batches = date_batches(pairs, vocabulary, 32, rng=rng)
    run = train_writer(untrained_writer("dot", len(vocabulary), rng=rng), batches, progress=None)
    assert len(run.losses) == len(run.norms) == len(batches) == 20
    assert np.mean(run.losses[-4:]) < 0.9 * np.mean(run.losses[:4])
    assert not run.interrupted


def test_an_interruption_ends_all_of_the_training(rng):
    pairs = draw_dates(320, split_dates().train, rng=rng)
    vocabulary = Vocabulary.build(map(list, pairs.texts))
    batches = date_batches(pairs, vocabulary, 32, rng=rng)

    def stop_at_three(steps, total):
        for k, step in enumerate(steps):
            if k == 3:
                raise KeyboardInterrupt
            yield step

    run = train_writer(untrained_writer("none", len(vocabulary), rng=rng), batches, progress=stop_at_three)
    assert run.interrupted
    assert len(run.losses) == 3


def test_unknown_kinds_are_refused(rng):
    for make in (date_writer, lambda kind: untrained_writer(kind, 40, rng=rng)):
        with pytest.raises(ValueError, match=r"date_writer: wanted one of additive, dot, none, got 'foo'"):
            make("foo")

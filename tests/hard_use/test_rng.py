"""Everything that draws by chance wants a generator, and says so to whoever passes None or a seed."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import course_utils
from course_utils.data.dates import LAST, draw_dates, spellings
from course_utils.data.reviews import Review
from course_utils.layers.linear import Linear
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.text.ngram import NGrams
from course_utils.text.smoothing import MLE
from course_utils.text.vocabulary import Vocabulary


def public() -> Iterator[tuple[str, Any]]:
    """Names and things of the package, and the methods of its classes; exercises and explorers draw by seeds of their own."""
    for found in pkgutil.walk_packages(course_utils.__path__, "course_utils."):
        if found.name.split(".")[1] not in ("exercises", "explorers"):
            for name, thing in vars(importlib.import_module(found.name)).items():
                if getattr(thing, "__module__", None) == found.name and not name.startswith("_"):
                    yield f"{found.name}.{name}".removeprefix("course_utils."), thing
                    if inspect.isclass(thing):
                        methods = {key: getattr(thing, key) for key in vars(thing) if not key.startswith("_")}
                        yield from (
                            (f"{found.name}.{name}.{key}".removeprefix("course_utils."), methods[key])
                            for key in methods
                        )


def wants_rng(thing: Any) -> bool:
    if not inspect.isroutine(thing):
        return False
    asked = inspect.signature(thing).parameters.get("rng")
    return asked is not None and asked.kind is asked.KEYWORD_ONLY and asked.default is asked.empty


DRAWING = {name: thing for name, thing in public() if wants_rng(thing)}

R, D, H, V = np.random.default_rng(0), 4, 3, 7
STACK = Stacked((RNN.init(D, H, rng=R), RNN.init(H, H, rng=R)))
MODEL = RecurrentLanguageModel.init(V, D, STACK, H, rng=R)
TEXTS = [R.integers(2, V, 40) for _ in range(60)]
COUNTS = np.array([0, 0, *[5.0] * (V - 2)])
LABELS = np.arange(60) % 2
DATES = [LAST], spellings()[:3]
PAIRS = draw_dates(3, *DATES, rng=R)
SIGNS = Vocabulary.build([list(text) for text in PAIRS.texts])
REVIEWS, WORDS = [Review("not bad", 1, k) for k in range(70)], Vocabulary.build([["not", "bad"]])


def call(*given: Any, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return given, named


VALID = {
    "data.date_batches.date_batches": call(PAIRS, SIGNS, 2),
    "data.dates.draw_dates": call(3, *DATES),
    "data.dates.draw_lines": call(3, *DATES, most=2),
    "data.tasks.delayed_recall": call(3, 2),
    "data.tasks.at_places": call((1, 2), 5, 2),
    "data.tasks.adding": call(5, 2),
    "data.tasks.brackets": call(5, 2),
    "data.tasks.blank_out": call(np.ones((4, 2), int), share=0.5, blank=V),
    "experiments.counting.is_open": call(5, 2),
    "experiments.transfer.skip_gram_vectors": call(TEXTS, V, D, epochs=1, threshold=1.0),
    "experiments.transfer.shuffled_within": call(TEXTS),
    "experiments.transfer.shuffled_across": call(TEXTS),
    "experiments.transfer.dates_in_words": call(3),
    "gradcheck.gradcheck": call(Linear(np.ones((D, H)), np.zeros(H)), np.ones((2, D))),
    "layers.attention.AdditiveAttention.init": call(D, D, H),
    "layers.branches.Branches.init": call(D, 1, 2),
    "layers.dropout.Dropout.draw": call((2, D), 0.5),
    "layers.embedding.Embedding.init": call(V, D),
    "layers.feed_forward.FeedForward.init": call(D, H),
    "layers.gru.GRU.init": call(D, H),
    "layers.gru_reset_after.ResetAfterGRU.init": call(D, H),
    "layers.linear.Linear.init": call(D, H),
    "layers.lstm.LSTM.init": call(D, H),
    "layers.multi_head.MultiHeadAttention.init": call(D, 2),
    "layers.positions.PositionEmbedding.init": call(5, D),
    "layers.rnn.RNN.init": call(D, H),
    "layers.stacked.Stacked.draw_dropout": call(STACK, np.ones((5, D)), 0.5),
    "layers.transformer.Transformer.init": call(D, 1, 2),
    "layers.transformer.TransformerBlock.init": call(D, 2, H),
    "layers.two_tokens.TwoTokenEmbedding.init": call(V, D),
    "models.encoder_decoder.EncoderDecoder.init": call(V, V, D, 4, attention="dot"),
    "models.equal_size.language_model": call("GRU", V, D, H),
    "models.equal_size.lstm_reader": call(D, H, both=True),
    "models.equal_size.recurrent_layer": call("GRU", D, H),
    "models.recurrent.RecurrentLanguageModel.draw_dropout": call(MODEL, TEXTS[0], 0.5),
    "models.recurrent.RecurrentLanguageModel.init": call(V, D, STACK, H),
    "models.review_classifier.ReviewClassifier.init": call(np.ones((V, D), np.float32)),
    "models.review_classifier.train_classifier": call(np.ones((V, D), np.float32), TEXTS, LABELS, frozen=True),
    "models.sampled_words.next_words": call(TEXTS, COUNTS, steps=1, T=4, B=4),
    "models.sampling.draw": call(np.full(V, 1 / V)),
    "models.sampling.generate": call(MODEL, TEXTS[0], 2),
    "models.self_attention.SelfAttentionModel.init": call(V, D, 2, 5),
    "models.transformer.TransformerClassifier.init": call(V, D, 1, 2, 5),
    "models.transformer.TransformerLanguageModel.init": call(V, D, 1, 2, 5),
    "pretrained.character_models.untrained_rnn": call(),
    "pretrained.character_models.untrained_stack": call(2, H),
    "pretrained.character_models.untrained_transformer": call(),
    "pretrained.date_writer.untrained_writer": call("dot", V),
    "pretrained.first_reader.batches": call(REVIEWS, WORDS),
    "pretrained.first_reader.untrained_reader": call(),
    "pretrained.head_reader.batches": call(TEXTS),
    "pretrained.head_reader.untrained_head_reader": call(),
    "pretrained.word_filler.batches": call(TEXTS),
    "pretrained.word_filler.untrained_filler": call(),
    "text.batching.buckets": call([3, 2, 4], 2),
    "text.batching.minibatches": call(5, 2),
    "text.batching.random_partition": call(np.arange(40), 3, 2),
    "text.ngram_model.NGramModel.sample": call(MLE(NGrams.count(TEXTS[0], 2, V)), 3),
    "text.skipgram.SkipGram.init": call(V, D),
    "text.skipgram.subsample": call(TEXTS[0], COUNTS),
    "text.skipgram.windows": call(TEXTS, COUNTS, reach=1, batch=32, threshold=1.0),
}
"""Arguments with which each of them works."""


def test_the_table_is_complete():
    assert set(DRAWING) == set(VALID)


def run(name: str, rng: Any) -> None:
    given, named = VALID[name]
    drawn = DRAWING[name](*given, **named, rng=rng)
    if inspect.isgenerator(drawn):
        next(drawn)


@pytest.mark.parametrize("name", VALID)
def test_the_arguments_are_valid(name):
    run(name, np.random.default_rng(0))


@pytest.mark.usefixtures("without_type_checks")
@pytest.mark.parametrize("strange", [None, 0, np.random], ids=["None", "a seed", "the module"])
@pytest.mark.parametrize("name", VALID)
def test_what_is_no_generator_is_refused(name, strange):
    with pytest.raises(
        ValueError, match=r"^[\w.]+: wanted an rng such as np\.random\.default_rng\(0\), got (None|0|<module)"
    ):
        run(name, strange)

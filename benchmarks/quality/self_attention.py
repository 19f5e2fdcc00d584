"""What can one bare layer of self-attention do, what do positions and heads add, and does it need the scale? Several seeds.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.self_attention [--quick]

About five minutes of one core; runs that the table holds already are not repeated. Every model is an embedding, one
layer, and a readout; all of a row train with Adam (0.005, norms clipped at 1) on the same batches. Writes
course_utils/experiments/results/self_attention.json, which chapter 14 draws.

recall       a token, then so many distractors, then: which token was it?                       (share right)
place        random tokens, then: which one stood first? Only the order helps                   (share right)
three places the same for three places at once, of 64 answers                                   (share right)
characters   the next character of a review, windows of 32                                      (bits, held out)
sentiment    is a review positive? Mean over its first 100 words, no causal order               (share right)
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.data.tasks import TokenTask, at_places, delayed_recall
from course_utils.layers.chain import Chain
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.pooling import MeanOverTime
from course_utils.models.equal_size import language_model, width
from course_utils.models.objectives import sentiment_loss, token_task_loss
from course_utils.models.perplexity import bits, nats_in_windows
from course_utils.models.self_attention import POSITIONS, SelfAttentionModel
from course_utils.optim import Adam
from course_utils.text.batching import align, buckets, random_partition
from course_utils.text.characters import ALPHABET
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import tree_map
from tools.command_line import arguments
from tools.report import Runs

D, B, WINDOW, LONGEST, LR = 32, 32, 32, 100, 5e-3
HEADS = (1, 2, 4, 8)
Outcome = tuple[str, float]


def trained(model: Any, batches: Any, loss: Callable[[Any, Any], Any] = token_task_loss) -> Any:
    """One update a batch."""
    return fit(model, loss, batches, Adam(LR), clip=1.0, progress=None).model


def answers(make: Callable[[int, np.random.Generator], TokenTask], steps: int) -> Callable[..., Outcome]:
    """How a model does on a task that is answered at the last step."""

    def run(model: Any, seed: int) -> Outcome:
        rng = np.random.default_rng([seed, 1])
        model = trained(model, (make(B, rng) for _ in range(steps)))
        asked = make(1_000, rng)
        right = np.concatenate([model.forward(asked.x[:, k : k + 100])[0][-1].argmax(-1) for k in range(0, 1_000, 100)])
        return "share right", float(np.mean(right == asked.y[-1]))

    return run


class Characters:
    """Predict the next character."""

    def __init__(self, parts: Any, steps: int) -> None:
        self.steps, self.letters = steps, encoded_characters(parts.train, 3_000_000)
        self.held_out = encoded_characters(parts.test, 50_000)

    def __call__(self, model: Any, seed: int) -> Outcome:
        windows = random_partition(self.letters, WINDOW, B, rng=np.random.default_rng([seed, 1]))
        tasks = (TokenTask(x, y, np.ones(x.shape, bool)) for x, y in islice(windows, self.steps))
        return "bits", float(bits(nats_in_windows(trained(model, tasks), self.held_out, WINDOW)))


class Sentiment:
    """Judge a review: the model's last part becomes a mean over the words and one logit."""

    V = 4_000

    def __init__(self, parts: Any, steps: int) -> None:
        train = parts.train[: steps * 64]
        self.vocabulary = Vocabulary.build([words(review.text) for review in train], max_size=self.V)
        self.train, self.held_out = self.encoded(train), self.encoded(parts.test)

    def encoded(self, reviews: Any) -> Any:
        labels = np.array([review.label for review in reviews])
        return [self.vocabulary.encode(words(review.text))[:LONGEST] for review in reviews], labels

    def batches(self, reviews: Any, size: int, rng: np.random.Generator) -> Iterator[Any]:
        texts, labels = reviews
        for group in buckets([len(text) for text in texts], size, rng=rng):
            yield *align([texts[k] for k in group]), labels[group]

    def __call__(self, model: SelfAttentionModel, seed: int) -> Outcome:
        places = () if model.positions is None else (model.positions,)
        judge = Chain((model.embedding, *places, model.attention, MeanOverTime(), model.readout))
        judge = trained(judge, self.batches(self.train, 64, np.random.default_rng([seed, 1])), sentiment_loss)
        held_out = self.batches(self.held_out, 250, np.random.default_rng(0))
        right = [(judge.forward(x, mask)[0][:, 0] > 0) == labels for x, mask, labels in held_out]
        return "share right", float(np.concatenate(right).mean())


def unscaled(model: SelfAttentionModel) -> SelfAttentionModel:
    """The same with queries √d times as large, as if scores were not divided by it, d being the width of a head."""
    attention = model.attention
    d = len(attention.W_q) // attention.N
    larger = MultiHeadAttention(attention.W_q * np.float32(np.sqrt(d)), *list(attention)[1:])
    return SelfAttentionModel(model.embedding, model.positions, larger, model.readout, model.causal)


def larger(model: SelfAttentionModel, times: float) -> SelfAttentionModel:
    """The same with vectors of tokens and positions so many times as large."""
    by = np.float32(times)
    first = tree_map(lambda a: a * by, (model.embedding, model.positions))
    return SelfAttentionModel(*first, model.attention, model.readout, model.causal)


def experiments(
    quick: bool, parts: Any
) -> Iterator[tuple[dict[str, Any], Callable[..., Outcome], Callable[[int], Any]]]:
    """What is compared: the name of a row, how it is scored, and the model from a seed."""
    steps = 30 if quick else 300
    letters, sentiment = Characters(parts, 2 * steps), Sentiment(parts, steps // 2)
    V = len(ALPHABET)

    def attention(V: int, N: int, T_max: int, D: int = D, **more: Any) -> Callable[[int], SelfAttentionModel]:
        return lambda seed: SelfAttentionModel.init(V, D, N, T_max, rng=np.random.default_rng(seed), **more)

    for delay in (10, 50) if quick else (10, 50, 200):
        score = answers(lambda B, rng, delay=delay: delayed_recall(delay, B, rng=rng), steps)
        for kind in ("RNN", "LSTM"):
            H = width(kind, D, 4 * D * D + 3 * D)
            yield (
                {"claim": "far", "task": "recall", "what": kind, "delay": delay},
                score,
                (lambda seed, kind=kind, H=H: language_model(kind, 9, D, H, rng=np.random.default_rng(seed))),
            )
        yield {"claim": "far", "task": "recall", "what": "attention", "delay": delay}, score, attention(9, 1, delay + 2)

    content = answers(lambda B, rng: delayed_recall(20, B, rng=rng), steps)
    one = answers(lambda B, rng: at_places((0,), 20, B, rng=rng), steps)
    three = answers(lambda B, rng: at_places((0, 7, 14), 20, B, rng=rng), 2 * steps)
    for positions in POSITIONS:
        row = {"claim": "positions", "what": positions}
        yield row | {"task": "recall"}, content, attention(9, 1, 22, positions=positions)
        yield row | {"task": "place"}, one, attention(5, 1, 21, positions=positions)
        yield row | {"task": "characters"}, letters, attention(V, 4, WINDOW, positions=positions)
        if positions != "sinusoidal":  # beside which vectors of words start larger: another comparison
            yield (
                row | {"task": "sentiment"},
                sentiment,
                attention(Sentiment.V, 4, LONGEST, positions=positions, outputs=1),
            )
    for N in HEADS:
        row = {"claim": "heads", "what": str(N)}
        yield row | {"task": "three places"}, three, attention(5, N, 21, outputs=64)
        yield row | {"task": "characters"}, letters, attention(V, N, WINDOW)
        yield row | {"task": "sentiment"}, sentiment, attention(Sentiment.V, N, LONGEST, outputs=1)
    wide = attention(V, 1, WINDOW, D=128)
    for start in (0.1, 0.3, 1.0):
        for what, change in (("scaled", lambda model: model), ("not scaled", unscaled)):
            row = {"claim": "scale", "what": what, "start": start, "task": "characters"}
            yield row, letters, lambda seed, start=start, change=change: change(larger(wide(seed), 10 * start))


def measure(make: Callable[[int], Any], score: Callable[..., Outcome], seed: int) -> dict[str, Any]:
    """Train one model and score it."""
    what, value = score(make(seed), seed)
    return {"share right": None, "bits": None} | {what: round(value, 4)}


def main(quick: bool) -> None:
    """Measure, print and write the table."""
    parts, runs = split(load_reviews()), Runs("self_attention", keep=not quick)
    blank = {"claim": "", "task": "", "what": "", "delay": None, "start": None, "seed": 0}
    for seed in range(1 if quick else 3):
        for setting, score, make in experiments(quick, parts):
            runs.run(blank | setting | {"seed": seed}, partial(measure, make, score, seed))


if __name__ == "__main__":
    main(arguments(__doc__, quick="a tenth of the steps, one seed").quick)

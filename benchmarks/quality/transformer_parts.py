"""Which part of a transformer does the work, and does its learning rate have to warm up? Several seeds.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.transformer_parts [--quick]

About seven minutes of one core. The small transformer of the scoreboard (D = 32, 2 blocks, 4 heads, 120 hidden units)
reads chapter 05's characters, 32 windows of 32 in each update, with Adam, norms clipped at 1, the learning rate constant
for 11/15 of the updates and then a quarter of it. The score is bits per character on 50,000 held-out characters. Runs
that course_utils/experiments/results/transformer_parts.json holds already are not repeated; chapter 15 draws that file.

parts    1,200 updates with learning rate 0.008, which rises during the first 100; one part is missing or elsewhere
warm-up  700 updates with several learning rates, with and without a rise over the first 100; norm before or after the sum
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.quality.lstm_tasks import first
from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.experiments.one_pass import read_once
from course_utils.layers.branches import Branches
from course_utils.layers.positions import PositionEmbedding
from course_utils.models.objectives import next_token_loss
from course_utils.models.perplexity import bits, nats_in_windows
from course_utils.models.transformer import TransformerLanguageModel
from course_utils.text.batching import sequential_partition
from course_utils.text.characters import ALPHABET
from course_utils.tree import Array, count, select, tree_map
from tools.command_line import arguments
from tools.report import Runs

V, D, LAYERS, N, H, T, B = len(ALPHABET), 32, 2, 4, 120, 32, 32
PARTS: dict[str, dict[str, Any]] = {
    "all of it": {},
    "no positions": {},
    "no attention": {"parts": ("feed_forward",)},
    "no feed-forward": {"parts": ("attention",)},
    "no residual path": {"residual": False},
    "no norm": {"place": "none"},
    "norm after the sum": {"place": "after"},
}
RATES = (0.008, 0.016, 0.032)


def model_of(seed: int, **setting: Any) -> TransformerLanguageModel:
    """The transformer with a setting of `Branches.init`."""
    rng = np.random.default_rng(seed)
    whole = TransformerLanguageModel.init(V, D, LAYERS, N, T, rng=rng, H=H)
    branches: Any = Branches.init(D, LAYERS, N, H, rng=rng, dtype=np.float32, **setting)
    return TransformerLanguageModel(whole.embedding, whole.positions, branches, whole.readout)


def without_positions(model: TransformerLanguageModel) -> TransformerLanguageModel:
    """The same with the vectors of all positions at 0."""
    zero = PositionEmbedding(np.zeros_like(model.positions.W))
    return TransformerLanguageModel(model.embedding, zero, model.transformer, model.readout)


def positionless_loss(model: TransformerLanguageModel, batch: Any) -> tuple[float, TransformerLanguageModel]:
    """No gradient for the vectors of positions, so that they stay where they are."""
    loss, dmodel = next_token_loss(model, batch)
    rest = select(dmodel, lambda path: not path.startswith("positions"))
    return loss, tree_map(lambda g, keep: g * keep, dmodel, rest)


def settings(quick: bool) -> Iterator[dict[str, Any]]:
    """What identifies each run."""
    for seed in range(1 if quick else 3):
        for part in PARTS:
            yield {"task": "parts", "what": part, "rate": 0.008, "warmup": 100, "seed": seed}
        for rate in RATES[:1] if quick else RATES:
            for place in ("before", "after"):
                for warmup in (0, 100):
                    yield {"task": "warm-up", "what": place, "rate": rate, "warmup": warmup, "seed": seed}


def measure(setting: dict[str, Any], letters: Array, held_out: Array, quick: bool) -> dict[str, Any]:
    """Train one and score it; a training that leaves the numbers behind is scored as not learnt, None."""
    updates = 20 if quick else {"parts": 1_200, "warm-up": 700}[setting["task"]]
    options = PARTS[setting["what"]] if setting["task"] == "parts" else {"place": setting["what"]}
    model, loss = model_of(setting["seed"], **options), next_token_loss
    if setting["what"] == "no positions":
        model, loss = without_positions(model), positionless_loss
    windows = first(sequential_partition(letters, T, B), updates)
    warmup = min(setting["warmup"], updates // 2)
    try:
        trained = read_once(model, loss, windows, lr=setting["rate"], warmup=warmup)
    except ValueError as error:  # `fit` stops at the first loss that is not finite, and only then
        if "finite" not in str(error):
            raise
        return {"parameters": count(model), "bits": None}
    return {"parameters": count(model), "bits": round(float(bits(nats_in_windows(trained, held_out, T))), 4)}


def main(quick: bool) -> list[dict[str, Any]]:
    """Train all that the table does not hold yet, and write it."""
    parts, runs = split(load_reviews()), Runs("transformer_parts", keep=not quick)
    letters, held_out = (
        encoded_characters(parts.train, 1_300_000),
        encoded_characters(parts.test, 5_000 if quick else 50_000),
    )
    for setting in settings(quick):
        runs.run(setting, partial(measure, setting, letters, held_out, quick))
    return runs.rows


if __name__ == "__main__":
    main(arguments(__doc__, quick="one seed, one rate, 20 updates: a few seconds").quick)

"""Which model learns most from how much text? Language models of equal size on the same characters, each with a rate of its own.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.learning_curves [--quick] [--jobs 2] [MODEL ...]

All of it takes some twenty hours of one core. Runs that course_utils/experiments/results/learning_curves.json holds already
are not repeated, and the file is written after each, so that it can be interrupted and goes on where it was; the steps
(`PLAN`) come in the order in which they tell most. MODEL is a part of a name, such as LSTM, and runs only those.

text      the training reviews as characters, each read once; two texts that nobody trains on: one of 100,000 characters
          chooses learning rates, one of 200,000 is reported
sizes     at most 28,658, 90,482, 300,000 and 1,000,000 parameters
batches   the same for all networks: 8 streams of the text at once, 128 characters on at each update; 16 streams for 12 million
          characters and 32 for all, so that long trainings do not make needlessly many updates. Recurrent networks carry
          their state on; for transformers every window is a text of its own
training  Adam; the learning rate falls to a twentieth along a cosine; norms clipped at 1. For transformers it rises first,
          during a twentieth of the updates (recurrent networks learn less so: LSTMs by 0.1 bits in 800,000 characters)
rates     each model at each size has its own, from seed 0: at 800,000 characters the best of at least five, each twice the one
          before; at 3 million that one, half of it and as many more as it takes. The best on the validation text is taken,
          and may be neither the smallest nor the largest. Longer trainings have the rate of 3 million
scores    bits per character. Recurrent networks have read at least 50 characters before the first one that counts, and
          transformers at least 64
n-grams   modified Kneser-Ney; n grows as long as the validation text gains
variants  of the transformer, at 28,658 parameters: it also gets the vector of the character before; its positions are rotary;
          both; one or four blocks, narrower or wider; a window of 256. What explains its place?
places    the runs of seed 0 that read 3 million characters say the bits at every place of a window that starts from nothing
          (`PLACES_SHOWN`): 256 characters, or the transformer's window

Seconds are those of one core (process time), of training alone.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from benchmarks.quality.protocol import named
from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.experiments.learning_curves import (
    BUDGETS,
    FEWEST,
    SIZES,
    Record,
    chosen_rate,
    markdown,
    points,
    tuned_on,
    tuning,
)
from course_utils.experiments.tuning import next_rates
from course_utils.layers.positions import NoPositions
from course_utils.layers.rotary import RotaryAttention
from course_utils.layers.two_tokens import TwoTokenEmbedding
from course_utils.models.equal_size import MATRICES, language_model
from course_utils.models.objectives import TruncatedBPTT, next_token_loss
from course_utils.models.perplexity import bits, nats_by_place, nats_in_windows, nats_per_token
from course_utils.models.transformer import SCALE, TransformerLanguageModel
from course_utils.optim import Adam
from course_utils.pretrained.character_models import untrained_stack
from course_utils.saving import save
from course_utils.schedules import warmup_cosine
from course_utils.text.batching import sequential_partition
from course_utils.text.characters import ALPHABET
from course_utils.text.kneser_ney import ModifiedKneserNey
from course_utils.text.ngram import NGrams
from course_utils.train import fit
from course_utils.tree import Array, astype, count
from tools.command_line import arguments
from tools.course import ROOT, renew_scoreboard
from tools.report import Runs

V, D, T = len(ALPHABET), 32, 128
STREAMS = {12_000_000: 16, 26_500_000: 32}
"""How many places of the text a batch reads at once, by the characters that are read in all; 8 for fewer."""
SHAPES = {"28k": (32, 2), "90k": (48, 3), "300k": (96, 3), "1M": (144, 4)}
"""Of the transformers: numbers a step, and blocks."""
N_GRAM, TRANSFORMER = "n-gram", "transformer"
NETWORKS = ("RNN", "GRU", "LSTM", "LSTM, two layers", TRANSFORMER)


class Design(NamedTuple):
    """Of a transformer: numbers a step and blocks (None: those of its size), window, and what it has beside the usual."""

    shape: tuple[int, int] | None = None
    window: int = T
    before: bool = False
    rotary: bool = False


DESIGNS = {
    TRANSFORMER: Design(),
    "transformer, token before": Design(before=True),
    "transformer, rotary": Design(rotary=True),
    "transformer, both": Design(before=True, rotary=True),
    "transformer, window 256": Design(window=256),
    "transformer, one block": Design(shape=(48, 1)),
    "transformer, four blocks": Design(shape=(24, 4)),
}
VARIANTS = tuple(DESIGNS)[1:]
MODELS = (*NETWORKS, N_GRAM, *VARIANTS)
PLACES_SHOWN = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Places of a window are averaged up to each of these, from the one before on."""
MODELS_KEPT = ROOT / "benchmarks" / "models"
"""Where the trained models of seed 0 are left, as float16, for whoever wants to look into them; not under version control."""


class Step(NamedTuple):
    """A part of the plan: networks of one size, so many characters, so many seeds."""

    size: str
    budget: int
    seeds: int
    models: tuple[str, ...] = (*NETWORKS, N_GRAM)


PLAN = (
    Step("28k", 800_000, 3),
    Step("28k", 3_000_000, 3),
    Step("28k", 3_000_000, 1, VARIANTS),
    Step("90k", 800_000, 3),
    Step("90k", 3_000_000, 1),
    Step("28k", 12_000_000, 1),
    Step("300k", 800_000, 1),
    Step("300k", 3_000_000, 1),
    Step("90k", 12_000_000, 1),
    Step("90k", 3_000_000, 3),
    Step("28k", 26_500_000, 1),
    Step("1M", 800_000, 1),
    Step("1M", 3_000_000, 1),
    Step("300k", 12_000_000, 1),
    Step("300k", 800_000, 3),
    Step("90k", 26_500_000, 1),
    Step("1M", 12_000_000, 1),
    Step("28k", 12_000_000, 3),
    Step("90k", 12_000_000, 3),
    Step("300k", 3_000_000, 3),
    Step("300k", 26_500_000, 1),
    Step("1M", 26_500_000, 1),
)


def widest(limit: int, parameters: Callable[[int], int]) -> int:
    """The largest width with at most `limit` parameters."""
    H = 1
    while parameters(H + 1) <= limit:
        H += 1
    return H


def width_within(kind: str, limit: int, *, V: int, D: int) -> int:
    """The most units of a recurrent language model with at most `limit` parameters, embedding and readout included."""
    return widest(limit, lambda H: V * D + MATRICES[kind] * H * (D + H + 1) + H * V + V)


def build(model: str, size: str, rng: np.random.Generator) -> Any:
    """The network of that name, as large as its size allows."""
    limit, outside = SIZES[size], V * D + V
    if model in MATRICES:
        return language_model(model, V, D, width_within(model, limit, V=V, D=D), rng=rng)
    if model == "LSTM, two layers":
        H = widest(limit, lambda H: outside + 4 * H * (D + H + 1) + 4 * H * (2 * H + 1) + H * V)
        return untrained_stack(2, H, rng=rng, gain=4.0)
    if model in DESIGNS:
        return transformer(limit, SHAPES[size], DESIGNS[model], rng)
    raise ValueError(f"build: wanted one of {', '.join((*NETWORKS, *VARIANTS))}, got {model!r}")


def transformer(
    limit: int, shape: tuple[int, int], design: Design, rng: np.random.Generator
) -> TransformerLanguageModel:
    """With 4 heads and as many hidden units as there is room for."""
    D, layers = design.shape or shape

    def of(H: int) -> TransformerLanguageModel:
        model: Any = TransformerLanguageModel.init(V, D, layers, 4, design.window, rng=rng, H=H)
        if design.before:
            model = replace(model, embedding=TwoTokenEmbedding.init(V, D, rng=rng, scale=SCALE, dtype=np.float32))
        if design.rotary:
            blocks = tuple(
                replace(block, attention=replace(block.attention, attention=RotaryAttention()))
                for block in model.transformer.blocks
            )
            model = replace(model, positions=NoPositions(), transformer=replace(model.transformer, blocks=blocks))
        return model

    one = count(of(1))
    return of(1 + (limit - one) // (count(of(2)) - one))


@cache
def texts(quick: bool) -> tuple[Array, Array, Array]:
    """The characters to train on; those to choose by; those to report on; few of each for a quick run."""
    lengths = (20_000, 6_000, 6_000) if quick else (BUDGETS[-1], 100_000, 200_000)
    train, valid, test = map(encoded_characters, split(load_reviews()), lengths)
    return train, valid, test


def score(model: Any, text: Array, window: int = T) -> float:
    """Bits per character."""
    if isinstance(model, TransformerLanguageModel):
        return round(float(bits(nats_in_windows(model, text, window, B=32))), 4)
    return round(float(bits(nats_per_token(model, text, streams=100))), 4)


def by_place(model: Any, text: Array, window: int) -> list[float]:
    """Bits per character at the places of `PLACES_SHOWN`, as far as the window goes."""
    nats = nats_by_place(model, text, window)
    ends = [0, *(end for end in PLACES_SHOWN if end <= window)]
    return [round(float(bits(nats[start:end].mean())), 3) for start, end in pairwise(ends)]


def windows(characters: int, times: int = 1, *, window: int = T, quick: bool = False) -> list[tuple[Array, Array]]:
    """The first `characters` of the training text in batches, as often as they are to be read."""
    streams = STREAMS.get(characters * times, 8) * T // window
    return [*sequential_partition(texts(quick)[0][:characters], window, streams)] * times


def train(
    model: Any, batches: Sequence[Any], rate: float, objective: Any = None, *, window: int = T, quick: bool = False
) -> tuple[Any, dict[str, Any]]:
    """Train and score any model by the protocol above; returns it as trained, and what a run says of it.

    A training that left the finite numbers returns the untrained model, and None for the scores.
    """
    _, valid, held_out = texts(quick)
    parameters = count(model)
    attends = isinstance(model, TransformerLanguageModel)
    if objective is None:
        objective = next_token_loss if attends else TruncatedBPTT()
    schedule = warmup_cosine(len(batches) // 20 if attends else 0, len(batches), floor=0.05)
    start = time.process_time()
    try:
        model = fit(model, objective, batches, Adam(rate), clip=1.0, schedule=schedule, progress=None).model
    except ValueError as error:  # `fit` stops at the first loss that is not finite, and only then
        if "finite" not in str(error):
            raise
        return model, {"parameters": parameters, "valid": None, "score": None, "seconds": None}
    seconds = round(time.process_time() - start, 1)
    scores = {"valid": score(model, valid, window), "score": score(model, held_out, window)}
    return model, {"parameters": parameters} | scores | {"seconds": seconds}


def train_network(setting: dict[str, Any], quick: bool) -> dict[str, Any]:
    """Train and score one of the networks; that of seed 0 is kept."""
    size, budget, rate = setting["size"], setting["budget"], setting["rate"]
    window = DESIGNS[setting["model"]].window if setting["model"] in DESIGNS else T
    untrained = build(setting["model"], size, np.random.default_rng(setting["seed"]))
    batches = windows(budget, window=window, quick=quick)
    model, outcome = train(untrained, batches, rate, window=window, quick=quick)
    if setting["seed"] == 0 and outcome["score"] is not None:
        MODELS_KEPT.mkdir(exist_ok=True)
        name = f"{setting['model']}-{size}-{budget}-{rate}.npz".replace(",", "").replace(" ", "-")
        save(astype(model, np.float16), MODELS_KEPT / name)
        if budget == 3_000_000:
            outcome["by place"] = by_place(
                model, texts(quick)[2], window if setting["model"] in DESIGNS else PLACES_SHOWN[-1]
            )
    return outcome


def count_ngrams(setting: dict[str, Any], quick: bool) -> dict[str, Any]:
    """The n-gram that is best on the validation text; `tried` holds its bits there for every n from 5 on."""
    letters, valid, held_out = texts(quick)
    tried: dict[int, float] = {}
    best: Any = None
    n, seconds = 4, 0.0
    while n - 1 <= min(tried, key=tried.__getitem__, default=n):
        n += 1
        start = time.process_time()
        model = ModifiedKneserNey(NGrams.count(letters[: setting["budget"]], n, V, boundary=0), n)
        taken = time.process_time() - start
        tried[n] = round(float(model.bits(valid)), 4)
        if tried[n] == min(tried.values()):
            best = {"n": n, "parameters": model.parameters, "score": round(float(model.bits(held_out)), 4)}
            seconds = taken
    return best | {"valid": tried[best["n"]], "seconds": round(seconds, 1), "tried": list(tried.items())}


def measure(setting: dict[str, Any], quick: bool = False) -> dict[str, Any]:
    """The setting and what came of it."""
    return setting | (count_ngrams if setting["model"] == N_GRAM else train_network)(setting, quick)


def search(runs: Sequence[Record], model: str, size: str, budget: int) -> list[tuple[int, float]]:
    """The budgets and learning rates whose results the search for the rate at this budget needs next."""
    short = min(FEWEST)
    near = chosen_rate(runs, model, size, short)
    if near is None or budget == short:
        tried, slowest = tuning(runs, model, size, short), 5e-4 if model in DESIGNS else 1e-3
        return [(short, rate) for rate in next_rates(tried, slowest, FEWEST[short])]
    return [(budget, rate) for rate in next_rates(tuning(runs, model, size, budget), near / 2, 2)]


def wanted(runs: Sequence[Record], models: Sequence[str] = MODELS) -> Iterator[dict[str, Any]]:
    """The settings that are still to be run, in the order of the plan, as far as they are known."""
    done = {(run["model"], run["size"], run["budget"], run["rate"], run["seed"]) for run in runs}

    def setting(model: str, size: str, budget: int, rate: float | None, seed: int) -> Iterator[dict[str, Any]]:
        if (model, size, budget, rate, seed) not in done:
            yield {"model": model, "size": size, "budget": budget, "rate": rate, "seed": seed}

    for step in PLAN:
        for model in (model for model in step.models if model in models):
            if model == N_GRAM:
                yield from setting(model, "any", step.budget, None, 0)
                continue
            for budget, tried in search(runs, model, step.size, tuned_on(step.budget)):
                yield from setting(model, step.size, budget, tried, 0)
            rate = chosen_rate(runs, model, step.size, step.budget)
            if rate is not None:
                for seed in range(step.seeds):
                    yield from setting(model, step.size, step.budget, rate, seed)


def main(quick: bool, names: Sequence[str] = (), jobs: int = 1) -> list[dict[str, Any]]:
    """Run what is asked for and is not there yet; returns all runs. Raises ValueError for a name that is in none."""
    models = named(MODELS, names, where="learning_curves")
    if quick:
        setting = {"size": "28k", "budget": 20_000, "rate": 4e-3, "seed": 1}
        return [measure({"model": model} | setting, quick) for model in models]
    command = "OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.learning_curves"
    runs = Runs("learning_curves", keep=True, command=command, budgets=BUDGETS)
    runs.fill(lambda rows: wanted(rows, models), measure, jobs)
    renew_scoreboard()
    print(markdown(points(runs.rows)))
    return runs.rows


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="every model once, 20,000 characters", names="MODEL", jobs=1)))

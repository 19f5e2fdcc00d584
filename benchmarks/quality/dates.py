"""Does attention remove the bottleneck? Dates with and without it: more to remember, more width, more training, seeds.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.dates [--quick]

Two studies, over seeds, with attention, without, and without but with three times the training:

single  one date a text, in all languages, with 16, 32 or 64 units in the decoder's state. Tested on held-out dates in
        spellings that were learnt ("right", and "by_length" in the groups of `EDGES`), and in held-out ones
        ("right_new_spelling").
lines   lines of one to three dates in digits, so that all there is to do is to copy and to remember; all in one
        training, tested on lines of each number of dates on its own, four included, which is more than was ever read. The
        share of *dates* that are right (all ten signs), not of lines, so that more dates are not harder just because they
        are more.

Written after every run to course_utils/experiments/results/dates.json, which chapter 13 draws. Runs that it holds already are
not repeated: without it, all takes about five minutes of one core.
"""

import time
from functools import partial
from typing import Any

import numpy as np

from course_utils.analysis.summaries import right_by_length
from course_utils.data.date_batches import LENGTH, START, date_batches
from course_utils.data.dates import Pairs, draw_dates, draw_lines, split_dates, split_spellings
from course_utils.models.encoder_decoder import EncoderDecoder
from course_utils.pretrained.date_writer import DateWriter, train_writer
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import count
from tools.command_line import arguments
from tools.report import Runs

B, D = 64, 24
MOST = 3
EDGES = (6, 11, 15, 19, 24, 41)
"""Groups of lengths, in letters: 6 to 10, 11 to 14, and so on."""
SINGLE = [("single", kind, H, 800) for H in (64, 32, 16) for kind in ("additive", "none")]
MORE = [("single", "dot", 64, 800), ("single", "none", 64, 2_400)]
LINES = [("lines", "additive", 64, 1_000), ("lines", "none", 64, 1_000), ("lines", "none", 64, 3_000)]
RUNS = [(*setting, seed) for seed in (0, 1, 2) for setting in SINGLE + MORE + LINES]


def right_dates(writer: DateWriter, pairs: Pairs) -> float:
    """The share of dates that are right, where a text may hold several."""
    answers = writer.answers(pairs.texts, max(map(len, pairs.isos)))
    places = [
        (answer, isos, n)
        for answer, isos in zip(answers, pairs.isos, strict=True)
        for n in range(0, len(isos), LENGTH + 1)
    ]
    return float(np.mean([answer[n : n + LENGTH] == isos[n : n + LENGTH] for answer, isos, n in places]))


def measure(study: str, kind: str, H: int, steps: int, seed: int, *, tested: int) -> dict[str, Any]:
    """Train one model, and how much of what it never saw it gets right."""
    rng = np.random.default_rng(seed)
    days, ways, unseen = split_dates(), split_spellings(), np.random.default_rng(1_000)
    start = time.process_time()
    if study == "lines":
        digits = [spelling for spelling in ways.train if not spelling.has_words]
        pairs = draw_lines(B * steps, days.train, digits, most=MOST, rng=rng)
    else:
        pairs = draw_dates(B * steps, days.train, rng=rng)
    vocabulary = Vocabulary.build(map(list, pairs.texts))
    attention = None if kind == "none" else kind
    model = EncoderDecoder.init(len(vocabulary), START, D, H, attention=attention, rng=rng)
    model = train_writer(model, date_batches(pairs, vocabulary, B, rng=rng), progress=None).model
    seconds = round(time.process_time() - start, 1)
    writer = DateWriter(model, vocabulary)
    if study == "lines":
        tests = [draw_lines(tested // n, days.test, digits, least=n, most=n, rng=unseen) for n in range(1, MOST + 2)]
        found: dict[str, Any] = {
            "letters": [round(float(np.mean([len(text) for text in test.texts])), 1) for test in tests],
            "right": [round(right_dates(writer, test), 4) for test in tests],
        }
    else:
        old, new = (draw_dates(tested, days.test, some, rng=unseen) for some in (ways.train, ways.test))
        right = writer.right(old)
        found = {
            "right": round(float(right.mean()), 4),
            "by_length": right_by_length([len(text) for text in old.texts], EDGES, right).round(4).tolist(),
            "right_new_spelling": round(float(writer.right(new).mean()), 4),
        }
    return {"parameters": count(model), **found, "seconds": seconds}


def main(quick: bool) -> None:
    """Measure, print and write the table."""
    runs = Runs("dates", keep=not quick)
    for study, kind, H, steps, seed in RUNS[: len(SINGLE + MORE + LINES)] if quick else RUNS:
        setting: dict[str, Any] = {"study": study, "kind": kind, "H": H, "steps": 20 if quick else steps, "seed": seed}
        runs.run(setting, partial(measure, **setting, tested=200 if quick else 3_000))


if __name__ == "__main__":
    main(arguments(__doc__, quick="20 updates, one seed, a few seconds").quick)

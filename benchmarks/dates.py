"""Does attention remove the bottleneck? Dates with and without it: more to remember, more width, more training, seeds.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.dates [--quick]

Two studies, each with a dot product, an additive score and no attention, over seeds:

lines   lines of one to four dates in random spellings, all in one training; tested on lines of each number of dates on
        its own, five included, which is more than was ever read. The share of *dates* that are right (all ten signs), not
        of lines, so that more dates are not harder just because they are more.
single  one date a text, with 16, 32 or 64 units in the decoder's state, or three times the training; tested on held-out
        dates in spellings that were learnt ("right"), and in held-out ones ("right_new_spelling").

The JSON is written after every run, to benchmarks/results/dates.json and to course_utils/data/results/, where chapter 12
reads it. Runs that it holds already are not repeated: without it, all takes about ten minutes of one core.
"""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np

import course_utils.data
from benchmarks.command_line import arguments
from benchmarks.report import write
from course_utils.data.date_batches import START, date_batches
from course_utils.data.dates import Pairs, draw_dates, draw_lines, split_dates, split_spellings
from course_utils.date_writer import DateWriter, train_writer
from course_utils.seq2seq import EncoderDecoder
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import count

B, D = 64, 24
MOST = 4
LINES = [("lines", kind, 64, 1_000) for kind in ("dot", "none")]
SINGLE = [("single", kind, H, 600) for H in (64, 32, 16) for kind in ("dot", "none")]
MORE = [("single", "additive", 64, 600), ("single", "none", 64, 1_800)]
RUNS = [(*setting, seed) for seed in (0, 1, 2) for setting in LINES + SINGLE + MORE]


def right_dates(writer: DateWriter, pairs: Pairs) -> float:
    """The share of dates that are right, where a text may hold several."""
    answers = writer.answers(pairs.texts, max(map(len, pairs.isos)))
    found = [
        part == iso
        for answer, isos in zip(answers, pairs.isos, strict=True)
        for part, iso in zip(answer[: len(isos)].split(";"), isos.split(";"), strict=False)
    ]
    return sum(found) / sum(isos.count(";") + 1 for isos in pairs.isos)


def measure(study: str, kind: str, H: int, steps: int, seed: int, *, tested: int) -> dict[str, Any]:
    """Train one model, and how much of what it never saw it gets right."""
    rng = np.random.default_rng(seed)
    days, ways, unseen = split_dates(), split_spellings(), np.random.default_rng(1_000)
    start = time.process_time()
    if study == "lines":
        pairs = draw_lines(B * steps, days.train, most=MOST, rng=rng)
    else:
        pairs = draw_dates(B * steps, days.train, rng=rng)
    vocabulary = Vocabulary.build(map(list, pairs.texts))
    attention = None if kind == "none" else kind
    model = EncoderDecoder.init(len(vocabulary), START, D, H, attention=attention, rng=rng)
    model = train_writer(model, date_batches(pairs, vocabulary, B, rng=rng), progress=None).model
    seconds = round(time.process_time() - start, 1)
    writer = DateWriter(model, vocabulary)
    if study == "lines":
        tests = [draw_lines(tested // n, days.test, least=n, most=n, rng=unseen) for n in range(1, MOST + 2)]
        found: dict[str, Any] = {
            "letters": [round(float(np.mean([len(text) for text in test.texts])), 1) for test in tests],
            "right": [round(right_dates(writer, test), 4) for test in tests],
        }
    else:
        old, new = (draw_dates(tested, days.test, some, rng=unseen) for some in (ways.train, ways.test))
        found = {"right": round(right_dates(writer, old), 4), "right_new_spelling": round(right_dates(writer, new), 4)}
    return {"parameters": count(model), **found, "seconds": seconds}


def main(quick: bool) -> None:
    """Measure, print and write the table."""
    table = Path(course_utils.data.__file__).parent / "results" / "dates.json"
    rows: list[dict[str, Any]] = json.loads(table.read_text("utf-8"))["runs"] if table.exists() and not quick else []
    for study, kind, H, steps, seed in RUNS[: len(LINES + SINGLE)] if quick else RUNS:
        setting = {"study": study, "kind": kind, "H": H, "steps": 20 if quick else steps, "seed": seed}
        if any(setting.items() <= row.items() for row in rows):
            continue
        rows.append(setting | measure(study, kind, H, setting["steps"], seed, tested=200 if quick else 2_000))
        print(rows[-1], flush=True)
        path = write("dates_quick" if quick else "dates", {}, runs=rows, quick=quick)
        if not quick:
            shutil.copy(path, table)


if __name__ == "__main__":
    main(arguments(__doc__, quick="20 updates, one seed, half a minute; nothing is kept for the chapter").quick)

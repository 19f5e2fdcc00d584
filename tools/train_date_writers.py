"""Train the small encoder-decoders that chapter 12 shows before it trains its own, and write them into course_utils/data/.

python -m tools.train_date_writers      takes half a minute; prints how many held-out dates each gets right
"""

from pathlib import Path

import numpy as np

import course_utils.data
from course_utils.data.date_batches import date_batches
from course_utils.data.dates import draw_dates, split_dates, split_spellings
from course_utils.pretrained.date_writer import KINDS, DateWriter, train_writer, untrained_writer
from course_utils.saving import save
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import astype

B, STEPS = 64, 1_000
DATA = Path(course_utils.data.__file__).parent

if __name__ == "__main__":
    days, ways = split_dates(), split_spellings()
    pairs = draw_dates(B * STEPS, days.train, rng=np.random.default_rng(0))
    vocabulary = Vocabulary.build(map(list, pairs.texts))
    vocabulary.save(DATA / "date_writer.json")
    for kind in KINDS:
        rng = np.random.default_rng(1)
        model = untrained_writer(kind, len(vocabulary), rng=rng)
        model = train_writer(model, date_batches(pairs, vocabulary, B, rng=rng)).model
        model = astype(astype(model, np.float16), np.float32)  # stored as float16: a third of the size
        writer = DateWriter(model, vocabulary)
        for name, spellings in (("dates", ways.train), ("dates and spellings", ways.test)):
            unseen = draw_dates(3_000, days.test, spellings, rng=np.random.default_rng(2))
            print(f"{kind}: {writer.right(unseen).mean():.4f} of {name} never seen are right")
        save(astype(model, np.float16), DATA / f"date_writer_{kind}.npz")

"""Train the small transformer whose predictions chapter 14 explores, and write it into course_utils/data/.

python -m tools.train_transformer      takes three minutes; prints bits per character on held-out reviews
"""

from pathlib import Path

import numpy as np

from course_utils.data.reviews import characters, load_reviews, split
from course_utils.models.objectives import next_token_loss
from course_utils.models.perplexity import bits, nats_in_windows
from course_utils.optim import Adam
from course_utils.pretrained import first_reader
from course_utils.saving import save
from course_utils.schedules import warmup_cosine
from course_utils.text.batching import random_partition
from course_utils.train import fit
from course_utils.tree import astype

B, LENGTH = 8, 4_500_000

if __name__ == "__main__":
    parts, rng = split(load_reviews()), np.random.default_rng(0)
    model = first_reader.untrained_transformer(rng=rng)
    T = len(model.positions.W)
    windows = list(random_partition(characters(parts.train, LENGTH), T, B, rng=rng))
    schedule = warmup_cosine(200, len(windows), floor=0.02)
    model = fit(model, next_token_loss, windows, Adam(4e-3), clip=1.0, schedule=schedule).model
    model = astype(astype(model, np.float16), np.float32)  # stored as float16
    print(f"{bits(nats_in_windows(model, characters(parts.valid, 200_000), T)):.3f} bits per character, held out")
    save(astype(model, np.float16), Path(first_reader.__file__).parent / "data" / "transformer.npz")

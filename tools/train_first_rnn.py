"""Train the tiny recurrent network that chapter 04 unrolls, and write it into course_utils/data/.

python -m tools.train_first_rnn      takes a minute; prints bits per character on held-out reviews
"""

from pathlib import Path

import numpy as np

from course_utils.data.reviews import characters, load_reviews, split
from course_utils.models.objectives import TruncatedBPTT
from course_utils.models.perplexity import bits, nats_per_token
from course_utils.optim import Adam
from course_utils.pretrained import first_reader
from course_utils.saving import save
from course_utils.text.batching import sequential_partition
from course_utils.train import fit
from course_utils.tree import astype

T, B, LENGTH = 32, 64, 16_000_000

if __name__ == "__main__":
    parts = split(load_reviews())
    windows = list(sequential_partition(characters(parts.train, LENGTH), T, B))
    model = first_reader.untrained_rnn(rng=np.random.default_rng(0))
    cut = len(windows) * 3 // 4
    for lr, share in ((5e-3, windows[:cut]), (1e-3, windows[cut:])):
        model = fit(model, TruncatedBPTT(), share, Adam(lr), clip=1.0).model
    model = astype(astype(model, np.float16), np.float32)  # stored as float16: a third of the size
    print(f"{bits(nats_per_token(model, characters(parts.valid, 200_000))):.3f} bits per character, held out")
    save(astype(model, np.float16), Path(first_reader.__file__).parent / "data" / "first_rnn.npz")

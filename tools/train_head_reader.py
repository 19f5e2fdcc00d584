"""Train the small transformer whose heads chapter 13 looks at, and write it into course_utils/data/.

python -m tools.train_head_reader      takes six minutes on one core; prints how surprised it is by held-out words

It fills in blanks, as the LSTM of chapter 10 does, with the same vocabulary and from the same sentences. Of every sentence
a fifth of the words has to be guessed. Most of them are replaced by the blank; some are left as they are or become another
word, so that the model also knows what to do with a sentence that has no blank (Devlin et al. 2019, section 3.1).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.data.reviews import load_reviews, split
from course_utils.data.tasks import blank_out
from course_utils.layers.chain import Chain, ChainTrace
from course_utils.losses import cross_entropy
from course_utils.models.perplexity import bits
from course_utils.optim import Adam
from course_utils.pretrained import head_reader
from course_utils.pretrained.head_reader import V
from course_utils.pretrained.word_filler import word_filler
from course_utils.saving import save
from course_utils.schedules import warmup_cosine
from course_utils.text.batching import align, buckets
from course_utils.train import fit
from course_utils.tree import Array, astype
from tools.train_word_filler import sentences

BATCH, EPOCHS, SEED = 64, 5, 0


def batches(texts: list[Array], *, rng: np.random.Generator) -> Iterator[Any]:
    """Padded minibatches: what to read, what stood there, where it is asked, and which steps are real."""
    for group in buckets([len(text) for text in texts], BATCH, rng=rng):
        tokens, mask = align([texts[k] for k in group])
        x, y, asked = blank_out(tokens, mask & (tokens > 1), share=0.2, blank=V, rng=rng)
        fate = rng.random(x.shape)
        x = np.where(asked & (fate < 0.1), y, x)
        x = np.where(asked & (fate > 0.9), rng.integers(2, V, x.shape), x)
        yield x, y, asked, mask


def loss_and_gradient(model: Chain, batch: Any) -> tuple[float, Chain]:
    """Only the places that are asked are read off: the readout is large."""
    x, y, asked, mask = batch
    body, readout = Chain(model.layers[:-1]), model.layers[-1]
    h, trace = body.forward(x, mask)
    logits, readout_trace = readout.forward(h[asked])
    loss, dlogits = cross_entropy(logits, y[asked])
    dh = np.zeros_like(h)
    dh[asked], dreadout, _ = readout.backward(dlogits, readout_trace)
    _, dbody, _ = body.backward(dh, ChainTrace(trace.layers))
    return loss, Chain((*dbody.layers, dreadout))


if __name__ == "__main__":
    rng = np.random.default_rng(SEED)
    parts, vocabulary = split(load_reviews()), word_filler().vocabulary
    texts = sentences(parts.train, vocabulary)
    schedule = [batch for _ in range(EPOCHS) for batch in batches(texts, rng=rng)]
    rise = warmup_cosine(200, len(schedule), floor=0.02)
    model = head_reader.untrained_head_reader(rng=rng)
    model = fit(model, loss_and_gradient, schedule, Adam(4e-3), clip=1.0, schedule=rise).model
    model = astype(astype(model, np.float16), np.float32)  # stored as float16: a third of the size
    held_out = batches(sentences(parts.valid, vocabulary), rng=rng)
    nats = np.mean([loss_and_gradient(model, batch)[0] for batch in held_out])
    print(f"{bits(float(nats)):.2f} bits a word, held out")
    save(astype(model, np.float16), Path(head_reader.__file__).parent / "data" / "head_reader.npz")

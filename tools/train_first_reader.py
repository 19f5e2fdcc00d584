"""Train the small LSTM that chapter 00 shows, and write it into course_utils/data/.

python -m tools.train_first_reader      takes a few minutes; prints the accuracy on held-out reviews

The reader says after every word whether it thinks the review is positive; the loss is the mean over all words, so its
opinion means something from early on. Units are then ordered by how much they speak for "positive", which makes the
heatmap of its state readable and changes nothing else.
"""

from pathlib import Path
from typing import Any

import numpy as np

from course_utils.data.reviews import Review, load_reviews, split
from course_utils.layers.chain import Chain
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.losses import binary_cross_entropy
from course_utils.optim import Adam
from course_utils.pretrained import first_reader
from course_utils.saving import save
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import astype

DATA = Path(first_reader.__file__).parent / "data"
T, BATCH, EPOCHS, SEED = 150, 64, 4, 0
Batch = tuple[Any, Any, Any]


def batches(reviews: list[Review], vocabulary: Vocabulary, *, rng: np.random.Generator) -> list[Batch]:
    """Tokens (T, B), mask and labels; a random window of each long review, so that ends are read as well as starts."""
    made = []
    order = rng.permutation(len(reviews))
    for start in range(0, len(order) - BATCH + 1, BATCH):
        tokens = np.zeros((T, BATCH), np.int64)
        labels = np.empty(BATCH, np.int64)
        for b, k in enumerate(order[start : start + BATCH]):
            encoded = vocabulary.encode(words(reviews[k].text))
            at = rng.integers(0, max(1, len(encoded) - T + 1))
            window = encoded[at : at + T]
            tokens[: len(window), b], labels[b] = window, reviews[k].label
        made.append((tokens, tokens > 0, labels))
    return made


def loss_and_gradient(model: Chain, batch: Batch) -> tuple[float, Chain]:
    """Binary cross-entropy of the opinion after every real word."""
    tokens, mask, labels = batch
    logits, trace = model.forward(tokens, mask)
    loss, d = binary_cross_entropy(logits[..., 0][mask], np.broadcast_to(labels, mask.shape)[mask])
    dlogits = np.zeros_like(logits)
    dlogits[..., 0][mask] = d
    return loss, model.backward(dlogits, trace)[1]


def ordered(model: Chain) -> Chain:
    """The same function with its units sorted by their weight in the verdict, most positive first."""
    embedding, lstm, linear = model.layers
    by = np.argsort(-linear.W[:, 0])
    lstm = LSTM(lstm.W_x[:, :, by], lstm.W_h[:, by][:, :, by], lstm.b[:, by])
    return Chain((embedding, lstm, Linear(linear.W[by], linear.b)))


if __name__ == "__main__":
    rng = np.random.default_rng(SEED)
    parts = split(load_reviews())
    vocabulary = Vocabulary.build([words(review.text) for review in parts.train], max_size=first_reader.V)
    schedule = [batch for _ in range(EPOCHS) for batch in batches(list(parts.train), vocabulary, rng=rng)]
    model = first_reader.untrained_reader(rng=rng)
    for lr, share in ((4e-3, schedule[: -len(schedule) // 4]), (1e-3, schedule[-len(schedule) // 4 :])):
        model = fit(model, loss_and_gradient, share, Adam(lr), clip=1.0).model
    # Stored as float16: a third of the size, and the opinion changes by less than a thousandth.
    model = astype(astype(ordered(model), np.float16), np.float32)
    reader = first_reader.FirstReader(model, vocabulary)
    right = [(reader.read(review.text).opinion[-1] > 0.5) == review.label for review in parts.test]
    print(f"held-out accuracy after the last word: {np.mean(right):.4f} on {len(right)} reviews")
    save(astype(model, np.float16), DATA / "first_reader.npz")
    vocabulary.save(DATA / "first_reader.json")

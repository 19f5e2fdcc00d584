"""Train the bidirectional LSTM that chapter 10 shows filling in blanks, and write it into course_utils/data/.

python -m tools.train_word_filler      takes five minutes on one core; prints how surprised it is by held-out words

Of every sentence a fifth of the words is blanked out. The loss is the sum of three: the word has to be guessed from the
pass from the left alone, from the pass from the right alone, and from both. So each half of the readout means something
on its own, and what the two say can be compared.
"""

from pathlib import Path
from typing import Any

import numpy as np

from course_utils.data.reviews import Review, load_reviews, split
from course_utils.data.tasks import blank_out
from course_utils.losses import cross_entropy
from course_utils.models.perplexity import bits
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.optim import Adam
from course_utils.pretrained import word_filler
from course_utils.pretrained.word_filler import VIEWS, H, V, views
from course_utils.saving import save
from course_utils.text.batching import align, buckets
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array, astype

SHORTEST, LONGEST, BATCH, EPOCHS, SEED = 4, 28, 64, 4, 0
Sentences = list[Array]


def sentences(reviews: tuple[Review, ...], vocabulary: Vocabulary) -> Sentences:
    """All sentences of a handy length, encoded, with the mark that ends them."""
    found = []
    for review in reviews:
        tokens = words(review.text)
        ends = [k + 1 for k, token in enumerate(tokens) if token in (".", "!", "?", "...")]
        for start, end in zip([0, *ends], ends, strict=False):
            if SHORTEST <= end - start <= LONGEST:
                found.append(vocabulary.encode(tokens[start:end]))
    return found


def batches(texts: Sentences, *, rng: np.random.Generator) -> Any:
    """Padded minibatches with their masks, and blanks at words that the vocabulary knows."""
    for group in buckets([len(text) for text in texts], BATCH, rng=rng):
        tokens, mask = align([texts[k] for k in group])
        yield *blank_out(tokens, mask & (tokens > 1), share=0.2, blank=V, rng=rng), mask


def three_losses(model: RecurrentLanguageModel, batch: Any) -> tuple[list[float], RecurrentLanguageModel]:
    """The mean loss of every view, and the gradient of their sum. Only blanks are read off: the readout is large."""
    x, y, asked, mask = batch
    e, embedding = model.embedding.forward(x)
    h, recurrent = model.recurrent.forward(e, mask)
    logits, readout = model.readout.forward(views(h[asked], H))
    losses, dlogits = zip(*(cross_entropy(view, y[asked]) for view in logits), strict=True)
    dviews, dreadout, _ = model.readout.backward(np.stack(dlogits), readout)
    dh = np.zeros_like(h)
    dh[asked] = np.where(np.arange(2 * H) < H, dviews[0], dviews[1]) + dviews[2]
    de, drecurrent, _ = model.recurrent.backward(dh, recurrent)
    return list(losses), RecurrentLanguageModel(model.embedding.backward(de, embedding)[1], drecurrent, dreadout)


def loss_and_gradient(model: RecurrentLanguageModel, batch: Any) -> tuple[float, RecurrentLanguageModel]:
    """What `fit` wants: one number."""
    losses, gradient = three_losses(model, batch)
    return sum(losses) / len(losses), gradient


if __name__ == "__main__":
    rng = np.random.default_rng(SEED)
    parts = split(load_reviews())
    vocabulary = Vocabulary.build([words(review.text) for review in parts.train], max_size=V)
    texts = sentences(parts.train, vocabulary)
    model = word_filler.untrained_filler(rng=rng)
    schedule = [batch for _ in range(EPOCHS) for batch in batches(texts, rng=rng)]
    cut = len(schedule) * 3 // 4
    for lr, share in ((4e-3, schedule[:cut]), (1e-3, schedule[cut:])):
        model = fit(model, loss_and_gradient, share, Adam(lr), clip=1.0).model
    model = astype(astype(model, np.float16), np.float32)  # stored as float16: a third of the size
    held_out = batches(sentences(parts.valid, vocabulary), rng=rng)
    nats = np.mean([three_losses(model, batch)[0] for batch in held_out], axis=0)
    print(", ".join(f"{view}: {n:.2f}" for view, n in zip(VIEWS, bits(nats), strict=True)), "bits a word, held out")
    data = Path(word_filler.__file__).parent / "data"
    save(astype(model, np.float16), data / "word_filler.npz")
    vocabulary.save(data / "word_filler.json")

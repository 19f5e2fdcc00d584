"""RNN, GRU and LSTM where there is less to remember: the runs of ``benchmarks.quality.lstm``, summed up.

They follow the protocol of `trials`. The `loss`, by which rates are chosen, is that on a validation part, and the `score`
that on a part that neither trains nor chooses:

forecast    squared error of the next value of an EEG over the variance of that part, the loss as well
sentiment   share of reviews judged correctly; loss: the share judged wrongly. So many labels; length: words read

The length of forecast is that of the windows that a network is trained on.
"""

from collections.abc import Sequence

from course_utils.experiments import trials
from course_utils.experiments.trials import Record, Trial

LABELS = {"sentiment, 1,000 labels": 1_000, "sentiment, 16,000 labels": 16_000}
"""The reviews that each task of sentiment trains on."""
FEW, MANY = LABELS
TRIALS = (
    Trial("forecast", 40, tuned_at=40, tuning_seeds=3),
    Trial(FEW, 80, tuned_at=80),
    Trial(MANY, 80, tuned_at=80, tuning_seeds=1),
)


def reported(runs: Sequence[Record]) -> list[Record]:
    """The runs that count: see `trials.reported`."""
    return trials.reported(runs, TRIALS)

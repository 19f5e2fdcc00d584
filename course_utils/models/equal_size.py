"""Layers and models of equal size, of different kinds: simple RNN, GRU and LSTM; one direction and two.

Sizes are compared by parameters of the recurrent layer: `width` says how many units each kind can afford.
"""

import numpy as np

from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.gru import GRU
from course_utils.layers.lstm import LSTM
from course_utils.layers.rnn import RNN
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.shapes import expect_whole

KINDS = ("RNN", "GRU", "LSTM")
IDENTITY, OPEN = "RNN, identity start", "LSTM, forget bias 4"
"""The same layers with another start: ReLU with the identity for W_hh (Le et al. 2015), and a forget gate that is open."""
MATRICES = {"RNN": 1, "GRU": 3, "LSTM": 4, IDENTITY: 1, OPEN: 4}
"""Of each kind, how many times as many parameters as a simple RNN of the same width it has."""


def width(kind: str, D: int, parameters: int) -> int:
    """The most units that a recurrent layer with D inputs can have with at most so many parameters.

    RNN H(D + H + 1), GRU three times, LSTM four times as many. Raises ValueError for an unknown kind, or if they do
    not suffice for one unit.
    """
    times = MATRICES[_expect_kind(kind, "width")]
    H = int((np.sqrt((D + 1) ** 2 + 4 * parameters / times) - (D + 1)) / 2 + 1e-9)
    if H < 1:
        raise ValueError(
            f"width: wanted at least {times * (D + 2)} parameters for one unit of {kind}, got {parameters}"
        )
    return H


def recurrent_layer(kind: str, D: int, H: int, *, rng: np.random.Generator) -> RNN | GRU | LSTM:
    """A recurrent layer of one of `KINDS`, or of the other starts `IDENTITY` and `OPEN`, in float32.

    Raises ValueError for an unknown kind.
    """
    _expect_kind(kind, "layer")
    if kind == IDENTITY:
        rnn = RNN.init(D, H, rng=rng, dtype=np.float32, activation="relu")
        return RNN(rnn.W_xh, np.eye(H, dtype=np.float32), rnn.b_h, "relu")
    if kind == OPEN:
        return LSTM.init(D, H, rng=rng, dtype=np.float32, forget_bias=4.0)
    kinds: dict[str, type[RNN] | type[GRU] | type[LSTM]] = {"RNN": RNN, "GRU": GRU, "LSTM": LSTM}
    return kinds[kind].init(D, H, rng=rng, dtype=np.float32)


def _expect_kind(kind: str, where: str) -> str:
    if kind not in MATRICES:
        raise ValueError(f"{where}: wanted one of {', '.join(MATRICES)}, got {kind!r}")
    return kind


def language_model(kind: str, V: int, D: int, H: int, *, rng: np.random.Generator) -> RecurrentLanguageModel:
    """An embedding, the recurrent layer and a readout."""
    return RecurrentLanguageModel.init(V, D, recurrent_layer(kind, D, H, rng=rng), H, rng=rng)


def equal_width(D: int, H: int, outputs: int) -> int:
    """The width of each of two LSTMs that together have at most the parameters of one with H units.

    Counted with a readout from all their units to `outputs` numbers. Raises ValueError if not even one unit fits.
    """

    expect_whole("equal_width", D=D, H=H, outputs=outputs)

    def parameters(H: int) -> int:
        return 4 * H * (D + H + 1) + H * outputs

    width = max((h for h in range(1, H) if 2 * parameters(h) <= parameters(H)), default=0)
    if width == 0:
        raise ValueError(f"equal_width: wanted H large enough for two directions of equal size, got {H}")
    return width


def lstm_reader(D: int, H: int, *, both: bool, rng: np.random.Generator) -> LSTM | Bidirectional:
    """One LSTM with H units, or one with H units in each direction, in float32."""
    if not both:
        return LSTM.init(D, H, rng=rng, dtype=np.float32)
    return Bidirectional(*(LSTM.init(D, H, rng=rng, dtype=np.float32) for _ in range(2)))

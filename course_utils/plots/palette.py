"""Colours with a meaning that stays the same in every chapter.

The hues are those of Okabe & Ito (2008, "Color universal design"), which people with any colour vision tell apart.
"""

INK, MUTED, GRID, PAPER = "#2b2f36", "#8a9099", "#e6e8eb", "#ffffff"
BLUE, RED, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, ORANGE, YELLOW = "#56B4E9", "#E69F00", "#F0E442"

GATES = {"i": GREEN, "f": BLUE, "o": ORANGE, "c_tilde": PINK, "r": SKY, "z": RED, "c": INK, "h": "#5b3a8c"}
MODELS = {"n-gram": INK, "RNN": RED, "GRU": SKY, "LSTM": BLUE, "attention": GREEN, "transformer": PINK}
MATRICES = {"W_xh": BLUE, "W_hh": ORANGE, "W_hq": GREEN}  # of a recurrent network
ACTIVATIONS = {"identity": INK, "relu": ORANGE, "tanh": BLUE}
LABELS = {0: RED, 1: BLUE}  # negative and positive reviews

DIVERGING = "RdBu"  # for signed numbers around 0: negative red, positive blue
SEQUENTIAL = "viridis"  # for numbers that only grow

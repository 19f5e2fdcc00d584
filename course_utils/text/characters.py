"""The alphabet of the character models, and how a text is written in it and read back."""

import unicodedata

import numpy as np
from jaxtyping import Int

from course_utils.text.letters import latin
from course_utils.tree import Array

ALPHABET = "\n abcdefghijklmnopqrstuvwxyz0123456789.,'\"-!?():;/"
"""The 50 symbols of the character corpus; a symbol's token is its place here, so 0 is the end of a review."""

_LOOKALIKES = str.maketrans(
    dict.fromkeys("’‘`´\x91\x92", "'")
    | dict.fromkeys("“”«»\x84\x93\x94", '"')
    | dict.fromkeys("–—_~\x96\x97", "-")
    | dict.fromkeys("[{", "(")
    | dict.fromkeys("]}", ")")
    | dict.fromkeys("ʹʻʼʽʾʿ", "'")  # letters of their own, as in Hawaiʻi
    | dict.fromkeys("⁄∕", "/")
    | {c: " " + unicodedata.normalize("NFKD", c) for c in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅟↉"}  # 8½ is 8 1/2, not 81/2
    | {"&": " and ", "\x85": "...", "Ŀ": "L", "ŀ": "l"}
)
_DROPPED = str.maketrans({chr(k): " " for k in range(128) if chr(k) not in ALPHABET})
_INDEX = np.zeros(128, np.uint8)  # of each ASCII character
_INDEX[[ord(symbol) for symbol in ALPHABET]] = np.arange(len(ALPHABET))


def fold(text: str) -> str:
    """A text in the 49 symbols of `ALPHABET` that are not the newline.

    Lower case; accents fall off and Latin letters are spelt out (`letters.latin`: é -> e, œ -> oe, ™ -> tm, … -> ...);
    look-alikes are merged (“ -> ", – -> -, [ -> (, & -> and); whatever is left (*, $, %, other scripts) becomes a space;
    runs of spaces become one. Less than 0.1 % of characters are touched.
    """
    text = unicodedata.normalize("NFC", text).translate(
        _LOOKALIKES
    )  # first: taken apart, ´ would be a blank and a mark
    if not text.isascii():
        text = latin(text).translate(_LOOKALIKES)  # and again: of ＆ it makes &
        text = "".join(c if c.isascii() else " " for c in text)
    return " ".join(text.lower().translate(_DROPPED).split())


def encode(text: str) -> Int[Array, "T"]:
    """The token of each character of a text, as the character models read it; undone by `spell`.

    Raises ValueError for a character that is not in the alphabet: `fold` writes any text in it.
    """
    if unknown := sorted(set(text) - set(ALPHABET)):
        raise ValueError(f"encode: wanted the {len(ALPHABET)} symbols of ALPHABET, got {unknown}; fold(text) first")
    return _INDEX[np.frombuffer(text.encode("ascii"), np.uint8)].astype(np.intp)


def spell(tokens: Int[Array, "T"]) -> str:
    """The text that tokens, places in `ALPHABET`, stand for; undoes `encode`.

    Raises ValueError for a token outside 0 ... 49, or for other than integers.
    """
    tokens = np.asarray(tokens)
    if tokens.dtype.kind not in "iu" or tokens.ndim != 1:
        raise ValueError(f"spell: wanted integers of shape (T,), got {tokens.dtype} of shape {tokens.shape}")
    if tokens.size and not (0 <= tokens.min() and tokens.max() < len(ALPHABET)):
        raise ValueError(f"spell: wanted tokens in 0 ... {len(ALPHABET) - 1}, got {tokens.min()} ... {tokens.max()}")
    return np.frombuffer(ALPHABET.encode("ascii"), np.uint8)[tokens].tobytes().decode("ascii")

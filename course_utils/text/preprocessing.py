"""Text to tokens and back.

A *token* is the unit a model reads in one time step: a word (`words`) or a character (`characters`).
Three decisions are made here, and everything later inherits them:

* Case is folded: "Bad" and "bad" share one row of the vocabulary. What capitals told us is lost.
* Punctuation marks are tokens of their own, "..." is one of them: "good." and "good" are the same word.
* "don't" is one word. Splitting it ("do", "n't") would share statistics with "do", but the reader would have to learn an
  extra convention. The apostrophes of other keyboards (’ ‘ ` ´ and the \\x91, \\x92 of Windows) count as '.
"""

import html
import re
from collections.abc import Iterable

_BREAK = re.compile(r"<\s*br\s*(?:/\s*)?>", re.IGNORECASE)  # no two runs of \s side by side: they would try every split
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘`´\x91\x92", "'"))
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\.\.\.|[^\w\s]|_")

_TIGHT_LEFT = frozenset(".,!?;:)]}%-/") | {"..."}
_TIGHT_RIGHT = frozenset("([{-/$#")
_QUOTES = frozenset("\"'")


def clean(text: str) -> str:
    """Take the web page out of a text: `<br />` and runs of white space become one space, `&amp;` becomes &.

    Letters, case and punctuation stay as they were. Idempotent for text that holds no doubly escaped entities.

    Raises:
        ValueError: `text` is not a str, or nothing is left of it.
    """
    text = _expect_text(text, "clean")
    if "<" in text:
        text = _BREAK.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    return _expect_text(" ".join(text.split()), "clean")


def words(text: str) -> list[str]:
    """Words and punctuation marks of a text, in lower case: "Don't go!" -> ["don't", "go", "!"].

    Raises:
        ValueError: `text` is not a str, or it is empty.
    """
    text = _expect_text(text, "words").casefold()
    return _WORD.findall(text if text.isascii() and "`" not in text else text.translate(_APOSTROPHES))


def characters(text: str) -> list[str]:
    """Characters of a text, one token each, nothing folded: "Go!" -> ["G", "o", "!"].

    Raises:
        ValueError: `text` is not a str, or it is empty.
    """
    return list(_expect_text(text, "characters"))


def detokenize(tokens: Iterable[str]) -> str:
    """Join words for reading: ["not", "bad", ",", "(", "really", ")", "!"] -> "not bad, (really)!".

    Quotation marks open and close in turn; hyphens and slashes join their neighbours. What `words` threw away
    (capitals, spaces around a dash) does not come back.

    Raises:
        ValueError: `tokens` is a single str, or holds something that is not a str.
    """
    if isinstance(tokens, str):
        raise ValueError(
            f"detokenize wants a sequence of tokens, got the str {tokens[:40]!r}; tokenise it with words() first"
        )
    pieces: list[str] = []
    glue, is_open = True, dict.fromkeys(_QUOTES, False)
    for token in tokens:
        if not isinstance(token, str):
            raise ValueError(
                f"detokenize wants tokens that are str, got {type(token).__name__} {token!r}; decode indices first"
            )
        closes = is_open.get(token, False)
        if not (glue or closes or token in _TIGHT_LEFT):
            pieces.append(" ")
        pieces.append(token)
        glue = token in _TIGHT_RIGHT
        if token in _QUOTES:
            is_open[token] = glue = not closes
    return "".join(pieces)


def _expect_text(text: str, where: str) -> str:
    if not isinstance(text, str):
        raise ValueError(
            f"{where} wants a str, got {type(text).__name__}: {str(text)[:40]!r}; decode bytes, join lists first"
        )
    if not text or text.isspace():
        raise ValueError(f"{where} wants a text with something in it, got {text[:40]!r}; drop empty texts first")
    return text

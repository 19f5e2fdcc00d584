"""Text to words and back.

What a model reads in one time step is a word (`words`) or a character (`characters`); a `Vocabulary` gives each an integer,
its *token*.
Three decisions are made here, and everything later inherits them:

* Case is folded: "Bad" and "bad" share one row of the vocabulary. What capitals told us is lost.
* Punctuation marks are words of their own, "..." is one of them: "good." and "good" are the same word.
* "don't" is one word. Splitting it ("do", "n't") would share statistics with "do", but the reader would have to learn an
  extra convention. The apostrophes of other keyboards (’ ‘ ` ´ ＇ and the \\x91, \\x92 of Windows) count as '.

In every script a letter and its marks stay together, however they are stored: "é" may be one code point or two.
"""

import html
import re
from collections.abc import Iterable

from course_utils.text.letters import JOINERS, MARK, canonical, with_one_mark

_BREAK = re.compile(r"<\s*br\s*(?:/\s*)?>", re.IGNORECASE)  # no two runs of \s side by side: they would try every split
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘`´＇\x91\x92", "'"))
_MORE = f"[{MARK}{JOINERS}]*"  # of the same letter or sign
_LETTERS = rf"[^\W_]+(?:[{MARK}{JOINERS}]+[^\W_]*)*"
_WORD = re.compile(
    rf"{_LETTERS}(?:'{_LETTERS})*|\.\.\.{_MORE}|[\U0001f1e6-\U0001f1ff]{{2}}{_MORE}"  # two of these are a flag
    rf"|(?:[^\w\s]|_){_MORE}(?:(?<=\u200d)[^\w\s]{_MORE})*"
)

_TIGHT_LEFT = frozenset(".,!?;:)]}%-/") | {"..."}
_TIGHT_RIGHT = frozenset("([{-/$#")
_QUOTES = frozenset("\"'")


def clean(text: str) -> str:
    """Take the web page out of a text: `<br />` and runs of white space become one space, `&amp;` becomes &.

    Letters, case and punctuation stay as they were. Idempotent for text that holds no doubly escaped entities.

    Raises ValueError for what is not a str, or if nothing is left of it.
    """
    text = _expect_text(text, "clean")
    if "<" in text:
        text = _BREAK.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    return _expect_text(" ".join(text.split()), "clean")


def words(text: str) -> list[str]:
    """Words and punctuation marks of a text, in lower case: "Don't go!" -> ["don't", "go", "!"].

    Canonically equal texts have equal words, and what cannot be seen is left out (`letters.canonical`).

    Raises ValueError for what is not a str, or a text in which nothing can be seen.
    """
    given, text = text, canonical(_expect_text(text, "words"))
    if not text.strip():
        raise ValueError(
            f"words: wanted a text in which something can be seen, got {given[:40]!a}; drop empty texts first"
        )
    if text.isascii():
        return _WORD.findall(text.replace("`", "'"))
    text = text.translate(_APOSTROPHES)
    return [text[slice(*found.span())].rstrip(JOINERS) for found in _WORD.finditer(with_one_mark(text))]


def characters(text: str) -> list[str]:
    """Characters (code points) of a text, one by one, nothing folded: "Go!" -> ["G", "o", "!"].

    Raises ValueError for what is not a str, or a text that is empty or all white space.
    """
    return list(_expect_text(text, "characters"))


def detokenize(words: Iterable[str]) -> str:
    """Join words for reading: ["not", "bad", ",", "(", "really", ")", "!"] -> "not bad, (really)!".

    Quotation marks open and close in turn; hyphens and slashes join their neighbours. What `words` threw away
    (capitals, spaces around a dash) does not come back.

    Raises ValueError for a single str, or one that holds something that is not a str.
    """
    if isinstance(words, str):
        raise ValueError(
            f"detokenize: wanted a sequence of words, got the str {words[:40]!r}; tokenise it with words() first"
        )
    pieces: list[str] = []
    glue, is_open = True, dict.fromkeys(_QUOTES, False)
    for word in words:
        if not isinstance(word, str):
            raise ValueError(
                f"detokenize: wanted words that are str, got {type(word).__name__} {word!r}; decode tokens first"
            )
        closes = is_open.get(word, False)
        if not (glue or closes or word in _TIGHT_LEFT):
            pieces.append(" ")
        pieces.append(word)
        glue = word in _TIGHT_RIGHT
        if word in _QUOTES:
            is_open[word] = glue = not closes
    return "".join(pieces)


def _expect_text(text: str, where: str) -> str:
    if not isinstance(text, str):
        raise ValueError(
            f"{where}: wanted a str, got {type(text).__name__}: {str(text)[:40]!r}; decode bytes, join lists first"
        )
    if not text or text.isspace():
        raise ValueError(f"{where}: wanted a text with something in it, got {text[:40]!r}; drop empty texts first")
    return text

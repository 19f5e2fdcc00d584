"""What Unicode writes with several code points and a reader sees as one letter: marks, joiners, invisible characters."""

import re
from collections.abc import Callable
from unicodedata import category, name, normalize

JOINERS = "\u180e\u200c\u200d"
"""They are invisible, but decide the shape of the letters or emoji on both sides."""
MARK = "\u0301"
"""The one that stands for all of them in `with_one_mark`."""

_JOINERS = re.compile(f"[{JOINERS}]+")
_JOINED = frozenset(("Lo", "Lm", "Mn", "Mc", "So", "Sk"))  # letters without case, their marks, emoji and their colours
_SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are seen: Unicode's property Prepended_Concatenation_Mark."""
_FILLERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
)  # seen by nobody, though they count as letters or marks
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"  # which form of the letter before them is meant
_LEADING = re.compile(rf"(?<!\S)[{_SELECTORS}{JOINERS}]+")
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[\U000e0020-\U000e007f]+")  # the flag of Wales, say
_LATIN = re.compile(
    r"LATIN (?:\w+ )*(?:LETTER|LIGATURE) (?:[\w-]+ )*?(\w+)(?: \w+-\w+)?"
    r"(?: (?:WITH|WITHOUT|BAR|DIGRAPH|ROTUNDA)\b.*| (?:REVERSED|LOOP|LONGA))?"
)
_SPELT = {"ETH": "d", "THORN": "th", "ENG": "ng", "KRA": "k", "SCHWA": "e", "ESH": "sh", "EZH": "zh", "ALPHA": "a",
          "GAMMA": "g", "IOTA": "i", "UPSILON": "u", "BETA": "b", "DELTA": "d", "LAMBDA": "l", "PHI": "ph", "CHI": "ch",
          "OMEGA": "o", "WYNN": "w", "YOGH": "gh", "VEND": "v", "HENG": "h", "LEZH": "lzh", "TESH": "tsh", "DEZH": "dzh",
          "FENG": "fng", "ALEF": "a", "AIN": "a", "CON": "con", "DUM": "dum", "LUM": "lum", "MUM": "mum", "NUM": "num",
          "RUM": "rum", "TUM": "tum"}  # fmt: skip


class _Table(dict[int, str | None]):
    """For `str.translate`: what a rule makes of each character, asked for once."""

    def __init__(self, rule: Callable[[str], str | None]) -> None:
        self.rule = rule

    def __missing__(self, code: int) -> str | None:
        self[code] = self.rule(chr(code))
        return self[code]


def _seen(c: str) -> str | None:
    if c == "\u200b":  # "zero width space": where a line may break, so between two words
        return " "
    if c in _FILLERS or (c < "\x80" and category(c) == "Cc" and not c.isspace()):
        return None
    return None if category(c) == "Cf" and c not in _SIGNS and c not in JOINERS and not _is_tag(c) else c


def _is_tag(c: str) -> bool:
    return "\U000e0020" <= c <= "\U000e007f"


def _one_mark(c: str) -> str:
    coloured = "\U0001f3fb" <= c <= "\U0001f3ff"  # of an emoji
    return MARK if category(c)[0] == "M" or coloured or _is_tag(c) else c


def _latin(c: str) -> str | None:
    if category(c)[0] == "M" or c in JOINERS or _is_tag(c):
        return None
    found = _LATIN.fullmatch(name(c, "")) if category(c)[0] == "L" else None
    if not found:
        return _seen(c)
    return _SPELT.get(found[1]) or (found[1].lower() if len(found[1]) < 3 else c)


_SEEN, _ONE_MARK, _TO_LATIN = _Table(_seen), _Table(_one_mark), _Table(_latin)


def canonical(text: str) -> str:
    """Lower case (`str.casefold`), the same for all texts that Unicode calls canonically equal, in the form NFC.

    What cannot be seen is left out: control characters of ASCII, soft hyphens, the mark at the beginning of a file, signs
    of direction, fillers; joiners, too, but between two letters without case, or two emoji, where they change what is
    seen, and whatever chooses a form where nothing stands before it. (The Unicode Standard, section 3.13, definition D145,
    and annex 15; U+200B becomes a blank.)
    """
    if text.isascii():
        return (text if text.isprintable() else text.translate(_SEEN)).casefold()
    text = normalize("NFD", _TAGS.sub(r"\1", text.translate(_SEEN))).casefold()
    text = _LEADING.sub("", text)
    return normalize("NFC", _JOINERS.sub(_kept, text))


def _kept(joiners: re.Match[str]) -> str:
    text, start, end = joiners.string, *joiners.span()
    around = text[max(start - 1, 0) : start], text[end : end + 1]
    return joiners[0] if all(c and category(c) in _JOINED for c in around) else ""


def with_one_mark(text: str) -> str:
    """The text with every mark replaced by `MARK`, so that a pattern can name them. As long as it was."""
    return text.translate(_ONE_MARK)


def latin(text: str) -> str:
    """Lower case, with Latin letters and symbols made of some in a to z; other scripts stay, without marks.

    Characters are taken apart (NFKD: é -> e, ™ -> tm, 𝐇 -> h), marks and what cannot be seen fall off, and letters that
    do not come apart are what their Unicode name says: ł "l with stroke" -> l, œ -> oe, þ "thorn" -> th. What phoneticians
    write for clicks, tones and glottal stops has no counterpart in a to z and stays.
    """
    return normalize("NFKD", text).casefold().translate(_TO_LATIN)

"""Dates in the words of twenty languages, and the same dates as ISO 8601: "5. Mai 2012" -> "2012-05-05".

The words are those of Unicode's CLDR, through Babel, and so are the patterns but for the four in `OURS`. The languages
are written in Latin, Greek and Cyrillic letters, from left to right and one sign beside the other: what DejaVu Sans, the
font of matplotlib, can draw. (Arabic, Hebrew or Hindi would need shaping, which matplotlib does not do; Chinese needs
another font.)

No text may mean two dates. Three things see to that (and a test, which writes twelve years in every spelling):
numbers     of an all-numeric date stand in the order day, month, year, or year, month, day with four digits for the
            year. Patterns in another order are left out: with them, 5/9/12 would be a day in May, in September or in 2005.
centuries   the days are those of 1950 to 2049, so "49" is 2049 and "50" is 1950.
words       a month's name means the same month in all languages. That costs us Croatian: "listopad" is October there, and
            November in Czech and Polish.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np

from course_utils.shapes import expect_rng, expect_whole

FIRST, LAST = date(1950, 1, 1), date(2049, 12, 31)
LOCALES = ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "fi",
           "pl", "cs", "hu", "ro", "tr", "id", "el", "ru", "uk", "bg")  # fmt: skip
NAMED: tuple[Literal["full", "long", "medium", "short"], ...] = ("full", "long", "medium", "short")
SKELETONS = ("yMMMEd", "yMEd", "GyMMMd")
"""Which fields; each language says how it writes them."""
YEAR_FIRST = "EEEE, y MMM d"
OURS = ("EEE dd MMM y", "y MMMM d", YEAR_FIRST, "d/M/y")
"""Patterns of our own, for every language; CLDR has them for few of these, but every reader understands them."""


@dataclass(frozen=True)
class Spelling:
    """One way to write a date: a pattern in CLDR's letters ("d. MMMM y") and the words of a language ("de")."""

    locale: str
    pattern: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the pattern in their order, such as ("d", "MMMM", "y")."""
        return _template(self.pattern)[1]

    @property
    def has_words(self) -> bool:
        """Is there more than numbers, so that it depends on the language?"""
        return any(field[0] in "EcG" or len(field) >= 3 for field in self.fields)

    def write(self, day: date) -> str:
        """The date in this spelling; blanks of any width become plain ones, as one would type them."""
        template, fields = _template(self.pattern)
        return template % {field: _piece(self.locale, field, PART_OF[field[0]](day)) for field in fields}


PART_OF = {
    "E": date.weekday,
    "c": date.weekday,
    "G": lambda day: 0,
    "d": lambda day: day.day,
    "M": lambda day: day.month,
    "L": lambda day: day.month,
    "y": lambda day: day.year,
}


@cache
def _template(pattern: str) -> tuple[str, tuple[str, ...]]:
    from babel.dates import parse_pattern  # takes a moment, and only dates need it

    parsed: Any = parse_pattern(pattern)
    template = _plain(parsed.format)
    return template, tuple(re.findall(r"%\((\w+)\)s", template))


@cache
def _piece(locale: str, field: str, value: int) -> str:
    """One field of a date. Babel takes 30 µs for a date; its parts are few, so each is asked for once."""
    from babel.dates import DateTimeFormat

    year, month, day = 2024, 1, 1  # a Monday
    match field[0]:
        case "E" | "c":
            day += value
        case "d":
            day = value
        case "M" | "L":
            month = value
        case "y":
            year = value
    written: Any = DateTimeFormat(date(year, month, day), locale)
    return _plain(written[field])


def _plain(text: str) -> str:
    return re.sub(r"\s", " ", text)


@cache
def spellings() -> tuple[Spelling, ...]:
    """All of them, by language. What is ambiguous together with the others is not among them.

    A pattern without words is the same in every language, and stands once.
    """
    from babel import Locale
    from babel.dates import get_date_format

    found: dict[tuple[str, str], Spelling] = {}
    for name in LOCALES:
        locale = Locale.parse(name)
        formats: list[Any] = [get_date_format(length, locale) for length in NAMED]
        formats += [locale.datetime_skeletons[skeleton] for skeleton in SKELETONS]
        for pattern in [*(f.pattern for f in formats), *OURS]:
            spelling = Spelling(name, pattern)
            if _reads_one_way(spelling.fields):
                found.setdefault((name if spelling.has_words else "", pattern), spelling)
    return tuple(found.values())


def _reads_one_way(fields: Sequence[str]) -> bool:
    """Is the order of day, month and year certain, by a word or four digits, or else the order that we read as usual?"""
    order = [field for field in fields if field[0] in "dMLy"]
    year = next(field for field in order if field[0] == "y")
    if any(field[0] in "ML" and len(field) >= 3 for field in order):  # the month is a word
        return year == "y" or order[-1] == year
    letters = "".join(field[0] for field in order).replace("L", "M")
    return letters == "dMy" or (letters == "yMd" and year == "y")


class DateSplit(NamedTuple):
    """Days to learn from, to choose settings with, and to judge by at the end."""

    train: tuple[date, ...]
    valid: tuple[date, ...]
    test: tuple[date, ...]


@cache
def split_dates() -> DateSplit:
    """The 36,525 days from 1950 to 2049, 80 : 10 : 10, the same on every machine and spread evenly over the years.

    A day belongs to the part that its number, times the golden ratio, falls into (Knuth, TAOCP 6.4).
    """
    days = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
    place = np.array([day.toordinal() * 2_654_435_769 % 2**32 for day in days]) / 2**32
    parts = (place < 0.8, (place >= 0.8) & (place < 0.9), place >= 0.9)
    return DateSplit(*(tuple(days[k] for k in np.flatnonzero(part)) for part in parts))


class SpellingSplit(NamedTuple):
    """Spellings to learn, and spellings never seen in training."""

    train: tuple[Spelling, ...]
    test: tuple[Spelling, ...]


@cache
def split_spellings() -> SpellingSplit:
    """One spelling of every language is held out: its order and punctuation are new, its months stand in others, too.

    From language to language that is, in turn, the full form ("Saturday, May 5, 2012") or the weekday with the year
    before the month ("Saturday, 2012 May 5").
    """
    from babel.dates import get_date_format

    held_out = set()
    for k, name in enumerate(LOCALES):
        held_out.add(Spelling(name, YEAR_FIRST if k % 2 else get_date_format("full", name).pattern))
    everything = spellings()
    return SpellingSplit(
        tuple(s for s in everything if s not in held_out), tuple(s for s in everything if s in held_out)
    )


class Pairs(NamedTuple):
    """Dates as texts, and as they stand in ISO 8601."""

    texts: tuple[str, ...]
    isos: tuple[str, ...]


def draw_dates(
    N: int, days: Sequence[date], ways: Sequence[Spelling] | None = None, *, rng: np.random.Generator
) -> Pairs:
    """N random days, each in a random spelling (one of those to be learnt unless `ways` are given).

    Raises ValueError for N below 1, no days, or no spellings.
    """
    expect_rng("draw_dates", rng)
    ways = split_spellings().train if ways is None else ways
    expect_whole("draw_dates", N=N)
    if not days or not ways:
        raise ValueError(f"draw_dates: wanted days and spellings, got {len(days)} and {len(ways)}")
    which, how = rng.integers(len(days), size=N).tolist(), rng.integers(len(ways), size=N).tolist()
    texts = tuple(ways[h].write(days[w]) for w, h in zip(which, how, strict=True))
    return Pairs(texts, tuple(days[w].isoformat() for w in which))


def draw_lines(
    N: int,
    days: Sequence[date],
    ways: Sequence[Spelling] | None = None,
    *,
    least: int = 1,
    most: int,
    rng: np.random.Generator,
) -> Pairs:
    """N lines of `least` to `most` dates each, "5. Mai 2012; 07/07/13", and their answers, "2012-05-05;2013-07-07".

    Raises ValueError unless N >= 1 and 1 <= least <= most, and as `draw_dates`.
    """
    expect_whole("draw_lines", N=N, least=least, most=most)
    expect_rng("draw_lines", rng)
    if least > most:
        raise ValueError(f"draw_lines: wanted 1 <= least <= most, got {least} and {most}")
    sizes = rng.integers(least, most + 1, size=N)
    pairs = iter(zip(*draw_dates(int(sizes.sum()), days, ways, rng=rng), strict=True))
    lines = [[next(pairs) for _ in range(size)] for size in sizes]
    return Pairs(*(tuple(sign.join(pair[k] for pair in line) for line in lines) for k, sign in ((0, "; "), (1, ";"))))

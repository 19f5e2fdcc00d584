"""Real series that need no download: monthly share prices and an EEG (both come with matplotlib), letters of a text.

`Stocks.csv`: ten tickers, monthly closing prices from January 1990 (or the month the share was first listed) to June
2022; Yahoo Finance, adjusted for splits and dividends. The file also holds rows of other days without any price, and a
last row of 28 June 2022 that repeats June: both are dropped, so that a step is always one month.

`eeg.dat`: 800 samples of four EEG channels as float64. The file says nothing of itself; the names of the channels, and
that it spans 10 s (hence 80 samples a second), come from matplotlib's gallery example "MRI with EEG".
"""

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float

from course_utils.text.letters import latin
from course_utils.tree import Array

CHANNELS = ("PG3", "PG5", "PG7", "PG9")
INDICES = {"^GSPC": "S&P 500", "^IXIC": "NASDAQ Composite"}
VOWELS = "aeiouy"
REPAIR = "Reinstall matplotlib (pip install --force-reinstall matplotlib)."


@dataclass(frozen=True, eq=False, repr=False)
class Series:
    """Values that follow each other at equal steps: `values[t]` is measured at `start + t * step`."""

    name: str
    values: Float[Array, "T"]
    unit: str  # of the values
    step: float  # length of one time step, in `step_unit`
    step_unit: str
    start: float = 0.0  # time of the first value, in `step_unit`

    @property
    def times(self) -> Float[Array, "T"]:
        """When each value was measured, in `step_unit`."""
        return self.start + self.step * np.arange(len(self.values))

    @property
    def one_step(self) -> str:
        """One time step in words, such as "1/80 s" or "1 letter"."""
        return f"{f'1/{1 / self.step:.0f}' if self.step < 1 else f'{self.step:g}'} {self.step_unit}"

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"Series({self.name!r}, T={len(self)}, unit={self.unit!r}, step={self.one_step!r})"


def tickers() -> tuple[str, ...]:
    """Names of the ten columns of `Stocks.csv`, in the order of the file."""
    return tuple(_stocks())


def stock(ticker: str) -> Series:
    """Monthly closing price of one share (in dollars) or index (in points).

    Raises ValueError for an unknown ticker or a corrupt file, FileNotFoundError if matplotlib came without its data.
    """
    table = _stocks()
    if ticker not in table:
        raise ValueError(f"stock: wanted one of {', '.join(table)}, got {ticker!r}")
    start, prices = table[ticker]
    unit = "points" if ticker in INDICES else "$"
    return Series(INDICES.get(ticker, ticker), prices.copy(), unit, step=1 / 12, step_unit="year", start=start)


def eeg(channel: str = "PG3") -> Series:
    """Ten seconds of one EEG channel, 80 samples a second; the file holds it scaled to mean 0 and standard deviation 1.

    Raises ValueError for an unknown channel or a corrupt file, FileNotFoundError if matplotlib came without its data.
    """
    if channel not in CHANNELS:
        raise ValueError(f"eeg: wanted one of {', '.join(CHANNELS)}, got {channel!r}")
    values = read_eeg(sample_path("eeg.dat"))[:, CHANNELS.index(channel)]
    return Series(f"EEG {channel}", values.copy(), "standard deviations", step=1 / 80, step_unit="s")


def vowels(text: str, name: str = "vowels") -> Series:
    """Markov's reading of a text (1913): only its letters, 1 for a vowel and 0 for a consonant; y counts as a vowel.

    Accents play no part, and æ is a and e, as in `letters.latin`.

    Raises ValueError if the text holds no letter a to z.
    """
    if not isinstance(text, str):
        raise ValueError(f"vowels: wanted a text, got {type(text).__name__}")
    letters = [letter for letter in latin(text) if "a" <= letter <= "z"]
    if not letters:
        raise ValueError(f"vowels: wanted a text with at least one letter a-z, got {text[:40]!r}")
    values = np.array([letter in VOWELS for letter in letters], dtype=float)
    return Series(name, values, "1 = vowel", step=1.0, step_unit="letter")


def log_prices(series: Series) -> Series:
    """Natural logarithm of a price: equal steps are equal percentages. Raises ValueError if a price is not positive."""
    if not np.all(series.values > 0):
        raise ValueError(
            f"log_prices: wanted positive prices, got {series.values.min():g} as the smallest of {series.name}"
        )
    return replace(series, name=f"log {series.name}", values=np.log(series.values), unit="log price")


def log_returns(series: Series) -> Series:
    """Step of the log price from month to month, `log(price[t] / price[t-1])`: one value fewer than prices."""
    values = np.diff(log_prices(series).values)
    return replace(
        series, name=f"{series.name} returns", values=values, unit="log return", start=series.start + series.step
    )


def absolute(series: Series) -> Series:
    """Size of the values without their sign: for returns, how wild a month was, whichever way the price went."""
    return replace(series, name=f"|{series.name}|", values=np.abs(series.values), unit=f"|{series.unit}|")


def gallery() -> tuple[Series, ...]:
    """Five series that behave differently, for the explorers; the letters are those of our own example reviews."""
    from course_utils.data.examples import EXAMPLES

    index = stock("^GSPC")
    returns = log_returns(index)
    letters = vowels(" ".join(review.text for review in EXAMPLES), "vowels of a text")
    return eeg("PG3"), log_prices(index), returns, absolute(returns), letters


def sample_path(name: str) -> Path:
    """Where matplotlib keeps a file of its sample data. Raises FileNotFoundError if it is not there."""
    import matplotlib  # here and not at the top: only a lesson that wants these series pays for the import

    path = Path(matplotlib.get_data_path()) / "sample_data" / name
    if not path.is_file():
        raise FileNotFoundError(
            f"wanted matplotlib's sample file {name}, but there is none at {path}. Some builds of matplotlib leave the "
            f"sample data out. {REPAIR}"
        )
    return path


def read_eeg(path: Path) -> Float[Array, "T 4"]:
    """The table of `eeg.dat`. Raises ValueError if it is not 800 finite rows of 4 float64."""
    expected = 800 * len(CHANNELS) * 8
    size = path.stat().st_size
    if size != expected:
        raise ValueError(f"{path} is corrupt: wanted {expected} bytes (800 x 4 float64), got {size}. {REPAIR}")
    values = np.fromfile(path, dtype="<f8").reshape(800, len(CHANNELS))
    if not np.isfinite(values).all():
        raise ValueError(f"{path} is corrupt: it holds values that are not finite. {REPAIR}")
    return values


def read_stocks(path: Path) -> dict[str, tuple[float, Float[Array, "T"]]]:
    """`{ticker: (first month as a year, one price a month)}` of `Stocks.csv`.

    Raises ValueError, with file and line, for a wrong header, a field that is no positive number, or a missing month.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    if not rows or rows[0][0] != "Date" or len(rows[0]) < 2:
        raise ValueError(f"{path} is corrupt: wanted a header 'Date,IBM,...', got {rows[:1]}. {REPAIR}")
    header, *rows = rows
    months: dict[str, list[float]] = {ticker: [] for ticker in header[1:]}
    prices: dict[str, list[float]] = {ticker: [] for ticker in header[1:]}
    for row in rows:
        if len(row) != len(header):
            raise ValueError(
                f"{path} is corrupt: wanted {len(header)} fields, got {len(row)} in row {row[0]!r}. {REPAIR}"
            )
        if not row[0].endswith("-01"):
            continue
        for ticker, field in zip(header[1:], row[1:], strict=True):
            if field:
                months[ticker].append(_number(row[0][:4], path) * 12 + _number(row[0][5:7], path) - 1)
                prices[ticker].append(_number(field, path))
    for ticker, dates in months.items():
        if not dates or np.any(np.diff(dates) != 1):
            raise ValueError(f"{path} is corrupt: wanted a price of {ticker} for every month since its first. {REPAIR}")
    return {ticker: (months[ticker][0] / 12, np.array(prices[ticker])) for ticker in months}


@cache
def _stocks() -> dict[str, tuple[float, Float[Array, "T"]]]:
    return read_stocks(sample_path("Stocks.csv"))


def _number(field: str, path: Path) -> float:
    try:
        value = float(field)
    except ValueError:
        value = np.nan
    if not 0 < value < np.inf:
        raise ValueError(f"{path} is corrupt: wanted a positive number, got {field!r}. {REPAIR}")
    return value

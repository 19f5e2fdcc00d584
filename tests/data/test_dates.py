"""Dates in many spellings: what Babel writes, one meaning for each text, and splits that keep apart what they promise."""

from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from babel.dates import format_date
from matplotlib.ft2font import FT2Font

from course_utils.data import dates
from course_utils.data.dates import LOCALES, Spelling, draw_dates, draw_lines, spellings, split_dates, split_spellings

DAY = date(2012, 9, 5)


def some_days(N, rng):
    return [dates.FIRST + timedelta(int(n)) for n in rng.integers((dates.LAST - dates.FIRST).days + 1, size=N)]


def test_every_spelling_is_what_babel_writes(rng):
    for spelling in spellings():
        for day in some_days(12, rng):
            want = " ".join(format_date(day, spelling.pattern, spelling.locale).split())
            assert spelling.write(day) == want


def test_some_dates_one_can_check_by_eye():
    assert Spelling("de", "EEEE, d. MMMM y").write(DAY) == "Mittwoch, 5. September 2012"
    assert Spelling("el", "d MMMM y").write(DAY) == "5 Σεπτεμβρίου 2012"
    assert Spelling("uk", "d MMMM y\u202f'р'.").write(DAY) == "5 вересня 2012 р.", "narrow blanks become plain ones"
    assert Spelling("es", "d/M/yy").write(DAY) == "5/9/12"


def test_every_language_and_many_orders_are_there():
    found = spellings()
    assert {spelling.locale for spelling in found} == set(LOCALES)
    assert len(found) > 150
    assert len({(s.locale, s.pattern) for s in found}) == len(found)
    for order in ("d/M/y", "y-MM-dd", "MMMM d, y", "EEEE, y MMM d", "dd.MM.yy"):
        assert any(spelling.pattern == order for spelling in found), order


@pytest.mark.slow
def test_no_text_means_two_dates():
    """Every day of 2001 to 2012 in every spelling: the years whose last two digits could be a month or a day's number."""
    means: dict[str, date] = {}
    days = [date(2001, 1, 1) + timedelta(n) for n in range(12 * 365 + 3)]
    for spelling in spellings():
        for day in days:
            text = spelling.write(day)
            assert means.setdefault(text, day) == day, f"{text} is {means[text]} and {day}"


def test_no_month_has_the_name_of_another_in_any_language():
    means: dict[str, int] = {}
    for spelling in spellings():
        for field in spelling.fields:
            if field[0] in "ML" and len(field) >= 3:
                for month in range(1, 13):
                    name = dates._piece(spelling.locale, field, month)
                    assert means.setdefault(name, month) == month, name


def test_croatian_is_out_because_listopad_is_another_month_there():
    hr, cs = (format_date(date(2012, month, 1), "LLLL", locale) for month, locale in ((10, "hr"), (11, "cs")))
    assert hr == cs == "listopad"
    assert "hr" not in LOCALES


@pytest.mark.parametrize(
    "fields", [("M", "d", "yy"), ("M", "d", "y"), ("yy", "M", "d"), ("d", "y", "M"), ("yy", "MMM", "d")]
)
def test_orders_that_others_would_read_differently_are_refused(fields):
    assert not dates._reads_one_way(fields)


@pytest.mark.parametrize(
    "fields", [("d", "M", "yy"), ("dd", "MM", "y"), ("y", "MM", "dd"), ("MMMM", "d", "y"), ("E", "dd", "MMM", "yy")]
)
def test_orders_that_can_be_read_are_kept(fields):
    assert dates._reads_one_way(fields)


def test_a_two_digit_year_means_one_century():
    years = {day.year % 100 for part in split_dates() for day in part}
    assert len({day.year for part in split_dates() for day in part}) == len(years) == 100


def test_days_are_split_once_and_for_all():
    parts = split_dates()
    assert [len(part) for part in parts] == [29222, 3653, 3650]
    assert len(set().union(*parts)) == sum(map(len, parts)) == 36_525
    assert parts.test[:3] == (date(1950, 1, 5), date(1950, 1, 18), date(1950, 1, 31))
    for part in parts:
        by_month = np.bincount([day.month for day in part], minlength=13)[1:]
        assert by_month.min() > 0.85 * by_month.mean(), "spread evenly over the year"


def test_held_out_spellings_are_new_but_their_words_are_not():
    train, test = split_spellings()
    assert [spelling.locale for spelling in test] == list(LOCALES)
    assert not set(train) & set(test)
    assert set(train) | set(test) == set(spellings())
    for spelling in test:
        seen = " | ".join(s.write(day) for s in train for day in DAYS if s.locale == spelling.locale)
        (month,) = (field for field in spelling.fields if field[0] in "ML")
        for number in range(1, 13):
            assert dates._piece(spelling.locale, month, number) in seen, spelling


DAYS = [date(2012, 1, 1) + timedelta(32 * n) for n in range(12)]
"""One in every month, and together on every day of the week."""


def test_texts_of_held_out_spellings_are_hardly_ever_seen():
    """A few coincide with another language's: "torsdag, 1950 maj 4" is Swedish and Danish."""
    train, test = split_spellings()
    days = split_dates().test[::40]
    seen = {spelling.write(day) for spelling in train for day in days}
    new = [spelling.write(day) not in seen for spelling in test for day in days]
    assert np.mean(new) > 0.97


def test_all_letters_can_be_drawn():
    import matplotlib

    letters = {letter for spelling in spellings() for day in DAYS for letter in spelling.write(day)}
    for font in ("DejaVuSans", "DejaVuSansMono"):
        path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{font}.ttf"
        known = FT2Font(str(path)).get_charmap()
        assert {letter for letter in letters if ord(letter) not in known} == set()


def test_drawing_is_seeded_and_uses_only_what_may_be_seen(rng):
    days, ways = split_dates().train[:50], split_spellings().train[:3]
    pairs = draw_dates(300, days, ways, rng=rng)
    assert pairs == draw_dates(300, days, ways, rng=np.random.default_rng(0))
    texts = {way.write(day): day.isoformat() for way in ways for day in days}
    assert all(texts[text] == iso for text, iso in zip(*pairs, strict=True))
    assert len(set(pairs.isos)) == 50


def test_unless_told_no_held_out_spelling_is_drawn(rng):
    held_out = {way.write(DAY) for way in split_spellings().test} - {w.write(DAY) for w in split_spellings().train}
    assert not set(draw_dates(3_000, [DAY], rng=rng).texts) & held_out


def test_drawing_is_quick(rng):
    import time

    draw_dates(1_000, split_dates().train, rng=rng)
    start = time.process_time()
    draw_dates(20_000, split_dates().train, rng=rng)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(("N", "days", "ways"), [(0, [DAY], None), (3, [], None), (3, [DAY], [])])
def test_nothing_to_draw_is_refused(N, days, ways, rng):
    with pytest.raises(ValueError, match="draw_dates: wanted (N >= 1|days and spellings)"):
        draw_dates(N, days, ways, rng=rng)


def test_lines_hold_several_dates_in_order(rng):
    lines = draw_lines(200, [DAY, date(2013, 1, 2)], most=3, rng=rng)
    sizes = [len(iso.split(";")) for iso in lines.isos]
    assert set(sizes) == {1, 2, 3}
    assert [text.count("; ") + 1 for text in lines.texts] == sizes
    known = {way.write(day): day.isoformat() for way in split_spellings().train for day in (DAY, date(2013, 1, 2))}
    for text, iso in zip(*lines, strict=True):
        assert [known[part] for part in text.split("; ")] == iso.split(";")


@pytest.mark.parametrize(("least", "most"), [(0, 2), (3, 2)])
def test_lines_of_impossible_lengths_are_refused(least, most, rng):
    with pytest.raises(ValueError, match="draw_lines: wanted (1 <= least <= most|least >= 1)"):
        draw_lines(2, [DAY], least=least, most=most, rng=rng)


def test_importing_dates_does_not_import_babel():
    import subprocess
    import sys

    assert find_spec("babel")
    code = "import sys, course_utils.data.dates; sys.exit('babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

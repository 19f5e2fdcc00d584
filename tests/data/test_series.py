"""The series that come inside matplotlib: what is in them, and what is said when they are missing or broken."""

import numpy as np
import pytest

from course_utils.data import series as data

HEADER = "# source\nDate,IBM,DELL\n"


def test_ten_tickers_one_price_a_month_and_no_gap():
    assert len(data.tickers()) == 10
    for ticker in data.tickers():
        prices = data.stock(ticker)
        assert np.all(prices.values > 0)
        assert prices.times[-1] == pytest.approx(2022 + 5 / 12), "the extra row of 28 June 2022 must be dropped"
        assert len(prices) == round((prices.times[-1] - prices.start) * 12) + 1


def test_a_stock_holds_the_numbers_of_the_file():
    ibm, dell = data.stock("IBM"), data.stock("DELL")
    assert (ibm.start, ibm.unit, ibm.values[0]) == (1990.0, "$", pytest.approx(10.970438))
    assert dell.start == pytest.approx(2016 + 8 / 12), "Dell was listed again in September 2016"
    assert data.stock("^GSPC").name == "S&P 500"
    assert data.stock("^GSPC").unit == "points"


def test_callers_cannot_spoil_the_cached_table():
    data.stock("IBM").values[:] = 0
    assert data.stock("IBM").values[0] > 0


def test_eeg_is_ten_seconds_at_80_samples_a_second():
    for channel in data.CHANNELS:
        wave = data.eeg(channel)
        assert len(wave) == 800
        assert wave.times[-1] == pytest.approx(10 - 1 / 80)
        assert abs(wave.values.mean()) < 1e-3
        assert wave.values.std() == pytest.approx(1, abs=0.01)
    assert not np.allclose(data.eeg("PG3").values, data.eeg("PG5").values)


def test_vowels_reads_letters_only():
    assert data.vowels("Oh, my!").values.tolist() == [1, 0, 0, 1]
    for accented in ("d\u00e9j\u00e0", "de\u0301ja\u0300", "DE\u0301J\u00c0", "\ufeffd\u00ade j 12 a"):
        assert data.vowels(accented).values.tolist() == [0, 1, 0, 1]
    assert data.vowels("Łæß").values.tolist() == [0, 1, 1, 0, 0]
    with pytest.raises(ValueError, match=r"at least one letter a-z, got '123'"):
        data.vowels("123")


def test_log_returns_add_up_to_the_whole_way():
    prices = data.stock("MSFT")
    returns = data.log_returns(prices)
    assert len(returns) == len(prices) - 1
    assert returns.times[0] == pytest.approx(prices.times[1]), "a return belongs to the month in which it is known"
    assert returns.values.sum() == pytest.approx(np.log(prices.values[-1] / prices.values[0]))
    with pytest.raises(ValueError, match="wanted positive prices"):
        data.log_returns(data.eeg())


def test_unknown_names_are_answered_with_the_known():
    with pytest.raises(ValueError, match=r"stock: wanted one of IBM, AAPL.*got 'ibm'"):
        data.stock("ibm")
    with pytest.raises(ValueError, match=r"eeg: wanted one of PG3, PG5, PG7, PG9.*got 'Cz'"):
        data.eeg("Cz")


def test_a_missing_file_says_where_and_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr("matplotlib.get_data_path", lambda: str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"eeg\.dat.*sample_data.*pip install"):
        data.eeg()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "wanted a header"),
        ("a,b\n1,2\n", "wanted a header"),
        (HEADER + "1990-01-01,1.0\n", r"wanted 3 fields, got 2 in row '1990-01-01'"),
        (HEADER + "1990-01-01,1.0,two\n", "wanted a positive number, got 'two'"),
        (HEADER + "1990-01-01,1.0,-2\n", "wanted a positive number, got '-2'"),
        (HEADER + "19x0-01-01,1.0,2\n", "wanted a positive number, got '19x0'"),
        (HEADER + "1990-01-01,1.0,\n1990-02-01,1.0,\n", "a price of DELL for every month"),
        (HEADER + "1990-01-01,1.0,2\n1990-03-01,1.0,2\n", "a price of IBM for every month"),
    ],
)
def test_a_corrupt_table_is_named_not_read(tmp_path, text, message):
    path = tmp_path / "Stocks.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        data.read_stocks(path)


def test_rows_of_other_days_are_left_out(tmp_path):
    path = tmp_path / "Stocks.csv"
    path.write_text(HEADER + "1990-01-01,1.0,\n1990-01-15,,\n1990-02-01,3.0,5.0\n1990-02-28,3.0,5.0\n")
    table = data.read_stocks(path)
    assert table["IBM"][0] == 1990
    assert table["IBM"][1].tolist() == [1, 3]
    assert table["DELL"][0] == pytest.approx(1990 + 1 / 12)


def test_a_corrupt_eeg_is_named_not_read(tmp_path):
    path = tmp_path / "eeg.dat"
    path.write_bytes(b"\0" * 100)
    with pytest.raises(ValueError, match=r"wanted 25600 bytes .* got 100"):
        data.read_eeg(path)
    np.full(3200, np.nan).tofile(path)
    with pytest.raises(ValueError, match="not finite"):
        data.read_eeg(path)


def test_a_step_in_words():
    assert [one.one_step for one in data.gallery()] == ["1/80 s", "1/12 year", "1/12 year", "1/12 year", "1 letter"]
    assert all(len(one) >= 160 for one in data.gallery())


def test_repr_tells_length_and_units():
    assert repr(data.eeg()) == "Series('EEG PG3', T=800, unit='standard deviations', step='1/80 s')"

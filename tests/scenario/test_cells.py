"""What a single cell says: numbers in both hands, percentages, years, names; what reads two ways is refused."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.scenario import cells
from allocator.scenario.cells import Misread
from allocator.scenario.model import Operator, Raw, Strength

SPACES = (" ", "\u00a0", "\u202f", "\u2009")
YEARS = range(2026, 2031)


def refusal(read: object, *arguments: object, **options: object) -> str:
    """Return what is said where a cell is refused."""
    with pytest.raises(Misread) as caught:
        read(*arguments, **options)  # type: ignore[operator]
    return str(caught.value)


# ---- numbers ------------------------------------------------------------------------------------------------------

NUMBERS: dict[str, str] = {
    "5": "5", " 5 ": "5", "+5": "5", "-5": "-5", "− 5": "-5", "0,5": "0.5", "0.5": "0.5", ".5": "0.5", "0.500": "0.5",
    "1.5": "1.5", "1,25": "1.25", "1.2345": "1.2345", "12345.678": "12345.678", "12345,678": "12345.678",
    "1.234.567,89": "1234567.89", "1,234,567.89": "1234567.89", "1 234 567,89": "1234567.89", "1.234.567": "1234567",
    "1,234,567": "1234567", "1.234,5": "1234.5", "1,234.567": "1234.567", "1'234'567.5": "1234567.5", "1 234": "1234",
    "1e6": "1000000", "1,5E-3": "0.0015", "１２３": "123", "1.2340": "1.234", "0.123": "0.123", "\u200b7\ufeff": "7",
}  # fmt: skip


@pytest.mark.parametrize("typed", NUMBERS)
def test_numbers_as_people_type_them(typed: str) -> None:
    assert cells.number(typed) == Fraction(NUMBERS[typed])


@pytest.mark.parametrize(
    "typed", ["1.234", "1,234", "-12.345", "999,000", "1.000", "$1,070", "(1,070)", "1.050 đ", "−2.500", "100.001"]
)
def test_a_number_that_reads_two_ways_is_refused_with_both(typed: str) -> None:
    message = refusal(cells.number, typed)
    sign = "-" if typed[0] in "-(−" else ""
    whole, part = re.findall(r"\d+", typed)
    meant = Fraction(f"{sign}{whole}{part}"), Fraction(f"{sign}{whole}.{part}")
    assert f"can be read as {cells.plain(meant[0])} or as {cells.plain(meant[1])};" in message
    offered = message.partition("; type ")[2].split(", or ")
    assert tuple(map(cells.number, offered)) == meant


@pytest.mark.parametrize("typed", ["1.234 %", "-1,070%", "(12.500 %)"])
def test_a_percentage_that_reads_two_ways_is_refused_with_both(typed: str) -> None:
    sign = "-" if typed[0] in "-(" else ""
    whole, part = re.findall(r"\d+", typed)
    offered = refusal(cells.share, typed, formatted=False).partition("; type ")[2].split(", or ")
    read = [cells.share(one, formatted=False) * 100 for one in offered]
    assert read == [Fraction(f"{sign}{whole}{part}"), Fraction(f"{sign}{whole}.{part}")]


@pytest.mark.parametrize(
    "typed",
    ["", "-", "a", "5 tỷ", "1.23.456", "1,23,456", "12.34.56", "1.234.567.89", "--5", "+-5", "-5-", "1 23", "10²", "½",
     "①", "1e9999", "0x10", "1_000", "nan", "inf", "((5))", "(-5)", "4 %", "5,", "1.234,567.8", "٪", True, None],
)  # fmt: skip
def test_what_is_no_number(typed: Raw) -> None:
    assert refusal(cells.number, typed).startswith("expected a number, got ")


@pytest.mark.parametrize("value", ["1e999", "1e19", 1e300, -1e19, "9" * 30])
def test_a_number_too_large_to_be_meant(value: Raw) -> None:
    assert "is too large to be meant" in refusal(cells.number, value)


def test_a_number_too_small_to_be_meant() -> None:
    assert "1e-300 is too small to be meant" in refusal(cells.number, 1e-300)
    assert cells.number(1e-17) == Fraction(1, 10**17)


@given(
    st.integers(0, 10**15 - 1),
    st.integers(0, 99),
    st.sampled_from((".,", ",.", *(s + m for s in SPACES for m in ".,"))),
)
def test_a_number_reads_back_as_either_hand_groups_it(whole: int, hundredths: int, signs: str) -> None:
    grouped = f"{whole:,}".replace(",", signs[0])
    value = whole + Fraction(hundredths, 100)
    assert cells.number(f"{grouped}{signs[1]}{hundredths:02}") == value
    assert cells.number(f"-{grouped}{signs[1]}{hundredths:02}") == -value


@given(st.integers(1000, 10**15), st.sampled_from((".", ",", *SPACES)))
def test_a_whole_number_reads_back_or_is_refused(value: int, separator: str) -> None:
    typed = f"{value:,}".replace(",", separator)
    if value < 10**6 and separator in ".,":
        assert str(value) in refusal(cells.number, typed)
    else:
        assert cells.number(typed) == value


@given(st.integers(-(10**14), 10**14))
def test_what_messages_show_reads_back(ten_thousandths: int) -> None:
    shown = cells.plain(Fraction(ten_thousandths, 10_000))
    assert cells.number(f"{shown}000" if "." in shown else shown) == Fraction(ten_thousandths, 10_000)


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_refused(typed: str) -> None:
    for read in (cells.number, lambda text: cells.share(text, formatted=False)):
        try:
            assert isinstance(read(typed), Fraction)
        except Misread as misread:
            assert str(misread)  # noqa: PT017


@given(st.floats())
def test_any_stored_number_is_exact_or_refused(value: float) -> None:
    from allocator.scenario.sheets import _raw

    try:
        assert float(cells.number(_raw(value))) == value
    except Misread as misread:
        assert "number" in str(misread) or "to be meant" in str(misread)  # noqa: PT017


# ---- percentages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "formatted", "share"),
    [("4 %", False, "0.04"), ("4,5%", False, "0.045"), (0.04, False, "0.04"), (1, False, "1"), (4, True, "4"),
     ("120 ％", False, "1.2"), ("-5 %", False, "-0.05"), ("0,04", False, "0.04"), ("400%", False, "4"),
     (-0.5, False, "-0.5"), (0, False, "0")],
)  # fmt: skip
def test_percentages(value: Raw, formatted: bool, share: str) -> None:
    assert cells.share(value, formatted=formatted) == Fraction(share)


@pytest.mark.parametrize(
    ("value", "said"),
    [(4, "4 could be 4 % or 400 %; type 4%"), ("4", "4 could be 4 % or 400 %; type 4%"), (1.2, "1.2 could be 1.2 % or"),
     (-5, "-5 could be -5 % or -500 %; type -5%"), ("lots", 'expected a percentage, got "lots"; type one such as 4.5%'),
     ("%", 'expected a percentage, got "%"'), ("4 %%", 'got "4 %%"'), (True, "expected a percentage, got TRUE"),
     ("2026-04-05", "expected a percentage, got the date 2026-04-05"), ("1.234 %", "or 1.2340%")],
)  # fmt: skip
def test_percentages_that_are_refused(value: Raw, said: str) -> None:
    assert said in refusal(cells.share, value, formatted=False)


# ---- years, words, names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "years", "together"),
    [(2026, (2026,), False), ("2026", (2026,), False), ("2027-2029", (2027, 2028, 2029), False),
     ("2027 – 2028", (2027, 2028), False), ("2026;2028;", (2026, 2028), False), ("2028;2026", (2026, 2028), False),
     ("2026-2030 Together", (2026, 2027, 2028, 2029, 2030), True), ("2026;2030together", (2026, 2030), True)],
)  # fmt: skip
def test_years(value: Raw, years: tuple[int, ...], together: bool) -> None:
    assert cells.years(value, YEARS) == (years, together)


@pytest.mark.parametrize(
    "value", ["soon", ";", "together", "26-30", "2025,2027", "2026-", 20.26, True, "2026-2027-2028"]
)
def test_what_names_no_years(value: Raw) -> None:
    assert "names no years; type 2026, 2026-2030, 2026;2030 or 2026-2030 together" in refusal(cells.years, value, YEARS)


def test_years_outside_or_backwards() -> None:
    assert refusal(cells.years, "2025-2027", YEARS).startswith("2025 is not a year of this scenario (2026-2030")
    assert refusal(cells.years, "2030-2026", YEARS) == '"2030-2026" runs backwards; type 2026-2030'
    assert refusal(cells.years, "soon", [2026]) == '"soon" names no years; type 2026, or clear the cell'


OPERATORS = {
    Operator.AT_LEAST: (">=", "≥", "at least", " AT  Least "),
    Operator.AT_MOST: ("<=", "≤", "at most"),
    Operator.EQUAL: ("=", "equals"),
    Operator.OVER: (">", "over", "more than"),
    Operator.UNDER: ("<", "under", "Less\u00a0than"),
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_operators(operator: Operator) -> None:
    assert {cells.operator(typed) for typed in OPERATORS[operator]} == {operator}


def test_strengths() -> None:
    assert cells.strength("Goal  12") == Strength("goal", 12)
    assert cells.strength("goal1") == Strength("goal", 1)
    assert cells.strength(" LAW ") == Strength("law")
    assert "goal 1" in refusal(cells.strength, "goal -1")


@pytest.mark.parametrize(
    ("name", "found"),
    [("Cultur", "Culture and sport"), ("sport", "Culture and sport"), ("Giao duc", "Giáo dục"),
     ("Giáo dụk", "Giáo dục"), ("Raods", "Roads"), ("Roads and bridges", "Roads"), ("Health", None), ("xyz", None)],
)  # fmt: skip
def test_the_nearest_name(name: str, found: str | None) -> None:
    assert cells.nearest(name, ["Roads", "Culture and sport", "Giáo dục"]) == found


@pytest.mark.parametrize(
    "name",
    ["Total", "TOTAL:", "Total 2026", "Totals 2026-2030", "Grand total (VND billion)", "Sub-total", "Sum", "Cộng",
     "Tổng", "Tổng cộng chi", "TỔNG SỐ", "Tổng chi ngân sách năm 2026", "Total spending of all areas", "Total*"],
)  # fmt: skip
def test_total_rows(name: str) -> None:
    assert cells.is_total(name)


@pytest.mark.parametrize(
    "name",
    ["Tổng cục Thuế", "Tổng công ty Điện lực", "Cộng đồng", "Total sanitation", "Summer camps", "2026", "Culture"],
)
def test_areas_that_only_sound_like_totals(name: str) -> None:
    assert not cells.is_total(name)


@given(st.text())
def test_folding_is_stable(text: str) -> None:
    assert cells.fold(cells.fold(text)) == cells.fold(text)
    assert cells.is_blank(text) == (cells.tidy(text) == "")

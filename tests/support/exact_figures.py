"""A scenario's figures against the exact oracles, table by table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from allocator import optimise, read_scenario
from allocator.analyses.result import Result
from allocator.programme.status import Status
from content_workbook import write_content
from oracle_cards import card_differences, money_differences
from oracle_coefficients import area_differences, shown_amounts
from oracle_meaning import Content, Meaning
from oracle_prices import price_differences, room_differences
from oracle_solve import solve_exact

type Table = Callable[[Content, Result], Iterator[str]]


def result_of(content: Content, folder: Path) -> Result:
    return optimise(read_scenario(write_content(content, folder / "scenario.xlsx"))).result


def rows_table(content: Content, result: Result) -> Iterator[str]:
    return price_differences(content, result, ranges=True)


def cards_table(content: Content, result: Result) -> Iterator[str]:
    return card_differences(content, result, present(content, result))


def money_table(content: Content, result: Result) -> Iterator[str]:
    return money_differences(content, result, present(content, result))


def present(content: Content, result: Result) -> dict[tuple[str, int], Fraction]:
    return shown_amounts(Meaning(content), result)


TABLES: tuple[Table, ...] = (rows_table, area_differences, room_differences, cards_table, money_table)


def figure_differences(content: Content, folder: Path, *tables: Table) -> list[str]:
    """Everything in `tables` (default: all) that differs; nothing where no plan exists, for certain or nearly."""
    result = result_of(content, folder)
    if result.status is not Status.OPTIMAL or solve_exact(content, ties=False).status != "optimal":
        return []  # whether they agree on that is test_random's
    return [text for table in tables or TABLES for text in table(content, result)]

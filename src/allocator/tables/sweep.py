"""The sheets and columns of a sweep's workbook, declared once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from allocator.analyses.sweep import TODAY, Point, Sweep
from allocator.tables.columns import Column, Place, Role, Table
from allocator.wording import sweep as words
from allocator.wording.numbers import magnitude


class Shown:
    """How a sweep's figures are shown: with decimals enough for their size."""

    def __init__(self, found: Sweep) -> None:
        self.values = words.values_of(found)
        points = found.points
        slopes = [self.values.price(s) or 0.0 for point in points for s in (point.slope_left, point.slope_right)]
        self.objective = _decimals((point.plan.objective for point in found.planned if point.plan), 9)
        self.price = _decimals(slopes, 6)

    def look(self, at: Place) -> Any:
        """Return the look of the cell's values."""
        styles = at.book.styles
        return styles.percent(self.values.decimals) if self.values.percent else styles.number(self.values.decimals)


def _decimals(figures: Iterable[float], digits: int) -> int:
    return min(6, max(0, digits - 1 - magnitude(max(map(abs, figures), default=0.0))))


@dataclass(frozen=True)
class PointLine:
    """A point, and how its figures are shown."""

    point: Point
    shown: Shown

    @property
    def tone(self) -> str:
        """What sets today's point apart."""
        return "strong" if TODAY in self.point.why else ""


def _why_look(at: Place, line: PointLine) -> Any:
    return at.book.styles.text(**at.book.styles.tones[line.tone])


def _objective_look(at: Place, line: PointLine) -> Any:
    styles = at.book.styles
    if line.point.plan is None:
        return styles.text(align="right", **styles.tones["warning"])
    return styles.number(line.shown.objective, **styles.tones[line.tone])


def _price_look(at: Place, line: PointLine) -> Any:
    return at.book.styles.number(line.shown.price)


SWEEP = Table[PointLine](
    "Sweep",
    "Every change of course",
    "Each value at which the plan takes another course, both ends, and today's value.",
    (
        Column(
            "Value", "The number in the cell.", Role.NUMBER, 12,
            value=lambda line: line.point.value, look=lambda at, line: line.shown.look(at),
        ),
        Column(
            "Point", "Why it is listed: end, today, change, grid, between; just below or above a jump.", Role.TEXT, 14,
            value=lambda line: words.why(line.point), look=_why_look,
        ),
        Column(
            "Objective", "Of the best plan at this value, amounts not rounded.", Role.NUMBER, 14,
            value=lambda line: line.point.plan.objective if line.point.plan else "no plan", look=_objective_look,
        ),
        Column(
            "Price down", "Change of the objective per unit that the cell grows, below this value.", Role.NUMBER, 13,
            value=lambda line: line.shown.values.price(line.point.slope_left), look=_price_look,
        ),
        Column(
            "Price up", "The same above this value.", Role.NUMBER, 13,
            value=lambda line: line.shown.values.price(line.point.slope_right), look=_price_look,
        ),
        Column(
            "What changes here", "As the value grows.", Role.LONG, 46,
            value=lambda line: words.what_changes(line.point),
        ),
        Column(
            "Goals missed", "Which, and by how much.", Role.LONG, 26, value=lambda line: words.missed(line.point)
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Course:
    """An area's amounts, or an indicator's values, in a year at each point that has a plan."""

    name: str
    year: int
    figures: Sequence[float]
    unit: str = ""

    @cached_property
    def moves(self) -> bool:
        """Whether they differ."""
        return len({round(figure, 6) for figure in self.figures}) > 1


AMOUNTS = Table[Course](
    "Amounts",
    "Amounts",
    "Each area's amount in each year at each point, over all sources, not rounded.",
    (
        Column("Area", "The area.", Role.TEXT, 24, value=lambda line: line.name),
        Column("Year", "The year.", Role.YEAR, 7, value=lambda line: line.year),
        Column(
            "VALUE", "The amount where the cell holds this number.", Role.AMOUNT, 11, family="value",
            each=lambda line, i: line.figures[i],
        ),
    ),
)  # fmt: skip
INDICATORS = Table[Course](
    "Indicators",
    "Indicators",
    "Each indicator's value at each point.",
    (
        Column("Indicator", "The indicator.", Role.TEXT, 24, value=lambda line: line.name),
        Column("Year", "The year.", Role.YEAR, 7, value=lambda line: line.year),
        Column("Unit", "Its unit.", Role.TEXT, 12, value=lambda line: line.unit),
        Column(
            "VALUE", "The indicator where the cell holds this number.", Role.PRICE, 11, family="value",
            each=lambda line, i: line.figures[i], look=lambda at, _: at.book.styles.price(),
        ),
    ),
)  # fmt: skip
ABOUT: Table[Any] = Table(
    "About",
    "About",
    "What was asked, and how it was found.",
    (
        Column("Item", "What.", Role.TEXT, 26),
        Column("Content", "The fact.", Role.LONG, 100),
    ),
)
TABLES: tuple[Table[Any], ...] = (SWEEP, AMOUNTS, INDICATORS, ABOUT)
MADE_BY = "Sweep made by"
"""Name of the document property by which a sweep's workbook is recognised."""

"""The console's table of areas: amounts, shares of the budget, change, and a bar where there is room.

Shares and changes are of budget money. Where other sources pay too, the amount of budget money stands before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from rich.text import Text

from allocator.analyses.result import Result
from allocator.console import lines as show
from allocator.console.lines import Cells
from allocator.wording.numbers import percent, signed

BARS = (10, 7, 5)
"""Widths of the longest bar: shorter ones where names need the room."""
BAR_FROM = 72
"""The width of the terminal from which there is room for bars."""


@dataclass(frozen=True)
class AreaLine:
    """An area in the table, with its amounts in the years shown."""

    name: str
    depth: int
    amounts: tuple[Fraction, ...]
    own: Fraction = Fraction(0)
    """Its budget money in the last of them."""

    @property
    def size(self) -> Fraction:
        """All its money in the years shown."""
        return sum(self.amounts, Fraction(0))


@dataclass(frozen=True)
class AreaTable:
    """The table of areas. One year: amount, share, change on last year. Several: the first, the last, change a year."""

    result: Result
    width: int
    ascii_only: bool = False

    def lines(self, most: int) -> list[Text]:
        """Return the table with at most `most` areas: the largest, where there are more."""
        shown = self._largest(most) if len(self.areas) > most else list(self.areas)
        tries = (self._rows(shown, bar, brief=brief) for brief, bar in self._ways)
        rows = next((found for found in tries if show.natural_width(found) <= self.width), None)
        figures = range(1, 3 + len(self.years) + self.mixed)
        return show.columns(rows or self._rows(shown, 0, brief=True), figures, self.width)

    @property
    def _ways(self) -> list[tuple[bool, int]]:
        """Ways to write the table, the best first: with brief headings, and the longest bar (0: none)."""
        bars = BARS if self.width >= BAR_FROM else (0,)
        return [*((False, bar) for bar in bars), *([(False, 0)] if self.mixed else []), *((True, bar) for bar in bars)]

    @property
    def mixed(self) -> bool:
        """Whether other sources than the budget's own pay, so that an area's money is of two kinds."""
        scenario = self.result.scenario
        return len(scenario.budget_sources) < len(scenario.sources)

    @property
    def years(self) -> tuple[int, ...]:
        """The years shown: the only one, or the first and the last."""
        years = self.result.scenario.years
        return years if len(years) == 1 else (years[0], years[-1])

    @cached_property
    def areas(self) -> tuple[AreaLine, ...]:
        """All areas in the workbook's order, parts under their area."""
        return tuple(self._below(None, 0, by_size=False))

    @cached_property
    def tops(self) -> tuple[AreaLine, ...]:
        """The areas that are part of no other: together they are all the money."""
        return tuple(line for line in self.areas if line.depth == 0)

    @cached_property
    def left(self) -> tuple[Fraction, ...]:
        """What each shown year leaves: unspent or carried forward."""
        return tuple(self._left(year) for year in self.years)

    def _left(self, year: int, sources: tuple[str, ...] | None = None) -> Fraction:
        funds = [f for f in self.result.funds if f.year == year and (sources is None or f.source in sources)]
        return sum((fund.unspent + fund.carried_forward for fund in funds), Fraction(0))

    @cached_property
    def decimals(self) -> int:
        """The decimals of all amounts in the table."""
        amounts = [amount for line in self.areas for amount in (*line.amounts, line.own)]
        return show.amount_decimals(self.result.step, [*amounts, *self.left])

    @cached_property
    def has_change(self) -> bool:
        """Whether any change can be shown: always between two years, for one year where Last year is known."""
        areas = self.result.scenario.areas
        return len(self.years) > 1 or any(self.result.last_year(area.name) is not None for area in areas)

    @cached_property
    def _children(self) -> Mapping[str | None, Sequence[AreaLine]]:
        children: dict[str | None, list[AreaLine]] = {}
        for area in self.result.scenario.areas:
            amounts = tuple(self.result.amount(area.name, year) for year in self.years)
            own = self.result.amount(area.name, self.years[-1], self.result.scenario.budget_sources)
            children.setdefault(area.part_of, []).append(AreaLine(area.name, 0, amounts, own))
        return children

    def _below(self, parent: str | None, depth: int, *, by_size: bool) -> Iterator[AreaLine]:
        found = self._children.get(parent, ())
        for line in sorted(found, key=lambda line: -line.size) if by_size else found:
            yield AreaLine(line.name, depth, line.amounts, line.own)
            yield from self._below(line.name, depth + 1, by_size=by_size)

    def _largest(self, most: int) -> list[AreaLine]:
        """Return the largest areas, largest first; a part is never larger than its area, so that one is there too."""
        names = {line.name for line in sorted(self.areas, key=lambda line: (-line.size, line.depth))[:most]}
        return [line for line in self._below(None, 0, by_size=True) if line.name in names]

    def _rows(self, shown: Sequence[AreaLine], bar: int, *, brief: bool) -> list[Cells]:
        """Return headings, areas, what is not shown, the total, and what is left."""
        largest = max((line.amounts[-1] for line in shown), default=Fraction(0))
        rows = [self._headings(bar, brief=brief)]
        for line in shown:
            part = float(line.amounts[-1] / largest) if largest else 0.0
            drawn = show.bar(part, bar, ascii_only=self.ascii_only)
            texts = self._texts("  " * line.depth + show.clean(line.name), (line,), drawn, bar)
            rows.append(Cells(texts, last_style="cyan" if bar else ""))
        if len(shown) < len(self.areas):
            rows.append(self._more(shown))
        rows.append(Cells(self._texts("Total", self.tops, "", bar), style="bold"))
        if any(self.left):
            left = self._left(self.years[-1], self.result.scenario.budget_sources)
            amounts = self._amounts((AreaLine("", 0, self.left, left),))
            rows.append(Cells(("Not allotted", *amounts), style="dim"))
        return rows

    def _headings(self, bar: int, *, brief: bool) -> Cells:
        unit = f"Amounts in {show.clean(self.result.scenario.unit)}"
        years = tuple(map(str, self.years))
        share, change = ("Share", "On last year") if len(years) == 1 else (f"Share {years[-1]}", "Change p.a.")
        own = ("Budget" if brief else "Of it budget",) if self.mixed else ()
        share = "Share" if brief else share
        return Cells(self._fitted((unit, *years, *own, share, change, ""), bar), style="dim")

    def _texts(self, name: str, lines: Sequence[AreaLine], drawn: str, bar: int) -> tuple[str, ...]:
        """Return a row of the table: name, the amounts of `lines` in all, their share, their change, a bar."""
        shares = [self.result.share(line.name, self.years[-1]) for line in lines]
        known = [share for share in shares if share is not None]
        share = percent(sum(known, Fraction(0))) if len(known) == len(lines) else ""
        return self._fitted((name, *self._amounts(lines), share, self._change(lines), drawn), bar)

    def _more(self, shown: Sequence[AreaLine]) -> Cells:
        """Return the line on areas not shown; with their money, as far as it is not in that of an area shown."""
        text = f"and {len(self.areas) - len(shown)} more: see sheet Plan"
        names = {line.name for line in shown}
        hidden = [line for line in self.tops if line.name not in names]
        return Cells((text, *self._amounts(hidden)) if hidden else (text,), style="dim")

    def _fitted(self, texts: tuple[str, ...], bar: int) -> tuple[str, ...]:
        """Leave out the change where there is nothing to say, and the bar where it has no room."""
        *rest, change, last = texts
        kept = (*rest, change) if self.has_change else tuple(rest)
        return (*kept, last) if bar else kept

    def _amounts(self, lines: Sequence[AreaLine]) -> tuple[str, ...]:
        """Return the money of `lines` in all; behind it that of the budget, where there is other money beside it."""
        sums = [sum((line.amounts[i] for line in lines), Fraction(0)) for i in range(len(self.years))]
        if self.mixed:
            sums.append(sum((line.own for line in lines), Fraction(0)))
        return tuple(show.money(amount, self.decimals) for amount in sums)

    def _change(self, lines: Sequence[AreaLine]) -> str:
        """Return the change of the budget money of `lines` on last year; with several years, the average a year.

        That average starts from Last year, or from the first year where Last year is blank.
        """
        sources = self.result.scenario.budget_sources
        spent = [sum((self.result.amount(line.name, t, sources) for line in lines), Fraction(0)) for t in self.years]
        before = [self.result.last_year(line.name) for line in lines]
        past = None if None in before else sum((amount for amount in before if amount is not None), Fraction(0))
        if len(spent) > 1:
            years = len(self.result.scenario.years)
            return _average(spent[0], spent[-1], years - 1) if past is None else _average(past, spent[-1], years)
        if past is None:
            return ""
        return _signed(spent[0] / past - 1) if past else ("new" if spent[0] else "–")


def _signed(change: Fraction) -> str:
    return f"{signed(change * 100, 1)} %" if change else "–"


def _average(first: Fraction, last: Fraction, years: int) -> str:
    """Return the average change a year between two amounts, compounded.

    >>> _average(Fraction(100), Fraction(121), 2), _average(Fraction(0), Fraction(1), 2)
    ('+10.0 %', 'new')
    """
    if not first or not last:
        return "new" if last else "ends" if first else "–"
    return _signed(Fraction(round(float(last / first) ** (1 / years) - 1, 9)))

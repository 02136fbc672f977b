"""The console's table of areas: amounts, shares of the budget, change, and a bar where there is room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rich.text import Text

from allocator.analyses.result import Result
from allocator.reports import lines as show
from allocator.reports.lines import Cells
from allocator.reports.words import percent, signed

BAR = 10
BAR_FROM = 72
"""The width of the terminal from which there is room for bars."""


@dataclass(frozen=True)
class _AreaLine:
    """An area in the table, with its amounts in the years shown."""

    name: str
    depth: int
    amounts: tuple[Fraction, ...]


def _shown_years(result: Result) -> tuple[int, ...]:
    years = result.scenario.years
    return years if len(years) == 1 else (years[0], years[-1])


def _area_lines(result: Result, *, by_size: bool) -> list[_AreaLine]:
    """Return all areas, parts under their area; in the workbook's order or the largest first."""
    years = _shown_years(result)
    children: dict[str | None, list[_AreaLine]] = {}
    for area in result.scenario.areas:
        line = _AreaLine(area.name, 0, tuple(result.amount(area.name, year) for year in years))
        children.setdefault(area.part_of, []).append(line)

    def below(parent: str | None, depth: int) -> Iterator[_AreaLine]:
        found = children.get(parent, [])
        for line in sorted(found, key=_size) if by_size else found:
            yield _AreaLine(line.name, depth, line.amounts)
            yield from below(line.name, depth + 1)

    return list(below(None, 0))


def _size(line: _AreaLine) -> Fraction:
    return -sum(line.amounts, Fraction(0))


def area_table(result: Result, most: int, width: int, *, ascii_only: bool) -> list[Text]:
    """Return the plan's areas as lines: at most `most` of them, the largest, where there are more."""
    every = _area_lines(result, by_size=False)
    lines = every
    if len(every) > most:
        largest = {line.name for line in sorted(every, key=lambda line: (_size(line), line.depth))[:most]}
        lines = [line for line in _area_lines(result, by_size=True) if line.name in largest]
    tops = [line for line in every if line.depth == 0]
    total = _sums(tops, len(_shown_years(result)))
    hidden = [line for line in tops if line not in lines]
    left = _left(result)
    decimals = show.amount_decimals(
        result.step, [amount for line in (*lines, *tops) for amount in line.amounts] + list(left)
    )
    return _AreaTable(result, decimals, width, ascii_only).lay_out(lines, total, len(every) - len(lines), hidden, left)


def _sums(lines: Sequence[_AreaLine], count: int) -> tuple[Fraction, ...]:
    return tuple(sum((line.amounts[i] for line in lines), Fraction(0)) for i in range(count))


def _left(result: Result) -> tuple[Fraction, ...]:
    """Return what each shown year leaves: unspent or carried forward."""
    return tuple(
        sum((fund.unspent + fund.carried_forward for fund in result.funds if fund.year == year), Fraction(0))
        for year in _shown_years(result)
    )


@dataclass(frozen=True)
class _AreaTable:
    """The table of areas: amounts, share of the budget, change, and a bar where there is room."""

    result: Result
    decimals: int
    width: int
    ascii_only: bool

    @property
    def has_change(self) -> bool:
        """Whether any change can be shown: always between two years, for one year where Last year is known."""
        areas = self.result.scenario.areas
        return len(_shown_years(self.result)) > 1 or any(self.result.last_year(area.name) is not None for area in areas)

    def lay_out(
        self,
        lines: Sequence[_AreaLine],
        total: tuple[Fraction, ...],
        more: int,
        hidden: Sequence[_AreaLine],
        left: tuple[Fraction, ...],
    ) -> list[Text]:
        """Return the table's lines: headings, areas, what is not shown, what is left, the total."""
        years = _shown_years(self.result)
        largest = max((line.amounts[-1] for line in lines), default=Fraction(0))
        rows = [self._headings(years)]
        rows += [self._row(line, largest) for line in lines]
        if more:
            texts = (f"and {more} more: see sheet Plan", *self._amounts(_sums(hidden, len(years))))
            rows.append(Cells(texts if hidden else texts[:1], style="dim"))
        rows.append(self._total(total))
        if any(left):
            rows.append(Cells(("Not allotted", *self._amounts(left)), style="dim"))
        return show.columns(rows, frozenset(range(1, 3 + len(years))), self.width)

    def _headings(self, years: tuple[int, ...]) -> Cells:
        unit = f"Amounts in {show.clean(self.result.scenario.unit)}"
        share, change = ("Share", "On last year") if len(years) == 1 else (f"Share {years[-1]}", "A year")
        return Cells(self._fitted((unit, *map(str, years), share, change, "")), style="dim")

    def _fitted(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out the bar, then the change, where they have no room or nothing to say."""
        *rest, change, bar = texts
        kept = (*rest, change) if self.has_change else tuple(rest)
        return (*kept, bar) if self.width >= BAR_FROM else kept

    def _row(self, line: _AreaLine, largest: Fraction) -> Cells:
        part = float(line.amounts[-1] / largest) if largest else 0.0
        share = self.result.share(line.name, _shown_years(self.result)[-1])
        texts = (
            "  " * line.depth + show.clean(line.name),
            *self._amounts(line.amounts),
            percent(share) if share is not None else "",
            self._change((line.name,), line.amounts),
            show.bar(part, BAR, ascii_only=self.ascii_only),
        )
        return Cells(self._fitted(texts), last_style="cyan" if self.width >= BAR_FROM else "")

    def _total(self, total: tuple[Fraction, ...]) -> Cells:
        scenario, year = self.result.scenario, _shown_years(self.result)[-1]
        tops = tuple(area.name for area in scenario.areas if area.part_of is None)
        shares = [self.result.share(name, year) for name in tops]
        share = percent(sum((s for s in shares if s), Fraction(0))) if None not in shares else ""
        return Cells(self._fitted(("Total", *self._amounts(total), share, self._change(tops, total), "")), style="bold")

    def _amounts(self, amounts: tuple[Fraction, ...]) -> tuple[str, ...]:
        return tuple(show.money(amount, self.decimals) for amount in amounts)

    def _change(self, areas: tuple[str, ...], amounts: tuple[Fraction, ...]) -> str:
        """Return the change of the areas' budget money on last year; with several years, the average a year."""
        if len(amounts) > 1:
            return _average(amounts[0], amounts[-1], len(self.result.scenario.years) - 1)
        scenario, before = self.result.scenario, [self.result.last_year(name) for name in areas]
        if any(amount is None for amount in before):
            return ""
        past = sum((amount for amount in before if amount is not None), Fraction(0))
        now = sum((self.result.amount(n, scenario.years[0], scenario.budget_sources) for n in areas), Fraction(0))
        return _signed(now / past - 1) if past else ("new" if now else "–")


def _signed(change: Fraction) -> str:
    return f"{signed(change * 100, 1)} %" if change else "–"


def _average(first: Fraction, last: Fraction, years: int) -> str:
    """Return the average change a year between two amounts, compounded."""
    if not first or not last:
        return "new" if last else "ends" if first else "–"
    return _signed(Fraction(float(last / first) ** (1 / years) - 1).limit_denominator(10**9))

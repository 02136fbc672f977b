"""Doubts about figures: another unit than their neighbours', or another sum than the sheet Budget says.

A slip of units is a factor of a thousand or more; real budgets hold departments ten thousand times as large as others.
So a figure is held against what it can't be far from: the whole budget, the same area's other figures, the same
source's other years; against its column only where it stands far above all of it.

`Views` are the scenario's sheets as a reader sees them: names, figures and their cells, whatever they come to mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import islice, pairwise, product
from statistics import median

from allocator.scenario import cells
from allocator.scenario.cells import Misread, fold, grouped, has_percent, is_blank
from allocator.scenario.model import Cell, Indicator, InputSheet, Scenario, Target
from allocator.scenario.records import SheetRows
from allocator.scenario.schema import Content, Family
from allocator.spreadsheet.references import column_letters

# ---- The sheets as a reader sees them -------------------------------------------------------------------------------

ANSWER = "or type yes under Checked"
"""How a doubt ends: what to type where all is as it should be."""


@dataclass(frozen=True)
class Doubt:
    """Something that may be right but rarely is: the cell or range that it is about, and what to do about it."""

    first: Cell
    last: Cell
    text: str
    heading: str = ""
    also: tuple[Cell, ...] = ()
    """Cells in whose rows ``yes`` under Checked answers it too."""

    @property
    def place(self) -> str:
        """The range as a spreadsheet writes it: ``Areas!C4:C30``."""
        end = "" if self.first == self.last else f":{column_letters(self.last.column)}{self.last.row}"
        return f"{self.first}{end}"


def doubt_at(cell: Cell, text: str, heading: str = "", also: tuple[Cell, ...] = ()) -> Doubt:
    """Return a doubt about one cell."""
    return Doubt(cell, cell, text, heading, also)


@dataclass(frozen=True)
class Figure:
    """An amount or another number of a table."""

    value: Fraction
    cell: Cell
    heading: str
    name: str
    """Of its row."""


class View(SheetRows):
    """One table; `entries` are the numbers of its rows that are looked at."""

    def __init__(self, sheet: InputSheet) -> None:
        super().__init__(sheet)
        self.entries = list(sheet.table_rows)
        self.name = cache(lambda row: self.text(row, self.table.required[0]))
        """Return what stands in the first required column."""
        self.folded = cache(lambda row: fold(self.name(row)))
        """Return the row's name as names are compared."""
        self.figure = cache(self._figure)
        """Return the number in a row under a heading; None where it is blank or a word."""

    def place(self, row: int, heading: str) -> Cell:
        """Return the row's cell under `heading`, or its first cell where the table has no such column."""
        return self.cell(row, self.headings.get(heading) or min(self.headings.values(), default=1))

    def filled(self, row: int) -> list[int]:
        """Return the numbers of the table's columns that hold something in `row`."""
        return [number for number in sorted(self.sheet.headings) if not is_blank(self.raw(row, number))]

    def _figure(self, row: int, heading: str) -> Figure | None:
        raw = self.raw(row, self.headings.get(heading, 0))
        if is_blank(raw) or isinstance(raw, bool):
            return None
        try:
            value = cells.share(raw, formatted=True) if has_percent(raw) else cells.number(raw)
        except Misread:
            return None
        return Figure(value, self.place(row, heading), heading, self.name(row))

    def figures(self, rows: Iterable[int], headings: Iterable[str]) -> list[Figure]:
        """Return the numbers in these rows under these headings, row by row."""
        found = (self.figure(row, heading) for row, heading in product(rows, headings))
        return [figure for figure in found if figure is not None]

    def total(self, heading: str) -> Fraction:
        """Return the sum of a column."""
        return sum((figure.value for figure in self.figures(self.entries, [heading])), Fraction(0))

    @cached_property
    def amounts(self) -> tuple[str, ...]:
        """The headings of amounts."""
        return tuple(h for h in self.headings if (own := self.table.column(h)) and own.content is Content.AMOUNT)

    def checked(self, row: int) -> bool:
        """Whether the row says yes under Checked."""
        raw = self.raw(row, self.headings.get("Checked", 0))
        return raw is True or (isinstance(raw, str) and fold(raw) == "yes")

    def doubt(self, row: int, heading: str, text: str) -> Doubt:
        """Return a doubt about the row's cell under `heading`."""
        return doubt_at(self.place(row, heading), text, heading)


class Views:
    """All tables of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.by_table = {sheet.table: View(sheet) for sheet in scenario.inputs if sheet.table and sheet.header_row}

    def __iter__(self) -> Iterator[View]:
        """Yield the tables in the workbook's order."""
        return iter(self.by_table.values())

    def of(self, table: str) -> View:
        """Return a table by its name; one without rows where the workbook has none."""
        return self.by_table.get(table) or View(InputSheet("", (), table, None, None))

    @cached_property
    def wholes(self) -> frozenset[str]:
        """The folded names of areas that have parts."""
        return frozenset(fold(area.part_of) for area in self.scenario.areas if area.part_of)

    def leaves(self, view: View) -> list[int]:
        """Return the rows of areas that get money themselves."""
        return [row for row in view.entries if view.folded(row) not in self.wholes]

    def leave_out(self, found: Iterable[Doubt]) -> None:
        """Leave rows out of all that is asked next, unless they were answered: what is asked about them is enough."""
        asked = [doubt for doubt in found if not self.answered(doubt)]
        rows = {(doubt.first.sheet, row) for doubt in asked for row in range(doubt.first.row, doubt.last.row + 1)}
        for view in self:
            view.entries = [row for row in view.entries if (view.sheet.name, row) not in rows]

    def answered(self, doubt: Doubt) -> bool:
        """Whether the row of a doubt's first cell, or one that stands for it, says yes under Checked."""
        by_name = {view.sheet.name: view for view in self}
        asked = (cell for cell in (doubt.first, *doubt.also) if cell.sheet in by_name)
        return any(by_name[cell.sheet].checked(cell.row) for cell in asked)


def times(ratio: Fraction) -> str:
    """Return how many times, in two digits: ``1,800 times``, ``1,800 times less than``."""
    factor = ratio if ratio >= 1 else 1 / ratio
    digits = max(0, len(str(int(factor))) - 2)
    rounded = round(factor / 10**digits) * 10**digits
    return f"{rounded:,} times" if ratio >= 1 else f"{rounded:,} times less than"


# ---- Figures --------------------------------------------------------------------------------------------------------

_FAR = 100
"""So many times what it is held against, and a figure is asked about."""
_APART = 300
"""The same, where figures differ much by nature: an area's in different columns, effects."""
_MANY = 10
"""A source is asked about that has so many times the money of all others, and of all areas last year."""
_ALONE = 10_000
"""The same, where nothing is known of last year: so many times the money of all others."""
_FACTORS = tuple(Fraction(10) ** power for power in (3, 6, 9, -3, -6, -9))
_TOLERANCE = Fraction(1, 20)
"""Last year of the areas and of Budget may differ by this part of the larger."""
UNIT = f"another unit? type it in the scenario's, {ANSWER}"


def out_of_scale(views: Views) -> list[Doubt]:
    """Return figures, whole columns or sources that seem to be in another unit than the rest."""
    sources = _whole_sources(views)
    views.leave_out(sources)
    budget = sources + _budget_rows(views)
    scale = _Scale(views, frozenset(doubt.heading for doubt in budget))
    whole = _whole_columns(views, scale)
    found = budget + whole
    if any(doubt.first.sheet == views.of("Budget").sheet.name for doubt in whole):
        return found
    asked = {(doubt.first.sheet, doubt.heading) for doubt in whole}
    areas = [*_too_large(views, scale, asked), *_bands(views, asked), *_gap(views, scale, asked), *_rows(views, asked)]
    by_sheet = {view.sheet.name: view for view in views}
    one_each: dict[str, Doubt] = {}
    for doubt in areas:
        one_each.setdefault(by_sheet[doubt.first.sheet].folded(doubt.first.row), doubt)
    found += one_each.values()
    found += _columns_of_numbers(views)
    return found or list(_targets(views))


@dataclass
class _Scale:
    """The whole money that a column's figures are parts of."""

    views: Views
    doubtful: frozenset[str] = frozenset()
    """Headings of Budget that are asked about."""

    @cached_property
    def last_year(self) -> Fraction | None:
        """The last year of all budget sources; None where one is blank, or none is left."""
        scenario = self.views.scenario
        amounts = [scenario.source[name].last_year for name in self._sources if name in scenario.budget_sources]
        return None if not amounts or None in amounts else sum((a for a in amounts if a is not None), Fraction(0))

    @cached_property
    def most(self) -> Fraction:
        """The most money that there is in a year."""
        scenario = self.views.scenario
        return max((scenario.available(self._sources, year) for year in scenario.years), default=Fraction(0))

    @cached_property
    def _sources(self) -> list[str]:
        """All sources, but for rows of Budget that are asked about."""
        view = self.views.of("Budget")
        return [name for name in map(view.name, view.entries) if name in self.views.scenario.source]

    def of(self, heading: str) -> Fraction:
        """Return the money that the figures under a heading are parts of; 0 where it is not known."""
        if _is_last_year(heading) and self.last_year:
            return Fraction(0) if "Last year" in self.doubtful else self.last_year
        return Fraction(0) if self.doubtful - {"Last year"} else self.most


def _is_last_year(heading: str) -> bool:
    """Whether figures of the year before the first stand under a heading, of one source or of the whole budget."""
    return heading == "Last year" or Family.SOURCE.has(heading)


def _amounts(views: Views, asked: Iterable[tuple[str, str]] = ()) -> Iterator[tuple[View, str, list[Figure]]]:
    """Yield the columns of areas' amounts, without zeros and areas with parts."""
    for view in map(views.of, ("Areas", "Limits", "Benefits")):
        for heading in view.amounts:
            if (view.sheet.name, heading) not in asked:
                yield view, heading, _filled(view.figures(views.leaves(view), [heading]))


def _filled(figures: Iterable[Figure]) -> list[Figure]:
    return [figure for figure in figures if figure.value > 0]


def sum_of(figures: Iterable[Figure]) -> Fraction:
    """Return the sum of figures."""
    return sum((figure.value for figure in figures), Fraction(0))


def _typical(figures: Iterable[Figure], odd: Figure) -> Fraction:
    """Return the median of all figures but one."""
    return Fraction(median(figure.value for figure in figures if figure is not odd))


def _far_from(figure: Figure, typical: Fraction, what: str) -> Doubt:
    """Return the doubt about a figure that is far from what it stands beside."""
    shown = grouped(_rounded(typical))
    text = f"{grouped(figure.value)} is {times(figure.value / typical)} {what} ({shown}): {UNIT}"
    return doubt_at(figure.cell, text, figure.heading)


def _rounded(value: Fraction) -> Fraction:
    """Return a figure in four digits."""
    return Fraction(f"{float(value):.4g}")


def _whole_sources(views: Views) -> list[Doubt]:
    """Return the source that has, in each year, many times what all others have and what all areas had last year."""
    view, had = views.of("Budget"), views.of("Areas").total("Last year")
    years = [heading for heading in view.amounts if heading != "Last year"]
    totals = {year: view.total(year) for year in years}
    many = _MANY if had else _ALONE
    for row in view.entries:
        own = _filled(view.figures([row], years))
        others = [totals[f.heading] - f.value for f in own]
        if own and all(rest and f.value >= max(many * rest, _MANY * had) for f, rest in zip(own, others, strict=True)):
            figures = view.figures([row], view.amounts)
            rest = f"what all other sources have ({grouped(others[0])})"
            text = f"{grouped(own[0].value)} a year is {times(own[0].value / others[0])} {rest}: {UNIT}"
            return [Doubt(figures[0].cell, figures[-1].cell, text)]
    return []


def _budget_rows(views: Views) -> list[Doubt]:
    """Return sources' figures that are far from their other years; a year in which several are is one doubt."""
    view = views.of("Budget")
    found: dict[str, list[Doubt]] = {}
    for row in view.entries:
        figures = _filled(view.figures([row], view.amounts))
        if (odd := _odd_one(figures, _FAR if len(figures) > 2 else _APART)) is not None:
            if len(figures) == 2 and figures[0].heading == "Last year":
                odd = figures[0] if _is_unlike_areas(views, figures[0]) else figures[1]
            doubt = _far_from(odd, _typical(figures, odd), "its other years")
            found.setdefault(odd.heading, []).append(doubt)
    return [Doubt(each[0].first, each[-1].last, each[0].text, heading) for heading, each in found.items()]


def _is_unlike_areas(views: Views, figure: Figure) -> bool:
    """Whether a source's Last year is far from that of all areas: then it is the odd one of two."""
    total = views.of("Areas").total("Last year")
    return total >= _FAR * figure.value or 0 < total * _FAR <= figure.value


def _odd_one(figures: Sequence[Figure], factor: int) -> Figure | None:
    """Return the one figure that is so many times the others, or a part of them; of two the larger."""
    if len(figures) < 2:
        return None
    ranked = sorted(figures, key=lambda figure: figure.value)
    low, high = ranked[1].value / ranked[0].value, ranked[-1].value / ranked[-2].value
    if max(low, high) < factor:
        return None
    return ranked[0] if low > high else ranked[-1]


def _whole_columns(views: Views, scale: _Scale) -> list[Doubt]:
    """Return columns that come to far more, or far less, than all the money; where all of them do, the budget."""
    found: list[Doubt] = []
    sides: list[int] = []
    for view, heading, figures in _amounts(views):
        whole = scale.of(heading)
        if len(figures) < 2 or not whole or Family.SOURCE.has(heading):
            continue
        side, total = _side(views, view, figures, whole)
        sides.append(side)
        if side:
            ratio = f"{times(total / whole)} the budget ({grouped(whole)})"
            text = f"these figures come to {grouped(total)}, {ratio}: {UNIT}"
            found.append(Doubt(figures[0].cell, figures[-1].cell, text, heading))
    if len(sides) > 1 and set(sides) in ({1}, {-1}):
        budget = views.of("Budget")
        own = sorted((f.cell for f in budget.figures(budget.entries, budget.amounts)), key=lambda c: (c.row, c.column))
        listed = ", ".join(dict.fromkeys(doubt.heading for doubt in found))
        return [Doubt(own[0], own[-1], f"the amounts of the areas ({listed}) are far from these: {UNIT}")]
    return found


def _side(views: Views, view: View, figures: Sequence[Figure], whole: Fraction) -> tuple[int, Fraction]:
    """Return 1 where a column is far above the money, -1 where it is far below, with what it comes to.

    Where one figure alone is too large it is that one's doubt; a column that has gaps is not known to be too small.
    """
    ranked = sorted(figure.value for figure in figures)
    bands = view.table.sheet == "Benefits"
    total, rest = (ranked[-1], ranked[-2]) if bands else (sum(ranked, Fraction(0)), sum(ranked[:-1], Fraction(0)))
    if total >= _FAR * whole and rest >= whole * 10:
        return 1, total
    full = bands or (5 * len(figures) >= 4 * len(views.leaves(view)) and figures[0].heading != "Minimum")
    return (-1, total) if full and total * _FAR <= whole else (0, total)


def _too_large(views: Views, scale: _Scale, asked: Iterable[tuple[str, str]]) -> Iterator[Doubt]:
    """Yield single amounts far above the rest of their column, or above all the money there is."""
    for view, heading, figures in _amounts(views, asked):
        upper = heading in ("Maximum", "Up to")
        whole = scale.of(heading)
        middle = sorted(f.value for f in figures)[(len(figures) - 1) // 2] if len(figures) > 1 else 0
        for figure in figures if whole else ():
            above = figure.value >= (_FAR if upper else 5) * whole and not (upper and _means_none(figure.value))
            if above and figure.value >= 10 * middle:
                alone = len(figures) == 1
                typical, what = (whole, "the whole budget") if alone else (_typical(figures, figure), "its neighbours")
                yield _far_from(figure, typical, what)
        if not whole and not upper and view.table.sheet == "Areas" and len(figures) > 2:
            odd = max(figures, key=lambda figure: figure.value)
            if odd.value >= _FAR * max(figure.value for figure in figures if figure is not odd):
                yield _far_from(odd, _typical(figures, odd), "its neighbours")


def _bands(views: Views, asked: Iterable[tuple[str, str]]) -> Iterator[Doubt]:
    """Yield ends of bands far from the end of the area's band before; of the two the one far from Last year."""
    had = {area.name: area.last_year for area in views.scenario.areas if area.last_year}
    for view, _, figures in _amounts(views, asked):
        for before, figure in pairwise(figures if view.table.sheet == "Benefits" else ()):
            if fold(before.name) != fold(figure.name) or figure.value < _APART * before.value:
                continue
            measure = had.get(figure.name)
            if measure and _is_far(before.value / measure, None) and not _is_far(figure.value / measure, None):
                yield _far_from(before, figure.value, "the end of the next band")
            elif not _means_none(figure.value):
                yield _far_from(figure, before.value, "the end of the band before")


def _means_none(value: Fraction) -> bool:
    """Whether a limit is a way to say that there is none: 999999, 1000000000."""
    digits = str(int(value))
    return set(digits) == {"9"} or digits.strip("0") == "1"


def _rows(views: Views, asked: Iterable[tuple[str, str]]) -> Iterator[Doubt]:
    """Yield figures far from what the same area has in other columns, where other areas' are not so far."""
    by_area: dict[str, dict[str, list[Figure]]] = {}
    for _, heading, figures in _amounts(views, asked):
        for figure in figures if not Family.SOURCE.has(heading) else ():
            by_area.setdefault(fold(figure.name), {}).setdefault(heading, []).append(figure)
    pairs = {name: _ratios(own) for name, own in by_area.items()}
    typical = _typical_ratios(pairs.values())
    for name, own in by_area.items():
        alone = len(own) == 2  # two years of one area may differ as much as that, but seldom by a unit
        odd = [
            h
            for h, ratio in pairs[name].items()
            if _is_far(ratio, typical.get(h)) and (not alone or _is_unit(ratio / typical.get(h, Fraction(1))))
        ]
        if odd and not (odd == ["Maximum"] and _means_none(own["Maximum"][-1].value)):
            figure = _culprit(own, odd)
            beside = Fraction(median(f.value for found in own.values() for f in found if f.heading != figure.heading))
            if _is_far(figure.value / beside, None):
                yield _far_from(figure, beside, "the area's other figures")


def _ratios(own: Mapping[str, Sequence[Figure]]) -> dict[str, Fraction]:
    """Return each heading's figure as a multiple of what the area is measured by: Last year, or else the draft."""
    drafts = (heading for heading in own if heading == "Proposed" or Family.PROPOSED.has(heading))
    base = next((heading for heading in ("Last year", *drafts) if heading in own), None)
    if base is None:
        return {}
    measure = own[base][0].value
    return {h: _middle(found) / measure for h, found in own.items() if h != base}


def _middle(figures: Sequence[Figure]) -> Fraction:
    ranked = sorted(figure.value for figure in figures)
    return ranked[0] if figures[0].heading == "Up to" else ranked[len(ranked) // 2]


def _typical_ratios(rows: Iterable[Mapping[str, Fraction]]) -> dict[str, Fraction]:
    """Return for each heading the median over all areas of what it is of Last year."""
    found: dict[str, list[Fraction]] = {}
    for ratios in rows:
        for heading, ratio in ratios.items():
            found.setdefault(heading, []).append(ratio)
    return {h: Fraction(median(values)) for h, values in found.items() if len(values) > 2}


def _is_unit(ratio: Fraction) -> bool:
    """Whether a ratio is about a thousand, a million, or a part of one such."""
    return any(Fraction(5, 9) <= ratio / factor <= Fraction(9, 5) for factor in _FACTORS)


def _is_far(ratio: Fraction, typical: Fraction | None) -> bool:
    return all(part >= _APART or part * _APART <= 1 for part in (ratio / (typical or 1), ratio))


def _culprit(own: Mapping[str, Sequence[Figure]], odd: Sequence[str]) -> Figure:
    """Return the figure to blame: Last year where all others are far from it, else the one that is."""
    if len(odd) == len(own) - 1 > 1 or (odd == ["Up to"] and len(own["Up to"]) > 1 and len(own) == 2):
        return next(iter(own.values()))[0] if "Last year" not in own else own["Last year"][0]
    return own[odd[0]][0]


def _gap(views: Views, scale: _Scale, asked: Iterable[tuple[str, str]]) -> Iterator[Doubt]:
    """Yield the area whose Last year, a thousand times as large or as small, would make the sum Budget's."""
    view, whole = views.of("Areas"), scale.last_year
    figures = _filled(view.figures(views.leaves(view), ["Last year"]))
    if (view.sheet.name, "Last year") in asked or not whole or len(figures) < 2:
        return
    gap = whole - sum_of(figures)
    if abs(gap) * 1000 < whole:
        return
    near = 200 if abs(gap) > _TOLERANCE * whole else 1000
    for figure in figures:
        for factor in _FACTORS if figure.value > _MANY * whole else _FACTORS[:3]:
            if abs(gap - figure.value * (factor - 1)) * near <= abs(gap):
                leaves = f"leaves {grouped(abs(gap))} too {'little' if gap > 0 else 'much'} in sum"
                fits = f"{grouped(figure.value * factor)} would fit Budget's Last year ({grouped(whole)})"
                yield doubt_at(figure.cell, f"{grouped(figure.value)} {leaves}; {fits}: {UNIT}", "Last year")
                return


def unlike_budget(views: Views, doubtful: Sequence[Doubt]) -> Iterator[Doubt]:
    """Yield columns Last year whose sum is far from what Budget says, unless a doubtful figure explains it.

    Far is more than 5 % of the larger. Where areas have no Last year, only a sum that is too large counts.
    """
    budget = views.of("Budget").sheet.name
    if any(_is_last_year(doubt.heading) or doubt.first.sheet == budget for doubt in doubtful):
        return
    view, scenario = views.of("Areas"), views.scenario
    rows = views.leaves(view)
    sums: list[tuple[str, Fraction | None, str]] = [("Last year", _Scale(views).last_year, "Budget says")]
    sums += [(Family.SOURCE.heading(s.name), s.last_year, f"Budget says of {s.name}") for s in scenario.sources]
    for heading, whole, says in sums:
        figures = view.figures(rows, [heading])
        if not figures or whole is None:
            continue
        total = sum_of(figures)
        short = whole - total if len(figures) == len(rows) and heading == "Last year" else Fraction(0)
        if max(total - whole, short) > _TOLERANCE * max(total, whole):
            text = (
                f"Last year of the areas adds up to {grouped(total)}, {says} {grouped(whole)}: is an area missing, "
                f"twice, or of another year? correct it, {ANSWER}"
            )
            sources = (s for s in scenario.sources if heading in ("Last year", Family.SOURCE.heading(s.name)))
            own = tuple(source.origin.cell("Last year") for source in sources)
            yield Doubt(figures[0].cell, figures[-1].cell, text, heading, own)


def _columns_of_numbers(views: Views) -> Iterator[Doubt]:
    """Yield benefits far from those of other areas, effects far from those on the same indicator."""
    in_order = [f for v in map(views.of, ("Areas", "Benefits")) for f in v.figures(v.entries, ["Benefit"])]
    benefits = _filled(in_order)
    areas = {fold(figure.name) for figure in benefits}
    if len(areas) > 2 and (odd := _odd_one(benefits, _FAR)) is not None:
        yield _far_from(odd, _typical(benefits, odd), "the benefits of other areas")
    for indicator, by_area in views.scenario.effects.items():
        found = [Figure(abs(effect.value), effect.cell, "", area) for area, effect in by_area.items()]
        if (odd := _odd_one(found, _APART if len(found) > 2 else 1000)) is not None:
            yield _far_from(odd, _typical(found, odd), f"other areas' effects on {indicator}")


def _targets(views: Views) -> Iterator[Doubt]:
    """Yield targets far from their baseline, or from what the money of their areas can bring."""
    scenario = views.scenario
    sheets = {view.sheet.name for view in views}
    for indicator in scenario.indicators:
        targets = (target for target in indicator.targets if target.value is not None and target.origin.sheet in sheets)
        found = (_target(scenario, indicator, target, target.value or Fraction(0)) for target in targets)
        yield from islice((doubt for doubt in found if doubt is not None), 1)


def _target(scenario: Scenario, indicator: Indicator, target: Target, value: Fraction) -> Doubt | None:
    cell = target.origin.cell("Target")
    ratio = value / indicator.baseline if indicator.baseline > 0 else Fraction(1)
    if ratio >= _APART or 0 < ratio * _APART <= 1:
        return _far_from(Figure(value, cell, "Target", indicator.name), indicator.baseline, "its baseline")
    effects = scenario.effects.get(indicator.name, {})
    years = len(indicator.years_counted(target.years[-1], scenario.years)) if target.years else 1
    reach = sum((abs(e.value) * (scenario.area[a].last_year or 0) * years for a, e in effects.items()), Fraction(0))
    wanted = abs(value - indicator.baseline)
    if not (reach and wanted and (reach >= 500 * wanted or wanted >= 200 * reach)):
        return None
    text = (
        f"the areas with effects on it could bring {grouped(_rounded(reach))} with last year's money, "
        f"asked for are {grouped(wanted)}: is an effect or the target in another unit? correct it, {ANSWER}"
    )
    return doubt_at(cell, text, "Target", tuple(effect.cell for effect in effects.values()))

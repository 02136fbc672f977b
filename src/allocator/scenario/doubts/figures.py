"""Doubts about figures: another unit than their neighbours', or another sum than the sheet Budget says.

A slip of units is a factor of a thousand or more; real budgets hold departments ten thousand times as large as others.
So a figure is held against what it can't be far from: the whole budget, the same area's other figures, the same
source's other years; against its column only where it stands far above all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from statistics import median

from allocator.scenario.cells import fold, grouped
from allocator.scenario.doubts.views import ANSWER, Doubt, Figure, View, Views, column_range, doubt_at, times
from allocator.scenario.families import Family

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
_UNIT = f"another unit? type it in the scenario's, {ANSWER}"


def out_of_scale(views: Views) -> list[Doubt]:
    """Return figures, whole columns or sources that seem to be in another unit than the rest."""
    sources = _whole_sources(views)
    views.leave_out(sources)
    budget = sources + _budget_rows(views)
    scale = _Scale(views, frozenset(doubt.heading for doubt in budget))
    whole = _whole_columns(views, scale)
    found = budget + whole
    if any(doubt.first.sheet == _sheet(views, "Budget") for doubt in whole):
        return found
    asked = {(doubt.first.sheet, doubt.heading) for doubt in whole}
    areas = [*_too_large(views, scale, asked), *_bands(views, asked), *_gap(views, scale, asked), *_rows(views, asked)]
    by_sheet = {view.sheet.name: view for view in views}
    one_each: dict[str, Doubt] = {}
    for doubt in areas:
        one_each.setdefault(fold(by_sheet[doubt.first.sheet].name(doubt.first.row)), doubt)
    found += one_each.values()
    found += _columns_of_numbers(views)
    return found or list(_targets(views))


def _sheet(views: Views, table: str) -> str:
    view = views.get(table)
    return view.sheet.name if view is not None else ""


# ---- what figures are held against --------------------------------------------------------------------------------


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
        view, source = self.views.get("Budget"), self.views.scenario.source
        return [name for row in (view.rows if view else ()) if view and (name := view.name(row)) in source]

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
    for table in ("Areas", "Limits", "Benefits"):
        view = views.get(table)
        for heading in view.amounts if view is not None else ():
            if view is not None and (view.sheet.name, heading) not in asked:
                rows = views.leaves(view)
                found = [f for row in rows if (f := view.figure(row, heading)) is not None and f.value > 0]
                yield view, heading, found


# ---- the sheet Budget ---------------------------------------------------------------------------------------------


def _whole_sources(views: Views) -> list[Doubt]:
    """Return the source that has, in each year, many times what all others have and what all areas had last year."""
    view, areas = views.get("Budget"), views.get("Areas")
    if view is None:
        return []
    had = sum((f.value for f in areas.figures("Last year")), Fraction(0)) if areas is not None else Fraction(0)
    years = [heading for heading in view.amounts if heading != "Last year"]
    totals = {year: sum((f.value for f in view.figures(year)), Fraction(0)) for year in years}
    for row in view.rows:
        own = [f for year in years if (f := view.figure(row, year)) is not None and f.value > 0]
        others = [totals[f.heading] - f.value for f in own]
        many = _MANY if had else _ALONE
        if own and all(rest and f.value >= max(many * rest, _MANY * had) for f, rest in zip(own, others, strict=True)):
            figures = [f for heading in view.amounts if (f := view.figure(row, heading)) is not None]
            rest = f"what all other sources have ({grouped(others[0])})"
            text = f"{grouped(own[0].value)} a year is {times(own[0].value / others[0])} {rest}: {_UNIT}"
            return [Doubt(figures[0].cell, figures[-1].cell, text)]
    return []


def _budget_rows(views: Views) -> list[Doubt]:
    """Return sources' figures that are far from their other years; a year in which several are is one doubt."""
    view = views.get("Budget")
    if view is None:
        return []
    found: dict[str, list[Doubt]] = {}
    for row in view.rows:
        figures = [f for h in view.amounts if (f := view.figure(row, h)) is not None and f.value > 0]
        if (odd := _odd_one(figures, _FAR if len(figures) > 2 else _APART)) is not None:
            if len(figures) == 2 and figures[0].heading == "Last year":
                odd = figures[0] if _is_unlike_areas(views, figures[0]) else figures[1]
            others = [f.value for f in figures if f is not odd]
            doubt = doubt_at(odd.cell, _beside(odd, Fraction(median(others)), "its other years"), odd.heading)
            found.setdefault(odd.heading, []).append(doubt)
    return [Doubt(each[0].first, each[-1].last, each[0].text, heading) for heading, each in found.items()]


def _is_unlike_areas(views: Views, figure: Figure) -> bool:
    """Whether a source's Last year is far from that of all areas: then it is the odd one of two."""
    areas = views.get("Areas")
    if areas is None:
        return False
    total = sum((f.value for f in areas.figures("Last year")), Fraction(0))
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


def _beside(figure: Figure, typical: Fraction, what: str) -> str:
    ratio = figure.value / typical
    return f"{grouped(figure.value)} is {times(ratio)} {what} ({grouped(_rounded(typical))}): {_UNIT}"


def _rounded(value: Fraction) -> Fraction:
    """Return a figure in four digits."""
    return Fraction(f"{float(value):.4g}")


# ---- columns of amounts -------------------------------------------------------------------------------------------


def _whole_columns(views: Views, scale: _Scale) -> list[Doubt]:
    """Return columns that come to far more, or far less, than all the money; where all of them do, the budget."""
    found: list[tuple[Doubt, int]] = []
    held = 0
    for view, heading, figures in _amounts(views):
        whole = scale.of(heading)
        if len(figures) < 2 or not whole or Family.SOURCE.has(heading):
            continue
        held += 1
        side, total = _side(views, view, figures, whole)
        if side:
            budgets = f"the budget ({grouped(whole)})"
            text = f"these figures come to {grouped(total)}, {times(total / whole)} {budgets}: {_UNIT}"
            found.append((Doubt(*column_range(figures), text, heading), side))
    budget = views.get("Budget")
    if budget is not None and len(found) == held > 1 and len({side for _, side in found}) == 1:
        rows = [f for row in budget.rows for h in budget.amounts if (f := budget.figure(row, h)) is not None]
        cells = sorted((figure.cell for figure in rows), key=lambda cell: (cell.row, cell.column))
        listed = ", ".join(dict.fromkeys(doubt.heading for doubt, _ in found))
        return [Doubt(cells[0], cells[-1], f"the amounts of the areas ({listed}) are far from these: {_UNIT}")]
    return [doubt for doubt, _ in found]


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
        for figure in figures:
            above = (
                whole and figure.value >= (_FAR if upper else 5) * whole and not (upper and _means_none(figure.value))
            )
            if above and figure.value >= 10 * middle:
                others = [f.value for f in figures if f is not figure]
                typical, what = (Fraction(median(others)), "its neighbours") if others else (whole, "the whole budget")
                yield doubt_at(figure.cell, _beside(figure, typical, what), heading)
        if not whole and not upper and view.table.sheet == "Areas" and len(figures) > 2:
            odd = max(figures, key=lambda figure: figure.value)
            rest = [f.value for f in figures if f is not odd]
            if odd.value >= _FAR * max(rest):
                yield doubt_at(odd.cell, _beside(odd, Fraction(median(rest)), "its neighbours"), heading)


def _bands(views: Views, asked: Iterable[tuple[str, str]]) -> Iterator[Doubt]:
    """Yield ends of bands far from the end of the area's band before; of the two the one far from Last year."""
    had = {area.name: area.last_year for area in views.scenario.areas if area.last_year}
    for view, heading, figures in _amounts(views, asked):
        if view.table.sheet != "Benefits":
            continue
        for before, figure in pairwise(figures):
            if fold(before.name) != fold(figure.name) or figure.value < _APART * before.value:
                continue
            measure = had.get(figure.name)
            if measure and _is_far(before.value / measure, None) and not _is_far(figure.value / measure, None):
                yield doubt_at(before.cell, _beside(before, figure.value, "the end of the next band"), heading)
            elif not _means_none(figure.value):
                yield doubt_at(figure.cell, _beside(figure, before.value, "the end of the band before"), heading)


def _means_none(value: Fraction) -> bool:
    """Whether a limit is a way to say that there is none: 999999, 1000000000."""
    digits = str(int(value))
    return set(digits) == {"9"} or digits.strip("0") == "1"


def _rows(views: Views, asked: Iterable[tuple[str, str]]) -> Iterator[Doubt]:
    """Yield figures far from what the same area has in other columns, where other areas' are not so far."""
    columns = list(_amounts(views, asked))
    by_area: dict[str, dict[str, list[Figure]]] = {}
    for _view, heading, figures in columns:
        for figure in figures:
            if not Family.SOURCE.has(heading):
                by_area.setdefault(fold(figure.name), {}).setdefault(heading, []).append(figure)
    pairs = {name: _ratios(own) for name, own in by_area.items()}
    typical = _typical(pairs.values())
    for name, own in by_area.items():
        figures = [figure for found in own.values() for figure in found]
        alone = len(own) == 2  # two years of one area may differ as much as that, but seldom by a unit
        odd = [
            h
            for h, ratio in pairs[name].items()
            if _is_far(ratio, typical.get(h)) and (not alone or _is_unit(ratio / typical.get(h, Fraction(1))))
        ]
        if odd and not (set(odd) == {"Maximum"} and _means_none(own["Maximum"][-1].value)):
            figure = _culprit(own, odd)
            beside = Fraction(median(f.value for f in figures if f.heading != figure.heading))
            if _is_far(figure.value / beside, None):
                yield doubt_at(figure.cell, _beside(figure, beside, "the area's other figures"), figure.heading)


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


def _typical(rows: Iterable[Mapping[str, Fraction]]) -> dict[str, Fraction]:
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
    part = ratio / (typical or 1)
    return (part >= _APART or part * _APART <= 1) and (ratio >= _APART or ratio * _APART <= 1)


def _culprit(own: Mapping[str, Sequence[Figure]], odd: Sequence[str]) -> Figure:
    """Return the figure to blame: Last year where all others are far from it, else the one that is."""
    if len(odd) == len(own) - 1 > 1 or (len(odd) == 1 and odd[0] == "Up to" and len(own[odd[0]]) > 1 and len(own) == 2):
        return next(iter(own.values()))[0] if "Last year" not in own else own["Last year"][0]
    return own[odd[0]][0]


def _gap(views: Views, scale: _Scale, asked: Iterable[tuple[str, str]]) -> Iterator[Doubt]:
    """Yield the area whose Last year, a thousand times as large or as small, would make the sum Budget's."""
    whole = scale.last_year
    for view, heading, figures in _amounts(views, asked):
        if view.table.sheet != "Areas" or heading != "Last year" or not whole or len(figures) < 2:
            continue
        total = sum((figure.value for figure in figures), Fraction(0))
        gap = whole - total
        if abs(gap) * 1000 < whole:
            return
        near = 200 if abs(gap) > _TOLERANCE * whole else 1000
        for figure in figures:
            for factor in _FACTORS if figure.value > _MANY * whole else _FACTORS[:3]:
                if abs(gap - figure.value * (factor - 1)) * near <= abs(gap):
                    text = (
                        f"{grouped(figure.value)} leaves {grouped(abs(gap))} too {'little' if gap > 0 else 'much'} in "
                        "sum; "
                        f"{grouped(figure.value * factor)} would fit Budget's Last year ({grouped(whole)}): {_UNIT}"
                    )
                    yield doubt_at(figure.cell, text, heading)
                    return


# ---- Last year against Budget -------------------------------------------------------------------------------------


def unlike_budget(views: Views, doubtful: Sequence[Doubt]) -> Iterator[Doubt]:
    """Yield columns Last year whose sum is far from what Budget says, unless a doubtful figure explains it.

    Far is more than 5 % of the larger. Where areas have no Last year, only a sum that is too large counts.
    """
    budget = _sheet(views, "Budget")
    if any(_is_last_year(doubt.heading) or doubt.first.sheet == budget for doubt in doubtful):
        return
    view, scenario = views.get("Areas"), views.scenario
    if view is None:
        return
    sums: list[tuple[str, Fraction | None, str]] = [("Last year", _Scale(views).last_year, "Budget says")]
    sums += [(Family.SOURCE.heading(s.name), s.last_year, f"Budget says of {s.name}") for s in scenario.sources]
    for heading, whole, says in sums:
        rows = views.leaves(view)
        figures = [f for row in rows if (f := view.figure(row, heading)) is not None]
        if not figures or whole is None:
            continue
        total = sum((figure.value for figure in figures), Fraction(0))
        short = whole - total if len(figures) == len(rows) and heading == "Last year" else Fraction(0)
        if max(total - whole, short) > _TOLERANCE * max(total, whole):
            text = (
                f"Last year of the areas adds up to {grouped(total)}, {says} {grouped(whole)}: is an area missing, "
                f"twice, or of another year? correct it, {ANSWER}"
            )
            sources = (s for s in scenario.sources if heading in ("Last year", Family.SOURCE.heading(s.name)))
            own = tuple(source.origin.cell("Last year") for source in sources)
            yield Doubt(*column_range(figures), text, heading, own)


# ---- benefits, effects, targets -----------------------------------------------------------------------------------


def _columns_of_numbers(views: Views) -> Iterator[Doubt]:
    """Yield benefits far from those of other areas, effects far from those on the same indicator."""
    benefits = [f for t in ("Areas", "Benefits") if (v := views.get(t)) is not None for f in v.figures("Benefit")]
    firsts = list({fold(f.name): f for f in reversed(benefits) if f.value > 0}.values())
    yield from _odd_numbers([f for f in benefits if f.value > 0], firsts, "the benefits of other areas")
    scenario, effects = views.scenario, views.get("Effects")
    for indicator, by_area in scenario.effects.items():
        found = [Figure(abs(e.value), e.cell, "", area) for area, e in by_area.items()]
        factor = _APART if len(found) > 2 else 1000
        if effects is not None and (odd := _odd_one(found, factor)) is not None:
            others = [f.value for f in found if f is not odd]
            text = _beside(odd, Fraction(median(others)), f"other areas' effects on {indicator}")
            yield doubt_at(odd.cell, text)


def _odd_numbers(all_figures: Sequence[Figure], firsts: Sequence[Figure], what: str) -> Iterator[Doubt]:
    """Yield the number far from all others, where there are three or more rows to compare."""
    if len(firsts) > 2 and (odd := _odd_one(all_figures, _FAR)) is not None:
        others = [figure.value for figure in all_figures if figure is not odd]
        yield doubt_at(odd.cell, _beside(odd, Fraction(median(others)), what), odd.heading)


def _targets(views: Views) -> Iterator[Doubt]:
    """Yield targets far from their baseline, or from what the money of their areas can bring."""
    scenario = views.scenario
    for indicator in scenario.indicators:
        effects = scenario.effects.get(indicator.name, {})
        for target in indicator.targets:
            if target.value is None or target.origin.sheet not in {view.sheet.name for view in views}:
                continue
            cell = target.origin.cell("Target")
            ratio = target.value / indicator.baseline if indicator.baseline > 0 else Fraction(1)
            if ratio >= _APART or 0 < ratio * _APART <= 1:
                figure = Figure(target.value, cell, "Target", indicator.name)
                yield doubt_at(cell, _beside(figure, indicator.baseline, "its baseline"), "Target")
                break
            years = len(indicator.years_counted(target.years[-1], scenario.years)) if target.years else 1
            reach = sum(
                (abs(e.value) * (scenario.area[a].last_year or 0) * years for a, e in effects.items()), Fraction(0)
            )
            wanted = abs(target.value - indicator.baseline)
            if reach and wanted and (reach >= 500 * wanted or wanted >= 200 * reach):
                text = (
                    f"the areas with effects on it could bring {grouped(_rounded(reach))} with last year's money, "
                    f"asked for are {grouped(wanted)}: is an effect or the target in another unit? correct it, {ANSWER}"
                )
                also = tuple(effect.cell for effect in effects.values())
                yield doubt_at(cell, text, "Target", also)
                break

"""What may be right but rarely is: a subtotal among the areas, a figure in another unit, no benefit anywhere, …

Each kind has a function of its own, over the scenario and its sheets as they were read; none of them solves anything.
One cause is one doubt, at its cell or range. ``yes`` under Checked in the row of that cell, or in the first row of that
range, answers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from statistics import median

from allocator.errors import Problem
from allocator.scenario.cells import fold, grouped, is_total, percent, unaccented
from allocator.scenario.doubt_figures import (
    ANSWER,
    UNIT,
    Doubt,
    View,
    Views,
    doubt_at,
    out_of_scale,
    sum_of,
    times,
    unlike_budget,
)
from allocator.scenario.model import Area, Scenario
from allocator.scenario.sheets import numbers_columns

# ---- Rows: subtotals, rows of column numbers, notes below a table, names that are nearly the same ------------------


_SUMS = re.compile(
    r"(?:sub|grand)[\s-]?totals?\b|totals?\b|sum(?: of\b|$)|thereof\b|of which\b|trong đó\b|tổng cộng\b|tổng số\b"
    r"|cộng(?!\s+(?:đồng|tác|hòa|hoà|sản|hưởng|sinh|nghệ))\b"
    r"|tổng(?!\s+(?:cục|công|hợp|đài|thanh|lãnh|kho|bí|thể|kết|quan|giám|liên|hội|đoàn|thư|tham|thầu))\b"
)
_ENDS = re.compile(r"\b(?:sub[\s-]?)?total$")
_NOTE = re.compile(
    r"\*|†|‡|(?:sources?|notes?|nb|n\.b\.|remarks?|footnotes?|prepared by|approved by|as of|unit|nguồn|nguồn số liệu"
    r"|ghi chú|chú thích|đơn vị tính|đvt|người lập|lập biểu|hà nội, ngày|ngày)\s*(?:[:.]|$)"
    r"|(?:prepared by|compiled by|data from|figures (?:are|in|from)|preliminary)\b|\(?\d\)\s|\[\d\]"
)
_LONG = 12
"""A name of more words is a sentence."""
_LONG_WORD = 6
"""A word of more letters is hardly another one for a letter more or less."""
_ROWS_NEAR = 400
"""A subtotal is sought over so many rows."""
_RARE = 100
"""How many times more values than rows a column must be able to hold for an equal sum to be no accident."""


def _number_rows(views: Views) -> Iterator[Doubt]:
    """Yield first rows that number the columns: ``A, 1, 2, 3``."""
    for view in views:
        for row in view.entries[:1] if view.table.sheet not in ("Scenario", "What-if") else ():
            filled = view.filled(row)
            if numbers_columns({column: view.raw(row, column) for column in filled}):
                ends = view.cell(row, filled[0]), view.cell(row, filled[-1])
                yield Doubt(*ends, f"is this a row of column numbers? remove it, {ANSWER}")


def _notes(views: Views) -> Iterator[Doubt]:
    """Yield rows of Areas that hold a name alone which reads like a note, or to which nothing else refers."""
    view = views.of("Areas")
    alone = [row for row in view.entries if len(view.filled(row)) == 1]
    titles = len(alone) * 2 < len(view.entries)
    for row in alone:
        name = view.name(row)
        if fold(name) in views.wholes:
            continue
        if _NOTE.match(fold(name)) or len(name.split()) > _LONG:
            yield view.doubt(row, "Area", f'"{_cut(name)}" counts as an area: is it a note? remove it, {ANSWER}')
        elif titles and not _is_used(views.scenario, name):
            text = f'"{_cut(name)}" has a name but no figure: is it a title or a note? remove it, {ANSWER}'
            yield view.doubt(row, "Area", text)


def _cut(name: str) -> str:
    return name if len(name) < 80 else f"{name[:60].rstrip()}…"


def _is_used(scenario: Scenario, name: str) -> bool:
    """Whether another sheet, or another area, gives the area anything."""
    return (
        any((name, year) in scenario.bands or (name, year) in scenario.limits for year in scenario.years)
        or any(name in effects for effects in scenario.effects.values())
        or any(name == subject.name for rule in scenario.rules if not rule.each for subject in rule.subjects)
    )


def _subtotals(views: Views) -> list[Doubt]:
    """Return rows of Areas and Budget that are the sum of rows beside them, or are called so."""
    areas, budget = views.of("Areas"), views.of("Budget")
    in_areas = _Sums(views.scenario, areas, "Area", views.leaves(areas)).doubts(by_name_alone=_fits_budget(views))
    return [*in_areas, *_Sums(views.scenario, budget, "Source", budget.entries).doubts(by_name_alone=False)]


def _fits_budget(views: Views) -> bool:
    """Whether Last year of all areas is what Budget says: then none of them is the sum of others."""
    scenario, view = views.scenario, views.of("Areas")
    amounts = [scenario.source[name].last_year for name in scenario.budget_sources]
    had = view.figures(views.leaves(view), ["Last year"])
    return None not in amounts and bool(had) and sum(amount or 0 for amount in amounts) == sum_of(had)


class _Sums:
    """The search for subtotals in one table."""

    def __init__(self, scenario: Scenario, view: View, name_heading: str, rows: Sequence[int]) -> None:
        self.scenario, self.view, self.name_heading, self.rows = scenario, view, name_heading, rows
        self.values = {row: {f.heading: f.value for f in view.figures([row], view.amounts) if f.value} for row in rows}
        self.found: set[int] = set()
        self.totals: dict[str, Fraction] = {}
        """Of each column, without the rows that were found."""
        for figures in self.values.values():
            self._count(figures, 1)

    def doubts(self, *, by_name_alone: bool) -> Iterator[Doubt]:
        for at, row in enumerate(self.rows):
            called = _called_sum(self.view.name(row))
            addends = self._addends(at) if self.values[row] else ()
            if not called and (by_name_alone or not addends or not self._is_no_accident(row, addends)):
                continue
            self.found.add(row)
            self._count(self.values[row], -1)
            yield self.view.doubt(row, self.name_heading, self._text(row, addends))

    def _addends(self, at: int) -> Sequence[int]:
        """Return the rows, directly above or below, whose sum this one is; or all others; none where it is no sum."""
        above = [row for row in reversed(self.rows[max(0, at - _ROWS_NEAR) : at]) if row not in self.found]
        below = self.rows[at + 1 : at + 1 + _ROWS_NEAR]
        for run in (above, below):
            if taken := self._run(self.rows[at], run):
                return sorted(taken)
        if any(self.totals[heading] != 2 * value for heading, value in self.values[self.rows[at]].items()):
            return ()
        others = [row for row in self.rows if row != self.rows[at] and row not in self.found]
        return others if len(others) > 2 and self._equal(self.rows[at], others) else ()

    def _count(self, figures: Mapping[str, Fraction], sign: int) -> None:
        for heading, value in figures.items():
            self.totals[heading] = self.totals.get(heading, Fraction(0)) + sign * value

    def _run(self, row: int, run: Iterable[int]) -> Sequence[int]:
        heading, goal = next(iter(self.values[row].items()))
        total, taken = Fraction(0), list[int]()
        for each in run:
            taken.append(each)
            total += self.values[each].get(heading, Fraction(0))
            if total > goal:
                return ()
            if total == goal:
                return taken if self._equal(row, taken) else ()
        return ()

    def _equal(self, row: int, addends: Sequence[int]) -> bool:
        """Whether every figure of the row is the sum of the others', one of them at least of two or more."""
        counts = []
        for heading, value in self.values[row].items():
            parts = [self.values[each][heading] for each in addends if heading in self.values[each]]
            if sum(parts) != value:
                return False
            counts.append(len(parts))
        return max(counts) > 1

    def _is_no_accident(self, row: int, addends: Sequence[int]) -> bool:
        """Whether so equal a sum tells a subtotal: it is that of all others, it has no benefit, or figures are fine."""
        if len(addends) == len(self.rows) - 1 - len(self.found) > 2:
            return True
        if self.name_heading == "Area" and self._lacks_benefit(row) and not any(map(self._lacks_benefit, addends)):
            return True
        finest = max(self._units(row, heading) for heading in self.values[row])
        return finest * len(self.values[row]) >= _RARE * len(self.rows)

    def _units(self, row: int, heading: str) -> Fraction:
        """Return how many of the units in which the others' figures stand are in this one: 30 is 3 beside 20 and 10."""
        others = [figures[heading] for each, figures in self.values.items() if each != row and heading in figures]
        scale = lcm(*(value.denominator for value in others))
        return self.values[row][heading] * scale / gcd(*(int(value * scale) for value in others))

    def _lacks_benefit(self, row: int) -> bool:
        area = self.scenario.area.get(self.view.name(row))
        first = self.scenario.years[0]
        return area is not None and not area.benefit and (area.name, first) not in self.scenario.bands

    def _text(self, row: int, addends: Sequence[int]) -> str:
        name = _cut(self.view.name(row))
        if not addends:
            return f'"{name}" sounds like a sum of other rows: is it one? remove it, {ANSWER}'
        heading = next(iter(self.values[row]))
        parts = [self.values[each][heading] for each in addends if heading in self.values[each]]
        if len(parts) <= 4:
            sums = " + ".join(map(grouped, parts))
        else:
            sums = f"rows {addends[0]} to {addends[-1]}: {grouped(sum(parts, Fraction(0)))}"
        where = "above" if addends[-1] < row else "below" if addends[0] > row else "above and below"
        return f'"{name}" is the sum of the rows {where} ({sums}): is it a subtotal? remove it, {ANSWER}'


def _called_sum(name: str) -> bool:
    folded = fold(name)
    return is_total(name) or _SUMS.match(folded) is not None or _ENDS.search(folded) is not None


def _alike_names(views: Views) -> Iterator[Doubt]:
    """Yield areas whose names are nearly those of others: ``Education``, ``Educatoin``."""
    view = views.of("Areas")
    seen: dict[str, int] = {}
    for row in view.entries:
        name = view.name(row)
        forms = _forms(name)
        other = next((seen[form] for form in forms if seen.get(form, row) != row), None)
        if other is None:
            seen.update(dict.fromkeys(forms, row))
        else:
            almost = f'"{_cut(name)}" is almost "{_cut(view.name(other))}" (row {other})'
            yield view.doubt(row, "Area", f"{almost}: are they one? rename one, {ANSWER}")


def _forms(name: str) -> set[str]:
    """Return what a name is without accents and signs, with a letter of a long word left out, or its letters sorted.

    Two names that share a form differ by one slip of the hand.
    """
    words = re.findall(r"\w+", unaccented(name))
    if not words:
        return set()
    found = {" ".join(words)}
    for at, word in enumerate(words):
        if len(word) > _LONG_WORD and word.isalpha():
            slips = [f"{word[:i]}{word[i + 1 :]}" for i in range(1, len(word))]
            slips.append(f"~{word[0]}{''.join(sorted(word[1:]))}")
            found |= {" ".join([*words[:at], slip, *words[at + 1 :]]) for slip in slips}
    return found


# ---- What the plan is for: no benefit anywhere, settings and shares out of the ordinary -----------------------------

_HIGH_RATE = Fraction(3, 10)
_STEPS = 500
"""A Step is large where a year's money is fewer of it."""
_SMALL = Fraction(1, 1000)
_HUNDRED = 100


def lacks_purpose(scenario: Scenario) -> bool:
    """Whether benefit is to be maximised, and nothing has any: then every plan that keeps the rules is as good."""
    return _seeks_benefit(scenario) and not (
        any(area.benefit for area in scenario.areas)
        or any(band.benefit for bands in scenario.bands.values() for band in bands)
        or any(scenario.effects.get(name) for name in _weighted(scenario))
    )


def _seeks_benefit(scenario: Scenario) -> bool:
    return scenario.objective.maximise and scenario.objective.indicator is None


def _weighted(scenario: Scenario) -> set[str]:
    """Return the indicators whose effects earn benefit points, or cost some."""
    return {indicator.name for indicator in scenario.indicators if indicator.weight}


def _no_benefit(views: Views) -> Iterator[Doubt]:
    """Yield that no area has a benefit, where benefit is to be maximised."""
    view, scenario = views.of("Areas"), views.scenario
    if not view.entries or not lacks_purpose(scenario):
        return
    heading, where = ("Benefit", "under Benefit") if "Benefit" in view.headings else ("Area", "in a column Benefit")
    text = (
        f"no area has a benefit, so every plan that keeps the rules is as good; type points per unit of money {where} "
        f"(or bands on the sheet Benefits), or minimise spending as Objective on the sheet Scenario, {ANSWER}"
    )
    setting = tuple(s.origin.cell("Value") for s in scenario.settings if s.name == "Objective")
    yield Doubt(view.place(view.entries[0], heading), view.place(view.entries[-1], heading), text, "Benefit", setting)


def _without_benefit(views: Views) -> Iterator[Doubt]:
    """Yield areas whose Benefit is blank while nearly all others have one, and that nothing else asks for."""
    view, scenario = views.of("Areas"), views.scenario
    rows = views.leaves(view)
    without = [row for row in rows if not _earns(scenario, view, row)]
    if not _seeks_benefit(scenario) or len(rows) < 4 or len(without) * 5 > len(rows):
        return
    leaves = {area.name for area in scenario.leaves}
    own_rules = (rule for rule in scenario.rules if not rule.each)
    spoken_of = {s.areas for rule in own_rules for s in rule.subjects if not leaves.issubset(s.areas)}
    for row in without:
        area = scenario.area.get(view.name(row))
        named = area is None or any(area.name in areas for areas in spoken_of) or _has_use(scenario, area)
        if not named:
            lacks = f'"{view.name(row)}" has no benefit while all others have, so it gets only what it must'
            yield view.doubt(row, "Benefit", f"{lacks}; type one, {ANSWER}")


def _earns(scenario: Scenario, view: View, row: int) -> bool:
    name = view.name(row)
    return (
        view.figure(row, "Benefit") is not None
        or any((name, year) in scenario.bands for year in scenario.years)
        or any(name in scenario.effects.get(indicator, {}) for indicator in _weighted(scenario))
    )


def _has_use(scenario: Scenario, area: Area) -> bool:
    """Whether a limit or an effect speaks of the area, so that it may get money without benefit."""
    limits = (scenario.limits.get((area.name, year)) for year in scenario.years)
    return any(limit is not None and (limit.minimum or limit.minimum_share) for limit in limits) or any(
        area.name in effects for effects in scenario.effects.values()
    )


def _settings(views: Views) -> Iterator[Doubt]:
    """Yield a Discount rate above 30 % or below 0, and a Step as large as areas."""
    scenario = views.scenario
    cells = {setting.name: setting.origin.cell("Value") for setting in scenario.settings}
    rate = scenario.discount_rate
    if "Discount rate" in cells and not 0 <= rate <= _HIGH_RATE:
        text = f"{percent(rate)} a year is rare, mostly it is 2 to 10 %; type it with its sign, such as 3%, {ANSWER}"
        yield doubt_at(cells["Discount rate"], text, "Discount rate")
    amounts = [area.last_year for area in scenario.leaves if area.last_year]
    below = [amount for amount in amounts if amount < scenario.step]
    large = len(below) * 10 > len(amounts) and scenario.step * _STEPS > _most_money(scenario)
    if "Step" in cells and large:
        text = (
            f"{len(below)} of {len(amounts)} areas had less last year than one Step ({grouped(scenario.step)}), and "
            f"every amount is a whole multiple of it; type a smaller one, {ANSWER}"
        )
        yield doubt_at(cells["Step"], text, "Step")


def _most_money(scenario: Scenario) -> Fraction:
    """Return the most money that there is in a year."""
    return max((scenario.available(scenario.source, year) for year in scenario.years), default=Fraction(0))


def _large_amounts(views: Views) -> Iterator[Doubt]:
    """Yield amounts in Rules that are a hundred times all the money there is in a year."""
    most = _most_money(views.scenario)
    for rule in views.scenario.rules:
        if most and not rule.basis.percent and rule.value >= _HUNDRED * len(rule.years) * most:
            ratio = f"{times(rule.value / most)} all the money of a year ({grouped(most)})"
            yield doubt_at(rule.origin.cell("Value"), f"{grouped(rule.value)} is {ratio}: {UNIT}", "Value")


def _small_shares(views: Views) -> Iterator[Doubt]:
    """Yield shares below 0.1 % in Rules where the others are thirty times as large: 0.04 % typed for 4 %."""
    rules = views.scenario.rules
    shares = [rule for rule in rules if rule.basis.percent and not rule.basis.looks_back and rule.value > 0]
    for rule in shares:
        others = [other.value for other in shares if other is not rule]
        if others and rule.value < _SMALL and Fraction(median(others)) >= 30 * rule.value:
            text = f"{percent(rule.value)} is very little; is {percent(rule.value * 100)} meant? type it, {ANSWER}"
            yield doubt_at(rule.origin.cell("Value"), text, "Value")


# ---- All of them ----------------------------------------------------------------------------------------------------


def doubts(scenario: Scenario) -> tuple[Problem, ...]:
    """Return what a reader of the scenario would ask about, in the order of its sheets; none that was answered."""
    views = Views(scenario)
    rows = [*_number_rows(views), *_notes(views)]
    views.leave_out(rows)
    sums = _subtotals(views)
    views.leave_out(sums)
    figures = out_of_scale(views)
    aimless = list(_no_benefit(views))  # then no figure of the plan means anything, so that comes first
    found = [*rows, *sums, *figures, *unlike_budget(views, figures), *_alike_names(views)]
    taken = {(doubt.first.sheet, doubt.first.row) for doubt in found if doubt.first == doubt.last}
    found += [d for d in _without_benefit(views) if (d.first.sheet, d.first.row) not in taken]
    found += [*_settings(views), *_large_amounts(views), *_small_shares(views)]
    order = {sheet.name: number for number, sheet in enumerate(scenario.inputs)}
    found.sort(key=lambda doubt: (order.get(doubt.first.sheet, -1), doubt.first.row, doubt.first.column))
    asked = [doubt for doubt in dict.fromkeys([*aimless, *found]) if not views.answered(doubt)]
    return tuple(Problem(doubt.place, doubt.text, doubt.heading) for doubt in asked)

"""Doubts about rows: subtotals, rows of column numbers, notes below a table, names that are nearly the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

from allocator.scenario.cells import fold, grouped, is_total, unaccented
from allocator.scenario.doubts.views import ANSWER, Doubt, View, Views, doubt_at
from allocator.scenario.headings import numbers_columns
from allocator.scenario.origin import Cell

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
_FAR = 400
"""A subtotal is sought over so many rows."""
_RARE = 100
"""How many times more values than rows a column must be able to hold for an equal sum to be no accident."""


def number_rows(views: Views) -> Iterator[Doubt]:
    """Yield first rows that number the columns: ``A, 1, 2, 3``."""
    for view in views:
        if view.table.sheet in ("Scenario", "What-if") or not view.rows:
            continue
        row = view.rows[0]
        filled = view.filled(row)
        if numbers_columns({column: view.at(row, column) for column in filled}):
            first, last = (Cell(view.sheet.name, row, column) for column in (filled[0], filled[-1]))
            yield Doubt(first, last, f"is this a row of column numbers? remove it, {ANSWER}")


def notes(views: Views) -> Iterator[Doubt]:
    """Yield rows of Areas that hold a name alone which reads like a note, or to which nothing else refers."""
    view = views.get("Areas")
    if view is None:
        return
    alone = {row for row in view.rows if len(view.filled(row)) == 1}
    titles = len(alone) * 2 < len(view.rows)
    for row in sorted(alone):
        name = view.name(row)
        if fold(name) in views.wholes:
            continue
        if _NOTE.match(fold(name)) or len(name.split()) > _LONG:
            yield doubt_at(
                view.cell(row, "Area"), f'"{_cut(name)}" counts as an area: is it a note? remove it, {ANSWER}', "Area"
            )
        elif titles and not _is_used(views, name):
            text = f'"{_cut(name)}" has a name but no figure: is it a title or a note? remove it, {ANSWER}'
            yield doubt_at(view.cell(row, "Area"), text, "Area")


def _cut(name: str) -> str:
    return name if len(name) < 80 else f"{name[:60].rstrip()}…"


def _is_used(views: Views, name: str) -> bool:
    """Whether another sheet, or another area, gives the area anything."""
    scenario = views.scenario
    years = scenario.years
    return (
        any((name, year) in scenario.bands or (name, year) in scenario.limits for year in years)
        or any(name in effects for effects in scenario.effects.values())
        or any(name == subject.name for rule in scenario.rules if not rule.each for subject in rule.subjects)
    )


# ---- subtotals ----------------------------------------------------------------------------------------------------


def subtotals(views: Views) -> list[Doubt]:
    """Return rows of Areas and Budget that are the sum of rows beside them, or are called so."""
    found: list[Doubt] = []
    for table, what in (("Areas", "Area"), ("Budget", "Source")):
        view = views.get(table)
        if view is not None:
            found += _Sums(views, view, what).doubts(by_name_alone=table == "Areas" and _fits_budget(views, view))
    return found


def _fits_budget(views: Views, view: View) -> bool:
    """Whether Last year of all areas is what Budget says: then none of them is the sum of others."""
    scenario = views.scenario
    amounts = [scenario.source[name].last_year for name in scenario.budget_sources]
    had = [figure.value for row in views.leaves(view) if (figure := view.figure(row, "Last year")) is not None]
    return None not in amounts and bool(had) and sum(amount or 0 for amount in amounts) == sum(had)


class _Sums:
    """The search for subtotals in one table."""

    def __init__(self, views: Views, view: View, name_heading: str) -> None:
        self.views, self.view, self.name_heading = views, view, name_heading
        self.rows = views.leaves(view) if name_heading == "Area" else list(view.rows)
        self.values = {
            row: {h: f.value for h in view.amounts if (f := view.figure(row, h)) is not None and f.value}
            for row in self.rows
        }
        self.found: set[int] = set()
        self.totals: dict[str, Fraction] = {}
        """Of each column, without the rows that were found."""
        for figures in self.values.values():
            self._count(figures, 1)

    def doubts(self, *, by_name_alone: bool) -> Iterator[Doubt]:
        for at, row in enumerate(self.rows):
            name = self.view.name(row)
            called = _called_sum(name)
            addends = self._addends(at) if self.values[row] else ()
            if not called and (by_name_alone or not addends or not self._is_no_accident(row, addends)):
                continue
            self.found.add(row)
            self._count(self.values[row], -1)
            yield doubt_at(self.view.cell(row, self.name_heading), self._text(row, addends), self.name_heading)

    def _addends(self, at: int) -> Sequence[int]:
        """Return the rows, directly above or below, whose sum this one is; or all others; none where it is no sum."""
        above = [row for row in reversed(self.rows[max(0, at - _FAR) : at]) if row not in self.found]
        below = self.rows[at + 1 : at + 1 + _FAR]
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
        area = self.views.scenario.area.get(self.view.name(row))
        return (
            area is not None
            and not area.benefit
            and (area.name, self.views.scenario.years[0]) not in (self.views.scenario.bands)
        )

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


# ---- names --------------------------------------------------------------------------------------------------------


def alike_names(views: Views) -> Iterator[Doubt]:
    """Yield areas whose names are nearly those of others: ``Education``, ``Educatoin``."""
    view = views.get("Areas")
    if view is None:
        return
    seen: dict[str, int] = {}
    for row in view.rows:
        name = view.name(row)
        for form in _forms(name):
            if form in seen and seen[form] != row:
                other = view.name(seen[form])
                text = (
                    f'"{_cut(name)}" is almost "{_cut(other)}" (row {seen[form]}): are they one? rename one, {ANSWER}'
                )
                yield doubt_at(view.cell(row, "Area"), text, "Area")
                break
        else:
            seen.update(dict.fromkeys(_forms(name), row))


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

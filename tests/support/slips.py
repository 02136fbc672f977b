"""Slips of the hand as people make them, typed into the sheets of a scenario that has none."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from allocator.scenario.cells import is_blank
from allocator.scenario.doubt_figures import Views
from allocator.scenario.model import InputSheet, Raw, Scenario
from allocator.scenario.reading import read_sheets

FACTORS = (1000, 1_000_000, 1 / 1000, 1e-6)


class Sheets:
    """The sheets of a scenario while slips are typed into them."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.views = Views(scenario)
        self.rows = {sheet.name: [list(row) for row in sheet.rows] for sheet in scenario.inputs}
        self.percent = {sheet.name: set(sheet.percent) for sheet in scenario.inputs}

    def column(self, sheet: str, heading: str) -> int:
        return self.views.by_table[sheet].headings[heading]

    def rows_of(self, sheet: str) -> list[int]:
        return list(self.views.by_table[sheet].entries)

    def leaves(self) -> list[int]:
        return self.views.leaves(self.views.by_table["Areas"])

    def get(self, sheet: str, row: int, heading: str) -> Raw:
        view = self.views.by_table[sheet]
        raw = view.raw(row, view.headings.get(heading, 0))
        return None if is_blank(raw) else raw

    def set(self, sheet: str, row: int, heading: str, value: Raw) -> None:
        self.rows[sheet][row - 1][self.column(sheet, heading) - 1] = value

    def scale(self, sheet: str, row: int, heading: str, factor: float) -> None:
        value = self.get(sheet, row, heading)
        assert isinstance(value, int | float), (sheet, row, heading, value)
        self.set(sheet, row, heading, float(f"{value * factor:.12g}"))

    def insert(self, sheet: str, row: int, values: dict[str, Raw]) -> None:
        """Put a row where `row` stands; that one and those below move down."""
        line: list[Raw] = [None] * len(self.rows[sheet][self.views.by_table[sheet].sheet.header_row - 1])
        for heading, value in values.items():
            line[self.column(sheet, heading) - 1] = value
        self.rows[sheet].insert(row - 1, line)
        self.percent[sheet] = {(r + (r >= row), c) for r, c in self.percent[sheet]}

    def clear(self, sheet: str, headings: Sequence[str]) -> None:
        for row in self.rows_of(sheet):
            for heading in headings:
                self.set(sheet, row, heading, None)

    def read(self) -> Scenario:
        return read_sheets(self.scenario.path, self.scenario.sha256, self._sheets())

    def _sheets(self) -> Iterator[InputSheet]:
        for sheet in self.scenario.inputs:
            rows = tuple(map(tuple, self.rows[sheet.name]))
            yield replace(sheet, rows=rows, percent=frozenset(self.percent[sheet.name]))


type Slip = Callable[[Sheets, random.Random], str]
"""Types one slip, and returns the sheet on which it is to be asked about; nothing where any will do."""

SUMS = (
    "Subtotal",
    "Social areas together",
    "Khối xã hội",
    "Cộng nhóm I",
    "I. Services",
    "Sum of the above",
    "Departments",
)


def subtotal(sheets: Sheets, rng: random.Random) -> str:
    """A row that adds up rows beside it, in all columns of amounts that these fill."""
    view = sheets.views.by_table[rng.choice(("Areas", "Areas", "Areas", "Budget"))]
    rows = sheets.leaves() if view.table.sheet == "Areas" else view.entries
    start = rng.randrange(len(rows) - 1)
    run = rows[start : rng.randint(start + 2, len(rows))]
    line: dict[str, Raw] = {view.table.required[0]: rng.choice(SUMS)}
    for heading in view.amounts:
        figures = [f.value for row in run if (f := view.figure(row, heading)) is not None]
        if len(figures) > 1:
            line[heading] = float(sum(figures))
    sheets.insert(view.table.sheet, run[-1] + 1 if rng.random() < 0.8 else run[0], line)
    return view.table.sheet


def unit_slip(sheets: Sheets, rng: random.Random) -> str:
    """One amount in another unit."""
    cells = [
        (view.table.sheet, row, heading)
        for view in sheets.views
        if view.table.sheet in ("Areas", "Budget", "Limits", "Benefits")
        for heading in view.amounts
        for row in view.entries
        if view.figure(row, heading)
    ]
    sheet, row, heading = rng.choice(cells)
    sheets.scale(sheet, row, heading, rng.choice(FACTORS))
    return sheet


def unit_column(sheets: Sheets, rng: random.Random) -> str:
    """A whole column of amounts, or a whole sheet, in another unit."""
    view = sheets.views.by_table[rng.choice(("Areas", "Budget", "Benefits"))]
    factor = rng.choice(FACTORS)
    filled = [h for h in view.amounts if len(view.figures(view.entries, [h])) > 1]
    for heading in filled if rng.random() < 0.3 else [rng.choice(filled)]:
        for figure in view.figures(view.entries, [heading]):
            sheets.scale(view.table.sheet, figure.cell.row, heading, factor)
    return ""


def unit_other(sheets: Sheets, rng: random.Random) -> str:
    """A benefit, an effect or a target in another unit."""
    cells = [
        (sheet, row, heading)
        for sheet, heading in (
            ("Benefits", "Benefit"),
            ("Effects", "Effect"),
            ("Effects", "Cost per unit"),
            ("Indicators", "Target"),
        )
        for row in sheets.rows_of(sheet)
        if sheets.views.by_table[sheet].figure(row, heading)
    ]
    by_kind = rng.choice(sorted({cell[::2] for cell in cells}))
    sheet, row, heading = rng.choice([cell for cell in cells if cell[::2] == by_kind])
    if by_kind == ("Benefits", "Benefit"):  # the first band of an area, so that bands still fall
        names = [sheets.get(sheet, r, "Area") for r in sheets.rows_of(sheet)]
        row = sheets.rows_of(sheet)[names.index(sheets.get(sheet, row, "Area"))]
        sheets.scale(sheet, row, heading, 1000)
    else:
        sheets.scale(sheet, row, heading, rng.choice((1000, 1 / 1000)))
    return ""


def last_year(sheets: Sheets, rng: random.Random) -> str:
    """A Last year that is twice, ten times or a tenth of what it was; another sum in Budget."""
    if rng.random() < 0.3:
        sheets.scale("Budget", sheets.rows_of("Budget")[0], "Last year", rng.choice((0.5, 0.9, 1.1, 2, 10)))
    else:
        large = [row for row in sheets.leaves() if sheets.get("Areas", row, "Last year") > 9000]
        sheets.scale("Areas", rng.choice(large), "Last year", rng.choice((2, 10, 0.1)))
    return "Areas"


def number_row(sheets: Sheets, rng: random.Random) -> str:
    """A first row that numbers or letters the columns of figures: A 1 2 3, 1 2 3 4, or each by its place."""
    columns = ("Area", "Last year", "Minimum", "Maximum")
    numbers = rng.choice((("A", 1, 2, 3), (1, 2, 3, 4), ("I", 1, 2, 3), [sheets.column("Areas", h) for h in columns]))
    sheets.insert("Areas", sheets.rows_of("Areas")[0], dict(zip(columns, numbers, strict=True)))
    return "Areas"


NOTES = (
    "Source: Department of Finance",
    "Nguồn: Sở Tài chính",
    "Note: figures are preliminary",
    "* preliminary",
    "Ghi chú: số ước",
    "(1) without the metro loans",
    "Prepared by the budget office",
    "[1] see annex",
    "Đơn vị tính: tỷ đồng",
    "All figures were rounded to whole billions, so that sums may differ from those that the council published",
    "As of 31 December",
    "CULTURE AND PARKS",
)


def note(sheets: Sheets, rng: random.Random) -> str:
    """A note or a title that counts as an area."""
    rows = sheets.rows_of("Areas")
    sheets.insert("Areas", rng.choice((rows[-1] + 1, rows[-1] + 1, rng.choice(rows))), {"Area": rng.choice(NOTES)})
    return "Areas"


def no_benefit(sheets: Sheets, rng: random.Random) -> str:
    """No benefit anywhere."""
    view = sheets.views.by_table["Benefits"]
    if rng.random() < 0.5:
        for row in view.entries:
            sheets.set("Benefits", row, "Benefit", 0)
    else:
        del sheets.rows["Benefits"][view.entries[0] - 1 :]
    if "Weight" in sheets.views.by_table["Indicators"].headings:
        sheets.clear("Indicators", ["Weight"])
    return "Areas"


def alike(sheets: Sheets, rng: random.Random) -> str:
    """An area twice, under names that differ by a slip."""
    rows = sheets.leaves()
    row = rng.choice(rows)
    name = str(sheets.get("Areas", row, "Area"))
    words = name.split()
    at = max(range(len(words)), key=lambda i: len(words[i]))
    i = rng.randrange(1, len(words[at]) - 1)
    word = words[at]
    words[at] = rng.choice(
        (f"{word[:i]}{word[i + 1 :]}", f"{word[:i]}{word[i + 1]}{word[i]}{word[i + 2 :]}", f"{word[:i]}e{word[i:]}")
    )
    other = " ".join(words) if len(word) > 6 and " ".join(words) != name else f"{name}."
    sheets.insert("Areas", rows[-1] + 1, {"Area": other, "Last year": 10})
    return "Areas"


SLIPS: dict[str, Slip] = {
    "subtotal": subtotal,
    "unit-slip": unit_slip,
    "unit-column": unit_column,
    "unit-other": unit_other,
    "last-year": last_year,
    "number-row": number_row,
    "note": note,
    "no-benefit": no_benefit,
    "alike": alike,
}

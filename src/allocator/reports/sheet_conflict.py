"""The sheet Conflict: the rules that can't stand together, and the arithmetic that shows it, in live formulas."""

from __future__ import annotations

from fractions import Fraction

from allocator.analyses.no_plan import Conflict, Member
from allocator.reports import tables_no_plan as tables
from allocator.reports.columns import Role
from allocator.reports.layout import FIRST, ref, span
from allocator.reports.no_plan_words import sentence, verdict
from allocator.reports.page import LINE_HEIGHT, Book, Page, wrapped_lines
from allocator.reports.sheets_rules import link_cell
from allocator.reports.styles import BREACH, Look
from allocator.reports.words import as_written, decimals_of

AT = {column.name: i for i, column in enumerate(tables.CONFLICT.columns)}
MOST_DECIMALS = 6
ZERO = Fraction(0)


def write_conflict(book: Book) -> None:
    """Write each conflict: its sentence, its members, and both sides added up."""
    result = book.result
    page = Page(book, "Conflict", f"Conflict — {result.scenario.title}", verdict(result))
    page.unit(
        "Each row is multiplied by Times and all are added up: the amounts cancel out, or what is left of them can't "
        "be below 0; so what is asked for would have to fit into what there is. Without any one row it could."
    )
    page.table(tables.CONFLICT)
    row = FIRST
    begins = []
    for number, conflict in enumerate(result.conflicts, start=1):
        begins.append(row)
        row = _Block(page, conflict, number, row).write() + 1
    if not result.conflicts:
        page.text(row, 0, "Which rules can't stand together was not found.", page.styles.text())
    page.finish(freeze=1, blocks=begins)


class _Block:
    """One conflict on the sheet."""

    def __init__(self, page: Page, conflict: Conflict, number: int, row: int) -> None:
        self.page, self.conflict, self.number, self.row = page, conflict, number, row
        self.first = row + 1
        self.last = row + len(conflict.members)

    def write(self) -> int:
        """Write it; return the row below."""
        self._title()
        for row, member in enumerate(self.conflict.members, start=self.first):
            self._words(row, member)
            self._figures(row, member)
        self._sums()
        return self.last + 3

    def _title(self) -> None:
        styles, last = self.page.styles, len(AT) - 1
        text = f"{self.number}. {sentence(self.conflict)} (found in exact fractions)"
        form = styles.format(bold=True, text_wrap=True, valign="vcenter")
        self.page.sheet.merge_range(self.row, 0, self.row, last, "", form)
        self.page.reach(self.row, last)
        self.page.text(self.row, 0, text, form)
        width = sum(column.width for column in tables.CONFLICT.columns)
        self.page.height(self.row, LINE_HEIGHT * wrapped_lines(text, width) + 8)

    def _words(self, at: int, member: Member) -> None:
        page, row = self.page, member.row
        for name, text in (
            ("Rule", row.name),
            ("As written", as_written(row)),
            ("Unit", row.unit),
            ("Strength", str(row.strength)),
            ("Legal basis", row.origin.legal_basis),
        ):
            page.text(at, AT[name], text, page.styles.of(tables.CONFLICT.column(name).role))
        page.number(at, AT["Year"], row.year, page.styles.of(Role.YEAR))
        link_cell(page, at, AT["Cell"], row.cell)

    def _figures(self, at: int, member: Member) -> None:
        """Write the demand on its side, and its part in the sum."""
        page, row = self.page, member.row
        mine, part = ("Asks for at least", "Asked for") if member.at_least else ("Allows at most", "There is")
        for name in ("Asks for at least", "Allows at most", "Asked for", "There is"):
            if name not in (mine, part):
                page.text(at, AT[name], "", page.styles.text())
        page.number(at, AT[mine], row.bound, self._look(row.bound))
        page.number(at, AT["Times"], member.weight, page.styles.number(decimals_of(member.weight, 4)))
        value = member.weight * row.bound
        page.formula(at, AT[part], f"{ref(at, AT['Times'])}*{ref(at, AT[mine])}", value, self._look(value))

    def _look(self, value: Fraction, **properties: object) -> Look:
        return self.page.styles.number(decimals_of(value, MOST_DECIMALS), **properties)

    def _sums(self) -> None:
        """Add both sides up, and write by how much one exceeds the other."""
        page, at = self.page, self.last + 1
        sides = {}
        for name, asked in (("Asked for", True), ("There is", False)):
            value = sum((m.weight * m.row.bound for m in self.conflict.members if m.at_least == asked), ZERO)
            sides[asked] = value
            formula = f"SUM({span(self.first, self.last, AT[name])})"
            page.formula(at, AT[name], formula, value, self._look(value, bold=True, top=1))
        self._label(at, "Added up")
        short = sides[True] - sides[False]
        formula = f"{ref(at, AT['Asked for'])}-{ref(at, AT['There is'])}"
        page.formula(at + 1, AT["Asked for"], formula, short, self._look(short, bold=True, font_color=BREACH))
        self._label(at + 1, "Asked for, less what there is")

    def _label(self, at: int, text: str) -> None:
        styles, bold = self.page.styles, self.page.styles.text(bold=True)
        for column in range(len(AT)):
            if column not in (AT["Asked for"], AT["There is"], AT["Unit"]):
                self.page.text(at, column, text if not column else "", bold if not column else styles.text())
        self.page.text(at, AT["Unit"], self.conflict.unit, bold)
        if text != "Added up":
            self.page.text(at, AT["There is"], "", styles.text())

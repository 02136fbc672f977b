"""The tables of the workbook that is written where no plan exists, declared as those of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from allocator.analyses.conflict import Conflict, Member
from allocator.analyses.repairs import Repair
from allocator.analyses.result import Result
from allocator.programme.rows import ZERO, Row, keys_of
from allocator.scenario.model import Area, RuleEdit
from allocator.tables.columns import Column, Place, Record, Role, Table, fact, plain
from allocator.tables.warnings import change_record
from allocator.wording.conflict import clash_text
from allocator.wording.edits import repair_name, rule_edit_text
from allocator.wording.numbers import as_written, decimals_of, magnitude
from allocator.wording.repairs import KINDS, KINDS_IN_FULL, against_first

_SIDE_DECIMALS, _MOST_DECIMALS = 6, 9


@dataclass(frozen=True)
class RepairLine:
    """A repair, or one of the cells that it changes."""

    result: Result
    number: int
    """Of the repair, from 1 on."""
    change: int = 0
    """Which of its changes."""

    @property
    def repair(self) -> Repair:
        """The repair."""
        return self.result.repairs[self.number - 1]

    @property
    def edit(self) -> RuleEdit:
        """The change."""
        return self.repair.edits[self.change]

    @property
    def named(self) -> str:
        """Its name."""
        return repair_name(self.number).capitalize()

    def first(self, value: Any) -> Any:
        """Return what is said of the whole repair: on its first line alone."""
        return None if self.change else value

    @property
    def after(self) -> Fraction | str:
        """What to type."""
        return str(self.edit.after) if self.edit.of_keyword else self.edit.numbers[1]

    def from_formula(self, at: Place) -> str | None:
        """Return where the cell stands on the Inputs sheets."""
        return None if self.edit.of_keyword else at.book.trace.link(self.edit.cell, self.edit.numbers[0])

    def value_look(self, at: Place, value: Fraction | str, **properties: object) -> Any:
        """Return the look of a number as the changed cell has it: a percentage, or the decimals that it needs."""
        styles = at.book.styles
        if isinstance(value, str):
            return styles.text()
        if self.edit.percent:
            return styles.percent(decimals_of(value * 100, _MOST_DECIMALS), **properties)
        return styles.number(decimals_of(value, _MOST_DECIMALS), **properties)

    @property
    def before(self) -> Fraction | str:
        """What the cell holds."""
        return str(self.edit.before) if self.edit.of_keyword else self.edit.numbers[0]

    @property
    def moves_by(self) -> Fraction | str:
        """The change; of a keyword the heading of its column."""
        return self.edit.column if self.edit.of_keyword else self.edit.moves_by


def _objective_look(at: Place, line: RepairLine) -> Any:
    """Return the look of objectives: seven digits of the largest, no more than six decimals."""
    repairs = line.result.repairs
    largest = max((abs(float(r.objective)) for r in repairs if r.objective is not None), default=1.0)
    return at.book.styles.number(min(6, max(0, 6 - magnitude(largest))))


def _year_look(at: Place, _: object) -> Any:
    return at.book.styles.of(Role.YEAR)


_SIZE = Column[RepairLine](
    "Size", "All its changes, each as a part of what the cell holds, added up.", Role.SHARE, 10,
    value=lambda line: line.first(line.repair.size), look=lambda at, _: at.book.styles.percent(2),
)  # fmt: skip
_OBJECTIVE = Column[RepairLine](
    "Objective", "Of the best plan that there is then.", Role.NUMBER, 16,
    value=lambda line: line.first(line.repair.objective), look=_objective_look,
)  # fmt: skip
_AGAINST = "By how much that differs from the plan of the smallest repair."
SUMMARY = Table[RepairLine](
    "Summary",
    "What would make a plan possible",
    "Why no plan exists, what would make one possible, and what to do next, on one page.",
    (
        Column(
            "Repair", "Its number, as `--repair` takes it.", width=9, value=lambda line: str(line.number),
            properties={"bold": True, "align": "center"},
        ),
        Column(
            "What to change", "Each cell, the rule that it belongs to, and what to type.", Role.LONG, 46,
            value=lambda line: "\n".join(map(rule_edit_text, line.repair.edits)),
        ),
        Column(
            "What it is", "What it is the best at.", Role.LONG, 23, value=lambda line: KINDS_IN_FULL[line.repair.kind]
        ),
        _SIZE,
        _OBJECTIVE,
        Column(
            "Against repair 1", _AGAINST, Role.NUMBER, 16,
            value=lambda line: against_first(line.result, line.repair), look=_objective_look,
        ),
    ),
)  # fmt: skip


def _side(member: Member, *, at_least: bool) -> Fraction | None:
    return member.row.bound if member.at_least == at_least else None


def _part(member: Member, *, at_least: bool) -> Fraction | None:
    return member.weight * member.row.bound if member.at_least == at_least else None


def side_look(at: Place, value: Fraction | None, **properties: object) -> Any:
    """Return the look of a figure of either side of the sum."""
    styles = at.book.styles
    return styles.text() if value is None else styles.number(decimals_of(value, _SIDE_DECIMALS), **properties)


CONFLICT = Table[Member](
    "Conflict",
    "Conflict",
    "The few rules that can't stand together, and the arithmetic that shows it; without any one of them it is gone.",
    (
        Column("Rule", "The row's name, as on a plan's sheet Rules.", Role.LONG, 30, value=lambda m: m.row.name),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 7, value=lambda m: m.row.year),
        Column(
            "As written", "The demand in the rule's own unit.", Role.LONG, 26, value=lambda m: as_written(m.row)
        ),
        Column(
            "Asks for at least", "The demand in figures, where it is for so much or more.", Role.NUMBER, 13,
            value=lambda m: _side(m, at_least=True), look=lambda at, m: side_look(at, _side(m, at_least=True)),
        ),
        Column(
            "Allows at most", "The same, where it is for so much or less.", Role.NUMBER, 13,
            value=lambda m: _side(m, at_least=False), look=lambda at, m: side_look(at, _side(m, at_least=False)),
        ),
        Column("Unit", "Of the two.", width=11, value=lambda m: m.row.unit),
        Column(
            "Times", "By what it is multiplied before all are added up.", Role.NUMBER, 8,
            value=lambda m: m.weight, look=lambda at, m: at.book.styles.number(decimals_of(m.weight, 4)),
        ),
        Column(
            "Asked for", "Its part in what is asked for: Times × Asks for at least.", Role.NUMBER, 13,
            value=lambda m: _part(m, at_least=True), formula=lambda at, _: f"{at['Times']}*{at['Asks for at least']}",
            look=lambda at, m: side_look(at, _part(m, at_least=True)),
        ),
        Column(
            "There is", "Its part in what there is: Times × Allows at most.", Role.NUMBER, 13,
            value=lambda m: _part(m, at_least=False), formula=lambda at, _: f"{at['Times']}*{at['Allows at most']}",
            look=lambda at, m: side_look(at, _part(m, at_least=False)),
        ),
        Column("Strength", "law, must, or goal and its priority.", width=9, value=lambda m: str(m.row.strength)),
        Column(
            "Legal basis", "The law or decision behind it.", Role.LONG, 24, value=lambda m: m.row.origin.legal_basis
        ),
        Column(
            "Cell", "The scenario's cell that holds the demand; the sheet Inputs shows it.", width=14,
            value=lambda m: m.row.cell,
        ),
    ),
)  # fmt: skip

REPAIRS = Table[RepairLine](
    "Repairs",
    "Repairs",
    "What would make a plan possible, the smallest change first. What the law asks stays as it is.",
    (
        Column(
            "Repair", "Its number; a line for each cell that it changes.", width=32,
            value=lambda line: line.first(line.named), properties={"bold": True},
        ),
        Column(
            "What it is", "What it is the best at.", Role.LONG, 18,
            value=lambda line: line.first(KINDS_IN_FULL[line.repair.kind]),
        ),
        Column("Rule", "The row whose number changes.", Role.LONG, 34, value=lambda line: line.edit.rule),
        Column(
            "Year", "The year; blank where the cell holds for several.", width=10,
            value=lambda line: line.edit.year, look=_year_look,
        ),
        Column("Cell", "The scenario's cell; the sheet Inputs shows it.", width=14, value=lambda line: line.edit.cell),
        Column(
            "From", "What the cell holds.", Role.NUMBER, 13,
            value=lambda line: line.before, formula=lambda at, line: line.from_formula(at),
            look=lambda at, line: line.value_look(at, line.before),
        ),
        Column(
            "To", "What to type.", Role.NUMBER, 13,
            value=lambda line: line.after, look=lambda at, line: line.value_look(at, line.after, bold=True),
        ),
        Column(
            "Change", "To less From; of a keyword the heading of its column.", Role.NUMBER, 13,
            value=lambda line: line.moves_by,
            formula=lambda at, line: None if line.edit.of_keyword else f"{at['To']}-{at['From']}",
            look=lambda at, line: line.value_look(at, line.moves_by),
        ),
        Column("Unit", "Of the three.", width=12, value=lambda line: line.edit.unit),
        replace(_SIZE, help="All changes of the repair, each as a part of what the cell holds, added up."),
        _OBJECTIVE,
        Column(
            "Against repair 1", _AGAINST, Role.NUMBER, 16,
            value=lambda line: line.first(against_first(line.result, line.repair)),
            formula=lambda at, _: f"{at['Objective']}-{at.in_row('Objective', at.rows[0])}", look=_objective_look,
        ),
    ),
)  # fmt: skip

PASTE = Table[RepairLine](
    "Repairs",
    "Rows for the sheet What-if",
    "The same repairs, to be pasted into the scenario's sheet What-if below its headings.",
    (
        Column("Variant", "The repair.", value=lambda line: line.named),
        Column("Sheet", "The input sheet.", value=lambda line: line.edit.sheet),
        Column("Row", "The name in the table's first column.", Role.LONG, value=lambda line: line.edit.row),
        Column("Column", "A year or heading.", value=lambda line: line.edit.column),
        Column("Change", "`set`: Value takes the place of what stands there.", value=lambda _: "set"),
        Column(
            "Value", "The number to type.", Role.NUMBER,
            value=lambda line: line.after, look=lambda at, line: line.value_look(at, line.after),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class AmountLine:
    """What an area gets in a year with each repair."""

    area: Area
    year: int
    amounts: tuple[Mapping[tuple[str, int], Fraction], ...]

    def amount(self, repair: int) -> Fraction:
        """Return what it gets with that repair, from 1 on."""
        return self.amounts[repair - 1].get((self.area.name, self.year), ZERO)


AMOUNTS = Table[AmountLine](
    "Repairs",
    "What each area would get",
    "The plans that the repairs lead to, side by side.",
    (
        Column("Area", "The area, without parts.", Role.LONG, value=lambda line: line.area.name),
        Column("Year", "The year.", value=lambda line: line.year, look=_year_look),
        Column(
            "Last year", "Budget money in the year before the first.", Role.AMOUNT,
            value=lambda line: line.area.last_year,
        ),
        Column(
            "Repair N", "What it gets with that repair, from all sources.", Role.AMOUNT, family="repair",
            each=lambda line, number: line.amount(number),
        ),
    ),
)  # fmt: skip

MEMBERS: tuple[Column[Any], ...] = (
    fact("rule", value=lambda row: row.name),
    fact("year", Role.YEAR),
    fact("cell", value=lambda row: str(row.cell)),
    fact("legal_basis", value=lambda row: row.origin.legal_basis),
)

CLASHING = Table[Row]("Conflict", "conflict", "The rows that can't stand together.", MEMBERS)
"""What programs get of the rows of the first conflict."""


def _member(member: Member) -> Record:
    side = "at least" if member.at_least else "at most"
    figures = {"side": side, "demand": plain(member.row.bound), "times": plain(member.weight)}
    return {**CLASHING.record(member.row), **figures}


CONFLICTS = Table[Conflict](
    "Conflict",
    "conflicts",
    "Every conflict with its arithmetic; `rules` are its rows, each with its multiplier.",
    (
        fact("sentence", value=lambda conflict: clash_text(conflict.clash)),
        fact("short_by", Role.NUMBER),
        fact("unit"),
        fact("rules", Role.RECORDS, lambda conflict: [_member(member) for member in conflict.members]),
    ),
)


def _amounts(case: tuple[Result, Repair]) -> list[Record]:
    result, amounts = case[0], dict(case[1].amounts)
    scenario = result.scenario
    keys = keys_of((area.name for area in scenario.leaves), scenario.years, scenario.source)
    return [{**key._asdict(), "amount": plain(amounts.get(key, ZERO))} for key in keys]


WAYS_OUT = Table[tuple[Result, Repair]](
    "Repairs",
    "repairs",
    "The cells that a repair changes, and the plan that it leads to.",
    (
        fact("changes", Role.RECORDS, lambda case: [change_record(edit) for edit in case[1].edits]),
        fact("objective", Role.NUMBER, lambda case: case[1].objective),
        fact("allocation", Role.RECORDS, _amounts),
        fact("kind", value=lambda case: KINDS[case[1].kind]),
        fact("size", Role.NUMBER, lambda case: case[1].size),
    ),
)
"""What programs get of each repair.

`from` and `to` are the numbers that the cell holds: with the unit ``%`` 0.06 is 6 %. Where a keyword changes (an
operator, or Spend) they are texts, and the unit is empty.
"""


@dataclass(frozen=True)
class ChangedCell:
    """A cell that a repair changes."""

    repair: int
    """Its number, from 1."""
    of: Repair
    change: Record


def changed_cells(result: Result) -> list[ChangedCell]:
    """Return the cells that repairs change, repair by repair."""
    return [
        ChangedCell(number, repair, change_record(edit))
        for number, repair in enumerate(result.repairs, start=1)
        for edit in repair.edits
    ]


def _changed(key: str, role: Role = Role.TEXT) -> Column[Any]:
    return fact(key, role, lambda cell: cell.change[key])


CHANGED = Table[ChangedCell](
    "Repairs",
    "repairs",
    "A row for each cell that a repair changes, the smallest repair first.",
    (
        fact("repair", Role.COUNT),
        fact("kind", value=lambda cell: KINDS[cell.of.kind]),
        _changed("rule"),
        _changed("year", Role.YEAR),
        _changed("from", Role.NUMBER),
        _changed("to", Role.NUMBER),
        _changed("unit"),
        _changed("cell"),
        fact("size", Role.NUMBER, lambda cell: cell.of.size),
        fact("objective", Role.NUMBER, lambda cell: cell.of.objective),
    ),
)
"""What a DataFrame has of repairs."""

TABLES = (SUMMARY, CONFLICT, REPAIRS, PASTE, AMOUNTS)
"""Every table of its own, in the order of its sheets."""

INPUTS = "Inputs …"
SHEETS = {
    "Summary": SUMMARY.help,
    "Conflict": CONFLICT.help,
    "Repairs": REPAIRS.help,
    INPUTS: "The scenario's sheets as they were read, every cell at its own address.",
    "About": "How it was found that no plan exists, messages, and what the scenario rests on.",
}
"""Sheet → what it holds, in order."""

ROLES = {"Summary": "results", "Conflict": "results", "Repairs": "results", INPUTS: "inputs", "About": "contents"}
"""Sheet → what it is for."""

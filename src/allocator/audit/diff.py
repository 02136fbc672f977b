"""What changed from one plan to another: in inputs, rules and amounts, for the log that an auditor keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from allocator.audit.diff_inputs import InputChange, input_changes, same
from allocator.audit.plan_tables import PlanTables, Row, Value
from allocator.audit.workbook import read_plan_workbook
from allocator.reports import tables
from allocator.reports.columns import Table
from allocator.reports.sheets_about import CHANGED_BY, PLANNED_WITH

COMPUTED = 1e-9
"""As a part of themselves, what spreadsheet programs may differ by in what they work out."""
ADDED, REMOVED = "added", "removed"
RULE_FACTS = ("As written", "Operator", "Strength", "Legal basis", "Status")
INDICATOR_FACTS = ("Baseline", "Target", "Reached", "Met")
ENTRIES = ("Decided", "Reason", "By")
HOW_MADE = (CHANGED_BY, "Made by", "Solver", "Objective", "Unit", "Step used")
OBJECTIVES = ("Objective of the plan in force", "Objective as optimised")


@dataclass(frozen=True)
class PlanFacts:
    """Which plan it is; texts are empty where About doesn't say."""

    file: str
    sha256: str
    """Of the file itself."""
    title: str
    made_at: str
    scenario_file: str
    scenario_sha256: str
    content_sha256: str
    unit: str
    planned_with: str = ""
    """``variant "Slump"``, ``repair 1``; empty where with neither."""


@dataclass(frozen=True)
class RuleChange:
    """A row of Rules that was added or removed, or one of its facts that changed."""

    rule: str
    year: int | None
    what: str
    """``added``, ``removed``, or the column: As written, Operator, Strength, Legal basis, Status."""
    old: str
    new: str


@dataclass(frozen=True)
class AmountChange:
    """An amount that differs; None where the plan has no such line. In force where it was decided otherwise."""

    area: str
    year: int | None
    source: str
    old: float | None
    new: float | None
    difference: float
    """Of the amounts as optimised: new less old, none counted as 0."""
    old_in_force: float | None
    new_in_force: float | None


@dataclass(frozen=True)
class AreaChange:
    """What an area gets over all years and sources, where that differs."""

    area: str
    old: float
    new: float
    difference: float
    old_in_force: float
    new_in_force: float
    difference_in_force: float


@dataclass(frozen=True)
class FactChange:
    """Anything else that differs: an indicator's figure, an entry, how the plan was made."""

    subject: str
    """The indicator; ``Culture, 2026, City budget``; the step of the sign-off."""
    year: int | None
    what: str
    """The column."""
    old: Value
    new: Value


@dataclass(frozen=True)
class Difference:
    """All that differs between two plans; what doesn't is left out."""

    old: PlanFacts
    new: PlanFacts
    made: tuple[FactChange, ...]
    """How they were made: program, solver, step."""
    inputs: tuple[InputChange, ...]
    rules: tuple[RuleChange, ...]
    amounts: tuple[AmountChange, ...]
    areas: tuple[AreaChange, ...]
    indicators: tuple[FactChange, ...]
    objective: tuple[FactChange, ...]
    decisions: tuple[FactChange, ...]
    """Filled entries: amounts decided, reasons, names, sign-off."""

    @property
    def differs(self) -> bool:
        """Whether there is any difference at all; when and where the plans were made is none."""
        parts = (self.made, self.inputs, self.rules, self.amounts, self.indicators, self.objective, self.decisions)
        return any(parts)


def diff(old: Path, new: Path) -> Difference:
    """Compare two plans' workbooks.

    Formulas are worked out anew, so that plans compare whichever program saved them last.

    Parameters
    ----------
    old, new
        Plans that allocate wrote, as they were or as a spreadsheet program saved them again.

    Returns
    -------
    Difference
        Inputs, amounts and figures that differ, matched by sheet, row's name and heading.

    Raises
    ------
    WorkbookError
        One of them can't be read, or is no plan.
    """
    before, after = PlanTables(read_plan_workbook(old)), PlanTables(read_plan_workbook(new))
    before.check()
    after.check()
    facts = _facts(before), _facts(after)
    return Difference(
        old=facts[0],
        new=facts[1],
        made=tuple(_made(before, after)),
        inputs=tuple(input_changes(before.workbook, after.workbook, variants=not any(f.planned_with for f in facts))),
        rules=tuple(_rules(before, after)),
        amounts=tuple(_amounts(before, after)),
        areas=tuple(_areas(before, after)),
        indicators=tuple(_indicators(before, after)),
        objective=tuple(_objective(before, after)),
        decisions=(*_entries(before, after), *_sign_off(before, after)),
    )


def diff_json(difference: Difference) -> str:
    """Return all differences as ``allocate diff --json`` prints them, with whether there are any.

    Parameters
    ----------
    difference
        As `diff` returns it.

    Returns
    -------
    str
        One JSON object; numbers as the cells hold them.
    """
    record = {"differs": difference.differs, **asdict(difference)}
    return json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)


# -- which plans -------------------------------------------------------------------------------------------------


def _facts(plan: PlanTables) -> PlanFacts:
    title = plan.value("Summary", (1, 1))
    return PlanFacts(
        file=plan.workbook.name,
        sha256=plan.workbook.sha256,
        title="" if title is None else str(title),
        made_at=plan.text("About", "Made at"),
        scenario_file=plan.text("About", "Scenario file"),
        scenario_sha256=plan.text("About", "SHA-256 of the scenario file"),
        content_sha256=plan.text("About", "SHA-256 of the canonical content"),
        unit=plan.text("About", "Unit"),
        planned_with=plan.text("About", PLANNED_WITH),
    )


def _made(old: PlanTables, new: PlanTables) -> Iterator[FactChange]:
    for label in HOW_MADE:
        was, now = old.labelled("About", label), new.labelled("About", label)
        if not same(was, now):
            yield FactChange("How it was made", None, label, was, now)


# -- tables ------------------------------------------------------------------------------------------------------

type Key = tuple[Value | int, ...]


def _matched(
    old: PlanTables, new: PlanTables, table: Table, keys: tuple[str, ...], others: tuple[str, ...]
) -> Iterator[tuple[Key, Row | None, Row | None]]:
    """Yield the rows of a table in both plans, matched by the values of `keys`; None where a plan has no such row."""
    before, after = _keyed(old, table, keys, others), _keyed(new, table, keys, others)
    for key in {**before, **after}:
        yield key[:-1], before.get(key), after.get(key)


def _keyed(plan: PlanTables, table: Table, keys: tuple[str, ...], others: tuple[str, ...]) -> Mapping[Key, Row]:
    """Return the rows by their keys and a count that tells rows of equal keys apart."""
    found: dict[Key, Row] = {}
    for row in plan.rows(table, keys + others):
        count = 1
        while (key := (*(row[name] for name in keys), count)) in found:
            count += 1
        found[key] = row
    return found


def _year(value: Value | int) -> int | None:
    return int(value) if isinstance(value, float) else None


def _number(row: Row | None, name: str) -> float | None:
    value = row[name] if row else None
    return value if isinstance(value, float) else None


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _less(new: float | None, old: float | None) -> float:
    """Return new less old as their decimals show it, a missing one counted as 0."""
    return float(Fraction(repr(new or 0.0)) - Fraction(repr(old or 0.0)))


def _rules(old: PlanTables, new: PlanTables) -> Iterator[RuleChange]:
    for (rule, year), was, now in _matched(old, new, tables.RULES, ("Rule", "Year"), RULE_FACTS):
        if was is None or now is None:
            there = was or now or {}
            told = f"{_text(there['As written'])} ({_text(there['Strength'])})".strip()
            kind, texts = (ADDED, ("", told)) if was is None else (REMOVED, (told, ""))
            yield RuleChange(str(rule), _year(year), kind, *texts)
            continue
        for name in RULE_FACTS:
            if not same(was[name], now[name]):
                yield RuleChange(str(rule), _year(year), name, _text(was[name]), _text(now[name]))


def _amounts(old: PlanTables, new: PlanTables) -> Iterator[AmountChange]:
    keys, others = ("Area", "Year", "Source"), ("Amount", "In force")
    for (area, year, payer), was, now in _matched(old, new, tables.ALLOCATION, keys, others):
        amounts = _number(was, "Amount"), _number(now, "Amount")
        in_force = _number(was, "In force"), _number(now, "In force")
        if not (same(*amounts) and same(*in_force)) or None in (was, now):
            yield AmountChange(str(area), _year(year), _text(payer), *amounts, _less(amounts[1], amounts[0]), *in_force)


def _areas(old: PlanTables, new: PlanTables) -> Iterator[AreaChange]:
    before, after = _totals(old), _totals(new)
    nothing = (Fraction(0), Fraction(0))
    for area in {**before, **after}:
        was, now = before.get(area, nothing), after.get(area, nothing)
        if was != now:
            plain, in_force = (map(float, (was[i], now[i], now[i] - was[i])) for i in (0, 1))
            yield AreaChange(area, *plain, *in_force)


def _totals(plan: PlanTables) -> dict[str, tuple[Fraction, Fraction]]:
    """Return each area's money over all years and sources: as optimised, and in force."""
    found: dict[str, tuple[Fraction, Fraction]] = {}
    for row in plan.rows(tables.ALLOCATION, ("Area", "Amount", "In force")):
        amount, in_force = (Fraction(f"{_number(row, name) or 0.0:.15g}") for name in ("Amount", "In force"))
        sums = found.get(str(row["Area"]), (Fraction(0), Fraction(0)))
        found[str(row["Area"])] = (sums[0] + amount, sums[1] + in_force)
    return found


def _indicators(old: PlanTables, new: PlanTables) -> Iterator[FactChange]:
    for (name, year), was, now in _matched(old, new, tables.INDICATORS, ("Indicator", "Year"), INDICATOR_FACTS):
        yield from _fact_changes(str(name), _year(year), was, now, INDICATOR_FACTS, COMPUTED)


def _entries(old: PlanTables, new: PlanTables) -> Iterator[FactChange]:
    for (area, year, payer), was, now in _matched(old, new, tables.ALLOCATION, ("Area", "Year", "Source"), ENTRIES):
        yield from _fact_changes(f"{area}, {_year(year)}, {payer}", _year(year), was, now, ENTRIES)


def _sign_off(old: PlanTables, new: PlanTables) -> Iterator[FactChange]:
    for (step,), was, now in _matched(old, new, tables.SIGN_OFF, ("Step",), ("Name", "Date")):
        yield from _fact_changes(f"Sign-off: {step}", None, was, now, ("Name", "Date"))


def _fact_changes(
    subject: str, year: int | None, old: Row | None, new: Row | None, names: tuple[str, ...], part: float = 1e-12
) -> Iterator[FactChange]:
    for name in names:
        was, now = old[name] if old else None, new[name] if new else None
        if not same(was, now, part):
            yield FactChange(subject, year, name, was, now)


def _objective(old: PlanTables, new: PlanTables) -> Iterator[FactChange]:
    for label in OBJECTIVES:
        was, now = old.labelled("Summary", label), new.labelled("Summary", label)
        if not same(was, now, COMPUTED):
            yield FactChange(label, None, "Objective", was, now)

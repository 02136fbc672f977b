"""A plan's workbook as one of the scenarios to compare: its inputs, the amounts that stand in it, the decisions."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from allocator.analyses.compare import Case
from allocator.audit.claims import Claims, input_sheets, read_claims
from allocator.audit.plan_tables import PlanTables, Row, Value
from allocator.audit.seals import Seals
from allocator.audit.workbook import read_plan_workbook
from allocator.errors import WorkbookError
from allocator.programme.rows import Key
from allocator.reports import tables
from allocator.scenario.reading import read_sheets
from allocator.scenario.sheets import sheet_names
from allocator.wording.edits import quoted

PLAN = frozenset({"Summary", "Allocation", "About"})
"""Sheets by which a plan is told from a scenario."""
_COLUMNS = ("Area", "Year", "Source", "Amount", "Decided")
_LOOK = "Run: allocate verify"


def is_plan(path: Path) -> bool:
    """Return whether a workbook is a plan.

    Parameters
    ----------
    path
        Any file.

    Returns
    -------
    bool
        Whether allocate wrote it as a plan.

    Raises
    ------
    WorkbookError
        There is no such file, or it is no workbook that can be read.
    """
    return sheet_names(path) >= PLAN


def plan_case(path: Path) -> Case:
    """Return a plan as it stands, its scenario rebuilt from its own Inputs; its name is the file's.

    Amounts and decisions are read from the sheet Allocation; what is no amount is left out, with a note.

    Parameters
    ----------
    path
        A plan that allocate wrote.

    Returns
    -------
    Case
        To be compared with others; amounts in the scenario's unit.

    Raises
    ------
    WorkbookError
        The file can't be read, or no longer says what it was made from.
    ScenarioError
        Its inputs were changed so that they can't be read.
    """
    plan = PlanTables(read_plan_workbook(path))
    plan.check()
    seals = Seals(plan.workbook)
    claims = read_claims(seals)
    if not isinstance(claims, Claims):
        raise WorkbookError(f"{path}: its sheet About no longer says what the plan was made from ({claims[0]})")
    scenario = read_sheets(claims.file, claims.sha256, input_sheets(plan.workbook, seals))
    if claims.changed_by is not None:
        scenario = replace(scenario, changed_by=claims.changed_by, variants=())
    written, decided, notes = _amounts(plan)
    if any(seals.input_findings()):
        notes.insert(0, f"The inputs in {path.name} were changed after the plan was made. {_LOOK} {quoted(path.name)}")
    return Case(path.name, scenario, decided, path.name, tuple(notes), written)


def _amounts(plan: PlanTables) -> tuple[dict[Key, Fraction], dict[Key, Fraction], list[str]]:
    """Return the amounts as optimised, those decided, and what has to be said of entries that are none."""
    written: dict[Key, Fraction] = {}
    decided: dict[Key, Fraction] = {}
    notes = []
    for row in plan.rows(tables.ALLOCATION, _COLUMNS):
        key = _key(row)
        amount, entry = _amount(row["Amount"]), _amount(row["Decided"])
        if amount is not None:
            written[key] = amount
        if entry is not None:
            decided[key] = entry
        elif row["Decided"] is not None and str(row["Decided"]).strip():
            line = ", ".join(map(str, key))
            notes.append(f'Decided for {line}: "{row["Decided"]}" is no amount, so that it was left out')
    return written, decided, notes


def _key(row: Row) -> Key:
    year = row["Year"]
    return Key(str(row["Area"]), int(year) if isinstance(year, float | int) else 0, str(row["Source"]))


def _amount(value: Value) -> Fraction | None:
    """Return a number that can be an amount, to the 15 digits that spreadsheets keep; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, float | int) or not math.isfinite(value) or value < 0:
        return None
    return Fraction(f"{value:.15g}")

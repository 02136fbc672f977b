"""Random changes of a scenario that was read: figures of every kind, words, cleared cells and whole rows."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator

from allocator.scenario.model import Cell, InputSheet, Raw, Scenario

WORDS = {
    "Operator": (">=", "<=", "=", "at least", ">", "<"),
    "Strength": ("must", "law", "goal 1", "goal 2", "off"),
    "Basis": ("budget", "spending", "amount", "last year"),
    "Source": ("budget", "all"),
    "Spend": ("all", "up to"),
    "Carry over": ("yes", "no"),
    "Counts": ("year", "cumulative"),
    "Measured from": ("nothing", "last year"),
    "Evidence": ("a letter", "a report"),
    "Note": ("so it was said",),
}
FACTORS = (0, 0.5, 0.9, 0.99, 1.01, 1.1, 1.7, 3)


def cells_of(scenario: Scenario) -> Iterator[tuple[Cell, str, Raw]]:
    """Every cell of every table's rows, with its heading and what stands there."""
    for sheet in scenario.inputs:
        for row in range((sheet.header_row or 0) + 1, (sheet.last_row or 0) + 1):
            values = sheet.rows[row - 1]
            for column, heading in sheet.headings.items():
                yield Cell(sheet.name, row, column), heading, values[column - 1] if column <= len(values) else None


def figures_of(scenario: Scenario) -> list[tuple[Cell, str, Raw]]:
    """The cells that hold a number."""
    return [
        (cell, heading, raw)
        for cell, heading, raw in cells_of(scenario)
        if isinstance(raw, int | float) and not isinstance(raw, bool) and heading not in ("Years", "Year")
    ]


def random_changes(scenario: Scenario, rng: random.Random, most: int = 4) -> dict[Cell, Raw]:
    """A few cells with other values: mostly numbers, now and then a word, a cleared or a filled cell."""
    found: dict[Cell, Raw] = {}
    everything, figures = list(cells_of(scenario)), figures_of(scenario)
    words = [(cell, heading) for cell, heading, _ in everything if heading in WORDS]
    for _ in range(rng.randint(1, most)):
        kind = rng.random()
        if kind < 0.8:
            cell, _, raw = rng.choice(figures)
            found[cell] = number(raw, rng)
        elif kind < 0.92 and words:
            cell, heading = rng.choice(words)
            found[cell] = rng.choice(WORDS[heading])
        else:
            cell, _, raw = rng.choice(everything)
            found[cell] = None if raw is not None else rng.choice((0, 0.1, 5, 40))
    return found


def number(raw: float, rng: random.Random) -> Raw:
    """Another number, sometimes typed as text or of the other sign."""
    value = raw * rng.choice(FACTORS) if raw else rng.choice((0, 0.02, 1, 30))
    value = round(value, 8)
    if rng.random() < 0.05:
        return -value
    return f"{value * 100:.4f} %" if rng.random() < 0.05 else value


def without_row(scenario: Scenario, rng: random.Random) -> tuple[InputSheet, ...]:
    """The sheets with one row of one table deleted; those below move up."""
    sheets = [s for s in scenario.inputs if s.table and s.last_row and s.header_row and s.last_row > s.header_row]
    chosen = rng.choice(sheets)
    row = rng.randint(chosen.header_row + 1, chosen.last_row)
    return tuple(delete_row(sheet, row) if sheet is chosen else sheet for sheet in scenario.inputs)


def delete_row(sheet: InputSheet, row: int) -> InputSheet:
    """A sheet without one of its rows."""
    rows = sheet.rows[: row - 1] + sheet.rows[row:]
    percent = frozenset((r - (r > row), c) for r, c in sheet.percent if r != row)
    return InputSheet(
        sheet.name, rows, sheet.table, sheet.header_row, (sheet.last_row or 1) - 1, sheet.headings, percent
    )


def random_content_edits(content: dict, rng: random.Random) -> dict:
    """The content of another workbook: figures moved, rows left out, doubled under another name or in another place."""
    found = copy.deepcopy(content)
    for _ in range(rng.randint(1, 5)):
        sheet = rng.choice([name for name in found if found[name] and name != "Scenario"])
        row = rng.choice(found[sheet])
        kind = rng.random()
        if kind < 0.55:
            figures = [h for h, v in row.items() if isinstance(v, int | float) and h not in ("Year", "Years")]
            if figures:
                heading = rng.choice(figures)
                row[heading] = round(row[heading] * rng.choice(FACTORS[1:]), 8)
        elif kind < 0.7 and sheet in ("Rules", "Limits", "Effects") and len(found[sheet]) > 1:
            found[sheet].remove(row)
        elif kind < 0.8 and sheet == "Rules":
            found[sheet].insert(rng.randrange(len(found[sheet])), dict(row, Rule=f"Also {row['Rule']}"))
        elif kind < 0.9:
            rng.shuffle(found[sheet]) if sheet in ("Rules", "Effects") else row.update({"Evidence": "another letter"})
        elif sheet == "Rules":
            row["Strength"] = rng.choice(("must", "goal 1", "off", "law"))
    return found

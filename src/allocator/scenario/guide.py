"""What helps to fill a scenario in: the sheet "How to fill this in" and the reference page, from what is declared.

``python -m allocator.scenario.guide docs/format.md`` writes the tables of the page anew; a test holds them together.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocator.scenario.bases import BASES
from allocator.scenario.schema import ASSIGNMENT, PROVENANCE, SCENARIO, SETTINGS, TABLES, Column, Table

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet


# ---- The sheet ------------------------------------------------------------------------------------------------------


GUIDE_SHEET = "How to fill this in"


def _lines(text: str) -> tuple[tuple[str, str], ...]:
    """Return words with their explanations; an indented line goes on with the one above."""
    lines = (line.partition(" | ") for line in re.sub(r"\n +", " ", text).splitlines())
    return tuple((word, explanation) for word, _, explanation in lines)


STEPS = _lines("""\
Start here | Fill in the yellow cells, sheet by sheet, from left to right. Every heading carries a note: point at it
    and it says what the column holds and what a blank cell means.
Required | Unit on the sheet Scenario, one row of Budget, and the names on the sheet Areas. The rest may stay blank;
    headings in bold are required as soon as a row is begun.
Scenario | Title, the unit of every amount (VND billion), and the Step that amounts are rounded to (1, or 0.001).
Budget | One row per source of money, one column per year. Type 0 where a source has nothing that year. Kind is
    budget for the government's own money and other for everybody else's.
Areas | One row per priority area; no total row. Last year's amounts let rules speak of changes; Minimum and Maximum
    are amounts, Minimum share and Maximum share parts of the budget.
Benefits | What more money is worth, in bands: the first amount does most good, the next a little less. Points per
    unit of money on your own scale; only their proportions matter.
Rules | What the plan must keep, one sentence per row: the area's money, compared with a value, of a basis.
Outcomes | Optional: Indicators says what is to be reached, Effects how much a unit of money moves it.
Percentages | Type them with the sign: 4% or 4.5%. A bare 4 is questioned, not guessed.
Names | Write a name the same way everywhere, or pick it from the list. Case and spaces don't matter. Several names
    in a cell are separated by a semicolon: City budget; ODA
Years | Blank is every year. 2030 · 2027-2030 · 2026;2028 · 2026-2030 together (the sum over these years; an amount
    is the whole period's).
Strength | must: always kept. law: kept, and never offered for repair. goal 1, goal 2: met as far as possible, in
    this order. off: waits for a variant (sheet What-if) that sets it to must.
What-if | Optional: variants such as less revenue. Each row changes a cell, or every year of a row; rows with the
    same Variant belong together. Run: allocate FILE.xlsx --variant NAME   or: allocate compare FILE.xlsx
Evidence | Say where each figure is from, and in Status how firm it is; an assumption is shown in amber here and
    listed in the plan.
Check | Run: allocate check FILE.xlsx   Everything that is unclear is listed, each with its cell. With --mark
    COPY.xlsx you get a copy with the problems as notes at their cells.
The plan | Run: allocate FILE.xlsx   It writes FILE.plan.xlsx: who gets what in each year, which rule or limit holds
    it there, what each rule costs, and every check as a live formula.
""")

OPERATOR_WORDS = _lines("""\
>=  at least | Science, >=, 4%, budget: science gets 4 % of the budget or more.
<=  at most | Administration, <=, 10%, spending: no more than a tenth of what is spent.
=  equals | Reserve, =, 500, amount: exactly 500.
>  over | Culture, >, 4%, budget: more than 4 %; exactly 4 % is not enough.
<  under | Administration, <, 100%, last year: less than a year before.
""")

BASIS_WORDS = tuple((basis.word or "an area or group", basis.sentence) for basis in BASES)


def write_guide(sheet: Worksheet, look: Callable[..., Format]) -> None:
    """Write the guide; `look` makes formats from their properties."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 25)
    sheet.set_column(1, 1, 108)
    sheet.write_string(0, 0, "How to fill this in", look(bold=True, font_size=14))
    sheet.set_row(0, 21)
    sheet.write_string(
        1,
        0,
        "From this workbook allocate finds the plan that does most good and keeps every rule.",
        look(font_color="#6B7280"),
    )
    row = _write_part(sheet, 3, "", STEPS, look)
    row = _write_part(sheet, row, "Words to compare with (column Operator of Rules)", OPERATOR_WORDS, look)
    _write_part(sheet, row, "What a percentage is a part of (column Basis of Rules)", BASIS_WORDS, look)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.5)


def _write_part(
    sheet: Worksheet, row: int, heading: str, lines: tuple[tuple[str, str], ...], look: Callable[..., Format]
) -> int:
    """Write a heading and lines of a word and its explanation; return the row after a blank one."""
    under: dict[str, Any] = {"bottom": 1, "bottom_color": "#E5E7EB"}
    if heading:
        sheet.write_string(row, 0, heading, look(bold=True, font_color="#0F766E"))
        row += 1
    for word, text in lines:
        sheet.write_string(row, 0, word, look(bold=True, **under))
        sheet.write_string(row, 1, text, look(text_wrap=True, **under))
        sheet.set_row(row, 27 if len(text) > 132 else 14.5)
        row += 1
    return row + 1


# ---- The reference page ---------------------------------------------------------------------------------------------


_MADE = re.compile(r"(<!-- made: (.+?) -->\n\n?).*?(\n<!-- end -->)", re.DOTALL)
"""A part of the page that is made from what is declared, between its marks."""


def reference(page: str) -> str:
    """Return the page, as Markdown, with the parts between its marks made anew."""
    parts = made_parts()
    return _MADE.sub(lambda found: found[1] + parts[found[2]] + found[3], page)


def made_parts() -> dict[str, str]:
    """Return the parts of the page that are made from what is declared, by the names that its marks have."""
    parts = {f"sheet {table.sheet}": _sheet(table) for table in TABLES if not table.later}
    settings = [f"| {_name(s)} | {_cell(s.help)} | {_blank(s)} |" for s in SETTINGS]
    bases = [f"| {f'`{b.word}`' if b.word else 'an area or a group'} | {b.meaning} | {b.example} |" for b in BASES]
    return parts | {
        "settings": _table("| Setting | What it holds | Blank means |", settings),
        "bases": _table("| Basis | the value is a part of | for example |", bases),
        "columns of every table": _columns(PROVENANCE),
        "columns for assignments": _columns(ASSIGNMENT),
    }


def _sheet(table: Table) -> str:
    """Return a sheet's part: a sentence and its columns."""
    needed = "" if table.optional and table is not SCENARIO else " Required."
    columns = [column for column in table.columns if column not in PROVENANCE and column not in ASSIGNMENT]
    return f"{table.help}{needed}\n\n{_columns(columns)}"


def _columns(columns: Iterable[Column]) -> str:
    """Return the table of columns."""
    examples = {column.name: f"`{column.typed_example}`" if column.typed_example else "" for column in columns}
    lines = [f"| {_name(c)} | {_cell(c.help)} | {_blank(c)} | {examples[c.name]} |" for c in columns]
    return _table("| Column | What it holds | Blank means | Example |", lines)


def _table(heading: str, lines: Iterable[str]) -> str:
    return "\n".join([heading, "|---" * (heading.count("|") - 1) + "|", *lines]) + "\n"


def _name(spec: Column) -> str:
    """Return a column's or setting's name, in bold where it is required."""
    return f"**{spec.name}**" if spec.required else spec.name


def _blank(spec: Column) -> str:
    """Return what a blank cell means."""
    return "a problem" if spec.required else spec.default or "–"


def _cell(text: str) -> str:
    """Return text that may stand in a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(reference(path.read_text("utf-8")), "utf-8")

"""The scenario workbook's reference page, from the same declarations that reader and template follow.

``python -m allocator.scenario.reference > docs/format.md`` writes the page; a test holds the two together.
"""

from __future__ import annotations

import sys

from allocator.scenario.bases import BASES, Basis
from allocator.scenario.settings import SETTINGS, SettingSpec
from allocator.scenario.tables import ASSIGNMENT, PROVENANCE, SCENARIO, TABLES, Column, Table
from allocator.scenario.writing import example

_OPENING = """\
# The scenario workbook

<!-- Written by `python -m allocator.scenario.reference`; edit tables.py or reference.py, not this page. -->

A scenario is one Excel workbook (`.xlsx` or `.xlsm`). `allocate new` writes one that is filled in with a small
invented city; write your own figures over it. Only three things are required: the `Unit` on the sheet `Scenario`,
one row on `Budget`, and the names on `Areas`. Sheets may stand in any order, columns too, and what is not needed may
be left out.

`allocate check FILE.xlsx` reads the workbook and says what is unclear, everything at once and each with its cell;
`allocate check FILE.xlsx --mark COPY.xlsx` writes the same as notes into a copy.
"""

_READING = """\
## How a sheet is read

- A table is found by its headings: the first row that holds all those printed in **bold** below. Titles and text may
  stand above that row. The table ends at its first blank row; remarks may follow below it, further rows of figures
  may not.
- Upper and lower case don't matter in headings, names and keywords, nor do extra spaces, nor whether an accented
  letter was typed as one character or as two.
- A heading that is almost a known one is a slip, and reported as such. A column of your own is welcome: it travels
  into the plan with its rows, and a message names it.
- Text in a cell that is merged downwards (a group, a lead agency, an area with several bands) counts for all its rows;
  a message names it. A merged name, figure or heading, or one merged over several columns, is a problem at its cells.
- Hidden rows and columns count like any others; a message says that they were there.
- A formula counts with the value that the spreadsheet program stored. One that was never computed, or that shows an
  error such as `#REF!`, is a problem at its cell.
- A doubt (below) is answered by `yes` under `Checked` in its row.
- Total rows have no place in a table: an area called `Total` would be paid for like any other.

## How figures are typed

- Amounts and other figures are best typed as numbers. Text is understood where it can mean only one thing:
  `1.234.567,89` and `1 234 567.89` can; `1.234` can't, and the message says both readings.
- Currency signs (`$1,234.5`, `5 000 VND`) and accounting's brackets for what is negative (`(5%)`) are understood. A
  word that multiplies (`5 million`, `3 tỷ`) is a problem: the unit of every amount stands on Scenario.
- A percentage where an amount belongs, by its sign or by the cell's format, is a problem: 70 %, or 0.7?
- Percentages are typed with their sign: `4%` or `4,5 %`. The bare number 0.04 is taken as 4 %; a bare 4 is questioned,
  because it could be 4 % or 400 %.
- Years: `2030` · `2027-2030` · `2026;2028` · `2026-2030 together`, which adds these years up before it compares; an
  amount is then the whole period's. Blank is what the table says, mostly each year.
- Areas, groups and sources each bear a name of their own, and none is a word of Rules such as `total`, `budget` or
  `last year`; indicators differ from all headings, and from `benefit` and `spending`.
- Several names in a cell are separated by a semicolon: `City budget; ODA`.
- Operators, by sign or in words:

  | sign | words |
  |---|---|
  | `>=` or `≥` | at least |
  | `<=` or `≤` | at most |
  | `=` | equals |
  | `>` | over, more than |
  | `<` | under, less than |

  `over` and `under` are strict: over 4 % is not met by exactly 4 %, but by one Step more than that.
"""

_DOUBTS = """\
## Doubts

Some things may be right but rarely are. `allocate check` asks about them and ends with exit code 1; `allocate` plans
all the same, and shows them on the console, on the plan's Summary and Warnings, and in JSON. One cause is one doubt, at
its cell or range. Asked about is

- a subtotal: a row of Areas or Budget that is the sum of the rows next to it, or of all others, in every column that it
  fills, or is called so (Subtotal …, Sum of …, Cộng …, of which …);
- another unit: a figure, or a whole column, a hundred times and more what it is part of or stands beside (the whole
  budget, the source's other years, the area's other figures), or as little; benefits, effects and targets too; a
  source with ten times the money of all others, and of all areas last year; an amount in Rules above all money;
- Last year: that of the areas adds up to over 5 % more or less than Budget says of the sources of kind `budget` (where
  an area's is blank, only more counts), or a column `Last year: SOURCE` to more than that source had;
- a first row that numbers the columns: `A, 1, 2, 3`;
- a note or a title: a row of Areas that holds a name alone, reads like a note, or is all that is said of it;
- no benefit: benefit is sought and no area has any, or one has none while all others have;
- names: two areas that differ in an accent, a sign, or a letter of a long word;
- a Discount rate below 0 or above 30 %, a Step larger than what areas had last year, a share below 0.1 % where the
  others are thirty times as large.

Correct the cell where the doubt is right. Where all is as it should be, type `yes` under `Checked` (any table may have
that column) in the row of the cell, or in the first row of the range: that answers all doubts that begin in this row.
The sum of Last year may be answered in the source's row of Budget as well, missing benefits in the row Objective of
Scenario.
"""

_RULES_NOTE = """\
### What a rule says

A rule is one sentence: *the area's money from these sources, in these years, is at least (at most, …) Value of Basis.*

| Basis | the value is a part of | for example |
|---|---|---|
{bases}

`every area` makes one rule for each area without parts, `every area in GROUP` one for each in the group; each is named
`RULE: AREA`. The rules on last year need Last year on Areas (and, for shares, on Budget) when they begin with the first
year.

`must` is always kept. `law` is kept too, and is never among the changes proposed where no plan exists. `goal 1` is met
as far as possible, then `goal 2` as far as that leaves room, and so on; the objective comes last. `off` waits until a
variant switches it on.
"""

_BENEFITS_NOTE = """\
### How bands work

Each row is one band of the area's amount in a year, from all sources: the first from nothing up to its end, the next
from there on. Bands must fall in benefit, because money always goes where it does most good first, so that a better
band later on would be filled before its turn. Where the last band has an end, the area gets no more than that.
"""

_EFFECTS_NOTE = """\
### Two layouts

Either a matrix, with a column headed by each indicator's name, or, as soon as there is a column Indicator, one row for
each area and indicator with one of: Effect; Cost per unit; or the four cells of two known points, between which the
effect is drawn as a straight line.
"""

_AREAS_NOTE = """\
### Areas with parts

An area that others name in Part of has no money of its own: it is the sum of its parts. It may have limits, groups,
rules and assignments; benefits, sources and effects belong to its parts.
"""

_BUDGET_NOTE = """\
### Whose money

`budget` is the government's own money; the shares that rules and limits speak of are parts of it. At least one source
is of that kind. The years of the scenario are the columns headed by a year, without gaps; type 0 where a source has
nothing. With Carry over, what a source has left in a year may be spent later, but never before it is there.
"""

_INDICATORS_NOTE = """\
### How an indicator's value comes about

Its value in a year is the Baseline plus, for each area, the effect times the area's money of the years counted: all
years up to that one, or (Counts `year`) that year alone. With Measured from `last year` only what goes beyond Last year
counts, and less than Last year counts against it. Several rows may give one indicator targets for several years;
Baseline, Counts, Measured from and Weight then stand on one of them, or are equal. With a Weight the effect earns
benefit points too.
"""

_WHAT_IF_NOTE = """\
### Variants

A variant is the scenario with a few cells changed. `allocate SCENARIO` plans the scenario as it stands;
`--variant NAME` plans one variant, `--variant all` each, and `allocate compare SCENARIO` compares them.

| Change | what it does | for example |
|---|---|---|
| `set` | Value stands in the cell instead: a number, a word, `none` | Rules, Parks first, Strength, set, must |
| `add` | Value is added to the number in the cell; -500 takes away | Budget, ODA, 2027, add, 500 |
| `change by` | the number grows by this percentage | Budget, City budget, every year, change by, -10% |
| `remove` | the cell is cleared; with Column blank the whole row goes | Limits, Roads/2027, (blank), remove |

Sheet and Row name a row as the sheets do: Row is what stands in the first column. Where several rows share that name,
say which: `Culture / 2` is an area's second band (`Culture / 2 / 2027` where that row has Years), `Literacy/2028` the
target of that year, `Culture/2027-2028` the row of Limits with these Years, `Culture/Visitors` the effect on that
indicator. Column is the heading; `every year` means all years of a row of Budget. For a setting, Sheet is Scenario, Row
its name, and Column may stay blank; a setting that isn't among the rows of Scenario has to be added there first.

Value is read as the cell's own content is: a percentage where that is one (`4%`), an amount where that is one. Every
change starts from what the workbook holds, whatever else the variant changes, and no cell is changed twice. No variant
is called `all` or `base`. Evidence, Status and Note are those of the change; they stand in the plan beside it.

Every variant is read when the scenario is; what is wrong with it is reported at its row of What-if.
"""


def _basis(basis: type[Basis]) -> str:
    """Return a basis' line of the table."""
    return f"| {f'`{basis.word}`' if basis.word else 'an area or a group'} | {basis.meaning} | {basis.example} |"


_NOTES = {
    "Budget": _BUDGET_NOTE,
    "Areas": _AREAS_NOTE,
    "Benefits": _BENEFITS_NOTE,
    "Rules": _RULES_NOTE.format(bases="\n".join(map(_basis, BASES))),
    "Indicators": _INDICATORS_NOTE,
    "Effects": _EFFECTS_NOTE,
    "What-if": _WHAT_IF_NOTE,
}


def reference() -> str:
    """Return the page as Markdown."""
    parts = [_OPENING, _READING, _DOUBTS, "## The sheets\n"]
    parts += [_section(table) for table in TABLES if not table.later]
    parts.append(_shared("Columns that every table may have", PROVENANCE))
    parts.append(_shared("Columns for assignments (Areas)", ASSIGNMENT))
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _section(table: Table) -> str:
    """Return a sheet's section: a sentence, its columns, and what there is to say about them."""
    needed = "" if table.optional and table is not SCENARIO else " Required."
    columns = [c for c in table.columns if c not in PROVENANCE and c not in ASSIGNMENT]
    text = f"## Sheet `{table.sheet}`\n\n{table.help}{needed}\n\n" + _columns(columns)
    if table is SCENARIO:
        text += "\n" + _settings()
    if table.sheet in _NOTES:
        text += "\n" + _NOTES[table.sheet]
    return text


def _shared(heading: str, columns: tuple[Column, ...]) -> str:
    """Return the section of columns that belong to several tables, or to one in a block."""
    return f"## {heading}\n\n" + _columns(list(columns))


def _columns(columns: list[Column]) -> str:
    """Return the table of columns."""
    lines = ["| Column | What it holds | Blank means | Example |", "|---|---|---|---|"]
    lines += [f"| {_name(c)} | {_cell(c.help)} | {_blank(c)} | {_code(example(c))} |" for c in columns]
    return "\n".join(lines) + "\n"


def _settings() -> str:
    """Return the table of settings."""
    lines = ["| Setting | What it holds | Blank means |", "|---|---|---|"]
    lines += [f"| {_name(s)} | {_cell(s.help)} | {_blank(s)} |" for s in SETTINGS]
    return "\n".join(lines) + "\n"


def _name(spec: Column | SettingSpec) -> str:
    """Return a column's or setting's name, in bold where it is required."""
    return f"**{spec.name}**" if spec.required else spec.name


def _blank(spec: Column | SettingSpec) -> str:
    """Return what a blank cell means."""
    return "a problem" if spec.required else spec.default or "–"


def _code(text: str) -> str:
    """Return an example as it is typed."""
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    """Return text that may stand in a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a real stream, not a captured one
    sys.stdout.write(reference())

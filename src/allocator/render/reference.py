"""The plan workbook's reference page, from the same declarations that the workbook's writer follows.

``python -m allocator.render.reference > docs/plan.md`` writes the page; a test holds the two together.
"""

from __future__ import annotations

import sys
from typing import Any

from allocator.tables.columns import Column, Role, Table
from allocator.tables.plan import SHEETS, TABLES

_OPENING = """\
# The plan workbook

<!-- Written by `python -m allocator.render.reference`; edit tables.py or reference.py, not this page. -->

`allocate scenario.xlsx` writes `scenario.plan.xlsx` beside the scenario. Every total, share, side of a rule, status and
check in it is a formula. The value of each formula is stored with it, so that a viewer which computes nothing shows the
same figures. There are no macros and no links to other files.
"""

_READING = """\
## How to read a plan

1. **Summary**: the verdict; then, in a sentence each, what the plan reaches, what binds, the dearest rule, what is free
   to negotiate, where the next money would go; then the amounts in one table, the rules that hold them there, what
   changes, the warnings. It prints on one page.
2. **Checks**: the sentence at the top has to say that all checks hold. If it does not, the checks that fail are marked.
3. **Allocation**, column *Held by*: for each amount, what stops it from growing, and the cell of the scenario where
   that is written. The same cell is on the sheet *Inputs …* of that name.
4. **Rules**: every budget, limit, rule and target, how far each is from its bound, and its legal basis.
5. **Price card**, **Room**, **Next money**, **Rule costs**: what one point of a rule costs, what is forced and what is
   free, where the next money would go, what a whole rule costs. They are left out of a plan that was made without them.
6. **About**: how the plan was made, and every figure of the scenario that is an assumption or names no source.

Read the verdict word by word. *The best plan found in whole steps* means: the amounts are whole multiples of Step, they
keep every rule, and no better ones were found. How far the plan can be from the best that is possible without whole
steps stands right behind it. *A plan, not proved to be the best* means: what keeps it from that best is more than a
Step to either side of each row explains, so that a better plan in whole steps may exist, by so much at most.
"""

_DECIDING = """\
## How to depart from the plan

The yellow cells are yours. On `Allocation`, type an amount under `Decided` in the line of an area, year and source; a 0
counts as a decision, a blank cell does not. Say why under `Reason` and who decided under `By`. `In force` then shows
your amount, and the whole workbook follows it: totals, shares, rules, funds, indicators, checks, charts.

- Money comes from somewhere: to give one area more, type a smaller amount for another one paid by the same source.
  Otherwise Checks shows that the source is overspent.
- `Summary` shows *What decisions change*: the objective in force less the objective as optimised.
- `Checks` shows which rule a decision breaks. The workbook does not stop you from breaking one.
- What is a statement about the optimum stays as it was: `Amount`, `Held by`, the sheets `Sensitivity`, `Price card`,
  `Room`, `Next money` and `Rule costs`, and the sentences on `Summary`.

`allocate` does not overwrite a plan with such entries, nor one with a name or date in its sign-off, unless it is told
to with `--force`. A plan is written whole or not at all: where the disk is full, or `allocate` is stopped, the plan
that stood there stays as it was.
"""

_SIGNING = """\
## What to sign

The lines for *Prepared*, *Reviewed* and *Approved* are at the top of `About`. Who signs stands for four things:

- the scenario is the right one: the SHA-256 on `About` is that of the file that was agreed;
- its assumptions are acceptable: they are listed on `About`, each with its cell;
- every check holds, or the reason for each exception is written beside the decision that causes it;
- the limits of use, also on `About`, are understood.

Write down the *SHA-256 of the canonical content*, also on `About`, where only those who sign can change it.
"""

_PRICES = """\
## The sign of prices

A **shadow price** is the change of the objective, as it is stated, for each unit by which a right-hand side grows. It
does not matter whether the row says at least or at most, or whether the objective is maximised or minimised.

An example: 100 million for two areas, schools worth 3 points per million and roads worth 2. A rule, Floor, gives roads
at least 40 % of the budget. The plan is 60 for schools and 40 for roads, worth 260 points.

| Name | Final Value | Shadow Price | Constraint R.H. Side | Allowable Increase | Allowable Decrease |
|---|---|---|---|---|---|
| Budget: City budget | 100 | 3 | 100 | no limit | 60 |
| Floor | 40 | −1 | 40 | 60 | 40 |

- *Budget: 3.* If the budget's right-hand side grows from 100 to 101, schools get the million: 3 points more.
- *Floor: −1.* If the floor grows from 40 to 41, a million moves from schools to roads: 2 points won, 3 lost. If it
  shrinks to 39, the plan gains 1 point.
- The floor's price holds from 0 (40 less 40) to 100 (40 plus 60). *Stops increase* and *Stops decrease* say what ends
  it: there schools, or roads, are left with nothing.
- A budget's price moves that row alone; here the floor stays at 40. Who types 101 into the sheet Budget also raises
  the floor, 40 % of it, to 40.4, and gets 260 + 3 − 0.4 = 262.6 points before rounding. That is what *Next money* says.

With `minimise spending` a minimum of 30 that binds has the price 1: one more there costs one more. So, whenever more is
better, a price below 0 is what a rule costs; whenever less is better, a price above 0 is.

A **reduced cost** is the change of the objective per unit that an area's amount is forced up. It is 0 where the amount
rests inside a band, and below 0 (when maximising) where the next band is worth less than the money is elsewhere.

### Two prices

Now schools may get 60 at most, too. The plan is the same, but three rows meet in it, and each has two prices.

| Name | Shadow Price | Price up | Price down | Allowable Increase | Allowable Decrease |
|---|---|---|---|---|---|
| Budget: City budget | two prices | 2 | 3 | no limit | 60 |
| Maximum: Schools | two prices | 0 | 1 | no limit | 60 |
| Floor | two prices | −1 | 0 | 60 | no limit |

- *Budget.* One million more can only go to roads, as schools are full: 2 points. One million less is taken from
  schools, as roads have their floor: 3 points lost.
- *Floor.* One million more on the floor is taken from schools, which costs 1 point. One million less changes nothing:
  schools can't take it.

Solvers print one number here, and which one is chance. `Price up` says what happens when the right-hand side grows and
holds for `Allowable Increase`; `Price down` says what happens when it shrinks and holds for `Allowable Decrease`. Both
are per unit of growth, so a plan that gets less loses Price down for each unit. Where both are equal they stand under
`Shadow Price` too.

### What is no number

| In the cell | Means |
|---|---|
| `no limit` | the range has no end |
| `two prices` | up and down differ: read Price up and Price down |
| `no plan` | no plan exists in this direction, however small the step; under *Objective*, none for the whole step |
| `no plan beyond` | no plan exists beyond the range: there is no next price |
| `curved` | beyond the range the price changes gradually |
| `one way` | a plan exists in one direction only: its price stands under Price up or Price down |
| `missed goal` | a goal that can't be met has no price |
| `n/a` | the figure has no meaning here, or is not known |
| `–` | 0, or no text |

Prices and ranges are those of the optimum before rounding, and hold for a change of one figure at a time. Where
whole-number choices are made, they are those with the choices fixed.

- A row's range is how far its own price stays the same, whatever plan is best then. Beyond it each further unit brings
  less, or costs more.
- A coefficient's range is how far the plan that is shown stays the best. `Limiting item` says which area would take
  over at its ends.
- Where other plans are equally good, the range of a coefficient may be 0 in one direction: the slightest change would
  choose another one.
"""

_WORTH = """\
## What a rule costs, what is free, where money goes

Three sheets put the same figures into words of the budget. The example is the first one above, without the limit on
schools.

**Price card.** One point more for the floor is 41 % instead of 40 %, in all years of the rule at once. It costs 1
point of the objective; roads gain 1 million and schools pay it. Since a million more in the budget would bring 3
points, that is worth 0.33 million. The price holds from 0 % to 100 %; below 0 % a floor has no price (*Next price* 0).

- Rules in money are moved by one unit of money instead of one point.
- Where the thing that a rule is a part of is itself decided by the plan (spending, another area, a later year's last
  year), each further point costs a different amount. `Objective` is then still the exact change of a whole step.
  `Price` is the slope at today's Value; `Holds for` is how far the same rules go on binding, and the price changes a
  little even within it. There is no next price; the column says *curved*.
- A point may be more than the rule itself (a rise of 0.3 points a year), or more than what its price holds for. Remark
  says so. `Price` is then what counts for small changes, `Objective` what a whole point does.
- Goals come before the objective. Where one is missed, tightening a rule may miss it by more and yet raise the
  objective: Remark says which goal, and by how much. The dearest rule is the one whose step brings
  most in that order: goals first, then the objective. The prices on Sensitivity hold what the goals miss as it is, so
  their sign may be the other one.
- *In money* is at the price that one more unit of the budget has in the years concerned.

**Room.** For each area and year the least and the most it gets in any plan that is *as good*, and in any plan whose
objective is *at most 0.5 % worse*: here 1.3 points. Moving a million from schools to roads costs 1 point, so 1.3
million can move: schools get 58.7 to 60, roads 40 to 41.3. What even such plans can't take away is **forced**: at
least 98.7 million stay where they are, whatever plan is chosen. The rest is **free** to negotiate: at most 1.3 million.

- Each line is found on its own, with the whole 0.5 % spent on it. No one plan gives every area its least or its most.
  So in most budgets less can move at once than *Free, at most* says, and more is forced.
- Areas with parts stand in the table and are left out of the sums (*In sums*: no), so that nothing counts twice.
- Where there are very many areas their groups stand in their place.

**Next money.** What 1 % more, and 1 % less, of a source in one year does. The cell on the sheet Budget moves, and all
that follows from it: of the million more, 0.4 go to roads, which have 40 % of it by rule, and 0.6 to schools. That is
2.6 points. `Marginal` is what the next unit brings, `Per unit` what the whole step brings on average.
"""

_NOTES = {
    "Summary": "*What binds* lists rules without room, the dearest first, and goals that are missed.",
    "Allocation": """\
One line for each area without parts, each year and each source that may pay for it. `Held by` names, in this order: a
limit or rule whose price speaks against more of this amount; else the scarcity of the source's money, with the band of
benefit in which the next unit would fall; else that more adds nothing. It is blank where nothing holds the amount.

`Share` is blank for sources that are no budget money. In the first year `Last year` is what the scenario says of that
area and source; where it says nothing, `Last year` and `Change` are blank.""",
    "Funds": "Opening + Available = Spent + Carried forward + Unspent; Checks tests it for every line.",
    "Rules": """\
Right-hand side = (Offset + Value) × Basis amount, or Value alone where there is no basis. `Slack` is 0 or more where
the row is kept; for a strict rule its margin is taken off. An equality that no whole Steps can reach counts as kept
with a slack of less than one Step below 0. `Binding` means that the slack is less than one Step of each
amount in the row together, so a rule may bind and still have a few units of slack after rounding. `Missed` is said of a
rule that is not kept: of a goal that could not be met, or of a rule that a decision breaks.

Names: `Budget: SOURCE`, `Minimum: AREA`, `Maximum: AREA`, `Minimum share: AREA`, `Maximum share: AREA`,
`Last band: AREA` (the end of the last band of Benefits), a rule's own name, an indicator's name. `Goal 1` and so on are
the sums of shortfalls, held at their least.""",
    "Sensitivity": """\
The headings are those of Solver's reports; *Price up*, *Price down* and what stops a range were added. Final values are
the plan's; coefficients, prices and ranges are those of the optimum before rounding. See *The sign of prices* above.
The second line of the sheet shows the sign of prices with a figure of its own.""",
    "Price card": """\
`Valid from` and `Valid to` follow from `Holds for`. Amounts under `Gains` and `Pays` are those of the plan nearest to
the present one. A rule that is off, and a goal that is missed, have no price. The chart shows the dearest rules: one
step less is outlined, one step more is filled; a direction without a plan is named behind the rule.""",
    "Room": """\
`Could fall by`, `Could rise by`, `Forced part` and all sums are formulas. In the chart each bar runs from the least to
the most at 0.5 % worse; what could be cut is light, what could be added is dark, and the plan is where they meet.""",
    "Next money": """\
The step is 1 % of one cell of the sheet Budget. Where amounts of other years change too, their year stands behind the
area's name. `Remark` says which goals are missed by more or less: they come before the objective.""",
    "Rule costs": """\
Each rule alone is switched off, with all its years and areas; one that is off is switched on, as a must. All else
stays, so that rules which ask for the same cost nothing one by one. Amounts are those of the plan nearest to the
present one. A rule that has room in all its rows changes nothing.""",
    "Indicators": "Baseline and the parts of the areas add up to what is reached.",
    "Alternatives": """\
*Proposed* is what the sheet Areas has under Proposed. A draft for an area alone is divided among its parts that have
none, in proportion to Last year, or equally where one of them has no Last year. An area without a draft counts as 0. In
a year without any draft the plan's own amounts stand, so that the difference is the draft's alone. *Pro rata* is Last
year times the year's budget, divided by the sum of all areas' Last year; money of other sources follows their own
`Last year: SOURCE`, and there is none of it where that is not given. It is not rounded to whole steps: rounding alone
would break rules that ask for last year's share. An area without Last year gets nothing; where that is more than half
of the areas there is no pro-rata plan.

Neither says from which source the money comes. Where several may pay, the split is chosen in its favour: the one by
which the sum of all that is broken, each as a part of its size, is least. So what is broken here can't be blamed on the
split. Lines on the sheet say what was assumed.

The columns *objective* are live: each area's amount through its lines on Workings. *Rules broken* and *Goals missed*
count the list below them; that list, and the split behind it, are values.""",
    "Checks": """\
Every check shows what it compares and how far off it may be. The tolerances stand to the right, with the other numbers
that formulas refer to: no formula of the workbook holds a number of its own but 0 and 1.""",
    "Workings": """\
A piece is a segment of an area's yearly amount with one benefit per unit. `Per unit` times what of the amount lies
between `From` and `To` is its part in the objective. What lies above the last end follows the last piece. Where an
indicator is sought, `Per unit` is its effect; where spending is, 1. Figures come from the sheets Inputs by formulas;
those that could not, because their cell holds text such as `4,5 %`, are listed as typed. The charts on Summary are
drawn from *Chart data*, so that they follow the amounts in force.""",
    "Inputs …": """\
One sheet for each sheet of the scenario, every cell at its own address: what `Rules!D7` is in the scenario is D7 on
`Inputs Rules` here. The addresses on Rules and in messages are these.""",
    "Seals": """\
A digest for each row and each column of the inputs, and for each row of About. Where a row and a column do not hold
what their digests say, the cell in which they meet was changed. Cells to be filled in do not count, nor does what
saving a workbook again changes: numbers count to 15 digits, formulas without their results.

A seal is no signature: whoever changes a cell can make a new one. *SHA-256 of the canonical content* on About is a
digest over all sheets but Seals, made in the same way. Keep it in another place, such as the mail by which the plan was
sent: then any later change shows, whoever made it.""",
    "About": """\
The time is in UTC; set the environment variable `SOURCE_DATE_EPOCH` to fix it. Then the same scenario gives the same
file, byte for byte, with the same versions of the programs that `About` lists, on whatever day, in whatever folder and
language.

*Solver log* has a line for each programme that was solved: each priority of goals, then the objective. Its SHA-256
stands above it. The tabs of the workbook are coloured by what *Contents* calls the role of their sheets.""",
}


def reference() -> str:
    """Return the page as Markdown."""
    parts = [_OPENING, _READING, _DECIDING, _SIGNING, _PRICES, _WORTH, "## The sheets\n", _contents()]
    parts += [_section(sheet, holds) for sheet, holds in SHEETS.items()]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _contents() -> str:
    """Return what each sheet holds, in order."""
    lines = ["| Sheet | What it holds |", "|---|---|"]
    lines += [f"| {sheet} | {_cell(holds)} |" for sheet, holds in SHEETS.items()]
    return "\n".join([*lines, "", "Columns headed YEAR stand once for each year. Yellow cells are marked *entry*.", ""])


def _section(sheet: str, holds: str) -> str:
    """Return a sheet's section: a sentence, its tables, and what there is to say about them."""
    text = f"## Sheet `{sheet}`\n\n{holds}\n"
    tables = [table for table in TABLES if table.sheet == sheet]
    for table in tables:
        if len(tables) > 1:
            text += f"\n### {table.title}\n\n{table.help}\n" if table.help != holds else f"\n### {table.title}\n"
        text += "\n" + _columns(table)
    if sheet in _NOTES:
        text += "\n" + _NOTES[sheet] + "\n"
    return text


def _columns(table: Table[Any]) -> str:
    """Return the table of columns."""
    lines = ["| Column | What it holds |", "|---|---|"]
    lines += [f"| {column.name} | {_help(column)} |" for column in table.on_sheet]
    return "\n".join(lines) + "\n"


def _help(column: Column[Any]) -> str:
    """Return what a column holds, and whether it is to be filled in."""
    entry = "*Entry.* " if column.role in (Role.ENTRY_AMOUNT, Role.ENTRY_TEXT) else ""
    return _cell(entry + column.help)


def _cell(text: str) -> str:
    """Return text that may stand in a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a real stream, not a captured one
    sys.stdout.write(reference())

"""The sheet About of a comparison: what each scenario is, how the comparison was made, what it can't say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from allocator.reports import comparison_tables as tables
from allocator.reports.columns import Role
from allocator.reports.comparison_page import ComparedPage
from allocator.reports.comparison_words import verdict
from allocator.reports.layout import FIRST
from allocator.reports.page import Book
from allocator.reports.styles import PLAN
from allocator.reports.words import exactly, listing, years_text
from allocator.version import __version__
from allocator.wording.comparison import interrupted_text, note_texts, remark_texts
from allocator.wording.edits import cause, edit_texts
from allocator.wording.messages import message_texts

if TYPE_CHECKING:
    from allocator.analyses.compare import PlannedCase
    from allocator.reports.comparison_grid import Grid

_TIME = "%Y-%m-%d %H:%M:%S UTC"
_MOST_CHANGES = 12
_METHOD = (
    (
        "The same in all (core)",
        (
            "For each area without parts and each year, the least of its amounts over all plans. So much of the "
            "money goes to the same place whichever of these scenarios comes, and can be committed first. It is a "
            "statement about these plans, not a plan of its own."
        ),
    ),
    (
        "Cross table",
        (
            "Objectives under different benefits, effects or weights aren't comparable. So every plan's amounts "
            "are valued by the assumptions of every scenario, and checked against its budgets, limits, rules and "
            "targets."
        ),
    ),
    (
        "Regret",
        (
            "How much worse a plan is than the best plan of the scenario that comes. The plan with the least "
            "largest regret, of those that break no rule, loses least at worst. A plan that breaks rules may seem "
            "better than the best."
        ),
    ),
    (
        "Bridge",
        (
            "The difference between two best plans is split among the rows of the inputs that differ. Each row "
            "gets what it changes on average when the rows are changed one after another, over all orders (the "
            "Shapley value, L. S. Shapley, A value for n-person games, 1953). The parts add up to the difference; "
            "a row that doesn't matter gets nothing; swapping the two scenarios turns every sign."
        ),
    ),
    (
        "Exact and sampled",
        (
            "With up to 8 rows all their combinations are planned, and the parts are exact. With more, orders are "
            "drawn by chance, always the same ones; the error beside a part says how far the exact one may be, at "
            "95 % confidence. Rows whose combinations have no plan are counted as one."
        ),
    ),
    (
        "Alternatives",
        (
            "Proposed is the draft in the sheet Areas. Pro rata is last year's plan scaled to each year's budget. "
            "What had to be assumed to make amounts of them stands beside them."
        ),
    ),
    (
        "Prices on Rules",
        (
            "A shadow price is the change of the objective, as stated, per unit by which the right-hand side "
            "grows, at the optimum before rounding. Prices of both sides and their ranges are in each scenario's "
            "plan workbook."
        ),
    ),
)
_LIMITS = (
    "Each plan is the best for its own scenario, and no better than the scenario's benefits, effects and rules are.",
    "The scenarios are those that were chosen, with no probability attached; nothing is said about others.",
    "A part of a bridge says what a changed input adds to the difference, in this model; it is no proof of a cause.",
    "The comparison supports a decision and does not take it: law, procedure and judgement stay with those who sign.",
)


def write_about(book: Book, grid: Grid) -> None:
    """Write what is compared, how, and with what."""
    page = ComparedPage(book, grid, "About", _message(grid))
    page.widest = tables.ABOUT.column("Content").width
    page.table(tables.ABOUT)
    long = page.styles.of(Role.LONG, valign="top")
    row = FIRST
    for title, facts in (
        ("The scenarios", _scenarios(grid)),
        ("How it was made", _made(book, grid)),
        ("How to read it", iter(_METHOD)),
        ("Limits of use", ((str(i), text) for i, text in enumerate(_LIMITS, start=1))),
    ):
        page.text(row, 0, title, page.styles.text(bold=True, font_color=PLAN))
        page.text(row, 1, "", page.styles.text())
        row += 1
        for item, content in facts:
            page.text(row, 0, item, long)
            page.text(row, 1, content, long)
            row += 1
    page.finish(freeze=0)


def _message(grid: Grid) -> str:
    files = {case.scenario.sha256 for case in grid.cases}
    source = "one file" if len(files) == 1 else f"{len(files)} files"
    return f"{len(grid.cases)} scenarios from {source}; the others are compared with the first, {grid.first.name}."


def _scenarios(grid: Grid) -> Iterator[tuple[str, str]]:
    for case in grid.cases:
        yield case.name, "\n".join(_facts(case))


def _facts(case: PlannedCase) -> Iterator[str]:
    scenario = case.scenario
    name = case.path or scenario.path or "no file"
    yield f"{scenario.title}; {verdict(case)}; {years_text(scenario.years)}, {scenario.unit}, {scenario.objective}"
    yield f"File: {name}, SHA-256 {scenario.sha256 or 'not known'}"
    if by := cause(scenario.changed_by):
        texts = edit_texts(scenario.changed_by)
        more = len(texts[_MOST_CHANGES:])
        rest = f"; and {more} more: see Inputs changed" if more else ""
        yield f"{by[:1].upper()}{by[1:]}: {'; '.join(texts[:_MOST_CHANGES])}{rest}"
    if case.planned:
        step = case.result.step
        yield f"Amounts in steps of {exactly(step)} {scenario.unit}" if step else "Amounts are not rounded"
    yield from note_texts(case)
    yield from message_texts(message for message in case.result.messages if message not in scenario.messages)


def _made(book: Book, grid: Grid) -> Iterator[tuple[str, str]]:
    yield "Made by", f"allocate {__version__}"
    yield "Made at", book.made.strftime(_TIME)
    run = next((c.result.run for c in grid.cases if c.result.run.solver), grid.first.result.run)
    yield "Solver", run.solver or "none was needed"
    yield "Versions", listing([f"{name} {text}" for name, text in run.versions.items()])
    if grid.comparison.interrupted:
        yield "Interrupted", interrupted_text(grid.comparison.interrupted)
    yield from (("Note", message) for message in remark_texts(grid.comparison))

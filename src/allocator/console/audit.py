"""What the terminal shows of a verdict, and of what changed from one plan to another: one screen of 40 lines each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rich.console import Console
from rich.text import Text

from allocator.analyses.figures import RowStatus
from allocator.audit.diff import (
    ADDED,
    REMOVED,
    RULE_FACTS,
    AmountChange,
    AreaChange,
    Change,
    Difference,
    FactChange,
    InputChange,
    PlanFacts,
    RuleChange,
    shown,
)
from allocator.audit.findings import Finding, Kind, Verdict
from allocator.console import lines as show
from allocator.console.lines import Cells
from allocator.wording.numbers import decimals_of, listing, number, signed, year_runs

LINES = 40
MOST_DECIMALS = 6
MOST_DECISIONS = 6

# ---- a verdict ----------------------------------------------------------------------------------------------------


def print_verdict(verdict: Verdict, console: Console) -> None:
    """Print the verdict, what was proved, decisions, findings and notes.

    Parameters
    ----------
    verdict
        As `verify` returns it.
    console
        Where to print; its width is kept to.
    """
    width = min(console.width, 100)
    head = show.heading(_headline(verdict), width, "bold" if verdict.right else "bold red")
    for sentence in _checked(verdict):
        head += show.paragraph(sentence, width, bullet="")
    notes = [line for note in verdict.notes for line in show.paragraph(note, width)]
    decisions = _decisions(verdict, width)
    digest = [Text(""), Text("Content digest, to keep in a log:"), Text(f"  {verdict.digest}")]
    room = LINES - 4 - sum(map(len, (head, notes, decisions, digest)))
    found = _findings(verdict.findings, width, room)
    show.print_lines(console, [*head, *found, *decisions, *_section("Notes", notes), *digest])


def _headline(verdict: Verdict) -> str:
    """Return the verdict in a sentence."""
    if not verdict.right:
        count = len([finding for finding in verdict.findings if finding.kind is not Kind.FOLLOWS])
        return f"{verdict.plan}: {count:,} finding{'s' if count != 1 else ''}."
    counts = verdict.counts
    computed = f", {counts['results']:,} formulas recomputed" if counts.get("results") else ""
    return f"{verdict.plan}: nothing wrong. {counts.get('cells', 0):,} cells compared{computed}."


def _checked(verdict: Verdict) -> Iterator[str]:
    yield from verdict.proof
    if verdict.solvers:
        yield f"Planned anew from its own inputs by {listing(list(verdict.solvers))}, who agree."


def _findings(findings: Sequence[Finding], width: int, room: int) -> list[Text]:
    """Return the findings that there is room for; what follows from others is only counted."""
    own = [finding for finding in findings if finding.kind is not Kind.FOLLOWS]
    following = len(findings) - len(own)
    lines: list[Text] = [Text("")] if own else []
    for told, finding in enumerate(own):
        text = show.paragraph(str(finding), width)
        text[0].stylize("bold", 2, 2 + len(finding.cell))
        if told and len(lines) + len(text) > max(room, 8) - 2:
            lines += _more(len(own) - told)
            break
        lines += text
    if following:
        results = "result of a formula follows" if following == 1 else "results of formulas follow"
        lines.append(Text(f"  {following:,} {results} from these: see --json", style="dim"))
    return lines


def _decisions(verdict: Verdict, width: int) -> list[Text]:
    shown = verdict.decisions[:MOST_DECISIONS]
    lines = [line for entry in shown for line in show.paragraph(str(entry), width)]
    return _section("Filled in by hand", [*lines, *_more(len(verdict.decisions) - MOST_DECISIONS)])


def _more(left: int) -> list[Text]:
    return [Text(f"  and {left:,} more: see --json", style="dim")] if left > 0 else []


def _section(title: str, lines: list[Text]) -> list[Text]:
    return [Text(""), Text(title, style="bold"), *lines] if lines else []


# ---- what changed from one plan to another: the largest changes first ----------------------------------------------

type Item = list[Text]


@dataclass(frozen=True)
class Section:
    """A part of what is shown: how many changes there are, and the most important of them first."""

    title: str
    count: int
    items: list[Item]


def print_diff(difference: Difference, console: Console) -> None:
    """Print what differs on at most 40 lines; all of it is in the JSON.

    Parameters
    ----------
    difference
        As `diff` returns it.
    console
        Where to print; its width is kept to.
    """
    width = min(console.width, 100)
    head = [*_plan("Old", difference.old), *_plan("New", difference.new), Text("")]
    if difference.differs:
        found = _fitted(_sections(difference, width), LINES - len(head) - 1)
    else:
        found = [Text("Nothing differs: same inputs, rules, amounts and decisions.", style="bold")]
    show.print_lines(console, [*head, *found], cut=True)


def _plan(which: str, facts: PlanFacts) -> list[Text]:
    digests = f"scenario {facts.scenario_sha256[:8]}, content {facts.content_sha256[:8]}"
    with_what = f", with {show.clean(facts.planned_with)}" if facts.planned_with else ""
    return [Text(f"{which}  {show.clean(facts.file)}{with_what}"), Text(f"     made at {facts.made_at}, {digests}")]


def _sections(difference: Difference, width: int) -> list[Section]:
    columns = f"{show.clean(difference.new.unit)}; old, new, difference"
    objective = [c for c in difference.objective if not _repeats(c, difference.objective[0])]
    inputs = sorted(difference.inputs, key=_input_order)
    rules = _rules(difference.rules)
    areas = sorted(difference.areas, key=_area_size, reverse=True)
    amounts = sorted(difference.amounts, key=_size, reverse=True)
    indicators = sorted(difference.indicators, key=_relative, reverse=True)
    sections = (
        Section("How it was made", len(difference.made), _facts(difference.made, width)),
        Section("Objective", len(objective), _facts(objective, width)),
        Section("Inputs", len(inputs), [_input(change, width) for change in inputs[:LINES]]),
        Section("Rules", len(rules), [_item(text, width) for text in rules[:LINES]]),
        Section(f"Areas, all years and sources ({columns})", len(areas), _areas(areas[:LINES], width)),
        Section(f"Amounts ({columns})", len(amounts), _amounts(amounts[:LINES], width)),
        Section("Indicators", len(indicators), _facts(indicators, width)),
        Section("Decisions and sign-off", len(difference.decisions), _facts(difference.decisions, width)),
    )
    return [section for section in sections if section.count]


def _repeats(change: FactChange, first: FactChange) -> bool:
    """Whether another figure changed just as the first one did."""
    return change is not first and (change.old, change.new) == (first.old, first.new)


def _fitted(sections: Sequence[Section], room: int) -> list[Text]:
    """Return all sections, each with as many of its items as there is room for; the longest give way first."""
    counts = [len(section.items) for section in sections]
    while len(found := _lines(sections, counts)) > room and max(counts, default=0) > 1:
        lengths = [
            sum(map(len, section.items[:count])) if count > 1 else 0
            for section, count in zip(sections, counts, strict=True)
        ]
        counts[lengths.index(max(lengths))] -= 1
    return found


def _lines(sections: Sequence[Section], counts: Sequence[int]) -> list[Text]:
    found: list[Text] = []
    for section, count in zip(sections, counts, strict=True):
        changes = "1 change" if section.count == 1 else f"{section.count:,} changes"
        found.append(Text(f"{section.title}: {changes}", style="bold"))
        found.extend(line for item in section.items[:count] for line in item)
        if section.count > count:
            found.append(Text(f"  and {section.count - count:,} more"))
    if any(section.count > count for section, count in zip(sections, counts, strict=True)):
        found.append(Text("With --json all of them are listed."))
    return found


# -- one change --------------------------------------------------------------------------------------------------


def _item(text: str, width: int) -> Item:
    return show.paragraph(text, width, bullet="  ")


def _arrow(old: str, new: str) -> str:
    return f"{old} → {new}"


def _input(change: InputChange, width: int) -> Item:
    cell = change.new_cell or change.old_cell
    if change.kind is not Change.CHANGED:
        held = shown(change.new) if change.new else shown(change.old) if change.old else ""
        return _item(": ".join(filter(None, (f"{cell} {change.kind}", change.row or change.column, held))), width)
    values = (shown(value, percent=change.percent) for value in (change.old, change.new))
    name = ", ".join(filter(None, (change.row, change.column)))
    return _item(f"{cell} {name}: {_arrow(*values)}", width)


_PARTS = {
    **dict.fromkeys((Change.SHEET_ADDED, Change.SHEET_REMOVED), 0),
    **dict.fromkeys((Change.COLUMN_ADDED, Change.COLUMN_REMOVED), 1),
    **dict.fromkeys((Change.ROW_ADDED, Change.ROW_REMOVED), 2),
    Change.CHANGED: 3,
}


def _input_order(change: InputChange) -> tuple[int, float]:
    """Sort what was added or removed first, then numbers by how much they changed, then texts."""
    return _PARTS[change.kind], -_part(change.old, change.new)


def _part(old: object, new: object) -> float:
    """Return how much a number changed, as a part of the larger one; less than nothing for texts."""
    if not isinstance(old, float) or not isinstance(new, float):
        return -1.0
    return abs(new - old) / max(abs(old), abs(new))


def _rules(changes: Sequence[RuleChange]) -> list[str]:
    """Return a sentence for each kind of change of a rule, its years together; what is or was missed comes first."""
    written = {(c.rule, c.year) for c in changes if c.what == "As written"}
    together: dict[tuple[str, str, str, str], list[int]] = {}
    for change in changes:
        if change.what == "Operator" and (change.rule, change.year) in written:
            continue  # it shows in As written
        years = together.setdefault((change.rule, change.what, change.old, change.new), [])
        years.extend([] if change.year is None else [change.year])
    ordered = sorted(together.items(), key=lambda item: _rule_order(*item[0]))
    return [_rule(*what, years) for what, years in ordered]


def _rule_order(_rule: str, what: str, old: str, new: str) -> int:
    if RowStatus.MISSED.value in (old, new):
        return 0
    return (REMOVED, ADDED, *RULE_FACTS).index(what) + 1


def _rule(rule: str, what: str, old: str, new: str, years: Sequence[int]) -> str:
    name = f"{rule}, {year_runs(years)}" if years else rule
    if what in (ADDED, REMOVED):
        return f"{name} {what}: {old or new}"
    return f"{name}: {'' if what == 'As written' else what + ' '}{_arrow(old or 'blank', new or 'blank')}"


def _facts(changes: Sequence[FactChange], width: int) -> list[Item]:
    return [_fact(change, width) for change in changes[:LINES]]


def _fact(change: FactChange, width: int) -> Item:
    values = (_shown(change.old), _shown(change.new))
    apart = ""
    if isinstance(change.old, float) and isinstance(change.new, float):
        exact = Fraction(f"{change.new:.12g}") - Fraction(f"{change.old:.12g}")
        apart = f" ({signed(exact, decimals_of(exact, MOST_DECIMALS))})"
    year = "" if change.year is None or str(change.year) in change.subject else f", {change.year}"
    what = "" if change.what in ("Objective", "Reached") else f", {change.what}"
    return _item(f"{change.subject}{year}{what}: {_arrow(*values)}{apart}", width)


def _shown(value: object) -> str:
    return shown(value) if value is None or isinstance(value, str | float | bool) else str(value)


def _relative(change: FactChange) -> float:
    return _part(change.old, change.new)


# -- amounts -----------------------------------------------------------------------------------------------------


def _size(change: AmountChange) -> float:
    return max(abs(change.difference), abs((change.new_in_force or 0) - (change.old_in_force or 0)))


def _area_size(change: AreaChange) -> float:
    return max(abs(change.difference), abs(change.difference_in_force))


def _amounts(changes: Sequence[AmountChange], width: int) -> list[Item]:
    """Return a line for each amount; a second for what is in force where it was decided otherwise."""
    names = (", ".join(map(show.clean, filter(None, (c.area, str(c.year or ""), c.source)))) for c in changes)
    return _table(list(zip(names, changes, strict=True)), width)


def _areas(changes: Sequence[AreaChange], width: int) -> list[Item]:
    return _table([(show.clean(change.area), change) for change in changes], width)


def _table(changes: Sequence[tuple[str, AmountChange | AreaChange]], width: int) -> list[Item]:
    """Return lines that line up: name, old, new and difference."""
    figures = [v for _, c in changes for v in (c.old, c.new, c.old_in_force, c.new_in_force) if v is not None]
    decimals = max((decimals_of(Fraction(repr(figure)), MOST_DECIMALS) for figure in figures), default=0)
    rows = []
    for name, change in changes:
        rows.append([_cells(name, change.old, change.new, decimals)])
        if (change.old_in_force, change.new_in_force) != (change.old, change.new):
            rows[-1].append(_cells("  in force", change.old_in_force, change.new_in_force, decimals))
    lines = iter(show.table([row for own in rows for row in own], (1, 2, 3), width) if rows else ())
    return [[line for _ in own for line in next(lines)] for own in rows]


def _cells(name: str, old: float | None, new: float | None, decimals: int) -> Cells:
    apart = Fraction(repr(new or 0.0)) - Fraction(repr(old or 0.0))
    figures = ("none" if value is None else number(value, decimals) for value in (old, new))
    return Cells((f"  {name}", *figures, signed(apart, decimals) if apart else "–"))

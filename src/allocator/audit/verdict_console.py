"""What the terminal shows of a verdict: at most a screen of 40 lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from allocator.audit.findings import Decision, Finding, Kind, Verdict
from allocator.reports import lines as show
from allocator.reports.words import listing

_LINES = 38
_MOST_DECISIONS = 6


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
    head = show.paragraph(show.clean(_headline(verdict)), width, bullet="")
    head[0].stylize("bold" if verdict.right else "bold red")
    for sentence in _checked(verdict):
        head += show.paragraph(show.clean(sentence), width, bullet="")
    notes = [text for note in verdict.notes for text in show.paragraph(show.clean(note), width)]
    decisions = _decisions(verdict.decisions, width)
    digest = [Text(""), Text("Content digest, to keep in a log:"), Text(f"  {verdict.digest}")]
    room = _LINES - sum(map(len, (head, notes, decisions, digest))) - 2
    lines = [*head, *_findings(verdict.findings, width, room), *decisions, *_section("Notes", notes), *digest]
    for line in lines:
        plain = not console.encoding.lower().startswith("utf")
        console.print(Text(show.plain_symbols(line.plain), line.style) if plain else line, soft_wrap=True)


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
    number = 0
    for finding in own:
        text = show.paragraph(show.clean(str(finding)), width)
        text[0].stylize("bold", 2, 2 + len(finding.cell))
        if number and len(lines) + len(text) > max(room, 8) - 2:
            break
        lines += text
        number += 1
    if number < len(own):
        lines.append(Text(f"  and {len(own) - number:,} more: see --json", style="dim"))
    if following:
        results = "result of a formula follows" if following == 1 else "results of formulas follow"
        lines.append(Text(f"  {following:,} {results} from these: see --json", style="dim"))
    return lines


def _decisions(decisions: Sequence[Decision], width: int) -> list[Text]:
    if not decisions:
        return []
    lines = [line for entry in decisions[:_MOST_DECISIONS] for line in show.paragraph(show.clean(str(entry)), width)]
    if len(decisions) > _MOST_DECISIONS:
        lines.append(Text(f"  and {len(decisions) - _MOST_DECISIONS:,} more: see --json", style="dim"))
    return _section("Filled in by hand", lines)


def _section(title: str, lines: list[Text]) -> list[Text]:
    return [Text(""), Text(title, style="bold"), *lines] if lines else []

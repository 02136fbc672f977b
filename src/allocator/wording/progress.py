"""How a plan is being found, and how it was, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allocator.analyses.messages import Analysing, Explaining, Planning, PlanningPoints, Reporting
from allocator.analyses.result import Run
from allocator.programme.solve import StageRun
from allocator.programme.status import Doing, Progress, SeekingGoals, SeekingObjective, Solving
from allocator.scenario.problems import FromFile
from allocator.wording.names import analysis_name

type Told = Callable[[str, float | None], None]
"""Called with what is being done, in words, and, where known, the part done (0 to 1)."""

type Shown = Callable[[Doing | str, float | None], None]
"""Called with what is being done, as a fact or in words."""

_STEPS: dict[Doing, str] = {
    Solving.BUILDING: "Building the programme",
    Solving.CHOOSING: "Choosing among equally good plans",
    Solving.ROUNDING: "Rounding to whole steps",
    Analysing.READING_BOTH_ENDS: "Reading the scenario at both ends",
    Analysing.LOOKING_FOR_CHANGES: "Looking for changes",
    Analysing.LOOKING_FOR_REPAIRS: "Looking for repairs",
    Analysing.PLANNING_A_REPAIR: "Planning with a repair",
    Analysing.SPLITTING: "Splitting the difference among the inputs",
    Analysing.VALUING: "Valuing every plan under every scenario",
}


@dataclass(frozen=True)
class Said(Doing):
    """Work of the rooms that speak themselves."""

    text: str


@dataclass(frozen=True)
class Counted(Said):
    """One of several pieces of work that are alike."""

    done: int
    of: int


def in_words(told: Told | None) -> Progress | None:
    """Return a callback for facts that tells them in words."""
    return None if told is None else lambda doing, part: told(doing_text(doing), part)


def counts_of(doing: Doing | str) -> tuple[int, int] | None:
    """Return how many pieces of work are done, and of how many; None where they aren't counted."""
    if isinstance(doing, Explaining) and doing.step is not None:
        return counts_of(doing.step)
    return (doing.done, doing.of) if isinstance(doing, PlanningPoints | Counted) else None


def doing_text(doing: Doing) -> str:
    """Return what is being done."""
    match doing:
        case SeekingGoals(priority):
            return f"Goals of priority {priority}"
        case SeekingObjective(objective):
            return str(objective)
        case Reporting(analysis):
            name = analysis_name(analysis)
            return name[:1].upper() + name[1:]
        case PlanningPoints(done, of):
            return f"Plans: {done} of {of}"
        case Planning(name):
            return f"Planning {name}"
        case Explaining(name, step):
            return f"Explaining {name}" if step is None else f"Explaining {name}: {_lower(doing_text(step))}"
        case Said():
            return doing.text
    return _STEPS[doing]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def option_texts(run: Run) -> dict[str, str]:
    """Return the options of a run by name."""
    found = {"time limit": "none" if run.time_limit is None else f"{run.time_limit:g} s"}
    return found | ({"confirmed by": run.confirmed_by} if run.confirmed_by else {})


def log_texts(run: Run) -> tuple[str, ...]:
    """Return a line for each programme that was solved: what was sought, how it ended, its size."""
    return tuple(entry.text if isinstance(entry, FromFile) else _stage(entry) for entry in run.log)


def _stage(stage: StageRun) -> str:
    sought = (
        f"least shortfall of goals of priority {stage.sought}" if isinstance(stage.sought, int) else str(stage.sought)
    )
    attempts = f" at attempt {stage.attempt}" if stage.attempt > 1 else ""
    exact = f" and {stage.pivots:,} in fractions" if stage.pivots else ""
    return (
        f"{sought}: optimal{attempts}, objective {float(stage.reached):.12g}, "
        f"{stage.iterations:,} simplex iterations{exact}, {stage.rows:,} rows, {stage.columns:,} columns"
    )

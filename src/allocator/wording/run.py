"""How a plan was made, in words."""

from __future__ import annotations

from allocator.analyses.result import Run
from allocator.programme.solve import StageRun
from allocator.scenario.remarks import FromFile


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

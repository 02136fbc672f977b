"""From a scenario to its plan, for people who work in Python.

What solves, compares and saves is imported when it is asked for, so that `Plan` is there at once.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from allocator.analyses.result import Result
from allocator.errors import NoTimeLimitError, OutputError, UsageError
from allocator.programme.status import Status
from allocator.render.records import as_json, frame
from allocator.scenario.model import Scenario, Variant
from allocator.scenario.reading import read_scenario
from allocator.tables import money, no_plan, prices, rules, warnings
from allocator.wording.edits import short_name
from allocator.wording.messages import all_messages
from allocator.wording.progress import Told, in_words

__all__ = ["Plan", "Scenario", "compare", "optimise", "read_scenario"]

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from allocator.analyses.compare import Comparison


@dataclass(frozen=True)
class Plan:
    """The best plan for a scenario, and what is known about it.

    Money is in the scenario's unit (`scenario.unit`), shares are parts (0.04 is 4 %). The tables are pandas
    DataFrames with the columns of the JSON; each access makes a new one, so changing one changes nothing else. A
    missing value (NaN, or NA in a column of whole numbers or truth values) is what JSON has as null: unknown,
    without meaning, or without limit. Without a plan (`status` not ``optimal``) tables may be empty.
    """

    result: Result
    """Every figure, exact where it can be; see `allocator.analyses.result`."""

    @property
    def scenario(self) -> Scenario:
        """What was asked."""
        return self.result.scenario

    @property
    def status(self) -> str:
        """``optimal``, ``infeasible`` (no plan can keep every rule) or ``stopped`` (the solver ran out of time)."""
        return self.result.status.value

    @property
    def objective(self) -> float | None:
        """The objective of the plan as it stands, amounts in whole steps; None without a plan."""
        return None if self.result.objective is None else float(self.result.objective)

    @property
    def unrounded_objective(self) -> float | None:
        """The best that any plan could reach without whole steps; None where it is not known."""
        best = self.result.unrounded_objective
        return None if best is None else float(best)

    @property
    def messages(self) -> tuple[str, ...]:
        """What a reader of the plan ought to know: ties, rounding, oddities of the workbook."""
        return all_messages(self.result)

    @property
    def doubts(self) -> pd.DataFrame:
        """A row for what may be right in the scenario but rarely is: its `cell` or range, and a `text` that asks."""
        return frame(warnings.DOUBTS, self.result.doubts)

    @property
    def allocation(self) -> pd.DataFrame:
        """A row per area without parts, year and source, with its `amount`; 0 where the source may not pay."""
        return frame(money.ALLOCATION, money.allocation_rows(self.result))

    @property
    def areas(self) -> pd.DataFrame:
        """A row per area without parts and year: amount, reduced cost, coefficient and its range, least and most.

        `least` and `most` are the range of the amount over all plans that are as good; a reduced cost is the change
        of the objective per unit of money that the area is forced up. The coefficient's range is how far the plan
        stays optimal.
        """
        return frame(rules.AREAS, self.result.areas)

    @property
    def rules(self) -> pd.DataFrame:
        """A row per budget, limit, rule and indicator's target, and year: both sides, slack, status, prices, cell.

        `shadow_price` is the change of the objective, as stated, per unit by which `rhs` grows; `price_up` and
        `price_down` are its right and left derivative. Where they differ (`degenerate`), or one has no plan,
        `shadow_price` is missing. `price_up` holds while `rhs` grows by `allowable_increase`, `price_down` while it
        shrinks by `allowable_decrease`. `year` is NA where a rule counts its years together.
        """
        return frame(rules.CONSTRAINTS, self.result.rows)

    @property
    def room(self) -> pd.DataFrame:
        """A row per area, with or without parts, and year: how little and how much money it can get.

        `least` and `most` are over all plans that are as good, `least_near` and `most_near` over all plans whose
        objective is at most 0.5 % worse; `value` is the optimum before rounding. Leave rows with `whole` out of sums:
        they comprise others. Empty where it was not asked for; groups stand for areas where there are very many.
        """
        return frame(prices.ROOM, map(prices.RoomLine, self.result.room))

    @property
    def price_card(self) -> pd.DataFrame:
        """Two rows per row of the Rules sheet: what one point (or unit of money) `more` and `less` does.

        `price` is the change of the objective per point of growth and stays while Value moves by `holds` (missing:
        without limit), then `next_price` follows; `change` is that of the whole step, `worth` the same in money;
        `moves` lists the areas that gain or pay, as records of area, year and change. Missing where a rule is off, a
        goal missed, or no plan exists (`no_plan`: however small the step). Empty where it was not asked for.
        """
        return frame(prices.PRICE_CARD, prices.card_rows(self.result))

    @property
    def next_money(self) -> pd.DataFrame:
        """Two rows per source and year with money in it: where 1 % `more` goes, and where 1 % `less` comes from.

        `step` is that 1 % in money, `price` the change of the objective per unit of growth of the Budget cell; the
        others as in `price_card`. Empty where it was not asked for.
        """
        return frame(prices.NEXT_MONEY, prices.money_lines(self.result))

    @property
    def rule_costs(self) -> pd.DataFrame:
        """A row per row of the Rules sheet: what switching it off does, or on where it is off; all else as it is.

        `change` is that of the objective, missing where no plan exists then; `objective` is what it comes to before
        rounding; `money` is what goes elsewhere; `moves` and `missed` list who gains or loses, and goals. Empty where
        it was not asked for.
        """
        return frame(prices.RULE_COSTS, prices.rule_cost_lines(self.result))

    @property
    def parts(self) -> pd.DataFrame:
        """A row per band (`band` is its number) and per source of an area that has several, and year.

        Its money, what forcing it up by one does to the objective, its coefficient, and how far that alone may change.
        """
        return frame(rules.AREA_PARTS, self.result.parts)

    @property
    def indicators(self) -> pd.DataFrame:
        """A row per indicator and year: baseline, reached and target in its own unit; `met` is NA without target."""
        return frame(money.INDICATORS, self.result.indicators)

    @property
    def goals(self) -> pd.DataFrame:
        """A row per goal: its priority, and `missed_by` in its rule's unit, 0 where it is met."""
        return frame(money.GOALS, self.result.goals)

    @property
    def conflict(self) -> pd.DataFrame:
        """Where no plan exists: rows that can't stand together, each with its input cell and legal basis."""
        return frame(no_plan.CLASHING, self.result.conflict)

    @property
    def repairs(self) -> pd.DataFrame:
        """Where no plan exists: a row per cell that a repair changes, the smallest repair first.

        `repair` counts from 1, as `optimise(…, repair=1)` takes it; `kind` says what the repair is the best at, `size`
        its changes as parts of what the cells hold, `objective` that of the plan it leads to. `from` and `to` are the
        numbers that the cell holds: with the unit ``%`` 0.06 is 6 %.
        """
        return frame(no_plan.CHANGED, no_plan.changed_cells(self.result))

    def to_json(self) -> str:
        """Return the plan as ``allocate --json`` prints it.

        Returns
        -------
        str
            One JSON object; money in the scenario's unit, shares as parts, null where a figure is unknown or has no
            meaning.
        """
        return as_json(self.result)

    def to_excel(self, path: str | PathLike[str], *, force: bool = False) -> None:
        """Write the plan workbook; the file that stands there stays whole if that fails.

        Where no plan exists the workbook says why, and what would make one possible.

        Parameters
        ----------
        path
            Where it goes.
        force
            Whether to write over a file that is no plan of ours, or holds entries (Decided, Reason, By, sign-off).

        Raises
        ------
        OutputError
            The search was stopped, the file can't be written, or it may not be written over.
        """
        if self.result.status is Status.STOPPED:
            raise OutputError("there is no plan to write: the search was stopped")
        from allocator.render.files import save_plan

        save_plan(self.result, Path(path), force=force)


def _check_limit(seconds: float | None) -> None:
    """Raise UsageError unless a time limit is one."""
    if seconds is not None and not seconds > 0:
        raise NoTimeLimitError(seconds)


def optimise(
    scenario: Scenario,
    *,
    solver: str = "HiGHS",
    time_limit: float | None = None,
    lp_file: str | PathLike[str] | None = None,
    explain: bool = True,
    variant: str | Variant | None = None,
    repair: int | None = None,
    progress: Told | None = None,
) -> Plan:
    """Find the best plan for `scenario` and learn what can be said about it.

    Parameters
    ----------
    scenario
        As `read_scenario` returns it; it is not changed.
    solver
        The solver's name as PuLP knows it; another than HiGHS confirms what is decided.
    time_limit
        Seconds after which the solver stops; None: no limit.
    lp_file
        Where to write the programme in LP format, for any other solver to read.
    explain
        Whether to find what takes solves of its own: prices of both sides, ranges, room, price cards, next money, what
        missed goals would take, early warning; repairs where no plan exists. Without it these are missing, their tables
        empty and their sheets left out.
    variant
        Plan one of `scenario.variants`, or the one of that name; None: the base case.
    repair
        Plan with the repair of that number, from 1, of a scenario (or variant) without a plan; `Plan.repairs` lists
        them.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    Plan
        Its `status` tells whether there is one: that no plan exists is a result, not an error.

    Raises
    ------
    UsageError
        `solver` is not installed, `time_limit` has no meaning, or there is no variant of that name or repair of
        that number.
    ScenarioError
        The scenario can't be read with the variant's changes.
    OutputError
        `lp_file` can't be written.
    SolverError
        Another solver's answer isn't the one decided, or repairs were not found in time.
    """
    from allocator.analyses.analyse import analyse
    from allocator.spreadsheet.saving import in_one_step

    _check_limit(time_limit)

    if variant is not None or repair is not None:
        from allocator.analyses.analyse import NotRepaired, changed_by
        from allocator.wording.repairs import not_repaired

        changed = changed_by(scenario, variant, repair, time_limit, in_words(progress))
        if isinstance(changed, NotRepaired):
            raise not_repaired(changed)
        scenario = changed
    with nullcontext() if lp_file is None else in_one_step(Path(lp_file)) as part:
        return Plan(
            analyse(
                scenario,
                solver=solver,
                time_limit=time_limit,
                lp_file=part,
                explain=explain,
                progress=in_words(progress),
            )
        )


def compare(
    scenarios: Sequence[Scenario],
    names: Sequence[str] | None = None,
    *,
    time_limit: float | None = None,
    progress: Told | None = None,
) -> Comparison:
    """Plan several scenarios and set the plans side by side; the first is what the others are compared with.

    Parameters
    ----------
    scenarios
        Two to twenty, with amounts in one unit.
    names
        What to call them, one name for each; None: by variant or title, numbered where those are the same.
    time_limit, progress
        As for `optimise`; the limit is that of the whole work.

    Returns
    -------
    Comparison
        Its figures are exact (`fractions.Fraction`): `core`, `cases`, `cross`, `bridges`; see
        `allocator.analyses.compare`.

    Raises
    ------
    UsageError
        There are too few or too many, the names don't fit, the units differ, or `time_limit` has no meaning.
    """
    from allocator.analyses.compare import Case
    from allocator.analyses.compare import compare as compared

    _check_limit(time_limit)
    called = _called(scenarios) if names is None else list(names)
    if len(called) != len(scenarios):
        raise UsageError(f"{len(scenarios)} scenarios need {len(scenarios)} names, but {len(called)} were given")
    cases = [Case(name, each, path=each.path) for name, each in zip(called, scenarios, strict=True)]
    return compared(cases, time_limit=time_limit, progress=in_words(progress))


def _called(scenarios: Sequence[Scenario]) -> list[str]:
    """Return a name for each scenario: by what it was changed, or its title, numbered where that is taken."""
    found: list[str] = []
    for scenario in scenarios:
        own = short_name(scenario.changed_by) or scenario.title
        numbered = (f"{own} ({number})" if number > 1 else own for number in range(1, len(scenarios) + 1))
        found.append(next(name for name in numbered if name not in found))
    return found

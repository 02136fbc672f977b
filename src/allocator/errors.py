"""Everything that can go wrong, as one tree.

::

    AllocateError                 exit code 2 unless said otherwise
    ├── WorkbookError             the file can't be read as a workbook
    ├── ScenarioError             the workbook is read, but its content has problems: all of them, each at its cell
    ├── OutputError               what was asked for can't be written there
    │   └── ProgrammeNotWrittenError
    ├── UsageError                an option that names something that isn't there
    │   ├── NoSuchSolverError, NoTimeLimitError
    │   ├── NotComparableInNumberError, NamedTwiceError, UnlikeUnitsError                        of comparisons
    │   ├── NotAConditionError, EqualityAsConditionError, MisreadConditionError, NotAYearError   of what is sought
    │   └── NowhereToSearchError, NoOtherValueError, TooNearToAChangeError                       of the cell that moves
    └── SolverError               exit code 3: the solver stopped without an answer
        ├── TimeLimitReachedError
        ├── SolverStoppedError, NoPlanFoundError                                    of HiGHS
        └── OtherSolverFailedError, OtherSolverStoppedError, SolversDisagreeError   of a solver that isn't HiGHS

That no plan exists is no error but a result: `Plan.status` is ``infeasible``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field


class AllocateError(Exception):
    """Base of all errors that this package raises on purpose; its text is written for the user."""

    exit_code = 2


class WorkbookError(AllocateError):
    """The file is missing, or is no workbook that can be read."""


_SHOWN = 6
"""Of a problem's cells so many are shown."""
_FIRST = re.compile(r"(.*)!([A-Z]+)(\d+)(?=[:,]|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name, in a cell or in a heading, that nothing bears, and how that is said without what to type instead."""

    name: str
    said: str
    in_heading: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a workbook, where it stands, and what to do about it."""

    cell: str
    """The cell as a spreadsheet writes it, ``Rules!D7``; a sheet's name alone where no cell is to blame.

    A problem that several cells share names them all: ``Areas!A6:C36``, ``Rules!C3:C5, C9``.
    """
    message: str
    """What was found, what is expected, and what to type."""
    heading: str = ""
    """The column's heading, shown after the cell."""
    cause: tuple[str, ...] = field(default=(), compare=False)
    """What makes it one with others of its column, however they are worded; never shown."""
    unknown: Unknown | None = field(default=None, compare=False)
    """The name that it is about, where that is one which nothing bears."""

    @property
    def first(self) -> tuple[str, str, int]:
        """Sheet, letters and row of its first cell; ``("Rules", "", 0)`` of a whole sheet."""
        match = _FIRST.match(self.cell)
        return (match[1], match[2], int(match[3])) if match else (self.cell, "", 0)

    @property
    def where(self) -> str:
        """The cell and its heading, as messages show them; of many cells the first few."""
        first = self.cell.split(", ") if "!" in self.cell else [self.cell]
        cells = ", ".join([*first[:_SHOWN], "…"] if len(first) > _SHOWN + 1 else first)
        return f"{cells} {self.heading}".rstrip()

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class ScenarioError(AllocateError):
    """The workbook's content has problems; `problems` holds every one of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OutputError(AllocateError):
    """A file can't be written, or must not be overwritten."""


class UsageError(AllocateError):
    """An option that names something that does not exist."""


class SolverError(AllocateError):
    """The solver stopped without an answer: nothing is known about the programme."""

    exit_code = 3


# -- what can't be written, and options that name what isn't there ----------------------------------------------------


class ProgrammeNotWrittenError(OutputError):
    """The linear programme can't be written to the file that was named."""

    def __init__(self, why: Exception) -> None:
        super().__init__(f"the linear programme can't be written: {why}")


class NoSuchSolverError(UsageError):
    """PuLP knows no such solver, or it isn't installed; `there`: those that are."""

    def __init__(self, name: str, *, known: bool, there: Iterable[str]) -> None:
        what = "isn't installed here" if known else "is no solver that PuLP knows"
        super().__init__(f'--solver "{name}" {what}; there are: {", ".join(there)}')


class NoTimeLimitError(UsageError):
    """A time limit must be above 0."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:g} is no number of seconds above 0")


class NotComparableInNumberError(UsageError):
    """So few or so many scenarios can't be compared."""

    def __init__(self, given: int, fewest: int, most: int) -> None:
        were = "was" if given == 1 else "were"
        super().__init__(f"From {fewest} to {most} scenarios can be compared, but {given} {were} given")


class NamedTwiceError(UsageError):
    """Two scenarios that are to be compared have one name."""

    def __init__(self, name: str) -> None:
        super().__init__(f'Two of the scenarios are called "{name}"; give each a name of its own')


class UnlikeUnitsError(UsageError):
    """Two scenarios that are to be compared count in different units."""

    def __init__(self, name: str, unit: str, other: str, other_unit: str) -> None:
        super().__init__(
            f'"{name}" counts in {unit}, "{other}" in {other_unit}: such amounts can\'t be compared; type the same '
            "Unit into both Scenario sheets, and the amounts in it"
        )


class NotAConditionError(UsageError):
    """What is to be reached can't be understood."""

    def __init__(self, typed: str) -> None:
        super().__init__(
            f'"{typed}": type a condition such as "Indicators/NAME >= 11", "Areas/NAME/2030 >= 500" or '
            '"Objective >= 1000"'
        )


class EqualityAsConditionError(UsageError):
    """What is to be reached is asked for with ``=``."""

    def __init__(self, typed: str) -> None:
        super().__init__(f'"{typed}": "=" is hit at a single value; type >= or <=')


class MisreadConditionError(UsageError):
    """A number or a name in what is to be reached can't be read; `why` says what to type."""

    def __init__(self, typed: str, why: str) -> None:
        super().__init__(f'"{typed}": {why}')


class NotAYearError(UsageError):
    """What is to be reached names a year outside of the scenario's."""

    def __init__(self, typed: str, year: str, span: tuple[int, int]) -> None:
        super().__init__(f'"{typed}": {year} is not a year of this scenario ({span[0]}-{span[1]})')


class NowhereToSearchError(UsageError):
    """The cell is blank or 0, so that it doesn't tell between which values to search."""

    def __init__(self, address: str, *, blank: bool) -> None:
        holds = "blank" if blank else "0"
        super().__init__(f'{address} is {holds}; say where to search: "{address}=FROM..TO"')


class NoOtherValueError(UsageError):
    """The cell can take no other value."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} can take no other value; the workbook's other cells leave no room")


class TooNearToAChangeError(UsageError):
    """The end of the way is too near to a value at which the scenario changes its shape."""

    def __init__(self, address: str, value: str) -> None:
        super().__init__(f"{address} = {value}: too near to where the scenario changes; name other limits")


# -- solvers without an answer ----------------------------------------------------------------------------------------


class TimeLimitReachedError(SolverError):
    """The time limit came before the answer."""

    def __init__(self, seconds: float | None) -> None:
        own = "" if seconds is None else f" of {seconds:g} seconds"
        super().__init__(f"the time limit{own} came before the answer")


class SolverStoppedError(SolverError):
    """HiGHS stopped without an answer; `status` is its own word for how."""

    def __init__(self, status: str) -> None:
        super().__init__(f"HiGHS stopped: {status}")


class NoPlanFoundError(SolverError):
    """HiGHS found no plan though one exists."""

    def __init__(self) -> None:
        super().__init__("HiGHS found no plan where one exists")


class OtherSolverFailedError(SolverError):
    """A solver other than HiGHS failed."""

    def __init__(self, name: str, why: Exception) -> None:
        super().__init__(f"{name} failed: {why}")


class OtherSolverStoppedError(SolverError):
    """A solver other than HiGHS stopped without an answer."""

    def __init__(self, name: str, status: str) -> None:
        super().__init__(f"{name} stopped without an answer: {status}")


class SolversDisagreeError(SolverError):
    """A solver other than HiGHS says what isn't proved; `proved` is the objective, None: that no plan exists."""

    def __init__(self, name: str, outcome: str, objective: float, proved: float | None) -> None:
        told = "no plan exists" if proved is None else f"optimal {proved:.9g}"
        super().__init__(
            f"{name} disagrees with what is proved in fractions ({outcome} {objective:.9g}; {told}); no plan is written"
        )

"""What is asked: a scenario as plain data, resolved and checked, each figure with the cell it came from.

All money is in the scenario's unit; all numbers that enter the programme are exact (`fractions.Fraction` of the
decimal that stands in the cell: a cell showing 0.04 is 4/100, not the binary number next to it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import Literal, NamedTuple

from allocator.scenario.bases import Basis, Demand
from allocator.spreadsheet.references import column_letters

# ---- Where a figure came from ---------------------------------------------------------------------------------------


type Raw = str | int | float | bool | None
"""A cell's value as read; dates come as ISO text."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the scenario workbook; row and column count from 1."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        return f"{self.sheet}!{column_letters(self.column)}{self.row}"


@dataclass(frozen=True)
class Origin:
    """The row of a table that something was read from, and what travels with that row."""

    sheet: str
    row: int
    columns: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Canonical heading → column number, for the table's headings that are there."""
    evidence: str = ""
    status: str = ""
    legal_basis: str = ""
    note: str = ""

    def cell(self, heading: str) -> Cell:
        """Return the row's cell under `heading`, or its first cell where the table has no such column."""
        column = self.columns.get(heading) or min(self.columns.values(), default=1)
        return Cell(self.sheet, self.row, column)


# ---- Edits ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edit:
    """A cell with its value before and after, or a whole row that goes."""

    sheet: str
    """As the workbook spells it."""
    row: str
    """The row's label, as addresses spell it: ``Culture / 2``, ``Literacy/2028``."""
    column: str
    """The heading; empty where the whole row is removed."""
    cell: Cell
    """Where it stands; the row's first cell where the whole row is removed."""
    before: Raw
    after: Raw
    """None: the cell is cleared."""
    percent: bool
    """Whether numbers there are percentages: 0.04 is 4 %."""

    @property
    def removes_row(self) -> bool:
        """Whether it is a whole row that goes."""
        return not self.column

    @property
    def numbers(self) -> tuple[Fraction, Fraction]:
        """The numbers before and after, in the decimals that stand in the cells; 0 for what is no number."""
        return _decimal(self.before), _decimal(self.after)

    @property
    def moves_by(self) -> Fraction:
        """By how much the number changes."""
        before, after = self.numbers
        return after - before


@dataclass(frozen=True, kw_only=True)
class VariantEdit(Edit):
    """An edit that a variant asks for."""

    origin: Origin
    """Its row on the What-if sheet, with evidence and status of the change."""


@dataclass(frozen=True, kw_only=True)
class RuleEdit(Edit):
    """An edit that loosens a rule, a limit, a budget or a target, as repairs do: a number, or a keyword."""

    rule: str
    """The row's name, as on Rules."""
    year: int | None
    """None where the cell holds for several years."""
    unit: str
    """``%`` for a share, else the scenario's or the indicator's unit; empty for a keyword."""

    @property
    def of_keyword(self) -> bool:
        """Whether it types a keyword in place of another: an operator, or what Spend says."""
        return isinstance(self.after, str)


@dataclass(frozen=True, kw_only=True)
class CellDifference(Edit):
    """A cell in which a second scenario differs from a first; one whose row or column is missing counts as blank."""

    before_cell: Cell | None
    """Where it stands in the first; None where its row or column is missing there."""
    after_cell: Cell | None

    @property
    def turned(self) -> CellDifference:
        """The same on the way back."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            cell=self.after_cell or self.cell,
            before_cell=self.after_cell,
            after_cell=self.before_cell,
        )


@dataclass(frozen=True)
class ChangedBy:
    """What changed a scenario's figures since its file was read: a variant, a repair, or a variant and its repair."""

    variant: str | None = None
    """The variant's name."""
    repair: int | None = None
    """The repair's number, from 1."""
    edits: tuple[Edit, ...] = ()
    """The variant's, then the repair's."""
    told: str = ""
    """What was changed, as a plan's workbook says it that the scenario was read from: there are no edits in it."""


def values_of(edits: Iterable[Edit]) -> tuple[dict[Cell, Raw], frozenset[tuple[str, int]]]:
    """Return edits as what cells are to hold, and the rows (sheet, number) that go."""
    edits = tuple(edits)
    values = {edit.cell: edit.after for edit in edits if not edit.removes_row}
    return values, frozenset((edit.cell.sheet, edit.cell.row) for edit in edits if edit.removes_row)


def _decimal(raw: Raw) -> Fraction:
    return Fraction(repr(raw)) if isinstance(raw, int | float) and not isinstance(raw, bool) else Fraction(0)


# ---- The scenario ---------------------------------------------------------------------------------------------------


class SourceKind(Enum):
    """Whose money a source is."""

    BUDGET = "budget"
    OTHER = "other"


@dataclass(frozen=True)
class Source:
    """A funding source: amounts available by year, in the scenario's unit."""

    name: str
    kind: SourceKind
    last_year: Fraction | None
    available: Mapping[int, Fraction]
    spend_all: bool
    carry_over: bool
    origin: Origin


class Operator(Enum):
    """A comparison; the strict ones ask for a margin of at least one Step."""

    AT_LEAST = ">="
    AT_MOST = "<="
    EQUAL = "="
    OVER = ">"
    UNDER = "<"

    @property
    def strict(self) -> bool:
        """Whether equality is not enough."""
        return self in (Operator.OVER, Operator.UNDER)

    @property
    def lower(self) -> bool:
        """Whether it bounds its left side from below (``=`` bounds both ways: False here and in `upper`)."""
        return self in (Operator.AT_LEAST, Operator.OVER)

    @property
    def upper(self) -> bool:
        """Whether it bounds its left side from above."""
        return self in (Operator.AT_MOST, Operator.UNDER)


@dataclass(frozen=True)
class Limits:
    """What an area may get in a year: amounts over all sources, shares of that year's budget; None is no limit."""

    minimum: Fraction | None = None
    maximum: Fraction | None = None
    minimum_share: Fraction | None = None
    maximum_share: Fraction | None = None
    cells: Mapping[str, Cell] = field(default_factory=dict)
    """The cell of each limit that is set, by the names above."""


type Which = Literal["minimum", "maximum", "minimum_share", "maximum_share"]
"""A field of `Limits`."""


class LimitKind(NamedTuple):
    """What a limit is: the column that it stands in, which way it bounds, whether it is a share of the budget."""

    heading: str
    operator: Operator
    of_share: bool


LIMIT_KINDS: dict[Which, LimitKind] = {
    "minimum": LimitKind("Minimum", Operator.AT_LEAST, of_share=False),
    "maximum": LimitKind("Maximum", Operator.AT_MOST, of_share=False),
    "minimum_share": LimitKind("Minimum share", Operator.AT_LEAST, of_share=True),
    "maximum_share": LimitKind("Maximum share", Operator.AT_MOST, of_share=True),
}


LIMIT_HEADINGS = frozenset(limit.heading for limit in LIMIT_KINDS.values())


@dataclass(frozen=True)
class Assignment:
    """Who does what until when; text as read."""

    lead_agency: str = ""
    coordinating_agency: str = ""
    responsible: str = ""
    start: str = ""
    completion: str = ""
    output: str = ""


@dataclass(frozen=True)
class Area:
    """A priority area. One with parts has no money of its own: it is the sum of its parts."""

    name: str
    part_of: str | None
    groups: tuple[str, ...]
    last_year: Fraction | None
    """Budget money in the year before the first; None where blank."""
    last_year_by_source: Mapping[str, Fraction]
    benefit: Fraction
    sources: tuple[str, ...]
    """The sources that may pay for it, in the order of the Budget sheet."""
    proposed: Mapping[int, Fraction]
    """The draft plan's amount by year, where given."""
    assignment: Assignment
    origin: Origin


@dataclass(frozen=True)
class Band:
    """A segment of an area's yearly amount with one benefit per unit; `end` None is no end."""

    start: Fraction
    end: Fraction | None
    benefit: Fraction
    number: int
    """1 for the area's first band."""
    origin: Origin


@dataclass(frozen=True, order=True)
class Strength:
    """How much a rule is meant: `kind` is must, law, goal or off; `priority` 1, 2, … for goals."""

    kind: Literal["must", "law", "goal", "off"] = "must"
    priority: int = 0

    def __str__(self) -> str:
        return f"goal {self.priority}" if self.kind == "goal" else self.kind


@dataclass(frozen=True)
class Subject:
    """Whose money a rule is about: a name to show, and the areas without parts that it comprises."""

    name: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """One rule; `every area` rules come with one subject for each area, and are named after each."""

    name: str
    subjects: tuple[Subject, ...]
    each: bool
    """Whether Area was `every area …`: then each subject has a row of its own, named ``RULE: AREA``."""
    sources: tuple[str, ...]
    """The sources whose money counts."""
    counted: str
    """The same as it was written: `budget`, `all`, or names; shown to readers."""
    operator: Operator
    value: Fraction
    basis: Basis
    years: tuple[int, ...]
    together: bool
    strength: Strength
    origin: Origin

    def demand(self, subject: Subject, years: tuple[int, ...], earliest: int) -> Demand:
        """Return what the rule's row about `subject` in `years` speaks of; `earliest`: the first year's before."""
        return Demand(subject.areas, self.sources, years, earliest)

    def row_name(self, subject: Subject) -> str:
        """Return the name of the rule's row about `subject`."""
        return f"{self.name}: {subject.name}" if self.each else self.name


@dataclass(frozen=True)
class Target:
    """What an indicator is to reach in some years; operator and value None where it is reported only."""

    operator: Operator | None
    value: Fraction | None
    years: tuple[int, ...]
    strength: Strength
    origin: Origin


@dataclass(frozen=True)
class Indicator:
    """An outcome that money moves: value[t] = baseline + Σ over the years counted Σ effect·(amount − last year)."""

    name: str
    unit: str
    baseline: Fraction
    yearly: bool
    """Whether only the year's own spending counts; otherwise all years up to it."""
    from_last_year: bool
    """Whether only money above Last year moves it."""
    weight: Fraction
    reference: Raw
    targets: tuple[Target, ...]
    origin: Origin

    def years_counted(self, year: int, years: Iterable[int]) -> tuple[int, ...]:
        """Return the years whose spending counts for the indicator's value in `year`."""
        return (year,) if self.yearly else tuple(t for t in years if t <= year)

    @property
    def last_year(self) -> int:
        """The last year of any of its targets: where its value is an objective."""
        return max(year for target in self.targets for year in target.years)


@dataclass(frozen=True)
class Effect:
    """The change of an indicator per unit of an area's money, and where it stands."""

    value: Fraction
    cell: Cell
    origin: Origin


@dataclass(frozen=True)
class Objective:
    """What is sought; `indicator` names one, or is None for benefit (maximise) and spending (minimise)."""

    maximise: bool = True
    indicator: str | None = None

    def __str__(self) -> str:
        verb = "maximise" if self.maximise else "minimise"
        return f"{verb} {self.indicator or ('benefit' if self.maximise else 'spending')}"


@dataclass(frozen=True)
class Setting:
    """A row of the Scenario sheet, as read."""

    name: str
    value: Raw
    origin: Origin


@dataclass(frozen=True)
class InputSheet:
    """A sheet as it was read: every cell's value from A1 on, and which of the columns hold percentages."""

    name: str
    rows: tuple[tuple[Raw, ...], ...]
    table: str | None
    """The table of `scenario.tables` found on it, or None."""
    header_row: int | None
    """The row of its headings, from 1."""
    last_row: int | None
    """The last row of its table, from 1."""
    headings: dict[int, str] = field(default_factory=dict)
    """Column number → canonical heading (years as ``2026``)."""
    percent: frozenset[tuple[int, int]] = frozenset()
    """(row, column) of the cells that were read as percentages."""

    @cached_property
    def column(self) -> Mapping[str, int]:
        """Heading → column number; those of the table, years as ``2026``."""
        return {heading: number for number, heading in self.headings.items()}

    @property
    def table_rows(self) -> range:
        """The rows below the table's headings."""
        return range((self.header_row or 0) + 1, (self.last_row or 0) + 1)

    def raw(self, row: int, column: int) -> Raw:
        """Return a cell as it was read; None beyond what is filled, and for column 0."""
        values = self.rows[row - 1] if row <= len(self.rows) else ()
        return values[column - 1] if 0 < column <= len(values) else None


@dataclass(frozen=True)
class Variant:
    """A what-if: a few cells of the scenario changed together, under a name."""

    name: str
    edits: tuple[VariantEdit, ...]
    origin: Origin
    """Its first row on the What-if sheet."""


class Remark:
    """Something that was noticed while a scenario was read; its text is a sentence without a full stop."""


@dataclass(frozen=True)
class Scenario:
    """All that is asked. Years, areas, sources and rules stand in the workbook's order."""

    title: str
    unit: str
    step: Fraction
    objective: Objective
    discount_rate: Fraction
    settings: tuple[Setting, ...]
    years: tuple[int, ...]
    sources: tuple[Source, ...]
    areas: tuple[Area, ...]
    limits: Mapping[tuple[str, int], Limits]
    """(area, year) → its limits, of Areas and Limits together; a pair without any is missing."""
    bands: Mapping[tuple[str, int], tuple[Band, ...]]
    """(area, year) → its bands from 0 on; a pair that no band covers is missing."""
    rules: tuple[Rule, ...]
    indicators: tuple[Indicator, ...]
    effects: Mapping[str, Mapping[str, Effect]]
    """Indicator → area → effect; zero effects are left out."""
    inputs: tuple[InputSheet, ...] = ()
    messages: tuple[Remark, ...] = ()
    """What the reader ought to know though it is no error."""
    path: str = ""
    """The file's name, without folders."""
    sha256: str = ""
    """Of the scenario file."""
    changed_by: ChangedBy | None = None
    """What changed its figures since the file was read; None: nothing."""
    variants: tuple[Variant, ...] = ()
    """The What-if sheet's; empty in a scenario that is a variant itself."""

    @cached_property
    def source(self) -> Mapping[str, Source]:
        """Sources by name."""
        return {source.name: source for source in self.sources}

    @cached_property
    def area(self) -> Mapping[str, Area]:
        """Areas by name."""
        return {area.name: area for area in self.areas}

    @cached_property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """Area → the areas without parts that it comprises: itself, or its parts, at any depth."""
        children: dict[str, list[str]] = {area.name: [] for area in self.areas}
        for area in self.areas:
            if area.part_of is not None:
                children[area.part_of].append(area.name)

        def leaves(name: str) -> tuple[str, ...]:
            return tuple(leaf for child in children[name] for leaf in leaves(child)) or (name,)

        return {name: leaves(name) for name in children}

    @cached_property
    def leaves(self) -> tuple[Area, ...]:
        """The areas without parts: those that get money."""
        return tuple(area for area in self.areas if self.parts[area.name] == (area.name,))

    @cached_property
    def budget_sources(self) -> tuple[str, ...]:
        """The sources of Kind `budget`: the government's own money."""
        return tuple(source.name for source in self.sources if source.kind is SourceKind.BUDGET)

    def available(self, sources: Iterable[str], year: int) -> Fraction:
        """Return what sources make available in a year: the sum of their Budget cells.

        Parameters
        ----------
        sources
            Their names.
        year
            One of the scenario's.

        Returns
        -------
        Fraction
            Money in the scenario's unit; a blank cell is 0.
        """
        return sum((self.source[name].available[year] for name in sources), Fraction(0))

    def budget(self, year: int) -> Fraction:
        """Return a year's budget: the cells of all sources of Kind `budget`.

        Parameters
        ----------
        year
            One of the scenario's.

        Returns
        -------
        Fraction
            Money in the scenario's unit.
        """
        return self.available(self.budget_sources, year)

    def raw(self, cell: Cell) -> Raw:
        """Return what stands in an input cell.

        Parameters
        ----------
        cell
            A cell of one of the inputs.

        Returns
        -------
        str, int, float, bool or None
            As it was read; None where it is blank.
        """
        return next(sheet for sheet in self.inputs if sheet.name == cell.sheet).raw(cell.row, cell.column)

    def discount(self, year: int) -> Fraction:
        """Return the factor on a year's benefits: (1 + rate) to the power of minus the years since the first.

        Parameters
        ----------
        year
            One of the scenario's.

        Returns
        -------
        Fraction
            1 in the first year, or where nothing is discounted.
        """
        return (1 + self.discount_rate) ** -(year - self.years[0])

"""The programme as a PuLP model: scaled, named, ready for any solver.

Money is scaled by a power of ten so that a year's total lies between 1e2 and 1e6, each indicator row and the
objective by powers of ten so that their largest coefficients lie between 1e-3 and 1e3; solvers work with absolute
tolerances and drop what is tiny. The model is always a minimisation, since HiGHS is surest there; `Model` turns
signs and scales back, and nothing outside this package sees them.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from allocator.programme.build import Programme
from allocator.programme.rows import Key, Piece, Row, RowKind
from allocator.programme.session import Arrays, RowNumbers
from allocator.scenario.model import Operator

if TYPE_CHECKING:
    import pulp

_NAME_LENGTH = 80
"""PuLP writes no name of over 100 characters into an LP file; numbers are added to some."""
_MEANS_ELSE = re.compile(
    r"\d|e\d|inf|nan|goal_(\d+_)?held|"
    r"(obj|max(imi[sz]e|imum)?|min(imi[sz]e|imum)?|s_?t|such_that|subject(_to)?|to|bounds?|free|end|"
    r"sec(tion)?|sos[12]?|semis?(_continuous)?|ranges?|bin(ary|aries)?|gens?|generals?|int(egers?)?|lazy|cuts?)$",
    re.IGNORECASE,
)
"""Texts that LP files read as a number or a word of their own, and the names of rows that hold goals' sums. HiGHS 1.15
takes the first letters of Infrastructure for infinity."""
_ROW_SIGNS = {
    Operator.AT_LEAST: ">=",
    Operator.OVER: ">=",
    Operator.AT_MOST: "<=",
    Operator.UNDER: "<=",
    Operator.EQUAL: "=",
}


class Names:
    """Names for rows and columns that say what they are, in letters that every LP reader takes, each once.

    They are for reading alone: what a row or column means is kept in maps, never taken from its name.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}
        """The number that the next name of a text gets that was taken before."""

    def make(self, *parts: object) -> str:
        """Return a name of `parts`: without accents and signs, numbered where it would stand twice."""
        text = "_".join(str(part) for part in parts if part is not None)
        text = unicodedata.normalize("NFKD", text).replace("đ", "d").replace("Đ", "D")
        text = "".join(c for c in text if not unicodedata.combining(c))
        text = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")[:_NAME_LENGTH] or "unnamed"
        name = base = f"x_{text}" if _MEANS_ELSE.match(text) else text
        while name in self._taken:
            number = self._next.get(base, 2)
            self._next[base] = number + 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


def power_of_ten(size: float, low: float, high: float) -> int:
    """Return the exponent that brings `size` to the lower decade above `low` where it isn't between the two."""
    if not size or low <= size <= high:
        return 0
    return math.floor(math.log10(size)) - math.floor(math.log10(math.sqrt(low * high)))


@dataclass
class Model:
    """A PuLP problem with the maps between it and the programme. Columns and rows count as in PuLP."""

    programme: Programme
    problem: pulp.LpProblem
    objective: pulp.LpAffineExpression = field(init=False)
    money: float
    """Units of the workbook in one unit of the model's money."""
    objective_scale: float
    """The objective in one unit of the model's objective; negative where the programme maximises."""
    amounts: dict[Key, pulp.LpVariable] = field(default_factory=dict)
    pieces: dict[tuple[str, int], list[tuple[Piece, pulp.LpVariable]]] = field(default_factory=dict)
    """(area, year) → its piece columns; missing where one source pays and one coefficient holds."""
    sum_of: dict[tuple[str, int], str] = field(default_factory=dict)
    """(area, year) → the name of the row that says its amounts add up to its pieces."""
    shortfalls: dict[int, list[pulp.LpVariable]] = field(default_factory=dict)
    """Index of a goal's row in `programme.rows` → its shortfall, for ``=`` also its excess."""
    row_of: list[str | None] = field(default_factory=list)
    """For each of `programme.rows` its constraint's name; None where no amount is in it."""
    row_scale: list[float] = field(default_factory=list)
    """For each of `programme.rows`: units of the row in one unit of the model's row."""
    goal_rows: dict[int, str] = field(default_factory=dict)
    """Priority → the name of the row that holds its sum of shortfalls."""
    impossible: list[Row] = field(default_factory=list)
    """Rows without amounts that don't hold: no plan exists."""

    def goals(self, priority: int) -> tuple[pulp.LpAffineExpression, float]:
        """Return the sum of the shortfalls of one priority, each divided by its row's divisor, and its scale.

        The scale is what one unit of the expression is in the sum as stated: divisors are whole budgets, and a
        solver's tolerance on their inverses would be worth money.
        """
        import pulp

        rows = self.programme.rows
        weights = {
            index: self.row_scale[index] / float(rows[index].divisor)
            for index in self.shortfalls
            if rows[index].strength.priority == priority
        }
        scale = max(weights.values())
        terms = [(variable, weight / scale) for index, weight in weights.items() for variable in self.shortfalls[index]]
        return pulp.lpSum_vars_coefs(terms), scale


def assemble(programme: Programme) -> Model:
    """Return the PuLP model of `programme`; its objective is set, goals are not yet."""
    import pulp

    scenario = programme.scenario
    largest = max(float(scenario.available(scenario.source, year)) for year in scenario.years)
    money = 10.0 ** power_of_ten(largest, 1e2, 1e6)
    slopes = [abs(float(p.slope)) * money for pieces in programme.pieces.values() for p in pieces]
    scale = 10.0 ** power_of_ten(max(slopes, default=0), 1e-3, 1e3)
    name = Names().make(scenario.title)
    model = Model(programme, pulp.LpProblem(name, pulp.LpMinimize), money, -scale if programme.maximise else scale)
    names = Names()
    _add_columns(model, names)
    _add_rows(model, names)
    model.objective = _objective(model)
    return model


def _add_columns(model: Model, names: Names) -> None:
    for key in model.programme.keys:
        model.amounts[key] = model.problem.add_variable(names.make(*key), 0)
    payers: dict[tuple[str, int], int] = {}
    for area, year, _ in model.programme.keys:
        payers[area, year] = payers.get((area, year), 0) + 1
    for (area, year), pieces in model.programme.pieces.items():
        if len(pieces) == 1 and payers.get((area, year), 0) <= 1:
            continue
        model.pieces[area, year] = [
            (
                piece,
                model.problem.add_variable(names.make(area, year, _piece_name(piece, pieces)), 0, _width(model, piece)),
            )
            for piece in pieces
        ]


def _piece_name(piece: Piece, pieces: Sequence[Piece]) -> str:
    return "all_sources" if len(pieces) == 1 else f"band_{piece.number}"


def _width(model: Model, piece: Piece) -> float | None:
    return None if piece.width is None else float(piece.width / Fraction(model.money))


def _add_rows(model: Model, names: Names) -> None:
    import pulp

    for index, row in enumerate(model.programme.rows):
        terms = [(model.amounts[key], float(c)) for key, c in row.body.terms.items()]
        scale = _row_scale(model, row, [c for _, c in terms])
        model.row_scale.append(scale)
        bound = float(row.bound) / scale
        terms = [(variable, c * model.money / scale) for variable, c in terms]
        if row.strength.kind == "goal":
            terms += _add_shortfall(model, index, row, names)
        if not terms:
            model.row_of.append(None)
            if row.slack({}) < 0:
                model.impossible.append(row)
            continue
        name = names.make(row.label)
        _constrain(model.problem, pulp.lpSum_vars_coefs(terms), row.operator, bound, name)
        model.row_of.append(name)
    for (area, year), pieces in model.pieces.items():
        sources = model.programme.scenario.area[area].sources
        total = [(model.amounts[area, year, source], 1.0) for source in sources]
        parts = [(variable, -1.0) for _, variable in pieces]
        name = model.sum_of[area, year] = names.make("Sum", area, year)
        _constrain(model.problem, pulp.lpSum_vars_coefs(total + parts), Operator.EQUAL, 0, name)


def _row_scale(model: Model, row: Row, coefficients: Iterable[float]) -> float:
    """Return the unit in which a row is handed over: money for money, a power of ten for an indicator."""
    if row.kind is not RowKind.INDICATOR:
        return model.money
    largest = max((abs(c) * model.money for c in coefficients), default=0.0)
    return 10.0 ** power_of_ten(largest, 1e-2, 1e2)


def _constrain(
    problem: pulp.LpProblem, left: pulp.LpAffineExpression, operator: Operator, bound: float, name: str
) -> None:
    sign = _ROW_SIGNS[operator]
    constraint = left >= bound if sign == ">=" else left <= bound if sign == "<=" else left == bound
    problem.addConstraint(constraint, name)


def _add_shortfall(model: Model, index: int, row: Row, names: Names) -> list[tuple[pulp.LpVariable, float]]:
    """Let a goal's row be missed, at the price of its shortfall."""
    below = model.problem.add_variable(names.make(row.label, "missed by"), 0)
    if row.operator is Operator.EQUAL:
        above = model.problem.add_variable(names.make(row.label, "exceeded by"), 0)
        model.shortfalls[index] = [below, above]
        return [(below, 1.0), (above, -1.0)]
    model.shortfalls[index] = [below]
    return [(below, 1.0 if row.operator.lower else -1.0)]


def _objective(model: Model) -> pulp.LpAffineExpression:
    import pulp

    factor = model.money / model.objective_scale
    terms: list[tuple[pulp.LpVariable, float]] = []
    for (area, year), pieces in model.programme.pieces.items():
        if columns := model.pieces.get((area, year)):
            terms += [(variable, float(piece.slope) * factor) for piece, variable in columns]
        else:
            slope = float(pieces[0].slope) * factor
            terms += [
                (model.amounts[area, year, source], slope) for source in model.programme.scenario.area[area].sources
            ]
    # PuLP adds a variable of its own to an objective without any term
    return pulp.lpSum_vars_coefs([(variable, c) for variable, c in terms if c] or terms[:1])


def arrays(problem: pulp.LpProblem) -> Arrays:
    """Return a problem as HiGHS takes it, with columns and rows in PuLP's order."""
    columns = problem.exported_variables()
    at = {variable.id: number for number, variable in enumerate(columns)}
    cost = np.zeros(len(columns))
    assert problem.objective is not None  # noqa: S101 - the solver is given one with something to be sought
    for variable, coefficient in problem.objective.items():
        if variable.id in at:  # PuLP leaves out what stands nowhere with a coefficient
            cost[at[variable.id]] = coefficient
    rows: list[RowNumbers] = []
    for constraint in problem.constraints():
        low, high = constraint.getLb(), constraint.getUb()
        terms = {at[variable.id]: coefficient for variable, coefficient in constraint.items() if coefficient}
        rows.append((terms, -math.inf if low is None else low, math.inf if high is None else high))
    lower, upper = (
        np.array([none if end is None else end for end in ends], dtype=np.float64)
        for ends, none in (
            ([variable.lowBound for variable in columns], -math.inf),
            ([variable.upBound for variable in columns], math.inf),
        )
    )
    return Arrays.of(upper, rows, cost=cost, lower=lower)

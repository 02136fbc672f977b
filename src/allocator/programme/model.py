"""The scaled matrix as a PuLP model: named, to be written to a file or solved by any solver that PuLP knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from allocator.programme.matrix import Column, MatrixRow
from allocator.programme.rows import Piece
from allocator.programme.scaled import ScaledMatrix, ScaledStage
from allocator.programme.session import RowNumbers, Terms

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


def lp_problem(
    scaled: ScaledMatrix, sought: Terms | None, held: Sequence[tuple[ScaledStage, float]] = ()
) -> pulp.LpProblem:
    """Return a PuLP problem that minimises `sought` (None: nothing yet), sums of goals held at what stands by them."""
    import pulp

    problem = pulp.LpProblem(Names().make(scaled.programme.scenario.title), pulp.LpMinimize)
    view = _View(scaled, problem)
    view.add()
    for stage, bound in held:
        problem.addConstraint(view.sum_of(stage.terms) <= bound, f"Goal_{stage.priority}_held")
    if sought is not None:
        problem.setObjective(view.sum_of(sought))
    return problem


def objective_terms(scaled: ScaledMatrix) -> Terms:
    """Return the objective without what is worth nothing; PuLP adds a variable of its own where no term is left."""
    pieces = scaled.programme.pieces
    first = next(iter(pieces))
    column = scaled.matrix.pieces[first][0] if first in scaled.matrix.pieces else 0
    return {int(at): float(scaled.cost[at]) for at in scaled.cost.nonzero()[0]} or {column: 0.0}


class _View:
    """Names and adds columns and rows, in the order in which the matrix has them."""

    def __init__(self, scaled: ScaledMatrix, problem: pulp.LpProblem) -> None:
        self.scaled, self.problem, self.names = scaled, problem, Names()
        self.variables: list[pulp.LpVariable] = []

    def add(self) -> None:
        matrix = self.scaled.matrix
        shortfalls = matrix.shortfalls
        for at, column in enumerate(matrix.columns):
            if column.goal is None:
                self._add_column(at, column)
        for row, numbers in zip(matrix.rows, self.scaled.rows, strict=True):
            for at in shortfalls.get(row.index, ()) if row.index is not None else ():
                self._add_column(at, matrix.columns[at])
            self._add_row(row, numbers)

    def sum_of(self, terms: Terms) -> pulp.LpAffineExpression:
        """Return Σ coefficient · column."""
        import pulp

        return pulp.lpSum_vars_coefs([(self.variables[at], coefficient) for at, coefficient in terms.items()])

    def _add_column(self, at: int, column: Column) -> None:
        upper = None if column.upper is None else float(self.scaled.upper[at])
        self.variables.append(self.problem.add_variable(self.names.make(*self._column_name(column)), 0, upper))

    def _column_name(self, column: Column) -> Sequence[object]:
        if column.key is not None:
            return column.key
        if column.pair is not None:
            pieces = self.scaled.matrix.split[column.pair]
            return *column.pair, _piece_name(pieces[column.piece], pieces)
        assert column.goal is not None  # noqa: S101 - a column is one of the three
        return self.scaled.programme.rows[column.goal].label, "exceeded by" if column.above else "missed by"

    def _add_row(self, row: MatrixRow, numbers: RowNumbers) -> None:
        terms, low, high = numbers
        if row.index is not None:
            name = self.names.make(self.scaled.programme.rows[row.index].label)
        else:
            name = self.names.make("Sum", *(row.pair or ()))
        left = self.sum_of(terms)
        constraint = left == low if low == high else left <= high if row.operator.upper else left >= low
        self.problem.addConstraint(constraint, name)


def _piece_name(piece: Piece, pieces: Sequence[Piece]) -> str:
    return "all_sources" if len(pieces) == 1 else f"band_{piece.number}"

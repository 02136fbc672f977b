"""Which of a scenario's rows can stand together, by the oracle's rows and its exact simplex; goals left out."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from allocator.programme.rows import Row
from oracle import rows
from oracle_meaning import Content, Linear, Meaning, norm
from oracle_solve import Programme, Tableau, build

UNSEEN = Fraction(3, 10**6)
"""What solvers can't tell: strict rows' margins without Step are a millionth."""


class Exact:
    """A scenario's hard rows by name and year; `place` says where each stands."""

    def __init__(self, content: Content) -> None:
        self.whole = build(Meaning(content))
        goals = {place for place, row in enumerate(self.whole.rows) if any(k[0] == "lack" for k in row[0].coefs)}
        self.place = {key: place for key, place in self.whole.place.items() if place not in goals}
        law = {(row.name, row.year) for row in rows(self.whole.meaning) if row.strength == "law"}
        self.laws = {place for key, place in self.place.items() if key in law}
        self.everything = set(self.place.values())

    def of(self, row: Row) -> int:
        """Where a row of the programme stands."""
        return self.place[norm(row.name), row.year]

    def feasible(
        self, places: set[int], loosened: Fraction = Fraction(0), tightened: Mapping[int, Fraction] | None = None
    ) -> bool:
        """Whether these rows can stand together, each loosened by so much, some tightened."""
        part = Programme(self.whole.meaning, dict(self.whole.columns))
        for place in sorted(places):
            left, operator, bound = self.whole.rows[place]
            give = loosened - (tightened or {}).get(place, Fraction(0))
            ends = {"=": (">=", "<=")}.get(operator, (operator,)) if give else (operator,)
            part.rows += [(left, end, bound + (give if end == "<=" else -give)) for end in ends]
        return Tableau(part).feasible()

    def nearly_feasible(self, places: set[int]) -> bool:
        """Whether they can stand together within what solvers can tell."""
        return self.feasible(places) or self.feasible(places, UNSEEN)

    def side(self, row: Row) -> tuple[Linear, str, Fraction]:
        """A row as the oracle has it: left side, operator, bound."""
        return self.whole.rows[self.of(row)]

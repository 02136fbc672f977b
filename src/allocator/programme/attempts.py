"""How HiGHS is asked: its options, each with its reason, and the attempts that follow until there is an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Options = Mapping[str, Any]

# ---------------------------------------------------------------- options

TIGHT: Options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
"""As tight as HiGHS allows, so that near-ties are told apart; money is scaled to 1e2 … 1e6 before."""
LOOSE: Options = {"primal_feasibility_tolerance": 1e-7, "dual_feasibility_tolerance": 1e-7}
"""HiGHS' own, for questions about plans where the tightest finds none though there is one."""
TIGHTEST, LOOSEST = TIGHT["primal_feasibility_tolerance"], LOOSE["primal_feasibility_tolerance"]
"""How far a bound may be missed by, in the model's units, and still count as kept."""
MIDDLE: Options = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
"""Where faults have been scaled up to 1, so that nothing smaller matters."""
STEADY: Options = {
    "threads": 1, "parallel": "off", "random_seed": 0, "small_matrix_value": 1e-12, "large_matrix_value": 1e50,
    "infinite_bound": 1e50, "infinite_cost": 1e50, "output_flag": False,
}  # fmt: skip
"""Of every session: the same input gives the same plan; no coefficient is dropped, or refused, that a scaled row may
well have (HiGHS' own bounds are 1e-9 and 1e15); nothing is printed."""
SIMPLEX: Options = {"solver": "simplex"}
"""It alone leaves a basis that can be looked at, and started from."""
DIRECT: Options = {"presolve": "off"}
"""A basis to start from is lost by presolve, and so is the ray of a programme that it finds infeasible."""
DUAL: Options = {"simplex_strategy": 1}
"""The simplex method that goes on from a basis whose bounds have changed."""
PRIMAL: Options = {"simplex_strategy": 4}
"""The one that goes on from a basis whose costs have changed: the point stays feasible."""
SCALED: Options = {"simplex_scale_strategy": 2}
UNSCALED: Options = {"simplex_scale_strategy": 0}
"""A programme that is infeasible as HiGHS scales it may be neither that nor optimal as it stands."""
ROUNDS = 5
"""A run is ended after so many iterations per row and column, and some more: it goes in circles, honest ones take a
part of that."""
SAFETY = 60.0
"""Seconds after which branch and bound is stopped whatever its node limit; where it hits, it has lost its way."""
MIXED: Options = {
    "mip_rel_gap": 0.0, "mip_feasibility_tolerance": 1e-7, "primal_feasibility_tolerance": 1e-9,
}  # fmt: skip
"""Whole-number programmes are checked in fractions afterwards; the gap is asked for in absolute numbers."""
_PRESOLVE_ROWS = 20
"""Columns per row above which presolve costs more than it saves (measured: 36 s down to 5 s)."""

# ---------------------------------------------------------------- attempts


@dataclass(frozen=True)
class Attempt:
    """One way to ask; options that it doesn't name stay as they are."""

    options: Options
    cold: bool = False
    """Whether the basis that the attempt before ended with is forgotten."""


def usual(columns: int, rows: int) -> list[Attempt]:
    """Return the attempts at a programme of this size."""
    presolve = "off" if columns > _PRESOLVE_ROWS * rows else "choose"
    return [
        Attempt({**DUAL, **TIGHT, "presolve": presolve}),
        Attempt({**DUAL, **TIGHT, **DIRECT}),  # presolve may lose a plan, or leave no basis
        Attempt({**DUAL, **LOOSE, **DIRECT}),  # plans at the very edge
        Attempt({**DUAL, **LOOSE, "presolve": "on"}),
    ]


def cold(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return the same attempts, each from no basis."""
    return [Attempt(attempt.options, cold=True) for attempt in attempts]


def loosened(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return the same attempts at HiGHS' own tolerance, so that what holds by the last bit holds."""
    return [Attempt({**attempt.options, **LOOSE}, attempt.cold) for attempt in attempts]


LOST: Sequence[Attempt] = (Attempt({**TIGHT, **DIRECT, **PRIMAL}), Attempt({**LOOSE, **DIRECT, **PRIMAL}))
"""After the usual ones where none says anything: the dual simplex method may lose its way at the very edge of what has
a plan."""
WARM: Sequence[Attempt] = (Attempt({**DUAL, **TIGHT, **DIRECT}),)
"""One look from where it stands, which nothing hangs on."""
ELASTIC: Sequence[Attempt] = (
    Attempt({**TIGHT, **PRIMAL, **DIRECT}),  # costs change from question to question
    Attempt({**TIGHT, **DUAL, **DIRECT}),
    Attempt({**LOOSE, **DUAL, **DIRECT}, cold=True),
)
REPAIR: Sequence[Attempt] = (
    Attempt({**TIGHT, **DUAL, **SCALED}),
    Attempt({**TIGHT, **PRIMAL, **UNSCALED}, cold=True),
    Attempt({**TIGHT, **DUAL, **UNSCALED}, cold=True),
    Attempt({**LOOSE, **DUAL, **SCALED}, cold=True),
    Attempt({**LOOSE, **PRIMAL, **UNSCALED}, cold=True),
)
"""Where the dual simplex method loses its way it does so at every tolerance, after many seconds; the primal one mostly
has the answer at once."""
AT_OPTIMUM: Sequence[Attempt] = (Attempt({}), Attempt(LOOSE))
"""Of a programme that has an optimum; once the tightest tolerance can't be met, HiGHS' own stays."""

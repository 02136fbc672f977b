"""Numbers in words: how amounts, shares and demands are written for readers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from allocator.programme.constraints import BudgetConstraint, LimitConstraint, RuleConstraint
from allocator.programme.rows import Row
from allocator.scenario.model import Operator, Rule, Scenario

MINUS = "\N{MINUS SIGN}"
SYMBOLS = {
    Operator.AT_LEAST: "≥",
    Operator.AT_MOST: "≤",
    Operator.EQUAL: "=",
    Operator.OVER: ">",
    Operator.UNDER: "<",
}


def decimals_of(value: Fraction, most: int = 12) -> int:
    """Return how many decimals `value` needs to be written exactly, at most `most`.

    >>> decimals_of(Fraction(1, 1000)), decimals_of(Fraction(5)), decimals_of(Fraction(1, 3), 6)
    (3, 0, 6)
    """
    return next((d for d in range(most) if (value * 10**d).denominator == 1), most)


def number(value: Fraction | float, decimals: int) -> str:
    """Return `value` with thousands separators and a real minus.

    >>> number(Fraction(-12345, 2), 1), number(80.0025, 3)
    ('−6,172.5', '80.003')
    """
    exact = value if isinstance(value, Fraction) else Fraction(repr(float(value)))
    # halves away from zero, as spreadsheets show them
    units = math.floor(abs(exact) * 10**decimals + Fraction(1, 2))
    whole, part = divmod(units, 10**decimals)
    text = f"{whole:,}.{part:0{decimals}d}" if decimals else f"{whole:,}"
    return f"{MINUS}{text}" if exact < 0 and units else text


def signed(value: Fraction | float, decimals: int) -> str:
    """Return `value` with its sign, also where it is positive."""
    text = number(value, decimals)
    return text if text.startswith(MINUS) else f"+{text}"


def percent(value: Fraction | float, decimals: int = 1) -> str:
    """Return a part of a whole as a percentage.

    >>> percent(Fraction(41, 1000))
    '4.1 %'
    """
    return f"{number(value * 100, decimals)} %"


def exactly(value: Fraction, most: int = 8) -> str:
    """Return `value` with the decimals it needs.

    >>> exactly(Fraction(9317)), exactly(Fraction(1, 8))
    ('9,317', '0.125')
    """
    return number(value, decimals_of(value, most))


def as_written(row: Row) -> str:
    """Return the row's demand in its own unit: ``≥ 4 % of the budget``."""
    written = exactly(row.value if row.base is None else row.value * 100)
    return f"{SYMBOLS[row.operator]} {written} {unit_of(row)} {of_what(row)}".strip()


def distinguishing_decimals(reached: Fraction, value: Fraction, least: int, most: int = 9) -> int:
    """Return the decimals, `least` or more, at which `reached` can be told from `value`.

    >>> distinguishing_decimals(Fraction(4_000_123, 1_000_000), Fraction(4), 2)
    4
    """
    if reached == value:
        return min(most, max(least, decimals_of(value, most)))
    return next((d for d in range(least, most) if number(reached, d) != number(value, d)), most)


def magnitude(value: float) -> int:
    """Return the power of ten of `value`'s first digit: 3 for 1,234; 0 for 0."""
    return math.floor(math.log10(abs(value))) if value else 0


def step_decimals(step: Fraction, size: float) -> int:
    """Return the decimals of amounts: those of Step, or enough for seven digits where amounts are not rounded."""
    return decimals_of(step, 9) if step else min(9, max(0, 6 - magnitude(size)))


def listing(names: list[str]) -> str:
    """Return names as a sentence lists them.

    >>> listing(["A", "B", "C"])
    'A, B and C'
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def years_text(years: tuple[int, ...]) -> str:
    """Return the scenario's years as ``2026`` or ``2026–2030``."""
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"


def significant(value: Fraction | float, digits: int = 7) -> str:
    """Return a number with about `digits` figures, without idle zeros.

    >>> significant(Fraction(2712345678, 100000)), significant(0.5), significant(-0.000123456, 4)
    ('27,123.46', '0.5', '−0.0001235')
    """
    if not value:
        return "0"
    text = number(value, min(max(digits - 1 - magnitude(float(value)), 0), 12))
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed_significant(value: Fraction | float, digits: int = 5) -> str:
    """Return a difference with its sign and about `digits` figures; ±0 for none.

    >>> signed_significant(Fraction(-1234567, 100), 5), signed_significant(3), signed_significant(0)
    ('−12,346', '+3', '±0')
    """
    if not value:
        return "±0"
    text = significant(value, digits)
    return text if text.startswith(MINUS) else f"+{text}"


def year_runs(years: Sequence[int]) -> str:
    """Return years with runs drawn together.

    >>> year_runs([2026, 2027, 2028, 2030])
    '2026–2028, 2030'
    """
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def objective_unit(scenario: Scenario) -> str:
    """Return what the objective is measured in."""
    name = scenario.objective.indicator
    if name is not None:
        return next((item.unit for item in scenario.indicators if item.name == name), "")
    return "benefit points" if scenario.objective.maximise else scenario.unit


def rule_written(rule: Rule, rows: Sequence[Row], scenario: Scenario) -> str:
    """Return a rule of the Rules sheet in its own unit, with its years where they are not all.

    `rows` are the programme's rows of it: none where the rule is off.
    """
    years = "" if rule.together or set(rule.years) == set(scenario.years) else f", {year_runs(rule.years)}"
    symbol = SYMBOLS[rule.operator]
    if not rule.basis.percent:
        period = f" in {year_runs(rule.years)} together" if rule.together else ""
        return f"{symbol} {exactly(rule.value)} {scenario.unit}{period}{years}"
    if rows:
        return as_written(rows[0]) + years
    return f"{symbol} {exactly(rule.value * 100)} {unit_of_rule(rule)} {phrase(rule)}{years}"


def of_what(row: Row) -> str:
    """Return what a row's value is a part of, and over which years: ``of the budget``; empty for plain amounts."""
    match row.of:
        case BudgetConstraint(years=years) if len(years) > 1:
            return _together(years)
        case LimitConstraint(of_share=True):
            return "of the budget"
        case RuleConstraint(rule=rule, years=years):
            return f"{_of_basis(rule)} {_together(years) if len(years) > 1 else ''}".strip()
    return ""


def unit_of(row: Row) -> str:
    """Return what a row's number is written in: ``%``, ``percentage points``, or its own unit."""
    if row.base is None:
        return row.unit
    return unit_of_rule(row.of.rule) if isinstance(row.of, RuleConstraint) else "%"


def unit_of_rule(rule: Rule) -> str:
    """Return what a rule's Value that is a share is written in."""
    return "percentage points" if rule.basis.points else "%"


def phrase(rule: Rule) -> str:
    """Return what a rule's Value is a part of: ``of last year``, ``of Education``."""
    return rule.basis.phrase.format(rule.basis.name)


def _of_basis(rule: Rule) -> str:
    other_share = rule.basis.whole and rule.counted != "budget"
    words = f"{phrase(rule)} ({rule.counted})" if other_share else phrase(rule)
    return words if rule.basis.sources == rule.sources else f"{words} ({'; '.join(rule.basis.sources)})"


def _together(years: tuple[int, ...]) -> str:
    if years == tuple(range(years[0], years[-1] + 1)):
        return f"in {years[0]}–{years[-1]} together"
    return f"in {', '.join(map(str, years))} together"

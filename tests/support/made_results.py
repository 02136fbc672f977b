"""Results made by hand, for tests of what shows them: no reader, no solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from allocator.analyses.figures import FundFigures, GoalFigures, IndicatorFigures, RowStatus
from allocator.analyses.result import Allotment, AreaFigures, Result, RowFigures, Run
from allocator.programme.constraints import RuleConstraint
from allocator.programme.rows import Key, Linear, Row
from allocator.programme.status import Status
from allocator.scenario.bases import Basis
from allocator.scenario.bases.budget import Budget
from allocator.scenario.model import (
    Area,
    Assignment,
    Cell,
    Indicator,
    Objective,
    Operator,
    Origin,
    Rule,
    Scenario,
    Source,
    SourceKind,
    Strength,
    Subject,
)

CITY = "Ngân sách thành phố"
VIETNAMESE = (
    "Thể chế, quản trị và huy động nguồn lực",
    "Mô hình phát triển",
    "Khoa học, công nghệ và chuyển đổi số",
    "Quy hoạch và phát triển đô thị, nông thôn",
    "Văn hóa",
    "Giáo dục và đào tạo",
    "Y tế và an sinh xã hội",
    "Quốc phòng, an ninh",
    "Đối ngoại và hội nhập quốc tế",
    "Xây dựng Đảng và hệ thống chính trị",
)


def an_area(name: str, last_year: int | None = None, part_of: str | None = None) -> Area:
    past = None if last_year is None else Fraction(last_year)
    origin = Origin("Areas", 2, {"Area": 1})
    return Area(name, part_of, (), past, {}, Fraction(1), (CITY,), {}, Assignment(), origin)


def a_scenario(areas: Sequence[Area], years: Sequence[int], total: int, **changes: object) -> Scenario:
    available = {year: Fraction(total + 1000 * index) for index, year in enumerate(years)}
    origin = Origin("Budget", 2, {"Source": 1})
    city = Source(CITY, SourceKind.BUDGET, Fraction(total), available, False, False, origin)
    scenario = Scenario(
        title="Hà Nội, chương trình hành động",
        unit="tỷ đồng",
        step=Fraction(1),
        objective=Objective(),
        discount_rate=Fraction(0),
        settings=(),
        years=tuple(years),
        sources=(city,),
        areas=tuple(areas),
        limits={},
        bands={},
        rules=(),
        indicators=(),
        effects={},
        sha256="0" * 64,
    )
    return replace(scenario, **changes)  # type: ignore[arg-type]


def of_basis(
    basis: Basis, name: str = "Rule", value: str = "0", operator: Operator = Operator.AT_LEAST
) -> RuleConstraint:
    """A rule that asks for a part of a basis."""
    subject, years = Subject("Văn hóa", ("Văn hóa",)), (2026,)
    rule = Rule(
        name, (subject,), False, (), "budget", operator, Fraction(value), basis, years, False, Strength(),
        Origin("Rules", 7),
    )  # fmt: skip
    return RuleConstraint(rule, subject, years, 2026)


def share_row(name: str, year: int | None, value: str, operator: Operator = Operator.AT_LEAST) -> Row:
    return Row(
        name=name,
        year=year,
        kind=RuleConstraint.kind,
        subject="Văn hóa",
        left=Linear({Key("Văn hóa", year or 2026, CITY): Fraction(1)}),
        operator=operator,
        right=Linear({}, Fraction(value) * 1000),
        value=Fraction(value),
        unit="tỷ đồng",
        strength=Strength(),
        cell=Cell("Rules", 7, 5),
        origin=Origin("Rules", 7, {"Rule": 1, "Value": 5}, legal_basis="Nghị quyết 80"),
        base=Linear({}, Fraction(1000)),
        of=of_basis(Budget(), name, value, operator),
    )


def row_figures(
    row: Row, price: float | None = -0.5, status: RowStatus = RowStatus.BINDING, **more: object
) -> RowFigures:
    figures = RowFigures(
        row=row,
        final_value=Fraction(40),
        rhs=Fraction(40),
        slack=Fraction(0),
        status=status,
        reached=row.value,
        shadow_price=price,
        price_up=price,
        price_down=price,
        allowable_increase=float("inf"),
        allowable_decrease=12.5,
        degenerate=False,
    )
    return replace(figures, **more)  # type: ignore[arg-type]


def a_result(
    names: Sequence[str] = VIETNAMESE,
    years: Sequence[int] = (2026,),
    rules: int = 3,
    parts: bool = False,
    **changes: object,
) -> Result:
    """Return a plan that gives each area more than the one before it, with `rules` rows that bind."""
    areas = [an_area(name, 1000 + 100 * index) for index, name in enumerate(names)]
    if parts:
        areas += [an_area("Trường học", 600, names[-1]), an_area("Giáo viên", 500, names[-1])]
    scenario = a_scenario(areas, years, 1300 * len(names))
    allotments = tuple(
        Allotment(area.name, year, CITY, Fraction(1000 + 137 * index + 50 * (year - years[0])), 0.0, True)
        for index, area in enumerate(scenario.leaves)
        for year in years
    )
    spent = {year: sum(a.amount for a in allotments if a.year == year) for year in years}
    none = Fraction(0)
    funds = tuple(
        FundFigures(CITY, year, none, spent[year] + 7, Fraction(spent[year]), none, Fraction(7)) for year in years
    )
    rows = tuple(
        row_figures(share_row(f"Quy tắc số {index}: văn hóa trên 4 % ngân sách", year, "0.04"), price=-0.5 * index)
        for index in range(1, rules + 1)
        for year in years
    )
    result = Result(
        scenario=scenario,
        status=Status.OPTIMAL,
        run=Run("HiGHS 1.15.1"),
        objective=Fraction(271234567, 10000),
        unrounded_objective=Fraction(271236, 10),
        step=Fraction(1),
        allotments=allotments,
        areas=tuple(AreaFigures(a.area, a.year, a.amount, -0.0, 1.0, float("inf"), 0.25) for a in allotments),
        rows=rows,
        funds=funds,
    )
    return replace(result, **changes)  # type: ignore[arg-type]


def a_goal(name: str, year: int, missed_by: str) -> GoalFigures:
    row = replace(share_row(name, year, "0.04"), strength=Strength("goal", 1))
    return GoalFigures(row, 1, Fraction(missed_by))


def an_indicator(name: str, unit: str, year: int) -> tuple[Indicator, IndicatorFigures]:
    origin = Origin("Indicators", 2, {"Indicator": 1})
    asked = Indicator(name, unit, Fraction(1), False, False, Fraction(0), None, (), origin)
    figures = IndicatorFigures(name, unit, year, Fraction(1), Fraction(7, 2), Operator.AT_LEAST, Fraction(3), True)
    return asked, figures

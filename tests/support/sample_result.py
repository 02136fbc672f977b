"""A realistic result made by hand, with consistent figures: no reader, no solver."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from functools import cache

from allocator.analyses.figures import FundFigures, GoalFigures, IndicatorFigures, RowStatus, alternatives
from allocator.analyses.prices import HeldByRow, LimitingItem, NoGain
from allocator.analyses.result import Allotment, AreaFigures, Result, RowFigures, Run
from allocator.programme.build import build
from allocator.programme.constraints import BudgetConstraint, LimitConstraint, RuleConstraint, TargetConstraint
from allocator.programme.rows import Key, Ledger, Linear, Row, RowKind
from allocator.programme.status import Status
from allocator.render import workbook
from allocator.scenario.bases import Basis
from allocator.scenario.bases.amount import Amount
from allocator.scenario.bases.area import AreaMoney
from allocator.scenario.bases.budget import Budget
from allocator.scenario.bases.last_share import Points
from allocator.scenario.bases.last_year import Change
from allocator.scenario.bases.spending import Spending
from allocator.scenario.model import (
    Area,
    Assignment,
    Band,
    Cell,
    Effect,
    Indicator,
    InputSheet,
    Limits,
    Objective,
    Operator,
    Origin,
    Raw,
    Rule,
    Scenario,
    Setting,
    Source,
    SourceKind,
    Strength,
    Subject,
    Target,
)
from allocator.scenario.problems import FromFile
from sample_prices import with_prices

CITY, ODA = "Ngân sách thành phố", "ODA loans"
STEP = Fraction(1, 1000)
EDUCATION, SCHOOLS, TRADES = "Giáo dục và đào tạo", "Giáo dục phổ thông", "Đào tạo nghề"
CULTURE, SCIENCE, HEALTH = "Văn hóa", "Khoa học, công nghệ và chuyển đổi số", "Y tế và an sinh xã hội"
AREAS: tuple[tuple[str, str | None, int, int, str], ...] = (
    ("Thể chế, quản trị và huy động nguồn lực", None, 8100, 82, "1.1"),
    ("Mô hình phát triển", None, 14250, 131, "1.25"),
    (SCIENCE, None, 6900, 84, "1.6"),
    ("Quy hoạch và phát triển đô thị, nông thôn", None, 78400, 590, "1.35"),
    (CULTURE, None, 8200, 92, "1.2"),
    (EDUCATION, None, 0, 0, "0"),
    (SCHOOLS, EDUCATION, 36100, 395, "1.3"),
    (TRADES, EDUCATION, 5300, 61, "1.15"),
    (HEALTH, None, 21700, 262, "1.4"),
    ("Quốc phòng, an ninh", None, 9400, 98, "1"),
    ("Đối ngoại và hội nhập quốc tế", None, 1900, 21, "1.05"),
    ("Xây dựng Đảng và hệ thống chính trị", None, 7300, 77, "0.9"),
)
"""Name, area it is part of, Last year, parts in 10,000 of the first budget × 4.3, Benefit."""
HOSTILE = {
    "Mô hình phát triển": "=1+1 & Co",
    "Quốc phòng, an ninh": "-Quốc phòng, an ninh",
    "Đối ngoại và hội nhập quốc tế": "+Đối ngoại",
    CULTURE: "@SUM(A1:A9)",
    ODA: '="ODA*',
}
PLACES = "New school places"


@cache
def sample_result(
    years: tuple[int, ...] = (2026,), *, hostile: bool = False, draft: bool = True, prices: bool = True
) -> Result:
    """Return the sample for these years, the same to all; with `hostile` names that a spreadsheet takes for formulas.

    Without `prices` it is the result of a run that was asked for no room, price cards and next money.
    """
    result = _Sample(years, hostile=hostile, draft=draft).result()
    demands = tuple(figures.row for figures in result.rows if not figures.row.goal_bound)
    programme = replace(build(result.scenario), rows=demands)
    result = replace(result, alternatives=alternatives(programme, result.amounts, result.step))
    return with_prices(result) if prices else result


def plan_bytes(result: Result, made: datetime | None = None) -> bytes:
    """Return a result's workbook; where no time is given it is written once."""
    if made is not None:
        return workbook.plan_bytes(result, made)
    if id(result) not in _WRITTEN:
        _WRITTEN[id(result)] = result, workbook.plan_bytes(result)
    return _WRITTEN[id(result)][1]


_WRITTEN: dict[int, tuple[Result, bytes]] = {}
"""Results by their identity, which is theirs as long as they are kept here."""


class _Sample:
    def __init__(self, years: tuple[int, ...], *, hostile: bool, draft: bool) -> None:
        self.years, self.hostile, self.draft = years, hostile, draft
        self.city, self.oda = self.name(CITY), self.name(ODA)
        self.budget = {t: Fraction(227_249 + 11_300 * i) for i, t in enumerate(years)}
        self.loans = {t: Fraction(12_000 + 500 * i) for i, t in enumerate(years)}
        self.areas = tuple(self.area(i) for i in range(len(AREAS)))
        self.scenario = self.make_scenario()
        self.amounts = self.make_amounts()

    def name(self, text: str) -> str:
        return HOSTILE.get(text, text) if self.hostile else text

    def area(self, index: int) -> Area:
        name, part_of, last, weight, benefit = AREAS[index]
        parent = name == EDUCATION
        urban = "đô thị" in name or name == HEALTH
        proposed = {t: Fraction(weight * 121) for t in self.years} if self.draft and not parent else {}
        note = '=HYPERLINK("http://example.org")' if self.hostile else "As in the draft"
        origin = Origin("Areas", 4 + index, {"Area": 1, "Last year": 3, "Benefit": 4}, note=note)
        given = Assignment(
            f"Sở {name.split(',')[0]}",
            "Sở Tài chính",
            "Giám đốc",
            str(self.years[0]),
            str(self.years[-1]),
            "30 trường học mới đạt chuẩn quốc gia, 12 trường được nâng cấp",
        )
        return Area(
            self.name(name),
            part_of,
            ("Social",) if weight > 200 else (),
            None if parent else Fraction(last),
            {},
            Fraction(benefit),
            (self.city, self.oda) if urban else (self.city,),
            proposed,
            given,
            origin,
        )

    def make_scenario(self) -> Scenario:
        origin = Origin("Budget", 4, {"Source": 1})
        last = sum((a.last_year or Fraction(0) for a in self.areas), Fraction(0)) + 450
        city = Source(self.city, SourceKind.BUDGET, last, self.budget, False, False, origin)
        oda = Source(self.oda, SourceKind.OTHER, Fraction(0), self.loans, False, True, origin)
        target = Target(Operator.AT_LEAST, Fraction(33), (self.years[-1],), Strength("goal", 2), origin)
        places = Indicator(
            PLACES, "thousand places", Fraction(2), False, True, Fraction(1, 2), "28 (Đà Nẵng, 2024)", (target,), origin
        )
        cell = Cell("Effects", 4, 2)
        effects = {
            PLACES: {SCHOOLS: Effect(Fraction(7, 20000), cell, origin), TRADES: Effect(Fraction(1, 3000), cell, origin)}
        }
        bands = {(SCIENCE, t): self.bands() for t in self.years}
        return Scenario(
            "Hà Nội — chương trình hành động & ngân sách",
            "tỷ đồng",
            STEP,
            Objective(),
            Fraction(1, 20),
            (Setting("Title", "Hà Nội", origin), Setting("Prepared by", "Sở Tài chính", origin)),
            self.years,
            (city, oda),
            self.areas,
            {},
            bands,
            (),
            (places,),
            effects,
            self.inputs(),
            (),
            "hanoi.xlsx",
            "5f2c9d" + "0" * 58,
        )

    def bands(self) -> tuple[Band, ...]:
        origin = Origin("Benefits", 4, {"Area": 1})
        return (
            Band(Fraction(0), Fraction(8000), Fraction(8, 5), 1, origin),
            Band(Fraction(8000), Fraction(15000), Fraction(6, 5), 2, origin),
            Band(Fraction(15000), None, Fraction(1, 2), 3, origin),
        )

    def inputs(self) -> tuple[InputSheet, ...]:
        rows: list[tuple[Raw, ...]] = [
            ("Areas of the plan",),
            (),
            ("Area", "Part of", "Last year", "Benefit", "Evidence", "Status", "Note"),
        ]
        for area in self.areas:
            last = None if area.last_year is None else int(area.last_year)
            status = "assumption" if area.benefit == 1 else "approved"
            rows.append(
                (
                    area.name,
                    area.part_of,
                    last,
                    float(area.benefit),
                    "NQ 482" if last else None,
                    status,
                    area.origin.note,
                )
            )
        headings = {i + 1: str(text) for i, text in enumerate(rows[2])}
        areas = InputSheet("Areas", tuple(rows), "Areas", 3, len(rows), headings)
        long = InputSheet(
            "A sheet with a name of 31 letter",
            (("Rule", "Value"), ("a", 0.04), ("=b", True)),
            None,
            1,
            3,
            {},
            frozenset({(2, 2)}),
        )
        return (areas, long, InputSheet("a Sheet with a name of 31 letteR", ((None, None, "far"),), None, None, None))

    def make_amounts(self) -> dict[Key, Fraction]:
        found: dict[Key, Fraction] = {}
        for year in self.years:
            left, loans = self.budget[year], self.loans[year]
            weights = {a.name: Fraction(w) for a, (_, _, _, w, _) in zip(self.areas, AREAS, strict=True) if w}
            culture, rest = self.name(CULTURE), sum(weights.values())
            weights[self.name(SCIENCE)] += (year - self.years[0]) * 12
            for area in self.scenario.leaves:
                share = weights[area.name] / (rest + (year - self.years[0]) * 12)
                found[Key(area.name, year, self.city)] = self.budget[year] * share // STEP * STEP
                found[Key(area.name, year, self.oda)] = Fraction(0)
            found[Key(culture, year, self.city)] = -(-(self.budget[year] * Fraction(41, 1000)) // STEP) * STEP
            left -= sum(found[Key(a.name, year, self.city)] for a in self.scenario.leaves)
            found[Key(self.areas[3].name, year, self.city)] += left
            found[Key(self.areas[3].name, year, self.oda)] = loans * 2 // 3 // STEP * STEP
            found[Key(HEALTH, year, self.oda)] = loans - found[Key(self.areas[3].name, year, self.oda)] - Fraction(1, 4)
        return found

    # -- rows ------------------------------------------------------------------------------------------------

    def money(self, areas: Sequence[str], year: int, sources: Sequence[str]) -> Linear:
        return Linear(
            {Key(a, year, s): Fraction(1) for a in areas for s in sources if s in self.scenario.area[a].sources}
        )

    def row(
        self,
        name: str,
        year: int | None,
        left: Linear,
        operator: Operator,
        value: Fraction,
        kind: RowKind,
        subject: str,
    ) -> Row:
        right, cell = Linear({}, value), Cell("Areas", 5, 4)
        origin = Origin("Areas", 5, {"Value": 4})
        return Row(
            name, year, kind, subject, left, operator, right, value, "tỷ đồng", Strength(), cell, origin
        )  # fmt: skip

    def rule(
        self,
        name: str,
        years: Sequence[int],
        areas: Sequence[str],
        operator: Operator,
        value: Fraction,
        basis: Basis,
        strength: Strength | None = None,
    ) -> Row:
        origin = Origin("Areas", 5, {"Value": 4}, legal_basis="Nghị quyết 57-NQ/TW, mục 3")
        subject, city, together = Subject("subject", tuple(areas)), (self.city,), len(years) > 1
        rule = Rule(
            name, (subject,), False, city, "budget", operator, value, basis, tuple(years), together,
            strength or Strength(), origin,
        )  # fmt: skip
        row = RuleConstraint(rule, subject, tuple(years), self.years[0]).row(Ledger(self.scenario))
        return replace(row, margin=STEP) if operator.strict else row

    def rows(self) -> list[Row]:
        found: list[Row] = []
        leaves = [area.name for area in self.scenario.leaves]
        for year in self.years:
            found += self.budget_rows(leaves, year) + self.rule_rows(year) + self.looking_back(year)
        found.append(self.indicator_row())
        whole = self.rule(
            "Health over all years", self.years, [HEALTH], Operator.AT_LEAST, Fraction(1, 10), Budget((self.city,))
        )
        return [*found, replace(whole, year=None)]

    def budget_rows(self, leaves: list[str], year: int) -> list[Row]:
        limit = {"kind": LimitConstraint.kind, "subject": "subject"}
        earlier = [t for t in self.years if t <= year]
        loans, made = Linear(), sum((self.loans[t] for t in earlier), Fraction(0))
        for t in earlier:
            loans += self.money(leaves, t, [self.oda])
        return [
            self.row(
                f"Budget: {self.city}",
                year,
                self.money(leaves, year, [self.city]),
                Operator.AT_MOST,
                self.budget[year],
                kind=BudgetConstraint.kind,
                subject=self.city,
            ),
            self.row(
                f"Budget: {self.oda}", year, loans, Operator.AT_MOST, made, kind=BudgetConstraint.kind, subject=self.oda
            ),
            self.row(
                f"Minimum: {HEALTH}",
                year,
                self.money([HEALTH], year, [self.city, self.oda]),
                Operator.AT_LEAST,
                Fraction(20000),
                **limit,
            ),
            self.row(
                f"Maximum: {SCIENCE}",
                year,
                self.money([SCIENCE], year, [self.city]),
                Operator.AT_MOST,
                Fraction(40000),
                **limit,
            ),
            LimitConstraint(
                next(area for area in self.areas if area.name == SCIENCE),
                (SCIENCE,),
                (self.city,),
                year,
                "maximum_share",
                Limits(maximum_share=Fraction(1, 7), cells={"maximum_share": Cell("Areas", 5, 4)}),
            ).row(Ledger(self.scenario)),
        ]

    def rule_rows(self, year: int) -> list[Row]:
        city, years = (self.city,), [year]
        law, goal = Strength("law"), Strength("goal", 1)
        schools = AreaMoney(city, EDUCATION, (SCHOOLS, TRADES))
        culture, party = [self.name(CULTURE)], [self.areas[11].name]
        at_least, at_most = Operator.AT_LEAST, Operator.AT_MOST
        return [
            self.rule("Culture at least 4.1 %", years, culture, at_least, Fraction(41, 1000), Budget(city), law),
            self.rule("Education over 15 %", years, [SCHOOLS, TRADES], Operator.OVER, Fraction(3, 20), Spending(city)),
            self.rule("Trades at most a fifth of education", years, [TRADES], at_most, Fraction(1, 5), schools),
            self.rule("Party work under 12,000", years, party, Operator.UNDER, Fraction(12000), Amount(city)),
            self.rule("Science at least 12 %", years, [SCIENCE], at_least, Fraction(3, 25), Budget(city), goal),
        ]

    def looking_back(self, year: int) -> list[Row]:
        culture, city, years = [self.name(CULTURE)], (self.city,), [year]
        return [
            self.rule("Culture not cut by over 5 %", years, culture, Operator.AT_LEAST, -STEP * 50, Change(city)),
            self.rule("Culture up to half a point up", years, culture, Operator.AT_MOST, STEP * 5, Points(city)),
        ]

    def indicator_row(self) -> Row:
        (places,), year = self.scenario.indicators, self.years[-1]
        (target,) = places.targets
        target = replace(target, origin=Origin("Areas", 5, {"Target": 4}), strength=Strength("goal", 2))
        demand = TargetConstraint(places, target, year, Operator.AT_LEAST, Fraction(33))
        return demand.row(Ledger(self.scenario))

    # -- figures ---------------------------------------------------------------------------------------------

    def figures(self, index: int, row: Row) -> RowFigures:
        slack = row.slack(self.amounts)
        within = STEP * sum(map(abs, row.body.terms.values()))
        status = RowStatus.MISSED if slack < 0 else RowStatus.BINDING if abs(slack) < within else RowStatus.NOT_BINDING
        two = index % 7 == 5
        binding = status is RowStatus.BINDING
        price = 1.2345678 / (1 + index) if binding else 0.0
        return RowFigures(
            row,
            row.left.value(self.amounts),
            row.right.value(self.amounts),
            slack,
            status,
            row.reached(self.amounts),
            None if two or status is RowStatus.MISSED else price,
            None if status is RowStatus.MISSED or index % 11 == 4 else price,
            None if status is RowStatus.MISSED else price * (1.5 if two else 1),
            math.inf if not binding else 1234.5,
            99.25,
            two,
        )

    def objective(self) -> Fraction:
        total = Fraction(0)
        for area in self.scenario.leaves:
            weight = self.scenario.effects[PLACES].get(area.name)
            for t in self.years:
                x = sum((self.amounts[area.name, t, s] for s in (self.city, self.oda)), Fraction(0))
                part = area.benefit * x
                if area.name == SCIENCE:
                    part = sum(
                        (b.benefit * max(Fraction(0), min(x, b.end or x) - b.start) for b in self.bands()), Fraction(0)
                    )
                total += self.scenario.discount(t) * (part + (weight.value / 2 * x if weight else 0))
        return total

    def result(self) -> Result:
        scenario, amounts = self.scenario, self.amounts
        held = (
            HeldByRow("Culture at least 4.1 %", RuleConstraint.kind, Cell("Areas", 5, 4), "Culture"),
            NoGain(worse=False),
        )
        allotments = tuple(
            Allotment(a.name, t, s, amounts[a.name, t, s], float(amounts[a.name, t, s]), s in a.sources, held[i % 2])
            for i, a in enumerate(scenario.leaves)
            for t in self.years
            for s in (self.city, self.oda)
        )
        rows = tuple(self.figures(i, row) for i, row in enumerate(self.rows()))
        areas = tuple(
            AreaFigures(
                a.name,
                t,
                sum((amounts[a.name, t, s] for s in (self.city, self.oda)), Fraction(0)),
                0.0,
                float(a.benefit),
                math.inf,
                0.05,
                limiting=(LimitingItem(upward=True, against=("Culture", 2027)),),
            )
            for a in scenario.leaves
            for t in self.years
        )
        goals = tuple(
            GoalFigures(f.row, f.row.strength.priority, max(Fraction(0), -f.slack))
            for f in rows
            if f.row.strength.kind == "goal"
        )
        objective = self.objective()
        return Result(
            scenario,
            Status.OPTIMAL,
            Run("HiGHS 1.15.1", {"Python": "3.13", "PuLP": "4.2.0"}, None, "", 120, 64),
            objective,
            float(objective) + 0.00421,
            STEP,
            True,
            allotments,
            areas,
            rows,
            self.outcome(rows),
            goals,
            self.funds(),
            messages=(
                FromFile("Hidden row 7 of Areas was read."),
                FromFile("Among equally good plans the one closest to last year was taken."),
            ),
        )

    def outcome(self, rows: Sequence[RowFigures]) -> tuple[IndicatorFigures, ...]:
        row = next(f for f in rows if f.row.kind.outcome)
        parts = {}
        for area, effect in self.scenario.effects[PLACES].items():
            last = (self.scenario.area[area].last_year or Fraction(0)) * len(self.years)
            parts[area] = effect.value * (
                sum((self.amounts[area, t, self.city] for t in self.years), Fraction(0)) - last
            )
        return (
            IndicatorFigures(
                PLACES,
                "thousand places",
                self.years[-1],
                Fraction(2),
                row.final_value,
                Operator.AT_LEAST,
                Fraction(33),
                row.slack >= 0,
                parts,
            ),
        )

    def funds(self) -> tuple[FundFigures, ...]:
        found = []
        for name, made, carries in ((self.city, self.budget, False), (self.oda, self.loans, True)):
            opening = Fraction(0)
            for t in self.years:
                spent = sum((self.amounts[a.name, t, name] for a in self.scenario.leaves), Fraction(0))
                left = opening + made[t] - spent
                moves = left if carries and t != self.years[-1] else Fraction(0)
                found.append(FundFigures(name, t, opening, made[t], spent, moves, left - moves))
                opening = moves
        return tuple(found)

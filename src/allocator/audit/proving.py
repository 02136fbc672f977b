"""What the amounts that stand in a workbook come to: the proof in rational arithmetic, and the rules they may break."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from allocator.analyses import figures
from allocator.analyses.figures import slack, tolerance
from allocator.analyses.result import Result, RowFigures
from allocator.audit.comparison import TYPED, Comparison, Filled, same
from allocator.audit.findings import Decision, Finding, Kind, shown
from allocator.audit.workbook import fraction_of, key_of
from allocator.programme.build import Programme, build
from allocator.programme.decision import BoundedProgramme, BoundedRow, Certificate, certify
from allocator.programme.rows import ZERO, Key, Linear, Row
from allocator.render.certificate_sheet import Frame
from allocator.scenario.model import Operator
from allocator.spreadsheet.cells import Content, Sheet
from allocator.spreadsheet.formulas import Evaluator
from allocator.spreadsheet.references import Place
from allocator.tables import money
from allocator.tables.formulas import FIRST
from allocator.wording.numbers import as_written, exactly, number, objective_unit


def with_amounts(result: Result, amounts: Mapping[Key, Fraction], certificate: Certificate) -> Result:
    """Return `result` with other amounts, which `certificate` proves."""
    programme = certificate.bounded.programme
    yearly = programme.yearly(amounts)
    goals = figures.goal_figures(programme, amounts, result.step)
    return replace(
        result,
        objective=programme.objective(amounts),
        allotments=tuple(replace(a, amount=amounts[a.key]) for a in result.allotments),
        areas=tuple(replace(area, final_value=yearly[area.area, area.year]) for area in result.areas),
        rows=tuple(_row(row, programme, amounts, result.step) for row in result.rows),
        indicators=figures.indicator_figures(programme, amounts, result.step),
        goals=goals,
        funds=figures.fund_figures(result.scenario, amounts),
        certificate=certificate,
    )


def _row(found: RowFigures, programme: Programme, amounts: Mapping[Key, Fraction], step: Fraction) -> RowFigures:
    row = found.row
    if row.goal_bound:
        goals = figures.goal_figures(programme, amounts, step)
        total = sum((g.missed_by / g.row.divisor for g in goals if g.priority == row.strength.priority), ZERO)
        held = replace(row, left=Linear(constant=total))
        return replace(found, row=held, final_value=total, slack=found.rhs - total, reached=total)
    return replace(
        found,
        final_value=row.left.value(amounts),
        rhs=row.right.value(amounts),
        slack=figures.slack(row, amounts, step),
        status=figures.status(row, amounts, step),
        reached=row.reached(amounts),
    )


# -- the proof -------------------------------------------------------------------------------------------------------

CERTIFICATE = "Certificate"
ALLOCATION = money.ALLOCATION.sheet
NOT_PROVED = "The plan was found again but is not proved to be the best, as its sheet Certificate says itself."
_AMOUNT = money.ALLOCATION.index("Amount") + 1


@dataclass(frozen=True)
class Proved:
    """What the workbook's own amounts and prices prove."""

    certificate: Certificate | None = None
    findings: tuple[Finding, ...] = ()
    sentences: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether they prove that no plan is better."""
        return self.certificate is not None and self.certificate.closes and not self.findings


def prove(comparison: Comparison, result: Result) -> Proved:
    """Return what the amounts and prices that stand in the workbook prove.

    Where it has no certificate, or its sheets are gone, nothing is proved and nothing is said: what is missing is a
    finding of the comparison.
    """
    if result.certificate is None or not {CERTIFICATE, ALLOCATION} <= comparison.cells.keys():
        return Proved()
    own = result.certificate.published
    frame = Frame(own)
    bounded = frame.bounded
    amounts = claimed_amounts(comparison, result)
    stood = [
        {row: _price(comparison, frame, row, stage) for row in range(len(bounded.rows))}
        if stage in frame.priced
        else {}
        for stage in range(len(bounded.stages))
    ]
    if amounts is None or any(None in at_stage.values() for at_stage in stood):
        return Proved()  # no number stands there: a finding of the comparison
    if any(amounts[key] != result.amounts[key] for key in amounts):
        bounded = BoundedProgramme(bounded.matrix, amounts, result.step)
    prices = [{row: price for row, price in at_stage.items() if price} for at_stage in stood]
    given = [{row: price for row, price in enumerate(proof.prices) if price} for proof in own.proofs]
    certificate = own if bounded is own.bounded and prices == given else certify(bounded, prices, cut=True)
    if certificate is own and not own.closes:
        return Proved(own, (), (NOT_PROVED,))
    findings = (*_wrong_signs(comparison, frame, certificate, prices), *_failures(certificate))
    return Proved(certificate, findings, () if findings else (_sentence(result, certificate),))


def as_good(claimed: Certificate, found: Certificate) -> bool:
    """Whether a claimed plan serves each sum of goals, and then the objective, as well as the one found here.

    It may be worse by no more than the one found here is from its own bound.
    """
    for own, here in zip(claimed.proofs, found.proofs, strict=True):
        worse = here.value - own.value if here.stage.maximise else own.value - here.value
        if worse > here.gap + here.noise:
            return False
        if worse < -here.noise:
            return True  # better where it counts first
    return True


def listed_key(sheet: Sheet, row: int) -> Key:
    """Return the amount that stands in a row of Allocation."""
    return key_of(*(sheet.at((row, column)).value for column in (1, 2, 3)))


def claimed_amounts(comparison: Comparison, result: Result) -> Mapping[Key, Fraction] | None:
    """Return the amounts that stand in the workbook; None where one is no number.

    One that is the plan's own to 15 digits is that: without steps the plan's is a fraction that no cell can hold.
    """
    sheet = comparison.expected.workbook.sheets[ALLOCATION]
    found = dict(result.amounts)
    row = FIRST + 1
    while (row, 1) in sheet.cells:
        key = listed_key(sheet, row)
        amount = fraction_of(comparison.content(ALLOCATION, (row, _AMOUNT)).value)
        if amount is None:
            return None
        if not same(float(amount), float(found[key]), TYPED):
            found[key] = amount
        row += 1
    return found


def _price(comparison: Comparison, frame: Frame, row: int, stage: int) -> Fraction | None:
    """Return a price; a row that isn't part of a stage has none there, which counts as 0."""
    place = _price_place(frame, row, stage)
    return fraction_of(comparison.content(CERTIFICATE, place).value) if place in comparison.cells[CERTIFICATE] else ZERO


def _price_place(frame: Frame, row: int, stage: int) -> Place:
    """Return where a row's price stands."""
    return frame.places.row + row + 1, frame.at_rows.of("Price", stage) + 1


def _wrong_signs(
    comparison: Comparison, frame: Frame, certificate: Certificate, prices: list[dict[int, Fraction]]
) -> Iterator[Finding]:
    """Yield the prices that prove nothing: of a sign that their row's operator doesn't allow."""
    for stage, (proof, given) in enumerate(zip(certificate.proofs, prices, strict=True)):
        for row, price in given.items():
            if proof.prices[row] != price:
                place = comparison.place_now(CERTIFICATE, _price_place(frame, row, stage))
                text = f"a price of {exactly(price, 9)} has the wrong sign for its row, or no meaning in its stage"
                yield Finding(Kind.PROOF, text, CERTIFICATE, place, heading="Price", found=float(price))


def _failures(certificate: Certificate) -> Iterator[Finding]:
    for row in certificate.broken[:3]:
        yield Finding(Kind.PROOF, f"Amount breaks {_named(certificate, row)}, in rational arithmetic", ALLOCATION)
    for proof in () if certificate.broken else certificate.proofs:
        if not proof.closes:
            text = (
                f"the proof doesn't close: the plan has {number(proof.value, 6)}, the bound at these prices is "
                f"{number(proof.bound, 6)}, and rounding explains no more than {exactly(proof.explained, 9)}"
            )
            yield Finding(Kind.PROOF, text, CERTIFICATE)


def _named(certificate: Certificate, row: BoundedRow) -> str:
    if row.index is not None:
        return f'"{certificate.bounded.programme.rows[row.index].label}"'
    return "a sum of sources" if row.pair is not None else "a sum of goals"


def _sentence(result: Result, certificate: Certificate) -> str:
    proof = certificate.objective
    most = "reach more than" if proof.stage.maximise else "do with less than"
    bound = f"{number(proof.bound, 3)} {objective_unit(result.scenario)}".rstrip()
    has, most_told = number(proof.value, 3), number(proof.bound, 3)
    reached = ", which it has." if has == most_told else f"; it has {has}, and rounding explains the gap."
    return (
        "Proved in rational arithmetic from the amounts and prices that stand in it: Amount keeps all "
        f"{len(certificate.bounded.rows):,} rows, and no plan can {most} {bound}{reached}"
    )


# -- decisions -------------------------------------------------------------------------------------------------------

DECIDED = "Decided"
_ARITHMETIC = re.compile(r"[0-9.+*/()eE^-]+")


def filled_entries(comparison: Comparison) -> Filled:
    """Return the entry cells that hold something, at the places where they were written."""
    entries = ((at, comparison.content(*at)) for at in sorted(comparison.expected.entries))
    return {at: c for at, c in entries if c.formula or str("" if c.result is None else c.result).strip()}


class Decisions:
    """The filled entries of one plan, and what they do to its rules."""

    def __init__(self, comparison: Comparison, filled: Filled, result: Result) -> None:
        self.comparison = comparison
        self.filled = filled
        self.result = result
        self._sheets = comparison.expected.workbook.sheets

    def listed(self) -> tuple[Decision, ...]:
        """Return every filled entry."""
        return tuple(self._decision(sheet, place, content) for (sheet, place), content in self.filled.items())

    def _decision(self, sheet: str, place: Place, content: Content) -> Decision:
        now, heading = self.comparison.place_now(sheet, place), self.comparison.heading(sheet, place)
        subject, amount = str(self._sheets[sheet].at((place[0], 1)).value or ""), None
        if sheet == ALLOCATION:
            key = listed_key(self._sheets[sheet], place[0])
            subject = ", ".join(map(str, key))
            amount = self.result.amounts.get(key) if heading == DECIDED else None
        return Decision(sheet, now, heading, subject, content.written, None if amount is None else float(amount))

    def findings(self) -> Iterator[Finding]:
        """Yield decided amounts that are none, are negative, or break what must be kept."""
        amounts = dict(self.result.amounts)
        decided: dict[Key, Place] = {}
        for (sheet, place), content in self.filled.items():
            if sheet != ALLOCATION or self.comparison.heading(sheet, place) != DECIDED:
                continue
            text = _no_amount(content)
            if text:
                yield self._finding(place, text)
            else:
                key = listed_key(self._sheets[sheet], place[0])
                decided[key] = place
                amounts[key] = Fraction(repr(content.value))
        for row, short in self._broken(amounts) if decided else ():
            own = [decided[key] for key in row.body.terms if key in decided]
            yield self._finding((own or list(decided.values()))[0], _breach(row, short, len(own)))

    def _broken(self, amounts: Mapping[Key, Fraction]) -> Iterator[tuple[Row, Fraction]]:
        """Yield each row that must be kept and isn't, and by how much; what the plan itself breaks is the proof's."""
        step = self.result.step
        for row in build(self.result.scenario).rows:
            room = slack(row, amounts, step)
            allowed = tolerance(row, amounts, step) if row.operator is Operator.EQUAL else Fraction(0)
            if row.strength.kind != "goal" and -room > allowed and room < slack(row, self.result.amounts, step):
                yield row, -room

    def _finding(self, place: Place, text: str) -> Finding:
        now, found = self.comparison.place_now(ALLOCATION, place), self.filled[ALLOCATION, place].result
        return Finding(Kind.DECISION, text, ALLOCATION, now, heading=DECIDED, found=found)


def _no_amount(content: Content) -> str:
    """Return what is wrong with a decided amount; nothing where it is one."""
    value = content.value
    if content.formula and not _comes_to(content):
        return f"={content.formula} may come to another amount whenever it is computed; type the amount itself"
    if content.error:
        return f"{content.error} is no amount"
    if isinstance(value, bool) or not isinstance(value, float | int):
        return f"{shown(value)} is no number, so In force doesn't follow it; type the amount, or leave the cell blank"
    if value < 0:
        return f"{shown(value)} is negative; no area can get less than nothing"
    return ""


def _comes_to(content: Content) -> bool:
    """Whether a formula is mere arithmetic on numbers, and comes to what is stored."""
    if not _ARITHMETIC.fullmatch(content.formula):
        return False
    found = Evaluator({ALLOCATION: {(1, 1): content}}).value(ALLOCATION, (1, 1))
    return same(found, content.value, TYPED)


def _breach(row: Row, short: Fraction, decided: int) -> str:
    """Return which rule the decisions break, by how much, and what the rule rests on."""
    kind = "a law" if row.strength.kind == "law" else ""
    basis = ", ".join(filter(None, (kind, row.origin.legal_basis)))
    others = f", with {decided - 1} more decided amount{'s' * (decided > 2)}," if decided > 1 else ""
    return (
        f'"{row.label}" is broken{others} by {exactly(short, 9)} {row.unit}{f" ({basis})" if basis else ""}; '
        f"it demands {as_written(row)}, see {row.cell}"
    )

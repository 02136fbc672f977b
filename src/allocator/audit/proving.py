"""The proof proved again, in rational arithmetic, from the amounts and prices that stand in the workbook."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.result import Result
from allocator.audit.cells_compared import TYPED, Comparison, same
from allocator.audit.findings import Finding, Kind
from allocator.audit.workbook import Content, Place
from allocator.programme.bounded import BoundedProgramme, BoundedRow
from allocator.programme.proof import DIGITS, Certificate, Proof, certify
from allocator.programme.rows import ZERO, Key
from allocator.reports import tables
from allocator.reports.certificate_frame import Frame
from allocator.reports.layout import FIRST
from allocator.reports.words import exactly, number, objective_unit

CERTIFICATE = "Certificate"
ALLOCATION = tables.ALLOCATION.sheet
NOT_PROVED = "The plan was found again but is not proved to be the best, as its sheet Certificate says itself."
_AMOUNT = tables.ALLOCATION.index("Amount") + 1


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
    stood = {place: _price(comparison, place) for place in _price_places(frame)}
    amounts = claimed_amounts(comparison, result)
    if None in stood.values() or amounts is None:
        return Proved()  # no number stands there: a finding of the comparison
    if any(amounts[key] != result.amounts[key] for key in amounts):
        bounded = BoundedProgramme(bounded.matrix, amounts, result.step)
    prices = [
        {
            row: price
            for row in range(len(bounded.rows))
            if stage in frame.priced and (price := stood[_price_place(frame, row, stage)])
        }
        for stage in range(len(bounded.stages))
    ]
    given = [{row: price for row, price in enumerate(proof.prices) if price} for proof in own.proofs]
    certificate = own if bounded is own.bounded and prices == given else certify(bounded, prices, cut=True)
    if certificate is own and not own.closes:
        return Proved(own, (), (NOT_PROVED,))
    findings = (*_wrong_signs(comparison, frame, certificate, prices), *_failures(certificate))
    return Proved(certificate, findings, () if findings else tuple(_sentences(result, certificate)))


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


def listed_key(cells: Mapping[Place, Content], row: int) -> Key:
    """Return the amount that stands in a row of Allocation's cells."""
    area, year, payer = (cells[row, column].value for column in (1, 2, 3))
    return Key(str(area), int(float(year or 0)), str(payer))


def claimed_amounts(comparison: Comparison, result: Result) -> Mapping[Key, Fraction] | None:
    """Return the amounts that stand in the workbook; None where one is no number.

    One that is the plan's own to 15 digits is that: without steps the plan's is a fraction that no cell can hold.
    """
    cells = comparison.expected.workbook.sheets[ALLOCATION].cells
    found = dict(result.amounts)
    row = FIRST + 1
    while (row, 1) in cells:
        key = listed_key(cells, row)
        amount = _fraction(comparison, ALLOCATION, (row, _AMOUNT))
        if amount is None:
            return None
        if not same(float(amount), float(found[key]), TYPED):
            found[key] = amount
        row += 1
    return found


def _price_places(frame: Frame) -> Iterator[Place]:
    for stage in frame.priced:
        yield from (_price_place(frame, row, stage) for row in range(len(frame.bounded.rows)))


def _price_place(frame: Frame, row: int, stage: int) -> Place:
    """Return where a row's price stands."""
    return frame.places.row + row + 1, frame.at_rows.of("Price", stage) + 1


def _price(comparison: Comparison, place: Place) -> Fraction | None:
    """Return a price; a row that isn't part of a stage has none there, which counts as 0."""
    return _fraction(comparison, CERTIFICATE, place) if place in comparison.cells[CERTIFICATE] else ZERO


def _fraction(comparison: Comparison, sheet: str, place: Place) -> Fraction | None:
    """Return the number that stands in a cell, to as many digits as spreadsheets keep; None for anything else."""
    value = comparison.cells[sheet].get(place, Content(None)).value
    if isinstance(value, bool) or not isinstance(value, float | int) or not math.isfinite(value):
        return None
    return Fraction(f"{value:.{DIGITS}g}")


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
    if not certificate.broken:
        for proof in certificate.proofs:
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


def _sentences(result: Result, certificate: Certificate) -> Iterator[str]:
    proof: Proof = certificate.objective
    most = "reach more than" if proof.stage.maximise else "do with less than"
    bound = f"{number(proof.bound, 3)} {objective_unit(result.scenario)}".rstrip()
    has, most_told = number(proof.value, 3), number(proof.bound, 3)
    reached = ", which it has." if has == most_told else f"; it has {has}, and rounding explains the gap."
    yield (
        "Proved in rational arithmetic from the amounts and prices that stand in it: Amount keeps all "
        f"{len(certificate.bounded.rows):,} rows, and no plan can {most} {bound}{reached}"
    )

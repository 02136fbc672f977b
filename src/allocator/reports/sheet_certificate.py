"""The sheet Certificate: a bound that no plan can pass, from published prices, in live formulas (weak duality)."""

from __future__ import annotations

from allocator.programme.proof import Certificate, Proof
from allocator.programme.rows import ZERO
from allocator.reports import tables_proof as tables
from allocator.reports.certificate_frame import LIVE, Families, Frame, settled
from allocator.reports.certificate_lines import Lines
from allocator.reports.columns import Role, Table
from allocator.reports.layout import quoted, ref
from allocator.reports.page import Book, Page
from allocator.reports.sheet_workings import Workings
from allocator.reports.words import exactly, number


class _Sheet:
    """The sheet while it is written."""

    def __init__(self, book: Book, workings: Workings, certificate: Certificate, step: str) -> None:
        self.book, self.workings, self.certificate, self.step = book, workings, certificate, step
        self.frame = Frame(certificate)
        page = Page(book, "Certificate", f"Certificate — {book.result.scenario.title}", self._message())
        page.live = self.frame.live
        self.page = page

    def write(self) -> None:
        """Write the proof, then what it rests on: rows, columns, coefficients."""
        frame, places = self.frame, self.frame.places
        self.page.unit(self._note())
        self.page.table(tables.PROOF)
        for stage, proof in enumerate(self.certificate.proofs):
            self._proof(stage, proof)
        lines = Lines(self.page, self.workings, frame)
        self._section(places.row, tables.ROWS, frame.at_rows)
        for at, row in enumerate(frame.bounded.rows):
            lines.row(at, row)
        self._section(places.column, tables.COLUMNS, frame.at_columns)
        line = places.term
        for at, column in enumerate(frame.bounded.columns):
            line = lines.column(at, column, line)
        self._section(places.term, tables.COEFFICIENTS, frame.at_terms)
        line = places.term
        for at in range(len(frame.bounded.columns) if frame.listed else 0):
            line = lines.coefficients(at, line)
        self.page.finish(freeze=1, repeat=None)

    def _message(self) -> str:
        proof, unit = self.certificate.objective, self.workings.unit
        verb = "reach more" if proof.stage.maximise else "do with less"
        said = f"No plan can {verb} than {number(proof.bound, 3)} {unit}; this one has {number(proof.value, 3)}"
        if not self.certificate.closes:
            return f"{said}. The gap is larger than rounding explains."
        if number(proof.bound, 3) == number(proof.value, 3):
            return f"{said}: it is the best there is."
        return f"{said}: it is the best to within {exactly(proof.gap, 6)}, which rounding to whole steps explains."

    def _note(self) -> str:
        note = (
            "For any prices of the right sign: no plan passes Σ price × right side + Σ surplus. Goals are held at "
            "what the plan leaves of them; amounts are those of Amount on Allocation, not decisions."
        )
        if not self.frame.listed:
            note = f"{note} Coefficients are too many to list."
        if not self.frame.live:
            return f"{note} Values only: more than {LIVE:,} coefficients would make live formulas too slow to open."
        return note

    def _section(self, first: int, table: Table, families: Families) -> None:
        self.page.section(first - 2, table.title)
        self.page.head(families.heads, first - 1)

    # The proof

    def _proof(self, stage: int, proof: Proof) -> None:
        page, line, styles = self.page, self.frame.places.proof + stage, self.page.styles
        at = {column.name: i for i, column in enumerate(tables.PROOF.columns)}
        cell = {name: ref(line, column) for name, column in at.items()}
        price, small = styles.price(), self.page.styles.small()
        sought = self.frame.names[stage] if proof.stage.group is not None else str(self.book.result.scenario.objective)
        page.text(line, at["Sought"], sought, styles.of(Role.LONG))
        reached = self.frame.reached(proof)
        page.formula(line, at["Plan"], self._reached(stage, cell["Constant"]), reached, price)
        page.number(line, at["Constant"], proof.stage.constant, price)
        places = self.frame.proof_decimals(stage)
        self._sums(line, stage, cell["Decimals"])
        parts = "+".join(cell[name] for name in ("Constant", "Priced rows", "Surplus"))
        bound = proof.stage.constant + sum(self.frame.sums(stage), ZERO)
        page.formula(line, at["Bound"], parts, bound, price)
        gap = f"{cell['Bound']}-{cell['Plan']}" if proof.stage.maximise else f"{cell['Plan']}-{cell['Bound']}"
        apart = bound - reached if proof.stage.maximise else reached - bound
        stated = settled(apart, places)
        page.formula(line, at["Gap"], f"ROUND({gap},{cell['Decimals']})", stated, price)
        page.number(line, at["Decimals"], places, styles.number(0))
        relative = stated / abs(bound) if bound else ZERO
        page.formula(line, at["Gap, relative"], f"IF({cell['Bound']}=0,0,{cell['Gap']}/ABS({cell['Bound']}))", relative,
                     small)  # fmt: skip
        page.formula(line, at["Rounding explains"], self._explained(stage, cell["Noise"]), proof.explained, price)
        page.number(line, at["Noise"], proof.noise, small)
        self._verdicts(line, at, cell, stage)

    def _reached(self, stage: int, constant: str) -> str:
        """Return what Amount reaches: the objective by its columns, a sum of goals as its row holds it."""
        group = self.certificate.proofs[stage].stage.group
        if group is None:
            worth, amounts = self.frame.columns_span("Worth", stage), self.frame.columns_span("Amount")
            return f"{constant}+SUMPRODUCT({worth},{amounts})"
        return self.frame.row_cell(self.frame.held_at(group), "Left side")

    def _sums(self, line: int, stage: int, places: str) -> None:
        """Write the two parts of the bound; without prices both are 0."""
        for name, columns, value in zip(("Priced rows", "Surplus"), (False, True), self.frame.sums(stage), strict=True):
            at = tables.PROOF.index(name)
            if stage not in self.frame.priced:
                self.page.number(line, at, ZERO, self.page.styles.price())
                continue
            spanned = self.frame.columns_span if columns else self.frame.rows_span
            where = spanned("Surplus" if columns else "Price × right side", stage)
            self.page.formula(line, at, f"ROUND(SUM({where}),{places})", value, self.page.styles.price())

    def _explained(self, stage: int, noise: str) -> str:
        """Return a Step to either side at each row's largest coefficient and price, and for goals sought here."""
        largest, parts = self.frame.rows_span("Largest"), []
        if stage in self.frame.priced:
            parts.append(f"SUMPRODUCT(ABS({self.frame.rows_span('Price', stage)}),{largest})")
        if self.certificate.proofs[stage].stage.group is not None:
            counted = f"({self.frame.rows_span('Counts in')}={quoted(self.frame.names[stage])})"
            parts.append(f"SUMPRODUCT({counted}*{self.frame.rows_span('Weight')}*{largest})")
        return f"({self.step}+{self.step})*({'+'.join(parts)})+{noise}"

    def _verdicts(self, line: int, at: dict[str, int], cell: dict[str, str], stage: int) -> None:
        page, flag, proof = self.page, self.page.styles.of(Role.FLAG), self.certificate.proofs[stage]
        page.formula(line, at["Signs right"], self._signs(stage), proof.signed, flag)
        kept = not self.certificate.broken
        page.formula(line, at["Rows kept"], f"COUNTIF({self.frame.rows_span('Kept')},FALSE)=0", kept, flag)
        close = f"{cell['Gap']}>=-{cell['Noise']},{cell['Gap']}<={cell['Rounding explains']}"
        closes = proof.closes and kept
        page.formula(line, at["Closes"], f"AND({cell['Signs right']},{cell['Rows kept']},{close})", closes, flag)
        page.formula(line, at["Exact"], None, self.certificate.exact, flag)

    def _signs(self, stage: int) -> str | None:
        """Return whether no price has the wrong sign; None where there are none."""
        if stage not in self.frame.priced:
            return None
        operators, prices = self.frame.rows_span("Operator"), self.frame.rows_span("Price", stage)
        wrong = ("<", ">") if self.certificate.proofs[stage].stage.maximise else (">", "<")
        pairs = zip("≤≥", wrong, strict=True)
        return "+".join(f'SUMPRODUCT(({operators}="{sign}")*({prices}{way}0))' for sign, way in pairs) + "=0"


def write_certificate(book: Book, workings: Workings, step: str) -> str:
    """Write the sheet, where there is a certificate; return the address of its verdicts, else nothing.

    `step` is the address of the Step that amounts are multiples of.
    """
    if book.result.certificate is None:
        return ""
    sheet = _Sheet(book, workings, book.result.certificate.published, step)
    sheet.write()
    return sheet.frame.closes()

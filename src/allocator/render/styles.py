"""The house's colours and cell formats."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from allocator.tables.columns import Role
from allocator.wording.numbers import decimals_of, magnitude, number, percent

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

INK, GREY, PLAN, WARNING, BREACH = "#1F2937", "#9CA3AF", "#0F766E", "#B45309", "#B91C1C"
SOFT, LINE, FILL = "#6B7280", "#E5E7EB", "#F3F4F6"
ENTRY_INK, ENTRY_FILL = "#1D4ED8", "#FEF9C3"
RISE_BAR, CUT_BAR = "#99D5CF", "#F0C9A0"
TAB_COLOURS = {"contents": INK, "inputs": ENTRY_INK, "workings": GREY, "results": PLAN, "checks": RISE_BAR}
"""Of the sheets' tabs, by their roles."""
FONT, SIZE = "Arial", 10
TRUTH = '"TRUE";"TRUE";"FALSE"'
"""Some spreadsheets show a formula's TRUE as 1."""
PRICE = '#,##0.0#####;"−"#,##0.0#####;"–"'
"""Up to six decimals, none wasted."""


TONES: Mapping[str, Mapping[str, object]] = {
    "": {},
    "strong": {"bold": True},
    "soft": {"font_color": SOFT},
    "warning": {"font_color": WARNING},
    "broken": {"font_color": BREACH},
    "missed": {"font_color": BREACH, "bold": True},
    "warned": {"font_color": WARNING, "bold": True},
    "own": {"bold": True, "bg_color": FILL},
}
"""What sets a cell apart, by what it says."""


def number_format(decimals: int) -> str:
    """Return the format of numbers: separators, a real minus, a dash for zero."""
    plain = "#,##0" + ("." + "0" * decimals if decimals else "")
    return f'{plain};"−"{plain};"–"'


def axis_format(figures: str) -> str:
    """Return the format of an axis' figures from that of numbers: its zero is a 0."""
    return figures.removesuffix(';"–"')


def percent_format(decimals: int) -> str:
    """Return the format of parts of a whole."""
    plain = "0" + ("." + "0" * decimals if decimals else "") + '" "%'
    return f'{plain};"−"{plain};"–"'


@dataclass(frozen=True)
class Look:
    """A cell format and the text a value has in it, to measure columns by."""

    format: Format
    show: Callable[[Any], str]
    indented: Format | None = None
    """Text's format in all columns but the first, so that it keeps away from the number at its left."""


class Styles:
    """The formats of one workbook, each made once."""

    soft, breach = SOFT, BREACH
    tones = TONES

    def __init__(self, workbook: Workbook, decimals: int, share_decimals: int) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._looks: dict[tuple[Role, tuple[tuple[str, Any], ...]], Look] = {}
        self.decimals = decimals
        self.share_decimals = share_decimals

    def format(self, **properties: Any) -> Format:
        """Return the format of these XlsxWriter properties, on the house's font and ink."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            base = {"font_color": INK, "valign": "vcenter"}
            self._made[key] = self._workbook.add_format(base | properties)
        return self._made[key]

    def cell(self, **properties: Any) -> Format:
        """Return the format of a table's cell: a hairline below."""
        return self.format(**{"bottom": 1, "bottom_color": LINE} | properties)

    def text(self, **properties: Any) -> Look:
        """Return the look of text in a table; numbers among text stand left and unadorned."""
        plain = {"align": "left"} | properties
        away = self.cell(**{"indent": 1} | plain) if plain["align"] == "left" else None
        return Look(self.cell(**plain), str, away)

    def number(self, decimals: int, **properties: Any) -> Look:
        """Return the look of numbers with so many decimals."""
        look = self.cell(**{"num_format": number_format(decimals), "align": "right"} | properties)
        return Look(look, lambda value: value if isinstance(value, str) else number(value, decimals))

    def amount(self, **properties: Any) -> Look:
        """Return the look of money: as many decimals as Step."""
        return self.number(self.decimals, **properties)

    def percent(self, decimals: int, **properties: Any) -> Look:
        """Return the look of parts of a whole with so many decimals."""
        look = self.cell(**{"num_format": percent_format(decimals), "align": "right"} | properties)
        return Look(look, lambda value: value if isinstance(value, str) else percent(value, decimals))

    def signed(self, decimals: int, *, percent: bool = False, **properties: Any) -> Look:
        """Return the look of differences of numbers or percentages: signed, a dash for none."""
        plain = ("0" if percent else "#,##0") + ("." + "0" * decimals if decimals else "") + ('" "%' if percent else "")
        base = self.percent(decimals) if percent else self.number(decimals)
        form = self.cell(align="right", num_format=f'"+"{plain};"−"{plain};"–"', **properties)
        return Look(form, lambda value: f"+{base.show(value)}")

    def share(self, **properties: Any) -> Look:
        """Return the look of shares of the budget."""
        return self.percent(self.share_decimals, **properties)

    def price(self, **properties: Any) -> Look:
        """Return the look of prices and coefficients: up to six decimals, none wasted."""
        look = self.cell(**{"num_format": PRICE, "align": "right"} | properties)
        return Look(look, lambda value: value if isinstance(value, str) else f"{value:,.6f}".rstrip("0"))

    def fitted(self, values: Iterable[Any], digits: int = 6, **properties: Any) -> Look:
        """Return the look of numbers: so many digits for the largest, the same decimals for all, none idle."""
        known = [abs(float(v)) for v in values if isinstance(v, int | float | Fraction) and math.isfinite(v)]
        most = min(6, max(0, digits - 1 - magnitude(max(known, default=0.0))))
        needed = max((decimals_of(Fraction(f"{v:.{most}f}"), most) for v in known), default=0)
        return self.number(needed, **properties)

    def words(self, **properties: Any) -> Look:
        """Return the look of words that stand in a column of numbers."""
        return Look(self.cell(**properties | {"align": "right", "font_color": SOFT, "bold": False}), str)

    def small(self) -> Look:
        """Return the look of tolerances and other small numbers: a power of ten."""
        look = self.cell(align="right", num_format="0.##E+0")
        return Look(look, lambda value: value if isinstance(value, str) else f"{float(value):.2e}")

    def typed(self, value: Fraction) -> Look:
        """Return the look of one number that no formula changes: the decimals it needs, six at most."""
        return self.number(decimals_of(value, 6))

    def entry(self, role: Role) -> Format:
        """Return the format of a cell to fill in."""
        colours = {"font_color": ENTRY_INK, "bg_color": ENTRY_FILL, "locked": False}
        if role is Role.ENTRY_AMOUNT:
            return self.cell(**colours, align="right", num_format=number_format(self.decimals))
        return self.cell(**colours, text_wrap=True)

    def of(self, role: Role, **properties: Any) -> Look:
        """Return the look that a column's role asks for."""
        key = role, tuple(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self._of(role, **properties)
        return self._looks[key]

    def _of(self, role: Role, **properties: Any) -> Look:
        if role in (Role.ENTRY_AMOUNT, Role.ENTRY_TEXT):
            return Look(self.entry(role), str)
        if role in (Role.AMOUNT, Role.NUMBER):
            return self.amount(**properties)
        if role is Role.PRICE:
            return self.price(**properties)
        if role is Role.COUNT:
            return self.number(0, **properties)
        if role is Role.SHARE:
            return self.share(**properties)
        if role is Role.YEAR:
            return Look(self.cell(**{"align": "center"} | properties), str)
        if role is Role.FLAG:
            return Look(self.cell(**{"align": "center", "num_format": TRUTH} | properties), str)
        return self.text(**({"text_wrap": True} if role is Role.LONG else {}) | properties)

    def heading(self, role: Role = Role.TEXT, *, first: bool = False) -> Format:
        """Return the format of a table's heading, aligned as what stands below it."""
        align = "right" if role.numeric else "center" if role in (Role.YEAR, Role.FLAG) else "left"
        return self.format(
            bold=True,
            text_wrap=True,
            align=align,
            indent=0 if first or align != "left" else 1,
            valign="bottom",
            bg_color=FILL,
            bottom=2,
            bottom_color=PLAN,
        )

    @property
    def title(self) -> Format:
        """The format of a sheet's title."""
        return self.format(bold=True, font_size=16, valign="vcenter")

    @property
    def message(self) -> Format:
        """The format of the sentence below the title."""
        return self.format(font_size=11, font_color=PLAN, valign="vcenter")

    @property
    def note(self) -> Format:
        """The format of units and notes."""
        return self.format(font_size=9, font_color=SOFT, valign="vcenter")

    @property
    def section(self) -> Format:
        """The format of a second table's title."""
        return self.format(bold=True, font_size=12, valign="vcenter")

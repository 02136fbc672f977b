"""A plan's sheet as cells: values and formulas, whichever spreadsheet program saved them last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import override

from allocator.audit.tokens import canonical
from allocator.spreadsheet.cells import CellScan
from allocator.spreadsheet.formats import serial
from allocator.spreadsheet.package import Package
from allocator.spreadsheet.references import Place, reference_of
from allocator.spreadsheet.workbook import SheetPart

__all__ = ["Content", "Place", "PlanSheet", "SheetScan"]


@dataclass(frozen=True, slots=True)
class Content:
    """What a cell holds: a value, or a formula with its stored value; an error value stands in `error`."""

    value: str | float | bool | None
    formula: str = ""
    """Without ``=``, in canonical form; in braces where it was entered as an array."""
    error: str = ""
    """``#REF!`` and the like."""


@dataclass
class PlanSheet:
    """One sheet: the cells that hold a value, formula or error."""

    name: str
    cells: dict[Place, Content] = field(default_factory=dict)
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    percent: frozenset[Place] = frozenset()
    """Those of the cells that are formatted as a percentage."""
    misleading: frozenset[Place] = frozenset()
    """Those whose number format shows another number than theirs, or none."""


class SheetScan(CellScan):
    """Reads the sheets of a plan."""

    def __init__(
        self, package: Package, texts: list[str], percent_styles: frozenset[int], misleading_styles: frozenset[int]
    ) -> None:
        super().__init__(package, texts)
        self._contents = [Content(text) for text in texts]
        self._percent_styles = {str(style) for style in percent_styles}
        self._misleading_styles = {str(style) for style in misleading_styles}

    def read(self, sheet: SheetPart) -> PlanSheet:
        """Return a sheet."""
        self._cells: dict[Place, Content] = {}
        self._percent: set[Place] = set()
        self._misleading: set[Place] = set()
        self._shared: dict[str, tuple[str, Place]] = {}
        self._scan(sheet)
        return PlanSheet(
            sheet.name,
            self._cells,
            self._all_hidden or not sheet.visible,
            frozenset(self._hidden_rows),
            frozenset(self._hidden_columns),
            frozenset(self._percent),
            frozenset(self._misleading),
        )

    @override
    def _holds(self, place: Place) -> bool:
        return place in self._cells

    @override
    def _take(self, place: Place, kind: str, text: str | None, formula: str | None) -> None:
        self._cells[place] = self._content(place, kind, text, formula)
        if self._cell.get("s") in self._percent_styles:
            self._percent.add(place)
        if self._cell.get("s") in self._misleading_styles:
            self._misleading.add(place)

    def _content(self, place: Place, kind: str, text: str | None, formula: str | None) -> Content:
        if kind == "s" and text and formula is None:
            self._shared_text(text)
            return self._contents[int(text)]
        told = "" if formula is None else self._formula_text(place, formula)
        if told in ("TRUE", "FALSE"):
            return Content(told == "TRUE")  # LibreOffice saves a typed truth value as a formula
        if kind == "e":
            return Content(None, told, text or "#ERROR")
        if text == "" and formula is not None:
            return Content("", told)  # an empty text is a result, whatever type some programs give it
        return Content(self._typed(kind, text), told)

    def _typed(self, kind: str, text: str | None) -> str | float | bool | None:
        """Return a stored value; a date is the number that stands for it."""
        if not text:
            return text if kind in ("str", "inlineStr") else None
        value = self._stored(kind, text)
        return serial(value) if isinstance(value, dt.datetime) else value

    def _formula_text(self, place: Place, text: str) -> str:
        attributes: Mapping[str, str] = self._formula_kind
        kind = attributes.get("t", "normal")
        if kind == "shared":
            number = attributes.get("si", "")
            if text:
                self._shared[number] = (text, place)
            elif number in self._shared:
                text = _moved(*self._shared[number], place)
            else:
                raise ValueError(f"the shared formula of {reference_of(place)} is missing")
        if kind == "dataTable":
            return f"TABLE({attributes.get('r1', '')},{attributes.get('r2', '')})"
        return f"{{{canonical(text)}}}" if kind == "array" else canonical(text)


def _moved(text: str, origin: Place, place: Place) -> str:
    """Return the formula of another cell as it reads at `place`."""
    from openpyxl.formula.tokenizer import TokenizerError
    from openpyxl.formula.translate import Translator, TranslatorError

    try:
        return str(Translator(f"={text}", reference_of(origin)).translate_formula(reference_of(place)))[1:]
    except (TokenizerError, TranslatorError) as error:
        raise ValueError(f"the formula of {reference_of(place)} can't be told: {error}") from None

"""A worksheet that takes formulas and texts as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from xlsxwriter.worksheet import CellRichStringTuple, Worksheet

if TYPE_CHECKING:
    from xlsxwriter.format import Format


class PlanSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter is not typed
    """Its formulas call only functions that every spreadsheet knows; its texts may be anything that was typed."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        """Return the formula: looking in each for thirty newer functions took a tenth of the time of a plan."""
        return formula.removeprefix("=")

    def _write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        """Write a text; one that opens and closes as marked-up text does would go into the file unescaped."""
        if not (string.startswith("<r>") and string.endswith("</r>")) or self._check_dimensions(row, col):
            return int(super()._write_string(row, col, string, cell_format))
        marked_up = f'<r><t xml:space="preserve">{escape(string)}</t></r>'
        index = self.str_table._get_shared_string_index(marked_up)
        self.table[row][col] = CellRichStringTuple(index, cell_format, string)
        return 0

    def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, str]] = ()) -> None:
        """Write a number with all its digits; XlsxWriter keeps 16, with which not every number reads back the same."""
        short = f"{number:.16G}"
        text = short if float(short) == number else repr(float(number))
        self.fh.write(f"<c{''.join(f' {key}="{value}"' for key, value in attributes)}><v>{text}</v></c>")

"""Workbooks of the kind .xlsx as files: read within bounds, worked out, compared and written safely.

A package of its own, which knows nothing of budgets; of the rest it uses `allocator.errors` alone.

- `package`: the file's parts, unpacked within bounds; which of them are sheets, texts and styles; a copy of the file as
  the simplest of readers expect it
- `cells`: a sheet's cells, as values and formulas, whichever program saved them last
- `references`, `formats`: cells by their letters and numbers; what number formats make of a number
- `syntax`, `functions`, `formulas`: formulas as words and trees, the functions in them, and what they come to
- `digests`: checksums of cells that stay the same however often a workbook is saved again
- `saving`: files put in place in one step; `printing`: headers, footers and the width of text

All that can't be read, be it damaged, protected or ambiguous, is a `WorkbookError`; formulas that can't be worked out
come to an error value. A workbook read, a formula worked out and compared with the value that is stored beside it:

>>> from io import BytesIO
>>> from xlsxwriter import Workbook as NewWorkbook
>>> from allocator.spreadsheet.cells import read_sheets
>>> from allocator.spreadsheet.formulas import Evaluator
>>> from allocator.spreadsheet.package import Workbook
>>> with NewWorkbook(file := BytesIO()) as new:
...     costs = new.add_worksheet("Costs")
...     done = costs.write_column("A1", [3, 4.5]), costs.write_formula("A3", "=SUM(A1:A2)*2", value=15)
>>> sheets = read_sheets(Workbook("costs.xlsx", file.getvalue()))
>>> sheets["Costs"].at((3, 1))
Content(value=15.0, formula='SUM(A1:A2)*2', error='')
>>> Evaluator({name: sheet.cells for name, sheet in sheets.items()}).value("Costs", (3, 1))
15.0
"""

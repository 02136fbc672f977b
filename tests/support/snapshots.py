"""Whole commands before and after a change: what is printed, JSON, and every cell of every workbook that is written.

    python tests/support/snapshots.py run FOLDER [WORKBOOK …]
    python tests/support/snapshots.py compare FOLDER OTHER

`run` puts what the commands say and write into a folder, for the shipped scenarios where no workbook is named; it is
run once before the change and once after it. `compare` lists what differs: its exit code is 1 where anything does.
"""

from __future__ import annotations

import difflib
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import openpyxl
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from commands import run_command
from places import SCENARIOS

COMMANDS = {
    "plan": ("{book} -o plan.xlsx", "verify plan.xlsx --scenario {book}"),
    "json": ("{book} --json",),
    "check": ("check {book} --mark marked.xlsx",),
    "variants": ("{book} --variant all -o .",),
    "compare": ("compare {book} -o compare.xlsx", "compare {book} --json"),
    "diff": ("{book} -o plan.xlsx", "diff plan.xlsx {book}", "diff plan.xlsx {book} --json"),
}
"""What is asked of each workbook, in a folder for each line; refusals are outputs too."""
ENVIRONMENT = {"SOURCE_DATE_EPOCH": "1790000000", "COLUMNS": "80"}
MOST = 12
"""So many differences of one file are listed."""


def run(folder: Path, books: Sequence[Path], commands: Mapping[str, Sequence[str]] = COMMANDS) -> None:
    """Run every command on every workbook; what it says goes into a file beside what it writes."""
    for book in books:
        for name, lines in commands.items():
            place = folder / f"{book.stem}@{name}"
            place.mkdir(parents=True)
            for number, line in enumerate(lines):
                words = [word.format(book=book.resolve()) for word in line.split()]
                told = run_command(*words, cwd=place, env=ENVIRONMENT)
                (place / f"{number}.out").write_bytes(told.stdout)
                (place / f"{number}.err").write_bytes(told.stderr)
                (place / f"{number}.code").write_text(str(told.returncode))


def compare(folder: Path, other: Path) -> list[str]:
    """Return what differs between two folders, a line each."""
    files = [{str(path.relative_to(each)): path for path in each.rglob("*.*")} for each in (folder, other)]
    found = []
    for name in sorted(files[0].keys() | files[1].keys()):
        one, two = (each.get(name) for each in files)
        if one is None or two is None:
            found.append(f"{name}: only in {folder if two is None else other}")
        elif one.read_bytes() != two.read_bytes():
            lines = list((_cells if name.endswith(".xlsx") else _lines)(one, two)) or ["other bytes, the same cells"]
            found += [f"{name}: {line}" for line in lines[:MOST]]
            found += [f"{name}: {len(lines) - MOST} more"] if len(lines) > MOST else []
    return found


def _lines(one: Path, two: Path) -> Iterator[str]:
    texts = [path.read_text("utf-8", errors="replace").splitlines() for path in (one, two)]
    lines = list(difflib.unified_diff(*texts, lineterm="", n=0))[2:]
    return (line for line in lines if not line.startswith("@@"))


def _cells(one: Path, two: Path) -> Iterator[str]:
    before, after = contents(one), contents(two)
    for at in sorted(before.keys() | after.keys()):
        old, new = before.get(at, {}), after.get(at, {})
        for aspect in sorted(old.keys() | new.keys()):
            if old.get(aspect) != new.get(aspect):
                yield f"{at} {aspect}: {old.get(aspect)!r}, then {new.get(aspect)!r}"


def contents(path: Path) -> dict[str, dict[str, object]]:
    """Return what each cell holds and looks like, by sheet and address; what a sheet is like stands under its name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out
        typed, stored = (openpyxl.load_workbook(path, data_only=values) for values in (False, True))
    found: dict[str, dict[str, object]] = {}
    for place, sheet in enumerate(typed.worksheets):
        found[sheet.title] = {"place": place, **_page(sheet)}
        for row in sheet.iter_rows():
            for cell in row:
                value = stored[sheet.title][cell.coordinate].value
                found[f"{sheet.title}!{cell.coordinate}"] = {"content": cell.value, "value": value, **_look(cell)}
    return found


def _page(sheet: Worksheet) -> dict[str, object]:
    return {
        "panes": sheet.freeze_panes,
        "print area": sheet.print_area,
        "print titles": sheet.print_title_rows,
        "orientation": sheet.page_setup.orientation,
        "scale": sheet.page_setup.scale,
        "footer": str(sheet.oddFooter.left.text),
        "merged": str(sheet.merged_cells.ranges),
        "state": sheet.sheet_state,
        "validations": [(str(each.sqref), each.type) for each in sheet.data_validations.dataValidation],
        "breaks": [str(each.id) for each in (*sheet.row_breaks.brk, *sheet.col_breaks.brk)],
        "widths": {name: round(column.width, 2) for name, column in sheet.column_dimensions.items()},
        "charts": len(sheet._charts),
    }


def _look(cell: Cell) -> dict[str, object]:
    font, fill, placed, border = cell.font, cell.fill, cell.alignment, cell.border
    return {
        "number format": cell.number_format,
        "font": (font.b, font.i, font.sz, font.color and font.color.rgb),
        "fill": fill.fgColor.rgb if fill.fill_type else None,
        "alignment": (placed.horizontal, placed.vertical, placed.indent, placed.wrap_text),
        "border": (border.top.style, border.bottom.style),
        "link": cell.hyperlink and cell.hyperlink.location,
    }


def main(words: Sequence[str]) -> int:
    match list(words):
        case ["run", folder, *books]:
            run(Path(folder), [Path(book) for book in books] or sorted(SCENARIOS.glob("*.xlsx")))
            return 0
        case ["compare", folder, other]:
            found = compare(Path(folder), Path(other))
            sys.stdout.writelines(f"{line}\n" for line in found or ["nothing differs"])
            return bool(found)
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

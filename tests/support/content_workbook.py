"""Content as a workbook: one table per sheet, plainly or the way people type it.

The way people type: numbers as text, other Unicode forms, words for operators, a title above the table.
"""

from __future__ import annotations

import random
import unicodedata
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

Content = dict[str, list[dict]]
PERCENT = ("Minimum share", "Maximum share", "Up to, of last year", "Discount rate")
WORDS = {
    ">=": (">=", "≥", "at least"), "<=": ("<=", "≤", "at most"), "=": ("=", "equals"),
    ">": (">", "over", "more than"), "<": ("<", "under", "less than"),
}  # fmt: skip


def write_content(content: Content, path: Path, rng: random.Random | None = None) -> Path:
    """A workbook with one table per sheet; with `rng`, some cells as people type them."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet, rows in content.items():
        page = book.create_sheet(sheet)
        if rng and rng.random() < 0.3:
            page.append([f"{sheet} of the plan"])
            page.append([])
        heads = headings(rows, rng)
        page.append([typed_text(head, rng) if isinstance(head, str) else head for head in heads])
        for row in rows:
            write_row(page, heads, row, rng)
    book.save(path)
    return path


def headings(rows: list[dict], rng: random.Random | None) -> list:
    heads = list(dict.fromkeys(head for row in rows for head in row))
    if rng and rng.random() < 0.3:
        rest = heads[1:]
        rng.shuffle(rest)
        heads[1:] = rest
    return heads


def write_row(page: Worksheet, heads: list, row: dict, rng: random.Random | None) -> None:
    line = page.max_row + 1
    for column, head in enumerate(heads, start=1):
        value = row.get(head)
        if value is None:
            continue
        percent = is_percentage(head, row)
        cell = page.cell(line, column, shown(value, head, rng, percent=percent))
        if percent and isinstance(cell.value, (int, float)) and (abs(value) > 1 or (rng and rng.random() < 0.5)):
            cell.number_format = "0.00%"


def is_percentage(head: object, row: dict) -> bool:
    if head == "Value":
        return row.get("Setting") == "Discount rate" or ("Rule" in row and row["Basis"] != "amount")
    return head in PERCENT


def shown(value: object, head: object, rng: random.Random | None, *, percent: bool) -> object:
    if rng is None or head in ("Year", "Years", "Title"):
        return value
    if head == "Operator":
        return rng.choice(WORDS[value])
    if isinstance(value, str):
        return typed_text(value, rng)
    return text_number(value, rng, percent=percent) if rng.random() < 0.1 else value


def typed_text(text: str, rng: random.Random | None) -> str:
    """The same name in another Unicode form, case or spacing."""
    way = rng.random() if rng else 1
    if way < 0.3:
        return unicodedata.normalize("NFD", text)
    if way < 0.4:
        return text.replace(" ", "  ") + " "
    return text.upper() if 0.4 < way < 0.45 else text


def text_number(value: float, rng: random.Random, *, percent: bool) -> object:
    """Such as `4,5 %` or `1.234.567,89`; the number itself where its text could be read in two ways."""
    exact = Decimal(repr(value)) * (100 if percent else 1)
    whole, _, decimals = f"{abs(exact):f}".partition(".")
    decimals = decimals.rstrip("0")
    mark, group = rng.choice(((",", "."), (".", ","), (",", " "), (".", " ")))
    grouped = f"{int(whole):,}".replace(",", group)
    separators = grouped.count(group) + bool(decimals)
    if separators == 1 and (not decimals or len(decimals) == 3):
        return value
    text = grouped + (mark + decimals if decimals else "")
    return ("-" if value < 0 else "") + text + (rng.choice((" %", "%")) if percent else "")


def scenario(*, areas: list[dict], budget: list[dict] | None = None, settings: dict | None = None, **sheets) -> dict:
    named = {"Unit": "million", "Step": 0} | (settings or {})
    return {
        "Scenario": [{"Setting": key, "Value": value} for key, value in named.items()],
        "Budget": budget or [{"Source": "City", 2026: 100}],
        "Areas": areas,
        **sheets,
    }

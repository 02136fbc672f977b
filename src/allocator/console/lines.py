"""What every console is made of: figures as words, sentences, columns that line up whatever the script, endings.

Each part of a screen is a list of lines (`rich.text.Text`) that are printed as they are, never broken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from allocator.errors import ScenarioError
from allocator.wording.numbers import decimals_of, distinguishing_decimals, number, step_decimals

GAP = 2
BULLET = "• "
NARROWEST = 4
WORDS = 16
"""Columns of words do not get narrower than this while there is another way."""
FURTHER = "  "
"""What stands before words that go on in a further line."""
BLOCKS = " ▏▎▍▌▋▊▉█"
SYMBOLS = {"≥": ">=", "≤": "<=", "−": "-", "–": "-", "•": "*", "…": "...", "→": "->", "±": "+/-", "“": '"', "”": '"'}
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that let what follows be shown in another order than it has."""


def clean(text: str) -> str:
    r"""Return text from a cell on one line, without control characters and with composed accents.

    >>> clean("Giáo\n dục\x1b[31m"), clean("a\u202eb")
    ('Giáo dục [31m', 'ab')
    """
    spaced = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    return " ".join(unicodedata.normalize("NFC", _TURNING.sub("", spaced)).split())


def visible(text: str) -> str:
    r"""Return text with signs in place of control characters, so that none of them reaches a terminal.

    >>> visible("plan\x1b[31m.xlsx"), visible("a\u202ecod.xlsx")
    ('plan␛[31m.xlsx', 'a�cod.xlsx')
    """
    text = _TURNING.sub("�", text)
    controls = {char for char in text if unicodedata.category(char) == "Cc" and char != "\n"}
    return "".join((chr(0x2400 + ord(char)) if char < " " else "�") if char in controls else char for char in text)


def amount_decimals(step: Fraction, amounts: Sequence[Fraction]) -> int:
    """Return the decimals for a column of amounts: what they need, never more than `step` has.

    >>> amount_decimals(Fraction("0.001"), [Fraction("2.5"), Fraction(3)])
    1
    """
    most = step_decimals(step, float(max(map(abs, amounts), default=0)))
    return min(most, max((decimals_of(amount) for amount in amounts), default=0))


def money(amount: Fraction, decimals: int) -> str:
    """Return an amount, or a dash for none at all."""
    return number(amount, decimals) if amount else "–"


def told_apart(reached: Fraction, written: Fraction, least: int) -> str:
    """Return `reached` with at least `least` decimals, and as many as tell it from the number that is written.

    >>> told_apart(Fraction("4.0001"), Fraction(4), 1), told_apart(Fraction(4), Fraction(4), 1)
    ('4.0001', '4')
    """
    if reached == written:
        return number(reached, decimals_of(written))
    text = number(reached, distinguishing_decimals(reached, written, max(least, decimals_of(written))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def bar(part: float, width: int, *, ascii_only: bool = False) -> str:
    """Return a bar of `part` (0 to 1) of `width` cells, to an eighth of a cell.

    >>> bar(0.3, 10), bar(0.3, 10, ascii_only=True)
    ('███', '###')
    """
    if ascii_only:
        return "#" * round(part * width)
    eighths = round(part * width * 8)
    return "█" * (eighths // 8) + BLOCKS[eighths % 8].strip()


def plain_symbols(text: str) -> str:
    """Return text with signs that an ASCII terminal can show."""
    for symbol, plain in SYMBOLS.items():
        text = text.replace(symbol, plain)
    return text


def print_lines(console: Console, lines: Iterable[Text], *, cut: bool = False) -> None:
    """Print lines as they are, never broken; signs are spelt out where the terminal has only ASCII.

    `cut` leaves out what would stand beyond the terminal's width.
    """
    plain = console.options.ascii_only
    for line in lines:
        shown = Text(plain_symbols(line.plain), style=line.style) if plain else line
        if cut:
            shown.truncate(console.width, overflow="crop" if plain else "ellipsis")
        console.print(shown, soft_wrap=True, highlight=False, markup=False, emoji=False)


# ---- parts of a screen --------------------------------------------------------------------------------------------


def spaced(parts: Iterable[list[Text]]) -> list[Text]:
    """Return the lines of all parts that have any, a blank line between two parts."""
    return [line for part in parts if part for line in (Text(""), *part)][1:]


def fitting(tries: Iterable[list[Text]], most: int) -> list[Text]:
    """Return the first of `tries` that has at most so many lines; the last where none has."""
    found: list[Text] = []
    for found in tries:
        if len(found) <= most:
            break
    return found


def more(left: int, where: str, *, indent: str = "") -> list[Text]:
    """Return the line that says how many more there are, and where; nothing where there are none."""
    return [Text(f"{indent}and {left} more: {where}", style="dim")] if left > 0 else []


def ending(lead: str, path: Path | None) -> list[Text]:
    """Return where something was written, with a blank line before; nothing where it was written nowhere."""
    return [Text(""), Text(f"{lead}: {visible(str(path))}")] if path else []


# ---- tables -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cells:
    """A row of a table for the console; `style` colours the whole row, `last_style` its last cell."""

    texts: tuple[str, ...]
    style: str = ""
    last_style: str = ""


def natural_width(rows: Sequence[Cells]) -> int:
    """Return how wide the table would like to be."""
    widths = _widths(rows)
    return sum(widths) + GAP * (len(widths) - 1)


def _widths(rows: Sequence[Cells]) -> list[int]:
    count = max(len(row.texts) for row in rows)
    return [max(cell_len(row.texts[i]) for row in rows if i < len(row.texts)) for i in range(count)]


def cut(text: str, width: int) -> str:
    """Return `text` in at most `width` cells, with … at its end where it is longer."""
    shown = Text(text)
    shown.truncate(width, overflow="ellipsis")
    return shown.plain


def middle_cut(text: str, width: int) -> str:
    """Return `text` in at most `width` cells; a rule's name gives way before the area that stands behind its colon.

    >>> middle_cut("No sudden growth of services: Culture", 24), middle_cut("Budget: City", 20)
    ('No sudden grow…: Culture', 'Budget: City')
    """
    name, colon, area = text.rpartition(": ")
    room = width - cell_len(colon + area) - 1
    if cell_len(text) <= width or not colon or room < NARROWEST:
        return text
    shown = Text(name)
    shown.truncate(room)
    return f"{shown.plain.rstrip()}…{colon}{area}"


def columns(rows: Sequence[Cells], right: Collection[int], width: int) -> list[Text]:
    """Return `rows` as lines whose columns line up; where `width` does not suffice, words go on in a further line.

    `right` holds the columns that are flush right, figures, which stay whole as long as words can give way. Nothing
    is padded at the end of a line.
    """
    return [line for lines in table(rows, right, width) for line in lines]


def table(rows: Sequence[Cells], right: Collection[int], width: int) -> list[list[Text]]:
    """Return the lines of each row; see `columns`."""
    widths = _widths(rows)
    for _ in range(natural_width(rows) - width):
        words = [i for i, room in enumerate(widths) if i not in right and room > WORDS]
        widest = max(words or range(len(widths)), key=lambda i: widths[i])
        widths[widest] = max(widths[widest] - 1, NARROWEST)
    return [_row(row, widths, right, width) for row in rows]


def _row(row: Cells, widths: Sequence[int], right: Collection[int], width: int) -> list[Text]:
    """Return a row's lines: its words wrapped under each other, its figures in the first."""
    cells = [_cell(text, widths[i], flush=i in right) for i, text in enumerate(row.texts)]
    return [_line(texts, row, widths, right, width) for texts in zip_longest(*cells, fillvalue="")]


def _cell(text: str, width: int, *, flush: bool) -> list[str]:
    """Return the lines of a cell; words that go on stand a little further in, below an indented name too."""
    if flush or cell_len(text) <= width or width <= WORDS:
        return [middle_cut(text, width)]
    indent = len(text) - len(text.lstrip())
    first, *rest = wrapped(text.strip(), width - indent - len(FURTHER))
    return [" " * indent + first, *(" " * indent + FURTHER + line for line in rest)]


def _line(texts: Sequence[str], row: Cells, widths: Sequence[int], right: Collection[int], width: int) -> Text:
    line = Text(style=row.style)
    for index, content in enumerate(texts):
        cell = Text(content, style=row.last_style if index == len(widths) - 1 else "")
        cell.truncate(widths[index], overflow="ellipsis")
        space = " " * (widths[index] - cell.cell_len)
        line.append(" " * (GAP if index else 0))
        line.append_text(Text(space) + cell if index in right else cell + space)
    line.rstrip()
    line.truncate(width, overflow="ellipsis")
    return line


# ---- sentences ----------------------------------------------------------------------------------------------------


def paragraph(text: str, width: int, *, bullet: str = BULLET, style: str = "") -> list[Text]:
    """Return `text` wrapped under a bullet, all of it: a sentence that is cut may say the opposite."""
    room = max(width - cell_len(bullet), 20)
    indent = " " * cell_len(bullet)
    lines = wrapped(clean(text), room)
    return [Text((indent if index else bullet) + line, style=style) for index, line in enumerate(lines)]


def heading(text: str, width: int, style: str = "bold") -> list[Text]:
    """Return `text` wrapped, its first line in `style`."""
    lines = paragraph(text, width, bullet="")
    lines[0].style = style
    return lines


def paragraphs(texts: Iterable[str], width: int, most: int, lines: int, where: str) -> list[Text]:
    """Return the first `most` texts of at most so many `lines` each, whole; of all others how many, and where.

    `where` they stand, in a sentence: ``see sheet About``.
    """
    every = [paragraph(text, width) for text in texts]
    shown = [found for found in every if len(found) <= lines][:most]
    left = len(every) - len(shown)
    rest = [Text(f"{'and ' if shown else ''}{left} more: {where}", style="dim")] if left else []
    return [*(line for found in shown for line in found), *rest]


def wrapped(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` cells, broken at spaces where there are any, never before a %."""
    lines: list[str] = [""]
    for word in (part.replace("\0", " ") for part in text.replace(" %", "\0%").split()):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
        elif lines[-1]:
            lines.append(word)
        else:
            lines[-1] = word
    return lines


def shortened(text: str, most: int) -> str:
    """Return a text of the user's that is quoted in a sentence, its middle left out where it is longer than `most`.

    >>> shortened("A very long title of a scenario", 20)
    'A very lon…scenario'
    """
    if cell_len(text) <= most:
        return text
    head = most // 2
    return f"{text[:head].rstrip()}…{text[-(most - head - 1) :].lstrip()}"


# ---- problems of a workbook ---------------------------------------------------------------------------------------


def print_problems(
    error: ScenarioError, console: Console, source: str = "the workbook", *, marked: bool = False
) -> None:
    """Print every problem of a workbook with its cell, and what to do about them.

    Parameters
    ----------
    error
        As reading raised it.
    console
        Where to print; its width is kept to.
    source
        The workbook's name as it was given.
    marked
        Whether they were marked in a copy, so that needs no advice.
    """
    count, source = len(error.problems), visible(source)
    print_lines(console, [Text(f"{source}: {count} problem{'s' if count != 1 else ''}", style="bold red")])
    for problem in error.problems:
        text = Text.assemble("  ", (clean(problem.where), "bold"), ": ", clean(problem.message))
        if console.is_terminal:
            console.print(text, highlight=False, markup=False, emoji=False)
        else:
            print_lines(console, [text])
    if not marked:
        file = f'"{source}"' if " " in source else source
        print_lines(console, [Text(f"To see them in the cells of a copy: allocate check {file} --mark COPY.xlsx")])

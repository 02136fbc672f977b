"""Lines of text for the console: figures as words, and columns that line up whatever script the names are in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from allocator.reports.words import decimals_of, distinguishing_decimals, number, step_decimals

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


def print_lines(console: Console, lines: Iterable[Text]) -> None:
    """Print lines as they are, never broken; signs are spelt out where the terminal has only ASCII."""
    for line in lines:
        shown = Text(plain_symbols(line.plain), style=line.style) if console.options.ascii_only else line
        console.print(shown, soft_wrap=True, highlight=False, markup=False, emoji=False)


def plain_symbols(text: str) -> str:
    """Return text with signs that an ASCII terminal can show."""
    for symbol, plain in SYMBOLS.items():
        text = text.replace(symbol, plain)
    return text


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


def columns(rows: Sequence[Cells], right: frozenset[int], width: int) -> list[Text]:
    """Return `rows` as lines whose columns line up; where `width` does not suffice, words go on in a further line.

    `right` holds the columns that are flush right, figures, which stay whole as long as words can give way. Nothing
    is padded at the end of a line.
    """
    return [line for lines in table(rows, right, width) for line in lines]


def table(rows: Sequence[Cells], right: frozenset[int], width: int) -> list[list[Text]]:
    """Return the lines of each row; see `columns`."""
    widths = _widths(rows)
    for _ in range(natural_width(rows) - width):
        words = [i for i, room in enumerate(widths) if i not in right and room > WORDS]
        widest = max(words or range(len(widths)), key=lambda i: widths[i])
        widths[widest] = max(widths[widest] - 1, NARROWEST)
    return [_row(row, widths, right, width) for row in rows]


def _row(row: Cells, widths: Sequence[int], right: frozenset[int], width: int) -> list[Text]:
    """Return a row's lines: its words wrapped under each other, its figures in the first."""
    cells = [_cell(text, widths[i], flush=i in right) for i, text in enumerate(row.texts)]
    count = max(map(len, cells), default=1)
    return [
        _line([cell[n] if n < len(cell) else "" for cell in cells], row, widths, right, width) for n in range(count)
    ]


def _cell(text: str, width: int, *, flush: bool) -> list[str]:
    """Return the lines of a cell; words that go on stand a little further in, below an indented name too."""
    if flush or cell_len(text) <= width or width <= WORDS:
        return [middle_cut(text, width)]
    indent = len(text) - len(text.lstrip())
    first, *rest = _wrapped(text.strip(), width - indent - len(FURTHER))
    return [" " * indent + first, *(" " * indent + FURTHER + line for line in rest)]


def _line(texts: Sequence[str], row: Cells, widths: Sequence[int], right: frozenset[int], width: int) -> Text:
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


def paragraph(text: str, width: int, *, bullet: str = BULLET) -> list[Text]:
    """Return `text` wrapped under a bullet, all of it: a sentence that is cut may say the opposite."""
    room = max(width - cell_len(bullet), 20)
    indent = " " * cell_len(bullet)
    return [Text((indent if index else bullet) + line) for index, line in enumerate(_wrapped(text, room))]


def paragraphs(
    texts: Sequence[str], width: int, most: int, lines: int, more: str, *, bullet: str = BULLET
) -> list[Text]:
    """Return the first `most` texts of at most so many `lines` each, whole; of all others how many, and where.

    `more` is where they stand, in a sentence: ``see sheet About``.
    """
    shown = [found for found in (paragraph(text, width, bullet=bullet) for text in texts) if len(found) <= lines][:most]
    left = len(texts) - len(shown)
    rest = [Text(f"{'and ' if shown else ''}{left} more: {more}", style="dim")] if left else []
    return [*(line for found in shown for line in found), *rest]


def shortened(text: str, most: int) -> str:
    """Return a text of the user's that is quoted in a sentence, its middle left out where it is longer than `most`.

    >>> shortened("A very long title of a scenario", 20)
    'A very lon…scenario'
    """
    if cell_len(text) <= most:
        return text
    head = most // 2
    return f"{text[:head].rstrip()}…{text[-(most - head - 1) :].lstrip()}"


def _wrapped(text: str, width: int) -> list[str]:
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

"""Formulas as words and as trees, and the one form in which values and formulas are compared."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from allocator.spreadsheet.references import LAST_COLUMN, LAST_ROW, column_number

type Token = tuple[str, str]
"""One word of a formula: its kind, and how it is written in canonical form."""
type Value = str | float | bool | None
"""What a cell can hold; None is blank."""

DIGITS = 15
_ROUNDED = Context(prec=DIGITS, rounding=ROUND_HALF_UP)
_LAST_DIGIT, _WHOLE = 2.0**-48, 2.0**53
"""Below this part of themselves, two numbers differ by no digit that is kept; unless both are whole."""
_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<sheet>(?:'(?:[^'\[\]:]|'')+'|[^\W\d][\w.]*)!)
    |(?P<error>\#(?:REF!|DIV/0!|N/A|VALUE!|NAME\?|NUM!|NULL!))
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<logical>(?:TRUE|FALSE)(?:\s*\(\s*\)|(?!\s*\()(?![\w.$])))
    |(?P<function>[^\W\d][\w.]*)\s*(?=\()
    |(?P<word>\$?[^\W\d][\w.$]*|\$\d+)
    |(?P<sign><>|<=|>=|[-+*/^&=<>%(),:{};])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN_SHEET = re.compile(r"[^\W\d][\w.]*")
_LIKE_A_CELL = re.compile(r"[A-Z]{1,3}\d+|R\d*C\d*|R\d*|C\d*|TRUE|FALSE", re.IGNORECASE)
REMEMBERED = 1 << 16
SMALL, LAST_DECIMAL = 1e-5, Decimal("1e-20")
"""LibreOffice writes numbers in formulas without exponents, with so many decimals at most."""


def nearly_equal(one: float, other: float) -> bool:
    """Whether two numbers are equal in all the digits that a spreadsheet keeps.

    >>> nearly_equal(0.1 + 0.2, 0.3), nearly_equal(1e15, 1e15 + 1)
    (True, False)
    """
    if one == other:
        return True
    apart = abs(one - other)
    if not apart < _LAST_DIGIT * min(abs(one), abs(other)):
        return False
    return not (one.is_integer() and other.is_integer() and max(abs(one), abs(other)) <= _WHOLE)


def canonical_value(value: Value) -> str:
    r"""Return a value as text that no saving changes; nothing for a blank cell.

    >>> canonical_value(0.1 + 0.2), canonical_value(-0.0), canonical_value(True), canonical_value("a\r\nb")
    ('0.3', '0', 'TRUE', 'a\nb')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    return _number(value)


def _number(value: float) -> str:
    """Return a number as LibreOffice rounds it to 15 digits: its shortest text, halves away from zero."""
    rounded = _ROUNDED.create_decimal(repr(float(value)))
    return f"{float(rounded) or 0.0:.{DIGITS}g}"


class NoFormula(ValueError):  # noqa: N818 - what the text is, not what went wrong
    """The text is no formula of the kinds that a plan holds."""


def tokens(text: str) -> list[Token]:
    """Return a formula's words; spaces only where they stand between two operands, as they then mean an operation.

    Raises
    ------
    NoFormula
        Where something is no word of a formula.
    """
    found: list[Token] = []
    at, spaced, ends_operand = 0, False, False
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NoFormula(f"{text[at : at + 20]!r} is no part of a formula")
        at, kind = match.end(), match.lastgroup or ""
        if kind == "space":
            spaced = ends_operand
            continue
        word = match[kind]
        if kind == "sign":
            if spaced and word in "({":
                found.append((kind, " "))
            ends_operand = word in ")}"
        else:
            if spaced:
                found.append(("sign", " "))
            word = _FORMS.get(kind, str.upper)(word)
            ends_operand = kind not in ("sheet", "function")
        found.append((kind, word))
        spaced = False
    return found


@lru_cache(REMEMBERED)
def _number_word(word: str) -> str:
    number = float(word)
    if math.isinf(number):
        raise NoFormula(f"{word} is too large a number")
    return number_text(number)


def number_text(number: float) -> str:
    """Return a number that is written in a formula with the digits that every spreadsheet program keeps.

    These are 15, and none after the 20th decimal; halves are rounded up in the shortest text of the number.

    >>> number_text(1.0693069306930694), number_text(2026), number_text(0.005454545454545455)
    ('1.06930693069307', '2026', '0.00545454545454546')
    """
    if 0 < abs(number) < SMALL:
        number = float(Decimal(canonical_value(number)).quantize(LAST_DECIMAL, ROUND_HALF_UP))
    return canonical_value(float(number))


def sheet_of(word: str) -> str:
    """Return the name of the sheet that a word such as ``'Price card'!`` points to."""
    return word[1:-2].replace("''", "'") if word.startswith("'") else word[:-1]


def sheet_name(name: str) -> str:
    """Return a sheet's name as formulas write it: in quotes only where it could be read as something else.

    >>> sheet_name("Plan"), sheet_name("Price card"), sheet_name("A1")
    ('Plan', "'Price card'", "'A1'")
    """
    if _PLAIN_SHEET.fullmatch(name) and not _LIKE_A_CELL.fullmatch(name):
        return name
    return "'" + name.replace("'", "''") + "'"


_FORMS: dict[str, Callable[[str], str]] = {
    "text": str,
    "number": _number_word,
    "sheet": lru_cache(REMEMBERED)(lambda word: f"{sheet_name(sheet_of(word))}!"),
    "logical": lambda word: "TRUE" if word[0] in "tT" else "FALSE",
}
"""How words of each kind are written in canonical form; all others in capitals."""


@lru_cache(REMEMBERED)
def canonical(text: str) -> str:
    """Return a formula, without ``=``, in the form that is the same whichever spreadsheet program saved it last.

    No spaces outside texts, function names and cells in capitals, ``FALSE()`` as ``FALSE``, sheets in quotes only
    where they must be, numbers with 15 digits. What can't be read as a formula is returned as it is, stripped.

    >>> canonical("if( a1 > 0.50, FALSE(), 'Plan'!$B$2 )")
    'IF(A1>0.5,FALSE,Plan!$B$2)'
    """
    stripped = text.strip().lstrip("= ")
    try:
        return "".join([word for _, word in tokens(stripped)])
    except NoFormula:
        return text.strip()


type Scalar = Value | FormulaError
"""What a cell can say."""

DEEPEST = 100
"""Brackets within brackets; spreadsheets allow 64."""
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_COLUMN = re.compile(r"\$?([A-Z]{1,3})")
_ROW = re.compile(r"\$?([1-9]\d{0,6})")
_BINDING = {
    "=": 1, "<>": 1, "<": 1, "<=": 1, ">": 1, ">=": 1,
    "&": 2,
    "+": 3, "-": 3,
    "*": 4, "/": 4,
    "^": 5,
}  # fmt: skip
"""How tightly each operation holds its two sides; signs before a number hold more, ``%`` after it most."""


@dataclass(frozen=True, slots=True)
class FormulaError:
    """An error value, such as ``#DIV/0!``; it passes through whatever uses it."""

    code: str

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, truth value or error written in the formula; a left-out argument is blank."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Reference:
    """A cell, or a rectangle of cells; rows and columns from 1, the last ones included."""

    sheet: str
    """Empty for the formula's own."""
    row: int
    column: int
    last_row: int
    last_column: int

    @property
    def is_cell(self) -> bool:
        """Whether it is one cell."""
        return self.row == self.last_row and self.column == self.last_column


@dataclass(frozen=True, slots=True)
class Unary:
    """``-x``, ``+x`` or ``x%``."""

    sign: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Operations of equal binding, worked out from the left: ``first``, then each sign with its operand."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Node, ...]


type Node = Literal | Reference | Unary | Binary | Call


def parsed(text: str) -> tuple[Node, tuple[Reference, ...]]:
    """Return a formula as a tree, and the cells that it refers to.

    >>> parsed("-A1%")[0]
    Unary(sign='-', operand=Unary(sign='%', operand=Reference(sheet='', row=1, column=1, last_row=1, last_column=1)))

    Raises
    ------
    NoFormula
        If the text is none, or uses what no plan does: names for cells, arrays of constants, intersections, other
        workbooks.
    """
    parser = _Parser(text)
    node = parser.expression(0)
    parser.expect("end")
    return node, tuple(parser.references)


_END = "end", "end"


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = tokens(text.strip().removeprefix("="))[::-1]
        self._depth = 0
        self.references: list[Reference] = []

    def expect(self, text: str) -> None:
        """Go past a sign that must stand here."""
        if self._next()[1] != text:
            raise NoFormula(f"{text} is missing")

    def _next(self) -> Token:
        return self._tokens.pop() if self._tokens else _END

    def _sign(self) -> str:
        """Return the sign that stands here; empty where it is another word."""
        kind, text = self._tokens[-1] if self._tokens else _END
        return text if kind == "sign" else ""

    def _passed(self, *signs: str) -> str:
        """Go past one of these signs; return it, empty where none of them stands here."""
        return self._next()[1] if self._sign() in signs else ""

    def expression(self, least: int) -> Node:
        """Return what holds together at least as tightly as `least`."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise NoFormula("too many brackets within brackets")
        left = self._operand()
        for binding in range(_BINDING["^"], max(least, 1) - 1, -1):
            rest: list[tuple[str, Node]] = []
            while _BINDING.get(self._sign()) == binding:
                rest.append((self._next()[1], self.expression(binding + 1)))
            if rest:
                left = Binary(left, tuple(rest))
        self._depth -= 1
        return left

    def _operand(self) -> Node:
        """Return an operand with the signs before and after it."""
        signs = list(iter(lambda: self._passed("-", "+"), ""))
        node = self._primary()
        while self._passed("%"):
            node = Unary("%", node)
        if len(signs) > DEEPEST:
            raise NoFormula("too many signs")
        for sign in reversed(signs):
            node = Unary(sign, node)
        return node

    def _primary(self) -> Node:
        kind, text = self._next()
        match kind:
            case "number" if self._sign() != ":":
                return Literal(float(text))
            case "text":
                return Literal(text[1:-1].replace('""', '"'))
            case "logical":
                return Literal(text == "TRUE")
            case "error":
                return Literal(FormulaError(text))
            case "function":
                return Call(text, self._arguments())
            case "sheet":
                return self._reference(sheet_of(text), *self._next())
            case "word" | "number":
                return self._reference("", kind, text)
        if text != "(":
            raise NoFormula(f"{text!r} where a value should stand")
        node = self.expression(0)
        self.expect(")")
        return node

    def _arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        if self._passed(")"):
            return ()
        found = [self._argument()]
        while self._passed(","):
            found.append(self._argument())
        self.expect(")")
        return tuple(found)

    def _argument(self) -> Node:
        return Literal(None) if self._sign() in (",", ")") else self.expression(0)

    def _reference(self, sheet: str, kind: str, first: str) -> Reference | Literal:
        if kind == "error":  # Sheet!#REF!
            return Literal(FormulaError(first))
        last, whole = first, bool(self._passed(":"))
        if whole:
            kind, last = self._next()
            if kind == "sheet" and sheet_of(last) == sheet:
                _, last = self._next()
        found = _rectangle(sheet, first, last, whole=whole)
        self.references.append(found)
        return found


def _rectangle(sheet: str, first: str, last: str, *, whole: bool) -> Reference:
    """Return the cells between two corners; `whole` rows and columns may be named too."""
    for pattern in (_CELL, *((_COLUMN, _ROW) if whole else ())):
        one, other = pattern.fullmatch(first), pattern.fullmatch(last)
        if one and other:
            columns = [column_number(m[1]) for m in (one, other)] if pattern is not _ROW else [1, LAST_COLUMN]
            rows = [int(m[m.re.groups]) for m in (one, other)] if pattern is not _COLUMN else [1, LAST_ROW]
            if max(rows) <= LAST_ROW and max(columns) <= LAST_COLUMN:
                return Reference(sheet, min(rows), min(columns), max(rows), max(columns))
    raise NoFormula(f"{first!r} is no cell")

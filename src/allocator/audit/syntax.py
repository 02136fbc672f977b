"""Formulas as trees: what stands in them, and in which order it is worked out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from allocator.audit.tokens import NoFormula, Token, sheet_of, tokens
from allocator.spreadsheet.references import LAST_COLUMN, LAST_ROW, column_number

type Scalar = str | float | bool | FormulaError | None
"""What a cell can say; None is blank."""

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


_END = Token("end", "end")


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text.strip().removeprefix("=")))
        self._tokens.reverse()
        self._depth = 0
        self.references: list[Reference] = []

    def expect(self, text: str) -> None:
        """Go past a sign that must stand here."""
        if self._next().text != text:
            raise NoFormula(f"{text} is missing")

    def _peek(self) -> Token:
        return self._tokens[-1] if self._tokens else _END

    def _next(self) -> Token:
        return self._tokens.pop() if self._tokens else _END

    def _sign(self) -> str:
        """Return the sign that stands here; empty where it is another word."""
        token = self._peek()
        return token.text if token.kind == "sign" else ""

    def expression(self, least: int) -> Node:
        """Return what holds together at least as tightly as `least`."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise NoFormula("too many brackets within brackets")
        left = self._operand()
        for binding in range(_BINDING["^"], max(least, 1) - 1, -1):
            rest: list[tuple[str, Node]] = []
            while _BINDING.get(self._sign()) == binding:
                rest.append((self._next().text, self.expression(binding + 1)))
            if rest:
                left = Binary(left, tuple(rest))
        self._depth -= 1
        return left

    def _operand(self) -> Node:
        """Return an operand with the signs before and after it."""
        signs: list[str] = []
        while self._sign() in ("-", "+"):
            signs.append(self._next().text)
        node = self._primary()
        while self._sign() == "%":
            self._next()
            node = Unary("%", node)
        if len(signs) > DEEPEST:
            raise NoFormula("too many signs")
        for sign in reversed(signs):
            node = Unary(sign, node)
        return node

    def _primary(self) -> Node:
        token = self._next()
        match token.kind:
            case "number":
                return Literal(float(token.text)) if self._sign() != ":" else self._reference("", token)
            case "text":
                return Literal(token.text[1:-1].replace('""', '"'))
            case "logical":
                return Literal(token.text == "TRUE")
            case "error":
                return Literal(FormulaError(token.text))
            case "function":
                return Call(token.text, self._arguments())
            case "sheet":
                return self._reference(sheet_of(token.text), self._next())
            case "word":
                return self._reference("", token)
        if token.text != "(":
            raise NoFormula(f"{token.text!r} where a value should stand")
        node = self.expression(0)
        self.expect(")")
        return node

    def _arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        if self._sign() == ")":
            self._next()
            return ()
        found: list[Node] = []
        while True:
            left_out = self._sign() in (",", ")")
            found.append(Literal(None) if left_out else self.expression(0))
            if self._sign() != ",":
                break
            self._next()
        self.expect(")")
        return tuple(found)

    def _reference(self, sheet: str, token: Token) -> Reference | Literal:
        if token.kind == "error":  # Sheet!#REF!
            return Literal(FormulaError(token.text))
        last = token
        if self._sign() == ":":
            self._next()
            last = self._next()
            if last.kind == "sheet" and sheet_of(last.text) == sheet:
                last = self._next()
        found = _rectangle(sheet, token.text, last.text, whole=last is not token)
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

"""Formulas worked out from the cells that they refer to, as spreadsheets do it, without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from allocator.spreadsheet.cells import BLANK, Content
from allocator.spreadsheet.functions import (
    AGGREGATES,
    CIRCULAR,
    DIVISION,
    HOLDS,
    NO_CELL,
    NO_NUMBER,
    SCALARS,
    UNKNOWN,
    VALUE,
    Area,
    Argument,
    applied,
    as_number,
    as_text,
    as_truth,
    compare,
    difference,
    plain,
    quotient,
)
from allocator.spreadsheet.references import Place
from allocator.spreadsheet.syntax import (
    Binary,
    Call,
    FormulaError,
    Literal,
    Node,
    NoFormula,
    Reference,
    Scalar,
    Unary,
    parsed,
)

type At = tuple[str, Place]
"""A cell: its sheet and place."""
ARRAYS = ("SUMPRODUCT",)
"""Functions whose arguments are worked out cell by cell where they are given areas."""


class Evaluator:
    """Works out the formulas of a workbook, each once, when it is first asked for.

    Stored results are not looked at. `overrides` are typed values that stand in place of what is in those cells.
    """

    def __init__(
        self, sheets: Mapping[str, Mapping[Place, Content]], overrides: Mapping[At, Scalar] | None = None
    ) -> None:
        self._sheets = sheets
        self._known: dict[At, Scalar] = {at: _plain(value) for at, value in (overrides or {}).items()}
        self._areas: dict[tuple[str, Reference], Area] = {}
        places = [place for cells in sheets.values() for place in cells] + [place for _, place in self._known]
        self._last_row = max((row for row, _ in places), default=1)
        self._last_column = max((column for _, column in places), default=1)

    def value(self, sheet: str, place: Place) -> Scalar:
        """Return what a cell says; None where it is blank, an error where its formula ends in one.

        A formula with a name or function that is unknown here is ``#NAME?``, one that refers to itself ``circular``.
        """
        at = (sheet, place)
        if at not in self._known:
            self._work_out(at)
        return self._known[at]

    # -- one cell after another, however long the chain ---------------------------------------------------------

    def _work_out(self, at: At) -> None:
        """Work out a cell after all those that it hangs on."""
        open_cells: dict[At, tuple[Node, Iterator[At]]] = {}
        self._open(at, open_cells)
        while open_cells:
            current, (node, needed) = next(reversed(open_cells.items()))
            missing = next((one for one in needed if one not in self._known and one not in open_cells), None)
            if missing is not None:
                self._open(missing, open_cells)
                continue
            self._known[current] = _Formula(self, current[0]).result(node)
            del open_cells[current]

    def _open(self, at: At, open_cells: dict[At, tuple[Node, Iterator[At]]]) -> None:
        """Note what a cell hangs on; a cell without a formula is known at once."""
        sheet, place = at
        content = self._sheets.get(sheet, {}).get(place, BLANK)
        if not content.formula:
            self._known[at] = _stored(content)
            return
        try:
            node, references = parsed(content.formula.removeprefix("{").removesuffix("}"))
        except NoFormula:
            self._known[at] = UNKNOWN
            return
        open_cells[at] = (node, self._needed(sheet, references))

    def _needed(self, sheet: str, references: Sequence[Reference]) -> Iterator[At]:
        for reference in references:
            name = reference.sheet or sheet
            if reference.is_cell:
                yield name, (reference.row, reference.column)
            elif (name, reference) not in self._areas:
                yield from ((name, place) for place in self._places(name, reference))

    def _places(self, sheet: str, reference: Reference) -> Iterator[Place]:
        """Yield the formulas of a rectangle."""
        cells = self._sheets.get(sheet, {})
        rows = range(reference.row, min(reference.last_row, self._last_row) + 1)
        columns = range(reference.column, min(reference.last_column, self._last_column) + 1)
        for place in ((row, column) for row in rows for column in columns):
            if cells.get(place, BLANK).formula:
                yield place

    # -- what formulas ask for ----------------------------------------------------------------------------------

    def known(self, sheet: str, place: Place) -> Scalar:
        """Return a cell that was worked out before; one that waits for the asking formula itself is circular."""
        if sheet not in self._sheets:
            return NO_CELL
        at = (sheet, place)
        if at in self._known:
            return self._known[at]
        content = self._sheets[sheet].get(place, BLANK)
        return CIRCULAR if content.formula else _stored(content)

    def area(self, sheet: str, reference: Reference) -> Area | FormulaError:
        """Return the values of a rectangle; whole columns and rows end where the workbook does."""
        if sheet not in self._sheets:
            return NO_CELL
        key = (sheet, reference)
        if key not in self._areas:
            rows = range(reference.row, min(reference.last_row, self._last_row) + 1)
            width = min(reference.last_column, self._last_column) - reference.column + 1
            columns = range(reference.column, reference.column + width)
            values = [self.known(sheet, (row, column)) for row in rows for column in columns]
            area = Area(values, max(width, 1), (reference.last_row - reference.row + 1) * max(width, 1))
            if CIRCULAR in values:
                return area
            self._areas[key] = area
        return self._areas[key]


class _Formula:
    """One formula of a sheet, whose cells are known."""

    def __init__(self, cells: Evaluator, sheet: str) -> None:
        self._cells = cells
        self._sheet = sheet
        self._in_array = False

    def result(self, node: Node) -> Scalar:
        """Return what the cell shows: a blank as 0."""
        value = self._scalar(node)
        return 0.0 if value is None else value

    def _scalar(self, node: Node) -> Scalar:
        value = self._value(node)
        return VALUE if isinstance(value, Area) else value

    def _value(self, node: Node) -> Argument:
        match node:
            case Literal():
                return node.value
            case Reference():
                sheet = node.sheet or self._sheet
                if node.is_cell:
                    return self._cells.known(sheet, (node.row, node.column))
                area = self._cells.area(sheet, node)
                return area if self._in_array or isinstance(area, FormulaError) else VALUE
            case Unary():
                return self._each(lambda value: _signed(node.sign, value), self._value(node.operand))
            case Binary():
                value = self._value(node.first)
                for sign, operand in node.rest:
                    value = self._each(_OPERATIONS[sign], value, self._value(operand))
                return value
        return self._call(node)

    @staticmethod
    def _each(function: Callable[..., Scalar], *arguments: Argument) -> Argument:
        """Return what a function of single values gives; for areas, cell by cell."""
        areas = [argument for argument in arguments if isinstance(argument, Area)]
        if not areas:
            return applied(function, arguments)
        first = areas[0]
        if any(area.cells != first.cells or area.width != first.width for area in areas):
            return VALUE
        columns = [a.values if isinstance(a, Area) else [a] * len(first.values) for a in arguments]
        values = [applied(function, each) for each in zip(*columns, strict=False)]
        return Area(values, first.width, first.cells)

    def _call(self, node: Call) -> Argument:
        """Return what a function gives; of the branches of IF and IFERROR only the one that counts is worked out."""
        name, count = node.name, len(node.arguments)
        function, least, most = _LAZY.get(name) or SCALARS.get(name) or AGGREGATES.get(name) or (None, 0, count)
        if function is None:
            return UNKNOWN
        if not least <= count <= most:
            return VALUE
        if name in _LAZY:
            return self._branch(name, node.arguments)
        if name in SCALARS:
            return self._each(SCALARS[name][0], *map(self._value, node.arguments))
        outside, self._in_array = self._in_array, self._in_array or name in ARRAYS
        arguments = [self._argument(argument) for argument in node.arguments]
        self._in_array = outside
        return applied(function, arguments)

    def _argument(self, node: Node) -> Argument:
        """Return an argument that may be an area; a single cell is one too."""
        if not isinstance(node, Reference):
            return self._value(node)
        return self._cells.area(node.sheet or self._sheet, node)

    def _branch(self, name: str, arguments: Sequence[Node]) -> Argument:
        """Return what IF or IFERROR comes to by its first argument; for an area, cell by cell."""
        asked = self._value(arguments[0])
        if isinstance(asked, Area):
            return self._each(_LAZY[name][0], asked, *map(self._value, arguments[1:]))
        if name == "IFERROR":
            return self._value(arguments[1]) if isinstance(asked, FormulaError) else asked
        truth = applied(as_truth, [asked])
        if isinstance(truth, FormulaError):
            return truth
        return self._value(arguments[1]) if truth else self._value(arguments[2]) if len(arguments) > 2 else False


def _if(asked: Scalar, then: Scalar, otherwise: Scalar = False) -> Scalar:
    return then if as_truth(asked) else otherwise


def _if_error(asked: Scalar, otherwise: Scalar) -> Scalar:
    return otherwise if isinstance(asked, FormulaError) else asked


_LAZY: dict[str, tuple[Callable[..., Scalar], int, int]] = {"IF": (_if, 2, 3), "IFERROR": (_if_error, 2, 2)}
"""As `SCALARS`, but only the branch that counts is worked out."""


# -- operations --------------------------------------------------------------------------------------------------


def _power(base: float, exponent: float) -> float | FormulaError:
    try:
        found = base**exponent
    except (ZeroDivisionError, OverflowError):
        return NO_NUMBER if base else DIVISION
    return found if isinstance(found, float) and (base or exponent) else NO_NUMBER


def _signed(sign: str, value: Scalar) -> Scalar:
    if sign == "+":
        return value
    return as_number(value) / 100 if sign == "%" else -as_number(value)


def _comparison(holds: Callable[[int, int], bool]) -> Callable[[Scalar, Scalar], Scalar]:
    return lambda one, other: holds(compare(plain(one), plain(other)), 0)


_OPERATIONS: dict[str, Callable[[Scalar, Scalar], Scalar]] = {
    "+": lambda one, other: difference(as_number(one), -as_number(other)),
    "-": lambda one, other: difference(as_number(one), as_number(other)),
    "*": lambda one, other: as_number(one) * as_number(other),
    "/": lambda one, other: quotient(as_number(one), as_number(other)),
    "^": lambda one, other: _power(as_number(one), as_number(other)),
    "&": lambda one, other: as_text(one) + as_text(other),
    **{sign: _comparison(holds) for sign, holds in HOLDS.items()},
}


def _plain(value: Scalar | int) -> Scalar:
    """Return a typed value as cells hold it: whole numbers are numbers like others."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _stored(content: Content) -> Scalar:
    return FormulaError(content.error) if content.error else _plain(content.value)

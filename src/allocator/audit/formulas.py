"""Formulas worked out from the cells that they refer to, as spreadsheets do it, without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from allocator.audit.functions import AGGREGATES, SCALARS, Argument
from allocator.audit.sheet_xml import Content, Place
from allocator.audit.syntax import (
    Binary,
    Call,
    FormulaError,
    Literal,
    Node,
    Reference,
    Scalar,
    Unary,
    parsed,
)
from allocator.audit.tokens import NoFormula, canonical
from allocator.audit.values import (
    CIRCULAR,
    DIVISION,
    NO_CELL,
    NO_NUMBER,
    UNKNOWN,
    VALUE,
    Area,
    as_number,
    as_text,
    as_truth,
    compare,
    difference,
    finite,
)

__all__ = ["Evaluator", "FormulaError", "canonical"]

type At = tuple[str, Place]
"""A cell: its sheet and place."""
ARRAYS = ("SUMPRODUCT",)
"""Functions whose arguments are worked out cell by cell where they are given areas."""
_HOLDS: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    "<>": lambda order: order != 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


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
        content = self._sheets.get(sheet, {}).get(place)
        if content is None or not content.formula:
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
            content = cells.get(place)
            if content is not None and content.formula:
                yield place

    # -- what formulas ask for ----------------------------------------------------------------------------------

    def known(self, sheet: str, place: Place) -> Scalar:
        """Return a cell that was worked out before; one that waits for the asking formula itself is circular."""
        if sheet not in self._sheets:
            return NO_CELL
        at = (sheet, place)
        if at in self._known:
            return self._known[at]
        content = self._sheets[sheet].get(place)
        return CIRCULAR if content is not None and content.formula else _stored(content)

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
            return function(*arguments)
        first = areas[0]
        if any(area.cells != first.cells or area.width != first.width for area in areas):
            return VALUE
        columns = [a.values if isinstance(a, Area) else [a] * len(first.values) for a in arguments]
        return Area([function(*values) for values in zip(*columns, strict=False)], first.width, first.cells)

    def _call(self, node: Call) -> Argument:
        count = len(node.arguments)
        if node.name in ("IF", "IFERROR"):
            return (self._if if node.name == "IF" else self._if_error)(node.arguments)
        if node.name in SCALARS:
            function, least, most = SCALARS[node.name]
            if not least <= count <= most:
                return VALUE
            return self._each(function, *(self._value(argument) for argument in node.arguments))
        if node.name in AGGREGATES:
            aggregate, least, most = AGGREGATES[node.name]
            if not least <= count <= most:
                return VALUE
            outside, self._in_array = self._in_array, self._in_array or node.name in ARRAYS
            arguments = [self._argument(argument) for argument in node.arguments]
            self._in_array = outside
            return aggregate(*arguments)
        return UNKNOWN

    def _argument(self, node: Node) -> Argument:
        """Return an argument that may be an area; a single cell is one too."""
        if not isinstance(node, Reference):
            return self._value(node)
        return self._cells.area(node.sheet or self._sheet, node)

    def _if(self, arguments: Sequence[Node]) -> Argument:
        if not 2 <= len(arguments) <= 3:
            return VALUE
        asked = self._value(arguments[0])
        if isinstance(asked, Area):
            branches = [self._value(node) for node in arguments[1:]]
            return self._each(lambda value, *rest: _chosen(as_truth(value), *rest), asked, *branches)
        truth = as_truth(asked)
        if isinstance(truth, FormulaError):
            return truth
        return self._value(arguments[1]) if truth else self._value(arguments[2]) if len(arguments) > 2 else False

    def _if_error(self, arguments: Sequence[Node]) -> Argument:
        if len(arguments) != 2:
            return VALUE
        value = self._value(arguments[0])
        if isinstance(value, Area):
            return self._each(
                lambda one, other: other if isinstance(one, FormulaError) else one, value, self._value(arguments[1])
            )
        return self._value(arguments[1]) if isinstance(value, FormulaError) else value


def _chosen(truth: bool | FormulaError, then: Scalar, otherwise: Scalar = False) -> Scalar:
    return truth if isinstance(truth, FormulaError) else then if truth else otherwise


# -- operations --------------------------------------------------------------------------------------------------


def _signed(sign: str, value: Scalar) -> Scalar:
    if sign == "+":
        return value
    number = as_number(value)
    if isinstance(number, FormulaError):
        return number
    return number / 100 if sign == "%" else -number


def _arithmetic(function: Callable[[float, float], float | FormulaError]) -> Callable[[Scalar, Scalar], Scalar]:
    def run(one: Scalar, other: Scalar) -> Scalar:
        left, right = as_number(one), as_number(other)
        if isinstance(left, FormulaError):
            return left
        return right if isinstance(right, FormulaError) else finite(function(left, right))

    return run


def _power(base: float, exponent: float) -> float | FormulaError:
    try:
        found = base**exponent
    except (ZeroDivisionError, OverflowError):
        return NO_NUMBER if base else DIVISION
    return found if isinstance(found, float) and (base or exponent) else NO_NUMBER


def _joined(one: Scalar, other: Scalar) -> Scalar:
    left, right = as_text(one), as_text(other)
    if isinstance(left, FormulaError):
        return left
    return right if isinstance(right, FormulaError) else left + right


def _comparison(sign: str) -> Callable[[Scalar, Scalar], Scalar]:
    holds = _HOLDS[sign]

    def run(one: Scalar, other: Scalar) -> Scalar:
        if isinstance(one, FormulaError):
            return one
        return other if isinstance(other, FormulaError) else holds(compare(one, other))

    return run


_OPERATIONS: dict[str, Callable[[Scalar, Scalar], Scalar]] = {
    "+": _arithmetic(lambda one, other: difference(one, -other)),
    "-": _arithmetic(difference),
    "*": _arithmetic(lambda one, other: one * other),
    "/": _arithmetic(lambda one, other: one / other if other else DIVISION),
    "^": _arithmetic(_power),
    "&": _joined,
    **{sign: _comparison(sign) for sign in _HOLDS},
}


def _plain(value: Scalar | int) -> Scalar:
    """Return a typed value as cells hold it: whole numbers are numbers like others."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _stored(content: Content | None) -> Scalar:
    if content is None:
        return None
    return FormulaError(content.error) if content.error else _plain(content.value)

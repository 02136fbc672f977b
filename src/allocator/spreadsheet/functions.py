"""Values as spreadsheets work with them, and the functions that formulas use.

Functions in `SCALARS` take one value for each argument; those in `AGGREGATES` take values and areas of cells. In an
area only numbers count, in a value also a text that shows one and truth values, as spreadsheets have it. Where a value
can't be used, functions raise `Failure`, which `applied` turns into the error that the cell shows.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from allocator.spreadsheet.syntax import FormulaError, Scalar, canonical_value, nearly_equal

VALUE = FormulaError("#VALUE!")
DIVISION = FormulaError("#DIV/0!")
NOT_FOUND = FormulaError("#N/A")
NO_CELL = FormulaError("#REF!")
NO_NUMBER = FormulaError("#NUM!")
UNKNOWN = FormulaError("#NAME?")
CIRCULAR = FormulaError("circular")
MOST_PLACES = 127
"""After the point, in FIXED."""
HOLDS: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge, "<=": operator.le, "<>": operator.ne, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip
"""Sign → whether it holds for an order (−1, 0 or 1) and 0; the longer signs first, as texts begin with them."""
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*", re.IGNORECASE)
_WILD = re.compile(r"~([*?~])|([*?])|(.)", re.DOTALL)
_LEAST_POSITIONAL = 1e-10
"""Smaller numbers are written with an exponent."""


class Failure(Exception):  # noqa: N818 - what a cell shows, not what went wrong in the program
    """A function can't use what it was given; the cell shows `error`."""

    def __init__(self, error: FormulaError) -> None:
        self.error = error


@dataclass(frozen=True, slots=True)
class Area:
    """The values of a rectangle of cells, row by row, or of an array worked out from some."""

    values: Sequence[Scalar]
    width: int
    cells: int
    """How many there are, the blank ones included that stand below all that is filled."""
    _where: dict[tuple[type, Scalar], frozenset[int]] = field(default_factory=dict, repr=False, compare=False)

    def where(self, wanted: Scalar) -> frozenset[int]:
        """Return which of the values meet a criterion of SUMIFS; many formulas ask for the same."""
        key = (type(wanted), wanted)
        if key not in self._where:
            holds = criterion(wanted)
            self._where[key] = frozenset(i for i, value in enumerate(self.values) if holds(value))
        return self._where[key]


type Argument = Scalar | Area


def applied[T](function: Callable[..., T], arguments: Iterable[Argument]) -> T | FormulaError:
    """Return what a function gives: an error where it fails, or where its result is too large to be a number."""
    try:
        found = function(*arguments)
    except Failure as failure:
        return failure.error
    except (OverflowError, ValueError):  # of infinite products
        return NO_NUMBER
    return NO_NUMBER if isinstance(found, float) and not math.isfinite(found) else found


# -- what a value counts as ------------------------------------------------------------------------------------------


def plain(value: Scalar) -> str | float | bool | None:
    """Return a value that is no error.

    Raises
    ------
    Failure
        If it is one: errors pass through whatever uses them. So do those of all functions here.
    """
    if isinstance(value, FormulaError):
        raise Failure(value)
    return value


def as_number(value: Scalar) -> float:
    """Return what a value counts as in arithmetic: blank 0, TRUE 1, a text the number it shows."""
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        number = float(value) if _NUMBER.fullmatch(value) else math.inf
        if math.isinf(number):
            raise Failure(VALUE)
        return number
    return float(plain(value) or 0)


def as_text(value: Scalar) -> str:
    """Return a value as ``&`` joins it: numbers with up to 15 digits, an exponent only where very large or small."""
    if isinstance(value, float):
        text = canonical_value(value).upper()
        return f"{Decimal(text):f}" if "E-" in text and abs(value) >= _LEAST_POSITIONAL else text
    value = plain(value)
    return value if isinstance(value, str) else canonical_value(value)


def as_truth(value: Scalar) -> bool:
    """Return what a value counts as in a condition."""
    if isinstance(value, str) and value.upper() not in ("TRUE", "FALSE"):
        raise Failure(VALUE)
    return value.upper() == "TRUE" if isinstance(value, str) else bool(plain(value))


def difference(one: float, other: float) -> float:
    """Return ``one − other``; 0 where they are equal in all the digits that are kept."""
    return 0.0 if nearly_equal(one, other) else one - other


def rounded(number: float, digits: int) -> float:
    """Return a number rounded as it shows, half away from zero.

    >>> rounded(2.675, 2), rounded(-0.5, 0), rounded(1250.0, -2)
    (2.68, -1.0, 1300.0)
    """
    if not number:
        return number
    shown = Decimal(repr(number))
    if -int(shown.as_tuple().exponent) <= digits:
        return number
    return float(shown.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)) if digits > -300 else 0.0


def compare(one: Scalar, other: Scalar) -> int:
    """Return −1, 0 or 1: numbers before texts before truth values, texts without regard to case, blank as either."""
    if isinstance(one, float) and isinstance(other, float) and nearly_equal(one, other):
        return 0
    left, right = _rank(one, other), _rank(other, one)
    return (left > right) - (left < right)


def _rank(value: Scalar, other: Scalar) -> tuple[int, float, str]:
    """Return what a value is ordered by; a blank is like what it is compared with."""
    if isinstance(value, str) or (value is None and isinstance(other, str)):
        return 1, 0.0, (value or "").casefold()
    is_truth = isinstance(other if value is None else value, bool)
    return 2 if is_truth else 0, float(plain(value) or 0), ""


# -- criteria of SUMIFS and its kin ----------------------------------------------------------------------------------


def criterion(wanted: Scalar) -> Callable[[Scalar], bool]:
    """Return a test for cells: an operator and what is compared with, wildcards in texts; a plain value is equality.

    >>> criterion(">=2")(3.0), criterion("rural*")("Rural roads"), criterion("<>")(None)
    (True, True, False)
    """
    if not isinstance(wanted, str):
        return _equal_to(0.0 if wanted is None else wanted)
    sign = next((sign for sign in HOLDS if wanted.startswith(sign)), "")
    text = wanted[len(sign) :]
    if sign in ("", "=", "<>"):
        equal = _equal_text(text, blank=bool(sign))
        return (lambda value: not equal(value)) if sign == "<>" else equal
    limit = float(text) if _NUMBER.fullmatch(text) else text
    return lambda value: type(value) is type(limit) and HOLDS[sign](compare(value, limit), 0)


def _equal_to(wanted: Scalar) -> Callable[[Scalar], bool]:
    if not isinstance(wanted, float):
        return lambda value: type(value) is type(wanted) and value == wanted

    def equal(value: Scalar) -> bool:
        """Criteria make no difference between a number and a text that shows it."""
        shown = float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
        return isinstance(shown, float) and nearly_equal(shown, wanted)

    return equal


def _equal_text(text: str, *, blank: bool) -> Callable[[Scalar], bool]:
    if not text:
        return (lambda value: value is None) if blank else (lambda value: value is None or value == "")
    if _NUMBER.fullmatch(text):
        return _equal_to(float(text))
    if text.upper() in ("TRUE", "FALSE"):
        return _equal_to(text.upper() == "TRUE")
    wild = {"*": ".*", "?": "."}
    regular = _WILD.sub(lambda found: wild[found[2]] if found[2] else re.escape(found[1] or found[3]), text)
    pattern = re.compile(regular, re.IGNORECASE | re.DOTALL)
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


# -- one value for each argument -------------------------------------------------------------------------------------


def _numeric(function: Callable[..., float | str]) -> Callable[..., Scalar]:
    """Return a function of numbers."""
    return lambda *values: function(*[as_number(value) for value in values])


def _fixed(number: float, digits: float = 2.0, no_commas: float = 0.0) -> str:
    places = int(digits)
    if abs(places) > MOST_PLACES:
        raise Failure(VALUE)
    return f"{rounded(number, places) + 0.0:{'' if no_commas else ','}.{max(places, 0)}f}"


def quotient(number: float, divisor: float) -> float:
    """Return a number divided by another, which must not be 0."""
    if not divisor:
        raise Failure(DIVISION)
    return number / divisor


def _root(number: float) -> float:
    if number < 0:
        raise Failure(NO_NUMBER)
    return math.sqrt(number)


SCALARS: dict[str, tuple[Callable[..., Scalar], int, int]] = {
    "ABS": (_numeric(abs), 1, 1),
    "EXACT": (lambda one, other: as_text(one) == as_text(other), 2, 2),
    "FIXED": (_numeric(_fixed), 1, 3),
    "INT": (_numeric(lambda number: float(math.floor(number))), 1, 1),
    "ISBLANK": (lambda value: value is None, 1, 1),
    "ISERROR": (lambda value: isinstance(value, FormulaError), 1, 1),
    "ISNUMBER": (lambda value: isinstance(value, float), 1, 1),
    "ISTEXT": (lambda value: isinstance(value, str), 1, 1),
    "LEN": (lambda value: len(as_text(value).encode("utf-16-le")) / 2, 1, 1),
    "MOD": (_numeric(lambda number, divisor: number - divisor * math.floor(quotient(number, divisor))), 2, 2),
    "N": (lambda value: 0.0 if isinstance(value, str) else as_number(value), 1, 1),
    "NOT": (lambda value: not as_truth(value), 1, 1),
    "ROUND": (_numeric(lambda number, digits: rounded(number, int(digits))), 2, 2),
    "SIGN": (_numeric(lambda number: float((number > 0) - (number < 0))), 1, 1),
    "SQRT": (_numeric(_root), 1, 1),
}
"""Name → function, least and most arguments."""


# -- values and areas ------------------------------------------------------------------------------------------------


def _single(argument: Argument) -> Scalar:
    """Return what stands in one cell, where one value is wanted."""
    if isinstance(argument, Area):
        return VALUE if argument.cells > 1 else argument.values[0] if argument.values else None
    return argument


def _area(argument: Argument) -> Area:
    """Return an argument that must be an area."""
    if not isinstance(argument, Area):
        raise Failure(VALUE)
    return argument


def _numbers(arguments: Sequence[Argument]) -> list[float]:
    """Return the numbers that SUM, MAX and MIN work with."""
    found: list[float] = []
    for argument in arguments:
        if isinstance(argument, Area):
            found.extend(value for value in map(plain, argument.values) if isinstance(value, float))
        else:
            found.append(as_number(argument))
    return found


def _of_numbers(function: Callable[[list[float]], float]) -> Callable[..., Scalar]:
    return lambda *arguments: function(_numbers(arguments))


def _sum(numbers: list[float]) -> float:
    """Return a sum, whose last step is 0 where it takes away all there is but for digits that aren't kept."""
    counted = [number for number in numbers if number]
    return difference(math.fsum(counted[:-1]), -counted[-1]) if counted else 0.0


def _count(*arguments: Argument) -> Scalar:
    """Count numbers, and single values that show one; errors are none."""
    in_areas = [value for argument in arguments if isinstance(argument, Area) for value in argument.values]
    alone = [applied(as_number, (a,)) for a in arguments if not isinstance(a, Area) and a is not None]
    return float(sum(isinstance(value, float) for value in (*in_areas, *alone)))


def _count_filled(*arguments: Argument) -> Scalar:
    values = (value for a in arguments for value in (a.values if isinstance(a, Area) else [a]))
    return float(sum(value is not None for value in values))


def _count_blank(argument: Argument) -> Scalar:
    area = _area(argument)
    return float(area.cells - sum(value not in (None, "") for value in area.values))


def _of_truths(function: Callable[[list[bool]], bool]) -> Callable[..., Scalar]:
    """Return AND or OR: texts and blanks in areas don't count, but something must."""

    def run(*arguments: Argument) -> Scalar:
        found: list[bool] = []
        for argument in arguments:
            if isinstance(argument, Area):
                found += [as_truth(value) for value in argument.values if not isinstance(value, str | None)]
            else:
                found.append(as_truth(argument))
        return function(found) if found else VALUE

    return run


def _matching(arguments: Sequence[Argument]) -> list[int]:
    """Return which cells meet all criteria, given as area, criterion, area, criterion, …"""
    areas = [_area(argument) for argument in arguments[::2]]
    if len(arguments) % 2 or len({area.cells for area in areas}) > 1:
        raise Failure(VALUE)
    met = [area.where(_single(wanted)) for area, wanted in zip(areas, arguments[1::2], strict=True)]
    return sorted(frozenset.intersection(*met))


def _sum_ifs(summed: Argument, *arguments: Argument) -> Scalar:
    found, area = _matching(arguments), _area(summed)
    if _area(arguments[0]).cells != area.cells:
        return VALUE
    values = [area.values[i] for i in found if i < len(area.values)]
    return _sum(_numbers([Area(values, 1, len(values))]))


def _sum_if(area: Argument, wanted: Argument, summed: Argument = None) -> Scalar:
    return _sum_ifs(area if summed is None else summed, area, wanted)


def _sum_product(*arguments: Argument) -> Scalar:
    areas = [a if isinstance(a, Area) else Area([a], 1, 1) for a in arguments]
    if len({(area.cells, area.width) for area in areas}) > 1:
        return VALUE
    columns = [[v if isinstance(plain(v), float) else 0.0 for v in area.values] for area in areas]
    return _sum([math.prod(values) for values in zip(*columns, strict=False)])


def _index(argument: Argument, row: Argument, column: Argument = None) -> Argument:
    area = _area(argument)
    height = area.cells // area.width
    if column is None and height == 1:
        row, column = 1.0, row
    down, across = as_number(_single(row)), as_number(1.0 if column is None else _single(column))
    if not (1 <= down <= height and 1 <= across <= area.width):
        return NO_CELL
    at = (int(down) - 1) * area.width + int(across) - 1
    return area.values[at] if at < len(area.values) else None


def _match(sought: Argument, argument: Argument, kind: Argument = 1.0) -> Scalar:
    values, wanted, order = _area(argument).values, plain(_single(sought)), as_number(_single(kind))
    if not order:
        holds = criterion(wanted) if isinstance(wanted, str) else lambda value: compare(value, wanted) == 0
        filled = (i for i, value in enumerate(values) if not isinstance(value, FormulaError | None))
        return next((i + 1.0 for i in filled if holds(values[i])), NOT_FOUND)
    kept = [i for i, v in enumerate(values) if type(v) is type(wanted) and compare(v, wanted) * order <= 0]
    return kept[-1] + 1.0 if kept else NOT_FOUND


def _height(area: Argument) -> float:
    return float(area.cells // area.width) if isinstance(area, Area) else 1.0


AGGREGATES: dict[str, tuple[Callable[..., Argument], int, int]] = {
    "AND": (_of_truths(all), 1, 255),
    "AVERAGE": (_of_numbers(lambda numbers: quotient(math.fsum(numbers), len(numbers))), 1, 255),
    "COLUMNS": (lambda area: float(area.width) if isinstance(area, Area) else 1.0, 1, 1),
    "COUNT": (_count, 1, 255),
    "COUNTA": (_count_filled, 1, 255),
    "COUNTBLANK": (_count_blank, 1, 1),
    "COUNTIF": (lambda *arguments: float(len(_matching(arguments))), 2, 2),
    "COUNTIFS": (lambda *arguments: float(len(_matching(arguments))), 2, 254),
    "INDEX": (_index, 2, 3),
    "MATCH": (_match, 2, 3),
    "MAX": (_of_numbers(lambda numbers: max(numbers, default=0.0)), 1, 255),
    "MIN": (_of_numbers(lambda numbers: min(numbers, default=0.0)), 1, 255),
    "OR": (_of_truths(any), 1, 255),
    "ROWS": (_height, 1, 1),
    "SUM": (_of_numbers(_sum), 1, 255),
    "SUMIF": (_sum_if, 2, 3),
    "SUMIFS": (_sum_ifs, 3, 255),
    "SUMPRODUCT": (_sum_product, 1, 255),
}
"""Name → function, least and most arguments."""

"""The spreadsheet functions that a plan's formulas use.

Those in `SCALARS` take one value for each argument; those in `AGGREGATES` take values and areas of cells. In an area
only numbers count, in a value also a text that shows one and truth values, as spreadsheets have it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from allocator.audit.syntax import FormulaError, Scalar
from allocator.audit.values import (
    DIVISION,
    NO_NUMBER,
    NOT_FOUND,
    VALUE,
    Area,
    as_number,
    as_text,
    as_truth,
    compare,
    criterion,
    difference,
    finite,
    is_number,
    rounded,
)

type Argument = Scalar | Area
MOST_PLACES = 127
"""After the point, in FIXED."""


def _first_error(values: Iterator[Scalar] | Sequence[Scalar]) -> FormulaError | None:
    return next((value for value in values if isinstance(value, FormulaError)), None)


def _single(argument: Argument) -> Scalar:
    """Return what stands in one cell, where one value is wanted."""
    if isinstance(argument, Area):
        return VALUE if argument.cells > 1 else argument.values[0] if argument.values else None
    return argument


# -- one value for each argument -------------------------------------------------------------------------------------


def _numeric(function: Callable[..., float | str | FormulaError]) -> Callable[..., Scalar]:
    """Return a function of numbers: errors pass through, other values count as what they show."""

    def run(*values: Scalar) -> Scalar:
        numbers = [as_number(value) for value in values]
        error = _first_error(numbers)
        return finite(function(*numbers)) if error is None else error

    return run


def _fixed(number: float, digits: float = 2.0, plain: float = 0.0) -> str | FormulaError:
    places = int(digits)
    if abs(places) > MOST_PLACES:
        return VALUE
    shown = rounded(number, places) + 0.0
    return f"{shown:{'' if plain else ','}.{max(places, 0)}f}"


def _modulo(number: float, divisor: float) -> float | FormulaError:
    if not divisor:
        return DIVISION
    return number - divisor * math.floor(number / divisor) if math.isfinite(number / divisor) else NO_NUMBER


def _mean(numbers: list[float]) -> float | FormulaError:
    return math.fsum(numbers) / len(numbers) if numbers else DIVISION


def _root(number: float) -> float | FormulaError:
    return math.sqrt(number) if number >= 0 else NO_NUMBER


def _not(value: Scalar) -> Scalar:
    truth = as_truth(value)
    return truth if isinstance(truth, FormulaError) else not truth


def _length(value: Scalar) -> Scalar:
    text = as_text(value)
    return text if isinstance(text, FormulaError) else len(text.encode("utf-16-le")) / 2


def _exact(one: Scalar, other: Scalar) -> Scalar:
    left, right = as_text(one), as_text(other)
    return _first_error((left, right)) or left == right


def _plain_number(value: Scalar) -> Scalar:
    return value if isinstance(value, FormulaError) else as_number(value) if not isinstance(value, str) else 0.0


SCALARS: dict[str, tuple[Callable[..., Scalar], int, int]] = {
    "ABS": (_numeric(abs), 1, 1),
    "EXACT": (_exact, 2, 2),
    "FIXED": (_numeric(_fixed), 1, 3),
    "INT": (_numeric(lambda number: float(math.floor(number))), 1, 1),
    "ISBLANK": (lambda value: value is None, 1, 1),
    "ISERROR": (lambda value: isinstance(value, FormulaError), 1, 1),
    "ISNUMBER": (is_number, 1, 1),
    "ISTEXT": (lambda value: isinstance(value, str), 1, 1),
    "LEN": (_length, 1, 1),
    "MOD": (_numeric(_modulo), 2, 2),
    "N": (_plain_number, 1, 1),
    "NOT": (_not, 1, 1),
    "ROUND": (_numeric(lambda number, digits: rounded(number, int(digits))), 2, 2),
    "SIGN": (_numeric(lambda number: float((number > 0) - (number < 0))), 1, 1),
    "SQRT": (_numeric(_root), 1, 1),
}
"""Name → function, least and most arguments."""


# -- values and areas ------------------------------------------------------------------------------------------------


def _values(arguments: Sequence[Argument]) -> Iterator[Scalar]:
    for argument in arguments:
        if isinstance(argument, Area):
            yield from argument.values
        else:
            yield argument


def _numbers(arguments: Sequence[Argument]) -> list[float] | FormulaError:
    """Return the numbers that SUM, MAX and MIN work with, or the first error among them."""
    found: list[float] = []
    for argument in arguments:
        if isinstance(argument, Area):
            error = _first_error(argument.values)
            if error is not None:
                return error
            found.extend(value for value in argument.values if isinstance(value, float))
        else:
            number = as_number(argument)
            if isinstance(number, FormulaError):
                return number
            found.append(number)
    return found


def _of_numbers(function: Callable[[list[float]], float | FormulaError]) -> Callable[..., Scalar]:
    def run(*arguments: Argument) -> Scalar:
        numbers = _numbers(arguments)
        if isinstance(numbers, FormulaError):
            return numbers
        try:
            return finite(function(numbers))
        except (OverflowError, ValueError):  # of infinite products
            return NO_NUMBER

    return run


def _count(*arguments: Argument) -> Scalar:
    """Count numbers; errors are none."""
    in_areas = sum(
        is_number(value) for argument in arguments if isinstance(argument, Area) for value in argument.values
    )
    alone = [a for a in arguments if not isinstance(a, Area) and a is not None]
    return float(in_areas + sum(not isinstance(as_number(value), FormulaError) for value in alone))


def _count_filled(*arguments: Argument) -> Scalar:
    return float(sum(value is not None for value in _values(arguments)))


def _count_blank(area: Argument) -> Scalar:
    if not isinstance(area, Area):
        return VALUE
    return float(area.cells - sum(value is not None and value != "" for value in area.values))


def _of_truths(function: Callable[[list[bool]], bool]) -> Callable[..., Scalar]:
    """Return AND or OR: texts and blanks in areas don't count, but something must."""

    def run(*arguments: Argument) -> Scalar:
        found: list[bool] = []
        for argument in arguments:
            counted = (
                [value for value in argument.values if value is not None and not isinstance(value, str)]
                if isinstance(argument, Area)
                else [argument]
            )
            truths = [as_truth(value) for value in counted]
            error = _first_error(truths)
            if error is not None:
                return error
            found.extend(bool(truth) for truth in truths)
        return function(found) if found else VALUE

    return run


def _matching(arguments: Sequence[Argument]) -> list[int] | FormulaError:
    """Return which cells meet all criteria, given as area, criterion, area, criterion, …"""
    if len(arguments) % 2:
        return VALUE
    areas = [argument for argument in arguments[::2] if isinstance(argument, Area)]
    if len(areas) < len(arguments) // 2 or len({area.cells for area in areas}) > 1:
        return VALUE
    return sorted(
        frozenset.intersection(
            *(area.where(_single(wanted)) for area, wanted in zip(areas, arguments[1::2], strict=True))
        )
    )


def _sum_ifs(summed: Argument, *arguments: Argument) -> Scalar:
    found = _matching(arguments)
    if isinstance(found, FormulaError):
        return found
    if not isinstance(summed, Area) or (isinstance(arguments[0], Area) and arguments[0].cells != summed.cells):
        return VALUE
    values = [summed.values[i] for i in found if i < len(summed.values)]
    return _SUM(Area(values, 1, len(values)))


def _sum_if(area: Argument, wanted: Argument, summed: Argument = None) -> Scalar:
    return _sum_ifs(area if summed is None else summed, area, wanted)


def _count_ifs(*arguments: Argument) -> Scalar:
    found = _matching(arguments)
    return found if isinstance(found, FormulaError) else float(len(found))


def _sum_product(*arguments: Argument) -> Scalar:
    areas = [a if isinstance(a, Area) else Area([a], 1, 1) for a in arguments]
    if len({area.cells for area in areas}) > 1 or len({area.width for area in areas}) > 1:
        return VALUE
    error = _first_error(_values(areas))
    if error is not None:
        return error
    products = zip(*(area.values for area in areas), strict=False)
    return _SUM(*(math.prod(v if isinstance(v, float) else 0.0 for v in values) for values in products))


def _index(area: Argument, row: Argument, column: Argument = None) -> Argument:
    if not isinstance(area, Area):
        return VALUE
    height = area.cells // area.width
    if column is None and height == 1:
        row, column = 1.0, row
    down, across = as_number(_single(row)), as_number(1.0 if column is None else _single(column))
    if isinstance(down, FormulaError) or isinstance(across, FormulaError):
        return _first_error((down, across))
    if not (1 <= down <= height and 1 <= across <= area.width):
        return FormulaError("#REF!")
    at = (int(down) - 1) * area.width + int(across) - 1
    return area.values[at] if at < len(area.values) else None


def _match(wanted: Argument, area: Argument, kind: Argument = 1.0) -> Scalar:
    wanted, order = _single(wanted), as_number(_single(kind))
    if not isinstance(area, Area):
        return VALUE
    if isinstance(wanted, FormulaError):
        return wanted
    if isinstance(order, FormulaError):
        return order
    if not order:
        holds = criterion(wanted) if isinstance(wanted, str) else lambda value: compare(value, wanted) == 0
        filled = (i for i, value in enumerate(area.values) if not isinstance(value, FormulaError | None))
        return next((i + 1.0 for i in filled if holds(area.values[i])), NOT_FOUND)
    kept = [i for i, v in enumerate(area.values) if type(v) is type(wanted) and compare(v, wanted) * order <= 0]
    return kept[-1] + 1.0 if kept else NOT_FOUND


def _total(numbers: list[float]) -> float:
    """Return a sum, whose last step is 0 where it takes away all there is but for digits that aren't kept."""
    counted = [number for number in numbers if number]
    return difference(math.fsum(counted[:-1]), -counted[-1]) if counted else 0.0


_SUM = _of_numbers(_total)
AGGREGATES: dict[str, tuple[Callable[..., Argument], int, int]] = {
    "AND": (_of_truths(all), 1, 255),
    "AVERAGE": (_of_numbers(_mean), 1, 255),
    "COLUMNS": (lambda area: float(area.width) if isinstance(area, Area) else 1.0, 1, 1),
    "COUNT": (_count, 1, 255),
    "COUNTA": (_count_filled, 1, 255),
    "COUNTBLANK": (_count_blank, 1, 1),
    "COUNTIF": (_count_ifs, 2, 2),
    "COUNTIFS": (_count_ifs, 2, 254),
    "INDEX": (_index, 2, 3),
    "MATCH": (_match, 2, 3),
    "MAX": (_of_numbers(lambda numbers: max(numbers, default=0.0)), 1, 255),
    "MIN": (_of_numbers(lambda numbers: min(numbers, default=0.0)), 1, 255),
    "OR": (_of_truths(any), 1, 255),
    "ROWS": (lambda area: float(area.cells // area.width) if isinstance(area, Area) else 1.0, 1, 1),
    "SUM": (_SUM, 1, 255),
    "SUMIF": (_sum_if, 2, 3),
    "SUMIFS": (_sum_ifs, 3, 255),
    "SUMPRODUCT": (_sum_product, 1, 255),
}
"""Name → function, least and most arguments."""

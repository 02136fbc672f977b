"""Values as spreadsheets work with them: what counts as a number, when two are equal, how they round."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from allocator.audit.syntax import FormulaError, Scalar
from allocator.reports.noise import nearly_equal
from allocator.reports.seal import canonical_value

VALUE = FormulaError("#VALUE!")
DIVISION = FormulaError("#DIV/0!")
NOT_FOUND = FormulaError("#N/A")
NO_CELL = FormulaError("#REF!")
NO_NUMBER = FormulaError("#NUM!")
UNKNOWN = FormulaError("#NAME?")
CIRCULAR = FormulaError("circular")
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*", re.IGNORECASE)
_WILD = re.compile(r"~[*?~]|[*?]")
_LEAST_POSITIONAL = 1e-10
"""Smaller numbers are written with an exponent."""


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


def is_number(value: object) -> bool:
    """Whether a value is a number, which truth values are not."""
    return isinstance(value, float)


def as_number(value: Scalar) -> float | FormulaError:
    """Return what a value counts as in arithmetic: blank 0, TRUE 1, a text the number it shows."""
    if isinstance(value, float | FormulaError):
        return value
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) and math.isfinite(float(value)) else VALUE
    return float(value or 0)


def finite[T](value: T) -> T | FormulaError:
    """Return a result; an error where it is a number too large to be one."""
    return NO_NUMBER if isinstance(value, float) and not math.isfinite(value) else value


def as_text(value: Scalar) -> str | FormulaError:
    """Return a value as ``&`` joins it."""
    if isinstance(value, str | FormulaError):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "" if value is None else _general(value + 0.0)


def _general(number: float) -> str:
    """Return a number with up to 15 digits, with an exponent only where it is very large or small."""
    text = canonical_value(number).upper()
    return f"{Decimal(text):f}" if "E-" in text and abs(number) >= _LEAST_POSITIONAL else text


def as_truth(value: Scalar) -> bool | FormulaError:
    """Return what a value counts as in a condition."""
    if isinstance(value, bool | FormulaError):
        return value
    if isinstance(value, str):
        return value.upper() == "TRUE" if value.upper() in ("TRUE", "FALSE") else VALUE
    return bool(value)


def difference(one: float, other: float) -> float:
    """Return ``one − other``; 0 where they are equal in all the digits that are kept."""
    return 0.0 if nearly_equal(one, other) else one - other


def rounded(number: float, digits: int) -> float:
    """Return a number rounded as it shows, half away from zero.

    >>> rounded(2.675, 2), rounded(-0.5, 0), rounded(1250.0, -2)
    (2.68, -1.0, 1300.0)
    """
    if not math.isfinite(number) or not number:
        return number
    shown = Decimal(repr(number))
    if -int(shown.as_tuple().exponent) <= digits:
        return number
    return float(shown.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)) if digits > -300 else 0.0


def compare(one: Scalar, other: Scalar) -> int:
    """Return −1, 0 or 1: numbers before texts before truth values, texts without regard to case, blank as either."""
    one, other = _blank_like(one, other), _blank_like(other, one)
    if isinstance(one, float) and isinstance(other, float):
        return 0 if nearly_equal(one, other) else -1 if one < other else 1
    left, right = _rank(one), _rank(other)
    return (left > right) - (left < right)


def _blank_like(value: Scalar, other: Scalar) -> Scalar:
    if value is not None:
        return value
    return "" if isinstance(other, str) else False if isinstance(other, bool) else 0.0


def _rank(value: Scalar) -> tuple[int, float, str]:
    if isinstance(value, bool):
        return 2, float(value), ""
    return (1, 0.0, value.casefold()) if isinstance(value, str) else (0, float(value or 0), "")  # type: ignore[arg-type]


# -- criteria of SUMIFS and its kin ------------------------------------------------------------------------------


def criterion(wanted: Scalar) -> Callable[[Scalar], bool]:
    """Return a test for cells: an operator and what is compared with, wildcards in texts; a plain value is equality.

    >>> criterion(">=2")(3.0), criterion("rural*")("Rural roads"), criterion("<>")(None)
    (True, True, False)
    """
    if not isinstance(wanted, str):
        return _equal_to(0.0 if wanted is None else wanted)
    operator = next((sign for sign in (">=", "<=", "<>", ">", "<", "=") if wanted.startswith(sign)), "")
    text = wanted[len(operator) :]
    if operator in ("", "=", "<>"):
        equal = _equal_text(text, blank=bool(operator))
        return (lambda value: not equal(value)) if operator == "<>" else equal
    limit = float(text) if _NUMBER.fullmatch(text) else text
    return _ordered(operator, limit)


def _equal_to(wanted: Scalar) -> Callable[[Scalar], bool]:
    if isinstance(wanted, float):
        return lambda value: is_number(shown := _as_shown(value)) and nearly_equal(shown, wanted)  # type: ignore[arg-type]
    return lambda value: type(value) is type(wanted) and value == wanted


def _equal_text(text: str, *, blank: bool) -> Callable[[Scalar], bool]:
    if not text:
        return (lambda value: value is None) if blank else (lambda value: value is None or value == "")
    if _NUMBER.fullmatch(text):
        return _equal_to(float(text))
    if text.upper() in ("TRUE", "FALSE"):
        return _equal_to(text.upper() == "TRUE")
    pattern = re.compile(_regular(text), re.IGNORECASE | re.DOTALL)
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _regular(text: str) -> str:
    pieces, at = [], 0
    for match in _WILD.finditer(text):
        pieces.append(re.escape(text[at : match.start()]))
        pieces.append({"*": ".*", "?": "."}.get(match[0], re.escape(match[0][-1])))
        at = match.end()
    return "".join([*pieces, re.escape(text[at:])])


def _ordered(operator: str, limit: float | str) -> Callable[[Scalar], bool]:
    def holds(value: Scalar) -> bool:
        if type(value) is not type(limit):
            return False
        order = compare(value, limit)
        return {">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0}[operator]

    return holds


def _as_shown(value: Scalar) -> Scalar:
    """Return a text that shows a number as that number: criteria make no difference between them."""
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value

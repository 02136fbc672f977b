"""Messages about cells: the form of each, and what it tells in the form's places."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIGURE = re.compile(r'"[^"]*"|\d[\d.,]*(e[+-]?\d+)?')


@dataclass(frozen=True)
class Said:
    """A message as a fact; its text is the form filled in.

    >>> str(Said("{} is negative", "-5")), Said("{} is negative", "-5").cause == Said("{} is negative", "-7").cause
    ('-5 is negative', True)
    """

    form: str
    values: tuple[object, ...]

    def __init__(self, form: str, *values: object) -> None:
        object.__setattr__(self, "form", form)
        object.__setattr__(self, "values", values)

    def __str__(self) -> str:
        return self.form.format(*self.values)

    @property
    def cause(self) -> tuple[str, ...]:
        """The form with the names in it: messages that are alike but for their figures have one cause."""
        return (self.form, *map(_without_figures, self.values))


def _without_figures(value: object) -> str:
    """Return a name as it is, and what holds no letters without its digits: ``-#`` for -5, ``#`` for "5.5"."""
    is_name = isinstance(value, str) and any(map(str.isalpha, value))
    return str(value) if is_name else _FIGURE.sub("#", str(value))

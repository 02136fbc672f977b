"""Names in a row."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str], most: int | None = None, shown: int | None = None) -> str:
    """Return names as a sentence lists them; of more than `most` the first ones, `shown` of them (`most`).

    >>> listed(["A"]), listed(["A", "B", "C"]), listed(["A", "B", "C", "D"], most=3, shown=2)
    ('A', 'A, B and C', 'A, B and 2 more')
    """
    if most is not None and len(names) > most:
        first, last = names[: shown or most], f"{len(names) - (shown or most)} more"
    else:
        *first, last = names
    return f"{', '.join(first)} and {last}" if first else last

"""A workbook of ours, opened and closed: safe from what cells may hold, marked as ours, the same bytes each time."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from allocator.reports.styles import FONT, INK, SIZE
from allocator.version import __version__

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from allocator.scenario.model import Scenario


def workbook_bytes(scenario: Scenario, mark: str, made: datetime, write: Callable[[Workbook], None]) -> bytes:
    """Return the workbook that `write` fills; `mark` is the document property by which it is known as ours."""
    # only once something is written: both are, or derive from, what is slow to import
    from xlsxwriter.workbook import Workbook

    from allocator.reports.plan_sheet import PlanSheet

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": FONT, "font_size": SIZE, "font_color": INK},
    }
    with Workbook(buffer, options) as workbook:
        workbook.worksheet_class = PlanSheet
        workbook.set_properties({
            "title": scenario.title,
            "comments": f"Scenario {scenario.sha256}",
            "created": made.replace(tzinfo=None),
        })  # fmt: skip
        workbook.set_custom_property(mark, f"allocate {__version__}")
        write(workbook)
    return buffer.getvalue()


def time_made() -> datetime:
    """Return the time to show: SOURCE_DATE_EPOCH where it is set, else now; UTC, in whole seconds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC).replace(microsecond=0)

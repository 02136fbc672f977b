"""Drop-down lists and checks on the entry cells of a scenario workbook.

Names come from the first column of the sheets where they are declared, so that a new area is offered at
once. Where a column also takes other text (groups, several names, goal 4), the list is a suggestion:
Excel tells, and lets it pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from allocator.scenario.families import Family
from allocator.scenario.settings import SETTINGS
from allocator.scenario.tables import (
    AREAS,
    BUDGET_TABLE,
    INDICATORS,
    PROVENANCE,
    RULES,
    SCENARIO,
    WHAT_IF,
    Column,
    Content,
    Table,
)
from allocator.scenario.vocabulary import (
    ALL,
    AMOUNTS,
    BASIS_WORDS,
    BUDGET,
    EVERY_AREA,
    EVERY_AREA_IN,
    EVERY_YEAR,
    OPERATOR_WORDS,
    TOTAL,
)
from allocator.spreadsheet.references import column_letters

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LISTS_SHEET = "Lists"
FIRST_ROW = 4
"""Where entries and lists begin, counted from 0."""
ENTRY_ROWS = 200
"""How many rows have drop-down lists at least."""
NAME_ROWS = 60
"""How many names the lists for Rules follow at least."""

_DECLARED = {"area": AREAS, "source": BUDGET_TABLE, "indicator": INDICATORS}
_OPEN_KEYWORDS = ("Operator", "Strength")
"""Keyword columns that know more spellings than their list."""

type Options = dict[str, Any]


class Placed(Protocol):
    """A column with its heading, as `writing.Field`."""

    @property
    def heading(self) -> str:
        """The heading in the workbook."""
        ...


class Choices:
    """What the cells of one workbook may hold."""

    def __init__(self, content: Mapping[str, Sequence[Mapping[str, Any]]], unit: str) -> None:
        self.content = content
        self.unit = unit or "the scenario's unit"
        longest = max((len(rows) for rows in content.values()), default=0)
        self.last_row = FIRST_ROW + max(ENTRY_ROWS, longest + 50) - 1
        """The last row with lists and checks, counted from 0."""
        self._column = {"Rules/Area": 0, "Rules/Basis": 1, "Rules/Source": 2, "Areas/Group": 3}
        self._yearly = 4
        """Of these lists: what may stand as Column of What-if where Sheet is Budget."""

    def groups(self) -> list[str]:
        """Return the group names in the rows of Areas."""
        texts = (str(row.get("Group") or "") for row in self.content.get(AREAS.sheet, ()))
        return list(dict.fromkeys(name.strip() for text in texts for name in text.split(";") if name.strip()))

    def write(self, workbook: Workbook, look: Callable[..., Format]) -> None:
        """Write the sheet that the longer lists are taken from."""
        sheet = workbook.add_worksheet(LISTS_SHEET)
        sheet.set_tab_color("#9CA3AF")
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, "Lists", look(bold=True, font_size=14))
        muted = look(font_color="#6B7280")
        sheet.write_string(1, 0, "What the drop-down lists offer; nothing to fill in here.", muted)
        groups = self.groups()
        areas = [TOTAL, EVERY_AREA, *groups, *(EVERY_AREA_IN + group for group in groups)]
        bases = [*BASIS_WORDS, *groups]
        lists: list[tuple[str, list[str], Table | None]] = [
            ("Offered as Area of Rules", areas, AREAS),
            ("Offered as Basis of Rules", bases, AREAS),
            ("Offered as Source of Rules", [BUDGET, ALL], BUDGET_TABLE),
            ("Offered as Group of Areas", groups, None),
            ("Offered as Column of What-if (Budget)", self.budget_columns(), None),
        ]
        for column, (heading, words, table) in enumerate(lists):
            sheet.set_column(column, column, 32)
            sheet.write_string(FIRST_ROW - 1, column, heading, look(bold=True, bg_color="#E5E7EB"))
            for row, word in enumerate(words, start=FIRST_ROW):
                sheet.write_string(row, column, word, look(num_format="@"))
            if table:
                self._follow_names(sheet, FIRST_ROW + len(words), column, table)
        sheet.freeze_panes(FIRST_ROW, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def _follow_names(self, sheet: Worksheet, row: int, column: int, table: Table) -> None:
        """Write formulas that follow the names in a table's first column."""
        rows = self.content.get(table.sheet, ())
        for index in range(max(NAME_ROWS, len(rows) + 20)):
            name = str(rows[index].get(table.columns[0].name) or "") if index < len(rows) else ""
            cell = f"{table.sheet}!$A${FIRST_ROW + index + 1}"
            sheet.write_formula(row + index, column, f'=IF({cell}="","",{cell})', None, name)

    def offer(
        self,
        sheet: Worksheet,
        table: Table,
        heading: str,
        column: Column | None,
        position: int,
        columns: Sequence[Placed],
    ) -> None:
        """Give a column's cells their drop-down list, or the check of what is typed."""
        options = self._options(table, heading, column, position, columns) if column else None
        if options:
            sheet.data_validation(FIRST_ROW, position, self.last_row, position, options)

    def _options(
        self, table: Table, heading: str, column: Column | None, position: int, columns: Sequence[Placed]
    ) -> Options | None:
        """Return the validation of a column, or None."""
        if column is None:
            return None
        listed = self._column.get(f"{table.sheet}/{'Source' if heading == 'Basis source' else heading}")
        if listed is not None:
            return _suggest(heading, _names(LISTS_SHEET, listed, 'COUNTIF({0},"?*")'), column)
        if column.content is Content.KEYWORD and column.keywords:
            return _keywords(column)
        if table is WHAT_IF and heading in ("Row", "Column"):
            return self._of_sheet(heading, column, columns)
        if column.refers_to in _DECLARED:
            return self._declared(heading, column)
        if column in RULES.columns and heading == "Value":
            return _rule_value(position, [field.heading for field in columns])
        return _figure(column, position, self.unit)

    def _of_sheet(self, heading: str, column: Column, columns: Sequence[Placed]) -> Options:
        """Return the list of the names, or of the headings, on the sheet that the row of What-if names."""
        sheet = f"${column_letters([field.heading for field in columns].index('Sheet') + 1)}{FIRST_ROW + 1}"
        first = FIRST_ROW + 1
        if heading == "Row":
            start, cells = f"$A${first}", f"$A${first}:$A${first + 999}"
            size = "MAX(1,COUNTA({0})),1"
        else:
            start, cells = f"$B${first - 1}", f"$B${first - 1}:$AZ${first - 1}"
            size = "1,MAX(1,COUNTA({0}))"
        inside = [f'INDIRECT("\'"&{sheet}&"\'!{place}")' for place in (start, cells)]
        source = f"OFFSET({inside[0]},0,0,{size.format(inside[1])})"
        if heading == "Column":
            years = f"{LISTS_SHEET}!${column_letters(self._yearly + 1)}${first}:${column_letters(self._yearly + 1)}"
            source = f'IF({sheet}="{BUDGET_TABLE.sheet}",{years}${FIRST_ROW + len(self.budget_columns())},{source})'
        return _suggest(heading, f"={source}", column)

    def budget_columns(self) -> list[str]:
        """Return what may stand as Column of What-if for the sheet Budget, years first."""
        given = [str(heading) for row in self.content.get(BUDGET_TABLE.sheet, ()) for heading in row]
        years = sorted({heading for heading in given if Family.YEAR.has(heading)})
        own = [column for column in BUDGET_TABLE.columns if not column.family and column not in PROVENANCE]
        return [EVERY_YEAR, *years, *(column.name for column in own[1:])]

    def _declared(self, heading: str, column: Column) -> Options:
        """Return the list of names declared on another sheet; several names with ``;`` pass."""
        declared = _DECLARED[column.refers_to]
        source = _names(declared.sheet, 0, "COUNTA({0})")
        if column.content is Content.NAMES:
            return _suggest(heading, source, column)
        message = f"The sheet {declared.sheet} has no {column.refers_to} of this name. Keep it all the same?"
        return _options("list", heading, message, "warning", source=source)

    def offer_settings(self, sheet: Worksheet, rows: Sequence[Mapping[str, Any]]) -> None:
        """Give the values of Scenario their lists and checks, each by its setting's name."""
        names = [spec.name for spec in SETTINGS]
        note = "Other settings are welcome: they travel with the plan."
        listed = _options("list", SCENARIO.columns[0].name, note, "information", source=names)
        sheet.data_validation(FIRST_ROW, 0, self.last_row, 0, listed)
        objectives = ["maximise benefit", "minimise spending"]
        share = "A percentage with its sign, such as 3%."
        checks = {
            "Objective": _options(
                "list",
                "Objective",
                "Or: maximise, or minimise, and an indicator's name.",
                "information",
                source=objectives,
            ),
            "Step": _number("Step", "A number, 0 or more: 1, or 0.001.", minimum=0),
            "Discount rate": _number("Discount rate", share, minimum=0, maximum=1),
        }
        for index, row in enumerate(rows):
            options = checks.get(str(row.get("Setting")))
            if options:
                sheet.data_validation(FIRST_ROW + index, 1, FIRST_ROW + index, 1, options)


def _options(validate: str, title: str, message: str, style: str, **more: Any) -> Options:
    """Return XlsxWriter's options for a validation that speaks up in `style` (stop, warning, information)."""
    said = {"error_title": title[:32], "error_message": message[:255], "error_type": style}
    return {"validate": validate, **said, **more}


def _names(sheet: str, column: int, count: str) -> str:
    """Return the formula of a list that starts in row 5 of a column and ends where `count` says."""
    letters = column_letters(column + 1)
    cells = f"{sheet}!${letters}${FIRST_ROW + 1}:${letters}${FIRST_ROW + 1000}"
    return f"=OFFSET({sheet}!${letters}${FIRST_ROW + 1},0,0,MAX(1,{count.format(cells)}),1)"


def _suggest(heading: str, source: str, column: Column) -> Options:
    """Return a list that other text may pass by."""
    several = " Separate several names by a semicolon." if column.content is Content.NAMES else ""
    message = f"Not on the list; that's fine if it is meant. {column.help}{several}"
    return _options("list", heading, message, "information", source=source)


def _keywords(column: Column) -> Options:
    """Return the list of a keyword column."""
    is_open = column.name in _OPEN_KEYWORDS
    words = list(OPERATOR_WORDS) if column.name == "Operator" else list(column.keywords)
    message = f"One of: {', '.join(words)}."
    return _options("list", column.name, message, "warning" if is_open else "stop", source=words)


def _rule_value(position: int, headings: Sequence[str]) -> Options:
    """Return the check of a rule's Value: a percentage, unless Basis is amount."""
    value, basis = (f"{column_letters(i + 1)}{FIRST_ROW + 1}" for i in (position, headings.index("Basis")))
    amounts = ",".join(f'${basis}="{word}"' for word in AMOUNTS)
    formula = f"=OR({amounts},AND(ISNUMBER({value}),ABS(N({value}))<=2))"
    message = "Type a percentage with its sign, such as 4%. Only where Basis is amount, type an amount."
    return _options("custom", "Value", message, "warning", value=formula)


def _figure(column: Column, position: int, unit: str) -> Options | None:
    """Return the check of a column of figures, or None for words."""
    cell = f"{column_letters(position + 1)}{FIRST_ROW + 1}"
    lifted = f',{cell}="none"' if column.can_lift else ""
    also = ", or none for no limit" if column.can_lift else ""
    if column.content is Content.AMOUNT:
        formula = f"=OR(AND(ISNUMBER({cell}),N({cell})>=0){lifted})"
        message = f"An amount in {unit[:60]}, not negative{also}."
    elif column.content is Content.SHARE:
        limit = 10 if column.name == "Up to, of last year" else 1
        formula = f"=OR(AND(ISNUMBER({cell}),N({cell})>=0,N({cell})<={limit}){lifted})"
        message = f"A percentage with its sign, such as 4% or 4.5%{also}."
    elif column.content is Content.NUMBER:
        formula, message = f"=ISNUMBER({cell})", "A number."
    else:
        return None
    return _options("custom", column.name, message, "warning", value=formula)


def _number(title: str, message: str, *, minimum: float, maximum: float | None = None) -> Options:
    """Return the check of a single number."""
    if maximum is None:
        return _options("decimal", title, message, "warning", criteria=">=", value=minimum)
    limits = {"minimum": minimum, "maximum": maximum}
    return _options("decimal", title, message, "warning", criteria="between", **limits)

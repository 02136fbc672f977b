"""The settings of the sheet Scenario, declared once."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.scenario.tables import Content


@dataclass(frozen=True)
class SettingSpec:
    """A setting of the Scenario sheet."""

    name: str
    content: Content
    help: str
    default: str
    required: bool = False


SETTINGS = (
    SettingSpec("Title", Content.TEXT, "The plan's title.", "the file's name"),
    SettingSpec("Unit", Content.TEXT, "The unit of every amount, e.g. VND billion.", "", required=True),
    SettingSpec("Step", Content.NUMBER, "Every allotted amount is a whole multiple of it; 0: not rounded.", "0.001"),
    SettingSpec(
        "Objective",
        Content.KEYWORD,
        "maximise benefit, minimise spending, or maximise or minimise an indicator by its name.",
        "maximise benefit",
    ),
    SettingSpec("Discount rate", Content.SHARE, "Per year, on benefits.", "0 %"),
    SettingSpec("Prepared by", Content.TEXT, "Carried into the plan.", ""),
    SettingSpec("Version", Content.MIXED, "Carried into the plan.", ""),
    SettingSpec("Date", Content.MIXED, "Carried into the plan.", ""),
    SettingSpec("Notes", Content.TEXT, "Carried into the plan.", ""),
)

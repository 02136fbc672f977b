"""Plans that follow a few typed figures: said where it is so, with figures, and not where it isn't."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from allocator.analyses.analyse import analyse
from allocator.render.records import as_json
from allocator.wording.messages import message_texts
from content_workbook import scenario
from exact_figures import result_of
from no_plan_cases import read

AREAS = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2}, {"Area": "Parks", "Benefit": 1}]


def told(content: dict, folder: Path) -> list[str]:
    return [
        text
        for text in message_texts(result_of(content, folder).messages)
        if "soften" in text or "money" in text or "one area" in text
    ]


def with_limits(*limits: dict) -> list[dict]:
    return [area | more for area, more in zip(AREAS, limits, strict=True)]


def test_everything_on_one_area(tmp_path: Path) -> None:
    (text,) = told(scenario(areas=AREAS), tmp_path)
    assert text.startswith("All that is spent goes to one area: Schools gets 100 of 100 ")
    assert "(100 %). To spread it, give Schools bands of falling benefit (sheet Benefits) or a Maximum" in text


@pytest.mark.parametrize(
    ("floor", "words"), [(10, "Nearly all that is spent goes to one area: Schools gets 90 of 100 "), (11, "")]
)
def test_nearly_everything_is_nine_tenths(floor: int, words: str, tmp_path: Path) -> None:
    found = told(scenario(areas=with_limits({}, {"Minimum": floor}, {})), tmp_path)
    assert [text[: len(words)] for text in found] == ([words] if words else [])


@pytest.mark.parametrize(("most", "said"), [(22, True), (23, False)])
def test_a_third_unspent(most: int, said: bool, tmp_path: Path) -> None:
    found = told(scenario(areas=with_limits(*[{"Maximum": most}] * 3)), tmp_path)
    assert any(text.startswith("Much money stays unspent: 34 of 100 ") for text in found) == said
    assert any("raise a Maximum or the end of a last band, or set Spend to all" in text for text in found) == said


def test_what_whole_steps_leave_is_not_blamed_on_limits(tmp_path: Path) -> None:
    content = scenario(areas=AREAS, settings={"Unit": "m", "Step": 60})
    found = told(content, tmp_path)
    assert (
        "Much money stays unspent: 40 of 100 m (40 %); that is what whole steps of 60 leave: a smaller Step"
        in " ".join(found)
    )


def test_most_areas_at_limits(tmp_path: Path) -> None:
    found = told(scenario(areas=with_limits({"Maximum": 40}, {"Maximum": 30}, {})), tmp_path)
    assert found == ["2 of 3 areas stand at a limit: other limits would soften that"]
    assert told(
        scenario(areas=with_limits({"Maximum": 40}, {"Minimum": 15}, {"Minimum": 10, "Maximum": 90})), tmp_path
    )[0].startswith("2 of 3")


def test_most_areas_at_band_ends(tmp_path: Path) -> None:
    bands = [
        {"Area": name, "Up to": end, "Benefit": benefit}
        for name, end, benefit in (("Schools", 30, 5), ("Schools", 60, 1), ("Roads", 40, 4), ("Roads", 90, 1))
    ]
    content = scenario(
        areas=[{"Area": "Schools"}, {"Area": "Roads"}, {"Area": "Parks", "Benefit": 2, "Minimum": 5}], Benefits=bands
    )
    assert told(content, tmp_path) == ["2 of 3 areas stand at the end of a band: narrower bands would soften that"]


def test_ordinary_plans_and_plans_that_spend_least_are_silent(tmp_path: Path) -> None:
    assert told(scenario(areas=with_limits({"Maximum": 60}, {}, {"Minimum": 0})), tmp_path) == []
    least = {"Objective": "minimise spending"}
    assert told(scenario(areas=with_limits({"Minimum": 10}, {}, {}), settings=least), tmp_path) == []


def test_without_any_benefit_only_that_is_said(tmp_path: Path) -> None:
    found = result_of(scenario(areas=[{"Area": "Schools"}, {"Area": "Roads"}]), tmp_path)
    assert found.messages == ()
    assert ["no area has a benefit" in str(doubt) for doubt in found.doubts] == [True]


def test_the_json_has_it_too(tmp_path: Path) -> None:
    result = analyse(read(scenario(areas=AREAS), tmp_path), explain=False)
    assert any("goes to one area" in text for text in json.loads(as_json(result))["messages"])

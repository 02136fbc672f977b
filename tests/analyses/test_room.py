"""Room: how little and how much each area can get, at the same objective and at 0.5 % less."""

import pytest

from content_workbook import scenario
from exact_figures import result_of

AREAS = [
    {"Area": "Services"},
    {"Area": "Schools", "Part of": "Services", "Benefit": 2},
    {"Area": "Clinics", "Part of": "Services", "Benefit": 2, "Maximum": 60},
    {"Area": "Roads", "Benefit": 1},
]


def test_by_hand(tmp_path):
    # 100 at 2 points each, schools or clinics; 0.5 % less is 1 point: a unit to roads, or half a unit left unspent
    rooms = {room.name: room for room in result_of(scenario(areas=AREAS), tmp_path).room}
    found = {name: (r.least, r.most, r.least_near, r.most_near, r.whole) for name, r in rooms.items()}
    assert found == {
        "Services": pytest.approx((100, 100, 99, 100, True)),
        "Schools": pytest.approx((40, 100, 39, 100, False)),
        "Clinics": pytest.approx((0, 60, 0, 60, False)),
        "Roads": pytest.approx((0, 0, 0, 1, False)),
    }


def test_when_spending_is_minimised_near_means_more_of_it(tmp_path):
    areas = [{"Area": "Schools", "Minimum": 40}, {"Area": "Roads", "Minimum": 20}]
    content = scenario(areas=areas, settings={"Objective": "minimise spending"})
    rooms = {room.name: room for room in result_of(content, tmp_path).room}
    assert (rooms["Schools"].least, rooms["Schools"].most) == pytest.approx((40, 40))
    assert (rooms["Roads"].least_near, rooms["Roads"].most_near) == pytest.approx((20, 20.3))

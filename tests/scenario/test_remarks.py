"""What is remarked of a scenario, as facts and as the texts that a plan's workbook keeps."""

from fractions import Fraction

import pytest

from allocator.scenario import problems as remarks
from allocator.scenario.model import Cell, Remark

OF_FILE = [
    remarks.HiddenSheet("Rules: old"),
    remarks.HiddenLines("Areas", (7,), ()),
    remarks.HiddenLines("Areas", (), (3,)),
    remarks.HiddenLines("Areas", (7, 9), (3, 28)),
    remarks.MergedCells("Budget", ('A2:A3 (Source: "City")',)),
    remarks.MergedCells("Budget", tuple(f"A{row}:A{row + 1}" for row in range(2, 40, 2))),
]
OF_INPUTS = [
    remarks.OwnColumns("Areas", ("Ward",)),
    remarks.NoHeading(Cell("Areas", 1, 4)),
    remarks.NotCounted(Cell("Areas", 2, 4), Fraction(5), "Roads", "City"),
    remarks.LastYearNotUsed(Cell("Areas", 2, 4), Fraction(5), "Roads", Fraction(6)),
    remarks.LooseMaximum(Cell("Areas", 2, 4), Fraction(3, 2), "Roads"),
    remarks.LooseRule(Cell("Rules", 2, 4), Fraction(3, 2), "Cap"),
    remarks.AreasLeftOut(Cell("Rules", 2, 4), "Each", ("Roads",)),
    remarks.NoAreaLeft(Cell("Rules", 2, 4), "Each"),
    remarks.BasisSourceNotUsed(Cell("Rules", 2, 4), "amount"),
]


@pytest.mark.parametrize("remark", [*OF_FILE, *OF_INPUTS], ids=str)
def test_texts_that_the_file_alone_can_tell_are_known_again(remark):
    """`verify` has no file, so it takes these on trust; all others it makes anew from the inputs."""
    assert remarks.is_of_file_alone(str(remark)) == (remark in OF_FILE)


def test_every_remark_is_in_the_lists():
    made = {kind for kind in vars(remarks).values() if isinstance(kind, type) and issubclass(kind, Remark)}
    assert {type(remark) for remark in (*OF_FILE, *OF_INPUTS)} == made - {Remark, remarks._Told, remarks.FromFile}

"""No prose in scenario's model, programme or analyses: what they find are facts, which wording/ puts in words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import allocator

SRC = Path(allocator.__file__).parent
FACTS = ("model", "edits", "quantities", "mixing")
"""Files of scenario that hold none either; what reading says of a workbook is still told there."""
FILES = [
    *(SRC / "scenario" / f"{name}.py" for name in FACTS),
    *sorted(SRC.glob("programme/**/*.py")),
    *sorted(SRC.glob("analyses/**/*.py")),
]
CONTRACT = {
    # columns, keywords and names of rows, as workbooks have them
    *("Up to", "Up to, of last year", "up to", "Minimum share", "Maximum share", "Last band: {}"),
    # values that figures have in workbook and JSON
    *("Not Binding", "Pro rata"),
    # parts of the names of columns in LP files
    *("missed by", "exceeded by"),
}
"""Texts of two words and more that are the contract's own."""


def prose(tree: ast.Module) -> Iterator[str]:
    """Texts of two words or more, but for docstrings; ``{}`` stands for what an f-string fills in."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    told |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in told:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if re.search(r"[^\W\d_]{2,}.*\s.*[^\W\d_]{2,}", text, re.DOTALL):
            yield text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SRC).as_posix())
def test_facts_are_no_prose(path: Path) -> None:
    found = set(prose(ast.parse(path.read_text("utf-8")))) - CONTRACT
    assert not found


def test_the_contract_is_in_use() -> None:
    assert {text for path in FILES for text in prose(ast.parse(path.read_text("utf-8")))} >= CONTRACT


def test_what_counts_as_prose() -> None:
    tree = ast.parse('"""A doc string."""\nx = f"no plan of {name}"\ny = "one", "of %s", f"{a} {b}"\n')
    assert list(prose(tree)) == ["no plan of {}"]

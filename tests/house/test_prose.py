"""No prose in scenario's model, programme or analyses: what they find are facts, which wording/ puts in words.

And no text of our own is looked into for what it means, in these rooms and in scenario, audit and at the front door.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from offenders import of_each
from source import SRC, tree_of

FACTS = ("model", "bases/basis")
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


@of_each(FILES, lambda path: path.relative_to(SRC).as_posix())
def test_facts_are_no_prose(path: Path) -> None:
    found = set(prose(tree_of(path))) - CONTRACT
    assert not found


def test_the_contract_is_in_use() -> None:
    assert {text for path in FILES for text in prose(tree_of(path))} >= CONTRACT


def test_what_counts_as_prose() -> None:
    tree = ast.parse('"""A doc string."""\nx = f"no plan of {name}"\ny = "one", "of %s", f"{a} {b}"\n')
    assert list(prose(tree)) == ["no plan of {}"]


LOOKING = {"startswith", "endswith", "removeprefix", "removesuffix", "split", "partition", "rpartition", "replace"}
LOOKERS = [
    path
    for room in ("scenario", "programme", "analyses", "audit", "cli", ".")
    for path in sorted(SRC.glob("*.py" if room == "." else f"{room}/**/*.py"))
]
LOOKED_INTO = {
    # what people type in cells and as arguments
    ("scenario/areas.py", "fold(name).startswith((EVERY_AREA_IN, 'place:'))"),
    ("scenario/cells.py", "typed.startswith('goal')"),
    # what a plan's workbook says, read back: only its texts are there
    ("audit/claims.py", "line.replace(' at attempt', '')"),
    ("audit/verify.py", "claims.made_by.removeprefix('allocate ')"),
    ("audit/verify.py", "workbook.made_by.startswith('allocate')"),
    # names of files, and of their parts
    ("audit/workbook.py", "name.endswith('.rels')"),
    ("cli/comparing.py", "stem.removesuffix('.plan')"),
}
"""Texts that are looked into all the same: they are no messages of our own making, or they come from a file."""


def looked_into(tree: ast.Module) -> Iterator[str]:
    """Calls that look into a text for words: a literal, also within an f-string, with two letters or more."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOOKING:
            literals = (part for given in node.args for part in ast.walk(given) if isinstance(part, ast.Constant))
            if any(re.search(r"[^\W\d_]{2}", part.value) for part in literals if isinstance(part.value, str)):
                yield ast.unparse(node)


def in_messages(tree: ast.Module) -> Iterator[str]:
    """Comparisons with what a message says: ``"…" in message``, ``str(error) == "…"``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(operator, ast.In | ast.Eq) for operator in node.ops):
            sides = {ast.unparse(side) for side in (node.left, *node.comparators)}
            names = (re.search(r"\b(messages?|misread|unread)\b|str\(error\)", side) for side in sides)
            if any(names) and any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators)):
                yield ast.unparse(node)


def test_no_text_of_our_own_is_looked_into() -> None:
    found = {(path.relative_to(SRC).as_posix(), call) for path in LOOKERS for call in looked_into(tree_of(path))}
    assert found == LOOKED_INTO


@of_each(LOOKERS, lambda path: path.relative_to(SRC).as_posix())
def test_no_message_is_compared(path: Path) -> None:
    assert list(in_messages(tree_of(path))) == []


def test_what_counts_as_looking_into_a_text() -> None:
    tree = ast.parse("heading.startswith('Last year: ')\nname.removeprefix(f'Proposed {year}')\nline.split('; ')\n")
    assert len(list(looked_into(tree))) == 2
    tree = ast.parse("'can be read as' in message\nstr(error) == 'stopped'\nheading == 'Value'\n")
    assert len(list(in_messages(tree))) == 2

"""The package's own source, for tests of how it is written."""

import ast
from functools import cache
from pathlib import Path

import allocator

SRC = Path(allocator.__file__).parent


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


def dotted_name(node: ast.AST) -> str:
    """A name with what it is part of, such as ``sys.exit``; a part that is no name is left out: ``.exit``."""
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def calls_of(path: Path) -> frozenset[str]:
    """The names of all that a file calls."""
    return frozenset(dotted_name(node.func) for node in nodes_of(path) if isinstance(node, ast.Call))

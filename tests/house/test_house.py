"""How the house is built, held by tests."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import highspy
import pytest

from offenders import of_each
from source import SRC, calls_of, dotted_name, nodes_of, tree_of

FILES = sorted(SRC.rglob("*.py"))
ROOMS = (
    *("version", "errors", "spreadsheet", "scenario", "programme", "analyses", "wording", "tables", "render"),
    *("audit", "console", "api", "__init__", "cli", "__main__"),
)
"""In the order in which they may be imported: each knows only those before it."""
HEAVY = ("pandas", "pulp", "highspy", "openpyxl", "xlsxwriter", "rich", "numpy", "python_calamine")
LINES = 800


def name_of(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


def place(path: Path) -> str:
    """The room of a file, or the name of a front module."""
    return path.relative_to(SRC).parts[0].removesuffix(".py")


PLACES = {place(path) for path in FILES}


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Full names of the modules that a file imports, inside functions and for type checking too."""
    return tuple(imports_in(tree_of(path), path.relative_to(SRC.parent).parent.parts))


def imports_in(tree: ast.Module, package: tuple[str, ...]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (above, node.module)))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and dotted_name(node.func) in ("import_module", "__import__"):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def dotted(path: Path) -> str:
    """The full name of a file as a module."""
    return ".".join(path.relative_to(SRC.parent).with_suffix("").parts).removesuffix(".__init__")


def own_modules(path: Path) -> set[str]:
    """The rooms and front modules of the package that a file imports; what is in its `__init__` counts as that."""
    found = [name.split(".")[1:] for name in imported(path) if name.split(".")[0] == "allocator"]
    # ``from allocator import cli`` is told as allocator and as allocator.cli
    return {parts[0] if parts[0] in PLACES else "__init__" for parts in found if parts}


def test_every_file_has_its_place():
    assert set(ROOMS) >= PLACES


@of_each(FILES, name_of)
def test_imports_run_one_way(path):
    assert own_modules(path) <= set(ROOMS[: ROOMS.index(place(path)) + 1])


def test_no_imports_run_in_a_circle():
    """What two files need from each other belongs into one of them, or into a third below both."""
    files = {dotted(path): path for path in FILES}
    # raises CycleError, which names the circle
    TopologicalSorter({name: files.keys() & set(imported(path)) for name, path in files.items()}).prepare()


def test_imports_of_all_kinds_count():
    text = """
import allocator.errors
if TYPE_CHECKING:
    from allocator.scenario.model import Scenario
def late():
    from .session import Session
    import_module("allocator.cli")
"""
    assert {name for name in imports_in(ast.parse(text), ("allocator", "programme")) if name in map(dotted, FILES)} == {
        "allocator.errors",
        "allocator.scenario.model",
        "allocator.programme.session",
        "allocator.cli",
    }


def test_only_one_file_knows_the_solver():
    assert [name_of(path) for path in FILES if any(n.split(".")[0] == "highspy" for n in imported(path))] == [
        "programme/session.py"
    ]


@of_each(FILES, name_of)
def test_only_the_session_calls_the_solver(path):
    calls = {node.attr for node in nodes_of(path) if isinstance(node, ast.Attribute)}
    raw = {name for name in dir(highspy.Highs) if name != name.lower()} | {"_highs", "solverModel"}
    # matrix.py speaks to PuLP, some of whose names are the same
    assert not calls & raw or name_of(path) in ("programme/session.py", "programme/matrix.py")


@of_each(FILES, name_of)
def test_a_kind_of_basis_is_known_to_its_own_file_alone(path):
    bases = "allocator.scenario.bases."
    kinds = {name for name in imported(path) if name.startswith(bases) and not name[len(bases) :].startswith("basis")}
    inside = name_of(path).startswith("scenario/bases/")
    assert inside or kinds <= {f"{bases}BASES", f"{bases}Basis", f"{bases}Demand"}


KEYS_MADE = ("programme/rows.py", "analyses/result.py", "audit/workbook.py")
"""The files that make keys of amounts: their owner, an allotment's own, and the one that reads them from a workbook."""


@of_each(FILES, name_of)
def test_a_key_is_made_in_few_places_and_read_by_name(path):
    assert "Key" not in calls_of(path) or name_of(path) in KEYS_MADE
    room = place(path)
    assert [ast.unparse(node) for node in nodes_of(path) if takes_key_apart(node, room)] == []


def takes_key_apart(node: ast.AST, room: str) -> bool:
    """Whether it unpacks (area, year, source), or reads a part of a key by its place."""
    if isinstance(node, ast.Tuple) and len(node.elts) == 3 and isinstance(node.ctx, ast.Store):
        _, year, source = (ast.unparse(each).strip("_") for each in node.elts)
        return year in ("year", "t") and source in ("source", "s", "")
    if not isinstance(node, ast.Subscript) or room in ("scenario", "audit"):  # they have keys of their own
        return False
    by_place = isinstance(node.slice, ast.Slice | ast.Constant) and not isinstance(node.ctx, ast.Store)
    return by_place and dotted_name(node.value).rpartition(".")[2] == "key"


@of_each(FILES, name_of)
def test_what_a_row_is_is_said_by_its_family(path):
    outside = place(path) not in ("errors", "spreadsheet", "scenario")  # which know no rows of a programme
    compares = [node for node in nodes_of(path) if outside and isinstance(node, ast.Compare)]
    sides = [side for node in compares for side in (node.left, *node.comparators)]
    compared = [dotted_name(part) for side in sides for part in ast.walk(side) if isinstance(part, ast.Attribute)]
    assert not [text for text in compared if re.search(r"\b(row|about)\.kind$|\bkind\.word$", text)]


def test_only_the_programme_knows_pulp():
    found = {place(path) for path in FILES if any(n.split(".")[0] == "pulp" for n in imported(path))}
    assert found == {"programme"}


def test_the_programme_knows_no_excel():
    excel = {"openpyxl", "xlsxwriter", "python_calamine"}
    found = {place(path) for path in FILES if excel & {name.split(".")[0] for name in imported(path)}}
    assert found <= {"spreadsheet", "scenario", "render", "audit"}


@of_each(FILES, name_of)
def test_only_the_ends_print(path):
    ends = place(path) in ("cli", "console")
    library = [node for node in tree_of(path).body if not is_script(node)]
    calls = [dotted_name(n.func) for part in library for n in ast.walk(part) if isinstance(n, ast.Call)]
    printing = [call for call in calls if call in ("print", "click.echo", "sys.stdout.write", "sys.stderr.write")]
    assert ends or not printing
    assert "sys.exit" not in calls or name_of(path) == "cli/__init__.py"


def is_script(node: ast.stmt) -> bool:
    """Whether it is what a file does when it is run, not imported."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


@of_each(FILES, name_of)
def test_files_are_short_and_finished(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LINES
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b", text)
    assert path.stem not in ("utils", "util", "helpers", "misc", "common")


@of_each(FILES, name_of)
def test_what_is_public_says_what_it_is(path):
    assert ast.get_docstring(tree_of(path)) or not path.read_text("utf-8").strip()
    assert list(undocumented(tree_of(path), "")) == []


def undocumented(scope: ast.Module | ast.ClassDef, above: str) -> Iterator[str]:
    for node in scope.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        overrides = any(ast.unparse(decorator) == "override" for decorator in node.decorator_list)
        if ast.get_docstring(node) is None and not overrides:
            yield above + node.name
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node, f"{above}{node.name}.")


@of_each(FILES, name_of)
def test_no_error_is_swallowed(path):
    for node in nodes_of(path):
        if isinstance(node, ast.ExceptHandler):
            caught = "everything" if node.type is None else ast.unparse(node.type)
            named = caught not in ("everything", "Exception", "BaseException")
            passed_on = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in node.body)
            # the last resort of the command line shows the traceback and exits with a code of its own
            assert named or passed_on or name_of(path) == "cli/__init__.py", f"line {node.lineno} catches {caught}"


def test_the_command_line_starts_fast():
    code = "import allocator.cli, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(told.stdout.split()) & set(HEAVY) == set()


def test_a_rule_names_all_who_break_it():
    @of_each(range(4), lambda number: f"number {number}")
    def even(number):
        assert number % 2 == 0

    with pytest.raises(AssertionError, match="2 of 4 break the rule") as told:
        even()
    assert re.findall(r"^number \d", str(told.value), re.MULTILINE) == ["number 1", "number 3"]

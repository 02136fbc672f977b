"""Measures the program; every figure is a ratio to something measured beside it, so that machines can be compared.

``python benchmarks/run.py`` prints the tables of README.md; ``--quick`` only the bounds on a whole run, with exit
code 1 where one is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCENARIO = HERE.parent / "scenarios" / "hanoi-2026.xlsx"
IMPORTS = "import pulp, highspy, pandas, openpyxl"
"""What a script of this kind loads before it does anything: the floor of a whole run."""
FIVE_YEARS = HERE.parent / "scenarios" / "hanoi-2026-2030.xlsx"
SLOWEST_WHAT_IF = 0.5
"""A what-if of five years is answered at least at this part of the rate of bare highspy calls on the same model."""
SLOWEST_COMPARISON = 3.0
"""Comparing the base case of five years and four variants takes at most so many times one whole run."""
DEAREST_DECISION = 0.1
"""Deciding in fractions what is feasible and best adds at most this part to a whole run of five years."""
DEAREST = 1.0
"""The sensitivity report of five years adds at most so many times what reading, solving and writing take without it."""
SLOWEST = 1.6
"""A whole run takes at most so many times the floor."""
MOST_MEMORY = 200.0
"""Megabytes at the peak of a whole run."""
PAIRS = 9
SIZES = {10: 5, 100: 3, 1000: 1}
"""Areas → how often it is measured; the median counts."""
TIED = 1000
"""From so many areas on the choice among equally good plans is left out: it takes minutes where all are tied."""
STAGES = {
    "read": "read",
    "build": "build",
    "solve": "solve",
    "ties": "ties",
    "round": "round, figures",
    "report": "report",
    "write": "write",
}


@dataclass(frozen=True)
class Process:
    """A process that has ended."""

    seconds: float
    megabytes: float
    output: bytes


def run(*command: object) -> Process:
    """Run a command to its end; fails unless it succeeds."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdout=output, cwd=HERE)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(map(str, command))} ended with {child.returncode}")
        output.seek(0)
        # kilobytes, but bytes on macOS
        return Process(seconds, usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024), output.read())


def taking_turns(one: tuple, other: tuple, pairs: int) -> list[tuple[Process, Process]]:
    """Run two commands so many times; who goes first alternates, so that a machine that slows down favours neither."""
    run(*one)
    run(*other)  # both once before: byte code is written, files are in memory
    found = []
    for number in range(pairs):
        first = {command: run(*command) for command in ((one, other) if number % 2 == 0 else (other, one))}
        found.append((first[one], first[other]))
    return found


# ---------------------------------------------------------------- a whole run


def whole_run(folder: Path, pairs: int) -> bool:
    """Print a whole run's time and memory against their bounds; return whether both are kept."""
    allocate = (sys.executable, "-m", "allocator", SCENARIO, "-o", folder / "plan.xlsx", "--force")
    floor = (sys.executable, "-c", IMPORTS)
    done = taking_turns(floor, allocate, pairs)
    ratios = [mine.seconds / bare.seconds for bare, mine in done]
    ratio, peak = statistics.median(ratios), max(mine.megabytes for _, mine in done)
    table(
        (f"`allocate {SCENARIO.name}`", "measured", "bound"),
        (
            (f"time, as a multiple of `{IMPORTS}`", f"{ratio:.2f} ({min(ratios):.2f}–{max(ratios):.2f})", SLOWEST),
            ("memory at the peak, MB", f"{peak:.0f}", f"{MOST_MEMORY:.0f}"),
        ),
    )
    return ratio <= SLOWEST and peak < MOST_MEMORY


# ---------------------------------------------------------------- the report


def report_run(folder: Path, pairs: int) -> bool:
    """Print what the sensitivity report adds to a whole run; return whether that is within its bound."""
    full = (sys.executable, "-m", "allocator", FIVE_YEARS, "-o", folder / "five.xlsx", "--force", "--quiet")
    plain = (sys.executable, __file__, "--without-report", FIVE_YEARS)
    ratios = [mine.seconds / bare.seconds - 1 for bare, mine in taking_turns(plain, full, pairs)]
    ratio = statistics.median(ratios)
    told = f"{ratio:.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    print()
    table(
        (f"`allocate {FIVE_YEARS.name}`", "measured", "bound"),
        (("what the report adds, as a multiple of the whole run without it", told, DEAREST),),
    )
    return ratio <= DEAREST


def without_report(book: Path) -> None:
    """Run `allocate` as it is, but for the sensitivity report."""
    import allocator.api
    from allocator.cli import main as allocate

    whole = allocator.api.optimise
    allocator.api.optimise = lambda scenario, **options: whole(scenario, explain=False, **options)
    with tempfile.TemporaryDirectory() as folder:
        sys.argv = ["allocate", str(book), "-o", str(Path(folder) / "plan.xlsx"), "--quiet"]
        allocate()


# ---------------------------------------------------------------- the exact decision


def decision_run(pairs: int) -> bool:
    """Print what deciding in fractions adds to a whole run; return whether that is within its bound."""
    command = (sys.executable, __file__, "--decision", FIVE_YEARS)
    found = [json.loads(run(*command).output) for _ in range(pairs)]
    ratios = [each["decision"] / (each["whole"] - each["decision"]) for each in found]
    ratio = statistics.median(ratios)
    print()
    table(
        (f"`allocate {FIVE_YEARS.name}`", "measured", "bound"),
        (
            (
                "what deciding in fractions adds, as a multiple of the whole run without it",
                f"{ratio:.3f} ({min(ratios):.3f}–{max(ratios):.3f})",
                DEAREST_DECISION,
            ),
        ),
    )
    return ratio <= DEAREST_DECISION


def decision(book: Path) -> None:
    """Run `allocate` as it is, and print the seconds that the exact decision takes, and the whole run."""
    start = time.perf_counter()
    from allocator.cli import main as allocate
    from allocator.programme.decision import Decision

    spent = []

    def timed(name: str) -> None:
        inner = getattr(Decision, name)

        def measured(*arguments: object) -> object:
            begin = time.perf_counter()
            try:
                return inner(*arguments)
            finally:
                spent.append(time.perf_counter() - begin)

        setattr(Decision, name, measured)

    for name in ("__init__", "seek_goals", "seek_objective"):
        timed(name)
    with tempfile.TemporaryDirectory() as folder:
        sys.argv = ["allocate", str(book), "-o", str(Path(folder) / "plan.xlsx"), "--quiet"]
        try:
            allocate()
        except SystemExit as ended:
            if ended.code:
                raise
    print(json.dumps({"decision": sum(spent), "whole": time.perf_counter() - start}))


# ---------------------------------------------------------------- what-ifs


def what_if_run() -> bool:
    """Print how fast what-ifs are answered beside bare highspy calls; return whether that is within its bound."""
    from what_if import measure

    speed = measure(FIVE_YEARS)
    print()
    table(
        (f"what-ifs of `{FIVE_YEARS.name}`, from changed cells to plan and prices", "measured", "bound"),
        (
            ("rate, as a part of that of bare highspy calls for the same", f"{speed.ratio:.2f}", SLOWEST_WHAT_IF),
            ("the same, if bare calls take the goals for met", f"{speed.ratio_met:.2f}", "–"),
            ("what-ifs a second", f"{speed.rate:,.0f}", "–"),
        ),
    )
    return speed.ratio >= SLOWEST_WHAT_IF


# ---------------------------------------------------------------- comparisons


def compare_run(folder: Path, pairs: int) -> bool:
    """Print how long a comparison takes beside one plan of the same file; return whether that is within its bound."""
    book = four_variants(folder)
    one = (sys.executable, "-m", "allocator", book, "-o", folder / "one.xlsx", "--force", "--quiet")
    all_ = (sys.executable, "-m", "allocator", "compare", book, "-o", folder / "all.xlsx", "--force", "--quiet")
    ratios = [mine.seconds / single.seconds for single, mine in taking_turns(one, all_, pairs)]
    ratio = statistics.median(ratios)
    told = f"{ratio:.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    print()
    table(
        (f"`allocate compare` of `{FIVE_YEARS.name}`, base case and four variants", "measured", "bound"),
        (("time, as a multiple of `allocate` of the same file", told, SLOWEST_COMPARISON),),
    )
    return ratio <= SLOWEST_COMPARISON


def four_variants(folder: Path) -> Path:
    """A copy of the five years with a fourth variant, of three rows."""
    import openpyxl

    book = openpyxl.load_workbook(FIVE_YEARS)
    sheet = book["What-if"]
    heading = next(row for row in sheet.iter_rows() if row[0].value == WHAT_IF[0])
    heads = {cell.value: cell.column for cell in heading}
    row = max(cell.row for column in sheet.iter_cols() for cell in column if cell.value is not None)
    for number, values in enumerate(FOURTH, row + 1):
        for head, value in zip(WHAT_IF, values, strict=True):
            sheet.cell(number, heads[head]).value = value
    book.save(folder / "four.xlsx")
    return folder / "four.xlsx"


WHAT_IF = ("Variant", "Sheet", "Row", "Column", "Change", "Value")
FOURTH = (
    ("All at once", "Budget", "City budget", "every year", "change by", -0.05),
    ("All at once", "Budget", "Private and PPP capital", "every year", "change by", -0.2),
    ("All at once", "Rules", "Environment at least 1 %", "Value", "set", 0.02),
)


# ---------------------------------------------------------------- by size


def by_size(folder: Path, sizes: dict[int, int], limit: float) -> None:
    """Print how long each part takes, as multiples of one bare solve, and the whole as a multiple of the peer's."""
    rows = []
    for areas, times in sizes.items():
        book = folder / f"{areas}.xlsx"
        run(sys.executable, HERE / "make.py", areas, book)
        untied = ["--untied"] if areas >= TIED else []
        made = [
            json.loads(run(sys.executable, __file__, "--parts", book, "--limit", limit, *untied).output)
            for _ in range(times)
        ]
        peers = [run(sys.executable, HERE / "peer.py", book, folder / "peer.xlsx") for _ in range(times)]
        whole = [
            run(sys.executable, "-m", "allocator", book, "-o", folder / "size.xlsx", "--force")
            for _ in range(times)
            if made[0]["status"] == "optimal" and areas < TIED
        ]
        rows.append((f"{areas:,}", *shown(made), *compared(made, whole, peers)))
    heads = ("areas", "columns × rows", *STAGES.values(), "whole run ÷ peer", "memory, MB")
    print("\nOne bare solve by highspy is 1; the last but one column compares whole processes.\n")
    table(heads, rows)


def shown(made: list[dict]) -> list[str]:
    """The size of a programme, and each stage as a multiple of the bare solve."""
    found = [f"{made[0]['columns']:,} × {made[0]['rows']:,}"]
    for stage in STAGES:
        ratios = [times[stage] / times["bare"] for times in made if stage in times]
        found.append(digits(statistics.median(ratios)) if ratios else "not reached")
    return found


def digits(ratio: float) -> str:
    """Two digits that count."""
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"


def compared(made: list[dict], whole: list[Process], peers: list[Process]) -> tuple[str, str]:
    """The whole run as a multiple of the peer's, and its memory."""
    objective = json.loads(peers[0].output)["objective"]
    if abs(objective - made[0]["objective"]) > 1e-6 * abs(objective):
        raise SystemExit(f"the peer finds {objective}, not {made[0]['objective']}")
    if not whole:
        return "–", "–"
    ratio = statistics.median(w.seconds for w in whole) / statistics.median(p.seconds for p in peers)
    return f"{ratio:.2f}", f"{max(w.megabytes for w in whole):.0f}"


def parts(book: Path, limit: float, *, untied: bool) -> None:
    """Print the seconds that each part of planning `book` takes, and those of a bare solve, as JSON."""
    import allocator.programme.solve
    from allocator import read_scenario
    from allocator.analyses.analyse import analyse
    from allocator.analyses.messages import Analysis, Reporting
    from allocator.programme.build import build
    from allocator.programme.status import Doing, SeekingGoals, SeekingObjective, Solving
    from allocator.render.files import save_plan

    if untied:
        from allocator.programme.solve import Chosen

        allocator.programme.solve.break_ties = lambda _matrix, form, vertex, *_: Chosen(
            vertex.values[: len(form.columns)], tie=True
        )
    bare, columns, rows = bare_solve(build(read_scenario(book)))  # imports are out of the way then
    marks: dict[str, float] = {}
    start = time.perf_counter()
    scenario = read_scenario(book)
    marks["read"] = time.perf_counter()

    def note(doing: Doing, _part: float | None) -> None:
        match doing:
            case SeekingGoals() | SeekingObjective():
                ended = "build"
            case Solving.CHOOSING:
                ended = "solve"
            case Solving.ROUNDING:
                ended = "ties"
            case Reporting(Analysis.PRICES):
                ended = "round"
            case _:
                return
        marks.setdefault(ended, time.perf_counter())

    result = analyse(scenario, progress=note, time_limit=limit)
    if result.status.value == "optimal":
        marks["report"] = time.perf_counter()
        save_plan(result, book.with_suffix(".plan.xlsx"), force=True)
        marks["write"] = time.perf_counter()
    times, before = {}, start
    for stage, mark in marks.items():
        times[stage], before = mark - before, mark
    told = {
        "status": result.status.value,
        "objective": None if result.unrounded_objective is None else float(result.unrounded_objective),
        "columns": columns,
        "rows": rows,
        "bare": bare,
    }
    print(json.dumps({**told, **times}))


def bare_solve(programme: object) -> tuple[float, int, int]:
    """Seconds of one solve by highspy with its own options, its model already there; columns and rows."""
    import highspy

    from allocator.programme.matrix import ScaledMatrix, lp_problem, objective_terms

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "programme.lp"
        scaled = ScaledMatrix(programme)
        lp_problem(scaled, objective_terms(scaled)).writeLP(str(path))
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.readModel(str(path))
    start = time.perf_counter()
    highs.run()
    return time.perf_counter() - start, highs.getNumCol(), highs.getNumRow()


def table(heads: tuple, rows: tuple | list) -> None:
    """Print a table in Markdown."""
    for row in (heads, ["---"] * len(heads), *rows):
        print(f"| {' | '.join(map(str, row))} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the bounds on a whole run; exit code 1 if broken")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of areas, default %(default)s")
    parser.add_argument("--limit", type=float, default=600, help="seconds for one plan, default %(default)s")
    parser.add_argument("--parts", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--untied", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--without-report", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--decision", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.parts:
        parts(options.parts, options.limit, untied=options.untied)
        return 0
    if options.decision:
        decision(options.decision)
        return 0
    if options.without_report:
        without_report(options.without_report)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        kept = all([whole_run(Path(folder), PAIRS), report_run(Path(folder), PAIRS), what_if_run()])
        kept &= decision_run(PAIRS // 2)
        kept &= compare_run(Path(folder), PAIRS // 2)
        if not options.quick:
            sizes = [int(size) for size in options.sizes.split(",")]
            by_size(Path(folder), {size: SIZES.get(size, 1) for size in sizes}, options.limit)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

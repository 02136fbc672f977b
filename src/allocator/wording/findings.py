"""What the figures say, in sentences for readers who know no programme: what binds, what it costs, what is free.

Each sentence is left out where the figures that it needs were not asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.existence import BudgetWarning
from allocator.analyses.figures import RowStatus
from allocator.analyses.moves import Move, NextMoney, PriceCard, RoomFigures, of_rule
from allocator.analyses.result import Result, RowFigures
from allocator.programme.rows import Row
from allocator.scenario.doubts import lacks_purpose
from allocator.scenario.model import Scenario
from allocator.wording.names import subject_name
from allocator.wording.numbers import listing, magnitude, objective_unit, percent, rule_written, significant, year_runs
from allocator.wording.steps import (
    DIGITS,
    MOST_NAMES,
    NOISE,
    effect,
    missed_words,
    movers,
    spends_least,
    step_effect,
    step_words,
    summed,
)
from allocator.wording.warnings import clash, reason, takes

NEAR = "0.5 %"
RULE_ITSELF = "the rule itself"
RULES = "the rule {}", "the rules {}"
TARGETS = "the target of {}", "the targets of {}"
NEAR_THE_EDGE = "How near the edge"
DOUBTS_HEAD = "Look at this first"
NO_PURPOSE = "No area has a benefit, so every plan that keeps the rules is as good"
MOST_DOUBTS = 3
TOLD = 0.1
"""A budget that may fall by more than this part is no news for the console."""
LEAST_TOLD = 0.0001


@dataclass(frozen=True)
class Finding:
    """One thing that the figures say: for the Summary, and in short for the console."""

    head: str
    text: str
    short: str = ""


def findings(result: Result) -> list[Finding]:
    """Return what binds, the dearest rule, what is free, the next money, and warnings; nothing without a plan."""
    if not result.allotments:
        return []
    found = (
        *(_binding(result), _dearest(result), _free(result), _next(result)),
        *(early_finding(result), goals_finding(result)),
    )
    return [finding for finding in found if finding is not None]


def said_of(result: Result, head: str) -> str:
    """Return what is said under a head; empty where nothing is."""
    return next((finding.text for finding in findings(result) if finding.head == head), "")


def _names(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """Return names in quotation marks, those after the first few as a number."""
    shown = [f"“{name}”" for name in names[:most]]
    more = len(names) - len(shown)
    return listing([*shown, *([f"{more:,} more"] if more > 0 else [])])


# -- what binds ------------------------------------------------------------------------------------------------------


def _binding(result: Result) -> Finding:
    """Say which money is used up, and which rules and limits leave no room beside that."""
    rows = [f for f in result.rows if f.status is RowStatus.BINDING and not f.row.goal_bound]
    if not rows:
        return Finding("What binds", "Nothing: every rule has room, and no source is spent in full.")
    rows.sort(key=lambda f: -dearest_price(f))
    stated = [f.row for f in rows if f.row.kind.stated]
    rules, targets, limits = (
        list(dict.fromkeys(row.name for row in own))
        for own in (
            (row for row in stated if not row.kind.outcome),
            (row for row in stated if row.kind.outcome),
            (f.row for f in rows if f.row.kind.of_area),
        )
    )
    sources = _used_up(result, [f.row for f in rows if f.row.kind.supply])
    named = ((rules, RULES), (targets, TARGETS))
    parts = [words[len(names) > 1].format(_names(names)) for names, words in named if names]
    if limits:
        parts.append(f"{len(limits):,} limit{'' if len(limits) == 1 else 's'} of single areas")
    held = f"Amounts are held where they are by {', and by '.join(parts)}" if parts else ""
    return Finding("What binds", ". ".join(text for text in (sources, held) if text) + ".")


def _used_up(result: Result, budgets: Sequence[Row]) -> str:
    """Return which sources are spent in full, and when."""
    years: dict[str, list[int]] = {}
    for row in budgets:
        years.setdefault(row.subject, []).append(row.year or 0)
    if not years:
        return "Money is not what is scarce: no source is spent in full"
    all_years = all(set(found) == set(result.scenario.years) for found in years.values())
    if all_years and len(years) == len(result.scenario.sources) > 1:
        return "Every source of money is spent in full"
    texts = [name if all_years else f"{name} (in {year_runs(found)})" for name, found in years.items()]
    return f"{listing(texts)} {'is' if len(texts) == 1 else 'are'} spent in full"


def dearest_price(figures: RowFigures) -> float:
    """Return the size of a row's dearest price; 0 where none is known."""
    prices = (figures.shadow_price, figures.price_up, figures.price_down)
    return max((abs(price) for price in prices if price is not None), default=0.0)


# -- the dearest rule ------------------------------------------------------------------------------------------------


def card_price(card: PriceCard) -> float:
    """Return the size of the dearer of a card's two prices, a step each; 0 where none is known."""
    return max((abs(m.price) for m in (card.more, card.less) if m is not None and m.price is not None), default=0.0)


def rows_of(card: PriceCard, result: Result) -> list[RowFigures]:
    """Return the programme's rows of a card's rule; none where it is off."""
    return [f for f in result.rows if of_rule(f.row, card.rule)]


def dearest_cards(result: Result) -> list[PriceCard]:
    """Return the cards of the rules that cost something, that whose one step looser brings most first.

    A step brings what it does to missed goals first, each priority before the next, and the objective last: in that
    order plans are chosen. Gains that agree to nine digits are equal; then the rule that costs more to tighten is
    first.
    """
    priced = [(card, gain) for card in result.price_card if (gain := max(gains_of(card, result))) > _nothing(result)]
    return [card for card, _ in sorted(priced, key=lambda pair: (_negative(pair[1]), _tighter(pair[0], result)))]


type Gain = tuple[float, ...]
"""By how much less the goals of each priority are missed in all, as parts; then by how much better the objective is."""


def gains_of(card: PriceCard, result: Result) -> tuple[Gain, Gain]:
    """Return what a step more and a step less of a rule bring; less than any other where no plan exists there."""
    return _gain(card.more, result), _gain(card.less, result)


def _gain(move: Move | None, result: Result) -> Gain:
    goals = {goal.row.label: goal.row for goal in result.goals}
    priorities = sorted({row.strength.priority for row in goals.values()})
    if move is None or move.change is None:
        return (-math.inf,) * (len(priorities) + 1)
    fewer = dict.fromkeys(priorities, 0.0)
    for name, change in move.missed:
        if name in goals:
            fewer[goals[name].strength.priority] -= change / float(goals[name].divisor)
    sign = 1 if result.scenario.objective.maximise else -1
    least = NOISE * abs(float(result.unrounded_objective or 0))
    return (*fewer.values(), sign * move.change if abs(move.change) > least else 0.0)


def _nothing(result: Result) -> Gain:
    return (0.0,) * (len({goal.row.strength.priority for goal in result.goals}) + 1)


def _negative(gain: Gain) -> Gain:
    return tuple(-float(f"{part:.9g}") for part in gain)


def _tighter(card: PriceCard, result: Result) -> Gain:
    return min(gains_of(card, result))


def _dearest(result: Result) -> Finding | None:
    """Say which rule costs most, and what one step less and one more would do."""
    head = "Dearest rule"
    if not result.price_card:
        nothing = "The scenario has no rules beside its budgets, limits and targets."
        return Finding(head, nothing) if result.room or result.next_money else None
    cards = dearest_cards(result)
    if not cards:
        return Finding(head, *_no_dearest(result))
    card = cards[0]
    looser = _looser_is_more(card, result)
    name, told = card.rule.name, card.more if looser else card.less
    assert told is not None  # noqa: S101 - it brings something
    text = f"“{name}” ({_written(card, result)}): {_both_steps(card, result, looser)}.{at_margin(card, result)}"
    beyond = ", more than the rule itself," if long_step(card) == RULE_ITSELF else ""
    does = step_effect(told, result, third=True)
    return Finding(head, text, f"{head}: {name}; {step_words(card, result.scenario, more=looser)}{beyond} {does}.")


def _written(card: PriceCard, result: Result) -> str:
    return rule_written(card.rule, [f.row for f in rows_of(card, result)], result.scenario)


def _both_steps(card: PriceCard, result: Result, first: bool) -> str:
    """Say what a step does in one direction, and in the other; `first`: whether that of more comes first."""
    unit = "percentage point" if card.points else result.scenario.unit
    one, other = (card.more, card.less) if first else (card.less, card.more)
    text = f"one {unit} {_way(first)} would {step_effect(one, result)}" if one is not None else ""
    return f"{text}; one {_way(not first)} would {step_effect(other, result)}" if other is not None else text


def _no_dearest(result: Result) -> tuple[str, str]:
    """Say that loosening no rule by one step brings anything, and which would cost most to tighten; and in short."""
    if all(card.more is None and card.less is None for card in result.price_card):
        return "No rule has a price: those that are off and goals that are missed have none.", ""
    text = "No rule costs anything: one point or unit less of any one of them alone would change nothing."
    worst = {i: _tighter(card, result) for i, card in enumerate(result.price_card)}
    costs = [i for i, gain in worst.items() if -math.inf < gain[-1] and gain < _nothing(result)]
    if not costs:
        return text, ""
    card = result.price_card[min(costs, key=lambda i: worst[i])]
    more = not _looser_is_more(card, result)
    move = card.more if more else card.less
    assert move is not None  # noqa: S101 - it costs something
    name, unit = card.rule.name, "percentage point" if card.points else result.scenario.unit
    step, does = step_words(card, result.scenario, more=more), step_effect(move, result, third=True)
    dearest = f"“{name}” ({_written(card, result)}) is the dearest: one {unit} {_way(more)} would"
    return (
        f"{text} To tighten, {dearest} {step_effect(move, result)}.",
        f"Dearest rule: none as they stand; of {name} {step} {does}.",
    )


def long_step(card: PriceCard) -> str:
    """Return what a card's step is larger than: the rule itself, or what its price holds for; else nothing."""
    step = Fraction(1, 100) if card.points else Fraction(1)
    if 0 < abs(card.rule.value) < step:
        return RULE_ITSELF
    moves = [move for move in (card.more, card.less) if move is not None]
    return "what its price holds for" if any(map(short_reach, moves)) else ""


def short_reach(move: Move) -> bool:
    """Return whether a price that is not 0 holds for less than a whole step."""
    return bool(move.price) and move.holds is not None and move.holds < 1


def at_margin(card: PriceCard, result: Result) -> str:
    """Return a sentence on the price of small changes, where a whole step goes beyond what it holds for."""
    larger = long_step(card)
    if not larger:
        return ""
    scenario = result.scenario
    step = "point" if card.points else scenario.unit
    price = f"{significant(card_price(card), DIGITS)} {objective_unit(scenario)}".rstrip()
    return f" A {step} is more than {larger}; for small changes its price is {price} per {step}."


def _way(more: bool) -> str:
    return "more" if more else "less"


def _looser_is_more(card: PriceCard, result: Result) -> bool:
    """Return whether a step more serves goals and objective better than a step less."""
    more, less = gains_of(card, result)
    return more > less


# -- room ------------------------------------------------------------------------------------------------------------


def forced_and_all(room: Sequence[RoomFigures], year: int) -> tuple[float, float]:
    """Return what is forced in a year, and all money in the plan: sums over the lines that count."""
    mine = [r for r in room if r.year == year and not r.whole]
    return sum(r.least_near for r in mine), sum(r.value for r in mine)


def near_plans(scenario: Scenario) -> str:
    """Return which plans what is forced and free is said of."""
    objective = scenario.objective
    if objective.indicator is not None:
        return f"plan in which {objective.indicator} is at most {NEAR} worse"
    return (
        f"plan that {f'loses at most {NEAR} of the benefit' if objective.maximise else f'spends at most {NEAR} more'}"
    )


def _free(result: Result) -> Finding | None:
    """Say how much money stays in every plan that is nearly as good, in the first year: the one to be decided next.

    What is forced holds whatever plan is chosen; areas can't all give at once what each could, so the rest is a bound.
    """
    scenario, year = result.scenario, result.scenario.years[0]
    forced, money = forced_and_all(result.room, year)
    if not money:
        return None
    free, last, head = max(0.0, money - forced), scenario.years[-1], "Free to negotiate"
    when = f"In {year} " if len(scenario.years) > 1 else ""
    if free <= NOISE * money:
        text = f"{when}nothing: every amount is the same in every {near_plans(scenario)}."
        return Finding(head, text[0].upper() + text[1:], f"Free to move: nothing, in any {near_plans(scenario)}.")
    stays, moves = (significant(float(f"{amount:.9g}"), DIGITS) for amount in (forced, free))
    at_least = "at least" if when else "At least"
    text = (
        f"{when}{at_least} {stays} {scenario.unit} ({percent(forced / money)}) stays where it is in every "
        f"{near_plans(scenario)}; at most {moves} ({percent(free / money)}) can move"
    )
    if last != year:
        late_forced, late = forced_and_all(result.room, last)
        text += f", in {last} at most {percent(max(0.0, late - late_forced) / late)}" if late else ""
    return Finding(head, f"{text}. {_widest(result, year)}", _free_short(scenario, free, money))


def _free_short(scenario: Scenario, free: float, money: float) -> str:
    year, objective = (f" in {scenario.years[0]}" if len(scenario.years) > 1 else ""), scenario.objective
    loss = f"at {NEAR} less benefit" if objective.maximise else f"at {NEAR} more spending"
    loss = loss if objective.indicator is None else f"if {objective.indicator} may be {NEAR} worse"
    return f"Free to move{year}: at most {significant(free, DIGITS)} ({percent(free / money)}) {loss}."


def _widest(result: Result, year: int) -> str:
    mine = [r for r in result.room if r.year == year and not r.whole and r.most_near > r.least_near]
    widest = sorted(mine, key=lambda r: r.least_near - r.most_near)[:2]
    ranges = [
        f"{subject_name(r.name)} ({significant(r.least_near, DIGITS)} to {significant(r.most_near, DIGITS)})"
        for r in widest
    ]
    return f"Most room: {listing(ranges)}." if ranges else ""


# -- next money ------------------------------------------------------------------------------------------------------


def _next(result: Result) -> Finding | None:
    """Say where 1 % more of the largest own source would go, in the first year in which it has money."""
    found = _main_source(result)
    if found is None:
        return None
    scenario, move, head = result.scenario, found.more, "Next money"
    amount = f"{significant(found.step, DIGITS)} {scenario.unit}"
    when = f" in {found.year}" if len(scenario.years) > 1 else ""
    more = f"1 % more of {found.source}{when} ({amount})"
    if move.change is None:
        text = f"{more} could not be used: no plan could keep every rule with it."
        return Finding(head, text, f"Next 1 % of {found.source}{when}: leaves no plan.")
    changes, missed = summed(move.moves, found.year), missed_words(move, result)
    done, does = _of_money(scenario, move.change), _of_money(scenario, move.change, third=True)
    gains, brief = movers(changes, gain=True, brackets=True), movers(changes, gain=True, most=2)
    if not gains:
        text, brief = f"{more} would {done}", does
    elif spends_least(scenario):
        text, brief = f"{more} would {done}, as rules follow the budget; more for {gains}", f"{brief}; {does}"
    else:
        per = significant(abs(move.change) / found.step, DIGITS)
        each = f", {per} for each {scenario.unit}" if move.change else ""
        text, brief = f"{more} would go to {gains} and {done}{each}", f"{brief}; {does}"
    also = f"; it {missed}" if missed else ""
    return Finding(
        head, f"{text}{also}.", f"Next 1 % of {found.source}{when}: {brief}{f'; {missed}' if missed else ''}."
    )


def _of_money(scenario: Scenario, change: float, *, third: bool = False) -> str:
    """Return what more money does; where spending is what is made least, by how much it changes."""
    if not change or not spends_least(scenario):
        return effect(scenario, change, third=third)
    verb = f"{'raise' if change > 0 else 'lower'}{'s' if third else ''}"
    return f"{verb} spending by {significant(abs(change), DIGITS)} {scenario.unit}"


def _main_source(result: Result) -> NextMoney | None:
    """Return the largest own source of the first year that has one; any source where the budget has no money."""
    own = [n for n in result.next_money if n.source in result.scenario.budget_sources] or list(result.next_money)
    first = min((n.year for n in own), default=None)
    return max((n for n in own if n.year == first), key=lambda n: n.step, default=None)


# -- warnings --------------------------------------------------------------------------------------------------------


def early_finding(result: Result) -> Finding | None:
    """Return the nearest way to no plan in a sentence; None where nothing was found."""
    if not result.warnings:
        return Finding(NEAR_THE_EDGE, _tight(result)) if result.tight else None
    first = result.warnings[0]
    text = f"{_fall(first, result)}; then {clash(first.rows)}. {_tight(result)}".strip()
    short = f"{NEAR_THE_EDGE}: {_fall(first, result)}." if first.falls <= TOLD else ""
    return Finding(NEAR_THE_EDGE, text, short)


def _fall(warning: BudgetWarning, result: Result) -> str:
    """Say by how much a budget may fall; down to a figure that is safe to type."""
    when = f" {warning.year}" if len(result.scenario.years) > 1 else ""
    part = f"{significant(_down(warning.falls * 100))} %" if warning.falls > LEAST_TOLD else "less than 0.01 %"
    falls = significant(_down(warning.falls * float(warning.amount)), DIGITS)
    return f"{warning.source}{when} may fall by {part} ({falls} {result.scenario.unit}) before no plan exists"


def _down(value: float) -> Fraction:
    """Return a number rounded down to three digits, so that what is said to be possible is."""
    if value <= 0:
        return Fraction(0)
    unit = Fraction(10) ** (magnitude(value) - 2)
    return math.floor(Fraction(value) / unit) * unit


def _tight(result: Result) -> str:
    """Say how many rules and targets could hardly be tightened."""
    count = len(result.tight)
    if not count:
        return ""
    tightest = result.tight[0]
    rules = "1 rule or target has" if count == 1 else f"{count} rules and targets have"
    room = percent(tightest.part, 1 if tightest.part >= 0.01 else 3)
    return f"{rules} at most 5 % of room, the least “{tightest.row.label}” ({room})."


def goals_finding(result: Result) -> Finding | None:
    """Return why the first goal that is missed is, and what it would take; None where all are met."""
    if not result.goals_explained:
        return None
    first = result.goals_explained[0]
    count = len(result.goals_explained)
    more = f" {count - 1} more: see Warnings." if count > 1 else ""
    missed = f"“{first.row.label}” is missed by {significant(first.missed_by, DIGITS)} {first.row.unit}".rstrip()
    why = reason(first)
    short = f"{first.row.label} {why.removeprefix('It ')}"
    return Finding("Goals missed", f"{missed}. {why}{takes(first)}{more}", f"{short}{takes(first)}")


def without_purpose(scenario: Scenario) -> str:
    """Return that no plan is better than another, where benefit is sought and nothing has any; else nothing."""
    return NO_PURPOSE if lacks_purpose(scenario) else ""


def doubt_finding(result: Result) -> Finding:
    """Return the first doubts as one paragraph; without any its text is empty."""
    said = [str(doubt) for doubt in result.doubts[:MOST_DOUBTS]]
    left = len(result.doubts) - len(said)
    return Finding(
        DOUBTS_HEAD, " ".join([*(f"{text}." for text in said), *([f"{left} more: see Warnings."] if left else [])])
    )

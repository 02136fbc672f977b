"""What a cell says: numbers as Vietnamese and English hands type them, percentages, names, keywords, years.

Each function takes a cell's raw value, never blank, and returns what it means or raises `Misread`, whose text says
what was found and what to type. Nothing is guessed: a text that can be read in two ways is refused with both.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from allocator.scenario import numerals
from allocator.scenario.model import Operator, Strength
from allocator.scenario.numerals import Figure, TwoReadings, Unread
from allocator.scenario.origin import Raw
from allocator.scenario.said import Said
from allocator.scenario.vocabulary import (
    OPERATOR_WORDS,
    OPERATORS_MEANT,
    STRENGTHS,
    TOGETHER,
    TOTAL_FILLERS,
    TOTAL_WORDS,
)

_YEARS = re.compile(r"(\d{4})(?:\s*[-–—]\s*(\d{4}))?")
_GOAL = re.compile(r"goal\s*([1-9]\d{0,2})")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+)?")
_YEAR = re.compile(r"((?:19|20|21)\d\d)(?:[.,]0+)?")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_BETWEEN = re.compile(r"( ?[,/&+|\n] ?| and | và )")
_MOST_MARKS = 8
"""So many commas and the like may stand inside of a name where several are told apart."""
_SHOWN = 60
TYPE_ONE = "type one, 0 if nothing is meant"
"""How the message about a text that is no number ends, unless the column knows better."""
_LARGEST = Fraction(10**18)
_LEAST = 1 / Fraction(10**30)


class Misread(ValueError):  # noqa: N818  (it says what happened to a cell, and is never shown by its class name)
    """A cell that can't be understood; the text says what was found and what is expected.

    With `no_figure` what was found is a text where a figure is expected: what to type instead is for the column to say.
    """

    def __init__(self, form: str, *values: object, no_figure: bool = False) -> None:
        self._said = Said(form, *values)
        self._no_figure = no_figure
        super().__init__(form, *values)

    def told(self, instead: str) -> Said:
        """Return what it says; it ends with what to type `instead` where that is for the column to say."""
        said = self._said
        return Said(said.form + "; {}", *said.values, instead) if self._no_figure else said

    def __str__(self) -> str:
        return str(self.told(TYPE_ONE))


def fold(text: str) -> str:
    """Return the form in which names and keywords are compared: case, spaces and Unicode form don't count.

    >>> fold("  Văn   Hoá ") == fold(unicodedata.normalize("NFD", "văn hoá"))
    True
    """
    return unicodedata.normalize("NFC", tidy(text).casefold()).replace("’", "'")


def unaccented(text: str) -> str:
    """Return `text` folded and without accents, as people type it who have no Vietnamese keyboard.

    >>> unaccented("Giáo dục và Đào tạo")
    'giao duc va dao tao'
    """
    letters = unicodedata.normalize("NFD", fold(text)).replace("đ", "d")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def tidy(text: str) -> str:
    """Return `text` in NFC with single inner spaces and none around it, and without characters that don't show."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def is_blank(value: Raw) -> bool:
    """Whether a cell holds nothing, or only spaces."""
    return value is None or (isinstance(value, str) and not tidy(value))


def shown(value: Raw) -> str:
    """Return a cell's value as messages show it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return plain(exact(value))
    text = tidy(str(value))
    return f'"{text[:_SHOWN]}…"' if len(text) > _SHOWN else f'"{text}"'


def exact(number: float) -> Fraction:
    """Return the decimal that a stored number stands for: 0.04 is 4/100.

    >>> exact(0.04)
    Fraction(1, 25)
    """
    return Fraction(Decimal(repr(number)))


def plain(number: Fraction) -> str:
    """Return a number as one would type it: no exponent, no trailing zeros, at most 15 significant digits.

    >>> plain(Fraction(1, 25)), plain(Fraction(-1500))
    ('0.04', '-1500')
    """
    text = f"{Decimal(number.numerator) / Decimal(number.denominator):.15g}"
    text = f"{Decimal(text):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouped(number: Fraction) -> str:
    """Return a number as `plain` does, with its thousands apart.

    >>> grouped(Fraction(35655094)), grouped(Fraction("-0.419"))
    ('35,655,094', '-0.419')
    """
    whole, mark, part = plain(abs(number)).partition(".")
    return f"{'-' if number < 0 else ''}{int(whole):,}{mark}{part}"


def as_read(number: Fraction, *, percent: bool = False) -> str:
    """Return a number as one reads it, with its thousands apart and a real minus.

    >>> as_read(Fraction(-1200)), as_read(Fraction("0.045"), percent=True)
    ('−1,200', '4.5 %')
    """
    sign = "\N{MINUS SIGN}" if number < 0 else ""
    return f"{sign}{grouped(abs(number) * 100)} %" if percent else f"{sign}{grouped(abs(number))}"


def percent(number: Fraction) -> str:
    """Return a share as a percentage: ``4.5 %``."""
    return f"{plain(number * 100)} %"


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like `name`, or None where none is near.

    A slip of the pen is near, accents left out are, and so are the first letters or a whole word of one candidate.

    >>> nearest("Cultur", ["Roads", "Culture and sport"]), nearest("sport", ["Roads", "Culture and sport"])
    ('Culture and sport', 'Culture and sport')
    """
    typed = unaccented(name)
    by_form = {unaccented(candidate): candidate for candidate in candidates}
    found = difflib.get_close_matches(typed, by_form, n=1, cutoff=0.8)
    found = found or [form for form in by_form if len(typed) > 2 and form.startswith(typed)][:1]
    found = found or [form for form in by_form if len(form) > 2 and typed.startswith(f"{form} ")][:1]
    found = found or _by_word(typed, by_form) or difflib.get_close_matches(typed, by_form, n=1, cutoff=0.6)
    return by_form[found[0]] if found else None


def _by_word(typed: str, forms: Iterable[str]) -> list[str]:
    """Return the one form that has all the words of `typed`, or words that begin with them."""
    words = [word for word in typed.split() if len(word) > 2]
    having = [form for form in forms if all(any(w.startswith(word) for w in form.split()) for word in words)]
    return having if words and len(having) == 1 else []


def suggestion(name: str, candidates: Sequence[str], expected: str = "type one of") -> str:
    """Return the end of a message about an unknown name: the nearest valid one, or what there is."""
    near = nearest(name, candidates)
    if near is not None:
        return f'did you mean "{near}"?'
    listed = ", ".join(f"{one[:_SHOWN]}…" if len(one) > _SHOWN else one for one in candidates[:8])
    listed += ", …" if len(candidates) > 8 else ""
    return f"{expected}: {listed}" if candidates else expected


def is_total(name: str) -> bool:
    """Whether a name is that of a total row: a word for totals, alone or with years, brackets and the like.

    >>> is_total("Total 2026 (VND billion)"), is_total("Tổng cộng chi:"), is_total("Tổng cục Thuế")
    (True, True, False)
    """
    words = [word.strip(":.,;*") for word in _BRACKETED.sub(" ", fold(name)).split()]
    words = [word for word in words if word and not re.fullmatch(r"[\d/–-]+", word)]
    return any(
        tuple(words[: len(total)]) == total and TOTAL_FILLERS.issuperset(words[len(total) :])
        for total in (tuple(fold(word).split()) for word in TOTAL_WORDS)
    )


def text(value: Raw) -> str:
    """Return a cell as text; whole numbers without a decimal point."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return plain(exact(value))
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", str(value))).strip()


def year(value: Raw) -> int | None:
    """Return the year that a heading is; None where it is none.

    >>> year(2026.0), year(" 2026 "), year("2026.0"), year("Year 2026")
    (2026, 2026, 2026, None)
    """
    found = None if is_blank(value) or isinstance(value, bool) else _YEAR.fullmatch(text(value))
    return int(found[1]) if found else None


def name(value: Raw) -> str:
    """Return a name, tidied; ``;`` separates names, so no name may hold it."""
    tidied = tidy(text(value))
    if ";" in tidied:
        raise Misread('{} holds ";", which separates names; write the name without it', shown(value))
    return tidied


def names(value: Raw) -> tuple[str, ...]:
    r"""Return the names that ``;`` separates, tidied, blank ones left out; line breaks inside of one stay.

    >>> names(" Social;Economy ;"), names("City budget\nODA")
    (('Social', 'Economy'), ('City budget\nODA',))
    """
    parts = [map(tidy, part.splitlines()) for part in text(value).split(";")]
    found = tuple(filter(None, ("\n".join(filter(None, lines)) for lines in parts)))
    if not found:
        raise Misread("{} holds no name; type names separated by ; or clear the cell", shown(value))
    return found


def _from_text(typed: str, *, of_share: bool = False) -> Figure:
    """Return the figure that a text holds; `of_share`: a percentage is expected."""
    try:
        return numerals.figure(_INVISIBLE.sub("", typed))
    except Unread as unread:
        if unread.readings is not None:
            raise _twofold(unread.readings, "%" if of_share and numerals.has_percent(typed) else "") from None
        raise (_no_percentage if of_share else _no_number)(typed) from None


def _twofold(found: TwoReadings, sign: str) -> Misread:
    form = '"{}" can be read as {} or as {}; type {}' + sign + ", or {}" + sign
    return Misread(form, found.typed, found.whole, found.decimal, found.whole, found.once)


def _no_number(typed: str) -> Misread:
    """Return what to say of a text that is no number."""
    if day := _day(typed):
        form = "expected a number, got the date {}; format the cell as a number, then type the figure again"
        return Misread(form, day)
    if word := numerals.multiple(typed):
        form = 'expected a number, got {}; "{}" is not read as a part of it: '
        form += "type the figure in the scenario's Unit, digits alone"
        return Misread(form, shown(typed), word)
    if re.search(r"\d", typed):
        return Misread("expected a number, got {}; type digits alone, such as 1234.5", shown(typed))
    return Misread("expected a number, got {}", shown(typed), no_figure=True)


def _no_percentage(value: Raw) -> Misread:
    """Return what to say of what is no percentage."""
    if isinstance(value, str) and (day := _day(value)):
        form = "expected a percentage, got the date {}; format the cell as a percentage, then type the figure again"
        return Misread(form, day)
    return Misread("expected a percentage, got {}; type one such as 4.5%", shown(value))


def _day(typed: str) -> str:
    """Return the date that a text is, without its time; empty where it is none."""
    return typed.strip()[:10] if _ISO_DATE.fullmatch(typed.strip()) else ""


def _sized(found: Fraction, value: Raw) -> Fraction:
    """Return a number, unless no figure of a budget can be so large or so small."""
    if abs(found) > _LARGEST:
        ending = "is too large to be meant; type a number up to 1000000000000000000 (18 zeros)"
        typed = isinstance(value, str)
        raise Misread("{} " + ending, shown(value)) if typed else Misread("{:.3g} " + ending, float(found))
    if found and abs(found) < _LEAST:
        raise Misread("{} is too small to be meant; type 0", shown(value) if isinstance(value, str) else value)
    return found


def number(value: Raw) -> Fraction:
    """Return a number, stored or typed as text.

    >>> number("1.234.567,89"), number("1 234 567.89") == number("1,234,567.89")
    (Fraction(123456789, 100), True)
    >>> number("1.234")
    Traceback (most recent call last):
    allocator.scenario.cells.Misread: "1.234" can be read as 1234 or as 1.234; type 1234, or 1.2340
    """
    if isinstance(value, bool) or value is None:
        raise Misread("expected a number, got {}; type one", shown(value))
    if not isinstance(value, str):
        return _sized(exact(value), value)
    found = _from_text(value)
    if found.percent:
        form = "expected a number, got the percentage {}; type {}, or {}"
        raise Misread(form, shown(value), plain(found.number / 100), plain(found.number))
    return _sized(found.number, value)


def money(value: Raw, *, formatted: bool, instead: str = "") -> Fraction:
    """Return an amount of money, be it negative; a percentage is refused with both of its readings.

    `formatted` says that the cell is formatted as a percentage, `instead` where a percentage would be right.
    """
    if not (numerals.has_percent(value) or (formatted and isinstance(value, int | float) and value)):
        return number(value)
    stored = _percentage(value, of_share=False) if isinstance(value, str) else number(value)
    shown_as, plainly = percent(stored), plain(stored)
    too = f" ({instead})" if instead else ""
    raise Misread(
        "{}, or {}? An amount is expected, not a percentage{}; type {} in a cell that is formatted as a number, or the "
        "amount that {} stands for",
        *(shown_as, plainly, too, plainly, shown_as),
    )


def amount(value: Raw, *, formatted: bool = False, instead: str = "") -> Fraction:
    """Return an amount of money as `money` does: a number that isn't negative."""
    found = money(value, formatted=formatted, instead=instead)
    if found < 0:
        ending = "is negative, which no amount may be; type 0 or more"
        if isinstance(value, str) and "(" in value:
            raise Misread("{} (which is {}) " + ending, shown(value), plain(found))
        raise Misread("{} " + ending, plain(found))
    return found


def share(value: Raw, *, formatted: bool) -> Fraction:
    """Return a percentage as its stored number (4 % is 0.04).

    `formatted` says that the cell is formatted as a percentage; a number over 1 in a cell that isn't could mean two
    things and is refused.

    >>> share("4,5 %", formatted=False), share(0.04, formatted=False)
    (Fraction(9, 200), Fraction(1, 25))
    """
    if isinstance(value, bool) or value is None:
        raise _no_percentage(value)
    found = _percentage(value, of_share=True) if isinstance(value, str) else number(value)
    if abs(found) > 1 and not formatted and not numerals.has_percent(value):
        typed = plain(found)
        raise Misread("{0} could be {0} % or {1}; type {0}%, or {2}%", typed, percent(found), plain(found * 100))
    return found


def _percentage(typed: str, *, of_share: bool) -> Fraction:
    found = _from_text(typed, of_share=of_share)
    if found.currency:
        raise _no_percentage(typed)
    return _sized(found.number, typed) / (100 if found.percent else 1)


def keyword(value: Raw, words: Sequence[str]) -> str:
    """Return the word of `words` that the cell holds; TRUE and FALSE count as yes and no."""
    typed = {True: "yes", False: "no"}[value] if isinstance(value, bool) else text(value)
    for word in words:
        if fold(typed) == fold(word):
            return word
    raise Misread("{} is not known here; {}", shown(value), suggestion(typed, words))


def operator(value: Raw) -> Operator:
    """Return the comparison that the cell holds, as a sign or in words."""
    found = OPERATOR_WORDS.get(fold(text(value)))
    if found is None:
        meant = OPERATORS_MEANT.get(fold(text(value)).rstrip("."))
        offered = f'did you mean "{meant}"? ' if meant else ""
        ways = "type >=, <=, =, > or <, or at least, at most, equals, over, under"
        raise Misread("{} is no comparison; {}{}", shown(value), offered, f"({ways})" if meant else ways)
    return found


def strength(value: Raw) -> Strength:
    """Return how much a rule is meant: must, law, goal 1, goal 2, …, off."""
    typed = fold(text(value))
    if goal := _GOAL.fullmatch(typed):
        return Strength("goal", int(goal[1]))
    for kind in ("must", "law", "off"):
        if typed == kind:
            return Strength(kind)
    if typed.startswith("goal"):
        raise Misread("{} needs a priority of 1 or more; type goal 1 (the first), goal 2, …", shown(value))
    raise Misread("{} is not known here; {}", shown(value), suggestion(typed, STRENGTHS))


def years(value: Raw, known: Sequence[int]) -> tuple[tuple[int, ...], bool]:
    """Return the years that a cell names, in order, and whether they count together.

    `known` are the scenario's years; others are refused. Without any (the Budget sheet was unreadable) all pass.

    >>> years("2027-2028; 2030", range(2026, 2031)), years("2026-2030 together", range(2026, 2031))[1]
    (((2027, 2028, 2030), False), True)
    """
    typed = fold(text(value))
    if not known:
        return (), False
    together = typed.endswith(TOGETHER)
    named: set[int] = set()
    for part in filter(None, map(str.strip, typed.removesuffix(TOGETHER).split(";"))):
        match = _YEARS.fullmatch(part)
        if match is None:
            break
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise Misread("{} runs backwards; type {}-{}", shown(value), last, first)
        outside = [year for year in (first, last) if year not in known]
        if outside:
            raise Misread("{} is not a year of this scenario ({}-{}, as in Budget)", outside[0], known[0], known[-1])
        named.update(range(first, last + 1))
    else:
        if named:
            return tuple(sorted(named)), together
    first, last = known[0], known[-1]
    if meant := _years_meant(typed, known):
        raise Misread("{} names no years; years are separated by ; and - means to: type {}", shown(value), meant)
    ways = f"{first}, {first}-{last}, {first};{last} or {first}-{last} together" if last > first else str(first)
    raise Misread("{} names no years; type {}, or clear the cell", shown(value), ways)


def _years_meant(typed: str, known: Sequence[int]) -> str | None:
    """Return what was meant where years of the scenario stand in another way: with commas, a word, none at all.

    >>> _years_meant("2026, 2028", range(2026, 2031)), _years_meant("2026 to 2028", range(2026, 2031))
    ('2026; 2028', '2026-2028')
    """
    together = f" {TOGETHER}" if typed.endswith(TOGETHER) else ""
    rest = typed.removesuffix(TOGETHER).strip()
    named = re.findall(r"(?:19|20|21)\d\d", rest)
    between = re.sub(r"(?:19|20|21)\d\d", "#", rest)
    if not named or any(int(year) not in known for year in named):
        return None
    if re.fullmatch(r"# ?(to|until|through|till|\.\.+|…|~|đến|tới) ?#", between) and named[0] < named[1]:
        return f"{named[0]}-{named[1]}{together}"
    if re.fullmatch(r"#( ?(,|\+|&|;|and|và|or) ?#| ?#)+", between):
        return "; ".join(dict.fromkeys(named)) + together
    return f"{named[0]}{together}" if re.fullmatch(r"(year|years|năm|in|fy)[ :]?#", between) else None


def separated(typed: str, known: Collection[str]) -> str | None:
    """Return names with ``;`` between them that were typed with something else; None where they aren't all known.

    `known` are names as `fold` has them; of several beginnings that are known the longest is the name.

    >>> separated("City budget, ODA", {"city budget", "oda"}), separated("Parks, lakes", {"parks"})
    ('City budget; ODA', None)
    >>> separated("City, ODA, loans", {"city", "oda, loans", "oda"})
    'City; ODA, loans'
    """
    tokens, found, start = _BETWEEN.split(typed), list[str](), 0
    while start < len(tokens):
        for end in range(start + 2 * _MOST_MARKS + 1, start, -2):
            taken = "".join(tokens[start:end])
            if end <= len(tokens) and (start, end) != (0, len(tokens)) and fold(taken) in known:
                break
        else:
            return None
        found.append(tidy(taken))
        start = end + 1
    return "; ".join(found)

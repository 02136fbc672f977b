"""What a cell says: numbers as Vietnamese and English hands type them, percentages, names, keywords, years.

Each function takes a cell's raw value, never blank, and returns what it means or raises `Misread`, whose text says
what was found and what to type. Nothing is guessed: a text that can be read in two ways is refused with both.

Around a figure's digits stand signs, accounting's brackets for what is negative, a currency, a percent sign. They are
taken off where one reading is possible. A word that multiplies (million, tỷ) is never dropped: the figure is refused.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from allocator.scenario.model import Operator, Raw, Strength
from allocator.scenario.schema import OPERATOR_WORDS, OPERATORS_MEANT, STRENGTHS, TOGETHER, TOTAL_FILLERS, TOTAL_WORDS

# ---- Messages -------------------------------------------------------------------------------------------------------


_FIGURE = re.compile(r'"[^"]*"|\d[\d.,]*(e[+-]?\d+)?')


@dataclass(frozen=True)
class Said:
    """A message as a fact; its text is the form filled in.

    >>> str(Said("{} is negative", "-5")), Said("{} is negative", "-5").cause == Said("{} is negative", "-7").cause
    ('-5 is negative', True)
    """

    form: str
    values: tuple[object, ...]

    def __init__(self, form: str, *values: object) -> None:
        object.__setattr__(self, "form", form)
        object.__setattr__(self, "values", values)

    def __str__(self) -> str:
        return self.form.format(*self.values)

    @property
    def cause(self) -> tuple[str, ...]:
        """The form with the names in it: messages that are alike but for their figures have one cause."""
        return (self.form, *map(_without_figures, self.values))


def _without_figures(value: object) -> str:
    """Return a name as it is, and what holds no letters without its digits: ``-#`` for -5, ``#`` for "5.5"."""
    is_name = isinstance(value, str) and any(map(str.isalpha, value))
    return str(value) if is_name else _FIGURE.sub("#", str(value))


# ---- Figures as they are typed --------------------------------------------------------------------------------------


_GROUPED_BY_SPACE = re.compile(r"\d{1,3}( \d{3})+([.,]\d+)?")
_EXPONENT = re.compile(r"\d+([.,]\d+)?[eE][+-]?\d{1,3}")
_DIGITS = re.compile(r"\d+")
_CURRENCY = (
    r"(?:us|a|au|c|ca|s|sg|hk|nt|nz|r)?\$|[£€¥₫₹₩฿₱]|vnd|vnđ|đồng|dong|đ|usd|eur|euros?|gbp|jpy|cny|rmb|krw|aud|cad|"
    r"chf|sgd|thb|dollars?"
)
_BEFORE = re.compile(rf"({_CURRENCY})\s*(?=[\d.,(+-])", re.IGNORECASE)
_AFTER = re.compile(rf"(?<=[\d.,)])\s*({_CURRENCY})$", re.IGNORECASE)
_PERCENT = re.compile(r"(?<=[\d.,)-])\s*(%|per ?cent|pct\.?|phần trăm)$", re.IGNORECASE)
_MULTIPLES = re.compile(
    r"(?<![^\W\d_])(thousands?|k|millions?|mil|mln|mio|mn|m|billions?|bil|bln|bn|b|trillions?|trn|tn|nghìn|ngàn|triệu|tr|"
    r"trđ|tỷ|tỉ|ty|dozens?|hundreds?|trăm|lakhs?|crores?)(?![^\W\d_])",
    re.IGNORECASE,
)
_ALTERED = ("<super>", "<sub>", "<circle>", "<square>", "<fraction>")


class Unread(ValueError):  # noqa: N818  (it says what happened to a text, and never leaves the package)
    """A text that is no figure, or may be two: whose one mark may group its digits or be the decimal one.

    Then its arguments are the text, the numbers that it may mean, whole and decimal, and the latter as it is read in
    one way alone: never with three digits after its mark.
    """


@dataclass(frozen=True)
class Figure:
    """What a text says: the number before its percent sign, and what stood around it."""

    number: Fraction
    percent: bool = False
    currency: bool = False


def figure(typed: str) -> Figure:
    """Return the figure that a text holds.

    >>> figure("($1,234.5)").number, figure("(5 %)")
    (Fraction(-2469, 2), Figure(number=Fraction(-5, 1), percent=True, currency=False))
    """
    if any(unicodedata.decomposition(letter).startswith(_ALTERED) for letter in typed):
        raise Unread
    body = unicodedata.normalize("NFKC", typed).replace("−", "-").replace("’", " ").replace("'", " ")
    body = " ".join(body.split())
    signs: set[str] = set()
    while (found := _peeled(body)) is not None:
        body, sign = found
        if sign in signs:
            raise Unread
        signs.add(sign)
    if {"%", "currency"} <= signs or {"-", "+"} <= signs or {"-", "("} <= signs or not body:
        raise Unread
    number = _unsigned(body, "-" if signs & {"-", "("} else "")
    return Figure(-number if signs & {"-", "("} else number, "%" in signs, "currency" in signs)


def multiple(typed: str) -> str | None:
    """Return the word in a text that multiplies its figure: 5 tỷ, 3.2 million; None where there is none.

    >>> multiple("5 tỷ đồng"), multiple("12k"), multiple("about 5")
    ('tỷ', 'k', None)
    """
    text = unicodedata.normalize("NFC", typed)
    found = _MULTIPLES.search(text) if re.search(r"\d", text) else None
    return found[1] if found else None


def has_percent(typed: object) -> bool:
    """Whether a cell holds a text that ends like a percentage."""
    text = unicodedata.normalize("NFKC", typed).strip().rstrip(")").rstrip() if isinstance(typed, str) else ""
    return bool(_PERCENT.search(text))


def _peeled(body: str) -> tuple[str, str] | None:
    """Return the text without one thing around its digits, and which that was; None where nothing is around them."""
    if body.startswith("(") and body.endswith(")"):
        return body[1:-1].strip(), "("
    if body[:1] in ("+", "-"):
        return body[1:].strip(), body[0]
    if body.endswith("-"):
        return body[:-1].strip(), "-"
    for pattern, sign in ((_PERCENT, "%"), (_AFTER, "currency")):
        if found := pattern.search(body):
            return body[: found.start()].strip(), sign
    if found := _BEFORE.match(body):
        return body[found.end() :].strip(), "currency"
    return None


def magnitude(number: Fraction) -> int:
    """Return the power of ten of a number's first digit, exactly: 3 for 1,234; 0 for 0.

    >>> magnitude(Fraction(1234)), magnitude(Fraction(-1, 10**400)), magnitude(Fraction(0))
    (3, -400, 0)
    """
    if not number:
        return 0
    size = abs(number)
    power = math.floor(math.log10(size.numerator) - math.log10(size.denominator))
    while Fraction(10) ** power > size:
        power -= 1
    while Fraction(10) ** (power + 1) <= size:
        power += 1
    return power


def decimal(whole: str, part: str) -> Fraction:
    """Return the number with these digits before and after its mark."""
    return Fraction(Decimal(f"{whole or '0'}.{part or '0'}"))


def _ungroup(digits: str, separator: str) -> str:
    groups = digits.split(separator)
    if not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        raise Unread
    return "".join(groups)


def _one_separator(body: str, separator: str, sign: str) -> Fraction:
    if body.count(separator) > 1:
        return Fraction(int(_ungroup(body, separator)))
    whole, part = body.split(separator)
    if not part:
        raise Unread
    smaller = decimal(whole, part)
    if len(part) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0":
        readings = (body, f"{whole}{part}", f"{float(smaller):.15g}", _read_once(whole, part))
        raise Unread(*(sign + reading for reading in readings))
    return smaller


def _read_once(whole: str, part: str) -> str:
    digits = part.rstrip("0")
    return f"{whole}.{digits}{'0' * (len(digits) == 3)}" if digits else whole


def _unsigned(body: str, sign: str) -> Fraction:
    if _DIGITS.fullmatch(body):
        return Fraction(int(body))
    if _GROUPED_BY_SPACE.fullmatch(body):
        return Fraction(Decimal(body.replace(" ", "").replace(",", ".")))
    if _EXPONENT.fullmatch(body):
        return Fraction(Decimal(body.replace(",", ".")))
    if not re.fullmatch(r"[\d.,]+", body) or not re.search(r"\d", body):
        raise Unread
    if "." in body and "," in body:
        mark = max(".", ",", key=body.rfind)
        if body.count(mark) > 1:
            raise Unread
        whole, part = body.split(mark)
        if not _DIGITS.fullmatch(part):
            raise Unread
        return decimal(_ungroup(whole, "," if mark == "." else "."), part)
    return _one_separator(body, "." if "." in body else ",", sign)


# ---- Cells ----------------------------------------------------------------------------------------------------------


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
    if isinstance(value, int | float):
        return text(value)
    typed = tidy(str(value))
    return f'"{typed[:_SHOWN]}…"' if len(typed) > _SHOWN else f'"{typed}"'


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
        return figure(_INVISIBLE.sub("", typed))
    except Unread as unread:
        if unread.args:
            shown_as, whole, decimal_, once = unread.args
            sign = "%" if of_share and has_percent(typed) else ""
            form = '"{}" can be read as {} or as {}; type {}' + sign + ", or {}" + sign
            raise Misread(form, shown_as, whole, decimal_, whole, once) from None
        raise (_no_percentage if of_share else _no_number)(typed) from None


def _no_number(typed: str) -> Misread:
    """Return what to say of a text that is no number."""
    if day := _day(typed):
        form = "expected a number, got the date {}; format the cell as a number, then type the figure again"
        return Misread(form, day)
    if word := multiple(typed):
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
    if not (has_percent(value) or (formatted and isinstance(value, int | float) and value)):
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
    if abs(found) > 1 and not formatted and not has_percent(value):
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

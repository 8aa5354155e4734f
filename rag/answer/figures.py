"""Figures in Chinese and English text: find them, normalise them, compare them exactly.

A number becomes a `Figure` only where it counts, measures, ranks or dates something; names and
idioms that merely contain a numeral ("4321工程", "五水共治", "5G") are left alone. Arithmetic is
exact throughout, and what cannot be read for certain is not read at all.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from operator import attrgetter
from typing import Literal

import regex as re

from rag.answer.figure_lexicon import (
    AFTER_ARABIC_ONLY,
    AS_TYPED,
    BORNE_OUT,
    BOUND_AFTER,
    BOUND_BEFORE,
    BOUND_IN_ENGLISH,
    CLASS,
    COUNTS,
    CUE,
    DATES,
    EXACT,
    HALF_WIDTH,
    HANZI,
    IN_YEAR,
    KINDS,
    LEAD,
    LEADING,
    LETTER,
    LISTED,
    MASKED,
    MASKED_SCALES,
    MONTHS,
    NAMES,
    ORDINAL,
    PAIRED,
    PAIRED_AT_END,
    PERIODS,
    QUANTITY,
    RANGE,
    RANKED_AFTER,
    RANKED_BEFORE,
    RANKS,
    SENTENCE_END,
    SHARED_SCALE,
    SMALL,
    START,
    TRAIL,
    TREND,
    UNITS,
    Unit,
    Y,
    decimal,
    read_number,
    unit_named,
)
from rag.answer.figure_lexicon import (
    Bound as Bound,
)

Role = Literal["quantity", "ordinal", "date"]
Relation = Literal["exact", "converted"]


@dataclass(frozen=True)
class Figure:
    """One figure of a text.

    `text` is `source[start:end]`: the number with its unit, without the bound word. `value` (of a
    range its low end; `high` is the other) is in base units of `unit`: "CNY", "USD" and other
    currencies, "%", "pp", "x", "m2", "m", "m3", "t", "W", "Wh", "kV", "kVA", "count:<measure>",
    or "" for a bare number. Dates have the unit "year", "month" (1..12) or "day" (yyyymmdd; mmdd
    without a year). A masked figure ("X亿元") has value 0. `written` is the English name of the
    unit as written ("mu"); as a mu is 2000/3 m2, use `exact_values` for sums.
    """

    text: str
    start: int
    end: int
    value: Decimal
    high: Decimal | None
    unit: str
    bound: Bound
    role: Role
    masked: bool
    written: str = ""


# Reading figures. A reader gets a match and returns its figure, or None where it is part of a name.


def _around(source: str, start: int, end: int) -> tuple[str, str]:
    return source[max(0, start - 24) : start], source[end : end + 24]


def _among_chinese(before: str, after: str) -> bool:
    """Whether the nearest letter on either side is Chinese."""
    nearest = (LETTER.search(before[::-1]), LETTER.search(after))
    return any(letter and not letter[0].isascii() for letter in nearest)


def _figure(
    match: re.Match[str],
    value: Decimal,
    unit: Unit,
    *,
    high: Decimal | None = None,
    span: tuple[int, int] | None = None,
    bound: Bound = "exact",
    role: Role = "quantity",
    masked: bool = False,
) -> Figure:
    """The figure of `value` to `high` (in `unit`) at `span`, or else at the whole match."""
    start, end = span or match.span()
    low = decimal(value, unit.factor)
    high = None if high is None else decimal(high, unit.factor)
    text = match.string[start:end]
    return Figure(text, start, end, low, high, unit.key, bound, role, masked, unit.english)


def _bound(match: re.Match[str], start: int, end: int, unit: Unit) -> Bound:
    """How the words around `start:end` limit the number."""
    if match["more"]:
        return "about" if match["more"] == "来" else "over"
    for bound, pattern in BOUND_AFTER:
        if pattern.match(match.string, end):
            return bound
    before, _ = _around(match.string, start, end)
    if unit.key == "count:年" and before.endswith("近"):  # 近五年: the last five years
        return "exact"
    return next((bound for bound, pattern in BOUND_BEFORE if pattern.search(before)), "exact")


def _unit(match: re.Match[str]) -> tuple[Unit, int]:
    """The unit of a quantity or range, and where its text ends."""
    if match["currency"]:
        unit = unit_named(match["currency"])
        repeated = match["unit"] and unit_named(match["unit"]).key == unit.key
        return unit, match.end() if repeated else match.end("size")
    if CLASS.match(match.string, match.end("size") - 1):
        return UNITS["元"], match.end("size")
    return (unit_named(match["unit"]) if match["unit"] else Unit("")), match.end()


def _quantity(match: re.Match[str]) -> Figure | None:
    number = match["number"] + match["scale"] + (match["short"] or "")
    value = read_number(number)
    if value is None:
        return None
    unit, end = _unit(match)
    start = match.start()
    if sign := match.groupdict().get("sign"):
        signed = unit.key in ("%", "pp", "CNY", "USD")
        value, start = (value.copy_negate(), start) if signed else (value, start + len(sign))
    bound = _bound(match, start, end, unit)
    if _is_year(match, number, unit, bound):
        return _figure(match, value, Unit("year"), span=(start, match.end("size")), role="date")
    if not _counts(match, number, unit, (start, end), bound):
        return None
    return _figure(match, value, unit, span=(start, end), bound=bound)


def _range(match: re.Match[str]) -> Figure | None:
    low, last = read_number(match["low"]), _quantity(match)
    if low is None or last is None:
        return None
    number, unit = match["number"] + match["scale"], _unit(match)[0]
    if match["low_unit"]:
        if unit_named(match["low_unit"]) != unit:
            return None
    elif (scale := SHARED_SCALE.search(number)) and not SHARED_SCALE.search(match["low"]):
        shared, whole = read_number(number[: scale.start()]), read_number(number)
        if shared and whole and low < shared:  # 3-5亿, but not 500-1万
            low = decimal(low, Fraction(whole) / Fraction(shared))
    low = decimal(low, unit.factor)
    if low >= last.value or (last.role == "date" and not re.fullmatch(Y, match["low"])):
        return None
    return replace(last, value=low, high=last.value)


def _is_year(match: re.Match[str], number: str, unit: Unit, bound: Bound) -> bool:
    """Whether a bare English number is a year ("in 2021", but not "at least 2000 people")."""
    if not re.fullmatch(Y, number) or match["currency"]:
        return False
    before, after = _around(match.string, *match.span("size"))
    if unit.key:
        return unit.key.startswith("count:") and bool(IN_YEAR.search(before))
    return not _among_chinese(before, after) and (bound == "exact" or not re.match(" [a-z]", after))


def _counts(
    match: re.Match[str], number: str, unit: Unit, span: tuple[int, int], bound: Bound
) -> bool:
    """Whether the number counts or measures, as against standing in a name or an idiom."""
    before, after = _around(match.string, *span)
    hanzi = number[0] in HANZI
    if number.lower() in ("zero", "零") or (hanzi and before.endswith('"')):  # "四个自信"
        return False
    if not unit.key:
        return not match["more"] and _counts_bare(number, before, after, bound)
    if unit.key == "count:年" and re.fullmatch(Y, number):
        return False
    if number[0] in "十百千万亿" and before.endswith(("数", "几", "上")):  # 数十家
        return False
    if match["unit"] in ("级", "能级"):
        return number[-1] in "万亿"
    if match["unit"] == "元" and hanzi and set(number).isdisjoint("十百千万亿"):  # 三元区
        return False
    if set(number) <= set("百千万亿"):  # 百家争鸣, but 超百家, 近千亩, 百亿元
        return bound != "exact" or (len(number) > 1 and not unit.key.startswith("count:"))
    return not hanzi or (number not in "一二" and match["unit"] not in AFTER_ARABIC_ONLY)


def _counts_bare(number: str, before: str, after: str, bound: Bound) -> bool:
    """The same for a number without a unit: in Chinese it is most often a name (152工程)."""
    followed = bool(re.match("[一-龥]", after))
    if number[0] in HANZI:
        scaled = not set(number) <= set("百千万亿") and not set(number).isdisjoint("万亿")
        return scaled and (bound != "exact" or not followed)
    if number[0].isalpha():  # two-way, one of
        return number.lower() != "one" and not before.endswith('"') and after[:1] != "-"
    if not _among_chinese(before, after) or not number[-1].isdigit():
        return True
    return not followed and bool(CUE.search(before)) and not re.fullmatch(Y, number)


def _masked(match: re.Match[str]) -> Figure | None:
    spelling, scale = match["unit"] or "", match["scale"]
    unit = unit_named(spelling) if spelling else Unit("")
    following = match.string[match.end() : match.end() + 1]
    if spelling:  # Xm, X村, X年, X项目 and X级 are names
        letter = len(spelling) == 1 and spelling.isascii() and spelling.isalpha()
        unscaled = spelling in ("级", "能级") and not scale
        name = spelling in AFTER_ARABIC_ONLY | {"年"} or spelling + following == "项目"
        if letter or unscaled or name:
            return None
    elif scale in ("", "十", "百", "千") or (scale == "万" and re.match("[一-龥]", following)):
        return None
    bound = _bound(match, match.start(), match.end(), unit)
    return _figure(match, Decimal(0), unit, bound=bound, masked=True)


def _month(written: str) -> int:
    """9, "九", "nine", "September" or "Sep." -> 9."""
    names = [month[:3].lower() for month in MONTHS]
    if written[:3].lower() in names:
        return names.index(written[:3].lower()) + 1
    return int(written) if written.isdigit() else int(read_number(written) or 0)


def _date(kind: str, match: re.Match[str]) -> Figure | None:
    part = {name: text for name, text in match.groupdict().items() if text}
    unit, low, high = Unit(kind), 0, None
    if kind == "plan":  # the 14th runs from 2021 to 2025
        ordinal = part["plan"].lower()
        nth = RANKS.get(ordinal) or int(read_number(ordinal.removesuffix("th")) or 0)
        unit, low, high = Unit("year", english="plan"), 1951 + 5 * nth, 1955 + 5 * nth
    elif kind == "year":
        low = int("".join(str(SMALL.get(digit, digit)) for digit in part["y"]))
        high = int(part["last"]) if "last" in part else None
    elif kind == "day":
        low = int(part.get("y", 0)) * 10000 + _month(part["m"]) * 100 + int(part["d"])
    elif "period" in part:
        fits = partial(re.fullmatch, string=part["period"], flags=re.IGNORECASE)
        low, high = next(months for names, months in PERIODS.items() if fits(names))
    else:
        low = _month(part.get("m", "1"))
        high = _month(part["last"]) if "last" in part else None
    if high is None:
        return _figure(match, Decimal(low), unit, role="date")
    return (
        _figure(match, Decimal(low), unit, high=Decimal(high), role="date") if low < high else None
    )


def _ordinal(match: re.Match[str]) -> Figure | None:
    rank = Decimal(1 if match["top"] else RANKS.get((match["word"] or "").lower(), 0))
    rank = read_number(match["zh"] or match["no"] or match["place"] or "") or rank
    if match["anniversary"]:
        return _figure(match, rank, UNITS["周年"])
    before, _ = _around(match.string, *match.span())
    ranked = RANKED_BEFORE.search(before) or RANKED_AFTER.match(match.string, match.end())
    return _figure(match, rank, Unit(""), role="ordinal") if rank and ranked else None


_GRAMMAR: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Figure | None]], ...] = (
    *((pattern, partial(_date, kind)) for kind, pattern in DATES),
    (ORDINAL, _ordinal),
    (RANGE, _range),
    (MASKED, _masked),
    (QUANTITY, _quantity),
)


def _figure_at(source: str, at: int) -> Figure | None:
    for pattern, read in _GRAMMAR:
        match = pattern.match(source, at)
        if match and (figure := read(match)):
            return figure
    return None


def find_figures(text: str) -> list[Figure]:
    """All figures of a Chinese, English or mixed text, in order and without overlap."""
    return list(_find(text))


@lru_cache(maxsize=8192)
def _find(text: str) -> tuple[Figure, ...]:
    source = text.translate(HALF_WIDTH)
    found: list[Figure] = []
    at = 0
    while start := START.search(source, at):
        at = start.start()
        if name := NAMES.match(source, at):
            at = name.end()
        elif figure := _figure_at(source, at):
            found.append(replace(figure, text=text[figure.start : figure.end]))
            at = figure.end
        else:
            at += 1
    return tuple(found)


# Comparing and rendering.


def _ends(figure: Figure) -> tuple[list[Decimal], Fraction]:
    """The low and, of a range, the high end as typed, and what one of the written unit is worth."""
    unit = UNITS.get(figure.written.replace("(s)", "").lower(), Unit(""))
    ends = (figure.value,) if figure.high is None else (figure.value, figure.high)
    return [decimal(end, 1 / unit.factor, AS_TYPED) for end in ends], unit.factor


@lru_cache(maxsize=8192)
def exact_values(figure: Figure) -> tuple[Fraction, ...]:
    """`value` and, of a range, `high` without rounding (a mu in m2 is no finite decimal)."""
    ends, factor = _ends(figure)
    return tuple(Fraction(end) * factor for end in ends)


def same_unit(one: Figure, other: Figure) -> bool:
    """The same dimension; counts agree across measure words, but people are not things or years."""
    kinds = {KINDS.get(figure.unit, figure.unit) for figure in (one, other)}
    return len(kinds) == 1 or ("" in kinds and kinds <= set(COUNTS))


def _spelling(figure: Figure) -> str:
    """How the figure is written, less what makes no difference: width, commas, trailing zeros."""
    text = re.sub("[ ,余多几来]", "", figure.text.translate(HALF_WIDTH).lower())
    text = re.sub(r"(\.[0-9]*?)0+(?![0-9])", r"\1", re.sub("[~至到]", "-", text))
    measure = figure.unit.removeprefix("count:")
    if measure != figure.unit and text.endswith(measure) and not measure.isascii():
        text = text.removesuffix(measure) + "个"
    return str(re.sub(r"\.(?![0-9])", "", text))


def compare(claimed: Figure, source: Figure) -> Relation | None:
    """How a claimed figure is borne out by one of the source.

    "exact": the same quantity written alike; "converted": the same quantity in another scale, unit
    system or language; None: not the same. Nothing is rounded. A claim may leave out 约, 以上 or
    不超过, which allow the number itself, but not 超 or 不足, which exclude it; it may not add one.
    """
    if (
        (claimed.role, claimed.masked) != (source.role, source.masked)
        or not same_unit(claimed, source)
        or exact_values(claimed) != exact_values(source)
        or source.bound not in BORNE_OUT[claimed.bound]
    ):
        return None
    return "exact" if _spelling(claimed) == _spelling(source) else "converted"


def _digits(value: Decimal, *, scaled: bool = True) -> str:
    """ "91 billion", "2.67 million", "40,855": exact, with a scale word if that is shorter."""
    for scale, power in (("trillion", 12), ("billion", 9), ("million", 6)) if scaled else ():
        count = value.scaleb(-power, EXACT).normalize(EXACT)
        if count.copy_abs() >= 1 and int(count.as_tuple().exponent) >= -3:
            return f"{count:,f} {scale}"
    return f"{value.normalize(EXACT):,f}"


def _date_in_english(figure: Figure) -> str:
    low, high = int(figure.value), None if figure.high is None else int(figure.high)
    if figure.written == "plan":
        return f"{(low - 1951) // 5}th Five-Year Plan"
    if figure.unit == "day":
        year, day = divmod(low, 10000)
        return f"{day % 100} {MONTHS[day // 100 - 1]} {year or ''}".rstrip()
    ends = [low] if high is None else [low, high]
    return " to ".join(str(end) if figure.unit == "year" else MONTHS[end - 1] for end in ends)


def in_english(figure: Figure) -> str:
    """The figure for an English sentence, never rounded: "over 60 billion yuan", "84", "third"."""
    if figure.role == "date":
        return _date_in_english(figure)
    if figure.role == "ordinal":
        rank = int(figure.value)
        ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10 * (rank // 10 % 10 != 1), "th")
        return next((word for word, n in RANKS.items() if n == rank), f"{rank}{ending}")
    ends, _ = _ends(figure)
    name = figure.written.replace("(s)", "" if ends == [1] else "s")
    shared = len(ends) == 2 and ends[0] < 10**6  # "5 to 7 million" is five million to seven
    numbers = [_digits(end, scaled=not shared) for end in ends]
    if figure.masked:
        masked = MASKED.match(figure.text.translate(HALF_WIDTH))
        scale = masked["scale"].strip() if masked else ""
        numbers = [f"X {MASKED_SCALES.get(scale, scale)}".rstrip()]
    if name in ("%", "‰"):
        numbers, name = [f"{number}{name}" for number in numbers], ""
    return f"{BOUND_IN_ENGLISH[figure.bound]}{' to '.join(numbers)} {name}".rstrip()


# Sharing out: A、B分别增长1%和2%


def _shares(text: str, figures: list[Figure], after: int) -> list[Figure]:
    """The run of figures that follows 分别, as far as only list separators stand between them."""
    run: list[Figure] = []
    for figure in figures[bisect_left(figures, after, key=attrgetter("start")) :]:
        between = text[run[-1].end if run else after : figure.start]
        if figure.role != "quantity" or not (LISTED if run else LEADING).fullmatch(between):
            break
        run.append(figure)
    return run


def _subjects(text: str, figures: list[Figure], end: int, count: int) -> list[str]:
    """What the `count` figures after 分别 (at `end`) are about; [] where that is not clear."""
    sentence = SENTENCE_END.split(text[max(0, end - 300) : end])[-1]
    listed = re.split("[,，:：]", sentence)[-1].strip()
    if listed:
        items = listed.split("、")
        if len(items) != count:
            items = re.split("、|和|与|及", listed)
        *others, last = (LEAD.sub("", item) for item in items)
        if (own := PAIRED.match(last)) and all(map(PAIRED_AT_END.search, others)):
            others = [other + last[own.end() :] for other in others]
        return [*others, last]
    start, at = end - len(sentence), bisect_left(figures, end, key=attrgetter("start"))
    earlier = [
        f for f in figures[max(0, at - 24) : at] if f.start >= start and f.role == "quantity"
    ]
    names = [re.split("[,，、:：]", text[start : f.start])[-1] for f in earlier[-count:]]
    return [] if any(map(TREND.search, names)) else [TRAIL.sub("", LEAD.sub("", n)) for n in names]


def shared_out(text: str) -> list[tuple[str, Figure]]:
    """What each figure of a "A、B分别增长1%和2%" belongs to: [("A", 1%), ("B", 2%)].

    Subjects come from the list before 分别, or else from the figures before it ("A 1元,B 2元,
    分别…"). Sentences whose counts do not match give nothing.
    """
    figures = find_figures(text)
    pairs: list[tuple[str, Figure]] = []
    for match in re.finditer("分别", text):
        shares = _shares(text, figures, match.end())
        subjects = _subjects(text, figures, match.start(), len(shares)) if shares else []
        if len(subjects) == len(shares) > 1 and all(subjects):
            pairs += zip(subjects, shares, strict=True)
    return pairs

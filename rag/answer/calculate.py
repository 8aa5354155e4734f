"""Differences, sums, ratios and shares of cited figures, done in exact arithmetic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import permutations
from typing import Literal

from rag.answer.figures import Figure, exact_values, find_figures

Operation = Literal["difference", "sum", "times", "share", "mean"]
_PATTERNS: dict[Operation, str] = {
    "mean": r"平均每|每[家宗个人亩](?:平均)?多少|\bon average\b|\baverage\b"
    r"|\bper (?:plot|parcel|firm|company|project)\b",
    "times": r"几倍|多少倍|\bhow many times (?:as|larger|bigger|more|the)",
    "difference": r"比.{1,40}?(?:多|少|高|低|大|小|快|慢)(?:了|出)?(?:多少|几|的?是多少)"
    r"|相差|差多少|差距|差额|以外|之外|其余|剩下|\bdifference\b|\bgap\b|(?<!from )\boutside\b"
    r"|扣除|除去|刨去|\bwhat (?:remains|is left)\b|\bleft over\b"
    r"|\bhow (?:much|many|far) (?:\w+ )?(?:more|higher|larger|bigger|greater|less|lower|fewer"
    r"|smaller|faster|wider|above|below)\b|\bhow many (?:percentage )?points\b|\bexceed\w* .* by\b",
    "sum": r"合计|一共|总共|加起来|相加|之和|总和|加在一起|加一块|两项共|三项共|共多少"
    r"|\bplus\b|\btotal (?:km|length|number|area|amount)\b"
    r"|\baltogether\b|\bcombined\b|\bin total\b|\bsum of\b|\badd(?:ed)? up\b|\btogether\b(?! with)",
    "share": r"占.{1,30}?(?:百分之几|多少|几成|比例|比重)|\bas a (?:share|percentage) of\b"
    r"|\bwhat (?:share|percentage|proportion|percent) of\b",
}
_ASKED = {op: re.compile(pattern, re.IGNORECASE) for op, pattern in _PATTERNS.items()}
_TOLD: dict[Operation, re.Pattern[str]] = {
    "sum": re.compile(
        r"合计|总计|共计|之和|总和|加起来|\b(?:together|combined|in total|sum)\b", re.I
    ),
    "difference": re.compile(
        r"相差|差距|差额|高出|多出|比.*[多少高低快慢]|\b(?:more|less|higher|lower|fewer|difference|gap)\b",
        re.I,
    ),
    "mean": re.compile(r"平均|\b(?:average|per)\b", re.I),
}
_JOINED = re.compile(
    r"[、加]|[和与及](?![美谐平])|\b(?:and|plus)\b|,(?= (?:[\w-]+ ){0,3}[\w-]+(?:,| and\b))",
    re.IGNORECASE,
)
_NUMBER_PART = re.compile(r"[\d.,]+(?:\s*[万亿千百]+)?")
_DECIMALS = re.compile(r"\d\.(\d+)")
_SIGNS = {
    "difference": " \u2212 ",
    "sum": " + ",
    "times": " \u00f7 ",
    "share": " \u00f7 ",
    "mean": " \u00f7 ",
}
_PLACES = 2


@dataclass(frozen=True)
class Calculation:
    """`operands` as written, the operation, and its result as a figure's text."""

    operands: tuple[str, ...]
    operation: Operation
    result: str

    @property
    def formula(self) -> str:
        """`160亿元 - 121.02亿元 = 38.98亿元`."""
        return f"{_SIGNS[self.operation].join(self.operands)} = {self.result}"


def asked_operation(question: str) -> Operation | None:
    """What a question wants done with figures; None if it only wants them."""
    return next((op for op, pattern in _ASKED.items() if pattern.search(question)), None)


def things_joined(words: str) -> int:
    """How many things words join ("A, B and C"), 1 if none; words before and behind them may seem
    to be joined as well."""
    return 1 + len(_JOINED.findall(words))


def calculate(
    operation: Operation, figures: Sequence[Figure], places: int = _PLACES
) -> Calculation | None:
    """The result for figures in the order of the question, rounded to as many decimal places; None
    where the units forbid it.

    A difference is given without sign, larger first; a share is the smaller of the larger.
    """
    if len(figures) < 2 or any(figure.masked or figure.high is not None for figure in figures):
        return None
    values = [exact_values(figure)[0] for figure in figures]
    units = {figure.unit.partition(":")[0] for figure in figures}
    if operation == "mean":
        return _mean(figures, values, places)
    if len(units) > 1 or (len(figures) > 2 and operation != "sum"):
        return None
    if operation in ("sum", "share") and units & {"%", "pp"}:
        return None
    if operation == "sum":
        return _scaled(figures, sum(values, Fraction(0)), operation)
    larger, smaller = sorted(range(2), key=lambda i: -values[i])
    ordered = [figures[larger], figures[smaller]]
    if not values[smaller]:
        return None
    if operation == "difference":
        return _scaled(ordered, values[larger] - values[smaller], operation)
    ratio = values[larger] / values[smaller]
    if operation == "times":
        return _result(ordered, operation, f"{_rounded(ratio, places)}倍")
    swapped = [figures[smaller], figures[larger]]
    return _result(swapped, operation, f"{_rounded(100 / ratio, places)}%")


def explain(claim: Figure, figures: Sequence[Figure], told: str = "") -> Calculation | None:
    """How a figure follows from two others of the same sentence, if it does, and as it is `told`.

    Shares, ratios and means are rounded to as many decimal places as the claim is written with,
    ratios to one at least; sums and differences are not.
    """
    decimals = _DECIMALS.search(claim.text)
    shown = len(decimals[1]) if decimals else 0
    places = {"share": shown, "mean": shown, "times": max(1, shown)}
    for pair in permutations(figures, 2):
        for operation in _PATTERNS:
            found = calculate(operation, pair, places.get(operation, _PLACES))
            if found and _equals(found, claim) and _is_told(operation, told):
                return found
    if len(figures) > 2 and (found := calculate("sum", figures)) and _equals(found, claim):
        return found if _is_told("sum", told) else None
    return None


def _is_told(operation: Operation, words: str) -> bool:
    """Whether words do not tell a sum as a difference or a mean, or the other way round."""
    told = [each for each, pattern in _TOLD.items() if pattern.search(words)]
    return not told or operation not in _TOLD or operation in told


def _equals(found: Calculation, claim: Figure) -> bool:
    result = next(iter(find_figures(found.result)), None)
    if result is None or result.unit.partition(":")[0] != claim.unit.partition(":")[0]:
        return False
    return exact_values(result)[0] == exact_values(claim)[0]


def _mean(figures: Sequence[Figure], values: Sequence[Fraction], places: int) -> Calculation | None:
    counts = [i for i, figure in enumerate(figures) if figure.unit.startswith("count")]
    others = [i for i in range(len(figures)) if i not in counts]
    if len(figures) != 2 or len(counts) != 1 or not values[counts[0]]:
        return None
    amount, count = figures[others[0]], figures[counts[0]]
    return _scaled([amount, count], values[others[0]] / values[counts[0]], "mean", places)


def _scaled(
    figures: Sequence[Figure], value: Fraction, operation: Operation, places: int = _PLACES
) -> Calculation | None:
    """A result in the unit and scale of the first operand."""
    first = figures[0]
    number = _NUMBER_PART.match(first.text)
    if number is None:
        return None
    scale = exact_values(first)[0] / Fraction(re.sub(r"[^\d.]", "", number[0]))
    suffix = first.text[re.match(r"[\d.,]+", first.text).end() :]  # type: ignore[union-attr]
    if first.unit == "%" and operation == "difference":
        suffix = "个百分点"
    rounded = _rounded(value / scale, places)
    if value and not float(rounded):  # too small for its unit
        return None
    return _result(figures, operation, f"{rounded}{suffix}")


def _result(figures: Sequence[Figure], operation: Operation, text: str) -> Calculation:
    return Calculation(tuple(figure.text for figure in figures), operation, text)


def _rounded(value: Fraction, places: int) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

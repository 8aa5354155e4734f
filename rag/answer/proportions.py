"""Proportions and multiples told in words, which no digits give away: half, 两成, 翻番, doubled."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from rag.answer.figure_lexicon import Bound, read_number
from rag.answer.figures import Figure

_NUMERAL = "[一二两三四五六七八九十百]"
_PARTS = "third|quarter|fifth|sixth|seventh|eighth|ninth|tenth"
_COUNTS = "a|one|two|three|four|five|six|seven|eight|nine"
_FRACTION = re.compile(
    rf"(?P<zh_below>{_NUMERAL}{{1,3}})分之(?P<zh_above>{_NUMERAL}{{1,3}})"
    rf"|\b(?P<above>{_COUNTS})[ -](?P<below>(?:{_PARTS}))s?\b"
    r"(?!\s+(?:of (?:19|20)|century|phase|year))",
    re.IGNORECASE,
)
_TENTHS = re.compile(
    "(?<![一二两三四五六七八九十])(?P<n>[一二两三四五六七八九])成(?P<half>半)?"
    "(?![立为功本效果员长熟就品片套型因分交一不])"
)
_HALF = re.compile(
    "(?<![上下前后])(?:一半|半数|过半|近半|减半|各半)"
    r"|(?<!first )(?<!second )(?<!other )(?<!latter )(?<!half and )\b(?:half|halved|halving)\b"
    r"(?![ -](?:an? )?(?:year|day|hour|month|century|decade|time))",
    re.IGNORECASE,
)
_TIMES = {
    4: re.compile(r"翻了?(?:两|二|2)番|\bquadrupl(?:ed|ing)\b", re.IGNORECASE),
    3: re.compile(r"\b(?:tripl|trebl)(?:ed|ing)\b|\bthrice (?:as|the|that)\b", re.IGNORECASE),
    2: re.compile(
        r"翻了?(?:一|1)?(?:番|倍)|成倍|倍增|\bdoubl(?:ed|ing)\b|\btwice (?:as|the|that)\b", re.I
    ),
}  # fmt: skip
_BOUNDS: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("over", re.compile(r"过半$|(?:超过?|突破|高于)\S{0,3}$|\b(?:over|more than) \S+$", re.I)),
    ("under", re.compile(r"(?:不足|不到|低于)\S{0,3}$|\b(?:under|less than|below) \S+$", re.I)),
)  # fmt: skip
_WORDS = dict(zip(_COUNTS.split("|"), (1, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_BELOW = {name: n for n, name in enumerate(_PARTS.split("|"), start=3)}


@lru_cache(maxsize=4096)
def find_proportions(text: str) -> tuple[Figure, ...]:
    """All of a text, as figures in "%" or "x" (翻番 is 2x), in no particular order."""
    found = []
    for match in _FRACTION.finditer(text):
        if match["above"]:
            said = Decimal(_WORDS[match["above"].lower()]) / _BELOW[match["below"].lower()]
            found.append(_figure(match, text, 100 * said, "%"))
            continue
        below, above = read_number(match["zh_below"]), read_number(match["zh_above"])
        if below and above and below != 100:  # 百分之八 is read as a figure anyway
            found.append(_figure(match, text, 100 * above / below, "%"))
    for match in _TENTHS.finditer(text):
        tenths = read_number(match["n"]) or Decimal(0)
        found.append(_figure(match, text, 10 * tenths + (5 if match["half"] else 0), "%"))
    found += [_figure(match, text, Decimal(50), "%") for match in _HALF.finditer(text)]
    for times, pattern in _TIMES.items():
        found += [_figure(match, text, Decimal(times), "x") for match in pattern.finditer(text)]
    return tuple(found)


def _figure(match: re.Match[str], text: str, value: Decimal, unit: str) -> Figure:
    start, end = match.span()
    up_to = text[max(0, start - 12) : end]
    bound: Bound = next((bound for bound, pattern in _BOUNDS if pattern.search(up_to)), "exact")
    return Figure(match[0], start, end, value, None, unit, bound, "quantity", False)

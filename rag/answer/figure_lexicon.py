"""The words figures are written in, Chinese and English: units, numerals, bounds, patterns.

The patterns run on `regex`: possessive quantifiers of `re` match wrongly before Python 3.11.5.
"""

from decimal import Context, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

import regex as re

Bound = Literal["exact", "about", "over", "at_least", "under", "at_most"]


class Unit(NamedTuple):
    key: str
    factor: Fraction = Fraction(1)
    english: str = ""
    kind: str = ""


# Tables. "(s)" marks a plural that may be there.

# fmt: off
_MEASURES = (  # key | base units in one | English name | other spellings ...
    "CNY|1|yuan|元人民币|人民币|元|能级|级|renminbi|RMB|CNY|CN¥|¥",
    "USD|1|U.S. dollar(s)|美元|美金|US dollar(s)|dollar(s)|USD|US$|$",
    "HKD|1|Hong Kong dollar(s)|港元|港币|HKD|HK$",
    "EUR|1|euro(s)|欧元|EUR|€",
    "GBP|1|pound(s)|英镑|GBP|£",
    "JPY|1|yen|日元|JPY",
    "%|1|%|percent|per cent|pct|百分之",
    "%|1/10|‰",
    "pp|1|percentage point(s)|个百分点|百分点|pp",
    "x|1|times|倍|fold|x",
    "m2|1|square metre(s)|平方米|平方|平米|㎡|square meter(s)|sq m|sqm|m2|m²",
    "m2|10000|hectare(s)|公顷|ha",
    "m2|2000/3|mu|亩",
    "m2|1000000|square kilometre(s)|平方公里|平方千米|square kilometer(s)|sq km|km2|km²",
    "m|1|metre(s)|米|meter(s)|m",
    "m|1000|kilometre(s)|公里|千米|kilometer(s)|km",
    "m3|1|cubic metre(s)|立方米|cubic meter(s)|m3|m³",
    "t|1|tonne(s)|吨|ton(s)|t",
    "t|1/1000|kilogram(s)|公斤|千克|kg",
    "t|1/2000|jin|斤",
    "W|1|W|瓦|watt(s)",
    "W|1000|kW|千瓦|kilowatt(s)",
    "W|1000000|MW|兆瓦|megawatt(s)",
    "W|1000000000|GW|吉瓦|gigawatt(s)",
    "Wh|1000|kWh|千瓦时|度电|kilowatt hour(s)",
    "Wh|1000000|MWh|兆瓦时|megawatt hour(s)",
    "Wh|1000000000|GWh|吉瓦时|gigawatt hour(s)",
    "kV|1|kV|千伏|kilovolt(s)",
    "kVA|1|kVA|千伏安",
    "kVA|1000|MVA|兆伏安",
    "count:周年|1|year(s)|周年",
    "count:年|1|year(s)|年|consecutive year(s)",
    "count:个月|1|month(s)|个月",
    "count:周|1|week(s)|周",
    "count:天|1|day(s)|天",
    "count:工作日|1|working day(s)|个工作日|工作日|business day(s)|workday(s)",
    "count:小时|1|hour(s)|个小时|小时",
    "count:分钟|1|minute(s)|分钟",
    "count:岁|1|year(s) old|周岁|岁",
)
COUNTS = {  # a person is not a thing; 个 and a bare number may stand for either
    "": "个 人次 unit(s) set(s) item(s)",
    "person": "人 名 位 people person(s) talent(s) resident(s) worker(s) student(s)",
    "thing": "家 项 座 户 套 条 件 宗 起 处 台 辆 所 间 栋 幢 艘 架 头 只 尾 粒 株 棵 场 次 册"
    " 张 份 篇 部 支 种 例 枚 颗 笔 对 家次 项次 车次 班次 户次 村 镇 乡 类 批 片 门 块 方 层"
    " company companies enterprise(s) firm(s) project(s) household(s) measure(s) village(s)"
    " school(s) case(s)",
}
AFTER_ARABIC_ONLY = set("村镇乡类批片门块方层")  # 三村, X镇 are names
_LONGER_WORD = {  # what follows shows that the measure word only begins another word: 3片区
    "人": "才民口大工均", "部": "门分署", "片": "区", "支": "行队", "家": "庭园", "年": "代级画",
    "周": "边期", "位": "一", "处": "理置", "只": "有要", "对": "接口", "场": "所馆地", "份": "额",
    "种": "植子", "条": "例", "台": "阶", "天": "然津", "起": "步来", "所": "有在", "名": "牌录单",
    "方": "面案式", "层": "次", "米": "兰", "个": "多",
}
_POWERS = {
    "十": 1, "百": 2, "千": 3, "万": 4, "亿": 8, "hundred": 2, "thousand": 3, "million": 6,
    "billion": 9, "trillion": 12, "k": 3, "m": 6, "mn": 6, "b": 9, "bn": 9, "tn": 12,
}
_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}
SMALL = _WORDS | {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "a": 1}
_IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}
RANKS = {  # "third" -> 3
    _IRREGULAR.get(word) or (f"{word[:-1]}ieth" if word[-1] == "y" else f"{word}th"): n
    for word, n in _WORDS.items() if n
}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)
PERIODS = {  # first and last month
    "上半年|first half|H1": (1, 6), "下半年|second half|H2": (7, 12),
    "前两季度|first two quarters": (1, 6), "前三季度|first three quarters": (1, 9),
    "第?[一1]季度|first quarter|Q1": (1, 3), "第?[二2]季度|second quarter|Q2": (4, 6),
    "第?[三3]季度|third quarter|Q3": (7, 9), "第?[四4]季度|fourth quarter|Q4": (10, 12),
}
_BEFORE: tuple[tuple[Bound, str, str], ...] = (  # in Chinese, in English; the first that fits
    ("at_least", "不少于|不低于|不小于|不下于|至少|最少",
     r"at least|(?:no|not) (?:less|fewer|lower) than|not below|minimum of"),
    ("at_most", "不超过|不高于|不多于|不大于|最多|至多",
     r"at most|up to|within|(?:no|not) (?:more|higher|greater) than|not exceed(?:ing)?|maximum of"),
    ("over", "(?<!赶)超|超过|超出|突破|逾|多于|高于|大于",
     r"over|above|(?:more|higher|greater) than|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?"
     r"|topp(?:ed|ing)|cross(?:ed|ing)|pass(?:ed|ing)|br(?:oke|eaking) through|in excess of"),
    ("under", "不足|不到|低于|少于|小于", r"under|below|(?:less|fewer|lower) than|short of"),
    ("about", "(?<![签节合预公违契缔制])约|大概|(?<![附最临邻靠])近|接近",
     r"about|around|some|approx\.?|approximately|roughly|nearly|almost|close to"),
)
_AFTER: tuple[tuple[Bound, str], ...] = (
    ("about", "左右|上下| or so"),
    ("at_least", r"及?以上| (?:or|and) (?:more|above|over|higher)|\+(?![0-9])"),
    ("under", "以下|以内|之内"),
    ("at_most", " or (?:less|fewer|below)"),
    ("over", "(?<=[年月天倍])多"),
)
BORNE_OUT: dict[Bound, set[Bound]] = {  # bound of a claim -> bounds of a source that allow it
    "exact": {"exact", "about", "at_least", "at_most"}, "about": {"exact", "about"},
    "over": {"over", "at_least"}, "at_least": {"over", "at_least"},
    "under": {"under", "at_most"}, "at_most": {"exact", "under", "at_most"},
}
BOUND_IN_ENGLISH: dict[Bound, str] = {
    "exact": "", "about": "about ", "over": "over ", "at_least": "at least ", "under": "under ",
    "at_most": "at most ",
}
MASKED_SCALES = {  # 亿 in "X亿元"
    "十": "ten", "百": "hundred", "千": "thousand", "万": "ten thousand", "亿": "hundred million",
    "十万": "hundred thousand", "百万": "million", "千万": "ten million", "十亿": "billion",
    "百亿": "ten billion", "千亿": "hundred billion", "万亿": "trillion",
}
HALF_WIDTH: dict[int, int | str] = {  # one character for one, so that offsets stay true
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0x3000, 0xA0, 0x2009, 0x202F), " "),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212), "-"),
    **dict.fromkeys((0x2014, 0x2015), "~"),
    **dict.fromkeys(map(ord, "“”‘’「」『』"), '"'),
    **{0xFFE5: "¥", 0x3010: "[", 0x3011: "]", 0x3007: "零", 0x25CB: "零"},
}
# fmt: on


def _unit_table() -> dict[str, Unit]:
    """Every spelling in lower case -> its unit."""
    rows: list[tuple[Unit, str]] = []
    for row in _MEASURES:
        key, factor, english, *_ = row.split("|")
        kind = "count:年" if key == "count:周年" else key
        unit = Unit(key, Fraction(factor), english, kind)
        rows += ((unit, spelling) for spelling in row.split("|")[2:])
    for kind, measures in COUNTS.items():
        for measure in measures.split():
            rows.append((Unit(f"count:{measure.removesuffix('(s)')}", kind=kind), measure))
    return {
        name.replace("(s)", ending).lower(): unit for unit, name in rows for ending in ("", "s")
    }


UNITS = _unit_table()


def unit_named(spelling: str) -> Unit:
    return UNITS[spelling.strip().lower().replace("-", " ")]


KINDS = {unit.key: unit.kind for unit in UNITS.values()}

# Patterns. Runs are possessive and bounded, so that no text makes them backtrack far.


def _spelled(names: list[str]) -> str:
    """A pattern for any of these units; none ends inside a longer word."""

    def one(name: str) -> str:
        after = "[A-Za-z0-9]" if name.isascii() and name[-1].isalnum() else ""
        after = after or (f"[{_LONGER_WORD[name]}]" if name in _LONGER_WORD else "")
        apart = "(?<![ -])" if name == "x" else ""
        return str(apart + re.escape(name).replace("\\ ", "[ -]") + (after and f"(?!{after})"))

    return "|".join(one(name) for name in sorted(names, key=len, reverse=True))


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


HANZI = "零一二两三四五六七八九十百千万亿"
_SCALE = r"(?:[十百万亿]|千(?![瓦伏米克]))"
_LARGE = r"(?:hundred|thousand|million|billion|trillion)"
_WORD = f"(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_FREE = (  # not inside a code or a name, nor the tail of "1 500"
    r"(?<![A-Za-z0-9_.第$¥€£])(?<![0-9][,+/:×])(?<![0-9A-Za-z]-)"
    r"(?!(?<=[0-9] )(?<![0-9]{4} )[0-9]{3}(?![0-9]))"
)
_DIGITS = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})++(?![0-9])|[0-9]++)(?:\.[0-9]++)?+"
    r"(?![.,]?[0-9]|(?<![0-9]{4}) [0-9]{3}(?![0-9]))"
)
_ARABIC = (
    rf"{_DIGITS}(?: ?{_SCALE}{{1,3}}+(?:[0-9]++{_SCALE}{{0,2}}+)?+"
    rf"|[ -]?(?:{_LARGE}[ -])?(?:{_LARGE}|bn|mn|tn)\b)?+"
)
_CHINESE = rf"(?<![{HANZI}])(?:(?!千[瓦伏米克])[{HANZI}])++(?:点[零一二三四五六七八九]++)?+"
_ENGLISH = (
    rf"(?:a(?= {_LARGE}\b)|{_WORD})\b"
    r"(?:(?:[ -]|(?:(?<=hundred)|(?<=thousand)|(?<=[mbr]illion)) and )"
    rf"(?:{_WORD}|{_LARGE})\b){{0,31}}+(?![ -](?:{_WORD}|{_LARGE})\b)"
)
_NUMBER = rf"(?:{_ARABIC}|{_CHINESE}|{_ENGLISH})"
_UNIT = _spelled(list(UNITS))
_CURRENCY = r"(?:CN¥|US\$|HK\$|[¥$€£]|RMB|CNY|USD|人民币|百分之) ?"
_SIZE = (  # 1000 | 余 | 万; a lone m is million only beside a currency
    rf"(?P<number>{_NUMBER})(?P<more>[余多几来])?(?P<scale>(?(more){_SCALE}{{0,2}}))"
    r"(?: ?(?P<short>[kmb])(?:(?=[ -]?(?:yuan|RMB|CNY|US|dollar))|(?(currency)(?![A-Z0-9])|(?!))))?"
)
_OF_WHAT = rf"(?:[ -]?(?P<unit>{_UNIT})(?!半)|(?![A-Za-z0-9]|-[0-9]))"
QUANTITY = _compile(
    r"(?P<sign>(?<![0-9A-Za-z%)\]\"~-])-(?=[0-9]))?"
    rf"(?(sign)|{_FREE})(?P<currency>{_CURRENCY})?(?P<size>{_SIZE}){_OF_WHAT}"
)
RANGE = _compile(
    rf"(?P<start>(?<=from )|(?<=[从由]))?+{_FREE}(?P<between>between )?(?P<currency>{_CURRENCY})?"
    rf"(?P<low>{_NUMBER})(?:[ -]?(?P<low_unit>{_UNIT}))?"
    r"(?(between) and |(?(start)[-~]|(?:[-~至到]| to )))"  # from 8% to 10% are two figures
    rf"(?P<size>{_SIZE}){_OF_WHAT}"
)
MASKED = _compile(
    r"(?<![A-Za-z0-9])(?-i:[X×]{1,3})(?P<more>[余多])?"
    rf"(?P<scale> (?:(?:hundred|ten) )?{_LARGE}\b|{_SCALE}{{0,2}})(?:[ -]?(?P<unit>{_UNIT}))?"
)
Y = r"(?:19[0-9]{2}|20[0-9]{2}|2100)"
_M = r"(?:1[0-2]|0?[1-9])"
_D = r"(?:3[01]|[12][0-9]|0?[1-9])"
_MONTH = f"(?-i:{'|'.join(MONTHS)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\\b\\.?)"
_TH = "(?:st|nd|rd|th)"
_RANK = "|".join(RANKS)
DATES = tuple(
    (unit, _compile(rf"{_FREE}(?<![{HANZI}]){pattern}"))
    for unit, pattern in (
        ("day", rf"(?P<y>{Y}) ?年 ?(?P<m>{_M}) ?月 ?(?P<d>{_D}) ?[日号]"),
        ("day", rf"(?P<y>{Y})(?P<dash>[-/.])(?P<m>{_M})(?P=dash)(?P<d>{_D})(?![0-9])"),
        ("day", rf"(?P<m>{_M}) ?月 ?(?P<d>{_D}) ?[日号]"),
        ("day", rf"(?P<d>{_D}){_TH}? (?P<m>{_MONTH})(?:,? (?P<y>{Y})(?![0-9]))?"),
        ("day", rf"(?P<m>{_MONTH}) (?P<d>{_D}){_TH}?(?:,? (?P<y>{Y})(?![0-9])|(?![,.]?[0-9]|%))"),
        ("year", rf"(?P<y>{Y}) ?年?[-~至到](?P<last>{Y}) ?年"),
        ("year", rf"(?P<y>{Y}|[一二][零一二三四五六七八九]{{3}}) ?年(?!代)"),
        ("plan", r"(?P<plan>十[一二三四五六七八九])五(?![年个])"),
        ("plan", rf"第(?P<plan>[{HANZI}]{{1,3}})个五年(?:规划|计划)"),
        ("plan", rf"(?P<plan>[0-9]{{1,2}}th|{_RANK}) (?:Five-Year Plan|FYP)"),
        ("month", rf"(?P<m>{_M}) ?月?[-~至到](?P<last>{_M}) ?月"),
        ("month", rf"(?P<m>{_M}|十[一二]?|[一二三四五六七八九]) ?月"),
        ("month", rf"(?P<m>{_MONTH})(?: ?[-~] ?| (?:to|through) )(?P<last>{_MONTH})"),
        ("month", rf"(?P<m>(?!May\b){_MONTH}|(?-i:(?:(?<=in )|(?<=by ))May\b|May(?= {Y})))"),
        ("month", r"\A(?P<m>May)\Z"),
        ("month", rf"(?:前|first )(?P<last>{_M}|{_WORD}|[二三四五六七八九十]+)(?:个月| months)"),
        ("month", rf"(?P<period>{'|'.join(PERIODS)})(?![A-Za-z0-9])"),
    )
)
ORDINAL = _compile(
    r"第(?P<zh>[0-9]{1,3}+|[一二三四五六七八九十百]{1,5}+)"
    rf"(?![0-9{HANZI}方批届次轮期季产个书时梯步条章款阶])"
    rf"|(?P<top>首位|榜首)|{_FREE}(?:No\. ?(?P<no>[0-9]{{1,3}})"
    rf"|(?P<place>[0-9]{{1,3}}){_TH}|(?P<word>{_RANK}))\b(?P<anniversary> anniversary)?"
)
RANKED_BEFORE = _compile(
    r"(?:[排名居列]|全[国省市区县球]|\b(?:rank(?:s|ed|ing)?|place[sd]?|came|stood|stands|finished)"
    r"(?: (?:at|in|the|as|joint))*) ?$"
)
RANKED_AFTER = _compile(
    r"\s*(?:$|\n|\[)|[名位、。,.;:!?)\"~*]|的成绩|[- ](?:largest|highest|biggest|best|fastest)\b"
    r"| (?:in|among|place|position|nationwide|citywide|across|overall|for|and|at|by|of [0-9])\b"
)
NAMES = _compile("|".join((
    r"\[ ?[0-9]{1,3}(?: ?[,、~-] ?[0-9]{1,3}){0,9} ?\]|\((?:1?[0-9]|20)\)",  # [1], (1)
    r"(?:\A|(?<=[\n。])|(?<=\n  )|(?<=\n   ))[0-9]{1,2}[.)、](?=[ 一-龥])",  # 1.
    rf"{_FREE}(?!{Y}/{_M}/)[0-9]++(?:\.[0-9]++)*+(?:[+/×:][0-9]++)++",  # 1+5+2, 7×24, 14:30
    r"[0-9]\.0(?= ?(?:版|version))|(?<=\")[0-9]++(?=\")|[0-9]++年[0-9]++强|12345(?= hotline)",
    rf"[0-9{HANZI}]{{1,4}}次(?:党代会|代表大会|会议|全会|全国)",
    rf"(?!百分之)[{HANZI}]{{1,6}}分之[{HANZI}]",
    rf"四换三名|八项规定|三次产业|[{HANZI}]位一体|[{HANZI}]个必须|(?<=最后)[1一](?:公里|米)",
    rf"(?:\A|(?<=[。;:!?\n]))第[{HANZI}]{{1,3}}(?=[,、])",  # 第一,坚持…
    r"(?:\A|(?<=\n)|(?<=[.;:!?。] ))(?-i:First|Second|Third|Fourth|Fifth)(?=,)",
    rf"top {_WORD}\b|[0-9]++-(?:star|lane|level|class|grade|way|tier|in-one)\b",
    r"(?:top|fortune|global|version|industry|made in china|section|paragraph|page|article|chapter"
    r"|step|phase|table|(?-i:Line|Route|Highway|Road|Bus|Level|Figure)) [A-Z]?[0-9]++(?:\.[0-9])?",
    r"(?<!ranked )(?<!ranks )(?<!ranking )No\. ?[0-9]++"
    r" (?!(?:in|among|for|and|at|by|of [0-9]|nationwide|citywide|across|overall)\b)[A-Z]",
    r"[0-9]++ (?-i:Plan|Project|Program|Programme|System|Initiative|Campaign)\b",
    r"(?-i:(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)[ -][A-Z])",
    rf"{_WORD}[ -](?:thirds?|quarters?|fifths?|tenths?|hal(?:f|ves)|major|big|great)\b",
)))  # fmt: skip
START = _compile(rf"(?<![0-9])[0-9]|(?<![A-Z])[A-Z]|[{HANZI}第首榜上下前人×$¥€£(\[]|-(?=[0-9])")
BOUND_BEFORE = tuple(
    (bound, _compile(rf"(?:{zh}|\b(?:{en}))(?:了|为|达到?|占|增长|下降)?[ :]?(?:the )?$"))
    for bound, zh, en in _BEFORE
)
BOUND_AFTER = tuple((bound, _compile(pattern)) for bound, pattern in _AFTER)
_TOKEN = re.compile(rf"[0-9][0-9,.]*|[a-z]+|[{HANZI}]")
_AMBIGUOUS = re.compile("[百千万亿][1-9一二两三四五六七八九][万亿]?$")  # 一百二 is 120, not 102
SHARED_SCALE = _compile(rf"(?:[百千]?[万亿]+|(?:{_LARGE}|bn|mn|tn| )+|[kmb])$")
LETTER = re.compile("[A-Za-z一-龥、。《》]")
CUE = _compile(r"(?:[为达至到是共计]|[:=]) ?$")  # what stands before a figure without a unit
IN_YEAR = _compile(r"\b(?:in|by|since|during|until|year|from) $")
LEADING = re.compile("[^。；;！!？?,，0-9]{0,16}")
LISTED = re.compile(
    r"(?:左右|以上|以下|以内)?\s*(?:[、,，和与及]|以及)\s*(?:约|近|超过?|不低于|不少于|至少)?\s*"
)
LEAD = re.compile("^(?:其中|预计|实现|完成|开工建设|建成)+")
TRAIL = re.compile("(?:达到?|为|约|超过?|突破|均)+$")
TREND = re.compile("(?:增长|增幅|下降|提高|增加)$")
PAIRED = re.compile("城镇|农村|城市|乡村|城区|市区|国内|国外|内资|外资|进口|出口|[一二三]")
PAIRED_AT_END = re.compile(f"(?:{PAIRED.pattern})$")
SENTENCE_END = re.compile("[。；;！!？?\n]")
CLASS = re.compile("亿(?:产业|项目|企业|集群)")  # of yuan
EXACT = Context(prec=40)
AS_TYPED = Context(prec=30)  # more than a figure can have: this undoes the rounding of a mu


# Reading numbers.


def read_number(number: str) -> Decimal | None:
    """The value of a numeral in digits, Chinese or English; None where it is not one number."""
    if "点" in number:
        whole, _, rest = number.partition("点")
        integer = read_number(whole)
        number = re.sub("[零一二三四五六七八九]", lambda digit: str(SMALL[digit[0]]), rest)
        number = f"{integer}.{number}"
    if _AMBIGUOUS.search(number):
        return None
    tokens: list[tuple[Decimal, bool]] = []
    for word in _TOKEN.findall(number.lower()):
        digits = word.replace(",", "")
        if word in _POWERS:
            tokens.append((Decimal(f"1e{_POWERS[word]}"), True))
        elif word in SMALL:
            tokens.append((Decimal(SMALL[word]), False))
        elif word[0].isdigit() and len(digits) <= 18 and not re.match("0[0-9]", digits):
            tokens.append((Decimal(digits), False))
        elif word != "and":
            return None
    return _evaluate(tokens) if len(tokens) <= 32 else None


def _evaluate(tokens: list[tuple[Decimal, bool]], *, leading: bool = True) -> Decimal | None:
    """The number these (value, is a scale) spell: what precedes the largest scale multiplies it."""
    scales = [value for value, is_scale in tokens if is_scale]
    if not scales:
        match [value for value, _ in tokens]:
            case [value]:
                return value
            case [tens, ones] if ones < 10 and tens in (0, *range(20, 100, 10)):
                return EXACT.add(tens, ones)  # 零五, fifty-five
        return None
    scale = max(scales)
    at = tokens.index((scale, True))
    left, right = tokens[:at], tokens[at + 1 :]
    implied = Decimal(1) if leading or scale == 10 else None  # 百亿, 二百十五, but not 千百
    many = _evaluate(left, leading=leading) if left else implied
    rest = _evaluate(right, leading=False) if right else Decimal(0)
    if not many or rest is None or rest >= scale or (right and many % 1):
        return None
    return EXACT.add(EXACT.multiply(many, scale), rest)


def decimal(amount: Decimal, factor: Fraction, context: Context = EXACT) -> Decimal:
    product = Fraction(amount) * factor
    return context.divide(Decimal(product.numerator), Decimal(product.denominator))

"""A question in Chinese or English, alone or in a conversation, to a `Query`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from rag.errors import QuestionError
from rag.search.compound import items_of, questions_of
from rag.search.measure import asked_units, asks_name
from rag.search.overview import may_be_asked, overview_asked
from rag.search.places import PlaceNames
from rag.search.report_details import details_asked
from rag.types import Kind, Language, Query, ReportInfo, Turn

MAX_CHARACTERS = 2000

_CJK = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH = re.compile(
    r"\b(?:what|which|how|who|when|where|why|the|in|of|did|do|does|is|was|were|are|for|and|to|by|"
    r"about|much|many|please|tell|list|compare|there|than)\b",
    re.IGNORECASE,
)
# A year that a question names.
YEAR = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?!\d|\.\d)")
_YEAR_WORDS = re.compile(r"(?:\b(?:in|for|of)\s+)?(?<![\d.])(?:19|20)\d\d(?!\d|\.\d)年?")
_LEAD_IN = re.compile(
    r"^(?:那么?|and|but|so|then|ok|okay|also|what about|how about|[\s,])+", re.IGNORECASE
)
# Spoken words of asking, as they are written.
_WRITTEN = {
    "啥时候": "什么时候", "为啥": "为什么", "啥": "什么", "咋样": "怎么样", "咋": "怎么",
    "几时": "什么时候", "多会儿": "什么时候", "哪儿": "哪里", "头一期": "一期",
    "多大数": "多少金额", "多少号人": "多少人", "几多": "多少",
    "几口人": "多少人", "哪月": "哪个月", "几块钱": "多少钱",
}  # fmt: skip
_COLLOQUIAL = re.compile(f"(?<![十好])(?:{'|'.join(sorted(_WRITTEN, key=len, reverse=True))})")
# "固定资产投了多少钱" asks for the investment in them.
_FIXED_ASSETS = re.compile("固定资产(?=(?:计划|打算|准备|一共|总共|今年|想|要)*[投砸花](?!资|标))")
_SHORT = {
    "zh": 12,
    "en": 45,
}  # characters: a question this short without a place leans on the one before
_ZH_YEAR = re.compile(r"([一二三四五六七八九〇零]{4})年")
_ZH_DIGITS = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_YEAR_SPAN = re.compile(r"((?:19|20)\d\d)年?\s*(?:-|–|—|~|至|到|to|through|and)\s*((?:19|20)\d\d)")
# "19年目标" is of 2019, "近19年" and "19年来" are spans.
_SHORT_YEAR = re.compile(
    r"(?<![\d.近过前第满共达用历])([012]\d)年(?!来|内|间|期|多|前|后|以|的?时间|\d)"
)
_FIVE_YEAR_PLANS = {"十二五": 2011, "十三五": 2016, "十四五": 2021, "十五五": 2026}
_EN_FIVE_YEAR = {"12th five": 2011, "13th five": 2016, "14th five": 2021, "15th five": 2026}
# "2019年政府工作报告" names a report, not the year of the data asked for.
_REPORT_YEAR = re.compile(
    r"((?:19|20)\d\d)年?\s*(?:[\u4e00-\u9fff]{0,10}?(?:政府)?工作(?:报告|总结|计划|思路)"
    r"|(?:[\w'’]+\s){0,4}(?:government\s+)?(?:work\s+)?(?:report|plan document))",
    re.IGNORECASE,
)
# Of these, the reports that look back on the year before; a plan or a summary is of its own year.
_WORK_REPORT = re.compile(
    r"((?:19|20)\d\d)年?\s*(?:[\u4e00-\u9fff]{0,6}?(?:政府)?工作报告"
    r"|(?:[\w'’]+\s){0,3}?(?:government\s+)?(?:work\s+)?report\b)",
    re.IGNORECASE,
)
_REPORT_OF = re.compile(
    r"((?:19|20)\d\d)年?的?(?:政府)?报告|\breport,? (?:(?:of|for|from|given in|in) )?((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_LOOKS_BACK = re.compile(
    r"去年|上一?年|完成了|实现了|\blast year\b|\b(?:did|was|were|had)\b", re.IGNORECASE
)

_PLAN = re.compile(
    r"目标|预期|计划|力争|打算|拟|准备|规划|安排|思路|争取(?!到)|希望|将要?(?!近|军)|要(?:新增|完成|实现|建|做|培育|达到|引进|创建)|预计|部署|任务|想要?(?![到请问知了核确查看])"
    r"|\b(?:targets?|targeted|targeting|goals?|aim|aims|aimed|aiming|plan|plans|planned|planning|intend|intends|intended|expect|expects|"
    r"expected|forecast|projected|will|going to|hope|hopes|hoped|hoping|set out|seek|seeks|sought|striving|strive|strove|pursuing|pledged?|"
    r"want|wants|wanted|should|supposed to|ambitions?)\b"
    # "are to be built", "how many is Ruian to build", but not "were released to restore"
    r"|\b(?:was|were|is|are) (?:(?:(?-i:[A-Z])[\w'’-]*|the|its|zone|city|park|district|area|it|they) )*to (?!(?:the|an?|its|their|this|that|wh\w+)\b)\w+",
    re.IGNORECASE,
)
_ACTUAL = re.compile(
    r"实现了|完成了|达到了|实际(?!利用|到位|到账|使用)|实绩|结果|完成情况|已经|最终|最后到底|到底做到|实打实|真正[增涨实完达到]|去年"
    r"|\breally(?! (?:plan|intend|want|aim))|\b(?:achieved|actual|actually|results?|realised|realized|outcome|in the end|eventually|in fact|in reality|ended up)\b",
    re.IGNORECASE,
)
_PLAN_NOUNS = re.compile(
    r"(?:目标任务|计划生育|规划局|人才新政|行动计划|总体规划|发展规划|城市规划|Five-Year Plan)"
    # Whether a target was met is asked of a result.
    r"|\b(?:targets?|tasks?)(?: (?:was|were|been|is|are|has|have|not|fully))+ (?:met|achieved|fulfilled"
    r"|completed|exceeded)\b|\b(?:was|were) the (?:[\w-]+ ){0,3}(?:targets?|tasks?) (?:fully )?met\b",
    re.IGNORECASE,
)
_LISTING = re.compile(
    r"哪些(?:报告|地方|地区|开发区|市|区|文件)|哪(?:几|些)[份个篇家](?:报告|地方|地区)|各(?:个)?(?:报告|地|地区|开发区)(?!块)|哪份报告|哪个(?:地方|地区|报告|开发区)"
    r"|所有报告|五份报告|每份报告"
    r"|\b(?:which|what|list|all|any|each|every|in how many)\b(?:\s\w+){0,2}\s(?:reports?|places|zones|cities|areas(?! of\b)|documents)\b",
    re.IGNORECASE,
)
_FOLLOW_UP = re.compile(
    r"^(?:那|那么|它|他们|这|该|同期|同一年|还有|另外|再|而|换成|如果是|其|其中|上一年|前一年|次年|后一年|第二年)|呢\s*\??$"
    r"|^(?:and|what about|how about|but|then|also|ok|okay|so|same)\b"
    r"|\b(?:that year|there|it|its|they|their|the same|those|the year before|the previous year|the following year)\b",
    re.IGNORECASE,
)
_SAME_PLACE = re.compile(
    r"[本全我该](?:区|市|县|园区)|当地|\b(?:there|its|their|the zone|the city|the park)\b",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(
    r"上一年|前一年|去年|上年|the (?:previous year|year before|prior year)|last year", re.IGNORECASE
)
_YEAR_AFTER = re.compile(
    r"次年|后一年|下一年|第二年|明年|the (?:following|next) year|next year|year after",
    re.IGNORECASE,
)
# What people say around a question: greetings, thanks, what they need it for.
_ZH_FRAME = re.compile(
    r"^(?:您好|你好|请问|早上好|下午好|大家好|谢谢|多谢|感谢|麻烦|打扰|不好意思|急用|在线等|想(?:请教|核实|问|了解|知道|确认|查)|领导"
    r"|我(?:们)?(?:在|想|要|正|是|需)|帮|请(?:帮|教|告)|写稿|做(?:研究|报告|课题))"
)
_ZH_CLAUSE_END = re.compile(r"[,。:;!?\n]+")
_ZH_LEAD = re.compile(
    r"^(?:请问|请教一下|请教|麻烦(?:您|你)?|请(?:您|你)?|帮(?:我|忙))?(?:我)?(?:想)?(?:请问|请教|问|查|核实|了解|知道|确认|告诉我)(?:一?下)?"
)
_EN_FRAME = re.compile(
    r"^.*?\b(?:I(?:'d| would)? (?:need|want|like) to (?:know|check|confirm|find out)"
    r"|(?:could|can|would) you (?:please )?(?:tell me|confirm|check|say)|please tell me|tell me"
    r"|do you (?:happen to )?know|I (?:wonder|am wondering)|just checking)\b[,:]?\s*"
    r"|\b(?:good (?:morning|afternoon|evening)|hello|hi there|dear all|(?:many )?thanks(?: in advance| a lot)?|thank you(?: very much)?|please|cheers)\b[,.!]*",
    re.IGNORECASE,
)
_EMPTY_WORDS = re.compile(
    r"那么|那|呢|吗|它|该|还有|另外|同期|换成|如果是|怎么样|如何|是多少|多少|什么|情况|的|了|在|是|年|有|又"
    r"|\b(?:and|what|about|how|but|then|also|so|ok|okay|the|in|of|for|is|was|were|are|did|do|it|its|there|that|same|"
    r"year|please|tell|me|much|many|question|whats)\b"
    r"|['’]s\b|[\s,。.?!:;、'’\"“”()-]",
    re.IGNORECASE,
)
# What is asked of something that is named elsewhere, and the asking that a subject ends or begins
# with.
_OF_SOMETHING = re.compile(
    r"同比|比(?:上一?年|去年|前一?年)|增长|增加|增速|增幅|上升|下降|提高|减少|降低|回落|涨幅|降幅|[涨跌升降增减]"
    r"|幅度|人均|占比|比重|比例|份额|占|百分之|百分点|几个?点|金额|总额|数额|总面积|面积|规模|数量|排名?|位次|名次|第几|第"
    r"|培育|新增|引进|新?建成?|开工|竣工|投用|改造|创建"
    r"|[全本]?[省市区县国](?:里|内)?|时间|时候|哪一?[年月天]|几月|几号|[几亿万元个家项座户套条件人名位所处台亩公里顷平方米吨高大钱]"
    r"|\b(?:gr[eo]w\w*|ris(?:e|es|ing|en)|rose|increas\w+|f[ae]ll\w*|declin\w+|drop\w*|rates?|percent\w*"
    r"|amount|value|total|share|by|fast|high|large|big|far|figure|come|came|they|their|them|to|at|when|where|rank\w*"
    r"|add(?:ed)?|cultivated?|nurtured?|attract(?:ed)?|buil[dt]|finish(?:ed)?|completed?|after"
    r"|place|the city|province)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"(?:分别|各|又|会|要)?(?:是|有|为|达到?|到)?了?(?:多少|百分之?几|第?几)(?:[万亿千百]|个?百分点)*"
    r"(?:元|美元|[家个项座户套条件人名位所处台亩吨]|公里|公顷|平方米)?|哪.*$|呢$"
    r"|^(?:how (?:much|many|fast)|what|which)\b(?: (?:was|is|were|are|did|does|do|has|have))?\s*(?:['’]s\b)?",
    re.IGNORECASE,
)
_EN_EXCLUDED = re.compile(
    r"[,(]\s*(?:but )?(?:not (?:just |counting |including )?|excluding |without )(?!only|to\b)(?:the )?"
    r"[\w\s-]{3,40}(?=[,)?.]|$)",
    re.IGNORECASE,
)
_EXCLUDED = re.compile(
    r"(?:(?<!是)不是|不算|不含|不包括|不包含)"
    r"((?:(?!而是|多少|几|哪|什么|吗|吧|呢)[\u4e00-\u9fff、]){2,16}?)"
    r"(?:那一?[个块项部]分?|这一?[个块项部]分?|在内|的话)?(?=[,;。?!)）]|$)"
)


def fold(text: str) -> str:
    """Full-width letters, digits and punctuation to half-width ones, traditional characters to
    simplified ones, Chinese-numeral years to digits."""
    half = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)
    half = half.replace("\u3000", " ")
    simplified = str(_converter().convert(half)) if _CJK.search(half) else half
    years = _ZH_YEAR.sub(lambda m: "".join(_ZH_DIGITS[c] for c in m[1]) + "年", simplified)
    return years.strip()


def language_of(text: str) -> Language:
    """ "en" for a sentence with English function words, "zh" for one with Chinese characters."""
    characters, words = len(_CJK.findall(text)), len(_ENGLISH.findall(text))
    if characters == 0:
        return "en"
    return "en" if words >= 2 and characters < 6 * words else "zh"


def understand(question: str, names: PlaceNames, history: Sequence[Turn] = ()) -> Query:
    """What a question asks for; earlier user turns fill in what it leaves out.

    Raises QuestionError if it is empty or longer than MAX_CHARACTERS.
    """
    if not question.strip():
        raise QuestionError(
            "The question is empty; ask something, for example: 瑞安2018年的生产总值是多少?"
        )
    if len(question) > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {len(question)} characters; ask it in at most {MAX_CHARACTERS}."
        )
    query = _understand_alone(question, names)
    before = _last_question(history, names)
    parts = _parts(query, before, names)
    if before:  # what its first question leans on, the whole message does
        query = _complete(query, before, names, leans=bool(parts) and not query.places)
        if not parts and query.subject == before.subject:  # "and in 2019?"
            parts = _parts(query, None, names)
    if may_be_asked(query, len(names.places)):
        query = replace(query, overview=overview_asked(query.subject))
    return query if query.details else replace(query, parts=parts)


def _parts(whole: Query, before: Query | None, names: PlaceNames) -> tuple[Query, ...]:
    """The questions of a message that asks several things of one place and year each; what one of
    them leaves out is taken from the one before it. Empty for any other message."""
    parts: list[Query] = []
    one = len(whole.places) <= 1 and len(whole.years) <= 1
    texts = questions_of(whole.standalone) or (items_of(whole.standalone) if one else ())
    for text in texts:
        alone = _understand_alone(text, names)
        if parts:
            alone = _complete(alone, parts[-1], names, leans=True)
        elif before:
            alone = _complete(alone, before, names)
        parts.append(
            replace(
                alone,
                language=whole.language,
                places=alone.places or (whole.places if not alone.unknown_places else ()),
                years=alone.years or whole.years,
            )
        )
    takes_apart = all(
        len(p.places) <= 1 and len(p.years) <= 1 and not p.unknown_places and not p.listing
        for p in parts
    )
    return tuple(parts) if takes_apart else ()


def _understand_alone(question: str, names: PlaceNames) -> Query:
    written = _COLLOQUIAL.sub(lambda found: _WRITTEN[found[0]], fold(question))
    text = _SHORT_YEAR.sub(r"20\1年", _without_frame(written, names))
    text = _FIXED_ASSETS.sub("固定资产投资", text)
    places = names.find(text)
    return Query(
        question=question,
        standalone=text,
        subject=_subject(places.text),
        language=language_of(question),
        places=places.known,
        unknown_places=places.unknown,
        years=_years(text),
        kind=kind_of(text),
        units=asked_units(text),
        asks_name=asks_name(text),
        listing=bool(_LISTING.search(text)),
        details=details_asked(text),
    )


def _without_frame(text: str, names: PlaceNames) -> str:
    """A question without greetings, thanks and what it is needed for, unless they name a place or
    a year."""
    if not _CJK.search(text):
        shorter = _EN_FRAME.sub(
            lambda m: m[0] if YEAR.search(m[0]) or names.find(m[0]).text != m[0] else " ", text
        )
        return " ".join(shorter.split()) if re.search(r"\w", shorter) else text
    clauses = [clause.strip() for clause in _ZH_CLAUSE_END.split(text) if clause.strip()]
    framing = [
        clause
        for clause in clauses
        if _ZH_FRAME.match(clause) and not _names_anything(clause, names)
    ]
    kept = text
    if len(framing) < len(clauses):
        for clause in framing:
            kept = kept.replace(clause, "", 1)
    kept = kept.lstrip(" ,。:;!?")
    return _ZH_LEAD.sub("", kept).lstrip(" ,。:;!") or text


def _names_anything(clause: str, names: PlaceNames) -> bool:
    """Whether a clause asks something or names a place or a year."""
    asks = bool(asked_units(clause)) or asks_name(clause) or "多少" in clause
    return asks or bool(YEAR.search(clause)) or names.find(clause).text != clause


def _last_question(history: Sequence[Turn], names: PlaceNames) -> Query | None:
    """The last user turn, itself made whole from those before it."""
    asked = [turn.content for turn in history if turn.role == "user" and turn.content.strip()][-4:]
    query: Query | None = None
    for content in asked:
        alone = _understand_alone(content[:MAX_CHARACTERS], names)
        query = _complete(alone, query, names) if query else alone
    return query


def _complete(query: Query, before: Query, names: PlaceNames, *, leans: bool = False) -> Query:
    """Carry place, year, kind and subject over from the question before, where they are missing;
    one of the same message always `leans` on it."""
    text = query.standalone
    is_short = len(text) <= _SHORT[query.language] and not query.places
    follows = (leans or bool(_FOLLOW_UP.search(text)) or is_short) and not query.listing
    if not follows and not _SAME_PLACE.search(text):
        return query
    places = query.places or (() if query.unknown_places else before.places)
    years = query.years
    if not years:
        shift = -1 if _YEAR_BEFORE.search(text) else 1 if _YEAR_AFTER.search(text) else 0
        years = tuple(year + shift for year in before.years)
    core = _YEAR_AFTER.sub(" ", _YEAR_BEFORE.sub(" ", _YEAR_WORDS.sub(" ", names.find(text).text)))
    kind = query.kind or before.kind
    plain = _PLAN.sub("", _ACTUAL.sub("", core))
    if not _EMPTY_WORDS.sub("", plain):
        core = before.subject
        if query.kind and query.kind != before.kind:
            core = (_ACTUAL if query.kind == "plan" else _PLAN).sub(" ", core)
    elif not _EMPTY_WORDS.sub("", _OF_SOMETHING.sub("", plain)):  # "by how much did it grow?"
        core = f"{_ASKING.sub('', before.subject)} {core.strip()}"
    return replace(
        query,
        standalone=_phrase(query.language, places, years, kind, core, names),
        subject=_subject(core),
        places=places,
        unknown_places=query.unknown_places,
        years=years,
        kind=kind,
        units=query.units or (before.units if core == before.subject else ()),
        asks_name=query.asks_name or (before.asks_name and not query.units),
    )


def _phrase(
    language: Language,
    places: Sequence[str],
    years: Sequence[int],
    kind: Kind | None,
    core: str,
    names: PlaceNames,
) -> str:
    """The standalone question: place, year, subject, and whether a target is meant."""
    core = _LEAD_IN.sub("", " ".join(core.split())).strip(" ,。?呢那")
    if language == "zh":
        where = "和".join(places)
        when = "、".join(f"{year}年" for year in years)
        goal = "目标" if kind == "plan" and not _PLAN.search(core) else ""
        return f"{where}{when}{core}{goal}?"
    where = " and ".join(names.english(place) for place in places)
    when = " and ".join(map(str, years))
    goal = "target" if kind == "plan" and not _PLAN.search(core) else ""
    return ", ".join(part for part in (f"{core} {goal}".strip(), where, when) if part) + "?"


def _subject(text: str) -> str:
    """What is asked for, of a text without names of places, and not what it says is not meant;
    growth of the economy is that of its output."""
    text = re.sub("经济(?=增长|增速)", "生产总值", _EXCLUDED.sub("", _EN_EXCLUDED.sub("", text)))
    return _LEAD_IN.sub("", " ".join(_YEAR_WORDS.sub(" ", text).split())).strip(" ,。?呢那")


def _years(text: str) -> tuple[int, ...]:
    without_reports = text
    for found in _REPORT_YEAR.finditer(text):
        # Only where another year says what the data is of: "2019年报告里的2018年GDP".
        if len(set(YEAR.findall(text))) > 1:
            without_reports = without_reports.replace(found[0], found[0].replace(found[1], ""))
    years = [int(year) for year in YEAR.findall(without_reports)]
    if span := _YEAR_SPAN.search(without_reports):
        first, last = int(span[1]), int(span[2])
        if first < last <= first + 10 and "and" not in span[0]:
            years += range(first, last + 1)
    lowered = text.lower()
    for table in (_FIVE_YEAR_PLANS, _EN_FIVE_YEAR):
        for name, first in table.items():
            if name in lowered and not years:
                years += range(first, first + 5)
    return tuple(sorted(set(years)))


def report_year(text: str) -> str:
    """The year that a question names as that of a report ("the 2019 report"); "" if none."""
    found = _WORK_REPORT.search(text) or _REPORT_OF.search(text)
    return next(filter(None, found.groups())) if found else ""


def of_year_reviewed(query: Query, reports: Sequence[ReportInfo]) -> Query:
    """A query that names a year only as that of a report, and asks what was, with the year which
    that report reviews: "in its 2019 report, how many did Ruian close?" is of 2018."""
    found = _WORK_REPORT.search(query.standalone)
    if not found or query.years != (int(found[1]),) or query.kind == "plan":
        return query
    own = [r for r in reports if not query.places or r.place.zh in query.places]
    given = [r for r in own if r.date[:4] == found[1] and r.reviews]
    if not given or given[0].reviews >= found[1] or any(r.reviews == found[1] for r in own):
        return query
    if not _LOOKS_BACK.search(query.standalone):
        return query
    years = (int(given[0].reviews),)
    parts = (replace(p, years=years) if p.years == query.years else p for p in query.parts)
    return replace(query, years=years, parts=tuple(parts))


def kind_of(text: str) -> Kind | None:
    """ "plan" or "actual" where the words of a question say so; None if neither or both."""
    cleaned = _PLAN_NOUNS.sub(" ", text)
    plan, actual = bool(_PLAN.search(cleaned)), bool(_ACTUAL.search(cleaned))
    if plan == actual:
        return None
    return "plan" if plan else "actual"


@lru_cache(maxsize=256)
def excluded_words(question: str) -> frozenset[str]:
    """What a Chinese question says it does not mean ("不算百姓书屋、文化驿站")."""
    return frozenset(
        words
        for found in _EXCLUDED.finditer(question)
        for words in re.split("[、和与及]", found[1])
        if len(words) > 1
    )


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")

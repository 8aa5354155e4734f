"""What a question takes for granted, held against what the report says.

A question may assert a figure ("is it true that it grew by 9%?"), a direction ("why did exports
fall?"), a result where there is only a plan, or a missed target. Only what is certain is judged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from rag.answer.claims import Claim, claims
from rag.answer.comparison import is_apt
from rag.answer.evidence import Evidence
from rag.answer.figures import Figure, exact_values, find_figures
from rag.answer.scope import clauses_of
from rag.corpus.sentences import source_sentences
from rag.search.retrieve import Retriever
from rag.search.terms import Terms
from rag.types import Language, Query

Form = Literal["why", "whether", "other"]
Direction = Literal["rise", "fall"]
Ruling = Literal["holds", "otherwise", "rise", "fall", "met", "plan", "unexplained"]

_WHY = re.compile(
    r"为什么|为何|为啥|凭什么能|靠的?是(?:什么|啥)(?=办法|[?,。]|$)|因何|何以|怎么会|原因|缘故|依据是|出于什么"
    r"|何故|背后是什么|\bwhy\b|\bhow come\b|\bwhat (?:caused|led to|drove|explain\w*)\b"
    r"|\bwhat (?:lay|lies|was|is|stood|stands) behind\b|\bwhat account(?:s|ed) for\b"
    r"|\breasons? (?:for|why|behind)\b|\b(?:reason|cause)s? (?:of|was|were)\b",
    re.IGNORECASE,
)
_WHETHER = re.compile(
    r"吗|吧(?=[?,。\s]|$)|对不对|是不是|是否|真的|属实|没错"
    r"|^(?:(?:so|and|but),? )?(?:is it (?:true|right|correct)|i (?:read|heard)"
    r"|did|was|were|is|are|has|have|had|does|do)\b"
    r"|\b(?:right|correct|true|no)\s*\?"
    r"|\b(?:isn't|wasn't|didn't|aren't|weren't|hasn't) (?:it|they|that)\b",
    re.IGNORECASE,
)
_RISE = re.compile(
    r"增长|上升|上涨|提高|提升|增加(?!值)|攀升|走高|多了|[上飞大]涨|涨了"
    r"|\b(?:rose|ris(?:e|es|en|ing)|grew|grow(?:s|n|ing|th)?|increas\w*|climb\w*"
    r"|(?:went|was|were|go|goes|gone|edged) up)\b",
    re.IGNORECASE,
)
_FALL = re.compile(
    r"负增长|下降|下滑|下跌|减少|降低|回落|走低|缩水|萎缩|少了|大跌|跌了|降了|缩短|压减|削减"
    r"|\b(?:fell|fall(?:s|en|ing)?|declin\w*|decreas\w*|drop(?:s|ped|ping)?|shr[aiu]nk\w*"
    r"|slump\w*|(?:went|was|were|go|goes|gone|edged|came|come) down)\b",
    re.IGNORECASE,
)
_MISSED = re.compile(
    r"(?:没有?|未|未能|没能|不能)(?:能)?(?:够)?(?:完成|达到|达成|实现|兑现)|落空|不达标|未达标"
    r"|\bmiss(?:ed|ing)?\b|\bf[ae](?:il|ll)\w* (?:to (?:meet|reach|achieve|hit)|short)"
    r"|\b(?:did|could|was|were)(?:n't| not)(?: able to)? (?:meet|reach|achieve|hit|complete)",
    re.IGNORECASE,
)
_TARGET = re.compile(r"目标|任务|指标|计划|\b(?:targets?|goals?|plans?|tasks?)\b", re.IGNORECASE)
_ALL = re.compile("(?:全年|各项|所有)(?:的)?(?:目标|任务)")
_MET = re.compile(
    r"(?:超额|较好地?|圆满|全面|顺利)完成了?.{0,12}?(?:目标|任务)|完成.{0,8}?任务(?:的)?1\d\d"
)
_REASON = re.compile(
    "因为|由于|受.{1,60}?影响|得益于|归功于|原因|导致|引起|所致|为了|以便|旨在|倒逼|缘于|有赖于"
)
_NOT_SO = re.compile("尚未|仍未|还未|还没|并未|未能|没能|尚无")
_ASKS_NOT = re.compile(
    r"(?<!有)没(?!错|收)|(?<!而)未(?!来|成年)|(?<![是能够])不(?:是|曾|能|够|再|了|具备|存在)|缺|尚无|有待"
    r"|\bnot\b(?! (?:only|less|more|fewer)\b)(?<!or not)|n['’]t\b(?! (?:it|they|that)\b)"
    r"|\bcannot\b|\bnever\b|\bno(?= \w)|\bfail|\black|\byet to\b|\bwithout\b",
    re.IGNORECASE,
)
_EXPECTS_YES = re.compile(r"^(?:(?:so|and|but),? )?\w+n['’]t\b", re.IGNORECASE)
_MEANS = re.compile("靠的?是")
_PLAINLY = 0.6  # of what a sentence holds of the question that one of several figures must hold
_LEAST = 0.4  # of the whole question
_LESS = 0.05  # of one word
_OF_THIS = 0.5  # of the words for a target that the sentence which says it was met must hold
_MONEY = ("CNY", "USD")
_CLEARLY = 0.1  # by how much more, where its figure is another than the one asserted
_ABOUT = Fraction(1, 20)  # how far "about" may be off


@dataclass(frozen=True)
class Premise:
    """What was found of a premise, and the sentence that shows it."""

    ruling: Ruling
    evidence: Evidence
    form: Form

    @property
    def is_false(self) -> bool:
        """Whether the report says otherwise."""
        return self.ruling in ("otherwise", "rise", "fall", "met", "plan")

    def lead(self, language: Language) -> str:
        """The line above the quotation."""
        zh = language == "zh"
        if self.ruling == "holds":
            return "是\uff0c报告原文\uff1a" if zh else "Yes, in the words of the report:"
        if self.ruling == "plan":
            return (
                "报告把这写作计划\uff0c没有写作结果\uff1a"
                if zh
                else "The report gives this as a plan, not as a result:"
            )
        if zh:
            no = "否" if self.form == "whether" else "前提与报告不符"
            return f"{no}\uff0c报告说的是{_SAID_ZH[self.ruling]}\uff1a"
        no = "No" if self.form == "whether" else "The premise does not hold"
        return f"{no}; the report {_SAID_EN[self.ruling]}:"


_SAID_ZH = {"otherwise": "", "rise": "增长", "fall": "下降", "met": "完成"}
_SAID_EN = {
    "otherwise": "says",
    "rise": "tells of a rise",
    "fall": "tells of a fall",
    "met": "tells of targets met",
}


def form_of(query: Query) -> Form:
    """Whether a question asks why, whether, or anything else."""
    if _WHY.search(query.standalone):
        return "why"
    return "whether" if _WHETHER.search(query.standalone) else "other"


def with_unit(query: Query) -> Query:
    """The question with the unit of the one figure it asserts, where it asks for no other."""
    quantities = [figure for figure in _asserted(query) if figure.role == "quantity"]
    if query.units or form_of(query) == "other" or len(quantities) != 1:
        return query
    unit = _kind(quantities[0])
    return replace(query, units=_MONEY if unit in _MONEY else (unit,), asks_name=False)


def without_assertion(query: Query) -> Query:
    """The question without the direction and the figure it takes for granted, which would draw it
    to sentences that say the same of something else."""
    if form_of(query) == "other":
        return query
    subject = _WHETHER.sub(" ", query.subject)
    for figure in _asserted(query):
        subject = subject.replace(figure.text, " ")
    if direction_of(query.standalone) is not None:
        subject = _FALL.sub(" ", _RISE.sub(" ", subject))
    return replace(query, subject=subject)


def as_outcome(query: Query) -> Query:
    """A question that takes a target to have been missed is one about the result."""
    return replace(query, kind="actual") if asks_outcome(query) else query


def asks_not(question: str) -> bool:
    """Whether a question is in the negative; "isn't it ...?" expects a yes."""
    return bool(_ASKS_NOT.search(_EXPECTS_YES.sub("", question)))


def asks_reason(query: Query) -> bool:
    """Whether a question asks why, and not by what means."""
    return form_of(query) == "why" and not _MEANS.search(query.standalone)


def asks_outcome(query: Query) -> bool:
    """Whether a question takes a target to have been missed."""
    return bool(_MISSED.search(query.standalone) and _TARGET.search(query.standalone))


def judge(query: Query, evidence: Evidence, terms: Terms) -> Premise | None:
    """What the best evidence says of what a question takes for granted; None if nothing certain."""
    form = form_of(query)
    if asks_outcome(query):
        return Premise("met", evidence, form) if _MET.search(evidence.span.text) else None
    if form != "other" and not asks_not(query.standalone) and _denies(evidence, terms):
        return Premise("otherwise", evidence, form)
    figures = _asserted(query)
    direction = direction_of(query.standalone)
    if form == "other" and (direction is None or query.kind == "plan"):
        figures = [figure for figure in figures if figure.role == "ordinal"]
    found = _own_claim(figures[0] if len(figures) == 1 else None, query, evidence, terms)
    if found is None:
        return None
    evidence = replace(evidence, claim=found)
    said = _direction_said(found, evidence.span.text)
    if direction and said and direction != said:
        return Premise(said, evidence, form)
    if len(figures) == 1 and (form != "other" or figures[0].role == "ordinal"):
        if not _bears_out(figures[0], found.figure):
            return Premise("otherwise", evidence, form)
        if _is_only_planned(query, evidence):
            return Premise("plan", evidence, form)
    if len(figures) > 1 or not (figures or (direction and said)):
        return None
    if form == "why" and not gives_reason(evidence):
        return Premise("unexplained", evidence, form)
    plain = not (_is_only_planned(query, evidence) or asks_not(query.standalone))
    return Premise("holds", evidence, form) if form == "whether" and plain else None


def _denies(evidence: Evidence, terms: Terms) -> bool:
    """Whether the clause that the question's words stand in says that it is not so."""
    clause = max(clauses_of(evidence.span.text), key=terms.coverage)
    return bool(_NOT_SO.search(clause)) and terms.coverage(clause) >= _LEAST


def _asserted(query: Query) -> list[Figure]:
    """The figures that a question itself names, but for years and other dates."""
    found = find_figures(query.standalone)
    return [f for f in found if f.role in ("quantity", "ordinal") and not f.masked]


def direction_of(text: str) -> Direction | None:
    """The direction that words tell of; None if of neither or of both."""
    falls = bool(_FALL.search(text))
    rises = bool(_RISE.search(text.replace("负增长", "").replace("增长目标", "")))
    if falls == rises:
        return None
    return "fall" if falls else "rise"


def _own_claim(
    asserted: Figure | None, query: Query, evidence: Evidence, terms: Terms
) -> Claim | None:
    """The figure that a sentence gives for what is asked, of the kind of the one asserted; None
    where it is not plain which one that is."""
    found = [
        (terms.coverage(claim.subject), claim)
        for claim in claims(evidence.span.text)
        if (_same_kind(asserted, claim.figure) if asserted else claim.figure.role == "quantity")
        and is_apt(claim, query)
    ]
    best = max((own for own, _ in found), default=0.0)
    if not found or (len(found) > 1 and best < max(_LEAST, _PLAINLY * evidence.coverage)):
        return None
    plain = [claim for own, claim in found if own == best]
    if asserted is None:
        moved = (claim for claim in plain if _direction_said(claim, evidence.span.text))
        return next(moved, plain[0])
    chosen = next((c for c in plain if _bears_out(asserted, c.figure)), plain[0])
    whole = _whole_subjects(evidence.span.text)
    ours = terms.shares(whole[chosen])
    if any(_says_more(terms.shares(whole[rival]), ours) for _, rival in found):
        return None
    equal = [own for own, claim in found if _bears_out(asserted, claim.figure)]
    return None if equal and 0 < best - max(equal) < _CLEARLY else chosen


def _says_more(theirs: Sequence[float], ours: Sequence[float]) -> bool:
    """Whether a figure's words hold a word of the question that those of the chosen one lack."""
    return any(mine + _LESS < their for mine, their in zip(ours, theirs, strict=True))


def _whole_subjects(sentence: str) -> dict[Claim, str]:
    """What each figure is of, with what it leaves to the item before it in a list: in
    "工业项目开工55个、竣工35个" both are of industrial projects."""
    whole: dict[Claim, str] = {}
    before: Claim | None = None
    for claim in claims(sentence):
        listed = before and sentence.startswith("\u3001", before.figure.end)
        head = f"{whole[before]} " if before and listed else ""
        whole[claim] = head + claim.subject
        before = claim
    return whole


def _same_kind(one: Figure, other: Figure) -> bool:
    kinds = {_kind(one), _kind(other)}
    return one.role == other.role and len(kinds) == 1 and not other.masked


def _kind(figure: Figure) -> str:
    """The unit without a measure word; a bare 30亿 is a sum."""
    bare = "CNY" if "亿" in figure.text or "billion" in figure.text else "count"
    return figure.unit.partition(":")[0] or bare


def _bears_out(asserted: Figure, source: Figure) -> bool:
    """Whether the source's figure is the one asserted, or within the bounds it is asserted in."""
    wanted, there = exact_values(asserted)[0], exact_values(source)[0]
    match asserted.bound:
        case "over" | "at_least" if source.bound == "exact":
            return there >= wanted
        case "under" | "at_most" if source.bound == "exact":
            return there <= wanted
        case "about":
            return abs(there - wanted) <= abs(wanted) * _ABOUT
    return there == wanted


def _direction_said(claim: Claim, text: str) -> Direction | None:
    """The direction in which a figure of a report went."""
    return direction_of(claim.subject) or direction_of(
        text[claim.clause.start : claim.figure.start]
    )


def _is_only_planned(query: Query, evidence: Evidence) -> bool:
    """Whether the report only plans what the question does not call a plan."""
    return evidence.passage.paragraph.kind == "plan" and query.kind != "plan"


def gives_reason(evidence: Evidence) -> bool:
    """Whether a sentence or one beside it says why."""
    spans = source_sentences(evidence.passage.paragraph.text)
    at = next((n for n, span in enumerate(spans) if span == evidence.span), 0)
    return any(_REASON.search(span.text) for span in spans[max(0, at - 1) : at + 2])


def outcome(query: Query, ranked: Sequence[Evidence], retriever: Retriever) -> Evidence | None:
    """The sentence that says that the target in question, or all of them, was met."""
    asked = query.subject
    for pattern in (_WHY, _MISSED, _ALL, _TARGET):
        asked = pattern.sub(" ", asked)
    terms = retriever.terms_of(asked, query.language)
    met = [
        evidence
        for evidence in ranked
        if evidence.conforms
        and _MET.search(evidence.span.text)
        and (not terms.groups or terms.coverage(evidence.span.text) >= _OF_THIS)
    ]
    return max(met, key=lambda evidence: bool(_ALL.search(evidence.span.text)), default=None)

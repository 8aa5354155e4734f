"""What a question asks of a report as a whole: what was achieved, what is planned, which problems
it admits.

Its words say so for certain where it consists of little else. Where they do not, a regression over
its vector says how likely it is; that is fitted by `eval/overview.py` on several hundred phrasings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.index.sentences import encode
from rag.search.question_words import question_words
from rag.types import Overview, Query

WHOLE_REPORT: tuple[Overview, ...] = ("results", "problems", "plans")
"""What a question for a report as a whole asks for."""
_OF_CLASS: dict[str, tuple[Overview, ...]] = {
    "none": (),
    "results": ("results",),
    "plans": ("plans",),
    "problems": ("problems",),
    "whole": WHOLE_REPORT,
}
CLASSES = tuple(_OF_CLASS)
"""What a question may ask for; "none" is something particular."""
_LIKELY = 0.6  # probability that it asks for something of the kind
_FILE = Path(__file__).with_name("overview.json")

_ASKED: dict[Overview, re.Pattern[str]] = {
    "results": re.compile(
        r"成绩|成就|成效|成果|亮点|进展|突破|(?:工作)?回顾|(?:做|干|完成|办)了(?:哪些|什么)|[做干发展]得(?:怎么样|如何)"
        r"|经济(?:社会)?(?:发展|运行)?的?(?:情况|形势|状况|怎么样|怎样|如何)"
        r"|完成情况"
        r"|\b(?:g[eo]t done|achiev\w+|accomplish\w*|highlights?|success(?:es)?|progress|results"
        r"|econom(?:y|ic situation|ic performance) (?:do|doing|perform\w*|far(?:e|ed|ing)|going|go)"
        r"|what (?:has|have|was|had) (?:been )?done|what (?:did|has|have) (?:do|done))\b",
        re.IGNORECASE,
    ),
    "plans": re.compile(
        r"重点工作|工作重点|任务|工作(?:思路|计划|安排|方向)|思路|重点"
        r"|(?:要|打算|准备|计划|将)(?:抓|做|干|办)(?:好)?(?:哪些|什么)"
        r"|\b(?:priorit(?:y|ies)|tasks?|agenda|plan(?:s|ned|ning)?|focus(?:es)?|ideas?"
        r"|(?:going|intend(?:s|ed)?) to do)\b",
        re.IGNORECASE,
    ),
    "problems": re.compile(
        r"不足|短板|问题|困难|挑战|差距|薄弱环节|难题"
        r"|\b(?:problems?|shortcomings?|challenges?|weakness(?:es)?|difficult(?:y|ies)|deficienc(?:y|ies)"
        r"|weak points?|shortfalls?|obstacles?|fall(?:s|en|ing)? short|fell short)\b",
        re.IGNORECASE,
    ),
}
# Beside another part these ask for plans, too.
_ALSO_PLANS = re.compile("目标|打算|准备|计划|\\b(?:targets?|goals?)\\b", re.IGNORECASE)
_WHOLE = re.compile(
    r"总结|概括|概述|概况|摘要|梗概|要点|大意|主要内容|(?:讲|说|写)了(?:些)?(?:哪些|什么)"
    r"|\b(?:summar\w+|overview|outline|gist|recap|takeaways?|(?:main|key) points?"
    r"|reports? (?:about|says?|cover))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]")


def may_be_asked(query: Query, places: int) -> bool:
    """Whether a question over reports of so many places may ask for an overview: it is of one of
    them, or of the only one, and of no quantity."""
    return bool(query.places or places == 1) and not (query.unknown_places or query.units)


def overview_asked(subject: str) -> tuple[Overview, ...]:
    """The parts of a report that a question asks for as a whole, of a subject without place and
    year; all of them if it has no other word, empty if it asks for something in particular."""
    if not _WORD.search(subject):
        return WHOLE_REPORT
    asked = tuple(part for part, pattern in _ASKED.items() if pattern.search(subject))
    if asked and "plans" not in asked and _ALSO_PLANS.search(subject):
        asked = (*asked, "plans")
    whole = bool(_WHOLE.search(subject))
    if not asked and not whole:
        return ()
    rest = subject
    for pattern in (*_ASKED.values(), _WHOLE, _says_little()):
        rest = pattern.sub(" ", rest)
    if _WORD.search(rest):
        return ()
    return asked or WHOLE_REPORT


def overview_likely(subject: str) -> tuple[Overview, ...]:
    """The same of a question whose words do not say so for certain."""
    if not _WORD.search(subject):
        return ()
    weights, bias = _regression()
    scores = weights @ encode([subject])[0] + bias
    chances = np.exp(scores - scores.max())
    return _OF_CLASS[likely_class(chances / chances.sum())]


def likely_class(chances: Sequence[float] | NDArray[np.float64]) -> str:
    """The likeliest of CLASSES, given their probabilities; "none" unless the others are likely
    enough together."""
    if 1 - chances[0] < _LIKELY:
        return "none"
    return CLASSES[1 + int(np.argmax(chances[1:]))]


@cache
def _regression() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(weights, shape (len(CLASSES), DIMENSION); bias, shape (len(CLASSES),))."""
    model = json.loads(_FILE.read_text(encoding="utf-8"))
    return np.array(model["weights"]), np.array(model["bias"])


@cache
def _says_little() -> re.Pattern[str]:
    """The words that such a question consists of besides."""
    words = sorted(question_words("of_overviews"), key=len, reverse=True)
    chinese = "|".join(word for word in words if not word.isascii())
    english = "|".join(word for word in words if word.isascii())
    return re.compile(rf"{chinese}|\b(?:{english})\b", re.IGNORECASE)

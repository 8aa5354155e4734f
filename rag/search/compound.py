"""A message that asks several things, taken apart into its questions."""

from __future__ import annotations

import re

_MOST = 4
_CJK = re.compile("[\u4e00-\u9fff]")
_ZH_END = re.compile(r"[,;?!。、\n]+|(?:以及|还有)(?!哪些)")
_ZH_ASKS = re.compile(
    r"多少|百分之?几|第几|几(?!乎|年来|经|何)|哪|什么|谁|何时|(?<![许很更众诸较])多[大长久高快](?!项目|新|层|学|企|型)|怎么?样|如何|呢$"
)
_EN_END = re.compile(
    r"[?;!\n]+"
    r"|,?\s+(?:and|or)\s+(?=(?:(?:by|at|in|to|on|for|of) )?(?:how|what|which|where|when|who)\b)",
    re.IGNORECASE,
)
_EN_ASKS = re.compile(r"\b(?:how|what|which|where|when|who|whom|whose)\b", re.IGNORECASE)
# What is asked of all that went before, or asks for the same thing again.
_OF_ALL = re.compile(
    r"哪[一个边家里条项座年]*(?:更|最|比较)?(?:多|少|高|低|大|小|快|慢|强|早|晚|先)"
    r"|谁|相差|差[多几]|差距|合计|加起来|相加|总和|一共|总共|共[多几]|(?:各|(?<![人户亩地年平])均)是?(?:多少|几)|分别|为什么|为何|原因"
    r"|\bwh(?:ich|ose|o)\b.*\b(?:higher|lower|more|fewer|less|larger|smaller|greater|bigger|faster"
    r"|slower|first|earlier|later|most|least|best|ahead)\b"
    r"|\b(?:difference|gap|together|combined|in total|altogether|respectively|each|both|why)\b"
    r"|\bhow (?:much|many|far) (?:\w+ )?(?:more|higher|larger|bigger|greater|less|lower|fewer"
    r"|smaller|faster)\b",
    re.IGNORECASE,
)


def questions_of(text: str) -> tuple[str, ...]:
    """The questions of a message in its order, at least two; () if it asks one thing only, or
    something of all of them ("which is higher?").

    `text` is folded (see `rag.search.understand.fold`). What asks nothing belongs to what comes
    after it, or before it at the end.
    """
    chinese = bool(_CJK.search(text))
    end, asks = (_ZH_END, _ZH_ASKS) if chinese else (_EN_END, _EN_ASKS)
    found: list[str] = []
    start = 0
    for cut in [*(match.span() for match in end.finditer(text)), (len(text), len(text))]:
        if asks.search(text[start : cut[0]]):
            found.append(text[start : cut[0]].strip())
            start = cut[1]
    if found and text[start:].strip():
        found[-1] = f"{found[-1]},{text[start:]}"
    if not 2 <= len(found) <= _MOST or _OF_ALL.search(text):
        return ()
    return tuple(found)


# "A、B和C分别是多少", "what were A, B and C"
_ZH_ITEMS = re.compile(
    r"^(?P<lead>)(?P<items>[^,;?]+?)(?:分别|各自?)(?P<asks>(?:是|为|有|达|到|增长|下降|新增)*(?:多少|几).*)$"
)
_EN_ITEMS = re.compile(
    r"^(?P<lead>what (?:is|are|was|were)) (?P<items>[^?;]+?)(?P<asks>(?: respectively)?\W*)$",
    re.IGNORECASE,
)
# What goes on with the item before it: "in Tangxia, Ruian, in 2018".
_NO_ITEM = re.compile(
    r"^(?:in|at|on|of|for|to|by|with|from|as|according|\d)\b|^(?:\S+\s+){8}", re.I
)
_ZH_NO_ITEM = re.compile(r"^.{1,3}$|^(?:城镇|农村)居民$")  # 一般公共预算收入和支出
_ONE_THING = re.compile(
    r"\b(?:research and development|imports and exports|income and expenditure|growth (?:of|in)"
    r"|plans?|measures|strengths|weaknesses|goals for|targets for)\b",
    re.IGNORECASE,
)
_ZH_AND = re.compile("[、和与及]+")
_EN_AND = re.compile(r",\s*(?:and\s+)?|\s+and\s+")


def items_of(text: str) -> tuple[str, ...]:
    """The questions of a message that asks the same of several things, of at least three in
    English; () for any other. `text` is folded."""
    chinese = bool(_CJK.search(text))
    found = (_ZH_ITEMS if chinese else _EN_ITEMS).match(text.strip())
    if not found:
        return ()
    items = [item for item in (_ZH_AND if chinese else _EN_AND).split(found["items"]) if item]
    if not (2 if chinese else 3) <= len(items) <= _MOST:
        return ()
    if any(map((_ZH_NO_ITEM if chinese else _NO_ITEM).match, items)):
        return ()
    if not chinese and (_OF_ALL.search(text) or _ONE_THING.search(text)):
        return ()
    gap = "" if chinese else " "
    return tuple(f"{found['lead']}{gap}{item}{found['asks']}".strip() for item in items)

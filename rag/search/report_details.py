"""What a question asks of a report itself: when it was given, by whom, who issued it."""

from __future__ import annotations

import re

from rag.types import Detail

_ZH_REPORT = "(?:报告|总结|思路|计划|文件|材料|文稿)"
_ZH_GIVEN = "(?:作|做|宣读|念|发布|公布|公开|成文|印发|发表|提交|写|出台|落款)"
_ZH_WHEN = "(?:哪一?[天日年月]|什么时候|何时|几月几[日号]|几号|什么日期)"
_EN_REPORT = r"(?:report|summary|review|speech|address|document|work plan|plan document)"
_EN_GIVEN = (
    r"(?:deliver(?:ed)?|given?|present(?:ed|ing)?|issued?|publish(?:ed)?|releas(?:ed?)|dated?|signed"
    r"|read(?: out)?|made|gave|written)"
)
_EN_WHEN = r"(?:when|(?:on )?(?:what|which) (?:date|day))"
_ASKED: dict[Detail, re.Pattern[str]] = {
    "date": re.compile(
        rf"{_ZH_REPORT}[^,;?]{{0,8}}?(?:是|于|在)?{_ZH_WHEN}[^,;?]{{0,4}}?{_ZH_GIVEN}的?"
        rf"|{_ZH_WHEN}[^,;?]{{0,4}}?{_ZH_GIVEN}的?[^,;?]{{0,12}}{_ZH_REPORT}"
        rf"|{_ZH_REPORT}.*[,;?]\s*(?:是|于|在)?{_ZH_WHEN}{_ZH_GIVEN}的"
        rf"|{_ZH_REPORT}.*(?:成文|落款|发布|公开|印发)的?(?:日期|时间)"
        rf"|{_ZH_REPORT}[^,;?]{{0,6}}在?哪[一个]?[次届场]?(?:会议|会|大会|人代会)"
        rf"|\b{_EN_WHEN} (?:was|were|is|did)\b.*\b{_EN_REPORT} (?:\w+ ){{0,2}}?{_EN_GIVEN}\b"
        rf"|\b{_EN_WHEN} did\b.*\b{_EN_GIVEN} (?:\w+ ){{0,5}}?{_EN_REPORT}\b"
        rf"|\b{_EN_REPORT}\b.*\band (?:when|on (?:what|which) (?:date|day))\W*$"
        rf"|\bdate (?:of|on)\b.*\b{_EN_REPORT}\b",
        re.IGNORECASE,
    ),
    "speaker": re.compile(
        r"(?:市|县|区|州|省|镇|乡)长(?:是谁|是哪位|叫什么|姓什么|的?(?:名字|姓名)|姓甚名谁)"
        rf"|谁(?:是|当|任|担任).{{0,8}}(?:市|县|区)长|谁(?:来)?{_ZH_GIVEN}[^,;?]{{0,12}}{_ZH_REPORT}"
        rf"|{_ZH_REPORT}[^,;?]{{0,6}}(?:是|由)?谁(?:作|做|宣读|念)"
        r"|\bwho(?:['\u2019]s| is| was| were| served as| acted as)\b"
        r"(?:(?!\b(?:by|whom|that)\b).)*\bmayor\b"
        r"|\b(?:name of the|which) mayor\b|\bmayor(?:'s)? (?:name|called)\b"
        rf"|\bwho (?:\w+ )?(?:deliver(?:ed)?|gave|present(?:ed)?|read|made)\b.*\b{_EN_REPORT}\b"
        r"|\bwho (?:was |is |were )?(?:running|heading|leading|in charge of|r[ua]n|headed|led) "
        r"(?:[\w'\u2019-]+ ){0,4}?(?:city hall|government|mayor's office)\b",
        re.IGNORECASE,
    ),
    "issuer": re.compile(
        rf"{_ZH_REPORT}.*(?:发布|印发|公布|发文)(?:机构|单位|部门|机关|者)"
        rf"|谁(?:发布|印发|公布)[^,;?]{{0,12}}{_ZH_REPORT}"
        rf"|{_ZH_REPORT}[^,;?]{{0,6}}(?:是|由)?(?:谁|哪个(?:部门|单位|机构))(?:发布|印发|公布|发)"
        r"|\b(?:who|which (?:body|agency|office|department)) (?:issued|published|released)\b"
        rf".*\b{_EN_REPORT}\b|\bissuer of\b.*\b{_EN_REPORT}\b",
        re.IGNORECASE,
    ),
}


def details_asked(question: str) -> tuple[Detail, ...]:
    """The details of a report itself that a folded question asks for; empty for any other."""
    return tuple(detail for detail, pattern in _ASKED.items() if pattern.search(question))

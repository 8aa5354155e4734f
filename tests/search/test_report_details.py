"""What asks of a report itself, and what only mentions one."""

from __future__ import annotations

import pytest

from rag.search.report_details import details_asked
from rag.search.understand import fold
from rag.types import Detail


@pytest.mark.parametrize(
    ("question", "details"),
    [
        ("瑞安市2019年的政府工作报告是哪一天作的\uff1f", ("date",)),
        ("温州经开区这份文件是哪一天成文的?", ("date",)),
        ("北山县的工作总结什么时候发布的?", ("date",)),
        ("工作计划的发布日期是?", ("date",)),
        ("报告是在哪次会议上作的?", ("date",)),
        ("念这份报告的市长是谁?哪天念的", ("date", "speaker")),
        ("作2019年政府工作报告的瑞安市长叫什么名字?", ("speaker",)),
        ("谁是瑞安市长?", ("speaker",)),
        ("政府工作报告由谁作的?", ("speaker",)),
        ("这份工作计划是哪个部门发布的?", ("issuer",)),
        ("报告的发布机构是什么?", ("issuer",)),
        ("On what date was the 2019 Ruian government work report delivered?", ("date",)),
        ("When did the mayor of Ruian deliver the government work report?", ("date",)),
        ("When was the Jinhua plan document published?", ("date",)),
        ("Which mayor gave the report and when?", ("date", "speaker")),
        ("Who was the mayor of Ruian presenting the 2019 work report?", ("speaker",)),
        ("Who delivered the 2019 work report?", ("speaker",)),
        ("Who issued the work plan?", ("issuer",)),
    ],
)
def test_asked_of_a_report_itself(question: str, details: tuple[Detail, ...]) -> None:
    assert details_asked(fold(question)) == details


@pytest.mark.parametrize(
    "question",
    [
        "瑞安报告里说2018年什么时候开通了S2线?",
        "2019年政府工作报告里的生产总值目标是多少?",
        "报告说什么时候建成滨海大道?",
        "市长质量奖给了谁?",
        "总结中提到哪个部门获奖?",
        "发布了多少份文件?",
        "Who did the mayor of Ruian thank in the report?",
        "Who was praised by the mayor?",
        "According to the mayor's 2019 speech, what sum had been paid in to the fund?",
        "When does the report say the metro line opens?",
        "Who in Ruian grows the greens for the polar research ship?",
        "By what date does the work plan want the road finished?",
        "Who won the city's quality award according to the report?",
    ],
)
def test_asked_of_what_a_report_says(question: str) -> None:
    assert details_asked(fold(question)) == ()

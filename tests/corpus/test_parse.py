"""What the seeds do not show of the parser: deeper headings, lists, noise, front matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.corpus.frontmatter import FrontMatter, is_noise, read_front_matter
from rag.corpus.parse import parse_text
from rag.errors import CorpusError
from rag.types import Paragraph, Place, ReportInfo
from tests.wording import assert_sentence

INFO = ReportInfo("north-2021", "北山县工作报告", "", Place("北山县"), "", "2022", "2021", "2022")
OUTLINE = [
    "一、2021年工作总结",
    "(一)工业",
    "1.项目建设",
    "一是开工项目加快投产。全年开工12个项目。",
    "二是签约项目加快落地。全年签约30个项目。",
    "2.企业培育",
    "全年新增规上企业15家。",
    "(二)农业",
    "全年粮食产量23万吨。",
    "二、2022年工作计划",
    "生产总值增长8%左右。",
]


def parse(*lines: str) -> tuple[Paragraph, ...]:
    return parse_text("\n".join(lines), Path("north-2021.txt"), INFO).paragraphs


def headings(*lines: str) -> list[bool]:
    return [paragraph.is_heading for paragraph in parse(*lines)]


def test_all_four_levels_make_the_path() -> None:
    sections = [paragraph.section for paragraph in parse(*OUTLINE)]
    part, industry, projects = "一、2021年工作总结", "(一)工业", "1.项目建设"
    assert sections[3] == (part, industry, projects, "一是开工项目加快投产")
    assert sections[4] == (part, industry, projects, "二是签约项目加快落地")
    assert sections[6] == (part, industry, "2.企业培育")
    assert sections[8] == (part, "(二)农业")
    assert sections[10] == ("二、2022年工作计划",)


def test_levels_may_be_skipped() -> None:
    (_, second, third) = parse("一、2021年工作总结", "1.项目建设。开工12个。", "(一)工业。增长8%。")
    assert second.section == ("一、2021年工作总结", "1.项目建设")
    assert third.section == ("一、2021年工作总结", "(一)工业")


def test_full_width_marks_are_the_same_levels() -> None:
    lines = [
        line.replace("(", "\uff08").replace(")", "\uff09").replace("1.", "1\uff0e")
        for line in OUTLINE
    ]
    assert [len(p.section) for p in parse(*lines)] == [len(p.section) for p in parse(*OUTLINE)]


def test_a_decimal_is_not_a_numbering() -> None:
    paragraphs = parse("一、2021年工作总结", "1.5亿元投资全部到位,3.2万人就业。")
    assert paragraphs[1].section == ("一、2021年工作总结",)


def test_a_list_item_that_states_a_figure_is_text() -> None:
    assert headings(
        "一、主要目标", "1.生产总值增长8%左右。", "2.新建幼儿园X所。", "下面是重点工作。"
    ) == [
        True,
        False,
        False,
        False,
    ]


def test_a_list_item_with_nothing_under_it_is_text() -> None:
    lines = [
        "一、重点工作",
        "1.争创省级文明城市。",
        "2.修订城市总体规划。",
        "二、其他工作",
        "见附件。",
    ]
    assert headings(*lines) == [True, False, False, True, False]


def test_a_short_numbered_line_with_text_under_it_is_a_heading() -> None:
    assert headings("一、工业", "全年开工12个项目。", "(一)深化改革。", "推进机构改革。") == [
        True,
        False,
        True,
        False,
    ]


def test_a_long_first_sentence_is_shortened_in_the_path() -> None:
    line = "(一)" + "坚持" * 8 + "," + "推进" * 30 + "。全年开工12个项目。"
    (paragraph,) = parse(line)
    assert paragraph.section == ("(一)" + "坚持" * 8,)
    assert paragraph.text == line


def test_a_part_without_a_year_speaks_of_the_period_of_its_kind() -> None:
    review, _, plan, _ = parse("一、工作回顾", "增长8%。", "二、下一步工作打算", "增长9%。")
    assert (review.kind, review.period) == ("actual", "2021")
    assert (plan.kind, plan.period) == ("plan", "2022")


@pytest.mark.parametrize(
    "line",
    [
        "文似观山不喜平 — — 观山文库◆记住我,来上我~",
        "admin 分享 时间: 加入收藏 共计20129个字,预计阅读时长68分钟",
        "221381",
        "领取福利",
        "微信扫码领取福利",
        "扫一扫在手机打开当前页",
        "朗读",
        "打印本页",
        "关闭窗口",
        "上一篇:2020年工作总结",
        "浏览次数:1203",
        "责任编辑:张三",
        "来源:县政府办公室",
        "来源\uff1a县政府办公室",
        "首页 > 政务公开 > 工作报告",
        "版权所有 北山县人民政府 浙ICP备05012345号",
        "----------",
    ],
)
def test_lines_of_a_site_are_noise(line: str) -> None:
    assert is_noise(line)


@pytest.mark.parametrize(
    "line",
    [
        "关闭落后产能企业12家。",
        "关闭煤矿3家;",
        "完成项目备案36个。",
        "打印机产业园开工建设",
        "下载量突破100万次的政务应用3个。",
        "建成职工文库3个。",
        "政务微博点击量突破100万次。",
        "首页新闻被省级媒体采用12篇。",
        "分享经济加快发展,新增平台企业5家。",
    ],
)
def test_lines_of_a_report_are_not(line: str) -> None:
    assert not is_noise(line)
    assert parse("一、2021年工作总结", line)[1].text == line


def test_front_matter_of_a_government_page() -> None:
    front = read_front_matter(
        [
            "索引号 | 1008003015157/2022-01236 | ||",
            "组配分类 | 计划总结 | 发布机构 | 温州经济技术开发区 |",
            "成文日期 | 2022-03-02 | 公开方式 | 主动公开 |",
        ]
    )
    assert front == FrontMatter("", "温州经济技术开发区", "2022-03-02")


def test_front_matter_in_lines_of_its_own() -> None:
    lines = ["11330700MB10327095/2022-12447", "金华开发区2022年工作计划"]
    lines += ["金华经济技术开发区管委会", "2022-09-14", "主动公开"]
    assert read_front_matter(lines) == FrontMatter(
        "金华开发区2022年工作计划", "金华经济技术开发区管委会", "2022-09-14"
    )


@pytest.mark.parametrize("bracket", ["--", "(", "\uff08"])
def test_the_date_a_report_was_delivered_on(bracket: str) -> None:
    lines = ["2019年瑞安市政府工作报告", "政府工作报告", "瑞安市市长麻胜聪"]
    lines.insert(2, f"{bracket}2019年1月16日在瑞安市第十六届人民代表大会第三次会议上")
    assert read_front_matter(lines) == FrontMatter("2019年瑞安市政府工作报告", "", "2019-01-16")


@pytest.mark.parametrize("text", ["221381\n领取福利\n", "2022年工作计划\n2022-09-14\n"])
def test_a_file_without_a_paragraph_is_refused(text: str) -> None:
    with pytest.raises(CorpusError) as caught:
        parse_text(text, Path("empty.txt"))
    assert_sentence(caught.value, "empty.txt", "no paragraph")

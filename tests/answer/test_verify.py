"""Drafts over the five reports: what is true passes, what is not is mended or replaced."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from rag.answer.figures import compare, find_figures
from rag.answer.verify import Verified, verify
from rag.app import App
from rag.types import Draft, Passage

GDP_ZH, GDP_EN = "瑞安2018年的生产总值是多少?", "What was Ruian's GDP in 2018?"
TARGET_ZH = "瑞安2019年生产总值的增长目标是多少?"
TARGET_EN = "What GDP growth did Ruian target for 2019?"
REVENUE_ZH = "瑞安2018年一般公共预算收入增长多少?"
REVENUE_EN = "How fast did Ruian's general public budget revenue grow in 2018?"
FIRMS_ZH, FIRMS_EN = (
    "瑞安2018年新增高新技术企业多少家?",
    "How many high-tech enterprises did Ruian add in 2018?",
)
INCOME_ZH = "温州经开区2014年城乡居民收入相差多少元?"
INCOME_EN = "How much more did urban residents of Wenzhou ETDZ earn than rural ones in 2014?"
MASKED = "生态园2022年固定资产投资是多少?"


@dataclass(frozen=True)
class Checked:
    """A verified draft and the passages it was written from."""

    passages: tuple[Passage, ...]
    verified: Verified

    @property
    def text(self) -> str:
        return self.verified.text

    @property
    def problems(self) -> str:
        return " | ".join(self.verified.problems)

    @property
    def statuses(self) -> list[str]:
        return [figure.status for figure in self.verified.figures]


def check(app: App, question: str, text: str, said_by: str = "910亿元") -> Checked:
    """Verify `text`, in which `@` is the number of the first passage that holds `said_by`."""
    found = app.assistant.search(question)
    marker = marker_of(found.passages, said_by)
    draft = Draft(text.replace("@", str(marker)), found.passages, "test")
    checked = Checked(found.passages, verify(found.query, draft, app.assistant.corpus()))
    assert_sound(checked.verified)
    return checked


def marker_of(passages: tuple[Passage, ...], words: str) -> int:
    return next(n for n, p in enumerate(passages, start=1) if words in p.paragraph.text)


def assert_sound(verified: Verified) -> None:
    """What holds for every verified text, whatever the draft was."""
    markers = [citation.marker for citation in verified.citations]
    assert markers == list(range(1, len(markers) + 1))
    for citation in verified.citations:
        text = citation.passage.paragraph.text
        assert text[citation.start : citation.end] == citation.quote != ""
        assert f"[{citation.marker}]" in verified.text
    for figure in verified.figures:
        assert figure.status != "unsupported"
        assert figure.text in verified.text
        assert figure.marker in markers
        if figure.status != "calculated":
            source = verified.citations[(figure.marker or 0) - 1].passage.paragraph.text
            assert figure.source in source
            stated = find_figures(figure.text)[0]
            assert any(compare(stated, f) for f in find_figures(figure.source))


@pytest.mark.parametrize(
    ("question", "text", "said_by"),
    [
        (GDP_ZH, "2018年瑞安实现生产总值910亿元,增长7.8% [@]。", "910亿元"),
        (TARGET_ZH, "2019年瑞安生产总值的目标是增长8%左右 [@]。", "生产总值增长8%左右"),
        (REVENUE_ZH, "2018年瑞安一般公共预算收入增长12% [@]。", "分别增长12.1%和12%"),
        (FIRMS_ZH, "2018年瑞安新增高新技术企业96家 [@]。", "高新技术企业96家"),
        (MASKED, "生态园2022年1-9月完成固定资产投资X亿元 [@]。", "实现固定资产投资X亿元"),
    ],
)
def test_a_true_sentence_passes_as_it_is(
    question: str, text: str, said_by: str, real_app: App
) -> None:
    checked = check(real_app, question, text, said_by)
    assert checked.text == text.replace("@", "1")
    assert checked.problems == ""
    assert set(checked.statuses) == {"exact"}
    assert said_by in checked.verified.citations[0].passage.paragraph.text


@pytest.mark.parametrize(
    ("question", "text", "shown", "said_by"),
    [
        (
            GDP_EN,
            "Ruian's GDP reached 91 billion yuan in 2018, up 7.8% [@].",
            "Ruian's GDP reached 91 billion yuan (910亿元) in 2018, up 7.8% [1].",
            "910亿元",
        ),
        (
            FIRMS_EN,
            "Ruian added 96 high-tech enterprises in 2018 [@].",
            "Ruian added 96 (96家) high-tech enterprises in 2018 [1].",
            "高新技术企业96家",
        ),
        (
            GDP_EN,
            "Ruian's GDP reached 910亿元 in 2018 [@].",
            "Ruian's GDP reached 91 billion yuan (910亿元) in 2018 [1].",
            "910亿元",
        ),
    ],
)
def test_an_english_figure_shows_the_original_beside_it(
    question: str, text: str, shown: str, said_by: str, real_app: App
) -> None:
    checked = check(real_app, question, text, said_by)
    assert checked.text == shown
    assert checked.problems == ""
    assert checked.verified.figures[0].status == "converted"
    assert checked.verified.figures[0].source in said_by


def test_verifying_twice_changes_nothing(real_app: App) -> None:
    once = check(real_app, GDP_EN, "Ruian's GDP reached 91 billion yuan in 2018 [@].").text
    assert check(real_app, GDP_EN, once.replace("[1]", "[@]")).text == once


@pytest.mark.parametrize(
    ("question", "text", "wrong"),
    [
        (GDP_ZH, "2018年瑞安实现生产总值919亿元 [@]。", "919"),
        (GDP_ZH, "2018年瑞安实现生产总值910.5亿元 [@]。", "910.5"),
        (GDP_ZH, "2018年瑞安实现生产总值超910亿元 [@]。", "超910"),
        (GDP_ZH, "2018年瑞安实现生产总值910亿美元 [@]。", "美元"),
        (GDP_ZH, "2018年瑞安实现生产总值919亿元。", "919"),
        (GDP_EN, "Ruian's GDP reached 92 billion yuan in 2018 [@].", "92 billion"),
        (GDP_EN, "Ruian's GDP reached 91 billion dollars in 2018 [@].", "dollars"),
        (GDP_EN, "Ruian's GDP reached 92 billion yuan in 2018.", "92 billion"),
    ],
)
def test_a_changed_figure_never_stays(question: str, text: str, wrong: str, real_app: App) -> None:
    checked = check(real_app, question, text)
    assert wrong not in checked.text
    assert "生产总值910亿元" in checked.text
    assert "figure not in the sources" in checked.problems


@pytest.mark.parametrize(
    ("question", "text", "mended"),
    [
        (
            GDP_EN,
            "Ruian's GDP reached 910 billion yuan in 2018 [@].",
            "Ruian's GDP reached 91 billion yuan (910亿元) in 2018 [1].",
        ),
        (
            GDP_EN,
            "Ruian's GDP reached 910 million yuan in 2018 [@].",
            "Ruian's GDP reached 91 billion yuan (910亿元) in 2018 [1].",
        ),
        (GDP_ZH, "2018年瑞安实现生产总值910万元 [@]。", "2018年瑞安实现生产总值910亿元 [1]。"),
    ],
)
def test_a_slipped_scale_is_put_right(question: str, text: str, mended: str, real_app: App) -> None:
    checked = check(real_app, question, text)
    assert checked.text == mended
    assert "scale of" in checked.problems


def test_a_wrong_marker_is_corrected(real_app: App) -> None:
    found = real_app.assistant.search(GDP_ZH).passages
    wrong = next(n for n, p in enumerate(found, start=1) if "910亿元" not in p.paragraph.text)
    checked = check(real_app, GDP_ZH, f"2018年瑞安实现生产总值910亿元 [{wrong}]。")
    assert checked.text == "2018年瑞安实现生产总值910亿元 [1]。"
    assert "910亿元" in checked.verified.citations[0].quote
    assert f"marker [{wrong}] corrected" in checked.problems


@pytest.mark.parametrize("markers", ["[42]", "[@][42]", "[0][@]", "[999]"])
def test_an_invented_marker_is_removed_and_said(markers: str, real_app: App) -> None:
    checked = check(real_app, GDP_ZH, f"2018年瑞安实现生产总值910亿元 {markers}。")
    assert checked.text == "2018年瑞安实现生产总值910亿元 [1]。"
    assert "invented marker" in checked.problems


@pytest.mark.parametrize(
    "text",
    [
        "2018年瑞安实现生产总值910亿元。",
        "```\n2018年瑞安实现生产总值910亿元 [@]。\n```",
        "2018年瑞安实现生产总值910亿元。[@]",
        "2018年瑞安实现生产总值910亿元\uff3b@\uff3d。",
        "2018年瑞安实现生产总值910亿元【@】。",
        "2018年瑞安实现生产总值910亿元[^@]。",
    ],
)
def test_markers_in_any_form_or_none(text: str, real_app: App) -> None:
    checked = check(real_app, GDP_ZH, text)
    assert checked.text == "2018年瑞安实现生产总值910亿元 [1]。"
    assert checked.problems == ""


@pytest.mark.parametrize(
    ("question", "text", "said_by", "problem"),
    [
        (GDP_ZH, "金华开发区实现生产总值910亿元 [@]。", "910亿元", "another place"),
        (GDP_EN, "Jinhua ETDZ's GDP reached 91 billion yuan [@].", "910亿元", "another place"),
        (GDP_ZH, "2017年瑞安实现生产总值910亿元 [@]。", "910亿元", "another year"),
        (GDP_EN, "Ruian's GDP reached 91 billion yuan in 2016 [@].", "910亿元", "another year"),
        (
            TARGET_ZH,
            "2019年瑞安生产总值实现了8%的增长 [@]。",
            "生产总值增长8%左右",
            "a plan told as a result",
        ),
        (
            TARGET_EN,
            "Ruian achieved GDP growth of 8% in 2019 [@].",
            "生产总值增长8%左右",
            "a plan told as a result",
        ),
        (
            FIRMS_ZH,
            "瑞安计划在2018年新增高新技术企业96家 [@]。",
            "高新技术企业96家",
            "a result told as a plan",
        ),
    ],
)
def test_another_place_year_or_kind_is_replaced_by_the_source(
    question: str, text: str, said_by: str, problem: str, real_app: App
) -> None:
    checked = check(real_app, question, text, said_by)
    assert problem in checked.problems
    quote = checked.verified.citations[0].quote
    assert quote.rstrip("。;") in checked.text
    assert said_by in quote


@pytest.mark.parametrize(
    "text",
    [
        "生态园2022年完成固定资产投资35亿元 [@]。",
        "生态园2022年固定资产投资同比增长12.3% [@]。",
        "The park's fixed-asset investment was 3.5 billion yuan [@].",
    ],
)
def test_a_masked_value_is_never_filled_in(text: str, real_app: App) -> None:
    checked = check(real_app, MASKED, text, "实现固定资产投资X亿元")
    assert "固定资产投资X亿元" in checked.text
    assert not any(digits in checked.text for digits in ("35", "12.3", "3.5"))
    assert "figure not in the sources" in checked.problems


# Calculated figures


@pytest.mark.parametrize(
    ("question", "text", "formula"),
    [
        (
            INCOME_ZH,
            "城镇40855元,农村24525元,相差16330元 [@]。",
            "40855元 \u2212 24525元 = 16330元",
        ),
        (
            INCOME_ZH,
            "城镇40855元,是农村24525元的1.67倍 [@]。",
            "40855元 \u00f7 24525元 = 1.67倍",
        ),
        (
            INCOME_EN,
            "Urban residents earned 40,855 yuan and rural ones 24,525 yuan, 16,330 yuan less [@].",
            "40,855 yuan \u2212 24,525 yuan = 16330 yuan",
        ),
    ],
)
def test_a_figure_computed_from_two_cited_ones_has_its_formula(
    question: str, text: str, formula: str, real_app: App
) -> None:
    checked = check(real_app, question, text, "40855元")
    assert checked.problems == ""
    assert checked.statuses[-1] == "calculated"
    assert checked.verified.figures[-1].formula == formula


@pytest.mark.parametrize(
    "text",
    ["城镇40855元,农村24525元,相差17330元 [@]。", "城镇比农村多16330元 [@]。"],
)
def test_a_figure_that_does_not_follow_from_the_sentence_is_not_kept(
    text: str, real_app: App
) -> None:
    checked = check(real_app, INCOME_ZH, text, "40855元")
    assert "7330" not in checked.text
    assert "calculated" not in checked.statuses
    assert "figure not in the sources" in checked.problems


# The whole text


def test_one_bad_sentence_leaves_the_others_alone(real_app: App) -> None:
    text = "2018年瑞安生产总值增长7.8% [@]。财政总收入117.8亿元 [@]。"
    checked = check(real_app, GDP_ZH, text)
    assert "2018年瑞安生产总值增长7.8% [1]。" in checked.text
    assert "117.8" not in checked.text
    assert len(checked.verified.citations) == 1


def test_a_sentence_said_twice_is_said_once(real_app: App) -> None:
    checked = check(real_app, GDP_ZH, "生产总值910亿元 [@]。生产总值910亿元 [@]。")
    assert checked.text == "生产总值910亿元 [1]。"
    assert len(checked.verified.figures) == 1


def test_a_quoted_sentence_is_paired_with_itself(real_app: App) -> None:
    passages = real_app.assistant.search(FIRMS_ZH).passages
    marker = marker_of(passages, "高新技术企业96家")
    text = passages[marker - 1].paragraph.text
    start = text.index("实施科技成果转化项目25个")
    sentence = text[start : text.index("。", start) + 1]
    checked = check(real_app, FIRMS_ZH, f"{sentence}[@]", "高新技术企业96家")
    assert checked.problems == ""
    assert [figure.source for figure in checked.verified.figures] == [
        figure.text for figure in checked.verified.figures
    ]
    assert checked.verified.citations[0].quote == sentence


def test_problems_of_the_draft_are_kept(real_app: App) -> None:
    found = real_app.assistant.search(GDP_ZH)
    draft = Draft("", found.passages, "test", problems=("It broke off.",))
    verified = verify(found.query, draft, real_app.assistant.corpus())
    assert verified == Verified("", (), (), ("It broke off.",))


def test_a_draft_without_passages_keeps_no_figure(real_app: App) -> None:
    query = real_app.assistant.search(GDP_ZH).query
    draft = Draft("生产总值910亿元 [1]。", (), "test")
    verified = verify(query, draft, real_app.assistant.corpus())
    assert verified.citations == ()
    assert verified.figures == ()
    assert "910" not in verified.text


def test_every_sentence_of_a_source_passes_as_its_own_quote(real_app: App) -> None:
    for question in (GDP_ZH, MASKED, "金华开发区2022年的主要目标是什么?"):
        passage = real_app.assistant.search(question).passages[0]
        text = passage.paragraph.text
        checked = check(
            real_app, question, "\n".join(f"{s}。[@]" for s in text.split("。") if s), text
        )
        assert "figure not in the sources" not in checked.problems
        assert set(checked.statuses) <= {"exact"}


# What it is of


@pytest.mark.parametrize(
    ("question", "text", "said_by"),
    [
        (REVENUE_ZH, "2018年瑞安一般公共预算收入增长12.1% [@]。", "分别增长12.1%和12%"),
        (REVENUE_EN, "General public budget revenue grew by 12.1% [@].", "分别增长12.1%和12%"),
        (FIRMS_ZH, "2018年瑞安新增高新技术企业298家 [@]。", "高新技术企业96家"),
    ],
)
def test_a_neighbours_figure_is_not_taken(
    question: str, text: str, said_by: str, real_app: App
) -> None:
    assert check(real_app, question, text, said_by).problems


def test_a_neighbours_figure_is_not_taken_where_the_words_are_far_apart(real_app: App) -> None:
    text = "Ruian added 298 high-tech enterprises in 2018 [@]."
    checked = check(real_app, FIRMS_EN, text, "高新技术企业96家")
    assert "高新技术企业96家" in checked.text
    assert checked.problems


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (TARGET_ZH, "2019年瑞安生产总值增长了8% [@]。"),
        (TARGET_EN, "Ruian's GDP grew by 8% in 2019 [@]."),
    ],
)
def test_a_plan_in_the_past_tense_is_not_told_as_a_result(
    question: str, text: str, real_app: App
) -> None:
    assert check(real_app, question, text, "生产总值增长8%左右").problems


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (GDP_ZH, "2018年瑞安生产总值下降7.8% [@]。"),
        (GDP_EN, "Ruian's GDP fell by 7.8% in 2018 [@]."),
    ],
)
def test_a_rise_is_not_told_as_a_fall(question: str, text: str, real_app: App) -> None:
    assert check(real_app, question, text).problems


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (GDP_EN, "The mayor is very popular and everyone is happy [@]."),
        (GDP_ZH, "市长深受欢迎\uff0c人人满意 [@]。"),
        (GDP_ZH, "2018年瑞安生产总值910亿元\uff0c其中第三产业占一半 [@]。"),
    ],
)
def test_words_that_the_source_does_not_say_are_reported(
    question: str, text: str, real_app: App
) -> None:
    assert check(real_app, question, text).problems

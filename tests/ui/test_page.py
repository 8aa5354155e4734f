"""The page in a real browser, over the five reports."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.fakes import falls_silent, keeps_alive, refuses, reset_after, says
from tests.ui.conftest import Site, Visit, ask, choose_engine
from ui.feedback import FeedbackStore
from ui.web.fragments import STARTERS

pytestmark = pytest.mark.browser

GDP = "瑞安2018年的生产总值是多少?"
GDP_QUOTE = "预计全市实现生产总值910亿元,增长7.8%;"
DIFFERENCE = "金华开发区2022年固定资产投资目标额比温州经开区本级2014年限上固定资产投资多多少亿元?"


def highlighted(page: Page) -> str:
    """The quoted sentence in the reading pane, once it is in view."""
    mark = page.locator("#reading mark.quote")
    mark.wait_for()
    box, pane = mark.first.bounding_box(), page.locator("#reading .scroller").bounding_box()
    assert box
    assert pane
    assert pane["y"] <= box["y"] <= pane["y"] + pane["height"]
    return mark.inner_text()


def test_a_chinese_question_leads_to_its_highlighted_source(visit: Visit) -> None:
    page = visit()
    assert page.url.endswith("/zh/")
    ask(page, GDP)
    assert "910亿元" in page.locator(".answer").inner_text()
    assert "瑞安市 · 2018" in page.locator(".understood").inner_text()
    page.click("a.marker")
    assert highlighted(page) == GDP_QUOTE
    where = page.locator("#reading .where").inner_text()
    for part in (
        "2019年瑞安市政府工作报告",
        "瑞安市",
        "2019-01-16",
        "一、2018年主要工作回顾",
        "2018 实绩",
    ):
        assert part in where
    assert page.url.endswith("#p4")


def test_who_gave_a_report_leads_to_its_head(visit: Visit) -> None:
    page = visit()
    ask(page, "瑞安市政府工作报告由谁作的?")
    page.click("a.marker")
    assert "麻胜聪" in highlighted(page)
    assert page.url.endswith("#p0")


def test_an_english_question_is_answered_on_an_english_page(visit: Visit) -> None:
    page = visit(language="en")
    assert page.url.endswith("/en/")
    ask(page, "What was Ruian's GDP in 2018?")
    converted = page.locator(".figure.converted")
    assert converted.locator(".value").inner_text() == "91 billion yuan"
    assert not converted.locator(".tip").is_visible()
    converted.hover()
    assert "910亿元" in converted.locator(".tip").inner_text()
    page.click("a.source >> nth=0")
    assert highlighted(page) == GDP_QUOTE
    assert "2018 result" in page.locator("#reading .where").inner_text()


def test_the_source_stays_in_view_while_the_conversation_scrolls(visit: Visit) -> None:
    page = visit()
    for _ in range(3):
        ask(page, GDP)
    page.locator("a.marker").first.click()
    highlighted(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.evaluate("scrollY") > 200
    mark = page.locator("#reading mark.quote").bounding_box()
    assert mark
    assert 0 < mark["y"] < 844


def test_next_and_previous_paragraph(visit: Visit) -> None:
    page = visit("/?report=ruian-2019#p4")
    current = page.locator("#reading .current")
    current.wait_for()
    first = current.inner_text()
    page.click("#reading .next")
    assert page.url.endswith("#p5")
    assert current.inner_text() != first
    page.click("#reading .previous")
    assert current.inner_text() == first


def test_the_link_of_a_source_opens_the_same_place_elsewhere(visit: Visit) -> None:
    page = visit()
    ask(page, GDP)
    link = page.locator("a.marker").get_attribute("href")
    assert link
    assert re.fullmatch(r"/\?report=ruian-2019&quote=\d+-\d+#p4", link)
    assert highlighted(visit(link, language="en")) == GDP_QUOTE


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/?report=nowhere#p1", "没有这份报告"),
        ("/?report=ruian-2019#p999", "没有这一段"),
        ("/?report=..%2f..%2fetc#p1", "没有这份报告"),
        ("/?report=ruian-2019&quote=5-99999#p4", "2019年瑞安市政府工作报告"),
    ],
)
def test_a_link_that_leads_nowhere_says_so(visit: Visit, path: str, said: str) -> None:
    page = visit(path)
    page.wait_for_function(f"() => document.querySelector('#reading').innerText.includes('{said}')")


def test_back_and_forward_follow_the_sources(visit: Visit) -> None:
    page = visit("/?report=ruian-2019#p4")
    page.locator("#reading .current").wait_for()
    page.click("#reading .next")
    page.go_back()
    page.wait_for_function("() => document.querySelector('.current').id === 'p4'")


def test_find_in_a_report(visit: Visit) -> None:
    page = visit("/?report=ruian-2019#p1")
    page.locator("#reading .current").wait_for()
    page.fill("#reading input", "生产总值")
    page.wait_for_selector("#reading mark.here")
    first = page.locator("#reading .count").inner_text()
    assert first.startswith("1/")
    page.press("#reading input", "Enter")
    assert page.locator("#reading .count").inner_text().startswith("2/")
    page.fill("#reading input", "没有这样的字")
    page.wait_for_function(
        "() => document.querySelector('#reading .count').innerText === '没有找到'"
    )


def test_figures_say_how_they_were_checked(visit: Visit) -> None:
    page = visit()
    ask(page, DIFFERENCE)
    calculated = page.locator(".figure.calculated")
    calculated.locator("button").focus()
    assert "160亿元 − 121.02亿元 = 38.98亿元" in calculated.locator(".tip").inner_text()
    assert page.locator(".figure.exact").count() >= 2


def test_masked_and_missing_look_different_from_an_answer(visit: Visit) -> None:
    page = visit()
    looks = set()
    for question in (GDP, "生态园2022年1-9月实现工业总产值多少?", "杭州2020年的生产总值是多少?"):
        ask(page, question)
        answer = page.locator(".answer").last
        looks.add(answer.evaluate("e => getComputedStyle(e).borderLeftStyle + e.className"))
    assert [look.split()[-1] for look in sorted(looks)] == ["not_found", "withheld", "answered"]
    assert page.locator(".answer.withheld .status").inner_text() == "报告隐去了数值"
    assert page.locator(".answer.not_found .status").inner_text() == "报告中未找到"


def test_how_a_question_was_understood_can_be_changed(visit: Visit) -> None:
    page = visit()
    ask(page, GDP)
    page.click(".understood summary")
    page.select_option(".changes [data-name=year]", "2019")
    page.select_option(".changes [data-name=kind]", "plan")
    page.click("[data-do=again]")
    page.wait_for_function("() => document.querySelectorAll('.exchange:not(.live)').length === 2")
    last = page.locator(".exchange").last
    assert "瑞安市 · 2019 · 计划" in last.locator(".understood").inner_text()
    assert "8%" in last.locator(".answer").inner_text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_starters_are_of_five_sorts_and_can_be_asked(visit: Visit, language: str) -> None:
    page = visit(language=language)
    starters = page.locator(".starters li")
    assert starters.count() == len(STARTERS) == 5
    starters.nth(1).locator("button").click()
    page.wait_for_selector(".exchange:not(.live) .answer.answered")
    assert "14%" in page.locator(".answer").inner_text()
    assert not page.locator(".starters").is_visible()


def test_a_follow_up_knows_the_conversation_and_survives_a_reload(visit: Visit) -> None:
    page = visit(language="en")
    ask(page, "What growth in fixed-asset investment did Jinhua ETDZ target for 2022?")
    ask(page, "And the grain planting area?")
    assert "10万亩" in page.locator(".answer").last.inner_text()
    page.reload()
    page.wait_for_selector("body.ready")
    assert page.locator(".exchange").count() == 2
    ask(page, "And for 2023?")
    assert "Jinhua" in page.locator(".understood").last.inner_text()


def test_conversations_are_listed_opened_and_deleted(visit: Visit) -> None:
    page = visit()
    ask(page, GDP)
    page.click(".new")
    page.wait_for_selector(".starters:not([hidden])")
    ask(page, "生态园2022年1-9月实现工业总产值多少?")
    page.click(".history summary")
    page.click(".history [data-do=open]")
    page.wait_for_function("() => document.querySelector('.question').innerText.includes('瑞安')")
    page.click(".history summary")
    page.click(".history [data-do=delete]")
    page.click(".history [data-do=delete]")
    page.wait_for_selector(".history p")
    assert page.locator(".history li").count() == 0


def test_readers_do_not_see_each_other(visit: Visit) -> None:
    ask(visit(), GDP)
    other = visit()
    assert other.locator(".exchange").count() == 0
    assert other.locator(".history li").count() == 0


def test_an_answer_is_copied_with_its_sources(visit: Visit) -> None:
    page = visit()
    ask(page, GDP)
    page.click("[data-do=copy]")
    page.wait_for_function(
        "() => document.querySelector('body > .off-screen').innerText === '已复制'"
    )
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "910亿元" in copied
    assert GDP_QUOTE in copied
    assert "/?report=ruian-2019&quote=" in copied


def test_a_conversation_is_saved_in_every_form(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    ask(page, DIFFERENCE)
    saved = {}
    for form in ("md", "docx", "csv", "xlsx"):
        with page.expect_download() as download:
            page.click(f".export a[data-form={form}]")
        assert download.value.suggested_filename.endswith(f".{form}")
        saved[form] = tmp_path / f"talk.{form}"
        download.value.save_as(saved[form])
    assert "38.98亿元" in saved["md"].read_text(encoding="utf-8")
    assert "38.98亿元" in "\n".join(p.text for p in Document(str(saved["docx"])).paragraphs)
    rows = list(csv.DictReader(saved["csv"].open(encoding="utf-8-sig", newline="")))
    assert {row["check"] for row in rows} >= {"exact", "calculated"}
    assert load_workbook(saved["xlsx"]).active.max_row == len(rows) + 1
    assert page.url.startswith(rows[0]["link"].split("/?")[0])


def test_a_verdict_with_a_reason_is_kept(visit: Visit, site: Site) -> None:
    page = visit()
    ask(page, GDP)
    page.click("[data-do=unhelpful]")
    page.fill(".reason textarea", "年份不对 <b>!</b>")
    page.click("[data-do=reason]")
    page.wait_for_function("() => document.querySelector('.noted').innerText !== ''")
    page.click("[data-do=helpful]")
    page.wait_for_selector("[data-do=helpful][aria-pressed=true]")
    bad, good = FeedbackStore(site.data_dir).read()[-2:]
    assert (bad.helpful, bad.reason, bad.answer.question) == (False, "年份不对 <b>!</b>", GDP)
    assert (good.helpful, good.surface) == (True, "web")


def test_an_empty_and_an_overlong_question_are_told_what_to_do(visit: Visit) -> None:
    page = visit()
    page.press("#question textarea", "Enter")
    assert page.locator(".exchange").count() == 0
    page.evaluate("document.querySelector('#question textarea').removeAttribute('maxlength')")
    ask(page, "问" * 2001)
    assert "2000" in page.locator(".answer.failed").inner_text()


def test_input_methods_do_not_send_half_a_question(visit: Visit) -> None:
    page = visit()
    page.fill("#question textarea", "瑞安")
    page.evaluate(
        "document.querySelector('#question textarea').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    assert page.locator(".exchange").count() == 0


# The model


def test_passages_come_first_then_the_answer_of_the_model(visit: Visit, site: Site) -> None:
    site.endpoint.scripts = [
        says("2018年瑞安市实现生产总值910亿元", "[1]。", "增长7.8%[1]。", after=1.5, pause=0.1)
    ]
    page = visit()
    choose_engine(page, "api")
    page.fill("#question textarea", GDP)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(".live .passages li")
    assert page.locator(".live .wait").is_visible()
    page.wait_for_selector(".exchange:not(.live) .answer.answered")
    assert page.locator(".engine").inner_text().endswith("(scripted)")
    page.click("a.marker >> nth=0")
    assert highlighted(page) == GDP_QUOTE


@pytest.mark.parametrize(
    "script", [refuses(500), reset_after("2018年瑞安市实现生产总值"), says("没有")]
)
def test_a_model_that_fails_is_replaced_by_quotations(
    visit: Visit, site: Site, script: object
) -> None:
    site.endpoint.scripts = [script]  # type: ignore[list-item]
    page = visit()
    choose_engine(page, "api")
    ask(page, GDP)
    assert "910亿元" in page.locator(".answer").inner_text()
    assert "quoted from the reports instead" in page.locator(".problems").inner_text()
    assert page.locator(".engine").inner_text() == "作答方式: 引用原文"


def test_stopping_an_answer_stops_the_model(visit: Visit, site: Site) -> None:
    site.endpoint.scripts = [says(*["瑞安市2018年实现生产总值910亿元[1]。"] * 400, pause=0.1)]
    page = visit()
    choose_engine(page, "api")
    page.fill("#question textarea", GDP)
    page.press("#question textarea", "Enter")
    page.wait_for_function(
        "() => document.querySelector('.live .answer').innerText.includes('910')"
    )
    assert not site.endpoint.idle.is_set()
    page.click("#stop")
    assert site.endpoint.idle.wait(10)
    assert "已停止" in page.locator(".answer").inner_text()
    ask(page, "生态园2022年1-9月实现工业总产值多少?")
    assert page.locator(".answer.withheld").count() == 1


def test_a_long_answer_does_not_hold_up_others(visit: Visit, site: Site) -> None:
    site.endpoint.scripts = [falls_silent()]
    waiting = visit()
    choose_engine(waiting, "api")
    waiting.fill("#question textarea", GDP)
    waiting.press("#question textarea", "Enter")
    waiting.wait_for_selector(".live .passages li")
    ask(visit(), GDP)
    assert waiting.locator(".live").count() == 1
    waiting.click("#stop")


def test_a_connection_that_breaks_is_told(visit: Visit, site: Site) -> None:
    site.endpoint.scripts = [keeps_alive("瑞安")]
    page = visit()
    choose_engine(page, "api")
    page.fill("#question textarea", GDP)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(".live .passages li")
    page.route("**/page/ask", lambda route: route.abort())
    page.click("#stop")
    page.fill("#question textarea", GDP)
    page.press("#question textarea", "Enter")
    page.wait_for_function(
        "() => document.querySelector('.slot:last-child').innerText.includes('连接中断')"
    )
    assert page.input_value("#question textarea") == GDP


# The reports


def test_browse_reads_covers_and_plots(visit: Visit) -> None:
    page = visit()
    page.click("#tab-browse-button")
    assert page.locator(".report").count() >= 5
    page.click("table.coverage a.plan >> nth=0")
    page.locator("#reading .current").wait_for()
    assert "计划" in page.locator("#reading .where").inner_text()
    page.click(".plot a >> nth=0")
    assert "生产总值" in highlighted(page)
    page.select_option(".own.browse select", "retail")
    page.wait_for_function(
        "() => (document.querySelector('.values')?.innerText || '').includes('%')"
    )


# For everybody


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_serious_barriers(visit: Visit, width: int, dark: bool) -> None:
    page = visit(language="en" if dark else "zh", width=width, dark=dark)
    ask(page, GDP)
    ask(page, "What was the GDP of Hangzhou in 2020?")
    barriers = found_barriers(page)
    page.click("a.marker >> nth=0")
    highlighted(page)
    barriers += found_barriers(page)
    page.click("#reading .close")
    for tab in ("browse", "add", "settings"):
        page.click(f"#tab-{tab}-button")
        page.wait_for_timeout(700)
        barriers += found_barriers(page)
    assert not barriers, "\n".join(barriers)


def found_barriers(page: Page) -> list[str]:
    """What axe-core calls serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_narrow_screen_shows_one_thing_at_a_time(visit: Visit, language: str) -> None:
    page = visit(language=language, width=390)
    ask(page, GDP)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.tap(".figure.exact button >> nth=0")
    assert page.locator(".figure.exact .tip").first.is_visible()
    page.tap("a.marker")
    assert highlighted(page) == GDP_QUOTE
    box = page.locator("#reading").bounding_box()
    assert box
    assert box["width"] == 390
    page.tap("#reading .close")
    assert not page.locator("#reading").is_visible()
    for tab in ("browse", "add", "settings"):
        page.click(f"#tab-{tab}-button")
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_everything_can_be_done_with_the_keyboard(visit: Visit) -> None:
    page = visit()
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.type(GDP)
    page.keyboard.press("Enter")
    page.wait_for_selector(".exchange:not(.live) .answer")
    page.keyboard.press("Shift+Tab")
    for _ in range(30):
        if page.evaluate("document.activeElement.className") == "marker":
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert highlighted(page) == GDP_QUOTE
    assert page.evaluate("document.activeElement.id") == "p4"
    page.keyboard.press("Escape")
    assert not page.locator("#reading").is_visible()
    assert page.evaluate("document.activeElement.className") == "marker"


def test_the_language_of_the_page_can_be_changed_without_losing_the_place(visit: Visit) -> None:
    page = visit("/?report=ruian-2019#p4")
    page.locator("#reading .current").wait_for()
    page.click("nav .language")
    page.wait_for_selector("body.ready")
    assert "/en/?report=ruian-2019" in page.url
    page.locator("#reading .current").wait_for()
    page.goto(page.url.split("/en/")[0])
    assert page.url.rstrip("/").endswith("/en")


def test_light_and_dark(visit: Visit) -> None:
    page = visit(dark=True)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click(".appearance")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.reload()
    page.wait_for_selector("body.ready")
    page.wait_for_timeout(300)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light

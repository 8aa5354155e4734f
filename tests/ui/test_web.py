"""The chat page in a real browser, over the five reports, without a language model."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="module")
def address(real_index: Path) -> Iterator[str]:
    """The page served by the real command in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from ui.cli import main; main()", "web", "--port", str(port)]
    environment = {
        **os.environ,
        "REPORT_QA_DATA_DIR": str(real_index),
        "REPORT_QA_ENGINE": "extractive",
    }
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail("the page was not served in time")


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    """One browser page for all tests of this file."""
    browser_path = shutil.which("chromium")
    assert browser_path, "chromium is missing; run: python -m tests.machine"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=_ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(address)
        page.wait_for_selector("#question textarea")
        yield page
        browser.close()


def _ask(page: Page, question: str) -> None:
    """Type a question, press Enter, and wait for its finished answer."""
    before = page.locator("#talk .engine").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_function(
        f"document.querySelectorAll('#talk .engine').length > {before}", timeout=60_000
    )


@pytest.mark.browser
def test_a_chinese_question_is_answered_with_its_source_highlighted(page: Page) -> None:
    _ask(page, "瑞安2018年的生产总值是多少?")
    answer = page.locator("#talk .answer").last
    assert "910亿元" in answer.locator("p").nth(1).inner_text()
    answer.locator("a.marker").first.click()
    target = page.locator(":target")
    assert target.locator("mark").inner_text().startswith("预计全市实现生产总值910亿元")
    assert "ruian-2019#p4" in target.inner_text()
    assert page.locator("#passages details").count() >= 4


@pytest.mark.browser
def test_an_english_question_is_answered_from_chinese_text(page: Page) -> None:
    _ask(page, "What growth in fixed-asset investment did Jinhua ETDZ target for 2022?")
    assert "14%" in page.locator("#talk .answer").last.inner_text()
    understood = page.locator("#talk .understood").last.inner_text()
    assert "2022" in understood
    assert "plan" in understood


@pytest.mark.browser
def test_a_follow_up_knows_the_conversation(page: Page) -> None:
    _ask(page, "And the grain planting area?")
    assert "10万亩" in page.locator("#talk .answer").last.inner_text()


@pytest.mark.browser
def test_masked_and_missing_look_different_from_an_answer(page: Page) -> None:
    _ask(page, "生态园2022年1-9月实现工业总产值多少?")
    assert page.locator("#talk .answer.withheld").count() == 1
    _ask(page, "What was the GDP of Hangzhou in 2020?")
    assert page.locator("#talk .answer.not_found").count() == 1


@pytest.mark.browser
def test_markup_in_a_question_is_shown_and_not_run(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _ask(
        page,
        "<img src='http://example.com/x.png'><b>瑞安</b>2018年生产总值?<script>alert(1)</script>",
    )
    question = page.locator("#talk .question").last
    assert "<img" in question.inner_text()
    assert question.locator("img, b, script").count() == 0
    assert not [url for url in asked if not url.startswith("http://127.0.0.1")]


@pytest.mark.browser
def test_an_empty_question_is_told_what_to_do(page: Page) -> None:
    page.fill("#question textarea", "   ")
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#talk .answer.failed")
    assert page.locator("#talk .answer.failed").count() == 1

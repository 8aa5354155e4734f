"""Makes the screenshots in docs/screens: `python -m tests.ui.screens`, over an index of seeds/."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from rag.app import build_app
from tests.fakes import ScriptedEndpoint, says
from tests.ui.conftest import Serving, ask, stop

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
DIFFERENCE = {
    "zh": "金华开发区2022年固定资产投资目标额比温州经开区本级2014年限上固定资产投资多多少亿元?",
    "en": "What was Ruian's GDP in 2018?",
}
SILENT = {
    "zh": "生态园2022年1-9月实现工业总产值多少?",
    "en": "What was the GDP of Hangzhou in 2020?",
}


def main() -> None:
    """Serve the corpus of the settings and take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        ScriptedEndpoint(says("x")) as endpoint,
        sync_playwright() as playwright,
    ):
        site = Serving(Path(folder))(
            build_app().settings.data_dir, endpoint, OPENAI_BASE_URL="", REPORT_QA_MODEL=""
        )
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            for language, locale, scheme in (("zh", "zh-CN", "light"), ("en", "en-GB", "dark")):
                for name, width, height in (("wide", 1280, 800), ("narrow", 390, 800)):
                    page = browser.new_page(
                        viewport={"width": width, "height": height}, locale=locale,
                        color_scheme="dark" if scheme == "dark" else "light",
                    )  # fmt: skip
                    page.goto(site.url)
                    page.wait_for_selector("body.ready")
                    _take(page, f"{language}-{name}", language)
                    page.close()
        finally:
            browser.close()
            stop(site)


def _take(page: Page, name: str, language: str) -> None:
    ask(page, SILENT[language])
    ask(page, DIFFERENCE[language])
    if name.endswith("narrow"):
        page.screenshot(path=FOLDER / f"{name}.png")
        page.locator("a.marker").last.click()
        page.locator("#reading mark").wait_for()
        page.screenshot(path=FOLDER / f"{name}-source.png")
        return
    page.locator(".exchange").last.locator("a.marker").first.click()
    page.locator("#reading mark").wait_for()
    page.locator(".slot").last.evaluate("e => e.scrollIntoView()")
    page.screenshot(path=FOLDER / f"{name}.png")
    page.click("#reading .close")
    page.click("#tab-browse-button")
    page.locator(".plot").first.wait_for()
    page.locator("table.coverage").evaluate("e => e.scrollIntoView()")
    page.screenshot(path=FOLDER / f"{name}-reports.png")


if __name__ == "__main__":
    main()

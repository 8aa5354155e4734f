"""One server and one browser for all tests of the page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.fakes import ScriptedEndpoint, says

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@dataclass
class Site:
    """A server in a process of its own, its corpus, and the model it may ask."""

    url: str
    data_dir: Path
    endpoint: ScriptedEndpoint
    process: subprocess.Popen[bytes]
    log: Path


@dataclass
class Serving:
    """Starts the real command; ends what it started."""

    folder: Path

    def __call__(
        self, data_dir: Path, endpoint: ScriptedEndpoint, *options: str, **env: str
    ) -> Site:
        """A server over a copy of a corpus, answering requests."""
        own = Path(str(self.folder / f"site-{len(list(self.folder.iterdir()))}"))
        shutil.copytree(data_dir, own / "data")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        return self.start(own / "data", own / "log", port, endpoint, *options, **env)

    def start(
        self, data_dir: Path, log: Path, port: int, endpoint: ScriptedEndpoint, *options: str,
        **env: str,
    ) -> Site:  # fmt: skip
        """A server over a corpus as it is."""
        command = [
            sys.executable, "-c", "from ui.cli import main; main()", "web", "--port", str(port),
            *options,
        ]  # fmt: skip
        environment = {
            **os.environ,
            "REPORT_QA_DATA_DIR": str(data_dir),
            "REPORT_QA_ENGINE": "extractive",
            "REPORT_QA_DEADLINE_SECONDS": "20",
            "REPORT_QA_MODEL": "scripted",
            "OPENAI_BASE_URL": endpoint.base_url,
            "GRADIO_TEMP_DIR": str(log.parent / "gradio"),
            **env,
        }
        with log.open("ab") as out:
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        site = Site(f"http://127.0.0.1:{port}", data_dir, endpoint, process, log)
        self._wait_for(site)
        return site

    def _wait_for(self, site: Site) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert site.process.poll() is None, site.log.read_text()
            try:
                urllib.request.urlopen(f"{site.url}/healthz", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        pytest.fail("the page was not served in time")


def stop(site: Site) -> None:
    """End a server as Ctrl+C or a service manager would."""
    site.process.terminate()
    try:
        site.process.wait(20)
    except subprocess.TimeoutExpired:
        site.process.kill()
        site.process.wait()


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """What starts servers."""
    return Serving(tmp_path_factory.mktemp("sites"))


@pytest.fixture(scope="session")
def site(serving: Serving, real_index: Path) -> Iterator[Site]:
    """The page over the five reports; its readers may choose a scripted model in the settings."""
    with ScriptedEndpoint(says("x")) as endpoint:
        found = serving(real_index, endpoint)
        try:
            yield found
        finally:
            stop(found)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    assert path, "chromium is missing; run: python -m tests.machine"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """Opens the page as a new reader: visit(path, language=…, width=…, dark=…).

    Fails the test if the page tried to reach another host, met an error in a script, or broke its
    security policy.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(
        path: str = "/", *, language: str = "zh", width: int = 1280, dark: bool = False,
        context: BrowserContext | None = None,
    ) -> Page:  # fmt: skip
        if context is None:
            context = browser.new_context(
                viewport={"width": width, "height": 844},
                locale="zh-CN" if language == "zh" else "en-GB",
                color_scheme="dark" if dark else "light",
                has_touch=width < 500,
            )
            context.set_default_timeout(15_000)
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        page.on(
            "console",
            lambda message: (
                wrong.append(message.text) if "Security Policy" in message.text else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((site.url, "data:", "blob:"))
                else wrong.append(f"request to {request.url}")
            ),
        )
        page.goto(site.url + path)
        page.wait_for_selector("body.ready")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter, and wait until its answer is whole."""
    before = page.locator(".exchange:not(.live)").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_function(
        f"() => document.querySelectorAll('.exchange:not(.live)').length > {before} "
        "&& !document.body.classList.contains('asking')",
        timeout=30_000,
    )


def choose_engine(page: Page, name: str) -> None:
    """Choose who answers, in the settings."""
    page.click("#tab-settings-button")
    with page.expect_response(lambda response: "queue/data" in response.url):
        page.check(f"#engine input[value={name}]")
    page.wait_for_timeout(300)
    page.click("#tab-ask-button")
    page.wait_for_selector("#question textarea")

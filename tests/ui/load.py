"""Prints how fast the page is and how its memory grows: `python -m tests.ui.load`, over the index
of the settings."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import httpx2
from playwright.sync_api import sync_playwright

from rag.app import build_app
from tests.fakes import ScriptedEndpoint, says
from tests.ui.conftest import Serving, Site, stop

QUESTIONS = (
    "瑞安2018年的生产总值是多少?",
    "What was Ruian's GDP in 2018?",
    "金华开发区2022年固定资产投资的增长目标是多少?",
    "生态园2022年1-9月实现工业总产值多少?",
    "What was the GDP of Hangzhou in 2020?",
)
ROUNDS = 20
ASKED = 500


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, ScriptedEndpoint(says("x")) as endpoint:
        begun = time.monotonic()
        site = Serving(Path(folder))(build_app().settings.data_dir, endpoint)
        print(f"server up: {time.monotonic() - begun:.1f} s")
        try:
            print(f"page usable, first and second visit: {_usable(site)}")
            asyncio.run(_passages(site))
            asyncio.run(_memory(site))
        finally:
            stop(site)
            print(site.log.read_text().strip())


def _usable(site: Site) -> str:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        seconds = []
        for _ in range(2):
            page = browser.new_page()
            begun = time.monotonic()
            page.goto(site.url)
            page.wait_for_selector("body.ready")
            seconds.append(f"{time.monotonic() - begun:.1f} s")
            page.close()
        browser.close()
    return ", ".join(seconds)


async def _passages(site: Site) -> None:
    """Milliseconds from the question to its passages, five readers asking at once."""
    readers = [httpx2.AsyncClient(base_url=site.url, timeout=60, trust_env=False) for _ in range(5)]
    talks = [(await r.get("/page/start?language=zh")).json()["conversation"] for r in readers]

    async def first(reader: httpx2.AsyncClient, talk: str, question: str) -> float:
        begun = time.monotonic()
        asked = {"language": "zh", "conversation": talk, "question": question}
        async with reader.stream("POST", "/page/ask", json=asked) as stream:
            async for line in stream.aiter_lines():
                if line == "event: live":
                    waited = (time.monotonic() - begun) * 1000
        return waited

    waits: list[float] = []
    for round_ in range(ROUNDS):
        asks = zip(readers, talks, QUESTIONS, strict=True)
        found = await asyncio.gather(*(first(*ask) for ask in asks))
        if round_:  # the first warms up
            waits += found
    for reader in readers:
        await reader.aclose()
    waits.sort()
    print(
        f"passages, five at once ({len(waits)}): median {statistics.median(waits):.0f} ms, "
        f"95% within {waits[int(len(waits) * 0.95)]:.0f} ms, at most {waits[-1]:.0f} ms"
    )


async def _memory(site: Site) -> None:
    """Resident memory before and after many questions."""
    async with httpx2.AsyncClient(base_url=site.url, timeout=60, trust_env=False) as client:

        async def ask(number: int) -> None:
            question = QUESTIONS[number % len(QUESTIONS)]
            (await client.post("/api/ask", json={"question": question})).raise_for_status()

        for number in range(100):
            await ask(number)
        before = _resident(site)
        for number in range(ASKED):
            await ask(number)
        after = _resident(site)
    growth = 100 * (after - before) / before
    print(f"memory: {before} MB, after {ASKED} questions {after} MB ({growth:+.1f}%)")


def _resident(site: Site) -> int:
    status = Path(f"/proc/{site.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


if __name__ == "__main__":
    main()

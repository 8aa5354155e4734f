"""Reports that readers bring, and hostile ones among them, in a real browser."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from docx import Document
from playwright.sync_api import Browser, Page

from tests.fakes import ScriptedEndpoint, says
from tests.ui.conftest import Serving, Site, ask, choose_engine, stop
from tests.ui.payloads import PAYLOADS

pytestmark = pytest.mark.browser

LINES = (
    "西溪县2023年政府工作报告",
    "西溪县人民政府",
    "一、2022年工作回顾",
    "全县实现生产总值{value}亿元,增长6.3%。财政总收入31.5亿元,增长4.2%,新建学校7所。",
    "二、2023年工作安排",
    "今年的目标是:生产总值增长7%左右,新增就业5200人,建成公园9个。",
)
# What no text of a document may become, and what only our own markup may hold.
FORBIDDEN = (
    ".own :is(img, form, script, iframe, object, embed, video, audio, link, style, base, meta, "
    "template, picture, math, body), .own svg:not(.thumb, .plot)"
)


@pytest.fixture(scope="module")
def site(serving: Serving, real_index: Path) -> Iterator[Site]:
    """A server of its own, since its corpus changes."""
    with ScriptedEndpoint(says("x")) as endpoint:
        found = serving(real_index, endpoint)
        try:
            yield found
        finally:
            stop(found)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 844})
    context.set_default_timeout(30_000)
    elsewhere: list[str] = []
    page = context.new_page()
    here = (site.url, "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(here) else elsewhere.append(r.url))
    page.goto(site.url)
    page.wait_for_selector("body.ready")
    yield page
    assert elsewhere == []
    assert page.evaluate("window.hit === undefined")
    context.close()


def write(folder: Path, suffix: str, value: int, browser: Browser) -> Path:
    """The same report in a format, with a value of its own."""
    lines = [line.format(value=value) for line in LINES]
    path = folder / f"xixi-{suffix[1:]}-2023{suffix}"
    html = "".join(f"<p>{line}</p>" for line in lines)
    match suffix:
        case ".docx":
            document = Document()
            for line in lines:
                document.add_paragraph(line)
            document.save(str(path))
        case ".html":
            path.write_text(
                f"<html><head><title>{lines[0]}</title><script>x()</script></head><body>"
                f"<nav>首页</nav>{html}<form><input></form></body></html>",
                encoding="utf-8",
            )
        case ".pdf":
            page = browser.new_page()
            page.set_content(f"<div style='font-size:20px;width:420px'>{html}</div>")
            page.pdf(path=str(path))
            page.close()
        case _:
            path.write_text("\n".join(lines), encoding="utf-8")
    return path


def upload(page: Page, path: Path) -> str:
    """Give the page a file; what it says of it."""
    page.click("#tab-add-button")
    page.set_input_files("#upload input[type=file]", str(path))
    message = page.locator("#message textarea")
    message.wait_for()
    page.wait_for_timeout(300)
    return message.input_value()


def index(page: Page, done: str = "已收入") -> None:
    page.click("#index")
    page.wait_for_function(
        f"() => document.querySelector('#message textarea').value.includes('{done}')",
        timeout=60_000,
    )
    page.wait_for_timeout(300)


@pytest.mark.parametrize(
    ("suffix", "value"),
    [(".txt", 211), (".md", 223), (".html", 227), (".docx", 229), (".pdf", 233)],
)
def test_each_format_is_understood_indexed_and_answers(
    page: Page, browser: Browser, tmp_path: Path, suffix: str, value: int
) -> None:
    said = upload(page, write(tmp_path, suffix, value, browser))
    assert "2022 实绩" in said
    assert f"生产总值{value}亿元,增长6.3%。财政总收入" in said
    assert page.input_value("#entry-title textarea, #entry-title input") == LINES[0]
    assert page.input_value("#entry-reviews textarea, #entry-reviews input") == "2022"
    page.fill("#entry-place textarea, #entry-place input", f"西溪{suffix[1:]}县")
    index(page)
    page.click("#tab-ask-button")
    ask(page, f"西溪{suffix[1:]}县2022年生产总值是多少?")
    assert f"{value}亿元" in page.locator(".answer").inner_text()
    page.click("a.marker >> nth=0")
    page.locator("#reading mark.quote").wait_for()


def hostile(folder: Path) -> list[tuple[Path, str]]:
    """Files that are not what they say, each with words of the sentence it gets."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 210_000_000)
    files = [
        ("bad.pdf", b"%PDF-1.7 nothing", "not a sound PDF"),
        ("bad.docx", b"no zip at all", "not a Word document"),
        ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "old Word format"),
        ("bomb.docx", bomb.getvalue(), "unpacks to more than"),
        ("empty.txt", b"  \n", "is empty"),
        ("noise.txt", bytes(range(256)) * 40, "not text"),
    ]
    found = []
    for name, content, said in files:
        (folder / name).write_bytes(content)
        found.append((folder / name, said))
    return found


def test_a_bad_file_gets_one_sentence(page: Page, tmp_path: Path) -> None:
    for path, said in hostile(tmp_path):
        shown = upload(page, path)
        assert said in shown
        assert path.name in shown
        assert str(path.parent) not in shown
        assert "/gradio" not in shown
        assert not page.locator("#index").is_visible()
        page.reload()
        page.wait_for_selector("body.ready")


def test_a_wrong_entry_gets_one_sentence(page: Page, browser: Browser, tmp_path: Path) -> None:
    upload(page, write(tmp_path, ".txt", 241, browser))
    page.fill("#entry-reviews textarea, #entry-reviews input", "last year")
    index(page, "four digits")
    page.fill("#entry-reviews textarea, #entry-reviews input", "2022")
    page.fill("#entry-place textarea, #entry-place input", "")
    index(page, "needs a title and a place")


def test_uploads_survive_a_restart_can_be_corrected_and_removed(
    page: Page, browser: Browser, tmp_path: Path, site: Site, serving: Serving
) -> None:
    path = write(tmp_path, ".txt", 251, browser)
    upload(page, path.rename(tmp_path / "kept-2023.txt"))
    page.fill("#entry-title textarea, #entry-title input", "留存报告")
    page.fill("#entry-place textarea, #entry-place input", "留存县")
    index(page)
    stop(site)
    site.process = serving.start(
        site.data_dir, site.log, urlsplit(site.url).port or 0, site.endpoint
    ).process
    page.goto(site.url)
    page.wait_for_selector("body.ready")
    page.click("#tab-add-button")
    page.click("#uploaded input")
    page.click("#uploaded [role=option] >> text=留存报告")
    page.click("#edit")
    page.wait_for_selector("#entry-title")
    page.fill("#entry-title textarea, #entry-title input", "改名的报告")
    index(page)
    page.click("#tab-browse-button")
    page.locator(".report >> text=改名的报告").wait_for()
    page.click("#tab-add-button")
    page.click("#uploaded input")
    page.click("#uploaded [role=option] >> text=改名的报告")
    page.click("#remove")
    page.wait_for_function("() => document.querySelector('#message textarea').value === '已移除。'")
    page.click("#tab-browse-button")
    page.wait_for_function("() => !document.body.innerText.includes('改名的报告')")
    assert not [folder for folder in site.data_dir.glob("uploads/*") if "kept" in folder.name]


# Markup


def markup_made(page: Page) -> list[str]:
    """Elements and handlers that text has become; none is what is wanted."""
    return list(
        page.evaluate(
            "(forbidden) => [...document.querySelectorAll(forbidden)].map(e => e.outerHTML)"
            ".concat([...document.querySelectorAll('.own *')].filter(e => "
            "[...e.attributes].some(a => a.name.startsWith('on'))).map(e => e.outerHTML))"
            ".concat([...document.querySelectorAll('.own a[href]')]"
            ".map(a => new URL(a.getAttribute('href'), location).href)"
            ".filter(address => !address.startsWith(location.origin)))",
            FORBIDDEN,
        )
    )


def test_markup_in_a_report_stays_text(page: Page, tmp_path: Path) -> None:
    lines = ["<img src=x>标记县2023年工作总结", "一、2023年工作<b>总结</b>"]
    lines += [
        f"第{n}项工作完成{n}亿元,另有标记 {payload} 在文中。" for n, payload in enumerate(PAYLOADS)
    ]
    path = tmp_path / "markup-2023.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    upload(page, path)
    for name in ("title", "title_en", "place", "place_en", "issuer", "date"):
        box = f"#entry-{name} textarea, #entry-{name} input"
        page.fill(box, f"标记县<img src=http://elsewhere.example/{name}.png>")
    index(page)
    page.click("#tab-browse-button")
    page.locator(".report >> text=标记县").first.wait_for()
    assert markup_made(page) == []
    page.click(".report a >> text=标记县")
    page.locator("#reading .current").wait_for()
    shown = page.locator("#reading .text").inner_text()
    assert sum(" ".join(payload.split()) in shown for payload in PAYLOADS) > 100
    assert markup_made(page) == []
    page.click("#tab-ask-button")
    ask(page, "标记县2023年第3项工作完成多少亿元?")
    page.click(".evidence summary")
    assert markup_made(page) == []


def test_markup_in_questions_stays_text(page: Page) -> None:
    for start in range(0, len(PAYLOADS), 20):
        payloads = PAYLOADS[start : start + 20]
        ask(page, f"瑞安2018年的生产总值是多少? {' '.join(payloads)}"[:2000])
        shown = page.locator(".question").last.inner_text()
        assert payloads[0].split()[0] in shown
        assert markup_made(page) == []
    page.reload()
    page.wait_for_selector("body.ready")
    assert page.locator(".exchange").count() == (len(PAYLOADS) + 19) // 20
    assert markup_made(page) == []


def test_markup_from_a_model_stays_text(page: Page, site: Site) -> None:
    choose_engine(page, "api")
    for start in range(0, len(PAYLOADS), 10):
        payloads = " ".join(PAYLOADS[start : start + 10])
        site.endpoint.scripts = [says(f"瑞安市2018年实现生产总值910亿元 {payloads} [1]。")]
        ask(page, "瑞安2018年的生产总值是多少?")
        assert "910亿元" in page.locator(".answer").last.inner_text()
        assert markup_made(page) == []

"""report.html: safe, whole, legible."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from html.parser import HTMLParser

from eval.charts import Row, histogram, interval_chart
from eval.gate import Check, Gate, Thresholds, check
from eval.report import report
from eval.results import Result
from eval.summary import Interval, Nothing, summarise
from rag.types import Status
from tests.eval.build import citation, result

EVIL = '<script>alert("x")</script>\'"&'


class Tags(HTMLParser):
    """Counts tags and checks that they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.count: dict[str, int] = {}
        self.text: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in ("meta", "input"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page(results: Sequence[Result], baseline: Sequence[Result] | None = None) -> str:
    summary = summarise(results, golden="0" * 64, system="1" * 64, engine=EVIL)
    gate = check(results, Thresholds(), "extractive", complete=(), baseline=baseline)
    gate = Gate((*gate.checks, Check("x", False, EVIL)), gate.comparisons)
    return report(results, summary, gate, baseline, [EVIL])


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    tags.close()
    return tags


def evil(text: str, status: Status = "answered", correct: float = 0.0) -> Result:
    found = result(
        "q",
        {"correct": correct, "facts": 0.0},
        text=text,
        status=status,
        problems=[EVIL],
        citations=[citation(1, 1)],
        question=EVIL,
        note=EVIL,
        must_not=[EVIL],
        history=[{"role": "user", "content": EVIL}],
        facts=[{"any": [{"text": EVIL}]}],
    )
    found.citations[0].quote = found.citations[0].title = found.citations[0].anchor = EVIL
    found.retrieved = [EVIL]
    found.unscored["citation_recall"] = EVIL
    return found


def test_everything_from_outside_is_escaped() -> None:
    html = page([evil(EVIL)], [evil("before " + EVIL, correct=1.0)])
    tags = parsed(html)
    assert tags.count["script"] == 1
    assert EVIL not in html
    assert any(EVIL in text for text in tags.text)


def test_the_page_may_run_its_own_script_alone() -> None:
    html = page([result("a", {"correct": 1.0})])
    (script,) = re.findall("<script>(.*?)</script>", html, flags=re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in html
    assert "default-src 'none'" in html
    assert not re.findall(r"(?:src|href)=", html)
    assert " on" not in "".join(re.findall("<[^>]*>", html.split("<body>")[1]))


def test_a_failed_question_shows_answer_facts_and_sources() -> None:
    html = page([evil("这是回答 [1]。", status="answered")])
    text = "".join(parsed(html).text)
    for words in ("这是回答 [1]。", "expected", "sources", "retrieved", "must not say"):
        assert words in text


def test_against_a_baseline_both_answers_stand_side_by_side() -> None:
    html = page([evil("新的回答")], [evil("旧的回答", correct=1.0)])
    text = "".join(parsed(html).text)
    assert "Changed answers (1)" in text
    assert "now wrong" in text
    assert "旧的回答" in text
    assert "新的回答" in text
    same = "".join(parsed(page([evil("同")], [evil("同")])).text)
    assert "Every answer is as it was." in same


def interval(mean: float) -> Interval:
    return Interval(n=9, clusters=3, mean=mean, low=mean / 2, high=(1 + mean) / 2)


def test_an_interval_chart_has_a_dot_and_a_line_for_each_mean() -> None:
    rows = [
        Row("fact", (interval(0.5), interval(1.0))),
        Row(EVIL, (Nothing(unscored=1, reason="x"), None)),
    ]
    svg = interval_chart("Scores", ("Chinese", "English"), rows, "mean")
    tags = parsed(svg)
    assert (tags.count["circle"], svg.count("<g>")) == (2, 2)  # one of the circles is the legend's
    assert EVIL not in svg
    assert {"Scores", "Chinese", "English", "mean", "fact", "0.50 (9) | 1.00 (9)"} <= set(tags.text)


def test_a_histogram_counts_every_value() -> None:
    svg = histogram("Time", [1.0, 1.0, 2.0, 50.0], "milliseconds", bins=4)
    counts = [int(found) for found in re.findall(r": (\d+)</title>", svg)]
    assert sum(counts) == 4
    assert "milliseconds" in parsed(svg).text
    assert parsed(histogram("Time", [], "milliseconds")).count["svg"] == 1

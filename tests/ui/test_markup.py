"""What the page shows, without a browser."""

from __future__ import annotations

import pytest

from rag.app import App
from rag.contract import AnswerOut, CitationOut, FigureOut
from ui.web.conversations import Exchange, Understood
from ui.web.coverage import INDICATORS, parts, values_of
from ui.web.markup import Corner, answer_html, deep_link, exchange_html
from ui.web.words import WORDS

CORNER = Corner("en", {})


def citation(marker: int = 1) -> CitationOut:
    return CitationOut(
        marker=marker, report="r", title="t", paragraph=3, anchor="r#p3", section=[], text="abcdef",
        quote="bc", start=1, end=3, kind="actual", period="2021",
    )  # fmt: skip


def test_an_unsupported_figure_is_plainly_marked() -> None:
    figure = FigureOut(text="99亿元", source="", marker=None, status="unsupported")
    html = answer_html("It was 99亿元 [1].", [citation()], [figure], CORNER)
    assert '<span class="figure unsupported">' in html
    assert "not found in the source" in html


def test_the_same_figure_twice_is_marked_twice() -> None:
    figures = [FigureOut(text="8%", source="8%", marker=1, status="exact")] * 2
    html = answer_html("8% and 8% [1]", [citation()], figures, CORNER)
    assert html.count('class="figure exact"') == 2


def test_only_markers_with_a_source_are_links() -> None:
    html = answer_html("a [1] b [2]", [citation(1)], [], CORNER)
    assert html.count("<a ") == 1
    assert 'href="/?report=r&amp;quote=1-3#p3"' in html
    assert "[2]" in html


def test_figures_and_markers_survive_what_has_to_be_escaped() -> None:
    figure = FigureOut(text='<5%"', source="<5%>", marker=1, status="converted")
    html = answer_html('x & <5%" [1] </p>', [citation()], [figure], CORNER)
    assert "x &amp; " in html
    assert "&lt;5%&quot;" in html
    assert "&lt;/p&gt;" in html
    assert html.count("</p>") == 1


def test_a_table_is_a_table_and_its_markers_and_figures_are_live() -> None:
    figure = FigureOut(text="8%", source="8%", marker=1, status="exact")
    text = "Lead:\n\n| Place | Figure |\n| --- | --- |\n| a <b> \\| c | 8% [1] |\n\nLast."
    html = answer_html(text, [citation()], [figure], CORNER)
    assert html.startswith("<p>Lead:</p>")
    assert html.endswith("<p>Last.</p>")
    assert '<th scope="col">Place</th>' in html
    assert '<th scope="row">a &lt;b&gt; | c</th>' in html
    cell = html.partition("<td>")[2].partition("</td>")[0]
    assert 'class="figure exact"' in cell
    assert 'class="marker"' in cell
    assert "---" not in html


def test_addresses_are_quoted() -> None:
    assert deep_link("north", 0) == "/?report=north#p0"
    assert deep_link("a b&c#d", 3, (1, 2)) == "/?report=a%20b%26c%23d&quote=1-2#p3"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_whole_exchange_in_both_languages(real_app: App, language: str) -> None:
    corpus = real_app.assistant.corpus()
    infos = {info.id: info for info in corpus.index.infos()}
    corner = Corner("zh" if language == "zh" else "en", infos)
    answer = real_app.assistant.answer("What was Ruian's GDP in 2018?")
    exchange = Exchange(
        question="q",
        understood=Understood.of(answer.query, corpus.names),
        answer=AnswerOut.of(answer),
    )
    html = exchange_html(exchange, corner)
    assert ("2019年瑞安市政府工作报告" if language == "zh" else "Work Report 2019") in html
    assert ("实绩" if language == "zh" else "2018 result") in html


def test_both_languages_have_the_same_words() -> None:
    assert set(WORDS["zh"]) == set(WORDS["en"])
    assert all(text for words in WORDS.values() for text in words.values())


def test_the_parts_of_a_report(real_app: App) -> None:
    found = parts(real_app.assistant.corpus().index.paragraphs("ruian-2019"))
    assert set(found) == {("2018", "actual"), ("2019", "plan")}
    assert found["2019", "plan"].first > found["2018", "actual"].first


def test_values_of_an_indicator_stand_in_their_sentence(real_app: App) -> None:
    index = real_app.assistant.corpus().index
    reports = [(info, index.paragraphs(info.id)) for info in index.infos()]
    gdp = {
        (v.info.id, v.paragraph.period, v.paragraph.kind, v.figure.text): v
        for v in values_of("gdp", reports)
    }
    assert ("ruian-2019", "2018", "actual", "910亿元") in gdp
    assert ("ruian-2019", "2018", "actual", "7.8%") in gdp
    assert gdp["ruian-2019", "2018", "actual", "910亿元"].number == 91e9
    assert not [v for v in values_of("income", reports) if v.info.id == "ruian-2019"]
    assert not [v for v in values_of("exports", reports) if v.figure.text == "1000万美元"]
    for indicator in INDICATORS:
        for value in values_of(indicator, reports):
            start, end = value.span
            sentence = value.paragraph.text[start:end]
            assert INDICATORS[indicator][0] in sentence
            assert value.figure.text in sentence
            assert not value.figure.masked

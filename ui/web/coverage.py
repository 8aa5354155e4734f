"""What the reports cover: places by years, and the values of an indicator with their sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from rag.answer.figures import Figure, exact_values, find_figures, in_english
from rag.corpus.sentences import source_sentences
from rag.types import Kind, Paragraph, ReportInfo
from ui.web.markup import Corner, deep_link, place_name

INDICATORS: dict[str, tuple[str, str]] = {
    "gdp": ("生产总值", "GDP"),
    "revenue": ("财政总收入", "Total fiscal revenue"),
    "budget": ("一般公共预算收入", "General public budget revenue"),
    "investment": ("固定资产投资", "Fixed-asset investment"),
    "output": ("工业总产值", "Gross industrial output"),
    "added-value": ("工业增加值", "Industrial added value"),
    "retail": ("社会消费品零售总额", "Retail sales of consumer goods"),
    "exports": ("出口", "Exports"),
    "foreign": ("利用外资", "Foreign capital used"),
    "income": ("可支配收入", "Disposable income per head"),
}
"""Id → the words reports use for it, and its English name."""

# What may stand between an indicator and its figure, and between its amount and its growth.
_BEFORE_FIGURE = re.compile(r"^[^,\uff0c;\uff1b。:\uff1a、()\uff08\uff09]{0,14}$")
_BETWEEN = re.compile(
    r"^[,\uff0c、(\uff08]?(?:同比|比上年|较上年|可比价)?(?:名义|实际)?(?:增长|增|下降|提高|增幅)?(?:约|达)?$"
)
_FALL = re.compile(r"(?:下降|减少|负增长)[^\d]{0,2}$")
_ABOUT_ELSE = re.compile(r"占|比重|提高到|贡献|分别")
# "1000万美元以上的企业3家" is about the enterprises.
_AFTER_FIGURE = re.compile(r"(?:以上|左右|以内)?(?:[,\uff0c;\uff1b。、(\uff08]|$)")


@dataclass(frozen=True)
class Part:
    """A report's part on one year: where it begins, and how many paragraphs it has."""

    report: str
    first: int
    paragraphs: int


@dataclass(frozen=True)
class Value:
    """A figure that a report gives for an indicator; `span` is its sentence in the paragraph."""

    info: ReportInfo
    paragraph: Paragraph
    span: tuple[int, int]
    figure: Figure
    falls: bool

    @property
    def number(self) -> float:
        """Yuan, dollars or percent; of a range its low end."""
        number = float(exact_values(self.figure)[0])
        return -number if self.falls else number


def parts(paragraphs: Iterable[Paragraph]) -> dict[tuple[str, Kind], Part]:
    """(year, result or plan) → that part, of one report."""
    found: dict[tuple[str, Kind], Part] = {}
    for p in paragraphs:
        if not p.number:
            continue  # the front matter is of no part
        before = found.get((p.period, p.kind))
        first = before.first if before else p.number
        found[p.period, p.kind] = Part(p.report, first, (before.paragraphs if before else 0) + 1)
    return found


def coverage_html(reports: Sequence[tuple[ReportInfo, Sequence[Paragraph]]], corner: Corner) -> str:
    """Places by years; each cell leads to the part of a report that speaks of it."""
    cells: dict[tuple[str, str], list[tuple[Kind, Part]]] = {}
    for info, paragraphs in reports:
        for (year, kind), part in parts(paragraphs).items():
            cells.setdefault((info.place.zh, year), []).append((kind, part))
    years = sorted({year for _, year in cells if year})
    if not years:
        return f'<p class="empty">{corner.word("no_reports")}</p>'
    head = "".join(f'<th scope="col">{escape(year)}</th>' for year in years)
    rows = []
    for place in dict.fromkeys(info.place.zh for info, _ in reports):
        name = next(place_name(i, corner.language) for i, _ in reports if i.place.zh == place)
        columns = []
        for year in years:
            links = "".join(
                f'<a class="{kind}" href="{escape(deep_link(part.report, part.first))}" '
                f'data-report="{escape(part.report)}" data-paragraph="{part.first}" '
                f'title="{escape(corner.title(part.report))} ({part.paragraphs})">'
                f"{corner.word(kind)}</a>"
                for kind, part in cells.get((place, year), [])
            )
            columns.append(f"<td>{links}</td>")
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(columns)}</tr>')
    return (
        '<div class="scroll" tabindex="0" role="group" '
        f'aria-label="{corner.word("coverage")}"><table class="coverage">'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def values_of(
    indicator: str, reports: Iterable[tuple[ReportInfo, Sequence[Paragraph]]]
) -> list[Value]:
    """What the reports give for an indicator, by place and year: a figure counts where it stands
    right behind the indicator's words, or right behind such a figure ("910亿元,增长7.8%")."""
    term = INDICATORS[indicator][0]
    found: dict[tuple[str, str, str, str], Value] = {}
    for info, paragraphs in reports:
        for paragraph in paragraphs:
            for value in _in_paragraph(term, info, paragraph):
                key = (info.place.zh, paragraph.period, paragraph.kind, value.figure.unit)
                found.setdefault(key, value)
    return sorted(
        found.values(), key=lambda v: (v.info.place.zh, v.paragraph.period, v.paragraph.kind)
    )


def _in_paragraph(term: str, info: ReportInfo, paragraph: Paragraph) -> Iterable[Value]:
    for sentence in source_sentences(paragraph.text):
        text = paragraph.text[sentence.start : sentence.end]
        if term not in text:
            continue
        at, allowed = text.index(term) + len(term), _BEFORE_FIGURE
        for figure in find_figures(text):
            if figure.start < at:
                continue
            between = text[at : figure.start]
            if not allowed.match(between) or _ABOUT_ELSE.search(between):
                break
            stands_alone = _AFTER_FIGURE.match(text, figure.end)
            if stands_alone and figure.unit in ("CNY", "USD", "%") and not figure.masked:
                span = (sentence.start, sentence.end)
                yield Value(info, paragraph, span, figure, bool(_FALL.search(between)))
            at, allowed = figure.end, _BETWEEN


def indicator_html(values: Sequence[Value], corner: Corner) -> str:
    """A plot for each unit, and the same values as a table; all of them lead to their sources."""
    if not values:
        return f'<p class="empty">{corner.word("no_values")}</p>'
    units = dict.fromkeys(value.figure.unit for value in values)
    plots = "".join(_plot([v for v in values if v.figure.unit == unit], corner) for unit in units)
    rows = "".join(
        f"<tr><td>{escape(place_name(v.info, corner.language))}</td>"
        f"<td>{escape(v.paragraph.period)} {corner.word(v.paragraph.kind)}</td>"
        f"<td><a {_open(v)}>{escape(_said(v, corner))}</a></td></tr>"
        for v in values
    )
    return (
        f'{plots}<div class="scroll" tabindex="0" role="group" aria-label="{corner.word("value")}">'
        f'<table class="values"><thead><tr><th>{corner.word("place")}</th>'
        f"<th>{corner.word('year')}</th><th>{corner.word('value')}</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _open(value: Value) -> str:
    p = value.paragraph
    return (
        f'href="{escape(deep_link(p.report, p.number, value.span))}" '
        f'data-report="{escape(p.report)}" data-paragraph="{p.number}" '
        f'data-quote="{value.span[0]}-{value.span[1]}"'
    )


def _said(value: Value, corner: Corner) -> str:
    sign = "−" if value.falls else ""
    if corner.language == "zh" or value.figure.unit == "%":
        return sign + value.figure.text
    return f"{sign}{in_english(value.figure)} ({value.figure.text})"


_BAR, _GAP, _LABEL, _WIDTH = 22, 12, 16, 480


def _plot(values: Sequence[Value], corner: Corner) -> str:
    """Bars of one unit, one a value: full for results, hatched for plans."""
    largest = max(abs(value.number) for value in values) or 1.0
    step = _BAR + _GAP + _LABEL
    bars = []
    for row, value in enumerate(values):
        top = row * step
        width = max(2.0, abs(value.number) / largest * (_WIDTH - 130))
        p = value.paragraph
        name = f"{_fit(place_name(value.info, corner.language))} · {p.period} "
        bars.append(
            f'<a {_open(value)} class="{p.kind}">'
            f'<text x="0" y="{top + 12}">{escape(name)}{corner.word(p.kind)}</text>'
            f'<rect x="0" y="{top + _LABEL}" width="{width:.1f}" height="{_BAR}" rx="3"></rect>'
            f'<text class="amount" x="{width + 8:.1f}" y="{top + _LABEL + 16}">'
            f"{'−' if value.falls else ''}{escape(value.figure.text)}</text></a>"
        )
    height = len(values) * step
    measure = corner.word("rate" if values[0].figure.unit == "%" else "amount")
    return (
        f"<h3>{measure}</h3>"
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {height}" role="group" '
        f'aria-label="{corner.word("indicator")}">{"".join(bars)}</svg>'
    )


def _fit(name: str) -> str:
    return name if len(name) <= 46 else f"{name[:45]}…"

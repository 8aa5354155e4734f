"""What the page shows, as HTML. Pure: values in, strings out.

Everything that comes from a document, a question or a model is escaped here. The only links are
to our own page; the only elements that do something are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlencode

from rag.answer.tables import Cell, Line, Table, blocks, unescaped
from rag.contract import CitationOut, FigureOut
from rag.types import Language, Paragraph, Passage, ReportInfo
from ui.web.conversations import Conversation, Exchange, Understood
from ui.web.words import words

_MARKER = re.compile(r"\[(\d{1,3})\]")
_SIGNS = {"exact": "✓", "converted": "⇄", "calculated": "∑", "unsupported": "⚠"}
# Drawn, because not every system has a font with these two signs.
_THUMB = (
    '<svg class="thumb" viewBox="0 0 20 20" aria-hidden="true"><path{turn} d="M2 9h3v9H2zM7 '
    '17V9l4-7c2 0 2.5 1.5 2 3l-.7 3H17c1 0 1.6.8 1.4 1.8l-1.3 6.4c-.2.9-.8 1.4-1.7 1.4H9z"/></svg> '
)
_THUMB_UP = _THUMB.format(turn="")
_THUMB_DOWN = _THUMB.format(turn=' transform="rotate(180 10 10)"')
_Infos = dict[str, ReportInfo]


@dataclass(frozen=True)
class Corner:
    """What is the same all over one page: its language, and the reports there are by id."""

    language: Language
    infos: _Infos

    def word(self, name: str) -> str:
        """Words of the interface, escaped."""
        return escape(words(self.language)[name])

    def title(self, report: str, fallback: str = "") -> str:
        """A report's title in the page's language, not escaped."""
        info = self.infos.get(report)
        if info is None:
            return fallback or report
        return info.title if self.language == "zh" else info.title_en or info.title

    @property
    def years(self) -> list[int]:
        """The years that reports review or plan, in order."""
        said = (year for info in self.infos.values() for year in (info.reviews, info.plans))
        return sorted({int(year) for year in said if year.isdecimal()})

    @property
    def places(self) -> dict[str, str]:
        """Identities of places → their names in the page's language."""
        return {info.place.zh: place_name(info, self.language) for info in self.infos.values()}


def place_name(info: ReportInfo, language: Language) -> str:
    """The name of a report's place in a language, as far as it has one."""
    return info.place.zh if language == "zh" else info.place.en or info.place.zh


def deep_link(
    report: str, paragraph: int | None = None, span: tuple[int, int] | None = None
) -> str:
    """The address of a report, a paragraph of it, or a stretch of that, within the site."""
    query = {"report": report} | ({"quote": f"{span[0]}-{span[1]}"} if span else {})
    fragment = "" if paragraph is None else f"#p{paragraph}"
    return f"/?{urlencode(query, quote_via=quote)}{fragment}"


def _open(report: str, paragraph: int, span: tuple[int, int] | None) -> str:
    """Attributes of a link that opens the report beside the conversation."""
    stretch = f' data-quote="{span[0]}-{span[1]}"' if span else ""
    return (
        f'href="{escape(deep_link(report, paragraph, span))}" data-report="{escape(report)}" '
        f'data-paragraph="{paragraph}"{stretch}'
    )


# The conversation


def exchange_html(exchange: Exchange, corner: Corner) -> str:
    """A question with its finished answer, its sources, and what can be done with it."""
    answer = exchange.answer
    label = ""
    if answer.status != "answered":
        label = f'<p class="status">{corner.word(answer.status)}</p>'
    body = answer_html(answer.answer, answer.citations, answer.figures, corner)
    problems = "".join(f"<li>{escape(problem)}</li>" for problem in answer.problems)
    return (
        f'<article class="exchange" data-exchange="{escape(exchange.id)}">'
        f'<h2 class="question">{escape(exchange.question)}</h2>'
        f"{understood_html(exchange.understood, corner)}"
        f'<div class="answer {answer.status}" lang="{_tag(answer.language)}">{label}{body}</div>'
        + (f'<ul class="problems">{problems}</ul>' if problems else "")
        + _sources_html(answer.citations, corner)
        + _evidence_html(exchange, corner)
        + _tools_html(exchange, corner)
        + "</article>"
    )


def answer_html(
    text: str, citations: Sequence[CitationOut], figures: Sequence[FigureOut], corner: Corner
) -> str:
    """An answer's lines and tables; markers are links to their sources, figures say how they were
    checked."""
    by_marker = {citation.marker: citation for citation in citations}
    pieces: list[tuple[int, int, str]] = []
    for found in _MARKER.finditer(text):
        if citation := by_marker.get(int(found[1])):
            span = (citation.start, citation.end)
            where = escape(f"{corner.title(citation.report, citation.title)} p{citation.paragraph}")
            pieces.append(
                (
                    *found.span(),
                    f'<a class="marker" {_open(citation.report, citation.paragraph, span)} '
                    f'aria-label="{corner.word("source")} {citation.marker}: {where}">'
                    f"[{citation.marker}]</a>",
                )
            )
    at = 0
    for figure in figures:
        start = text.find(figure.text, at)
        start = text.find(figure.text) if start < 0 else start
        end = start + len(figure.text)
        if start >= 0 and not any(start < e and s < end for s, e, _ in pieces):
            pieces.append((start, end, _figure_html(figure, corner)))
            at = end
    pieces.sort()

    def shown(stretch: Line | Cell) -> str:
        return _with_pieces(text, stretch, pieces)

    return "".join(
        f"<p>{shown(block)}</p>" if isinstance(block, Line) else _table_html(block, shown)
        for block in blocks(text)
    )


def _with_pieces(text: str, stretch: Line | Cell, pieces: Sequence[tuple[int, int, str]]) -> str:
    """A stretch of a text, escaped but for the pieces of HTML that replace parts of it."""
    done, out = stretch.start, []
    for start, end, html in pieces:
        if stretch.start <= start and end <= stretch.end:
            out += [(text[done:start], ""), ("", html)]
            done = end
    out.append((text[done : stretch.end], ""))
    is_cell = isinstance(stretch, Cell)
    return "".join(escape(unescaped(t) if is_cell else t) + html for t, html in out)


def _table_html(table: Table, shown: Callable[[Cell], str]) -> str:
    head = "".join(f'<th scope="col">{shown(cell)}</th>' for cell in table.head)
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{shown(cell)}</td>" if column else f'<th scope="row">{shown(cell)}</th>'
            for column, cell in enumerate(row)
        )
        + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="scroll"><table class="parts"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _figure_html(figure: FigureOut, corner: Corner) -> str:
    said = corner.word(figure.status)
    if figure.status == "converted" and figure.source:
        said += f"<br>{corner.word('in_the_report')}: {escape(figure.source)}"
    if figure.status == "calculated" and (figure.formula or figure.source):
        said += f"<br>{corner.word('formula')}: {escape(figure.formula or figure.source)}"
    value, status = escape(figure.text), figure.status
    if status == "unsupported":
        return (
            f'<span class="figure unsupported"><span class="value">{value}</span> '
            f'<span class="plainly">{_SIGNS[status]} {said}</span></span>'
        )
    spoken = escape(f"{figure.text}: ") + said.replace("<br>", " · ")
    return (
        f'<span class="figure {status}"><span class="value">{value}</span>'
        f'<button type="button" class="check" aria-label="{spoken}">{_SIGNS[status]}</button>'
        f'<span class="tip" aria-hidden="true">{said}</span></span>'
    )


def understood_html(understood: Understood, corner: Corner, *, change: bool = True) -> str:
    """Place · year · result or plan, and the means to ask again with others."""
    line = escape(understood_words(understood, corner)) or corner.word("understood_nothing")
    summary = f"{corner.word('understood')}: <b>{line}</b>"
    if not change:
        return f'<p class="understood">{summary}</p>'
    places = "".join(
        _select("place", corner.word("place"), corner.places, chosen, corner.word("any_place"))
        for chosen in (understood.places or [""])
    )
    known = dict.fromkeys(map(str, sorted({*corner.years, *understood.years})))
    years = "".join(
        _select("year", corner.word("year"), {y: y for y in known}, chosen, corner.word("any_year"))
        for chosen in (list(map(str, understood.years)) or [""])
    )
    kinds = {kind: words(corner.language)[kind] for kind in ("actual", "plan")}
    kind = _select("kind", corner.word("kind"), kinds, understood.kind or "", corner.word("both"))
    return (
        f'<details class="understood"><summary>{summary} '
        f'<span class="change">{corner.word("change")}</span></summary>'
        f'<div class="changes">{places}{years}{kind}'
        f'<button type="button" data-do="again">{corner.word("ask_again")}</button></div></details>'
    )


def understood_words(understood: Understood, corner: Corner) -> str:
    """`place · year · result or plan`, not escaped; "" if the question named none."""
    names = understood.places if corner.language == "zh" else understood.english
    parts = [*names, *understood.unknown_places, *map(str, understood.years)]
    if understood.kind:
        parts.append(words(corner.language)[understood.kind])
    return " · ".join(parts)


def _select(name: str, label: str, options: dict[str, str], chosen: str, none: str) -> str:
    shown = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(text)}</option>"
        for value, text in options.items()
    )
    return (
        f'<label>{label}<select data-name="{name}"><option value="">{none}</option>{shown}'
        "</select></label>"
    )


def _where_html(title: str, section: Iterable[str], period: str, kind: str, corner: Corner) -> str:
    path = "".join(f" › {escape(part)}" for part in section)
    return (
        f'<span class="title">{escape(title)}</span><span class="path">{path}</span> '
        f'<span class="kind {kind}">{escape(period)} {corner.word(kind)}</span>'
    )


def _sources_html(citations: Sequence[CitationOut], corner: Corner) -> str:
    items = "".join(
        f'<li><a class="source" {_open(c.report, c.paragraph, (c.start, c.end))}>'
        f'<span class="number">[{c.marker}]</span> '
        f"{_where_html(corner.title(c.report, c.title), c.section, c.period, c.kind, corner)}</a>"
        f'<blockquote lang="zh-CN">{escape(c.quote)}</blockquote></li>'
        for c in citations
    )
    if not items:
        return ""
    return f'<section class="sources"><h3>{corner.word("sources")}</h3><ol>{items}</ol></section>'


def passages_html(passages: Sequence[Passage], corner: Corner) -> str:
    """What was found, best first, while the answer is being written."""
    if not passages:
        return f"<p>{corner.word('nothing_found')}</p>"
    items = "".join(
        f'<li><a class="source" {_open(p.paragraph.report, p.paragraph.number, (p.start, p.end))}>'
        + _where_html(
            corner.title(p.info.id),
            p.paragraph.section,
            p.paragraph.period,
            p.paragraph.kind,
            corner,
        )
        + f'</a><blockquote lang="zh-CN">{escape(_short(p.best_chunk))}</blockquote></li>'
        for p in passages
    )
    return f'<ol class="passages">{items}</ol>'


def live_html(question: str, understood: Understood, passages: str, corner: Corner) -> str:
    """An exchange whose answer is still to come; the text of `.answer` grows."""
    return (
        f'<article class="exchange live"><h2 class="question">{escape(question)}</h2>'
        f"{understood_html(understood, corner, change=False)}"
        f'<div class="answer writing"><p class="wait">{corner.word("writing")}</p></div>'
        f'<section class="evidence"><h3>{corner.word("evidence")}</h3>{passages}</section>'
        "</article>"
    )


def said_html(text: str, corner: Corner) -> str:
    """The answer so far; its markers become links when it is whole."""
    return answer_html(text, (), (), corner)


def failed_html(question: str, problem: str, corner: Corner) -> str:
    """A question that could not be asked, and what to do."""
    return (
        f'<article class="exchange"><h2 class="question">{escape(question)}</h2>'
        f'<div class="answer failed"><p class="status">{corner.word("failed")}</p>'
        f"<p>{escape(problem)}</p></div></article>"
    )


def _evidence_html(exchange: Exchange, corner: Corner) -> str:
    retrieved = exchange.answer.retrieved
    if not retrieved:
        return ""
    items = []
    for passage in retrieved:
        report, _, number = passage.anchor.partition("#p")
        items.append(
            f'<li><a class="source" {_open(report, int(number), None)}>'
            f'<span class="title">{escape(corner.title(report))}</span> '
            f'<span class="path">p{number}</span></a>'
            f'<blockquote lang="zh-CN">{escape(_short(passage.text))}</blockquote></li>'
        )
    return (
        f'<details class="evidence"><summary>{corner.word("evidence")} ({len(retrieved)})</summary>'
        f'<ol class="passages">{"".join(items)}</ol></details>'
    )


def _tools_html(exchange: Exchange, corner: Corner) -> str:
    kind, _, model = exchange.answer.engine.partition(":")
    by = corner.word(f"engine_{kind}") if f"engine_{kind}" in words("en") else escape(kind)
    detail = f" ({escape(model)})" if model else ""
    return (
        '<footer class="tools">'
        f'<button type="button" data-do="copy">{corner.word("copy")}</button>'
        '<button type="button" data-do="helpful" aria-pressed="false">'
        f"{_THUMB_UP}{corner.word('helpful')}</button>"
        '<button type="button" data-do="unhelpful" aria-pressed="false">'
        f"{_THUMB_DOWN}{corner.word('not_helpful')}</button>"
        f'<span class="engine">{corner.word("engine")}: {by}{detail}</span>'
        '<div class="reason" hidden>'
        f'<label>{corner.word("why")}<textarea rows="2" maxlength="2000"></textarea></label>'
        f'<button type="button" data-do="reason">{corner.word("send")}</button></div>'
        '<span class="noted" role="status"></span></footer>'
    )


def conversations_html(conversations: Sequence[Conversation], current: str, corner: Corner) -> str:
    """A reader's conversations, to open or to delete."""
    others = [c for c in conversations if c.id != current]
    if not others:
        return f"<p>{corner.word('no_history')}</p>"
    items = "".join(
        f'<li data-conversation="{escape(c.id)}"><button type="button" data-do="open">'
        f"{escape(_short(c.title, 60))}</button> "
        f'<time datetime="{escape(c.begun)}">{escape(c.begun[:10])}</time> '
        f'<button type="button" data-do="delete">{corner.word("delete")}</button></li>'
        for c in others
    )
    return f"<ul>{items}</ul>"


def _short(text: str, characters: int = 160) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def _tag(language: Language) -> str:
    return "zh-CN" if language == "zh" else "en"


# The reports


def report_html(info: ReportInfo, paragraphs: Sequence[Paragraph], corner: Corner) -> str:
    """A whole report for reading; each paragraph is `#p<n>` and carries what it stands under."""
    about = " · ".join(
        part
        for part in (
            escape(place_name(info, corner.language)),
            escape(info.date),
            f"{corner.word('reviews')} {escape(info.reviews)}" if info.reviews else "",
            f"{corner.word('plans')} {escape(info.plans)}" if info.plans else "",
        )
        if part
    )
    return (
        f'<article class="reading" data-report="{escape(info.id)}" '
        f'data-title="{escape(corner.title(info.id, info.title))}" '
        f'data-place="{escape(place_name(info, corner.language))}" '
        f'data-date="{escape(info.date)}">'
        f'<h2 tabindex="-1">{escape(corner.title(info.id, info.title))}</h2>'
        f'<p class="about">{about}</p>{_remarks_html(info, corner)}'
        f'<div class="text" lang="zh-CN">'
        + "".join(_paragraph_html(paragraph, corner) for paragraph in paragraphs)
        + "</div></article>"
    )


def _paragraph_html(p: Paragraph, corner: Corner) -> str:
    where = f"{' › '.join(p.section)}"
    kind = f"{p.period} {words(corner.language)[p.kind]}".strip()
    role = (" heading" if p.number else " front") if p.is_heading else ""
    return (
        f'<p id="p{p.number}" class="paragraph {p.kind}{role}" data-number="{p.number}" '
        f'data-section="{escape(where)}" data-kind="{escape(kind)}" tabindex="-1">'
        f"{escape(p.text)}</p>"
    )


def _remarks_html(info: ReportInfo, corner: Corner, *, shown: bool = False) -> str:
    remarks = [escape(remark) for remark in info.remarks]
    if info.inferred:
        names = [words(corner.language).get(f"inferred_{n}", n) for n in info.inferred]
        remarks.append(f"{corner.word('inferred')}: {escape(', '.join(names))}")
    if not remarks:
        return ""
    items = "".join(f"<li>{remark}</li>" for remark in remarks)
    return (
        f'<details class="remarks"{" open" if shown else ""}>'
        f"<summary>{corner.word('remarks')} ({len(remarks)})</summary>"
        f"<ul>{items}</ul></details>"
    )


def reports_html(sizes: dict[str, tuple[int, int]], corner: Corner) -> str:
    """The reports with what they are; `sizes` gives paragraphs and characters by id."""
    if not corner.infos:
        return f'<p class="empty">{corner.word("no_reports")}</p>'
    items = []
    for info in corner.infos.values():
        paragraphs, characters = sizes[info.id]
        facts = [
            (corner.word("place"), escape(place_name(info, corner.language))),
            (corner.word("issuer"), escape(info.issuer)),
            (corner.word("date"), escape(info.date)),
            (
                corner.word("year"),
                " · ".join(
                    f"{corner.word(name)} {escape(year)}"
                    for name, year in (("reviews", info.reviews), ("plans", info.plans))
                    if year
                ),
            ),
            (
                corner.word("length"),
                f"{paragraphs} {corner.word('paragraphs')}, {characters:,} "
                f"{corner.word('characters')}",
            ),
        ]
        rows = "".join(
            f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts if value
        )
        items.append(
            f'<li class="report"><h3><a {_open(info.id, 1, None)}>'
            f"{escape(corner.title(info.id))}</a></h3><dl>{rows}</dl>"
            f"{_remarks_html(info, corner, shown=True)}</li>"
        )
    return f'<ul class="reports">{"".join(items)}</ul>'

"""Answers, sources, the home tab and notices as Block Kit. Pure: values in, payloads out.

Text of documents and models goes into rich_text and plain_text only, which Slack does not read for
mentions and links, and is defanged besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from rag.answer.tables import as_lines
from rag.contract import AnswerOut, CitationOut, FigureOut
from rag.types import Language, ReportInfo
from ui.render import word
from ui.slack.kept import KeptAnswer
from ui.slack.text import defang, escape, pieces
from ui.slack.words import say, say_both

Block = dict[str, Any]

# Slack takes 12,000 characters and 50 blocks a message, 3,000 characters a section and 100 blocks
# a view; what is over is refused or cut. Escaping can lengthen a text, hence the distance.
MESSAGE_CHARACTERS = 9_000
MESSAGE_BLOCKS = 40
SECTION_CHARACTERS = 2_000
VIEW_BLOCKS = 90
FALLBACK_CHARACTERS = 1_000
TITLE_CHARACTERS = 24

SHOW_SOURCE, TURN_TO, OPEN_PAGE = "show_source", "turn_to_source", "open_page"
HELPFUL, NOT_HELPFUL, REASON = "helpful", "not_helpful", "reason"
AGAIN, OTHER_LANGUAGE, SHARE, ASK_STARTER = "again", "other_language", "share", "ask_starter"

_MARKER = re.compile(r"\[\d{1,3}\]")
_LISTED_FIGURES = 12


@dataclass(frozen=True)
class Message:
    """`text` stands in for the blocks in notifications."""

    text: str
    blocks: tuple[Block, ...]


def notice(text: str) -> Message:
    """A sentence of the bot's own, as mrkdwn that is already escaped."""
    return Message(text, ({"type": "section", "text": {"type": "mrkdwn", "text": text}},))


def live(text: str) -> Message:
    """A verified answer that is still being written."""
    shown = pieces(defang(as_lines(text)), SECTION_CHARACTERS)[-1:] or [""]
    return Message(_fallback(text), (_rich([[_text(shown[0] + " …")]]),))


def answer_messages(
    kept: KeptAnswer, id_: int, *, private: bool, repeat_question: bool
) -> list[Message]:
    """An answer in as many messages as it needs: text, checked figures, sources, buttons.

    `id_` is what its buttons name it by. A private answer has a button to share it. The question
    is repeated where nobody sees it above.
    """
    answer, language = kept.answer, kept.language
    blocks: list[Block] = []
    if repeat_question:
        blocks.append(_small(f"{say('question', language)}: {answer.question}"))
    if answer.status != "answered":
        blocks.append(_small(word(answer.status, language)))
    if kept.understood:
        blocks.append(_small(f"{word('understood', language)}: {kept.understood}"))
    blocks += _text_blocks(answer)
    blocks += [_small(line) for line in _figure_lines(answer.figures, language)]
    if answer.citations:
        blocks.append({"type": "divider"})
        blocks += [_source_block(kept, citation, id_) for citation in answer.citations]
    blocks += [_small(problem) for problem in answer.problems if answer.status != "failed"]
    blocks.append(_buttons(answer, id_, private=private))
    return _packed(blocks, _fallback(answer.answer or " ".join(answer.problems)), language)


def _text_blocks(answer: AnswerOut) -> list[Block]:
    text = answer.answer or "\n".join(answer.problems)
    checked = {f.text for f in answer.figures if f.status != "unsupported"}
    wrong = {f.text for f in answer.figures if f.status == "unsupported"}
    lines = [line for line in defang(as_lines(text)).split("\n") if line.strip()]
    parts = [part for line in lines for part in pieces(line, SECTION_CHARACTERS)]
    blocks: list[Block] = []
    held: list[list[Block]] = []
    size = 0
    for part in parts:
        if held and size + len(part) > SECTION_CHARACTERS:
            blocks.append(_rich(held))
            held, size = [], 0
        held.append(list(_elements(part, checked, wrong)))
        size += len(part)
    return [*blocks, _rich(held)] if held else blocks


def _elements(line: str, checked: set[str], wrong: set[str]) -> Iterator[Block]:
    """The line with its checked figures bold, its unsupported ones struck, its markers as code."""
    figures = sorted(filter(None, map(defang, checked | wrong)), key=len, reverse=True)
    pattern = re.compile("|".join([*map(re.escape, figures), _MARKER.pattern]))
    at = 0
    for found in pattern.finditer(line):
        if found.start() > at:
            yield _text(line[at : found.start()])
        style = "code" if _MARKER.fullmatch(found[0]) else "bold"
        yield _text(found[0], "strike" if found[0] in map(defang, wrong) else style)
        at = found.end()
    if at < len(line):
        yield _text(line[at:])


def _figure_lines(figures: Sequence[FigureOut], language: Language) -> Iterator[str]:
    """Which figures were checked and how, and which the source does not hold."""
    comma = "、" if language == "zh" else ", "
    supported = list(dict.fromkeys(_checked(f, language) for f in figures if _is_checked(f)))
    for start in range(0, len(supported), _LISTED_FIGURES):
        listed = comma.join(supported[start : start + _LISTED_FIGURES])
        yield f"✓ {say('checked', language)}: {listed}"
    if wrong := [figure.text for figure in figures if not _is_checked(figure)]:
        yield f"⚠ {say('unsupported', language)}: {comma.join(dict.fromkeys(wrong))}"


def _is_checked(figure: FigureOut) -> bool:
    return figure.status != "unsupported"


def _checked(figure: FigureOut, language: Language) -> str:
    if figure.status == "converted":
        return f"{figure.text} ({say('converted', language)} {figure.source})"
    if figure.status == "calculated":
        return f"{figure.text} ({say('calculated', language)})"
    return figure.text


def source_line(kept: KeptAnswer, citation: CitationOut) -> str:
    """`[1] title › section · 2021 result`."""
    title = kept.titles.get(citation.report, citation.title)
    path = " › ".join([title, *citation.section])
    kind = word(citation.kind, kept.language)
    return f"[{citation.marker}] {path} · {citation.period} {kind}"


def _source_block(kept: KeptAnswer, citation: CitationOut, id_: int) -> Block:
    return {
        "type": "section",
        "block_id": f"source-{citation.marker}",
        "text": _plain(source_line(kept, citation), SECTION_CHARACTERS),
        "accessory": {
            "type": "button",
            "action_id": SHOW_SOURCE,
            "text": _plain(say("open", kept.language)),
            "value": f"{id_}:{citation.marker}",
        },
    }


def _buttons(answer: AnswerOut, id_: int, *, private: bool) -> Block:
    names = [AGAIN] if answer.status == "failed" else [HELPFUL, NOT_HELPFUL, AGAIN, OTHER_LANGUAGE]
    if private and answer.status != "failed":
        names.append(SHARE)
    buttons = [
        {
            "type": "button",
            "action_id": name,
            "text": _plain(say(name, answer.language)),
            "value": str(id_),
        }
        for name in names
    ]
    return {"type": "actions", "block_id": "answer-buttons", "elements": buttons}


def _packed(blocks: Sequence[Block], fallback: str, language: Language) -> list[Message]:
    """The blocks in messages within Slack's limits, numbered where there are several."""
    packs: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        more = characters(block)
        full = size + more > MESSAGE_CHARACTERS or len(packs[-1]) >= MESSAGE_BLOCKS
        if packs[-1] and full:
            packs.append([])
            size = 0
        packs[-1].append(block)
        size += more
    if len(packs) == 1:
        return [Message(fallback, tuple(packs[0]))]
    return [
        Message(
            fallback if n == 1 else say("part", language, n=n, of=len(packs)),
            (_small(say("part", language, n=n, of=len(packs))), *pack),
        )
        for n, pack in enumerate(packs, start=1)
    ]


def characters(value: object) -> int:
    """How many characters of text a payload holds."""
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(characters(part) for part in value.values())
    return sum(map(characters, value)) if isinstance(value, list | tuple) else 0


def source_view(kept: KeptAnswer, id_: int, marker: int, page: str) -> Block:
    """A modal with the paragraph behind a marker, its quoted sentence bold, and ways on."""
    language = kept.language
    citations = kept.answer.citations
    at = next((n for n, c in enumerate(citations) if c.marker == marker), 0)
    citation = citations[at]
    before, after = citation.text[: citation.start], citation.text[citation.end :]
    runs = [(before, ""), (citation.text[citation.start : citation.end], "bold"), (after, "")]
    blocks = [
        _small(source_line(kept, citation)),
        *_run_blocks(runs),
        _source_ways(citations, at, id_, language, page_link(page, citation)),
    ]
    title = say("source", language, marker=f"[{citation.marker}]")
    return {
        "type": "modal",
        "callback_id": SHOW_SOURCE,
        "title": _plain(title[:TITLE_CHARACTERS]),
        "close": _plain(say("close", language)),
        "private_metadata": f"{id_}:{citation.marker}",
        "blocks": [block for block in blocks if block],
    }


def _run_blocks(runs: Sequence[tuple[str, str]]) -> list[Block]:
    """Styled runs of text as rich_text blocks of bounded length."""
    blocks: list[Block] = []
    held: list[Block] = []
    size = 0
    for text, style in runs:
        for piece in pieces(defang(text), SECTION_CHARACTERS):
            if held and size + len(piece) > SECTION_CHARACTERS:
                blocks.append(_rich([held]))
                held, size = [], 0
            held.append(_text(piece, style))
            size += len(piece)
    blocks += [_rich([held])] if held else []
    return blocks[:VIEW_BLOCKS]


def _source_ways(
    citations: Sequence[CitationOut], at: int, id_: int, language: Language, link: str
) -> Block:
    """Previous, next and the page; nothing if there is nowhere to go."""
    buttons: list[Block] = []
    for name, other in (("previous", at - 1), ("next", at + 1)):
        if 0 <= other < len(citations):
            buttons.append(
                {
                    "type": "button",
                    "action_id": f"{TURN_TO}:{name}",
                    "text": _plain(say(name, language)),
                    "value": f"{id_}:{citations[other].marker}",
                }
            )
    if link:
        label = _plain(say("page", language))
        buttons.append({"type": "button", "action_id": OPEN_PAGE, "text": label, "url": link})
    return {"type": "actions", "elements": buttons} if buttons else {}


def page_link(page: str, citation: CitationOut) -> str:
    """Where the web page shows the paragraph; "" without a page."""
    if not page:
        return ""
    return f"{page.rstrip('/')}/?report={quote(citation.report, safe='')}#p{citation.paragraph}"


def gone_view() -> Block:
    """A modal for an answer that is no longer kept."""
    return {
        "type": "modal",
        "title": _plain("report-qa"),
        "close": _plain(say_both("close")),
        "blocks": [{"type": "section", "text": _plain(say_both("gone"))}],
    }


def reason_view(id_: int, language: Language) -> Block:
    """A modal that asks why an answer was not helpful."""
    return {
        "type": "modal",
        "callback_id": REASON,
        "title": _plain(say("reason_title", language)[:TITLE_CHARACTERS]),
        "submit": _plain(say("send", language)),
        "close": _plain(say("cancel", language)),
        "private_metadata": str(id_),
        "blocks": [
            {
                "type": "input",
                "block_id": REASON,
                "optional": True,
                "label": _plain(say("reason_label", language)),
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON,
                    "multiline": True,
                    "max_length": 2000,
                    "placeholder": _plain(say("reason_hint", language)),
                },
            }
        ],
    }


def reports_messages(infos: Sequence[ReportInfo], language: Language) -> list[Message]:
    """The reports there are, one line each."""
    if not infos:
        return [notice(say("no_reports", language))]
    blocks = [_report_block(info, language) for info in infos]
    return _packed(blocks, say("coverage", language), language)


def _report_block(info: ReportInfo, language: Language) -> Block:
    title = info.title if language == "zh" else info.title_en or info.title
    years = [
        f"{year} {word(kind, language)}"
        for year, kind in ((info.reviews, "actual"), (info.plans, "plan"))
        if year
    ]
    return {"type": "section", "text": _plain(" · ".join([title, *years]), SECTION_CHARACTERS)}


def home_view(infos: Sequence[ReportInfo], starters: Sequence[str]) -> Block:
    """The home tab: what the bot is for, questions to start with, what the reports cover."""
    blocks: list[Block] = [
        {"type": "header", "text": _plain(say_both("home_title"), 150)},
        *({"type": "section", "text": _plain(say("help", lang))} for lang in _LANGUAGES),
    ]
    if starters:
        blocks += [{"type": "divider"}, _heading("starters")]
    for number, question in enumerate(starters):
        button = {
            "type": "button",
            "action_id": f"{ASK_STARTER}:{number}",
            "text": _plain(question, 75),
            "value": question[:2000],
        }
        blocks.append({"type": "actions", "block_id": f"starter-{number}", "elements": [button]})
    blocks += [{"type": "divider"}, _heading("coverage")]
    lines = [_report_block(info, language) for info in infos for language in _LANGUAGES]
    blocks += lines[: VIEW_BLOCKS - len(blocks)]
    return {"type": "home", "blocks": blocks}


_LANGUAGES: tuple[Language, Language] = ("zh", "en")


def _heading(name: str) -> Block:
    return {"type": "header", "text": _plain(say_both(name), 150)}


def starters(infos: Sequence[ReportInfo]) -> list[str]:
    """Questions to try on the first reports, in either language; not all have an answer."""
    questions: list[str] = []
    for info in infos[:4]:
        place, english = info.place.zh, info.place.en or info.place.zh
        if info.reviews:
            questions.append(f"{place}{info.reviews}年的生产总值是多少?")
            questions.append(f"What was the GDP of {english} in {info.reviews}?")
        if info.plans:
            questions.append(f"{place}{info.plans}年的主要目标是什么?")
    return questions


def _fallback(text: str) -> str:
    text = as_lines(text)
    if len(text) > FALLBACK_CHARACTERS:
        text = text[: FALLBACK_CHARACTERS - 1] + "…"
    return escape(text) or "…"


def _rich(sections: Sequence[Sequence[Block]]) -> Block:
    """One rich_text block with a line a section."""
    last = len(sections) - 1
    elements = []
    for number, section in enumerate(sections):
        line = list(section) if number == last else [*section, _text("\n")]
        elements.append({"type": "rich_text_section", "elements": line})
    return {"type": "rich_text", "elements": elements}


def _text(text: str, style: str = "") -> Block:
    element: Block = {"type": "text", "text": text}
    if style:
        element["style"] = {style: True}
    return element


def _plain(text: str, limit: int = 3000) -> Block:
    text = defang(text)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if not text.strip():
        text = "…"
    return {"type": "plain_text", "text": text, "emoji": False}


def _small(text: str) -> Block:
    return {"type": "context", "elements": [_plain(text, SECTION_CHARACTERS)]}

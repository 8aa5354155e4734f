"""report.html: one file with figures, charts and every question. Everything from outside is
escaped; the page may run only its own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

from eval.charts import Row, histogram, interval_chart
from eval.gate import Comparison, Gate
from eval.golden import KINDS
from eval.junit import what_is_wrong
from eval.page import SCRIPT, STYLE
from eval.results import Result
from eval.scorers import BY_NAME, MEASURES
from eval.summary import Interval, Nothing, Parity, Percentiles, Summary, Tokens

_BY_KIND = ("correct", "status", "facts")
_LANGUAGES = {"zh": "Chinese", "en": "English"}


def report(
    results: Sequence[Result],
    summary: Summary,
    gate: Gate,
    baseline: Sequence[Result] | None = None,
    notes: Sequence[str] = (),
) -> str:
    """The whole page."""
    before = {result.id: result for result in baseline or ()}
    changed = [r for r in results if r.id in before and _has_changed(before[r.id], r)]
    body = [
        _head(summary),
        _verdict(gate, notes),
        _section("Scores", _scores(summary)),
        _section("Charts", _charts(results, summary)),
        _section("Chinese and English of the same questions", _parity(summary)),
        _section("Time and tokens", _times(summary)),
    ]
    if baseline is not None:
        body.append(_section("Against the baseline", _comparisons(gate.comparisons)))
        body.append(_section(f"Changed answers ({len(changed)})", _changes(changed, before)))
    body.append(_section("Questions", _filters(results) + _questions(results, before)))
    return _page("".join(body))


def _page(body: str) -> str:
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>report-qa evaluation</title><style>{STYLE}</style></head>"
        f"<body>{body}<script>{SCRIPT}</script></body></html>"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _head(summary: Summary) -> str:
    statuses = ", ".join(f"{count} {status}" for status, count in summary.statuses.items())
    return (
        "<h1>report-qa evaluation</h1>"
        f'<p class="about">{summary.questions} questions ({escape(", ".join(summary.splits))}), '
        f"answered by <b>{escape(summary.engine)}</b>: {escape(statuses)}. "
        f"Golden set <code>{escape(summary.golden[:12])}</code>, "
        f"system <code>{escape(summary.system[:12])}</code>. "
        "Intervals are 95%, resampled by source paragraph.</p>"
    )


def _verdict(gate: Gate, notes: Sequence[str]) -> str:
    listed = "".join(f"<li>{escape(text)}</li>" for text in notes)
    if not gate.failures:
        said = f"Good enough: {len(gate.checks)} checks passed."
        return f'<div class="verdict good">{said}<ul>{listed}</ul></div>'
    items = "".join(f"<li>{escape(text)}</li>" for text in gate.failures)
    said = f"Not good enough: {len(gate.failures)} of {len(gate.checks)} checks failed."
    return f'<div class="verdict bad">{said}<ul>{items}{listed}</ul></div>'


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], first: int = 1) -> str:
    """Cells are HTML; those from `first` on are numbers."""

    def cell(tag: str, i: int, content: str) -> str:
        return f"<{tag}{' class=number' if i >= first else ''}>{content}</{tag}>"

    head = "".join(cell("th", i, escape(text)) for i, text in enumerate(heads))
    lines = "".join(
        f"<tr>{''.join(cell('td', i, text) for i, text in enumerate(row))}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _scores(summary: Summary) -> str:
    def row(name: str) -> list[str]:
        groups = summary.measures[name]
        hint = " (lower is better)" if BY_NAME[name].better == "low" else ""
        label = f'{escape(BY_NAME[name].label)}{hint} <span class="spread">{escape(name)}</span>'
        return [label, *(_mean(groups.get(group)) for group in ("all", "zh", "en"))]

    return _table(("", "all", "Chinese", "English"), [row(m.name) for m in MEASURES])


def _mean(found: Interval | Nothing | None) -> str:
    match found:
        case Interval():
            low, high = found.low, found.high
            spread = "" if low is None else f"[{low:.3f}, {high:.3f}] "
            return f'{found.mean:.3f} <span class="spread">{spread}n {found.n}</span>'
        case Nothing():
            return f'<span class="spread">unscored: {escape(found.reason)}</span>'
        case _:
            return '<span class="spread">none asked</span>'


def _charts(results: Sequence[Result], summary: Summary) -> str:
    charts = [
        interval_chart(
            f"{BY_NAME[name].label}, by kind and language",
            tuple(_LANGUAGES.values()),
            _kind_rows(summary, name),
            f"mean of {name}, with 95% interval",
        )
        for name in _BY_KIND
    ]
    charts.append(
        interval_chart(
            "Chinese against English",
            tuple(_LANGUAGES.values()),
            [
                Row(m.name, tuple(summary.measures[m.name].get(x) for x in _LANGUAGES))
                for m in MEASURES
                if m.scale == "share" and m.name != "model_failed"
            ],
            "mean, with 95% interval",
        )
    )
    times = [r.timings.total_ms for r in results if r.status != "failed"]
    charts.append(histogram("Time to the whole answer", times, "milliseconds"))
    return f'<div class="charts">{"".join(charts)}</div>'


def _kind_rows(summary: Summary, name: str) -> list[Row]:
    groups = summary.measures[name]
    rows = [
        Row(kind.replace("_", " "), tuple(groups.get(f"{kind} {x}") for x in _LANGUAGES))
        for kind in KINDS
    ]
    return [row for row in rows if any(isinstance(mean, Interval) for mean in row.means)]


def _parity(summary: Summary) -> str:
    rows = []
    for name, found in summary.parity.items():
        match found:
            case Parity():
                rows.append([escape(name), _mean(found.gap), _mean(found.same)])
            case Nothing():
                rows.append([escape(name), _mean(found), ""])
    return _table(("", "Chinese minus English", "pairs scored alike"), rows)


def _times(summary: Summary) -> str:
    rows = []
    for name, found in summary.times.items():
        match found:
            case Percentiles():
                values = (found.p50, found.p90, found.p99, found.longest)
                rows.append([escape(name), *(f"{value:.0f}" for value in values), str(found.n)])
            case Nothing():
                rows.append([escape(name), "", "", "", "", f"unscored: {escape(found.reason)}"])
    match summary.tokens:
        case Tokens() as tokens:
            said = (
                f"The language model was asked on {tokens.questions} questions; a question sent "
                f"{tokens.prompt_characters:.0f} characters and got {tokens.pieces:.0f} streamed "
                "pieces, about a token each."
            )
        case Nothing() as nothing:
            said = f"Tokens: unscored ({nothing.reason})."
    table = _table(("milliseconds", "median", "90%", "99%", "longest", "n"), rows)
    return f"{table}<p>{escape(said)}</p>"


def _comparisons(comparisons: Sequence[Comparison]) -> str:
    told = [c for c in comparisons if c.group in ("all", "zh", "en") or c.better or c.worse]
    return _table(
        ("measure", "questions", "n", "before", "now", "better", "worse", "p", "test"),
        [
            [
                escape(c.measure),
                escape(c.group),
                str(c.n),
                f"{c.before:.3f}",
                f"{c.after:.3f}",
                str(c.better),
                str(c.worse),
                f"{c.p:.4f}",
                c.test,
            ]
            for c in told
        ],
        first=2,
    )


def _has_changed(before: Result, now: Result) -> bool:
    return (before.status, before.answer, before.scores) != (now.status, now.answer, now.scores)


def _changes(changed: Sequence[Result], before: dict[str, Result]) -> str:
    if not changed:
        return "<p>Every answer is as it was.</p>"
    return "".join(
        f'<details><summary><span class="id">{escape(r.id)}</span> '
        f"{escape(_turn(before[r.id], r))}: {escape(r.question)}</summary>"
        f"{_sides(before[r.id], r)}</details>"
        for r in sorted(changed, key=lambda r: r.is_correct - before[r.id].is_correct)
    )


def _turn(before: Result, now: Result) -> str:
    if before.is_correct == now.is_correct:
        return "other words, still right" if now.is_correct else "other words, still wrong"
    return "now right" if now.is_correct else "now wrong"


def _sides(before: Result, now: Result) -> str:
    return (
        f'<div class="sides">{_side("before", before)}{_side("now", now)}</div>'
        f"<dl>{_expected(now)}</dl>"
    )


def _side(title: str, result: Result) -> str:
    why = what_is_wrong(result)
    problem = f'<p class="why">{escape(why)}</p>' if why else ""
    return (
        f'<div class="side"><h4>{title}: {escape(result.status)}</h4>'
        f'<div class="text">{escape(result.answer) or "(no answer)"}</div>'
        f"{problem}{_sources(result)}</div>"
    )


def _sources(result: Result) -> str:
    return "".join(
        f'<p class="source">[{c.marker}] {_anchor(c.anchor, result)} {escape(c.title)} '
        f"{escape(' / '.join(c.section))} ({escape(c.period)} {escape(c.kind)}): "
        f"{escape(c.quote)}</p>"
        for c in result.citations
    )


def _anchor(anchor: str, result: Result) -> str:
    gold = " gold" if anchor in result.expected.anchors else ""
    return f'<span class="id{gold}">{escape(anchor)}</span>'


def _filters(results: Sequence[Result]) -> str:
    choices = {
        "outcome": ("right", "wrong", "failed", "changed"),
        "kind": tuple(kind for kind in KINDS if any(r.kind == kind for r in results)),
        "language": ("zh", "en"),
        "split": ("open", "held"),
        "status": ("answered", "not_found", "withheld", "failed"),
    }
    fields = "".join(
        f'<label>{name} <select name="{name}"><option value="">all</option>'
        + "".join(f'<option value="{value}">{value}</option>' for value in values)
        + "</select></label>"
        for name, values in choices.items()
    )
    return (
        f'<div class="filters">{fields}<input name="words" type="search" '
        'placeholder="words of a question or an answer" aria-label="words">'
        '<span id="shown"></span></div>'
    )


def _questions(results: Sequence[Result], before: dict[str, Result]) -> str:
    heads = ("", "question", "kind", "language", "status", "facts", "citations", "ms")
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    rows = "".join(_question(result, before.get(result.id)) for result in results)
    return f'<table id="questions"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _question(result: Result, before: Result | None) -> str:
    outcome = "failed" if result.status == "failed" else "right" if result.is_correct else "wrong"
    changed = before is not None and _has_changed(before, result)
    data = {
        "outcome": f"{outcome} changed" if changed else outcome,
        "kind": result.kind,
        "language": result.language,
        "split": result.split,
        "status": result.status,
    }
    attributes = " ".join(f'data-{name}="{escape(value)}"' for name, value in data.items())
    return (
        f'<tr class="{"right" if outcome == "right" else "wrong"}" {attributes}>'
        f'<td class="mark">{outcome}</td>'
        f'<td><details><summary><span class="id">{escape(result.id)}</span> '
        f"{escape(result.question)}</summary>{_detail(result, before if changed else None)}"
        f"</details></td><td>{escape(result.kind)}</td><td>{result.language}</td>"
        f"<td>{escape(result.status)}</td><td>{_score(result, 'facts')}</td>"
        f"<td>{_score(result, 'citation_recall')} / {_score(result, 'citation_precision')}</td>"
        f'<td class="number">{result.timings.total_ms:.0f}</td></tr>'
    )


def _score(result: Result, name: str) -> str:
    if name in result.scores:
        return f"{result.scores[name]:.2f}"
    return f'<span class="spread" title="{escape(result.unscored.get(name, ""))}">unscored</span>'


def _detail(result: Result, before: Result | None) -> str:
    if before is not None:
        return _sides(before, result)
    why = what_is_wrong(result)
    said = [
        _item("wrong", f'<span class="why">{escape(why)}</span>') if why else "",
        "".join(_item(turn.role, escape(turn.content)) for turn in result.history),
        _item("answer", f'<div class="text">{escape(result.answer) or "(none)"}</div>'),
        _item("sources", _sources(result) or "none"),
        _expected(result),
        _item("retrieved", " ".join(_anchor(anchor, result) for anchor in result.retrieved)),
        _item("problems", escape("; ".join(result.problems))) if result.problems else "",
    ]
    return f"<dl>{''.join(said)}</dl>"


def _expected(result: Result) -> str:
    expected = result.expected
    wanted = "; ".join(" or ".join(ways) for ways in expected.facts)
    quotes = "".join(
        f'<p class="source">{escape(quote.report)}: {escape(quote.quote)}</p>'
        for quote in expected.support
    )
    return "".join(
        [
            _item("expected", f"{escape(expected.status)} {escape(wanted)}"),
            _item("support", quotes) if quotes else "",
            _item("must not say", escape("; ".join(expected.must_not)))
            if expected.must_not
            else "",
            _item("note", escape(expected.note)) if expected.note else "",
        ]
    )


def _item(name: str, content: str) -> str:
    return f"<dt>{escape(name)}</dt><dd>{content}</dd>"

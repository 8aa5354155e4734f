"""Small charts as SVG: means with intervals, and a histogram. Text in, escaped text out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from eval.summary import Interval, Nothing

_WIDTH = 600
_LEFT, _RIGHT, _TOP, _BOTTOM = 130, 142, 56, 44
_ROW = 30
_COLOURS = ("#c2410c", "#1d4ed8")  # told apart by the colour-blind, too; shapes differ as well
_GREY = "#57606a"


@dataclass(frozen=True)
class Row:
    """A line of an interval chart: a mean for each series, or None."""

    label: str
    means: tuple[Interval | Nothing | None, ...]


def interval_chart(
    title: str, series: Sequence[str], rows: Sequence[Row], axis: str, top: float = 1.0
) -> str:
    """Means as dots, 95% intervals as lines, from 0 to `top`; at most two series."""
    height = _TOP + _ROW * len(rows) + _BOTTOM
    span = _WIDTH - _LEFT - _RIGHT

    def x(value: float) -> float:
        return round(_LEFT + span * min(max(value / top, 0.0), 1.0), 1)

    parts = [_legend(series)]
    bottom = _TOP + _ROW * len(rows)
    for step in range(6):
        value = top * step / 5
        parts.append(_line(x(value), _TOP - 6, x(value), bottom, "#d8dee4"))
        parts.append(_text(x(value), bottom + 16, f"{value:g}", anchor="middle", size=11))
    for i, row in enumerate(rows):
        middle = _TOP + _ROW * i + _ROW / 2
        parts.append(_text(_LEFT - 10, middle + 4, row.label, anchor="end"))
        offsets = (-5, 5) if len(row.means) == 2 else (0,)
        told = []
        for mean, offset, colour, shape in zip(
            row.means, offsets, _COLOURS, ("circle", "square"), strict=False
        ):
            match mean:
                case Interval():
                    parts.append(_interval(mean, x, middle + offset, colour, shape))
                    told.append(f"{mean.mean:.2f} (n {mean.n})")
                case _:
                    told.append("unscored" if mean else "\u2013")
        if len(told) == 2:
            told = [" | ".join(text.replace(" (n ", " (") for text in told)]
        parts += [_text(_WIDTH - _RIGHT + 14, middle + 4, text, size=11) for text in told]
    parts.append(_text(_LEFT + span / 2, bottom + 34, axis, anchor="middle", size=11))
    return _svg(title, height, parts)


def _interval(
    mean: Interval, x: Callable[[float], float], y: float, colour: str, shape: str
) -> str:
    line = ""
    if mean.low is not None and mean.high is not None:
        line = _line(x(mean.low), y, x(mean.high), y, colour, width=2)
    at = x(mean.mean)
    dot = (
        f'<circle cx="{at}" cy="{y}" r="4.5" fill="{colour}"/>'
        if shape == "circle"
        else f'<rect x="{at - 4}" y="{y - 4}" width="8" height="8" fill="{colour}"/>'
    )
    return f"<g><title>{escape(str(mean))}</title>{line}{dot}</g>"


def histogram(title: str, values: Sequence[float], axis: str, bins: int = 24) -> str:
    """How many values fall into each of equal bins from 0 to the 99th percentile; what is above
    falls into the last."""
    height, plot = 260, 150
    span = _WIDTH - 60 - 30
    top = max(float(np.percentile(values, 99)), 1e-9) if values else 1.0
    counts, _ = np.histogram(np.minimum(values, top), bins=bins, range=(0.0, top))
    most = max(int(counts.max()), 1)
    bottom = _TOP + plot
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = round(bottom - plot * share, 1)
        parts.append(_line(60, y, 60 + span, y, "#d8dee4"))
        parts.append(_text(52, y + 4, f"{most * share:g}", anchor="end", size=11))
    width = span / bins
    for i, count in enumerate(counts):
        tall = round(plot * int(count) / most, 1)
        low, high = top * i / bins, top * (i + 1) / bins
        parts.append(
            f'<rect x="{60 + i * width:.1f}" y="{bottom - tall}" width="{width - 1:.1f}" '
            f'height="{tall}" fill="{_COLOURS[1]}">'
            f"<title>{low:.0f} to {high:.0f}: {count}</title></rect>"
        )
    for step in range(5):
        at = 60 + span * step / 4
        parts.append(_text(at, bottom + 16, f"{top * step / 4:.0f}", anchor="middle", size=11))
    parts.append(_text(60 + span / 2, bottom + 36, axis, anchor="middle", size=11))
    parts.append(_text(12, _TOP - 14, "questions", size=11))
    return _svg(title, height, parts)


def _legend(series: Sequence[str]) -> str:
    if len(series) < 2:
        return ""
    first, second = series[:2]
    return (
        f'<circle cx="{_LEFT + 6}" cy="36" r="4.5" fill="{_COLOURS[0]}"/>'
        + _text(_LEFT + 16, 40, first, size=12)
        + f'<rect x="{_LEFT + 136}" y="32" width="8" height="8" fill="{_COLOURS[1]}"/>'
        + _text(_LEFT + 150, 40, second, size=12)
    )


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
        + _text(8, 18, title, size=14, weight="600", colour="#1f2328")
        + "".join(parts)
        + "</svg>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: int = 1) -> str:
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" '
        f'stroke="{colour}" stroke-width="{width}"/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 12,
    weight: str = "400",
    colour: str = _GREY,
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" '
        f'font-weight="{weight}" fill="{colour}">{escape(text)}</text>'
    )

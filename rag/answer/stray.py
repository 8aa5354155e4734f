"""What a sentence says in figures besides quantities: ranks, days, proportions in words, and digits
that are no figure at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from rag.answer.figure_lexicon import HALF_WIDTH
from rag.answer.figures import Figure, compare, find_figures
from rag.answer.proportions import find_proportions

_DIGITS = re.compile(r"[A-Za-z]*[0-9](?:[A-Za-z0-9]|[.,](?=[0-9]))*")


def stray(text: str, sources: Sequence[str]) -> list[Figure]:
    """Those that no source states. Ranks, months, days and proportions are compared by value,
    digits in names ("5G") as they are written."""
    told = find_figures(text)
    others = [f for f in told if f.role == "ordinal" or f.unit in ("month", "day")]
    others += find_proportions(text)
    there = [f for source in sources for f in (*find_figures(source), *find_proportions(source))]
    beyond = [f for f in others if not any(compare(f, known) for known in there)]
    written = " ".join(sources).translate(HALF_WIDTH)
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        covered = any(f.start < end and start < f.end for f in told)
        if not covered and match[0] not in written:
            beyond.append(
                Figure(match[0], start, end, Decimal(0), None, "", "exact", "quantity", False)
            )
    return beyond

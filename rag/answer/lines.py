"""A sentence of an answer on its way through verification."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.answer.claims import Claim
from rag.answer.figures import Figure


@dataclass(frozen=True)
class Match:
    """A figure of a sentence, the source figure it was found to be, and where."""

    claim: Figure
    source: Figure
    marker: int
    clause: str = ""  # the source figure's own
    formula: str = ""

    @classmethod
    def of(cls, claim: Figure, source: Claim, marker: int) -> Match:
        """A claim borne out by a source."""
        return cls(claim, source.figure, marker, source.clause.text)


@dataclass
class Line:
    """One sentence: its text, the passages it rests on (by position, 1-based), and its figures,
    those found there and those not. `wrong` says what else its sources do not bear out.
    """

    text: str
    markers: tuple[int, ...] = ()
    matches: list[Match] = field(default_factory=list)
    unsupported: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    wrong: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing in it contradicts or goes beyond its sources."""
        return not self.unsupported and not self.wrong

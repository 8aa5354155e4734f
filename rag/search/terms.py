"""The words of a question that say what is asked, and how much of them a text holds."""

from __future__ import annotations

from dataclasses import dataclass

from rag.index.lexical import Group, Tokenizer


@dataclass(frozen=True)
class Terms:
    """Groups of alternatives for the words of a question, and how telling each group is.

    Holding some words of a compound counts `partial` of what it would: 一般公共预算支出 is not
    一般公共预算收入.
    """

    groups: tuple[Group, ...]
    weights: tuple[float, ...]
    tokenizer: Tokenizer
    partial: float = 1.0

    def coverage(self, text: str) -> float:
        """The share of the question's words, by weight, that a text holds; 0 to 1."""
        total = sum(self.weights)
        if not total:
            return 0.0
        return (
            sum(w * share for w, share in zip(self.weights, self.shares(text), strict=True)) / total
        )

    def named(self, text: str) -> float:
        """The share of the question's words, by weight, that a text holds wholly; 0 to 1."""
        held = zip(self.weights, self.shares(text), strict=True)
        return sum(w for w, share in held if share == 1) / (sum(self.weights) or 1)

    def shares(self, text: str) -> list[float]:
        """How much of each group a text holds: of its best alternative, the share of words."""
        words = self.tokenizer.word_set(text)
        return [
            share if share == 1 else self.partial * share
            for share in (
                max((len(words & set(run)) / len(set(run)) for run in group), default=0.0)
                for group in self.groups
            )
        ]

    def asked_for(self, text: str) -> float:
        """The share of a text's own words that are words of the question, 0 to 1."""
        words = self.tokenizer.word_set(text)
        asked = {word for group in self.groups for run in group for word in run}
        return len(words & asked) / (len(words) or 1)

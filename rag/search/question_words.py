"""Lists of words for understanding questions, kept in `question_words.yaml`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml


@cache
def question_words(name: str) -> frozenset[str]:
    """The words of one list. Raises KeyError if there is no such list."""
    return frozenset(_lists()[name].split())


@cache
def _lists() -> dict[str, str]:
    text = files("rag.search").joinpath("question_words.yaml").read_text(encoding="utf-8")
    lists: dict[str, str] = yaml.safe_load(text)
    return lists

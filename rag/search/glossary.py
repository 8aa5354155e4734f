"""The project's glossary of work-report terms, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Term:
    """A term of the domain: `zh` and its other Chinese forms, `en` best first."""

    zh: str
    en: tuple[str, ...]
    also: tuple[str, ...] = ()
    topic: str = ""

    @property
    def forms(self) -> tuple[str, ...]:
        """All Chinese forms."""
        return (self.zh, *self.also)


@cache
def glossary() -> tuple[Term, ...]:
    """All terms of `glossary.yaml`."""
    return _read("glossary.yaml")


@cache
def everyday() -> tuple[Term, ...]:
    """The everyday words of `everyday.yaml`, for the translation of English questions alone."""
    return _read("everyday.yaml")


def _read(name: str) -> tuple[Term, ...]:
    raw = yaml.load(
        files("rag.search").joinpath(name).read_text(encoding="utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
    )
    return tuple(
        Term(item["zh"], tuple(item["en"]), tuple(item.get("also", ())), item.get("topic", ""))
        for item in raw
    )


def terms() -> list[str]:
    """Every Chinese form, for the tokenizer's dictionary."""
    return [form for term in glossary() for form in term.forms if not form.isascii()]


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """Lower-case Chinese form → all forms of its term, itself first."""
    found: dict[str, tuple[str, ...]] = {}
    for term in glossary():
        for form in term.forms:
            others = tuple(other for other in term.forms if other != form)
            found[form.lower()] = (form, *others)
    return found

"""XQuAD (Artetxe et al. 2020, CC BY-SA 4.0): questions of two languages on the same paragraphs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from rag.types import Language

REPORT = "xquad"
_CATALOGUE = [
    {
        "id": REPORT,
        "file": "xquad.txt",
        "title": {"zh": "百科段落", "en": "Encyclopedic paragraphs"},
        "place": {"zh": "百科"},
        "issuer": "",
        "date": "",
        "reviews": None,
        "plans": None,
    }
]


@dataclass(frozen=True)
class Asked:
    """A question of each language and the number of the paragraph that answers it, from 0."""

    questions: dict[Language, str]
    paragraph: int


def read_xquad(folder: Path) -> tuple[list[str], list[Asked]]:
    """The Chinese paragraphs, each in one line, and the questions on them.

    `folder` holds `xquad.zh.json` and `xquad.en.json`, whose questions are in the same order.
    """
    chinese, english = (
        json.loads((folder / f"xquad.{language}.json").read_text(encoding="utf-8"))["data"]
        for language in ("zh", "en")
    )
    texts: list[str] = []
    asked: list[Asked] = []
    for one, other in zip(chinese, english, strict=True):
        for paragraph, twin in zip(one["paragraphs"], other["paragraphs"], strict=True):
            asked += (
                Asked({"zh": q["question"], "en": t["question"]}, len(texts))
                for q, t in zip(paragraph["qas"], twin["qas"], strict=True)
            )
            texts.append(" ".join(paragraph["context"].split()))
    return texts, asked


def write_corpus(texts: list[str], folder: Path) -> None:
    """The paragraphs as one report with its catalogue, ready to be ingested."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "xquad.txt").write_text("\n".join(texts), encoding="utf-8")
    catalogue = yaml.safe_dump(_CATALOGUE, allow_unicode=True)
    (folder / "catalogue.yaml").write_text(catalogue, encoding="utf-8")

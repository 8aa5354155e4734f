"""`report-qa verify` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.app import App
from rag.errors import CorpusError
from ui.cli import cli
from ui.verify_cli import read_passages

TRUE, FALSE = "2018年瑞安实现生产总值910亿元。", "2018年瑞安实现生产总值901亿元。"


def run(app: App, *arguments: str) -> tuple[int, str]:
    data_dir = str(app.settings.data_dir)
    result = CliRunner().invoke(cli, ["verify", *arguments, "--data-dir", data_dir])
    return result.exit_code, result.stdout


def test_a_true_text_passes_and_a_false_one_fails(real_app: App, tmp_path: Path) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_text(TRUE, encoding="utf-8")
    code, said = run(real_app, str(draft))
    assert (code, "1 supported, 0 contradicted" in said) == (0, True)
    draft.write_text(TRUE + FALSE, encoding="utf-8")
    code, said = run(real_app, str(draft))
    assert (code, "1 supported, 1 contradicted" in said) == (1, True)
    assert "ruian-2019#p" in said


def test_json_says_where(real_app: App, tmp_path: Path) -> None:
    draft = tmp_path / "draft.md"
    draft.write_text(FALSE, encoding="utf-8")
    code, said = run(real_app, str(draft), "--json")
    (checked,) = json.loads(said)
    assert (code, checked["verdict"]) == (1, "contradicted")
    assert "910亿元" in checked["citation"]["quote"]


def test_against_given_paragraphs(real_app: App, tmp_path: Path) -> None:
    draft, paragraphs = tmp_path / "draft.txt", tmp_path / "paragraphs.jsonl"
    draft.write_text("新建公路31公里。" + TRUE, encoding="utf-8")
    paragraphs.write_text('{"id": "a", "text": "全县新建公路31公里。"}\n', encoding="utf-8")
    code, said = run(real_app, str(draft), "--against", str(paragraphs))
    assert (code, "1 supported, 0 contradicted, 1 not found" in said) == (0, True)


@pytest.mark.parametrize("line", ["not json", '{"id": "a"}', "[]"])
def test_a_wrong_line_is_one_sentence(line: str, tmp_path: Path) -> None:
    file = tmp_path / "paragraphs.jsonl"
    file.write_text('{"id": "a", "text": "b"}\n' + line, encoding="utf-8")
    with pytest.raises(CorpusError, match="line 2: write one JSON object a line"):
        read_passages(file)

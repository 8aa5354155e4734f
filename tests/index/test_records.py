"""The SQLite file: what goes in comes out, in order, by position."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import DamagedIndexError
from rag.index.records import GRANULARITIES, Granularity, Records, StoredReport, Unit
from rag.types import Paragraph, Place, ReportInfo
from tests.wording import assert_sentence


def info(id_: str) -> ReportInfo:
    place = Place("北山县", "Beishan", ("北山", "Beishan County"))
    inferred, remarks = ("title", "place"), ("Cut off.", "引号“”")
    return ReportInfo(id_, "标题", "Title", place, "县政府", "2022", "2021", "", inferred, remarks)


def stored(id_: str) -> StoredReport:
    return StoredReport(info(id_), f"fingerprint of {id_}", f"/reports/{id_}.txt", ("朗读",))


def paragraphs(id_: str) -> list[Paragraph]:
    return [
        Paragraph(id_, 1, "一、回顾", ("一、回顾",), "actual", "2021", True),
        Paragraph(id_, 2, "增长8%。投资88亿元。", ("一、回顾", "(一)工业"), "plan", "2022"),
        Paragraph(id_, 10, "第十段。", (), "actual", ""),
    ]


def units(id_: str) -> list[Unit]:
    """Not in the order they stand in the report."""
    return [
        Unit(f"{id_}#p10:0-4", id_, 10, 0, 4, "digest 3", "第十 段"),
        Unit(f"{id_}#p2:5-11", id_, 2, 5, 11, "digest 2", "投资"),
        Unit(f"{id_}#p2:0-5", id_, 2, 0, 5, "digest 1", "增长"),
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of two reports."""
    path = tmp_path / "records.sqlite3"
    records = Records(path, writable=True)
    for id_ in ("south", "north"):
        made: dict[Granularity, list[Unit]] = {"chunk": units(id_), "paragraph": units(id_)[:1]}
        records.add(stored(id_), paragraphs(id_), {2: b"vectors", 10: b""}, made)
    records.number_units()
    records.close()
    return path


@pytest.fixture
def records(path: Path) -> Iterator[Records]:
    records = Records(path)
    yield records
    records.close()


def test_reports_and_paragraphs_come_out_as_they_went_in(records: Records) -> None:
    assert records.reports() == [stored("north"), stored("south")]
    assert records.paragraphs("north") == paragraphs("north")
    assert records.paragraphs("east") == []
    found = records.paragraphs_at([("south", 10), ("north", 2), ("north", 99)])
    assert found == {"south#p10": paragraphs("south")[2], "north#p2": paragraphs("north")[1]}


def test_vectors_of_sentences_belong_to_their_paragraph(path: Path) -> None:
    records = Records(path, writable=True)
    asked = [("south", 2), ("south", 10), ("north", 2), ("north", 99)]
    found = records.sentences_at(asked)
    assert found == {"south#p2": b"vectors", "south#p10": b"", "north#p2": b"vectors"}
    records.remove("south")
    assert records.sentences_at(asked) == {"north#p2": b"vectors"}
    records.close()


def test_units_are_numbered_by_report_paragraph_and_offset(records: Records) -> None:
    expected = [*reversed(units("north")), *reversed(units("south"))]
    assert records.units("chunk") == expected
    by_position = records.units_at("chunk", range(6))
    assert [by_position[n].id for n in range(6)] == [unit.id for unit in expected]
    ids = [unit.id for unit in expected]
    assert records.positions("chunk", ids) == {id_: n for n, id_ in enumerate(ids)}
    assert [unit.anchor for unit in records.units("paragraph")] == ["north#p10", "south#p10"]


def test_counts(records: Records) -> None:
    assert records.counts() == {
        "reports": 2,
        "paragraphs": 6,
        "chunk units": 6,
        "paragraph units": 2,
    }


def test_a_removed_report_leaves_nothing_and_the_others_are_renumbered(path: Path) -> None:
    records = Records(path, writable=True)
    records.remove("north")
    records.number_units()
    assert [report.info.id for report in records.reports()] == ["south"]
    assert records.paragraphs("north") == []
    for granularity in GRANULARITIES:
        positions = records.units_at(granularity, range(10))
        assert {unit.report for unit in positions.values()} == {"south"}
        assert sorted(positions) == list(range(len(positions)))
    records.close()


def test_words_can_be_replaced(path: Path) -> None:
    records = Records(path, writable=True)
    records.set_words("chunk", [("新 词", "north#p10:0-4")])
    words = {unit.id: unit.words for unit in records.units("chunk")}
    assert words["north#p10:0-4"] == "新 词"
    assert words["south#p10:0-4"] == "第十 段"
    records.close()


@pytest.mark.parametrize("damage", ["cut", "empty", "garbage"])
def test_a_damaged_file_is_one_sentence(path: Path, damage: str) -> None:
    content = path.read_bytes()
    path.write_bytes({"cut": content[:5000], "empty": b"", "garbage": b"\x00\xff" * 9000}[damage])
    with pytest.raises(DamagedIndexError) as caught:
        Records(path).reports()
    assert_sentence(caught.value, "report-qa ingest --rebuild")

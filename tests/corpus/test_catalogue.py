"""The catalogue: the five entries, entries inferred from a report, and broken files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.catalogue import Entry, load_catalogue, part_kind, slug
from rag.corpus.parse import parse_file
from rag.errors import CorpusError
from rag.types import ReportInfo
from tests.wording import assert_sentence

ENTRY = """\
- id: {id}
  file: {file}
  title: {{zh: 报告}}
  place: {{zh: 北山县}}
"""
REPORT = """\
{title}
一、2021年工作总结
全县实现生产总值125亿元,增长8.1%。财政总收入17.7亿元,增长12.1%。
二、2022年工作计划
生产总值增长8%左右,新建幼儿园6所,改造老旧小区14个。
"""


@pytest.fixture(scope="module")
def catalogue(seeds: Path) -> dict[str, ReportInfo]:
    return load_catalogue(seeds)


@pytest.mark.parametrize(
    ("id_", "place", "date", "reviews", "plans", "inferred"),
    [
        (
            "wenzhou-etdz-2015",
            "温州经济技术开发区",
            "2015",
            "2014",
            "2015",
            {"title", "place", "issuer", "date"},
        ),
        ("ruian-2019", "瑞安市", "2019-01-16", "2018", "2019", set()),
        ("wenzhou-etdz-2022", "温州经济技术开发区", "2022-03-02", "2021", "2022", {"title"}),
        ("jinhua-etdz-2022", "金华经济技术开发区", "2022-09-14", "", "2022", set()),
        (
            "qianwan-ecopark-2022",
            "前湾新区生态园",
            "2022",
            "2022",
            "2023",
            {"place", "issuer", "date"},
        ),
    ],
)
def test_the_entries_of_the_five_reports(
    catalogue: dict[str, ReportInfo],
    id_: str,
    place: str,
    date: str,
    reviews: str,
    plans: str,
    inferred: set[str],
) -> None:
    info = catalogue[f"{id_}.txt"]
    assert (info.id, info.place.zh, info.date, info.reviews, info.plans) == (
        id_,
        place,
        date,
        reviews,
        plans,
    )
    assert set(info.inferred) == inferred
    assert info.title
    assert info.title_en
    assert info.issuer
    assert info.remarks or not inferred


def test_there_is_an_entry_for_each_report_and_no_other(
    catalogue: dict[str, ReportInfo], seeds: Path
) -> None:
    assert set(catalogue) == {path.name for path in seeds.glob("*.txt")}


@pytest.mark.parametrize(
    ("id_", "names"),
    [
        ("wenzhou-etdz-2015", ("温州经开区", "温州经济技术开发区", "Wenzhou ETDZ")),
        ("wenzhou-etdz-2022", ("温州经开区", "温州经济技术开发区", "Wenzhou ETDZ")),
        ("ruian-2019", ("瑞安", "Ruian")),
        ("jinhua-etdz-2022", ("金华开发区", "Jinhua ETDZ")),
        ("qianwan-ecopark-2022", ("生态园", "Qianwan")),
    ],
)
def test_places_go_by_their_other_names(
    catalogue: dict[str, ReportInfo], id_: str, names: tuple[str, ...]
) -> None:
    assert set(names) <= set(catalogue[f"{id_}.txt"].place.names)


def test_an_entry_survives_being_written_and_read(catalogue: dict[str, ReportInfo]) -> None:
    for file, info in catalogue.items():
        assert Entry.of(info, file).info() == info


def test_a_folder_without_a_catalogue_has_no_entries(tmp_path: Path) -> None:
    assert load_catalogue(tmp_path) == {}


def infer(folder: Path, name: str, title: str) -> ReportInfo:
    path = folder / name
    path.write_text(REPORT.format(title=title), encoding="utf-8")
    return parse_file(path).info


def test_a_missing_entry_is_inferred_from_name_and_text(tmp_path: Path) -> None:
    info = infer(tmp_path, "north-2021.txt", "北山县2021年工作总结和2022年工作计划")
    assert (info.id, info.title) == ("north-2021", "北山县2021年工作总结和2022年工作计划")
    assert (info.place.zh, info.reviews, info.plans, info.date) == (
        "北山县",
        "2021",
        "2022",
        "2022",
    )
    assert set(info.inferred) == {"id", "title", "place", "reviews", "plans", "date"}


def test_a_chinese_file_name_gives_an_id_and_a_place(tmp_path: Path) -> None:
    info = infer(tmp_path, "北山县2021年政府工作报告.txt", "政府工作报告")
    other = infer(tmp_path, "南湖区2021年政府工作报告.txt", "政府工作报告")
    assert info.place.zh == "北山县"
    assert other.place.zh == "南湖区"
    assert info.id != other.id
    assert Entry.of(info, "x.txt").id == info.id


def test_what_the_text_does_not_give_stays_empty(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("全年新增企业15家,引进项目23个,投资明显增长。\n" * 3, encoding="utf-8")
    info = parse_file(path).info
    assert (info.id, info.title, info.place.zh) == ("notes", "notes", "notes")
    assert (info.issuer, info.date, info.reviews, info.plans) == ("", "", "", "")
    assert set(info.inferred) == {"id", "title"}


@pytest.mark.parametrize(
    ("name", "place", "reviews", "plans"),
    [
        ("ruian-2019", "瑞安市", "2018", "2019"),
        ("wenzhou-etdz-2022", "温州经济技术开发区", "2021", "2022"),
        ("jinhua-etdz-2022", "金华开发区", "", "2022"),
        ("qianwan-ecopark-2022", "生态园区", "2022", "2023"),
    ],
)
def test_the_seeds_would_be_recognised_without_their_catalogue(
    seeds: Path, name: str, place: str, reviews: str, plans: str
) -> None:
    info = parse_file(seeds / f"{name}.txt").info
    assert (info.id, info.place.zh, info.reviews, info.plans) == (name, place, reviews, plans)
    assert {"id", "title", "place"} <= set(info.inferred)


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_any_file_name_gives_a_valid_id_of_its_own(one: str, other: str) -> None:
    assert Entry.model_validate(
        {"id": slug(one), "file": "x.txt", "title": {"zh": "x"}, "place": {"zh": "x"}}
    )
    same = one == other or (one.isascii() and other.isascii())
    assert same or slug(one) != slug(other)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("一、2018年主要工作回顾", "actual"),
        ("二、2019年目标任务和重点工作", "plan"),
        ("二、2022年重点工作", "plan"),
        ("一、2021年重点工作完成情况", "actual"),
        ("一、2021年工作总结", "actual"),
        ("二、2022年工作思路", "plan"),
        ("三、工业", None),
    ],
)
def test_the_words_of_a_heading_tell_review_from_plan(heading: str, kind: str | None) -> None:
    assert part_kind(heading) == kind


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("- id: [", "line", id="broken YAML"),
        pytest.param("- id: a\n\tfile: b", "line 2", id="a tab"),
        pytest.param("date: 2022-13-45", "not valid YAML", id="an impossible date"),
        pytest.param("reports: []", "not a list", id="a mapping"),
        pytest.param("just words", "not a list", id="a word"),
        pytest.param("- just words", "number 1", id="a list of words"),
        pytest.param("- id: north", "number 1", id="fields missing"),
        pytest.param(ENTRY.format(id="north", file="a") + "  year: 1", "year", id="unknown field"),
        pytest.param(ENTRY.format(id="../north", file="a"), "number 1: id", id="a path as id"),
        pytest.param(ENTRY.format(id="North Hill", file="a"), "number 1: id", id="spaces in an id"),
        pytest.param(
            ENTRY.format(id="north", file="a") + ENTRY.format(id="north", file="b"),
            "'north' twice",
            id="an id twice",
        ),
    ],
)
def test_a_broken_catalogue_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "catalogue.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        load_catalogue(tmp_path)
    assert_sentence(caught.value, "catalogue.yaml", says)


def test_a_catalogue_that_is_not_text_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_bytes(ENTRY.format(id="a", file="b").encode("gb18030"))
    with pytest.raises(CorpusError) as caught:
        load_catalogue(tmp_path)
    assert_sentence(caught.value, "catalogue.yaml")

"""The five reports are those handed over, and the parser reads each as a person does."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from rag.corpus.catalogue import load_catalogue
from rag.corpus.frontmatter import details_of
from rag.corpus.parse import parse_file, parse_text
from rag.corpus.read import read_text
from rag.types import Detail, Paragraph, Report

SHA256 = {
    "jinhua-etdz-2022": "49aebdfdf4d32cb07a8d743cb624645bcd7ddec2a1059ea0380dabd063f5d7e4",
    "qianwan-ecopark-2022": "9353fb1915f2553618a09df1a6dd2d6a8b8a5eea9cfaa34c2e789f0596d80b3a",
    "ruian-2019": "5929169dbfab69e27e2bce78e70c664038f09d4bfc454d341d98612ebfe0a262",
    "wenzhou-etdz-2015": "718843a275ea12a7d4a9648982942ca118828d1a97ac150c8dd40ed4447137a9",
    "wenzhou-etdz-2022": "205a3a65f238b7b96d95f76267aec3b52ee5bac1942d086416f554c00123adc4",
}
# (first paragraph, last paragraph, kind, period) of each part; 0 is the front matter
PARTS = {
    "jinhua-etdz-2022": [(0, 38, "plan", "2022")],
    "qianwan-ecopark-2022": [(0, 27, "actual", "2022"), (28, 32, "plan", "2023")],
    "ruian-2019": [(0, 15, "actual", "2018"), (16, 29, "plan", "2019")],
    "wenzhou-etdz-2015": [(1, 9, "actual", "2014"), (10, 41, "plan", "2015")],
    "wenzhou-etdz-2022": [(0, 8, "actual", "2021"), (9, 16, "plan", "2022")],
}
HEADINGS = {
    "jinhua-etdz-2022": {0, 4, 9, 14, 19, 25, 30, 34},
    "qianwan-ecopark-2022": {0, 2, 3, 7, 12, 16, 20, 24, 28},
    "ruian-2019": {0, 3, 16, 22, 27},
    "wenzhou-etdz-2015": {1, 10, 13, 18, 24, 29, 33, 38},
    "wenzhou-etdz-2022": {0, 1, 9},
}
SECTIONS = [
    ("jinhua-etdz-2022", 1, ()),
    ("jinhua-etdz-2022", 7, ("(一)坚持首位战略,实现人才科创能级显著提升",)),
    ("ruian-2019", 4, ("一、2018年主要工作回顾",)),
    ("ruian-2019", 5, ("一、2018年主要工作回顾", "(一)着力振兴实体经济,高质量发展取得了突破")),
    (
        "qianwan-ecopark-2022",
        9,
        ("一、2022年工作总结", "(二)破难攻坚,园区经济稳中有进", "2.有效投资稳步增长"),
    ),
    ("wenzhou-etdz-2015", 12, ("二、2015年工作思路",)),
]
# One sentence a person can check on the page, and the paragraph it stands in.
LANDMARKS = [
    ("ruian-2019", 4, "预计全市实现生产总值910亿元,增长7.8%"),
    ("ruian-2019", 19, "生产总值增长8%左右"),
    ("wenzhou-etdz-2015", 12, "地区生产总值增长8.5%"),
    ("wenzhou-etdz-2022", 3, "核心区GDP同比增长8.9%"),
    ("jinhua-etdz-2022", 2, "固定资产投资增长14%以上"),
    ("qianwan-ecopark-2022", 9, "园区实现固定资产投资X亿元"),
]
NOISE = re.compile("文库|加入收藏|领取福利|微信扫码|朗读|预计阅读")


@pytest.fixture(scope="module")
def reports(seeds: Path) -> dict[str, Report]:
    catalogue = load_catalogue(seeds)
    parsed = (parse_file(path, catalogue[path.name]) for path in seeds.glob("*.txt"))
    return {report.info.id: report for report in parsed}


def paragraph(reports: dict[str, Report], id_: str, number: int) -> Paragraph:
    return next(p for p in reports[id_].paragraphs if p.number == number)


def test_the_five_files_are_byte_for_byte_the_ones_handed_over(seeds: Path) -> None:
    found = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in seeds.glob("*.txt")
    }
    assert found == SHA256


@pytest.mark.parametrize("id_", SHA256)
def test_paragraphs_are_numbered_without_gaps(reports: dict[str, Report], id_: str) -> None:
    paragraphs, numbers = reports[id_].paragraphs, range(PARTS[id_][0][0], PARTS[id_][-1][1] + 1)
    assert [p.number for p in paragraphs] == list(numbers)
    assert [p.anchor for p in paragraphs] == [f"{id_}#p{n}" for n in numbers]


DETAILS: dict[str, dict[Detail, str]] = {
    "jinhua-etdz-2022": {"issuer": "金华经济技术开发区管委会", "date": "2022-09-14"},
    "qianwan-ecopark-2022": {},
    "ruian-2019": {
        "date": "2019年1月16日在瑞安市第十六届人民代表大会第三次会议上",
        "speaker": "瑞安市市长麻胜聪",
    },
    "wenzhou-etdz-2022": {
        "issuer": "发布机构 | 温州经济技术开发区",
        "date": "成文日期 | 2022-03-02",
    },
}


@pytest.mark.parametrize("id_", DETAILS)
def test_the_front_matter_says_when_and_by_whom(reports: dict[str, Report], id_: str) -> None:
    front = paragraph(reports, id_, 0).text
    found = details_of(front)
    assert {detail: span.text for detail, span in found.items()} == DETAILS[id_]
    assert all(front[span.start : span.end] == span.text for span in found.values())


@pytest.mark.parametrize("id_", SHA256)
def test_each_part_has_its_kind_and_period(reports: dict[str, Report], id_: str) -> None:
    expected = {
        number: (kind, period)
        for first, last, kind, period in PARTS[id_]
        for number in range(first, last + 1)
    }
    assert {p.number: (p.kind, p.period) for p in reports[id_].paragraphs} == expected


@pytest.mark.parametrize("id_", SHA256)
def test_headings_are_told_from_text(reports: dict[str, Report], id_: str) -> None:
    assert {p.number for p in reports[id_].paragraphs if p.is_heading} == HEADINGS[id_]


@pytest.mark.parametrize(("id_", "number", "section"), SECTIONS)
def test_paragraphs_know_their_heading_path(
    reports: dict[str, Report], id_: str, number: int, section: tuple[str, ...]
) -> None:
    assert paragraph(reports, id_, number).section == section


@pytest.mark.parametrize(("id_", "number", "words"), LANDMARKS)
def test_known_sentences_stand_where_they_should(
    reports: dict[str, Report], id_: str, number: int, words: str
) -> None:
    assert words in paragraph(reports, id_, number).text


@pytest.mark.parametrize("id_", SHA256)
def test_no_paragraph_is_a_site_s(reports: dict[str, Report], id_: str) -> None:
    for text in (p.text for p in reports[id_].paragraphs):
        assert not NOISE.search(text)
        assert not re.fullmatch(r"[\dA-Z/-]+", text)


def test_what_the_sites_added_is_kept_aside(reports: dict[str, Report]) -> None:
    for id_ in ("ruian-2019", "qianwan-ecopark-2022"):
        dropped = "\n".join(reports[id_].dropped)
        for words in ("文库", "加入收藏", "领取福利", "微信扫码", "221381"):
            assert words in dropped
    assert "朗读" in reports["jinhua-etdz-2022"].dropped


@pytest.mark.parametrize("id_", SHA256)
def test_no_line_is_lost_and_none_is_changed(
    reports: dict[str, Report], seeds: Path, id_: str
) -> None:
    lines = read_text(seeds / f"{id_}.txt").split("\n")
    report = reports[id_]
    kept = [line for p in report.paragraphs for line in p.text.split("\n")]
    assert sorted([*kept, *report.dropped]) == sorted(
        line.strip() for line in lines if line.strip()
    )
    assert kept == [line.strip() for line in lines if line.strip() in kept]


@pytest.mark.parametrize("id_", SHA256)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_anchors_stay_when_a_report_is_saved_otherwise_and_parsed_again(
    reports: dict[str, Report], tmp_path: Path, id_: str, encoding: str, seeds: Path
) -> None:
    again = tmp_path / f"{id_}.txt"
    text = read_text(seeds / again.name).replace("\n", "\r\n")
    again.write_bytes(text.encode(encoding))
    assert parse_file(again, reports[id_].info) == reports[id_]


def test_a_report_reads_the_same_with_full_width_punctuation(
    reports: dict[str, Report], seeds: Path
) -> None:
    """The seeds came with ASCII commas and brackets; most reports have full-width ones."""
    wide = str.maketrans(
        {",": "\uff0c", "(": "\uff08", ")": "\uff09", ":": "\uff1a", ";": "\uff1b"}
    )
    for id_, report in reports.items():
        path = seeds / f"{id_}.txt"
        again = parse_text(read_text(path).translate(wide), path, report.info)
        for before, after in zip(report.paragraphs, again.paragraphs, strict=True):
            assert after.text == before.text.translate(wide)
            assert after.section == tuple(part.translate(wide) for part in before.section)
            assert (after.kind, after.period, after.is_heading) == (
                before.kind,
                before.period,
                before.is_heading,
            )

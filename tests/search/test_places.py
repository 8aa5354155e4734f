"""Names of places in questions: of the corpus, of other places, and words that are neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.corpus.catalogue import load_catalogue
from rag.search.places import PlaceNames, pinyin
from rag.types import Place

RUIAN, WENZHOU = "瑞安市", "温州经济技术开发区"
JINHUA, QIANWAN = "金华经济技术开发区", "前湾新区生态园"


@pytest.fixture(scope="module")
def places(seeds: Path) -> list[Place]:
    """One entry a report, as the catalogue has them."""
    return [info.place for info in load_catalogue(seeds).values()]


@pytest.fixture(scope="module")
def names(places: list[Place]) -> PlaceNames:
    return PlaceNames(places)


def test_every_name_of_every_place_is_that_place(names: PlaceNames, places: list[Place]) -> None:
    for place in places:
        for name in place.names:
            for text in (f"{name}2018年的目标", f"In 2018, {name} grew", name.upper()):
                found = names.find(text)
                assert (found.known, found.unknown) == ((place.zh,), ()), text
                assert name not in found.text


def test_reports_of_one_place_are_one_place(names: PlaceNames) -> None:
    assert sorted(place.zh for place in names.places) == sorted([RUIAN, WENZHOU, JINHUA, QIANWAN])


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("瑞安和温州经开区", (RUIAN, WENZHOU), ()),
        ("温州和瑞安相比", (WENZHOU, RUIAN), ()),
        ("Wenzhou ETDZ and RUI'AN city", (WENZHOU, RUIAN), ()),
        ("rui\u2019an", (RUIAN,), ()),
        ("Wenzhou is a port", (WENZHOU,), ()),
        ("温州市经济技术开发区", (WENZHOU,), ()),
        ("温州市的人口", (), ("温州市",)),
        ("温州首批试点是哪个", (), ()),
        ("瑞安哪项改革率温州之先", (RUIAN,), ()),
        ("杭州首批试点是哪个", (), ("杭州",)),
        ("one of Wenzhou's first ten projects", (), ()),
        ("Wenzhou's first barrier-free community", (), ()),
        ("the only team in Wenzhou", (), ()),
        ("Wenzhou's first quarter GDP", (WENZHOU,), ()),
        ("GDP growth in the first quarter in Wenzhou", (WENZHOU,), ()),
        ("the biggest project in Wenzhou", (WENZHOU,), ()),
        ("三河整治了多少公里", (), ()),
        ("永嘉县和瑞安", (RUIAN,), ("永嘉县",)),
        ("杭州、宁波、杭州", (), ("杭州", "宁波")),
        ("浙江省的增速", (), ("浙江省",)),
        ("乐清的工业", (), ("乐清",)),
        ("中意宁波生态园", (QIANWAN,), ()),
        ("Hong Kong and Tibet", (), ("Hong Kong", "Tibet")),
        ("Wuhan's GDP", (), ("Wuhan",)),
        ("Xi'an in 2022", (), ("Xi'an",)),
        ("Hangzhou City", (), ("Hangzhou City",)),
        ("萧山2022年的出口目标", (), ("萧山",)),
        ("2022年瓯海固定资产投资", (), ("瓯海",)),
        ("余杭高新区的企业", (), ("余杭",)),
        ("长乐经开区存在什么问题", (), ("长乐",)),
        ("平安开发区建设", (), ()),
        ("城中村的改造", (), ()),
        ("the Xiaoshan Economic Development Zone", (), ("Xiaoshan",)),
        ("Yuhang High-tech Zone in 2022", (), ("Yuhang",)),
        ("Longwan District's growth", (), ("Longwan District",)),
        ("the Xiaoshan Hotel", (), ()),
        ("宁波前湾的项目", (QIANWAN,), ()),
        ("合作共赢,东方气派", (), ()),
        ("中国和浙南", (), ()),
        ("Ruianese, Jinhuaer", (), ()),
        ("he changed the pole he made an hour long ago", (), ()),
        ("a bright day in hangzhou", (), ()),
        ("", (), ()),
    ],
)
def test_names_in_a_text(
    text: str, known: tuple[str, ...], unknown: tuple[str, ...], names: PlaceNames
) -> None:
    found = names.find(text)
    assert (found.known, found.unknown) == (known, unknown)


def test_names_are_taken_out_and_nothing_else(names: PlaceNames) -> None:
    assert names.find("瑞安2018年与杭州的GDP").text.split() == ["2018年与", "的GDP"]
    assert names.find("What was Ruian's GDP?").text.split() == ["What", "was", "'s", "GDP?"]


def test_the_english_name(names: PlaceNames) -> None:
    assert names.english(RUIAN) == "Ruian"
    assert names.english("无名县") == "无名县"


def test_a_corpus_without_places_knows_none() -> None:
    found = PlaceNames([]).find("瑞安的GDP")
    assert (found.known, found.unknown) == ((), ("瑞安",))


@pytest.mark.xfail(
    strict=True, reason="a district of the national list that a report's own text also names"
)
def test_a_new_area_inside_a_reported_place_is_not_another_place(names: PlaceNames) -> None:
    assert names.find("滨海新区突出什么联动?").unknown == ()


@pytest.mark.parametrize(
    "text",
    ["杭州湾的围垦", "环山东路的PPP", "获钱江杯的项目", "the Qianjiang Cup", "along Beijing Road"],
)
def test_what_is_named_after_a_place_is_not_that_place(text: str, names: PlaceNames) -> None:
    assert names.find(text).unknown == ()


@pytest.mark.parametrize(
    ("name", "spelled"), [("金海湖", "jinhaihu"), ("吕梁", "lvliang"), ("瑞安", "ruian")]
)
def test_pinyin(name: str, spelled: str) -> None:
    assert pinyin(name) == spelled


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("永嘉2018年的GDP是多少?", ("永嘉",)),
        ("2018年永嘉的GDP是多少?", ("永嘉",)),
        ("苍南拆了多少违建?", ("苍南",)),
        ("What was Yongjia's GDP in 2018?", ("Yongjia",)),
        ("How much illegal building was removed in Cangnan?", ("Cangnan",)),
        ("What was Yongjia County's GDP?", ("Yongjia County",)),
        ("公安局2018年破了多少案?", ()),
        ("永嘉新增规上企业多少家?", ("永嘉",)),
        ("2022年建水厂有什么进展?", ()),
        ("杭州街道有几个?", ("杭州",)),
        ("宁波奖励企业多少钱?", ("宁波",)),
        ("资源循环利用项目有几个?", ()),
        ("滨海医院是几级医院?", ()),
        ("How many beds has Binhai Hospital?", ()),
        ("Which fund did Taishun Capital set up?", ()),
    ],
)
def test_counties_without_their_suffix(
    text: str, unknown: tuple[str, ...], names: PlaceNames
) -> None:
    assert names.find(text).unknown == unknown


def test_a_county_beside_a_place_of_the_corpus_is_left_alone(names: PlaceNames) -> None:
    found = names.find("瑞安的平阳坑镇引进了什么项目?")
    assert (found.known, found.unknown) == ((RUIAN,), ())

from __future__ import annotations

import pytest

from rag.search.measure import asked_units, per_what, tells_change


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2018年外贸出口增长多少", True),
        ("财政收入的增长率是多少", True),
        ("What was the growth rate of exports?", True),
        ("How fast did retail sales grow?", True),
        ("规上企业研发费用覆盖率达", False),
        ("研发经费支出占生产总值比重", False),
        ("What was the urbanization rate of Ruian?", False),
        ("What share of GDP went into research?", False),
        ("研发费用覆盖率提高了多少", None),
        ("全市生产总值", None),
    ],
)
def test_a_percentage_is_of_a_change_or_of_a_whole(words: str, expected: bool | None) -> None:
    assert tells_change(words) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("人均GDP多少钱", {"head"}),
        ("GDP per capita in 2018", {"head"}),
        ("What did per-capita GDP come to?", {"head"}),
        ("规上工业企业亩均税收", {"mu"}),
        ("tax per mu", {"mu"}),
        ("全市生产总值910亿元", set()),
    ],
)
def test_what_a_quantity_is_divided_by(words: str, expected: set[str]) -> None:
    assert per_what(words) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("项目建设周期缩短了多少?", ("count",)),
        ("By how much did project construction time fall?", ("count",)),
        ("By how much did exports fall?", ("%", "pp")),
        ("What happened to the number of criminal cases?", ()),
        ("Tell me the number of criminal cases", ("count",)),
        ("What factors slowed the growth of output?", ()),
        ("the combined area of the three renovations", ("m2",)),
        ("项目建设周期压缩了多长时间?", ("count",)),
        ("审批要多久?", ("count",)),
        ("这个项目的投资额多大?", ("CNY", "USD")),
        ("占固定资产投资多大比重?", ("%", "pp")),
        ("一年能做多少产值?", ("CNY", "USD")),
        ("公租房盖了多大面积?", ("m2",)),
        ("得划多大地皮?", ("m2",)),
        ("广场几号开业?", ("date",)),
        ("外贸出口总额有多大增幅?", ("%", "pp")),
        ("有多少产值超亿元的企业?", ()),
        ("地铁几号线开工了?", ()),
        ("这条绿道多长?", ("m",)),
        ("出口涨了几个点?", ("%", "pp")),
        ("What was the construction bill for the plaza?", ("CNY", "USD")),
        ("550 MW project: what was the sum invested?", ("CNY", "USD")),
        ("How large was the project's total investment?", ("CNY", "USD")),
        ("By how much should rural income increase?", ("%", "pp")),
        ("By how much did industrial output go up?", ("%", "pp")),
        ("What was the vaccination rate?", ("%", "pp")),
        ("How much of all investment is that, as a share?", ("%", "pp")),
        ("Measures were introduced in 2021. What was the count?", ("count",)),
        ("When did the plaza open?", ("date",)),
        ("Since when?", ("date",)),
        ("When exactly did the plaza open?", ("date",)),
        ("When in 2018 did the bridge open?", ("date",)),
        ("When might the subway open?", ("date",)),
        ("When, according to the report, did it open?", ("date",)),
        ("When the plaza opened, how many hotels were being built?", ("count",)),
        ("How much is the contract worth?", ()),
        ("How much will Ruian allocate to improve rural roads?", ()),
        ("How much has been set aside to expand the hospital?", ()),
        ("What part of the city was renovated?", ()),
        ("How large was the investment zone?", ()),
        ("How high was export growth?", ("%", "pp")),
        ("How large was the growth in exports?", ("%", "pp")),
        ("By how much must emissions drop?", ("%", "pp")),
        ("新建多少个点位?", ("count",)),
        ("出口增速提高了几个点?", ("%", "pp")),
        ('When the park lays out its plan, what does "one core" refer to?', ()),
    ],
)
def test_the_units_asked_for(question: str, expected: tuple[str, ...]) -> None:
    assert asked_units(question) == expected

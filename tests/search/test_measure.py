from __future__ import annotations

import pytest

from rag.search.measure import (
    asked_units,
    asks_how_much,
    asks_stock,
    asks_year,
    may_count,
    per_what,
    tells_change,
)


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("哪一年获批创建省级高新区?", True),
        ("Which year did output first exceed 60 billion yuan?", True),
        ("什么时候开工?", False),
        ("哪年高?", False),
        ("客运中心哪年能用上?", False),
        ("新能源产业基地是哪一年建成的?", True),
        ("哪一年财政总收入最高?", False),
        ("Which year had the highest fiscal revenue?", False),
        ("哪年没完成目标?", False),
        ("What was the output of the year?", False),
    ],
)
def test_whether_a_year_is_asked_for(question: str, year: bool) -> None:
    assert asks_year(question) is year


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
        ("瑞安2018年生产总值是多少?", ("CNY", "USD")),
        ("2018年外贸出口总额达到多少?", ("CNY", "USD")),
        ("2019年社会消费品零售总额的目标是多少?", ()),
        ("出口总额增速是多少?", ("%", "pp")),
        ("税收占财政收入的比重是多少?", ("%", "pp")),
        ("财政支出里民生占了几成?", ("%", "pp")),
        ("吸引了多少大学生来创业?", ("count",)),
        ("这个电站每年发多少度电?", ("Wh",)),
        ("供气站日供气能力多大?", ("m3",)),
        ("Daily output of the waterworks, in cubic metres?", ("m3",)),
        ("发电量增长多少?", ("%", "pp")),
        ("How many power generation projects were built?", ("count",)),
        ("新增供水能力多少吨?", ("t",)),
        ("哪年高铁新城开工?", ("date",)),
        ("各是多少,哪年高?", ()),
        ("人口规模有多大?", ("count",)),
        ("哪个月能通车?", ("date",)),
        ("What rise in total fiscal revenue did Ruian set itself?", ("%", "pp")),
        ("What did per-capita GDP come to?", ("CNY", "USD")),
        ("How many firms exporting over US$10 million were attracted?", ("count",)),
        ("How many billion yuan did Ruian invest?", ("CNY", "USD")),
        ("How many percentage points were added?", ("%", "pp")),
        ("高考一段上线人数是多少?", ("count",)),
        ("Area of cultivated land newly created?", ("m2",)),
        ("Where did that place it within the city?", ("ordinal",)),
        ("Where did the fair take place within Ruian?", ()),
        ("What was the area of cultivated land newly created?", ("m2",)),
        ("Area of focus for 2022?", ()),
        ("How many municipal R&D centres are planned?", ("count",)),
        ("How many mu were sold?", ("m2",)),
        ("瑞安的高速公路里程是多少?", ("m",)),
        ("瓯飞一期围垦面积", ("m2",)),
        ("如何增加绿化面积?", ()),
        ("What were exports worth in 2018?", ("CNY", "USD")),
        ("What are the scenic spots worth visiting?", ()),
        ("新增高企数量:瑞安和温州经开区各多少?", ("count",)),
        ("高新技术企业数量,研发投入占比是多少?", ("%", "pp")),
        ("研发的钱占GDP几个点?", ("%", "pp")),
        ('When the park lays out its plan, what does "one core" refer to?', ()),
    ],
)
def test_the_units_asked_for(question: str, expected: tuple[str, ...]) -> None:
    assert asked_units(question) == expected


@pytest.mark.parametrize(
    ("question", "measure", "may"),
    [
        ("登陆新三板的有几名专家?", "人", True),
        ("引进人才多少人?", "家", False),
        ("新建几套人才房?", "人", False),
        ("新建几套人才房?", "套", True),
        ("新增几家企业?", "", True),
        ("做了多少次核酸?", "个", False),
        ("做了多少次核酸?", "人次", True),
        ("有几个项目开工?", "人", True),
        ("How many flats were built?", "人", True),
        ("How many people were hired?", "套", False),
        ("新能源公交有多少辆?", "个", False),
        ("新能源公交有多少辆?", "辆", True),
        ("How many opera performances did it give?", "个", False),
        ("How many opera performances did it give?", "场", True),
        ("How many county alliances were formed?", "年", False),
        ("How many years did it take?", "年", True),
        ("不良率为什么连续五年下降?", "年", True),
        ("How many households got tap water?", "村", False),
        ("How many households signed?", "户", True),
        ("How many road accidents happened?", "个", False),
        ("发生了几起火灾?", "个", False),
        ("发生了多少起刑事案件?", "家", False),
        ("How many more companies were certified?", "个", False),
        ("How many firms went public?", "家", True),
        ("How many patents did enterprises file?", "件", True),
        ("How many jobs did companies create?", "个", True),
        ("办了几件民生实事?", "项", True),
        ("多少户企业享受减税?", "家", True),
        ("多少户农户受益?", "村", False),
    ],
)
def test_what_may_be_counted(question: str, measure: str, may: bool) -> None:
    assert may_count(measure, question) is may


@pytest.mark.parametrize(
    ("question", "quantity"),
    [
        ("端了多少窝点?", True),
        ("占了几成?", True),
        ("How much private capital goes into it?", True),
        ("How large a part do exports play?", False),
        ("What is the investment target for the core area?", True),
        ("Did Ruian meet its investment target?", False),
        ("哪几个项目开工了?", False),
        ("Which roads were built?", False),
    ],
)
def test_whether_a_quantity_is_asked_for(question: str, quantity: bool) -> None:
    assert asks_how_much(question) is quantity


@pytest.mark.parametrize(
    ("question", "stock"),
    [
        ("金华开发区一共有多少家高新技术企业?", True),
        ("到2018年底,瑞安有多少家上市公司?", True),
        ("How many listed firms does Ruian have?", True),
        ("How many listed firms are there in Ruian?", True),
        ("瑞安2018年一共新增多少家高新技术企业?", False),
        ("瑞安2018年新增了多少家高新技术企业?", False),
        ("瑞安一共建成多少公里漫步道?", False),
        ("How many firms did Ruian add in total?", False),
        ("How many kitchens did Ruian convert in 2018?", False),
    ],
)
def test_whether_all_there_are_is_asked_for(question: str, stock: bool) -> None:
    assert asks_stock(question) is stock

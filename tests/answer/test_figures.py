"""The hand-checked table of figures, and properties that hold for every figure and every text."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rag.answer.figures import Figure, compare, exact_values, find_figures, in_english, shared_out


def in_ascii(text: str) -> str:
    """The text as far as pytest can print it in a test id."""
    return "".join(character if character.isascii() else "_" for character in text)


TABLE = yaml.load(Path(__file__).with_name("figures.yaml").read_text("utf-8"), yaml.BaseLoader)
FINDING_IDS = [f"{n}: {in_ascii(row['text'])}" for n, row in enumerate(TABLE["finding"])]
COMPARING_IDS = [
    f"{n}: {in_ascii(row['claimed'])} is {row['relation']} {in_ascii(row['source'])}"
    for n, row in enumerate(TABLE["comparing"])
]


def number(written: str) -> Fraction:
    """ "1824 * 2000/3" as an exact number."""
    return math.prod(map(Fraction, written.split("*")), start=Fraction(1))


def only(text: str) -> Figure:
    """The one figure of a text."""
    (figure,) = find_figures(text)
    return figure


def as_row(figure: Figure) -> dict[str, Any]:
    """A found figure in the shape of the table, with exact values."""
    low, *high = exact_values(figure)
    return {
        **{"text": figure.text, "value": low, "high": high[0] if high else None},
        **{"unit": figure.unit, "bound": figure.bound, "role": figure.role},
        "masked": figure.masked,
    }


def as_expected(row: dict[str, str]) -> dict[str, Any]:
    high = number(row["high"]) if "high" in row else None
    masked = row.get("masked") == "true"
    return {**row, "value": number(row["value"]), "high": high, "masked": masked}


# The table


@pytest.mark.parametrize("row", TABLE["finding"], ids=FINDING_IDS)
def test_finds_what_a_reader_finds(row: dict[str, Any]) -> None:
    assert list(map(as_row, find_figures(row["text"]))) == list(map(as_expected, row["figures"]))


@pytest.mark.parametrize("row", TABLE["comparing"], ids=COMPARING_IDS)
def test_compares_as_a_reader_does(row: dict[str, str]) -> None:
    relation = compare(only(row["claimed"]), only(row["source"]))
    assert (relation or "none") == row["relation"]


def test_the_table_is_as_large_as_promised() -> None:
    assert len(TABLE["finding"]) >= 260
    assert len(TABLE["comparing"]) >= 60


@pytest.mark.parametrize("row", TABLE["finding"], ids=FINDING_IDS)
def test_every_figure_of_the_table_survives_english(row: dict[str, Any]) -> None:
    for figure in find_figures(row["text"]):
        if figure.masked and not figure.unit.startswith(("CNY", "USD", "%", "m2")):
            continue  # "X" alone says nothing that could be found again
        assert compare(only(in_english(figure)), figure) is not None


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("910亿元", "91 billion yuan"),
        ("40855元", "40,855 yuan"),
        ("267万平方米", "2.67 million square metres"),
        ("12345678元", "12,345,678 yuan"),
        ("4550万美元", "45.5 million U.S. dollars"),
        ("8.9%", "8.9%"),
        ("-3.2%", "-3.2%"),
        ("2.4个百分点", "2.4 percentage points"),
        ("10万亩", "100,000 mu"),
        ("550兆瓦", "550 MW"),
        ("84家", "84"),
        ("约8%", "about 8%"),
        ("突破600亿元", "over 60 billion yuan"),
        ("2000人以上", "at least 2,000"),
        ("不足50家", "under 50"),
        ("最多80天", "at most 80 days"),
        ("1公里", "1 kilometre"),
        ("3-5个", "3 to 5"),
        ("3-5亿元", "300 million to 500 million yuan"),
        ("10%-15%", "10% to 15%"),
        ("50-100万元", "500,000 to 1,000,000 yuan"),
        ("X亿元", "X hundred million yuan"),
        ("XGWh", "X GWh"),
        ("X billion yuan", "X billion yuan"),
        ("第三", "third"),
        ("第21", "21st"),
        ("第12", "twelfth"),
        ("第112", "112th"),
        ("2021年", "2021"),
        ("1-9月", "January to September"),
        ("2018年1月16日", "16 January 2018"),
        ("1月16日", "16 January"),
        ("十四五", "14th Five-Year Plan"),
    ],
)
def test_in_english(text: str, english: str) -> None:
    assert in_english(only(text)) == english


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        (
            "城镇、农村常住居民人均可支配收入分别增长7.9%和8.6%",
            [("城镇常住居民人均可支配收入", "7.9%"), ("农村常住居民人均可支配收入", "8.6%")],
        ),
        (
            "实现生产总值910亿元,增长7.8%;财政总收入117.7亿元,其中一般公共预算收入71.1亿元,"
            "分别增长12.1%和12%;新增11项",
            [("财政总收入", "12.1%"), ("一般公共预算收入", "12%")],
        ),
        (
            "交通建设、生态环境和公共设施、高新技术产业、民间投资分别增长15%、12%、15%和10%。",
            [
                ("交通建设", "15%"),
                ("生态环境和公共设施", "12%"),
                ("高新技术产业", "15%"),
                ("民间投资", "10%"),
            ],
        ),
        (
            "安全生产事故起数、死亡人数分别下降40.7%和23.1%",
            [("安全生产事故起数", "40.7%"), ("死亡人数", "23.1%")],
        ),
        (
            "城镇常住居民人均可支配收入40855元,农村常住居民人均可支配收入24525元,分别增长9.0%、10.3%",
            [("城镇常住居民人均可支配收入", "9.0%"), ("农村常住居民人均可支配收入", "10.3%")],
        ),
        (
            "完成城中村二类改造26.91万平方米、旧住宅区改造12.55万平方米、旧厂区改造9.1万平方米,"
            "分别完成年度任务134.6%、1255%和910%;拆除违章25.2万平方米",
            [("城中村二类改造", "134.6%"), ("旧住宅区改造", "1255%"), ("旧厂区改造", "910%")],
        ),
        (
            "园区特优人才、领军人才、高级人才和基础人才总数分别达X人、X人、X人和X人。",
            [
                ("园区特优人才", "X人"),
                ("领军人才", "X人"),
                ("高级人才", "X人"),
                ("基础人才总数", "X人"),
            ],
        ),
        (
            "城镇、农村常住居民人均可支配收入分别增长8%和8.5%以上;限上投资增长8%",
            [("城镇常住居民人均可支配收入", "8%"), ("农村常住居民人均可支配收入", "8.5%")],
        ),
        ("一、二产增加值分别增长2%和3%", [("一产增加值", "2%"), ("二产增加值", "3%")]),
        ("装备制造业、战略新兴产业比重分别提高2%以上", []),
        ("分别增长2%和3%", []),
        ("财政收入增长7.8%,投资10亿元,分别增长12.1%和12%", []),
        ("甲、乙、丙分别增长2%和3%", []),
        ("没有数字,分别是好的", []),
    ],
)
def test_shared_out(text: str, shares: list[tuple[str, str]]) -> None:
    found = shared_out(text)
    assert [(subject, figure.text) for subject, figure in found] == shares
    assert all(text[figure.start : figure.end] == figure.text for _, figure in found)


# Properties

unhurried = settings(deadline=None)

ALPHABET = st.sampled_from(
    "0123456789.,%+-~ \n零一二两三四五六七八九十百千万亿点余多年月日第元家个亩约超X×[]()（）１％"
    'abtwohuredmilnyNS$¥"“”至到分别、。之'
)
VOCABULARY = (
    "one two twenty hundred thousand million billion a yuan RMB US$ mu percent to and between from"
    " about over first third ranked No. January May 2021 1,117 8.9% [1] 亿元 万亩 分别 百分之 第三"
    " X亿元 1-9月 十四五 五年 、 和"
)
WORDS = st.sampled_from(VOCABULARY.split())
TEXTS = st.one_of(
    *(st.text(), st.text(ALPHABET), st.lists(WORDS).map(" ".join), st.lists(WORDS).map("".join))
)


@given(TEXTS)
@settings(unhurried, max_examples=1000)
@example("１，１１７ 家")
@example("一" * 5000)
@example("İſK\u0660\u0663%")
def test_no_text_raises_and_all_offsets_are_right(text: str) -> None:
    end = 0
    for figure in find_figures(text):
        assert end <= figure.start < figure.end <= len(text)
        assert text[figure.start : figure.end] == figure.text
        assert figure.value.is_finite()
        assert compare(figure, figure) in ("exact", None)
        assert in_english(figure)
        end = figure.end
    assert all(figure in find_figures(text) for _, figure in shared_out(text))


PIECES = (
    "1,|1.|1-|1+|1 |1,111|一|一百|万|第一|X亿|分别|one |one-|hundred |between 1 and |[|[1,|(|百分之"
    "|1月|1至|a million |分别1%和|1元,分别1%、|1st |January |No. |约| |$|¥1|超1家|点|1万|\n"
)


def test_hundred_thousand_digits_finish() -> None:
    assert find_figures("1" * 100_000) == []


@pytest.mark.parametrize("piece", PIECES.split("|"), ids=ascii)
def test_long_repetitions_finish(piece: str) -> None:
    text = (piece * 30_000)[:30_000]
    find_figures(text)
    shared_out(text)


UNITS = {  # what Chinese writes -> how many base units, and a spelling that English might use
    "元": (Fraction(1), "yuan"),
    "美元": (Fraction(1), "U.S. dollars"),
    "%": (Fraction(1), "percent"),
    "个百分点": (Fraction(1), "percentage points"),
    "亩": (Fraction(2000, 3), "mu"),
    "平方米": (Fraction(1), "square meters"),
    "公里": (Fraction(1000), "km"),
    "兆瓦": (Fraction(10**6), "MW"),
    "吨": (Fraction(1), "tonnes"),
    "家": (Fraction(1), "companies"),
    "人": (Fraction(1), "people"),
    "个工作日": (Fraction(1), "working days"),
}
SCALES = {"": 0, "百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "百亿": 10, "万亿": 12}
ENGLISH_SCALES = {"": 0, " thousand": 3, " million": 6, " billion": 9, " trillion": 12}
BOUNDS = {
    **{"": "", "约": "about ", "超": "over ", "至少": "at least "},
    **{"不足": "under ", "不超过": "at most "},
}
AMOUNTS = st.decimals("0.001", "9999.999", places=3).filter(lambda amount: amount > 0)


@st.composite
def quantities(draw: st.DrawFn, scales: dict[str, int] = SCALES) -> tuple[str, Fraction]:
    """A quantity as Chinese writes it, and its value in base units."""
    amount, unit = draw(AMOUNTS).normalize(), draw(st.sampled_from(list(UNITS)))
    scale, bound = draw(st.sampled_from(list(scales))), draw(st.sampled_from(list(BOUNDS)))
    text = f"{bound}{amount:f}{scale}{unit}"
    return text, Fraction(amount) * 10 ** scales[scale] * UNITS[unit][0]


@unhurried
@given(quantities())
def test_round_trip_of_chinese_scales(quantity: tuple[str, Fraction]) -> None:
    text, value = quantity
    for source in (text, f"实现目标{text},同比持平。", f"共计({text})"):
        assert exact_values(only(source)) == (Fraction(value),)


@unhurried
@given(quantities())
def test_round_trip_through_english(quantity: tuple[str, Fraction]) -> None:
    figure = only(quantity[0])
    again = only(in_english(figure))
    assert exact_values(again) == exact_values(figure)
    assert again.bound == figure.bound
    assert compare(again, figure) is not None
    assert compare(figure, again) is not None


@unhurried
@given(AMOUNTS, st.sampled_from(list(UNITS)), st.sampled_from(list(ENGLISH_SCALES)))
def test_round_trip_of_english_scales(amount: Decimal, unit: str, scale: str) -> None:
    figure = only(f"It reached {amount:,f}{scale} {UNITS[unit][1]} in all.")
    assert exact_values(figure) == (
        Fraction(amount) * 10 ** ENGLISH_SCALES[scale] * UNITS[unit][0],
    )


@unhurried
@given(st.integers(1, 10**12 - 1))
def test_round_trip_of_chinese_numerals(value: int) -> None:
    assume(value not in (1, 2))  # 一家 is "a company", 二 is not used for counting
    assert exact_values(only(f"{in_chinese(value)}吨")) == (Fraction(value),)


@unhurried
@given(st.integers(2, 10**12 - 1))
def test_round_trip_of_english_words(value: int) -> None:
    assert exact_values(only(f"{in_words(value)} tonnes")) == (Fraction(value),)


@unhurried
@given(quantities(), st.data())
def test_a_changed_digit_is_never_equal(
    quantity: tuple[str, Fraction], data: st.DataObject
) -> None:
    text = quantity[0]
    places = [at for at, character in enumerate(text) if character.isdigit()]
    at = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != text[at]))
    for changed in find_figures(text[:at] + digit + text[at + 1 :]):
        assert compare(changed, only(text)) is None
        assert compare(only(text), changed) is None
        assert compare(only(in_english(changed)), only(text)) is None


@unhurried
@given(AMOUNTS, st.sampled_from(list(UNITS)), st.sampled_from(list(SCALES)), st.data())
def test_a_slipped_scale_is_never_equal(
    amount: Decimal, unit: str, scale: str, data: st.DataObject
) -> None:
    figure = only(f"{amount:f}{scale}{unit}")
    slipped = data.draw(st.sampled_from([other for other in SCALES if other != scale]))
    assert compare(only(f"{amount:f}{slipped}{unit}"), figure) is None
    tenfold = amount.scaleb(data.draw(st.sampled_from([-2, -1, 1, 2])))
    assert compare(only(f"{tenfold:f}{scale}{unit}"), figure) is None
    for english, power in ENGLISH_SCALES.items():
        same = power == SCALES[scale]
        claimed = only(f"{amount:,f}{english} {UNITS[unit][1]}")
        assert (compare(claimed, figure) is not None) == same


@unhurried
@given(AMOUNTS, st.sampled_from(list(UNITS)), st.sampled_from(list(UNITS)))
def test_another_unit_is_never_equal(amount: Decimal, unit: str, other: str) -> None:
    counts = {"家", "个", "人"}
    assume(unit != other and not {unit, other} <= counts)
    assert compare(only(f"{amount:f}{unit}"), only(f"{amount:f}{other}")) is None


@unhurried
@given(quantities())
def test_the_precision_of_the_caller_does_not_matter(quantity: tuple[str, Fraction]) -> None:
    figure = only(quantity[0])
    with localcontext() as context:
        context.prec = 2
        assert only(quantity[0]) == figure
        assert exact_values(figure) == (quantity[1],)
        assert compare(only(in_english(figure)), figure) is not None


def chinese_below_10000(value: int) -> str:
    """1050 -> 一千零五十."""
    text, gap = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        if digit:
            text += ("零" if gap and text else "") + "零一二三四五六七八九"[digit] + name
        gap = not digit
    return text


def in_chinese(value: int) -> str:
    """10_500_000_000 -> 一百零五亿."""
    groups = ((value // 10**8, "亿"), (value // 10**4 % 10**4, "万"), (value % 10**4, ""))
    text = ""
    for group, name in groups:
        if group:
            text += ("零" if text and group < 1000 else "") + chinese_below_10000(group) + name
    return text


ONES = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
ONES += [
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def words_below_1000(value: int) -> str:
    hundreds = f"{ONES[value // 100]} hundred" if value >= 100 else ""
    rest = value % 100
    tens = ONES[rest] if rest < 20 else "-".join(filter(None, (TENS[rest // 10], ONES[rest % 10])))
    return " and ".join(filter(None, (hundreds, tens)))


def in_words(value: int) -> str:
    """1_000_025 -> "one million twenty-five"."""
    scales = ((10**9, " billion"), (10**6, " million"), (10**3, " thousand"), (1, ""))
    groups = ((value // size % 1000, name) for size, name in scales)
    return " ".join(words_below_1000(group) + name for group, name in groups if group)

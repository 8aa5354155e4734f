"""A made corpus: thirty yearly reports of one place, alike but for their figures.

Only year and kind tell their paragraphs apart, so it shows whether these are understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml

from rag.types import Kind, Language

PLACE_ZH, PLACE_EN = "云溪市", "Yunxi"
FIRST, YEARS = 1995, 30  # the years in which the reports are given


@dataclass(frozen=True)
class Indicator:
    """What is reported each year: its names, its unit, how results and targets are worded.

    Some are worded relative to the report ("去年", "今年"), as the real ones are.
    """

    zh: str
    en: str
    low: int
    high: int
    unit_zh: str
    actual: str
    plan: str
    asked_zh: str = "是多少"


INDICATORS = (
    Indicator("地区生产总值增速", "GDP growth rate", 40, 130, "%",
              "全市地区生产总值增长{0}", "地区生产总值增长{0}左右"),
    Indicator("一般公共预算收入", "general public budget revenue", 200, 990, "亿元",
              "全年完成一般公共预算收入{0}", "一般公共预算收入力争达到{0}"),
    Indicator("固定资产投资", "fixed-asset investment", 1000, 4990, "亿元",
              "完成固定资产投资{0}", "全年计划完成固定资产投资{0}"),
    Indicator("外贸出口", "exports", 500, 2990, "亿元",
              "去年外贸出口实现{0}", "今年外贸出口确保{0}"),
    Indicator("社会消费品零售总额", "total retail sales of consumer goods", 1000, 4990, "亿元",
              "社会消费品零售总额达到{0}", "社会消费品零售总额预期{0}"),
    Indicator("实际利用外资", "foreign investment actually used", 1000, 9900, "万美元",
              "实际利用外资{0}", "实际利用外资{0}以上"),
    Indicator("新增城镇就业", "new urban jobs", 2000, 9900, "人",
              "新增城镇就业{0}", "新增城镇就业{0}", "多少人"),
    Indicator("新建和改造农村公路", "rural roads built or rebuilt", 100, 990, "公里",
              "新建和改造农村公路{0}", "新建和改造农村公路{0}", "多少公里"),
    Indicator("新认定高新技术企业", "newly recognised high-tech enterprises", 20, 299, "家",
              "新认定高新技术企业{0}", "新增高新技术企业{0}", "多少家"),
    Indicator("整治低效用地", "inefficient land redeveloped", 1000, 9900, "亩",
              "整治低效用地{0}", "盘活整治低效用地{0}", "多少亩"),
    Indicator("新增学位", "new school places", 1000, 9900, "个",
              "新增学位{0}", "扩建学校,新增学位{0}", "多少个"),
    Indicator("新建养老床位", "new beds in homes for the elderly", 100, 1990, "张",
              "新建养老床位{0}", "新建养老床位{0}", "多少张"),
)  # fmt: skip
_FILLERS = (
    "坚持稳中求进,全面深化改革,经济运行总体平稳",
    "营商环境持续优化,市场主体活力不断增强",
    "民生福祉不断改善,社会大局和谐稳定",
    "城乡面貌明显变化,基础设施更加完善",
)


@dataclass(frozen=True)
class Fact:
    """One figure of one report and the sentence that holds it; year and kind are the figure's."""

    report: str
    year: int
    kind: Kind
    indicator: Indicator
    figure: str
    sentence: str

    def question(self, language: Language) -> str:
        """Names the place, the year and, of a target, that it is one."""
        if language == "zh":
            goal = "目标" if self.kind == "plan" else ""
            return (
                f"{PLACE_ZH}{self.year}年{self.indicator.zh}{goal}{self.indicator.asked_zh}\uff1f"
            )
        if self.kind == "plan":
            return f"What was {PLACE_EN}'s {self.year} target for {self.indicator.en}?"
        return f"{self.indicator.en.capitalize()} achieved by {PLACE_EN} in {self.year}?"


def made_facts(seed: int = 7) -> list[Fact]:
    """A result and a target of every indicator for each report; no two figures of an indicator
    are alike."""
    random = Random(seed)
    facts = []
    for indicator in INDICATORS:
        numbers = random.sample(range(indicator.low, indicator.high), 2 * YEARS)
        for at in range(YEARS):
            given = FIRST + at
            for kind, year, number in (
                ("actual", given - 1, numbers[2 * at]),
                ("plan", given, numbers[2 * at + 1]),
            ):
                scaled = f"{number / 10:g}" if indicator.unit_zh == "%" else str(number)
                figure = f"{scaled}{indicator.unit_zh}"
                pattern = indicator.actual if kind == "actual" else indicator.plan
                facts.append(
                    Fact(f"yunxi-{given}", year, kind, indicator, figure, pattern.format(figure))  # type: ignore[arg-type]
                )
    return facts


def write_corpus(facts: list[Fact], folder: Path) -> None:
    """One text a report and the catalogue of all, ready to be ingested."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for report in dict.fromkeys(fact.report for fact in facts):
        given = int(report.rpartition("-")[2])
        mine = [fact for fact in facts if fact.report == report]
        text = "\n".join(_lines(given, mine))
        (folder / f"{report}.txt").write_text(text, encoding="utf-8")
        entries.append(
            {
                "id": report,
                "file": f"{report}.txt",
                "title": {"zh": f"{given}年{PLACE_ZH}政府工作报告", "en": f"{PLACE_EN} {given}"},
                "place": {"zh": PLACE_ZH, "en": PLACE_EN, "also": ["云溪"]},
                "issuer": f"{PLACE_ZH}人民政府",
                "date": f"{given}-01-20",
                "reviews": str(given - 1),
                "plans": str(given),
            }
        )
    catalogue = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False)
    (folder / "catalogue.yaml").write_text(catalogue, encoding="utf-8")


def _lines(given: int, facts: list[Fact]) -> Iterator[str]:
    """Two parts of paragraphs that hold three indicators each."""
    parts: tuple[tuple[str, Kind], ...] = (
        (f"一、{given - 1}年工作回顾", "actual"),
        (f"二、{given}年工作安排", "plan"),
    )
    for heading, kind in parts:
        yield heading
        mine = [fact.sentence for fact in facts if fact.kind == kind]
        for start in range(0, len(mine), 3):
            filler = _FILLERS[start // 3 % len(_FILLERS)]
            yield "\uff0c".join([filler, *mine[start : start + 3]]) + "\u3002"

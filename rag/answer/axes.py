"""What tells indicators of like name apart."""

from __future__ import annotations

from collections.abc import Sequence

_INDICATORS: tuple[dict[str, str], ...] = (
    {"规上": "above scale", "规模以上": "above scale"},
    {"限上": "above quota", "限额以上": "above quota"},
    {"本级": "zone proper", "核心区": "core area"},
    {
        "增加值": "value added",
        "生产总值": "gross domestic product",
        "GDP": "gross domestic product",
        "产值": "output",
        "可支配收入": "income",
    },
    {"一般公共预算": "budget", "公共财政预算": "budget", "财政总": "total"},
    {"收入": "revenue", "支出": "expenditure"},
    {"财政": "of the state", "预算": "of the state", "可支配": "of people"},
    {"存栏": "kept", "出栏": "sold"},
    {"城镇": "urban", "农村": "rural"},
    {"进口": "imports", "出口": "exports"},
    {
        "第一产业": "primary",
        "第二产业": "secondary",
        "工业": "secondary",
        "第三产业": "tertiary",
        "服务业": "tertiary",
        "农业": "primary",
    },
    {
        **dict.fromkeys(("退税", "退(免)税", "退免税"), "tax refund"),
        **dict.fromkeys(("出口额", "出口总额", "出口了", "外贸出口", "出口货"), "goods sold"),
    },
    {"工业投资": "industry", "制造业投资": "manufacturing", "固定资产投资": "all fixed assets"},
    {"实际": "paid in", "实到": "paid in", "到位": "paid in", "签约": "signed"},
    {
        **dict.fromkeys(("新增", "新登记", "新设", "新注册", "新开办"), "new"),
        **dict.fromkeys(("清退", "注销", "吊销", "关停", "淘汰", "清理"), "gone"),
    },
    {"国家": "national", "省级": "provincial", "省科技": "provincial", "市级": "municipal"},
)
_HOW_COUNTED = (
    {"新认定": "recognised", "培育": "cultivated", "累计": "all so far", "申报": "applied for"},
    {"净升规": "net", "小升规": "gross"},
)
AXES = (*_INDICATORS, *_HOW_COUNTED)
"""Words on one axis, each with what it means; words of the whole place (全市, 全区) are of none."""


def on_axes(words: str, axes: Sequence[dict[str, str]] = AXES) -> tuple[frozenset[str], ...]:
    """What words mean on each axis."""
    return tuple(frozenset(m for word, m in axis.items() if word in words) for axis in axes)


def differ(asked: str, said: str) -> bool:
    """Whether two Chinese texts are of different indicators: value added is no output, urban
    residents are no farmers. How things came to be counted does not matter."""
    both = zip(on_axes(asked, _INDICATORS), on_axes(said, _INDICATORS), strict=True)
    return any(wanted and given and not wanted & given for wanted, given in both)

"""What tells indicators of like name apart."""

from __future__ import annotations

AXES: tuple[dict[str, str], ...] = (
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
    {"工业投资": "industry", "制造业投资": "manufacturing", "固定资产投资": "all fixed assets"},
    {"实际": "paid in", "实到": "paid in", "到位": "paid in", "签约": "signed"},
    {"新认定": "recognised", "培育": "cultivated", "累计": "all so far", "申报": "applied for"},
    {"净升规": "net", "小升规": "gross"},
    {"国家": "national", "省级": "provincial", "省科技": "provincial", "市级": "municipal"},
)
"""Words on one axis, each with what it means; words of the whole place (全市, 全区) are of none."""

_HOW_COUNTED = frozenset(("新认定", "培育", "累计", "申报", "净升规", "小升规"))


def differ(asked: str, said: str) -> bool:
    """Whether two Chinese texts name different values on an axis: value added is no output, urban
    residents are no farmers."""
    for axis in AXES:
        words = [word for word in axis if word not in _HOW_COUNTED]
        wanted = {axis[word] for word in words if word in asked}
        given = {axis[word] for word in words if word in said}
        if wanted and given and not wanted & given:
            return True
    return False

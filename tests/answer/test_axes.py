"""Indicators of like name."""

from __future__ import annotations

import pytest

from rag.answer.axes import differ


@pytest.mark.parametrize(
    ("asked", "said", "apart"),
    [
        ("规上工业总产值涨了百分之几", "规上工业增加值 同比增长", True),
        ("规上工业增加值增速", "规上工业增加值 同比增长", False),
        ("一般公共预算收入", "一般公共预算支出", True),
        ("城镇居民收入增长多少", "农村常住居民人均可支配收入 增长", True),
        ("城镇居民收入增长多少", "城镇、农村常住居民人均可支配收入 增长", False),
        ("财政总收入", "一般公共预算收入 增长", True),
        ("财政总收入的增长目标", "农村常住居民人均可支配收入 增长", True),
        ("出栏生猪多少头", "能繁母猪存栏", True),
        ("新登记了多少家市场主体", "清退市场主体", True),
        ("新登记了多少家市场主体", "新增市场主体", False),
        ("进口总额", "外贸出口总额 增长", True),
        ("进出口总额", "外贸出口总额 增长", False),
        ("出口了多少亿元的货", "出口退(免)税", True),
        ("外贸出口退税", "出口退(免)税", False),
        ("第二产业增加值", "服务业增加值 增长", True),
        ("第三产业增加值", "规上工业增加值 同比增长", True),
        ("第三产业增加值", "服务业增加值 增长", False),
        ("进度如何", "规上工业增加值", False),
        ("规上工业总产值", "增长", False),
        ("新认定高新技术企业", "培育高新技术企业", False),
    ],
)
def test_what_is_of_another_indicator(asked: str, said: str, apart: bool) -> None:
    assert differ(asked, said) is apart

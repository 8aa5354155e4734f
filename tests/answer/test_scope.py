"""What a sentence keeps to besides its words: part of the year, phase, rest of a list, names."""

from __future__ import annotations

import pytest

from rag.answer.scope import scope_of
from rag.app import App
from rag.corpus.sentences import source_sentences

GDP = "预计全市实现生产总值910亿元,增长7.8%。"
HALF = "上半年受疫情影响。部分指标增幅回落。"
PRIZE = "瓯飞一期北片工程获鲁班奖,海创园一期工程获钱江杯。"
TOWNS = "潘岱等3个街道通过温州市级考核验收。"
TALENT = "强化人才支撑,1名人才入选“省千”计划。"
BOARD = "完成“个转企”303家、“小升规”64家,2家企业成功登陆“新三板”。"
NAMED = "瑞立、瑞明2家企业开工,新增高新技术企业96家。"


@pytest.mark.parametrize(
    ("question", "text", "kept"),
    [
        ("瑞安2018年的生产总值是多少?", GDP, True),
        ("瑞安2018年上半年的生产总值是多少?", GDP, False),
        ("What was Ruian's GDP for just the first six months of 2018?", GDP, False),
        ("What was Ruian's GDP in the third quarter of 2018?", GDP, False),
        ("2022年上半年增幅为什么回落?", HALF, True),
        ("Why did growth slow in the first half of 2022?", HALF, True),
        ("2022年下半年增幅为什么回落?", HALF, False),
        ("海创园一期拿了什么奖?", PRIZE, True),
        ("海创园二期拿了什么奖?", PRIZE, False),
        ("What award did the second phase of Haichuang Park win?", PRIZE, False),
        ("What award did phase one of Haichuang Park win?", PRIZE, True),
        ("海创园的哪一期拿了奖?", PRIZE, True),
        ("海创园十二五期间拿了什么奖?", PRIZE, True),
        ("哪些街道通过了考核验收?", TOWNS, True),
        ("其他通过考核验收的街道有哪些?", TOWNS, True),
        ("瑞安2018年中央督察后的生产总值是多少?", GDP, True),
        ("海创园第十二期简报说了什么?", PRIZE, True),
        ("除了潘岱,另外两个通过验收的街道是哪里?", TOWNS, False),
        ("Besides Pandai, which other two subdistricts passed?", TOWNS, False),
        ("入选省千的人才是谁?", TALENT, False),
        ("Who was the expert picked for the Thousand Talents scheme?", TALENT, False),
        ("入选省千的人才有几名?", TALENT, True),
        ("登陆新三板的是哪两家企业?", BOARD, False),
        ("Which two firms got onto the New Third Board?", BOARD, False),
        ("What number of firms got onto the New Third Board?", BOARD, True),
        ("开工的是哪两家企业?", NAMED, True),
        ("开工的是哪两家企业?", "2家企业(华峰、瑞立)开工。", True),
        ("开工的是哪两家企业?", "华峰和瑞立2家企业开工。", True),
        ("哪家企业拿了国家科技进步奖?", "国家科技进步奖取得零的突破。", False),
        ("Which firm won the national award?", "国家科技进步奖取得零的突破。", False),
        ("哪家公司入选单项冠军?", "华峰入选单项冠军培育企业。", True),
        ("与哪家集团承办总决赛?", "与力天集团首次承办卡丁车总决赛。", True),
        ("哪家公司和开发区合作?", "与阿里巴巴合作建设直播基地。", True),
        ("易瑞智慧物流园是哪家企业的项目?", "推进世界500强企业项目--易瑞智慧物流园。", False),
        ("前湾客运中心是谁承建的?", "前湾客运中心新建工程开工建设。", False),
        ("Who built the passenger terminal?", "客运中心新建工程开工建设。", False),
        ("治臭气的那家公司叫什么?", "聘请第三方专业机构,空气质量有效提升。", False),
        ("上市公司是什么行业的?", "新增上市报会辅导企业2家。", True),
        ("瑞安市委书记是谁?", "贯彻落实温州市和瑞安市委的决策部署。", False),
        ("瑞安市委书记是谁?", "市委书记李明出席会议。", True),
        ("Who is the party secretary of Ruian?", "广泛听取各民主党派意见建议。", False),
        ("哪家医院开工?", "首个混合所有制医院开工。", True),
        ("多少家企业拿了国家科技进步奖?", "3家企业获国家科技进步奖。", True),
        ("How many people who returned found work?", "帮助1200名毕业生就业。", True),
        ("2022年上半年的生产总值是多少?", "1-6月,实现生产总值410亿元。", True),
        ("一期工程何时完工?", "一、二期工程完工。", True),
        ("七期工程进度如何?", "四期完工。", False),
        ("除了A项目还有哪些项目开工?", "A、B、C等一批项目开工。", True),
    ],
)
def test_what_a_sentence_keeps_to(question: str, text: str, kept: bool, real_app: App) -> None:
    corpus = real_app.assistant.corpus()
    terms = corpus.retriever.terms(corpus.understand(question))
    last = source_sentences(text)[-1]
    assert scope_of(question).holds(text, last, terms) is kept

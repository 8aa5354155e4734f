"""What stands before the first paragraph of a report: page header, title, banners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from rag.corpus.sentences import Span
from rag.types import Detail

# Lines that scraping sites and portals put around a report; they are never part of it.
_NOISE = re.compile(
    r"文库|加入收藏|^.{0,30}分享\s*时间|共计\s*\d+\s*个?字|预计阅读|领取福利|微信扫码|扫一扫"
    r"|^\d{1,12}$|^朗读$|^(?:打印|关闭|收藏|分享|下载)(?:本[页文]|此页|页面|窗口|文章|文档)?$"
    r"|^(?:返回顶部|字号|字体|繁体|无障碍|当前位置|分享到|[上下]一篇)|^首页(?:\s*[>»›|/].*)?$"
    r"|浏览(?:次数|量)|点击(?:次数|量|数)|责任编辑|^来源[:\uff1a]|版权所有|备案号|(?:ICP|网安)备"
    r"|^\s*[-—_=*·|\s]+$"
)
_SENTENCE = re.compile(r"。|[;；]$")
_INDEX_NUMBER = re.compile(r"^[\dA-Z]{8,}/\d{4}-\d{3,}$")
_ISO_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_DELIVERED = re.compile(r"^[-—–\s(（]*(\d{4})年(\d{1,2})月(\d{1,2})日?.{0,6}在.*会议?")
_ISSUER = re.compile(
    r"^[\u4e00-\u9fff]{2,24}(?:管委会|管理委员会|人民政府|办公室|委员会|指挥部|政府)$"
)
_DASHES = "-\u2014\u2013 (\uff08"
_OPENNESS = re.compile(r"^(?:主动公开|依申请公开|公开)$")
_SPEAKER = re.compile(
    r"^[\u4e00-\u9fff]{0,12}(?:市长|县长|区长|州长|省长|主任|主席|镇长|乡长)\s?[\u4e00-\u9fff·\s]{2,6}$"
)
_LINE = re.compile(r"[^\n]+")
_CELL = re.compile(r"(?:^|(?<=\|))\s*([^|]*?)\s*(?=\||$)")
_What = Literal["title", "issuer", "date", "speaker"]
_TABLE_KEYS: dict[str, _What] = {
    "发布机构": "issuer",
    "成文日期": "date",
    "发布日期": "date",
    "生成日期": "date",
    "标题": "title",
    "名称": "title",
}
_BODY = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|各位)|[。;；!！？]"
)


@dataclass(frozen=True)
class FrontMatter:
    """Metadata found above the text; "" where there is none. `date` is ISO."""

    title: str = ""
    issuer: str = ""
    date: str = ""


def is_noise(line: str) -> bool:
    """Whether a line is a site's and not the report's."""
    return len(line) < 80 and bool(_NOISE.search(line)) and not _SENTENCE.search(line)


def is_body(line: str) -> bool:
    """Whether a line is text of the report rather than its front matter."""
    return len(line) > 60 or bool(_BODY.search(line))


class _Stated(NamedTuple):
    """What a line of front matter says: of what, the value, and where it says so."""

    what: _What
    value: str
    start: int
    end: int


def read_front_matter(lines: list[str]) -> FrontMatter:
    """Title, issuer and date from the lines above the first body line."""
    fields: dict[_What, str] = {}
    titles: list[str] = []
    for line in lines:
        stated = _stated(line)
        for one in stated:
            date = _date(one.value) if one.what != "title" else None
            fields.setdefault(one.what, _iso(date) if date else one.value)
        if not (stated or "|" in line or _INDEX_NUMBER.match(line) or _OPENNESS.match(line)):
            titles.append(line)
    return FrontMatter(
        title=fields.get("title") or max(titles, key=len, default=""),
        issuer=fields.get("issuer", ""),
        date=fields.get("date", ""),
    )


def details_of(text: str) -> dict[Detail, Span]:
    """Where front matter says when the report was given or issued, by whom, and who issued it."""
    found: dict[Detail, Span] = {}
    for line in _LINE.finditer(text):
        for what, _, start, end in _stated(line[0]):
            if what != "title":
                span = Span(line[0][start:end], line.start() + start, line.start() + end)
                found.setdefault(what, span)
    return found


def _stated(line: str) -> list[_Stated]:
    """What a line says: each key of a table row that is known, with its cell, or the line itself,
    a date without the dashes before it."""
    if "|" in line:
        cells = pairwise(_CELL.finditer(line))
        return [
            _Stated(_TABLE_KEYS[key[1]], value[1], key.start(1), value.end(1))
            for key, value in cells
            if key[1] in _TABLE_KEYS and value[1]
        ]
    if _date(line):
        return [_Stated("date", line, len(line) - len(line.lstrip(_DASHES)), len(line))]
    if _ISSUER.match(line):
        return [_Stated("issuer", line, 0, len(line))]
    return [_Stated("speaker", line, 0, len(line))] if _SPEAKER.match(line) else []


def _date(text: str) -> re.Match[str] | None:
    return _ISO_DATE.match(text) or _DELIVERED.match(text)


def _iso(found: re.Match[str]) -> str:
    year, month, day = found.groups()[:3]
    return f"{year}-{int(month):02d}-{int(day):02d}"

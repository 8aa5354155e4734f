"""The catalogue: what each report is, stated by hand or inferred from its name and text."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.corpus.frontmatter import FrontMatter
from rag.errors import CorpusError
from rag.types import Place, ReportInfo

CATALOGUE_NAME = "catalogue.yaml"
_ID = r"^[a-z0-9][a-z0-9._-]{1,62}$"
_SLUG_LENGTH = 60
_PLACE = re.compile(
    r"[\u4e00-\u9fff]{2,12}?(?:经济技术开发区|高新技术产业开发区|开发区|高新区|新区|自治区|自治州"
    r"|生态园|示范区|街道|[省市县区镇乡])(?![\u4e00-\u9fff]?[级域])"
)
_NOT_A_PLACE = re.compile(
    r"^(?:全|我|本|各|该|市|县|区|园|城|社|小|地|一|两|十|核心|示范|辖|郊|城|新)[市县区镇乡省]|^(?:20\d\d)?年"
)
_HEADING_YEAR = re.compile(r"(20\d\d|19\d\d)年")


class Title(BaseModel):
    """A title in both languages."""

    model_config = ConfigDict(extra="forbid")
    zh: str
    en: str = ""


class PlaceEntry(BaseModel):
    """A place with its other names in either language."""

    model_config = ConfigDict(extra="forbid")
    zh: str
    en: str = ""
    also: list[str] = []


class Entry(BaseModel):
    """One report of a catalogue file."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(pattern=_ID)
    file: str
    title: Title
    place: PlaceEntry
    issuer: str = ""
    date: str = ""
    reviews: str | None = None
    plans: str | None = None
    inferred: list[str] = []
    remarks: list[str] = []

    def info(self) -> ReportInfo:
        """As the value the rest of the project works with."""
        return ReportInfo(
            id=self.id,
            title=self.title.zh,
            title_en=self.title.en,
            place=Place(self.place.zh, self.place.en, tuple(self.place.also)),
            issuer=self.issuer,
            date=self.date,
            reviews=self.reviews or "",
            plans=self.plans or "",
            inferred=tuple(self.inferred),
            remarks=tuple(self.remarks),
        )

    @classmethod
    def of(cls, info: ReportInfo, file: str) -> Entry:
        """The entry that would describe `info`, for people to correct."""
        return cls(
            id=info.id,
            file=file,
            title=Title(zh=info.title, en=info.title_en),
            place=PlaceEntry(zh=info.place.zh, en=info.place.en, also=list(info.place.also)),
            issuer=info.issuer,
            date=info.date,
            reviews=info.reviews or None,
            plans=info.plans or None,
            inferred=list(info.inferred),
            remarks=list(info.remarks),
        )


def load_catalogue(folder: Path) -> dict[str, ReportInfo]:
    """File name → what it is, from `folder/catalogue.yaml`; empty when there is none.

    Raises CorpusError when the file does not hold a valid catalogue.
    """
    path = folder / CATALOGUE_NAME
    if not path.is_file():
        return {}
    entries = [_entry(path, number, item) for number, item in enumerate(_items(path), start=1)]
    ids = [entry.id for entry in entries]
    if twice := next((name for name in ids if ids.count(name) > 1), None):
        raise CorpusError(f"{path} uses the id {twice!r} twice; give each report its own.")
    return {entry.file: entry.info() for entry in entries}


def _items(path: Path) -> list[object]:
    try:
        items = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise CorpusError(
            f"{path} is not valid YAML{line} ({error.problem}); correct it and ingest again."
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise CorpusError(f"{path} is not valid YAML; correct it and ingest again.") from error
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read ({error.strerror}); check its permissions."
        ) from error
    if items is not None and not isinstance(items, list):
        raise CorpusError(f"{path} is not a list of reports; begin each entry with '- id:'.")
    return items or []


def _entry(path: Path, number: int, item: object) -> Entry:
    try:
        return Entry.model_validate(item)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        raise CorpusError(
            f"{path} has a wrong entry, number {number}: {where}: {first['msg']}; correct it."
        ) from error


def slug(name: str) -> str:
    """A report id from a file name: lower case, ASCII letters, digits and dashes.

    A name that this leaves out something of (Chinese characters, its end) gets eight digits of
    its SHA-256 too, so that different names have different ids and each keeps its own.
    """
    text = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not name.isascii() or not 2 <= len(text) <= _SLUG_LENGTH:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        text = f"{text[: _SLUG_LENGTH - 9].strip('-') or 'report'}-{digest}"
    return text


def infer_info(file: Path, front: FrontMatter, headings: list[str], body: str) -> ReportInfo:
    """The catalogue entry of a file that has none, from its name, front matter and text.

    Every field it fills is named in `inferred`; what the text does not give stays empty.
    """
    title = front.title or _title_from_headings(headings) or file.stem
    reviews, plans = _periods(title, headings)
    place = _place(title, front.issuer, file.stem, body)
    date = front.date or (reviews and str(int(reviews) + 1)) or plans
    filled = [
        ("id", "yes"), ("title", title), ("place", place), ("issuer", front.issuer),
        ("date", date), ("reviews", reviews), ("plans", plans),
    ]  # fmt: skip
    return ReportInfo(
        id=slug(file.stem),
        title=title,
        title_en="",
        place=Place(place or title),
        issuer=front.issuer,
        date=date,
        reviews=reviews,
        plans=plans,
        inferred=tuple(name for name, value in filled if value),
        remarks=("No catalogue entry; inferred from the file's name and text.",),
    )


def _title_from_headings(headings: list[str]) -> str:
    parts = [re.sub(r"^[一二三四五六七八九十]+、", "", heading) for heading in headings]
    return "和".join(part for part in parts if _HEADING_YEAR.search(part))[:60]


def _periods(title: str, headings: list[str]) -> tuple[str, str]:
    """(year reviewed, year planned), "" where the headings and the title do not say."""
    reviews = plans = ""
    for text in (*headings, *re.split(r"和|暨|及", title)):
        year = _HEADING_YEAR.search(text)
        kind = part_kind(text)
        if year and kind == "actual":
            reviews = reviews or year[1]
        if year and kind == "plan":
            plans = plans or year[1]
    return reviews, plans


def _place(title: str, issuer: str, stem: str, body: str) -> str:
    for text in (title, issuer, stem):
        cleaned = re.sub(r"(?:19|20)\d\d年?", "", text)
        if found := _PLACE.search(cleaned):
            return found[0]
    counts: dict[str, int] = {}
    for name in _PLACE.findall(body):
        if not _NOT_A_PLACE.match(name) and len(name) <= 8:
            counts[name] = counts.get(name, 0) + 1
    best = max(counts, key=lambda name: counts[name], default="")
    return best if counts.get(best, 0) >= 3 else ""


_PLAN_WORDS = re.compile(
    r"目标|思路|计划|安排|打算|部署|展望|规划|任务|重点工作$|今后|下一步|下半年"
)
_REVIEW_WORDS = re.compile(r"回顾|总结|完成情况|成效|成绩|情况|亮点|过去")


def part_kind(heading: str) -> str | None:
    """ "actual" or "plan" by the words of a part's heading or a title; None if it says neither.

    Where both occur the last one decides ("2021年工作总结和2022年工作思路" is asked part by part).
    """
    plan = [m.start() for m in _PLAN_WORDS.finditer(heading)]
    review = [m.start() for m in _REVIEW_WORDS.finditer(heading)]
    if not plan and not review:
        return None
    if plan and review:
        return "plan" if plan[-1] > review[-1] else "actual"
    return "plan" if plan else "actual"

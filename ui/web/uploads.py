"""Reports that readers bring: looked at first, corrected, then indexed; kept in the corpus's
folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import yaml
from pydantic import ValidationError

from rag.app import App
from rag.corpus.catalogue import CATALOGUE_NAME, Entry, PlaceEntry, Title, load_catalogue
from rag.corpus.parse import parse_file
from rag.errors import CorpusError
from rag.index.ingest import IngestResult, Progress
from rag.types import Report

_FOLDER = "uploads"


class Uploads:
    """The uploaded reports, each in a folder of its own with its catalogue entry."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._folder = app.settings.data_dir / _FOLDER

    def look_at(self, file: Path) -> tuple[Entry, Report]:
        """What a file seems to be, and its parsed text. Raises CorpusError, naming the file as
        its reader knows it."""
        try:
            report = parse_file(file)
        except CorpusError as error:
            raise CorpusError(str(error).replace(str(file), file.name)) from error
        taken = {info.id for info in self._app.assistant.corpus().index.infos()}
        id_ = report.info.id
        number = 2
        while id_ in taken:
            id_, number = f"{report.info.id[:55]}-{number}", number + 1
        info = replace(report.info, id=id_, remarks=())
        return Entry.of(info, f"report{file.suffix.lower()}"), report

    def add(self, file: Path, entry: Entry, progress: Progress) -> IngestResult:
        """Keep a file under an entry and index it. Raises ReportQAError; then nothing is kept."""
        folder = self._folder / entry.id
        folder.mkdir(parents=True)
        try:
            shutil.copyfile(file, folder / entry.file)
            return self._index(folder, entry, progress)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def change(self, entry: Entry, progress: Progress) -> IngestResult:
        """Index an uploaded report anew under a corrected entry. Raises ReportQAError."""
        return self._index(self._folder / entry.id, entry, progress)

    def remove(self, id_: str) -> None:
        """Take an uploaded report out of the index and forget its file. Raises ReportQAError."""
        folder = self._folder / id_
        if id_ not in {entry.id for entry in self.entries()}:
            raise CorpusError(f"{id_!r} was not uploaded here; choose one of the uploaded reports.")
        self._app.ingester.remove([id_])
        shutil.rmtree(folder)

    def entries(self) -> list[Entry]:
        """What was uploaded, by id."""
        found = []
        for folder in sorted(self._folder.glob("*/")):
            found += [Entry.of(info, file) for file, info in load_catalogue(folder).items()]
        return found

    def _index(self, folder: Path, entry: Entry, progress: Progress) -> IngestResult:
        text = yaml.safe_dump([entry.model_dump()], allow_unicode=True, sort_keys=False)
        (folder / CATALOGUE_NAME).write_text(text, encoding="utf-8")
        return self._app.ingester.ingest([folder], progress)


def corrected(entry: Entry, given: dict[str, str], also: Sequence[str]) -> Entry:
    """An entry with a reader's corrections: title, title_en, place, place_en, issuer, date,
    reviews, plans. What was corrected is inferred no more. Raises CorpusError."""
    said = {name: value.strip() for name, value in given.items()}
    if not said["title"] or not said["place"]:
        raise CorpusError("A report needs a title and a place; fill them in.")
    for name in ("reviews", "plans"):
        if said[name] and not (said[name].isdecimal() and len(said[name]) == 4):
            raise CorpusError("Years have four digits, as in 2022; correct them or leave them out.")
    before = {
        "title": entry.title.zh, "place": entry.place.zh, "issuer": entry.issuer,
        "date": entry.date, "reviews": entry.reviews or "", "plans": entry.plans or "",
    }  # fmt: skip
    changed = {name for name, value in before.items() if said[name] != value}
    try:
        return Entry(
            id=entry.id,
            file=entry.file,
            title=Title(zh=said["title"], en=said["title_en"]),
            place=PlaceEntry(zh=said["place"], en=said["place_en"], also=[a for a in also if a]),
            issuer=said["issuer"],
            date=said["date"],
            reviews=said["reviews"] or None,
            plans=said["plans"] or None,
            inferred=[name for name in entry.inferred if name not in changed],
            remarks=entry.remarks,
        )
    except ValidationError as error:
        raise CorpusError(f"The entry is wrong: {error.errors()[0]['msg']}; correct it.") from error

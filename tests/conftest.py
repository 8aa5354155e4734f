"""Fixtures shared by all tests, none of which may reach beyond this machine."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from rag.app import App, build_app
from rag.corpus.parse import PARSER_VERSION
from rag.index.embed import Embedder
from rag.index.ingest import Ingester, IngestResult
from rag.index.store import Index, Signature, open_index
from rag.search.glossary import terms
from rag.search.searcher import Searcher
from tests.fakes import HashingEmbedder
from tests.workers import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = ["pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]

ROOT = Path(__file__).parent.parent
# Where models are kept and fetched from is the machine's affair; all else is a test's.
_KEPT = {"REPORT_QA_MODELS_DIR", "REPORT_QA_MODEL_SOURCE", "REPORT_QA_HUB_URL"}


@pytest.fixture(scope="session", autouse=True)
def _plain_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No settings of whoever runs the tests, no `.env` of theirs, no model hub."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("OPENAI_", "REPORT_QA_", "SLACK_")) and name not in _KEPT:
                patch.delenv(name)
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _connections() -> Iterator[list[str]]:
    """Refuses connections to other machines; lists those that were tried."""
    tried: list[str] = []
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guard(connection: socket.socket, address: Any) -> None:
        if connection.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            tried.append(f"{address[0]}:{address[1]}")
            raise AssertionError(f"a test tried to reach {address[0]}")

    def guarded_connect(connection: socket.socket, address: Any) -> None:
        guard(connection, address)
        connect(connection, address)

    def guarded_connect_ex(connection: socket.socket, address: Any) -> int:
        guard(connection, address)
        return connect_ex(connection, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        yield tried


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True)
def _stays_here(_connections: list[str]) -> Iterator[None]:
    """Fails a test that tried to reach another machine, even from a thread or in vain."""
    before = len(_connections)
    yield
    assert not _connections[before:]


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the five reports."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def _app(tmp_path_factory: pytest.TempPathFactory) -> App:
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of all workers
    return build_app(data_dir=folder / "five" / "data", engine="extractive")


@pytest.fixture(scope="session")
def real_embedder(_app: App) -> Embedder:
    """The default embedding model."""
    return _app.embedder


@pytest.fixture(scope="session")
def real_index(_app: App, seeds: Path) -> Path:
    """The data folder of the five reports, ingested with the default model. Not to be changed:
    workers share it."""
    data_dir = _app.settings.data_dir
    data_dir.parent.mkdir(exist_ok=True)
    with FileLock(data_dir.with_suffix(".lock")):
        _app.ingester.ingest([seeds])
    return data_dir


@pytest.fixture(scope="session")
def real_app(_app: App, real_index: Path) -> App:
    """The app over the five reports, without a language model."""
    assert real_index.is_dir()
    return _app


@dataclass
class Corpus:
    """A folder of reports, a data folder, and what ingests one into the other."""

    folder: Path
    data_dir: Path
    embedder: HashingEmbedder = field(default_factory=HashingEmbedder)

    def write(self, name: str, *lines: str) -> Path:
        """A report file of the folder."""
        path = self.folder / name
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    def ingest(self, *paths: Path, **options: Any) -> IngestResult:
        """Bring the index up to date with `paths`, or with the whole folder."""
        ingester = Ingester(self.data_dir, self.embedder, ())
        return ingester.ingest(paths or [self.folder], **options)

    def rebuild(self, *paths: Path) -> IngestResult:
        """Make the index anew."""
        return Ingester(self.data_dir, self.embedder, ()).ingest(paths, rebuild=True)

    def remove(self, *ids: str) -> IngestResult:
        """Remove reports."""
        return Ingester(self.data_dir, self.embedder, ()).remove(ids)

    def open(self) -> Index:
        """The index as a reader opens it."""
        return open_index(self.data_dir, Signature(self.embedder.name, PARSER_VERSION))

    def nearest(self, text: str) -> str:
        """The anchor of the paragraph nearest to a text."""
        index = self.open()
        found = index.nearest("paragraph", self.embedder.embed_query(text), 3)
        best = max(found, key=lambda position: found[position])
        return index.units_at("paragraph", [best])[best].anchor


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Two short reports, not yet ingested."""
    folder = tmp_path / "reports"
    folder.mkdir()
    corpus = Corpus(folder, tmp_path / "data")
    corpus.write(
        "north-2021.txt",
        "北山县2021年工作总结和2022年工作计划",
        "一、2021年工作总结",
        "全县实现生产总值125亿元,增长8.1%。财政总收入17.7亿元,增长12.1%。",
        "(一)农业稳步发展。全年粮食产量达到23万吨,新建高标准农田1.2万亩。",
        "二、2022年工作计划",
        "生产总值增长8%左右,新建幼儿园6所,改造老旧小区14个。",
    )
    corpus.write(
        "south-2021.txt",
        "南湖区2021年工作总结",
        "一、2021年工作总结",
        "全区完成固定资产投资88亿元,引进外资1.3亿美元,新签约项目45个。",
        "全年接待游客320万人次,旅游收入26亿元,新开民宿71家。",
    )
    return corpus


@pytest.fixture
def small_index(corpus: Corpus) -> Corpus:
    """The two short reports, ingested with the hashing embedder."""
    corpus.ingest()
    return corpus


@pytest.fixture(scope="module")
def searcher(real_app: App, real_index: Path) -> Searcher:
    """Over the five reports."""
    embedder = real_app.embedder
    signature = Signature(embedder.name, PARSER_VERSION)
    return Searcher(real_index, signature, embedder, terms(), real_app.settings.models_dir)

"""How an index grows: time, disk, memory and latency over made reports of several sizes.

Vectors are made, not encoded, so that the index alone is measured; what encoding costs is printed
by `make bench`. Each size runs in a process of its own, so that memory is its own.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import yaml
from rich.console import Console
from rich.table import Table

from rag.corpus.parse import PARSER_VERSION
from rag.index.embed import Progress, Vectors
from rag.index.ingest import Ingester
from rag.index.store import Signature
from rag.search.glossary import terms
from rag.search.searcher import Searcher

SIZES = (1_000, 10_000, 100_000)
_DIMENSION = 384
_LINES = 100  # paragraphs a report; each becomes one chunk
_QUESTIONS = 60
_SUBJECTS = (
    "一般公共预算收入",
    "固定资产投资",
    "外贸出口",
    "社会消费品零售总额",
    "规上工业增加值",
    "高新技术企业",
    "农村公路",
    "养老床位",
    "城镇就业",
    "低效用地",
    "污水管网",
    "保障性住房",
    "粮食播种面积",
    "旅游收入",
    "税收收入",
    "专利授权",
    "科技型中小企业",
    "公共自行车",
    "幼儿园",
    "垃圾分类",
)
_VERBS = ("完成", "新增", "实现", "新建", "整治", "引进", "培育", "盘活")


class MadeEmbedder:
    """Each text a random direction of its own, the same every time; stands in for the model."""

    name = "made"

    def embed_query(self, text: str) -> Vectors:
        """Shape (384,)."""
        generator = np.random.default_rng(zlib.crc32(text.encode()))
        vector = generator.standard_normal(_DIMENSION, dtype=np.float32)
        return vector / np.float32(np.linalg.norm(vector))

    def embed_passages(self, texts: Sequence[str], progress: Progress = lambda _: None) -> Vectors:
        """Shape (len(texts), 384)."""
        vectors = np.stack([self.embed_query(text) for text in texts])
        progress(len(texts))
        return vectors

    def warm_up(self) -> None:
        """Nothing to load."""


def grow(folder: Path, sizes: Sequence[int], models_dir: Path, out: Console) -> None:
    """Print a table with a line a size."""
    table = Table(title="Growth (made text and made vectors)", title_justify="left")
    for heading in ("chunks", "ingest s", "disk MB", "memory MB", "p50 ms", "p95 ms"):
        table.add_column(heading, justify="right")
    for size in sizes:
        arguments = [str(folder / str(size)), str(size), str(models_dir)]
        command = [sys.executable, "-m", "eval.retrieval.growth", *arguments]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        row = json.loads(run.stdout.splitlines()[-1])
        measured = (row[name] for name in ("ingest", "disk", "memory", "p50", "p95"))
        table.add_row(f"{row['chunks']:,}", *(f"{value:.0f}" for value in measured))
    out.print(table)


def measure(folder: Path, size: int, models_dir: Path) -> dict[str, float]:
    """Build an index of about `size` chunks and search it. Times in s and ms, sizes in MB."""
    _write_corpus(folder / "reports", size)
    embedder, data_dir = MadeEmbedder(), folder / "index"
    started = time.perf_counter()
    Ingester(data_dir, embedder, terms(), models_dir).ingest([folder / "reports"])
    ingest = time.perf_counter() - started
    signature = Signature(embedder.name, PARSER_VERSION)
    corpus = Searcher(data_dir, signature, embedder, terms(), models_dir).corpus()
    spent = []
    for number in range(_QUESTIONS + 5):
        subject = _SUBJECTS[number % len(_SUBJECTS)]
        question = f"第{number}市{2000 + number % 20}年{_VERBS[number % len(_VERBS)]}{subject}多少?"
        started = time.perf_counter()
        corpus.retriever.retrieve(corpus.understand(question), 8)
        spent.append(1000 * (time.perf_counter() - started))
    warm = spent[5:]
    disk = sum(file.stat().st_size for file in data_dir.rglob("*") if file.is_file())
    return {
        "chunks": corpus.index.size("chunk"),
        "ingest": ingest,
        "disk": disk / 1e6,
        "memory": _peak_memory(),
        "p50": statistics.median(warm),
        "p95": statistics.quantiles(warm, n=20)[-1],
    }


def _peak_memory() -> float:
    """Of this process, in MB. What getrusage says is at least that of the process it came from."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _write_corpus(folder: Path, size: int) -> None:
    folder.mkdir(parents=True)
    entries = []
    random = Random(size)
    for number in range(max(1, size // _LINES)):
        place, year = f"第{number // 20}市", 2000 + number % 20
        name = f"made-{number}.txt"
        (folder / name).write_text("\n".join(_lines(year, random)), encoding="utf-8")
        entries.append(
            {
                "id": f"made-{number}",
                "file": name,
                "title": {"zh": f"{year}年{place}政府工作报告"},
                "place": {"zh": place},
                "issuer": place,
                "date": str(year),
                "reviews": str(year - 1),
                "plans": str(year),
            }
        )
    catalogue = yaml.safe_dump(entries, allow_unicode=True)
    (folder / "catalogue.yaml").write_text(catalogue, encoding="utf-8")


def _lines(year: int, random: Random) -> Iterator[str]:
    yield f"一、{year - 1}年工作回顾"
    for _ in range(_LINES):
        subjects = random.sample(_SUBJECTS, 3)
        clauses = (f"{random.choice(_VERBS)}{s}{random.randint(10, 9999)}个" for s in subjects)
        yield "\uff0c".join(clauses) + "\u3002"


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))))

"""Ingest does what changed and nothing else, and whatever happens leaves an index to search."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from rag.corpus.parse import PARSER_VERSION
from rag.errors import CorpusError, DamagedIndexError, IndexingError, ReportQAError
from rag.index.ingest import Ingester, IngestResult
from rag.index.records import GRANULARITIES
from rag.index.store import CURRENT, GENERATIONS, Index, Signature, current_generation, open_index
from rag.search.searcher import Searcher
from tests.conftest import ROOT, Corpus
from tests.fakes import HashingEmbedder
from tests.wording import assert_sentence

GDP = "全县实现生产总值125亿元"
TOURISTS = "全年接待游客320万人次"


def contents(index: Index) -> dict[str, object]:
    """All an index holds, by meaning and not by file."""
    return {
        "reports": {id_: report.info for id_, report in index.reports.items()},
        "paragraphs": [p for id_ in sorted(index.reports) for p in index.paragraphs(id_)],
        "units": {
            granularity: index.units_at(granularity, range(index.size(granularity)))
            for granularity in GRANULARITIES
        },
        "vocabulary": sorted(index.vocabulary()),
    }


def refusal(corpus: Corpus, *paths: Path) -> ReportQAError:
    with pytest.raises(ReportQAError) as caught:
        corpus.ingest(*paths)
    return caught.value


# What changed


def test_a_first_ingest_adds_every_report(corpus: Corpus) -> None:
    result = corpus.ingest()
    assert (result.added, result.changed, result.kept, result.removed, result.failed) == (
        ("north-2021", "south-2021"),
        (),
        (),
        (),
        (),
    )
    assert result.inferred == ("north-2021", "south-2021")
    assert result.embedded == corpus.embedder.embedded > 0
    assert result.counts == corpus.open().manifest.counts
    assert result.counts["reports"] == 2
    assert corpus.nearest(GDP) == "north-2021#p2"
    assert corpus.nearest(TOURISTS) == "south-2021#p3"


def test_unchanged_reports_cost_nothing(small_index: Corpus) -> None:
    before, generation = small_index.embedder.embedded, current_generation(small_index.data_dir)
    result = small_index.ingest()
    assert (result.kept, result.embedded) == (("north-2021", "south-2021"), 0)
    assert result.counts["reports"] == 2
    assert small_index.embedder.embedded == before
    assert current_generation(small_index.data_dir) == generation


def test_only_changed_texts_are_embedded_again(small_index: Corpus) -> None:
    path = small_index.folder / "south-2021.txt"
    path.write_text(path.read_text("utf-8").replace("320万人次", "410万人次"), "utf-8")
    result = small_index.ingest()
    assert (result.changed, result.kept) == (("south-2021",), ("north-2021",))
    assert result.embedded == 1  # a chunk and its whole paragraph are the same text here
    assert small_index.nearest("全年接待游客410万人次") == "south-2021#p3"
    texts = [paragraph.text for paragraph in small_index.open().paragraphs("south-2021")]
    assert not any("320万人次" in text for text in texts)


def test_a_paragraph_put_in_front_moves_anchors_but_embeds_only_itself(small_index: Corpus) -> None:
    path = small_index.folder / "south-2021.txt"
    lines = path.read_text("utf-8").split("\n")
    lines.insert(2, "全区上下团结奋斗,新增规上企业37家。")
    path.write_text("\n".join(lines), "utf-8")
    assert small_index.ingest().embedded == 1
    assert small_index.nearest(TOURISTS) == "south-2021#p4"


def test_an_updated_index_equals_one_made_from_nothing(small_index: Corpus, tmp_path: Path) -> None:
    small_index.write("east-2022.txt", "一、2022年工作总结", "全镇新增就业1200人,修路31公里。")
    (small_index.folder / "south-2021.txt").unlink()
    path = small_index.folder / "north-2021.txt"
    path.write_text(path.read_text("utf-8").replace("23万吨", "25万吨"), "utf-8")
    small_index.ingest()
    other = Corpus(small_index.folder, tmp_path / "other")
    other.ingest()
    updated, made = small_index.open(), other.open()
    assert contents(updated) == contents(made)
    vector = small_index.embedder.embed_query("新增就业")
    for granularity in GRANULARITIES:
        assert updated.nearest(granularity, vector, 9) == pytest.approx(
            made.nearest(granularity, vector, 9)
        )
        groups = [(("就业",),), (("粮食",),)]
        assert updated.words(granularity, groups) == pytest.approx(made.words(granularity, groups))
    pairs = [(("新增",),), (("公里",),)]
    assert updated.pairs(pairs) == pytest.approx(made.pairs(pairs))
    assert updated.pairs(pairs).any()


def test_a_report_gone_from_the_folder_is_removed(small_index: Corpus) -> None:
    (small_index.folder / "south-2021.txt").unlink()
    result = small_index.ingest()
    assert (result.kept, result.removed, result.embedded) == (("north-2021",), ("south-2021",), 0)
    assert list(small_index.open().reports) == ["north-2021"]
    assert small_index.nearest(TOURISTS).startswith("north-2021#")


def test_ingesting_one_file_leaves_the_others(small_index: Corpus) -> None:
    (small_index.folder / "south-2021.txt").unlink()
    result = small_index.ingest(small_index.folder / "north-2021.txt")
    assert result.removed == ()
    assert set(small_index.open().reports) == {"north-2021", "south-2021"}


def test_ingesting_another_folder_leaves_the_others(small_index: Corpus, tmp_path: Path) -> None:
    other = tmp_path / "more"
    other.mkdir()
    (other / "east-2022.txt").write_text("一、2022年工作总结\n全镇新增就业1200人。", "utf-8")
    assert small_index.ingest(other).added == ("east-2022",)
    assert set(small_index.open().reports) == {"east-2022", "north-2021", "south-2021"}


def test_reports_can_be_removed_by_id(small_index: Corpus) -> None:
    assert small_index.remove("south-2021").removed == ("south-2021",)
    assert list(small_index.open().reports) == ["north-2021"]
    with pytest.raises(CorpusError) as caught:
        small_index.remove("south-2021")
    assert_sentence(caught.value, "'south-2021'", "report-qa reports")


def test_a_new_catalogue_entry_changes_the_report_and_its_anchors(small_index: Corpus) -> None:
    small_index.write(
        "catalogue.yaml",
        "- id: beishan-2021",
        "  file: north-2021.txt",
        "  title: {zh: 北山县工作报告, en: Beishan}",
        "  place: {zh: 北山县, en: Beishan, also: [北山]}",
        '  reviews: "2021"',
        '  plans: "2022"',
    )
    result = small_index.ingest()
    assert (result.added, result.removed, result.kept) == (
        ("beishan-2021",),
        ("north-2021",),
        ("south-2021",),
    )
    assert small_index.open().reports["beishan-2021"].info.place.also == ("北山",)
    assert small_index.nearest(GDP) == "beishan-2021#p2"


def test_reports_of_the_same_text_are_two_reports_and_stay_two(small_index: Corpus) -> None:
    shutil.copy(small_index.folder / "south-2021.txt", small_index.folder / "copy-2021.txt")
    assert small_index.ingest().added == ("copy-2021",)
    assert small_index.ingest().kept == ("copy-2021", "north-2021", "south-2021")


def test_chinese_names_are_reports_of_their_own(corpus: Corpus) -> None:
    for name in ("北山县2020年政府工作报告.txt", "南湖区2020年政府工作报告.txt"):
        corpus.write(name, "一、2019年工作回顾", f"{name[:3]}新增就业1200人,修路31公里。")
    assert len(corpus.ingest().added) == 4
    assert len(corpus.rebuild(corpus.folder).added) == 4


def test_long_paragraphs_and_empty_ones(corpus: Corpus) -> None:
    """Of many chunks and of one: the paragraph's vector is the mean of theirs."""
    corpus.write("long.txt", "一、2021年工作总结", "", "  ", f"新建道路{'31公里,桥梁6座。' * 60}")
    corpus.ingest()
    index = corpus.open()
    assert [p.number for p in index.paragraphs("long")] == [1, 2]
    assert corpus.nearest("道路31公里,桥梁6座。31公里,桥梁6座。") == "long#p2"


# Rebuilding


def test_everything_can_be_rebuilt_from_the_kept_originals(small_index: Corpus) -> None:
    before = contents(small_index.open())
    shutil.rmtree(small_index.data_dir / GENERATIONS)
    (small_index.data_dir / CURRENT).unlink()
    shutil.rmtree(small_index.folder)
    result = small_index.rebuild()
    assert result.added == ("north-2021", "south-2021")
    assert contents(small_index.open()) == before


def test_after_a_rebuild_the_folder_is_still_where_the_reports_came_from(
    small_index: Corpus,
) -> None:
    small_index.rebuild()
    assert small_index.ingest().kept == ("north-2021", "south-2021")
    (small_index.folder / "south-2021.txt").unlink()
    assert small_index.ingest().removed == ("south-2021",)


def test_removed_reports_do_not_come_back_with_a_rebuild(small_index: Corpus) -> None:
    small_index.remove("south-2021")
    small_index.rebuild()
    assert list(small_index.open().reports) == ["north-2021"]


def test_rebuilding_from_nothing_is_one_sentence(corpus: Corpus) -> None:
    with pytest.raises(CorpusError) as caught:
        corpus.rebuild()
    assert_sentence(caught.value, "report-qa ingest")


def test_only_the_last_two_generations_are_kept(small_index: Corpus) -> None:
    for n in range(3):
        small_index.write(f"more-{n}.txt", "一、2021年工作总结", f"新增就业{n}200人,修路31公里。")
        small_index.ingest()
    assert len(list((small_index.data_dir / GENERATIONS).iterdir())) == 2


# What goes wrong


def test_a_bad_file_among_good_ones_is_reported_and_the_rest_ingested(corpus: Corpus) -> None:
    (corpus.folder / "broken.txt").write_bytes(bytes(range(256)) * 40)
    result = corpus.ingest()
    assert result.added == ("north-2021", "south-2021")
    (message,) = result.failed
    assert_sentence(message, "broken.txt")


def test_a_report_whose_file_broke_stays_in_the_index(small_index: Corpus) -> None:
    (small_index.folder / "south-2021.txt").write_bytes(b"")
    result = small_index.ingest()
    assert (len(result.failed), result.removed) == (1, ())
    assert small_index.nearest(TOURISTS) == "south-2021#p3"


def test_only_bad_files_is_an_error_that_names_each(corpus: Corpus) -> None:
    for path in corpus.folder.iterdir():
        path.write_bytes(b"")
    for line, path in zip(
        str(refusal(corpus)).split("\n"), sorted(corpus.folder.iterdir()), strict=True
    ):
        assert_sentence(line, path.name)


def test_two_files_with_one_id_are_reported_every_time(corpus: Corpus) -> None:
    deeper = corpus.folder / "deeper"
    deeper.mkdir()
    shutil.copy(corpus.folder / "south-2021.txt", deeper)
    for _ in range(2):
        result = corpus.ingest()
        (message,) = result.failed
        assert_sentence(message, "south-2021", "catalogue.yaml")
        assert result.removed == ()


def test_a_folder_without_reports_is_one_sentence(corpus: Corpus, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "README.md").write_text("Not a report.", "utf-8")
    assert_sentence(refusal(corpus, empty), "empty", ".txt")
    assert_sentence(refusal(corpus, tmp_path / "nowhere"), "nowhere", "does not exist")


def test_a_glob_may_hold_the_catalogue(corpus: Corpus) -> None:
    entry = corpus.write("catalogue.yaml", "[]")
    assert corpus.ingest(*sorted(corpus.folder.iterdir())).added == ("north-2021", "south-2021")
    assert_sentence(refusal(corpus, entry), "no report")


def test_a_broken_catalogue_stops_the_ingest_and_harms_nothing(small_index: Corpus) -> None:
    small_index.write("catalogue.yaml", "- id: [")
    assert_sentence(refusal(small_index), "catalogue.yaml")
    assert small_index.nearest(GDP) == "north-2021#p2"


def test_a_data_folder_that_cannot_be_written_is_one_sentence(corpus: Corpus) -> None:
    """Under a file, since root may write everywhere else."""
    below = replace(corpus, data_dir=corpus.folder / "north-2021.txt" / "data")
    assert_sentence(refusal(below), "north-2021.txt/data", "--data-dir")


def test_another_model_is_refused_with_the_command_to_run(small_index: Corpus) -> None:
    other = replace(small_index, embedder=HashingEmbedder(name="another"))
    with pytest.raises(IndexingError) as caught:
        other.open()
    assert_sentence(caught.value, "hashing", "another", "report-qa ingest --rebuild")
    assert_sentence(refusal(other), "hashing", "another", "report-qa ingest --rebuild")
    other.rebuild()
    assert other.nearest(GDP) == "north-2021#p2"


def test_another_parser_or_chunker_is_refused(small_index: Corpus) -> None:
    for signature in (
        Signature("hashing", PARSER_VERSION + 1),
        Signature("hashing", PARSER_VERSION, chunker=99),
    ):
        with pytest.raises(IndexingError) as caught:
            open_index(small_index.data_dir, signature)
        assert_sentence(caught.value, "report-qa ingest --rebuild")


def test_no_index_yet_is_one_sentence(corpus: Corpus) -> None:
    with pytest.raises(IndexingError) as caught:
        corpus.open()
    assert_sentence(caught.value, "report-qa ingest seeds")


def search(corpus: Corpus) -> None:
    """Use every part of the index."""
    corpus.nearest(GDP)
    index = corpus.open()
    for granularity in GRANULARITIES:
        index.words(granularity, [(("增长",),)])


def damage(generation: Path, what: str) -> None:
    """Do to a generation what disks and people do."""
    segments = [path for path in (generation / "vectors").iterdir() if path.is_dir()]
    records, manifest = generation / "records.sqlite3", generation / "manifest.json"
    chroma = generation / "vectors" / "chroma.sqlite3"
    match what:
        case "segment deleted":
            shutil.rmtree(segments[0])
        case "segment cut":
            (segments[0] / "data_level0.bin").write_bytes(b"")
        case "vectors deleted":
            shutil.rmtree(generation / "vectors")
        case "vectors emptied":
            chroma.write_bytes(b"")
        case "vectors overwritten":
            chroma.write_bytes(b"\x00\xff" * 70_000)
        case "records deleted":
            records.unlink()
        case "records cut":
            records.write_bytes(records.read_bytes()[:20_000])
        case "records overwritten":
            records.write_bytes(b"\x00\xff" * (records.stat().st_size // 2))
        case "words deleted":
            shutil.rmtree(generation / "lexical" / "chunk")
        case "words cut":
            (generation / "lexical" / "paragraph" / "data.csc.index.npy").write_bytes(b"")
        case "manifest deleted":
            manifest.unlink()
        case "manifest cut":
            manifest.write_bytes(manifest.read_bytes()[:100])
        case "all deleted":
            shutil.rmtree(generation)
        case "pointer overwritten":
            (generation.parent.parent / CURRENT).write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    "what",
    [
        "segment deleted",
        "segment cut",
        "vectors deleted",
        "vectors emptied",
        "vectors overwritten",
        "records deleted",
        "records cut",
        "records overwritten",
        "words deleted",
        "words cut",
        "manifest deleted",
        "manifest cut",
        "all deleted",
        "pointer overwritten",
    ],
)
def test_a_damaged_index_is_never_searched_and_can_be_rebuilt(
    small_index: Corpus, what: str
) -> None:
    generation = current_generation(small_index.data_dir)
    assert generation is not None
    damage(generation, what)
    with pytest.raises(DamagedIndexError) as caught:
        search(small_index)
    assert_sentence(caught.value, "report-qa ingest --rebuild")
    small_index.rebuild()
    assert small_index.nearest(GDP) == "north-2021#p2"


@pytest.mark.parametrize(
    "what", ["segment deleted", "vectors emptied", "records cut", "all deleted"]
)
def test_a_damaged_index_is_not_built_upon(small_index: Corpus, what: str) -> None:
    generation = current_generation(small_index.data_dir)
    assert generation is not None
    damage(generation, what)
    small_index.write("east-2022.txt", "一、2022年工作总结", "全镇新增就业1200人,修路31公里。")
    assert_sentence(refusal(small_index), "report-qa ingest --rebuild")


# Several processes


@contextmanager
def ingesting(corpus: Corpus) -> Iterator[subprocess.Popen[str]]:
    """An ingest in another process that is about to embed and waits for a line to go on."""
    command = [sys.executable, "-m", "tests.index.slow_ingest"]
    with subprocess.Popen(
        [*command, str(corpus.data_dir), str(corpus.folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "embedding\n"
            yield process
        finally:
            process.kill()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.parametrize("later", [None, 0.0, 0.1, 0.3])
def test_a_killed_ingest_leaves_the_old_index_and_the_next_one_works(
    small_index: Corpus, later: float | None
) -> None:
    """Killed while it embeds, or so long after it: while it writes vectors, words, records."""
    small_index.write("east-2022.txt", "一、2022年工作总结", "全镇新增就业1200人,修路31公里。")
    before = contents(small_index.open())
    with ingesting(small_index) as process:
        if later is not None:
            go_on(process)
            time.sleep(later)
        process.send_signal(signal.SIGKILL)
        process.wait()
    found = contents(small_index.open())
    result = small_index.ingest()
    if found == before:
        assert result.added == ("east-2022",)
    else:
        assert later is not None  # it was quicker than the kill
        assert result.added == ()
    assert small_index.nearest("全镇新增就业1200人") == "east-2022#p2"
    assert len(list((small_index.data_dir / GENERATIONS).iterdir())) <= 2


def test_two_ingests_at_once_is_one_sentence_and_a_reader_is_served_meanwhile(
    small_index: Corpus,
) -> None:
    small_index.write("east-2022.txt", "一、2022年工作总结", "全镇新增就业1200人,修路31公里。")
    with ingesting(small_index) as process:
        assert_sentence(refusal(small_index), "Another ingest")
        assert set(small_index.open().reports) == {"north-2021", "south-2021"}
        assert small_index.nearest(GDP) == "north-2021#p2"
        go_on(process)
        assert process.wait(timeout=30) == 0
    assert small_index.ingest().kept == ("east-2022", "north-2021", "south-2021")


def test_a_reader_sees_what_another_process_ingested(small_index: Corpus, tmp_path: Path) -> None:
    signature = Signature(small_index.embedder.name, PARSER_VERSION)
    searcher = Searcher(small_index.data_dir, signature, small_index.embedder, (), tmp_path)
    old = searcher.corpus().index
    small_index.write("east-2022.txt", "一、2022年工作总结", "全镇新增就业1200人,修路31公里。")
    with ingesting(small_index) as process:
        go_on(process)
        assert process.wait(timeout=30) == 0
    new = searcher.corpus().index
    assert set(new.reports) == {"east-2022", "north-2021", "south-2021"}
    vector = small_index.embedder.embed_query("新增就业")
    assert len(new.nearest("paragraph", vector, 50)) == new.size("paragraph")
    assert len(old.nearest("paragraph", vector, 50)) == old.size(
        "paragraph"
    )  # still open, still whole


def test_an_index_may_be_searched_from_several_threads(small_index: Corpus) -> None:
    index = small_index.open()
    vector = small_index.embedder.embed_query("增长")
    expected = index.nearest("chunk", vector, 5), index.words("chunk", [(("增长",),)]).tolist()
    wrong: list[object] = []

    def search() -> None:
        for _ in range(20):
            found = index.nearest("chunk", vector, 5), index.words("chunk", [(("增长",),)]).tolist()
            if found != expected:
                wrong.append(found)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_progress_is_told_from_nothing_to_all(corpus: Corpus) -> None:
    told: list[tuple[str, int, int]] = []
    ingester = Ingester(corpus.data_dir, corpus.embedder, ())
    result: IngestResult = ingester.ingest(
        [corpus.folder], lambda stage, done, total: told.append((stage, done, total))
    )
    embedding = [(done, total) for stage, done, total in told if stage == "embedding"]
    assert embedding[0] == (0, result.embedded)
    assert embedding[-1] == (result.embedded, result.embedded)
    assert [done for stage, done, _ in told if stage == "reading"] == [0, 1, 2]


def test_a_disk_that_is_full_is_one_sentence_and_harms_nothing(small_index: Corpus) -> None:
    """A limit on the size of files stands in for the disk."""
    small_index.write(
        "east-2022.txt", "一、2022年工作总结", *(f"修路{n}公里,就业{n}人。" for n in range(99))
    )
    arguments = [str(small_index.data_dir), str(small_index.folder)]
    program = (
        "import resource, sys\n"
        "from tests.index.slow_ingest import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))\n"
        "sys.exit(main(*sys.argv[1:]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert_sentence(run.stdout.removeprefix("embedding\n"), "--data-dir")
    assert set(small_index.open().reports) == {"north-2021", "south-2021"}
    assert small_index.nearest(GDP) == "north-2021#p2"

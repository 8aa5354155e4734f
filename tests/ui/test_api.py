"""The APIs with real clients, against the served command."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import Any

import httpx2
import openai
import pytest
from mcp import Client

from tests.fakes import says
from tests.ui.conftest import Serving, Site, stop

GDP = "瑞安2018年的生产总值是多少?"


def same(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs from run to run: times, and the last digits of scores, since
    the embedding engine's threads add up in any order."""
    kept = {name: value for name, value in answer.items() if name not in ("timings", "id")}
    return {**kept, "retrieved": sorted(hit["anchor"] for hit in answer["retrieved"][:3])}


@pytest.fixture(scope="module")
def client(site: Site) -> httpx2.Client:
    return httpx2.Client(base_url=site.url, timeout=30, trust_env=False)


def events(text: str) -> list[tuple[str, Any]]:
    """(name, data) of each server-sent event."""
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(b[0].removeprefix("event: "), json.loads(b[1].removeprefix("data: "))) for b in blocks]


def test_healthy(client: httpx2.Client) -> None:
    assert client.get("/healthz").json()["status"] == "ok"


@pytest.mark.parametrize(
    "question",
    [
        GDP,
        "What was Ruian's GDP in 2018?",
        "生态园2022年1-9月实现工业总产值多少?",
        "杭州2020年GDP?",
    ],
)
def test_the_same_answer_everywhere(client: httpx2.Client, site: Site, question: str) -> None:
    wanted = same(client.post("/api/ask", json={"question": question}).json())
    sse = {"Accept": "text/event-stream"}
    streamed = events(client.post("/api/ask", json={"question": question}, headers=sse).text)
    assert [name for name, _ in streamed] == ["found", "answer"]
    assert same(streamed[-1][1]) == wanted

    async def by_mcp() -> Any:
        async with Client(f"{site.url}/mcp/") as mcp:
            return (await mcp.call_tool("ask", {"question": question})).structured_content

    assert same(asyncio.run(by_mcp())) == wanted


def test_the_command_line_gives_the_same_answer(client: httpx2.Client, site: Site) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", "from ui.cli import main; main()", "ask", GDP, "--json",
         "--engine", "extractive", "--data-dir", str(site.data_dir)],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    answer = client.post("/api/ask", json={"question": GDP, "engine": "extractive"}).json()
    assert same(json.loads(printed)) == same(answer)


def test_a_follow_up_and_the_model_by_the_api(client: httpx2.Client, site: Site) -> None:
    history = [
        {"role": "user", "content": GDP},
        {"role": "assistant", "content": "910亿元"},
    ]
    asked = {"id": "7", "question": "那增长目标呢?", "history": history, "k": 3}
    answer = client.post("/api/ask", json=asked).json()
    assert answer["id"] == "7"
    assert "瑞安" in answer["standalone"]
    assert len(answer["retrieved"]) <= 3
    site.endpoint.scripts = [says("2018年瑞安实现生产总值910亿元[1]。", "增长7.8%[1]。")]
    sse = {"Accept": "text/event-stream"}
    asked = {"question": GDP, "engine": "api"}
    streamed = events(client.post("/api/ask", json=asked, headers=sse).text)
    assert "said" in [name for name, _ in streamed]
    assert streamed[-1][1]["engine"] == "api:scripted"


def test_hanging_up_stops_the_model(client: httpx2.Client, site: Site) -> None:
    site.endpoint.scripts = [says(*["瑞安市2018年实现生产总值910亿元[1]。"] * 400, pause=0.1)]
    sse = {"Accept": "text/event-stream"}
    asked = {"question": GDP, "engine": "api"}
    with client.stream("POST", "/api/ask", json=asked, headers=sse) as stream:
        assert next(stream.iter_lines()) == "event: found"
    assert site.endpoint.idle.wait(10)


def test_search_reports_and_paragraphs(client: httpx2.Client) -> None:
    hits = client.post("/api/search", json={"question": GDP, "k": 2}).json()["hits"]
    assert hits[0]["anchor"] == "ruian-2019#p4"
    assert len(hits) == 2
    reports = {report["id"]: report for report in client.get("/api/reports").json()}
    assert reports["ruian-2019"]["place"]["en"] == "Ruian"
    assert reports["ruian-2019"]["paragraphs"] == 30
    assert "麻胜聪" in client.get("/api/reports/ruian-2019/paragraphs/0").json()["text"]
    paragraph = client.get("/api/reports/ruian-2019/paragraphs/4").json()
    assert "910亿元" in paragraph["text"]
    assert paragraph["section"] == ["一、2018年主要工作回顾"]


def test_uploads_are_there_unless_switched_off(client: httpx2.Client) -> None:
    assert "entry-title" in client.get("/zh/config").text


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/api/ask", {"question": "  "}, 400, "empty"),
        ("/api/ask", {"question": "问" * 2001}, 422, "2000"),
        ("/api/ask", {"question": GDP, "engine": "magic"}, 422, "engine"),
        ("/api/ask", {"question": GDP, "k": 0}, 422, "k"),
        ("/api/ask", {}, 422, "question"),
        ("/api/search", {"question": GDP, "extra": 1}, 422, "extra"),
        ("/v1/chat/completions", {"messages": []}, 422, "messages"),
    ],
)
def test_wrong_requests_get_one_sentence(
    client: httpx2.Client, path: str, body: dict[str, Any], status: int, said: str
) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_what_is_not_there(client: httpx2.Client) -> None:
    for path in ("/api/reports/ruian-2019/paragraphs/999", "/api/reports/none/paragraphs/1"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "There is no paragraph" in answer.json()["detail"]


def test_the_api_is_described(client: httpx2.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/healthz", "/api/ask", "/api/search", "/api/reports"} <= set(paths)
    assert "/v1/chat/completions" in paths
    assert not [path for path in paths if path.startswith("/page")]


# Clients of OpenAI's protocol


@pytest.fixture(scope="module")
def chat(site: Site) -> openai.OpenAI:
    http = httpx2.Client(trust_env=False)
    return openai.OpenAI(base_url=f"{site.url}/v1", api_key="none", http_client=http)


def test_a_chat_client_gets_the_answer_with_its_sources(
    chat: openai.OpenAI, client: httpx2.Client, site: Site
) -> None:
    assert [model.id for model in chat.models.list()] == ["report-qa"]
    asked: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": GDP}]},
    ]
    said = chat.chat.completions.create(model="report-qa", messages=asked)
    content = said.choices[0].message.content or ""
    assert content.startswith(client.post("/api/ask", json={"question": GDP}).json()["answer"])
    assert f"{site.url}/?report=ruian-2019" in content
    stream = chat.chat.completions.create(model="report-qa", messages=asked, stream=True)
    chunks = [chunk.choices[0] for chunk in stream]
    assert "".join(chunk.delta.content or "" for chunk in chunks) == content
    assert chunks[-1].finish_reason == "stop"


def test_a_chat_client_that_asks_nothing(chat: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="empty"):
        chat.chat.completions.create(model="report-qa", messages=[{"role": "user", "content": " "}])
    with pytest.raises(openai.BadRequestError, match="last message"):
        chat.chat.completions.create(
            model="report-qa", messages=[{"role": "assistant", "content": "x"}]
        )


# Assistants


def test_the_tools_of_the_mcp_endpoint(site: Site) -> None:
    async def use() -> None:
        async with Client(f"{site.url}/mcp/") as mcp:
            tools = {tool.name for tool in (await mcp.list_tools()).tools}
            assert tools == {"ask", "search", "read_paragraph", "list_reports"}
            found = await mcp.call_tool("search", {"question": GDP, "k": 3})
            assert (found.structured_content or {})["hits"][0]["anchor"] == "ruian-2019#p4"
            where = {"report": "ruian-2019", "number": 4}
            read = await mcp.call_tool("read_paragraph", where)
            assert "910亿元" in (read.structured_content or {})["text"]
            reports = await mcp.call_tool("list_reports", {})
            assert len((reports.structured_content or {})["result"]) >= 5
            wrong = await mcp.call_tool("read_paragraph", where | {"number": 999})
            assert wrong.is_error

    asyncio.run(use())


# Who may ask


def test_every_response_carries_its_policy(client: httpx2.Client) -> None:
    for path in ("/", "/zh/", "/healthz", "/api/reports", "/static/page.js", "/nowhere"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "unsafe-inline" not in policy.split("style-src")[0]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
    assert client.get("/zh/").headers["content-security-policy"] != policy


def test_pages_of_other_sites_get_nothing(client: httpx2.Client) -> None:
    answer = client.post(
        "/api/ask", json={"question": GDP}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403
    assert client.get("/api/reports", headers={"Host": "evil.example"}).status_code == 400
    own = {"Origin": str(client.base_url).rstrip("/")}
    assert client.post("/api/search", json={"question": GDP}, headers=own).status_code == 200


def test_requests_have_a_largest_size(client: httpx2.Client, site: Site) -> None:
    large = {"question": "x" * 1_100_000}
    assert client.post("/api/ask", json=large).status_code == 413
    pieces = (b"x" * 100_000 for _ in range(30))
    assert client.post("/api/ask", content=pieces).status_code == 413
    file = {"files": ("big.txt", b"x" * 22_000_000)}
    assert client.post("/zh/gradio_api/upload", files=file).status_code == 413


def test_a_reader_is_needed_for_what_is_a_readers_own(client: httpx2.Client) -> None:
    for path in ("/page/conversations?language=zh&current=x", f"/page/export/{'0' * 32}.md"):
        assert client.get(path).status_code == 400


@pytest.mark.parametrize("secret", ["ann:s3cret words", "t0ken-4-all"])
def test_a_password_or_token_is_asked_for_and_uploads_can_be_switched_off(
    serving: Serving, site: Site, secret: str
) -> None:
    guarded = serving(
        site.data_dir, site.endpoint, "--host", "0.0.0.0",
        REPORT_QA_AUTH=secret, OPENAI_API_KEY="sk-very-secret", REPORT_QA_UPLOADS="false",
    )  # fmt: skip
    try:
        plain = httpx2.Client(base_url=guarded.url, trust_env=False, timeout=30)
        assert plain.get("/healthz").status_code == 200
        for path in ("/", "/zh/", "/api/reports", "/openapi.json", "/static/page.js", "/mcp/"):
            refused = plain.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Basic")
        user, _, password = secret.rpartition(":")
        assert plain.get("/api/reports", auth=(user or "me", password)).status_code == 200
        assert plain.get("/api/reports", auth=(user or "me", "wrong")).status_code == 401
        bearer = {"Authorization": f"Bearer {secret}"}
        assert plain.get("/api/reports", headers=bearer).status_code == 200
        for broken in ("Basic %%%", "Basic", "Bearer", "Digest x", "Bearer wrong"):
            headers = {"Authorization": broken}
            assert plain.get("/api/reports", headers=headers).status_code == 401
        assert "entry-title" not in plain.get("/zh/config", headers=bearer).text
        page = plain.get("/zh/", headers=bearer).text
        started = plain.get("/page/start?language=zh", headers=bearer).text
        for shown in (page, started, guarded.log.read_text()):
            assert password not in shown
            assert "sk-very-secret" not in shown
    finally:
        stop(guarded)


def test_other_machines_are_not_served_without_a_password(site: Site) -> None:
    command = [sys.executable, "-c", "from ui.cli import main; main()", "web", "--host", "0.0.0.0"]
    data = ["--data-dir", str(site.data_dir), "--port", "1"]
    refused = subprocess.run([*command, *data], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "REPORT_QA_AUTH" in refused.stderr
    assert "--allow-anyone" in refused.stderr


def test_too_many_questions_at_once_are_refused_in_one_sentence(
    client: httpx2.Client, site: Site
) -> None:
    site.endpoint.scripts = [says(*["瑞安市2018年实现生产总值910亿元[1]。"] * 400, pause=0.2)]
    asked = {"question": GDP, "engine": "api"}
    sse = {"Accept": "text/event-stream"}

    async def crowd() -> tuple[httpx2.Response, httpx2.Response]:
        limits = httpx2.Limits(max_connections=100)
        async with httpx2.AsyncClient(
            base_url=site.url, timeout=60, trust_env=False, limits=limits
        ) as many:
            asking = [many.post("/api/ask", json=asked, headers=sse) for _ in range(72)]
            waiting = [asyncio.create_task(question) for question in asking]
            done, pending = await asyncio.wait(waiting, return_when="FIRST_COMPLETED")
            plain = await many.post("/api/ask", json=asked)
            for task in pending:
                task.cancel()
            return done.pop().result(), plain

    streamed, plain = asyncio.run(crowd())
    ((name, said),) = events(streamed.text)
    assert (name, plain.status_code) == ("error", 503)
    assert said == plain.json()
    assert "Too many questions" in said["detail"]
    deadline = time.monotonic() + 30  # those who hung up make room
    while client.post("/api/ask", json={"question": GDP}).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.1)

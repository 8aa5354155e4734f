"""The corpus as tools for assistants, by the Model Context Protocol (streamable HTTP)."""

from __future__ import annotations

from fastapi.concurrency import run_in_threadpool
from mcp.server.mcpserver import MCPServer

from rag.contract import AnswerOut, HitsOut
from rag.errors import QuestionError
from ui.web.api import ParagraphOut, ReportOut, SearchIn, hits_of, paragraph_of, reports_of
from ui.web.asking import Asking


def build_mcp(asking: Asking) -> MCPServer:
    """Four tools: ask, search, read_paragraph, list_reports."""
    assistant = asking.assistant
    server = MCPServer(
        "report-qa",
        log_level="WARNING",
        instructions="Chinese local-government work reports. Cite the anchor of the paragraph "
        "(<report>#p<n>) with every figure you take from an answer or a passage.",
    )

    @server.tool()
    async def ask(question: str) -> AnswerOut:
        """Answer a question in Chinese or English from the reports. Every figure was checked
        against the paragraph cited for it; status not_found means that the reports do not say it,
        withheld that they mask the value."""
        return AnswerOut.of(await asking.answer(question, []))

    @server.tool()
    async def search(question: str, k: int = 8) -> HitsOut:
        """Find the paragraphs that speak to a question, best first."""
        return await run_in_threadpool(hits_of, assistant, SearchIn(question=question, k=k))

    @server.tool()
    async def read_paragraph(report: str, number: int) -> ParagraphOut:
        """Read a paragraph of a report with its section, year and whether it states results or a
        plan."""
        found = await run_in_threadpool(paragraph_of, assistant, report, number)
        if found is None:
            raise QuestionError(f"There is no paragraph {number} of a report {report[:80]!r}.")
        return found

    @server.tool()
    async def list_reports() -> list[ReportOut]:
        """List the reports with place, years, issuer, length and remarks."""
        return await run_in_threadpool(reports_of, assistant)

    return server

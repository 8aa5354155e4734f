"""An answer as the bot keeps it: enough to show it, its sources and its conversation again."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from rag.contract import AnswerOut, QuestionIn, TurnIn, failed
from rag.types import Answer, Language
from ui.render import understood_line


class KeptAnswer(BaseModel):
    """`titles` are those of the cited reports in the language of the answer, by report id."""

    answer: AnswerOut
    understood: str = ""
    titles: dict[str, str] = {}
    history: list[TurnIn] = []

    @classmethod
    def of(
        cls, answer: Answer, english_names: dict[str, str], history: Sequence[TurnIn], id_: str
    ) -> KeptAnswer:
        """`english_names` are those of the places that the question named."""
        infos = [citation.passage.info for citation in answer.citations]
        zh = answer.query.language == "zh"
        return cls(
            answer=AnswerOut.of(answer, id_),
            understood=understood_line(answer.query, english_names),
            titles={info.id: info.title if zh else info.title_en or info.title for info in infos},
            history=list(history),
        )

    @classmethod
    def apology(
        cls, question: str, language: Language, message: str, history: Sequence[TurnIn]
    ) -> KeptAnswer:
        """For a question that could not be answered."""
        asked = QuestionIn(id="", question=question)
        return cls(answer=failed(asked, language, message), history=list(history))

    @property
    def language(self) -> Language:
        """That of the answer."""
        return self.answer.language

    @property
    def conversation(self) -> list[TurnIn]:
        """The history of a question that follows up on this answer."""
        said = [TurnIn(role="user", content=self.answer.question)]
        if self.answer.answer:
            said.append(TurnIn(role="assistant", content=self.answer.answer))
        return [*self.history, *said]

"""Ask: understand, retrieve, decide, draft, verify. Every surface goes through here."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answer.calculate import asked_operation
from rag.answer.citations import MARKER, answer_sentences
from rag.answer.comparison import (
    Candidates,
    Comparison,
    Part,
    compare_parts,
    compares,
    is_apt,
    like_with_like,
    parts_of,
    unknown_parts,
    without_base_year,
)
from rag.answer.evidence import Evidence, rank_sentences
from rag.answer.extract import (
    choose,
    extract,
    extract_comparison,
    extract_premise,
    first_of_each_report,
)
from rag.answer.figures import compare, find_figures, same_unit
from rag.answer.front import stated_in_front
from rag.answer.further import further_parts
from rag.answer.llm import ChatModel
from rag.answer.members import with_members
from rag.answer.nearest import difference
from rag.answer.overview import as_overview, places_without
from rag.answer.premise import (
    Premise,
    as_outcome,
    asks_outcome,
    judge,
    outcome,
    with_unit,
    without_assertion,
)
from rag.answer.prompt import build_messages
from rag.answer.silence import Silence, not_covered, say, say_open, silent, stated
from rag.answer.verify import Verified, verify
from rag.errors import EndpointError, ModelError
from rag.search.retrieve import cells
from rag.search.searcher import OpenCorpus, Searcher
from rag.search.terms import Terms
from rag.types import (
    EXTRACTIVE,
    Answer,
    Draft,
    Language,
    Passage,
    Query,
    ReportInfo,
    Status,
    Timings,
    Turn,
)

ModelFor = Callable[[str], ChatModel | None]
"""Engine setting → the model to use, or None for the extractive engine."""
_NOT_STATED = ("未提及", "not stated")
_UNUSABLE = "The model's reply could not be used; the answer is quoted from the reports instead."
_WORDS = re.compile("[0-9\u4e00-\u9fff]|[A-Za-z]{4}")  # "and [1][2]." says nothing
_LETTER = re.compile("[A-Za-z\u4e00-\u9fff]")
_SHORT_PASSAGES = 4
_PASSAGES_A_PART = 4  # of a question over several places or years


@dataclass(frozen=True)
class Found:
    """The question as understood and its passages; comes before a word is written."""

    query: Query
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Said:
    """The answer so far, verified to its last whole sentence."""

    text: str


@dataclass(frozen=True)
class Content:
    """What the reports say to a question: to its parts, to what it takes for granted, as a table
    if it compares, and to the further questions of its message."""

    parts: Sequence[Part]
    premise: Premise | None = None
    comparison: Comparison | None = None
    further: Sequence[Part] = ()

    @property
    def chosen(self) -> list[Evidence]:
        """The evidence for its parts."""
        return [evidence for part in self.parts for evidence in part.evidence]


Event = Found | Said | Answer
"""What asking yields: one Found, any number of Said, one Answer."""


class Assistant:
    """Answers questions over one corpus. Safe to use from several threads."""

    def __init__(self, searcher: Searcher, model_for: ModelFor, passages: int) -> None:
        self._searcher = searcher
        self._model_for = model_for
        self._k = passages

    def corpus(self) -> OpenCorpus:
        """The reports and what searches them."""
        return self._searcher.corpus()

    def search(self, question: str, k: int | None = None, history: Sequence[Turn] = ()) -> Found:
        """Passages for a question, best first, without an answer."""
        corpus = self._searcher.corpus()
        query = as_outcome(corpus.understand(question, history))
        wanted = k or max(self._k, _PASSAGES_A_PART * len(cells(query)))
        return Found(query, tuple(corpus.retriever.retrieve(query, wanted)))

    def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        engine: str = "auto",
        k: int | None = None,
        language: Language | None = None,
    ) -> Answer:
        """The whole answer at once."""
        *_, last = self.ask(question, history, engine, k, language)
        assert isinstance(last, Answer)
        return last

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        engine: str = "auto",
        k: int | None = None,
        language: Language | None = None,
    ) -> Generator[Event, None, None]:
        """Yield passages as soon as they are found, then verified text, then the Answer.

        The Answer is in the question's language unless `language` names another; which sentences
        of the reports answer it does not depend on that. The text so far comes again with each
        piece of the model's reply, whether it has grown or not: closing the generator there stops
        the model.

        Raises QuestionError or IndexingError before anything is yielded; a language model that
        fails is replaced by the extractive engine, which the Answer's `problems` say.
        """
        started = time.perf_counter()
        corpus = self._searcher.corpus()
        found = self.search(question, k, history)
        retrieved = _ms(started)
        yield found
        query, passages = found.query, found.passages
        terms = corpus.retriever.terms(without_assertion(query))
        query, opening = as_overview(query, passages, terms, corpus.index)
        parts, silence = _decide(query, opening, passages, terms, corpus)
        query = replace(query, language=language or query.language)
        premise = _premise(query, parts, terms)
        if premise and premise.ruling == "unexplained":
            silence = Silence("unexplained", premise.evidence)
        comparison = compare_parts(parts, query, corpus.names) if len(parts) > 1 else None
        content = Content(parts, premise, comparison)
        passages = _led_by(parts, passages) if query.overview else _with_cited(passages, parts)
        if query.overview:
            content = replace(content, further=places_without(query, content.chosen, corpus.names))
        elif query.parts and not (premise or comparison):
            content = replace(
                content, further=further_parts(query, content.chosen, passages, corpus)
            )
            silence = _unless_answered(silence, content)
            passages = _with_cited(passages, content.further)
        problems: list[str] = []
        first_token: float | None = None
        writer = EXTRACTIVE
        verified: Verified | None = None
        usable = False
        if silence is None:
            try:
                correct = premise is None or not premise.is_false
                model = self._model_for(engine) if correct else None
                if model and query.overview and model.short_prompts:
                    model = None  # it reads too few passages for that
                if model is not None:
                    writer = model.engine
                    said = ""
                    for draft in self._draft(model, query, _read_first(content, passages)):
                        first_token = first_token or _ms(started)
                        if draft is not None:
                            verified = verify(query, draft, corpus)
                            usable = _is_usable(verified)
                            if comparison:
                                verified = _below(comparison, draft, query, passages, corpus)
                            said = verified.text
                        yield Said(said)
            except (EndpointError, ModelError) as error:
                problems.append(f"{error} The answer below is quoted from the reports instead.")
                writer, verified = EXTRACTIVE, None
            if verified is not None and usable and comparison is None:
                usable = _quotes_what_is_asked(verified, query, content)
            if verified is not None and not usable:
                problems.append(_UNUSABLE)
                writer, verified = EXTRACTIVE, None
            if verified is None:
                verified = _quoted(content, query, passages, terms, corpus)
            verified = _with_silences(verified, query, content.further)
        status, verified = _settle(silence, verified, query, terms, corpus.index.infos())
        yield Answer(
            query=query,
            status=status,
            text=verified.text,
            citations=verified.citations,
            figures=verified.figures,
            retrieved=passages,
            problems=(*problems, *verified.problems),
            engine=writer,
            timings=Timings(retrieved, first_token, _ms(started)),
        )

    def _draft(
        self, model: ChatModel, query: Query, passages: Sequence[Passage]
    ) -> Iterator[Draft | None]:
        """The draft as it grows, cut at its last whole sentence, None where it has not grown; the
        last one is complete."""
        shown = tuple(passages[:_SHORT_PASSAGES] if model.short_prompts else passages)
        text, sent = "", 0
        for piece in model.stream(build_messages(query, shown, short=model.short_prompts)):
            text += piece
            whole = _whole_sentences(text)
            if len(whole) > sent:
                sent = len(whole)
                yield Draft(whole, shown, model.engine, complete=False)
            else:
                yield None
        yield Draft(text, shown, model.engine)


def _decide(
    query: Query,
    opening: Sequence[Evidence],
    passages: Sequence[Passage],
    terms: Terms,
    corpus: OpenCorpus,
) -> tuple[list[Part], Silence | None]:
    """What the reports say to each part of the question, or why they say nothing to any; to an
    overview what is `opening` its parts."""
    reports = corpus.index.infos()
    if silence := not_covered(query, reports):
        return [], silence
    if query.details:
        told = stated_in_front(query, passages)
        return ([Part(query, tuple(told))], None) if told else ([], Silence("silent"))
    if query.overview:
        if opening:
            return [Part(query, tuple(opening))], None
        admits = not query.years or "problems" in query.overview
        return [], Silence("silent" if admits else "year")
    if asks_outcome(query):
        ranked = rank_sentences(query, passages, terms)
        met = outcome(query, ranked, corpus.retriever)
        return ([Part(query, (met,))], None) if met else ([], silent(ranked, query))
    questions = parts_of(query, corpus.names)
    if query.listing and len(questions) == 1:
        ranked = rank_sentences(query, passages, terms)
        answers = _apt_first(stated(query, ranked, terms, part=True), query)
        reports_saying = dict.fromkeys(e.passage.info.id for e in first_of_each_report(answers))
        found = [
            Candidates(
                query,
                [e for e in ranked if e.passage.info.id == id_],
                [e for e in answers if e.passage.info.id == id_],
            )
            for id_ in reports_saying
        ]
        parts = [part for part in like_with_like(found, terms) if part.evidence]
        return parts, None if parts else silent(ranked, query)
    found = []
    for question in questions:
        asked = with_unit(question)
        ranked = rank_sentences(asked, passages, terms)
        said = stated(asked, ranked, terms, part=len(questions) > 1)
        answers = _apt_first(said, question)
        found.append(Candidates(question, ranked, answers))
    if len(found) == 1:
        chosen = choose(found[0].answers)
        parts = [Part(query, tuple(with_members(chosen, query, passages, corpus.index)))]
    else:
        parts = like_with_like(found, terms)
    best = [part.evidence[0] for part in parts if part.evidence]
    if not best:
        everything = (evidence for candidates in found for evidence in candidates.ranked)
        return [], silent(sorted(everything, key=lambda evidence: -evidence.score), query)
    if all(evidence.masked for evidence in best) and not query.asks_name:
        return [], Silence("masked", best[0])
    if not compares(query, corpus.names):
        return [part for part in parts if part.evidence], None
    parts = [_with_reason(part, reports) for part in parts]
    return [*without_base_year(parts, query), *unknown_parts(query)], None


def _apt_first(answers: Sequence[Evidence], query: Query) -> list[Evidence]:
    """The same evidence, that whose figure cannot be the one asked for last."""
    return sorted(answers, key=lambda e: e.claim is not None and not is_apt(e.claim, query))


def _premise(query: Query, parts: Sequence[Part], terms: Terms) -> Premise | None:
    """What is found of what a question about one thing takes for granted."""
    if len(parts) != 1 or query.listing or query.details or query.overview:
        return None
    return judge(query, parts[0].evidence[0], terms)


def _with_reason(part: Part, reports: Sequence[ReportInfo]) -> Part:
    """A part that nothing is said to, with the reason if it is that there is no such report."""
    uncovered = None if part.evidence else not_covered(part.query, reports)
    return replace(part, silence=uncovered) if uncovered else part


def _quoted(
    content: Content, query: Query, passages: Sequence[Passage], terms: Terms, corpus: OpenCorpus
) -> Verified:
    """The answer in the words of the reports."""
    chosen, comparison = content.chosen, content.comparison
    if content.premise is not None:
        return verify(query, extract_premise(query, content.premise, passages), corpus)
    if comparison is None:
        return verify(query, extract(query, chosen, passages, terms, content.further), corpus)
    draft = extract_comparison(query, comparison, chosen, passages, terms)
    verified = verify(query, draft, corpus)
    if verified.problems:
        comparison = comparison.quoting(verified)
        draft = extract_comparison(query, comparison, chosen, passages, terms)
        verified = verify(query, draft, corpus)
    return comparison.laid_out(verified)


def _unless_answered(silence: Silence | None, content: Content) -> Silence | None:
    """The silence on a whole message, unless one of its questions is answered; that of a masked
    value comes first."""
    if silence is None or any(part.evidence for part in content.further):
        return None
    masked = [part.silence for part in content.further if part.silence and part.silence.nearest]
    return next((s for s in masked if s.reason == "masked"), silence)


def _with_cited(passages: Sequence[Passage], parts: Sequence[Part]) -> tuple[Passage, ...]:
    """The passages, and behind them those that only the evidence of parts holds."""
    cited = {e.marker: e.passage for part in parts for e in part.evidence}
    return (*passages, *(cited[marker] for marker in sorted(cited) if marker > len(passages)))


def _led_by(parts: Sequence[Part], passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages of the evidence of parts, by their markers, and behind them the others."""
    cited = _with_cited((), parts)
    anchors = {passage.anchor for passage in cited}
    return (*cited, *(passage for passage in passages if passage.anchor not in anchors))


def _read_first(content: Content, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages for a model that may not read all of them: of a message that asks several
    things, first those that answer each."""
    if not content.further:
        return tuple(passages)
    further = (e for part in content.further for e in part.evidence)
    ordered = (*(e.passage for e in (*content.chosen, *further)), *passages)
    return tuple({passage.anchor: passage for passage in ordered}.values())


def _with_silences(verified: Verified, query: Query, further: Sequence[Part]) -> Verified:
    """An answer that says on which of the further questions of its message the reports are
    silent."""
    said = [
        say_open(part.query.question, part.silence, query.language)
        for part in further
        if part.silence
    ]
    return replace(verified, text="\n".join([verified.text, *said])) if said else verified


def _below(
    comparison: Comparison,
    draft: Draft,
    query: Query,
    passages: Sequence[Passage],
    corpus: OpenCorpus,
) -> Verified:
    """What a model writes, below the table."""
    text = "\n".join([*comparison.lines, draft.text])
    return comparison.laid_out(
        verify(query, replace(draft, text=text, passages=tuple(passages)), corpus)
    )


def _settle(
    silence: Silence | None,
    verified: Verified | None,
    query: Query,
    terms: Terms,
    reports: Sequence[ReportInfo],
) -> tuple[Status, Verified]:
    """Status and final text: what was verified, or the refusal with the nearest sentence cited."""
    if silence is None and verified is not None and verified.citations:
        return "answered", verified
    silence = silence or Silence("silent")
    if silence.reason == "silent" and silence.nearest:
        silence = replace(silence, difference=difference(query, silence.nearest, terms))
    nearest = () if silence.nearest is None else (replace(silence.nearest, marker=1).citation(),)
    problems = verified.problems if verified else ()
    status: Status = "withheld" if silence.reason == "masked" else "not_found"
    return status, Verified(say(silence, query, reports), nearest, (), problems)


def _whole_sentences(text: str) -> str:
    """What stands before the last sentence, which may still grow or get its marker."""
    sentences = answer_sentences(text)
    if len(sentences) < 2:
        return ""
    return text[: text.rfind(sentences[-1].text[:8])] if sentences[-1].text[:8] in text else ""


def _is_usable(verified: Verified) -> bool:
    """Whether a reply says something, cites it, and holds no figure without a source."""
    text = MARKER.sub("", verified.text)
    says_nothing = text.lower().strip(" 。.").startswith(_NOT_STATED) or not _WORDS.search(text)
    unsupported = any(figure.status == "unsupported" for figure in verified.figures)
    return bool(verified.citations) and not (says_nothing or unsupported or _is_bare(verified))


def _is_bare(verified: Verified) -> bool:
    """Whether a reply is a figure that does not say which of those shared out by a cited sentence
    it is: "40.7%" of "事故起数、死亡人数分别下降40.7%和23.1%"."""
    text = MARKER.sub("", verified.text)
    given = find_figures(text)
    for figure in reversed(given):
        text = text[: figure.start] + text[figure.end :]
    if not given or _LETTER.search(text):
        return False
    shared = (c.quote for c in verified.citations if "分别" in c.quote)
    there = [figure for quote in shared for figure in find_figures(quote)]
    return any(same_unit(f, given[0]) and not compare(given[0], f) for f in there)


def _quotes_what_is_asked(verified: Verified, query: Query, content: Content) -> bool:
    """Whether a reply that was partly replaced by sentences of its passages still rests on the
    best one of a part of the question; the nearest by its words may state something else, and none
    does the calculation that is asked for."""
    if not verified.replaced:
        return True
    if asked_operation(query.standalone):
        return False
    best = [part.evidence[0] for part in (*content.parts, *content.further) if part.evidence]
    stated = {(evidence.passage.anchor, evidence.span.start) for evidence in best}
    return any((c.passage.anchor, c.start) in stated for c in verified.citations)


def _ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)

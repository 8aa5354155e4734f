"""A query to passages, best first: dense and lexical legs over chunks and whole paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.corpus.periods import told
from rag.index.chunk import context_of
from rag.index.embed import Embedder, Reranker
from rag.index.lexical import Group, Scores, Tokenizer, character_pairs
from rag.index.records import Granularity, Unit
from rag.index.sentences import encode, word_vectors
from rag.index.store import Index
from rag.search.bilingual import Translator
from rag.search.glossary import synonyms
from rag.search.measure import what_is_counted
from rag.search.question_words import question_words
from rag.search.terms import Likeness, Terms, joined
from rag.search.understand import YEAR
from rag.types import Language, Paragraph, Passage, Query, ReportInfo

_CANDIDATES = 200  # units a leg puts forward, of each granularity
_TOLD_IN_PASSING = 0.5  # of what agreement of the year adds, if the text but not its part says it
_MEANS_JUST = 0.75  # cosine of a word and its translation
_RERANKED = 30  # passages that a reranker reads again
_MOST_TELLING = 4.0  # idf
_DONE = re.compile("(?<=[\u4e00-\u9fff])(?<![为除罢])了(?=[\u4e00-\u9fff])(?![解结得不])")  # 上了云
# Translations are looser than words of the question itself: part of one says more.
_PARTIAL: dict[Language, float] = {"zh": 0.6, "en": 0.8}


@dataclass(frozen=True)
class Candidates:
    """What the legs put forward, before it is weighed.

    `units` are, by granularity, position → (unit, cosine, BM25); `paragraphs` and `cosines`, by
    anchor, the paragraphs that hold them and the cosines of their sentences and clauses.
    """

    units: dict[Granularity, dict[int, tuple[Unit, float, float]]]
    paragraphs: dict[str, Paragraph]
    cosines: dict[str, dict[tuple[int, int], float]]


@dataclass(frozen=True)
class Weights:
    """How much a standard deviation of each leg counts, and what agreement of place, year and
    kind with the question adds (also in standard deviations)."""

    dense_chunk: float = 1.0
    dense_paragraph: float = 0.75
    lexical_chunk: float = 0.375
    lexical_paragraph: float = 0.75
    sentence: float = 0.625
    reranker: float = 2.0  # where there is one
    place: float = 30.0  # so that a place that is named always comes first
    year: float = 4.0
    kind: float = 3.0


WEIGHTS: dict[Language, Weights] = {
    "zh": Weights(),
    "en": Weights(dense_paragraph=0.875, lexical_chunk=0.625, lexical_paragraph=0.2, sentence=0.9),
}
LEGS = ("dense_chunk", "dense_paragraph", "lexical_chunk", "lexical_paragraph", "sentence")


class Retriever:
    """Searches one index. Safe to use from several threads."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        tokenizer: Tokenizer,
        reranker: Reranker | None = None,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._reranker = reranker
        self.tokenizer = tokenizer
        self._translator = Translator(tokenizer, index.vocabulary())

    def retrieve(self, query: Query, k: int, weights: Weights | None = None) -> list[Passage]:
        """The `k` best paragraphs, each with its best chunk.

        A listing question gets the best paragraph of each report first, one about a report itself
        the front matter.
        """
        ranked = self.rank(self.gather(query), query, k, weights or WEIGHTS[query.language])
        return [*self._front(query, ranked), *ranked][:k] if query.details else ranked

    def _front(self, query: Query, ranked: Sequence[Passage]) -> list[Passage]:
        """The front matter of the reports that a question is about, which come first."""
        years = set(YEAR.findall(query.standalone))
        infos = {
            info.id: info
            for info in self._index.infos()
            if not query.places or info.place.zh in query.places
        }
        dated = [i for i in infos.values() if years & {i.reviews, i.plans, i.date[:4]}]
        found = self._index.paragraphs_at([(info.id, 0) for info in dated or infos.values()])
        first = max((passage.score for passage in ranked), default=0.0)
        return [
            Passage(infos[p.report], p, 0, len(p.text), first) for _, p in sorted(found.items())
        ]

    def gather(self, query: Query) -> Candidates:
        """What the legs put forward, before it is weighed."""
        words = self._groups(query.language, query.standalone)
        pairs = self._pairs(query.language, query.subject or query.standalone)
        units: dict[Granularity, dict[int, tuple[Unit, float, float]]] = {}
        vector = self._embedder.embed_query(query.standalone)
        units["paragraph"] = self._search("paragraph", vector, self._index.pairs(pairs))
        if query.language == "en":
            vector = self._embedder.embed_query(f"{query.standalone} {_in_chinese(words)}")
        units["chunk"] = self._search("chunk", vector, self._index.words("chunk", words))
        places = {(u.report, u.number) for g in units.values() for u, _, _ in g.values()}
        paragraphs = self._index.paragraphs_at(sorted(places))
        (meaning,) = encode([query.subject or query.standalone])
        cosines = self._index.similarities(list(paragraphs.values()), meaning)
        return Candidates(units, paragraphs, cosines)

    def rank(self, found: Candidates, query: Query, k: int, weights: Weights) -> list[Passage]:
        """The `k` best of what was gathered for a query."""
        candidates = self._fuse(found, weights)
        if query.listing:
            return _one_a_report_first(self._ranked(candidates, query, weights))[:k]
        return _interleaved([self._ranked(candidates, c, weights) for c in cells(query)])[:k]

    def terms(self, query: Query) -> Terms:
        """The words of what is asked for, without places, years and words of asking; words of like
        meaning count, too."""
        terms = self.terms_of(query.subject, query.language)
        return replace(
            terms, likeness=Likeness(terms.groups), counted=self._counted(query, terms.groups)
        )

    def _counted(self, query: Query, groups: Sequence[Group]) -> frozenset[Group]:
        """Those of the groups that stand for what a question counts, as far as that is certain: of
        a single English word only a translation that means just that."""
        words = what_is_counted(query.standalone, query.language)
        if not words:
            return frozenset()
        if query.language == "zh":
            return frozenset(group for group in groups if group and group[0][-1] in words)
        last = re.split("[ -]", words)[-1]
        alone, found = self._groups("en", last), self._groups("en", words)[-1:]
        if not alone or not found or found[0] not in groups:
            return frozenset()
        # Of several words that have a translation together it is certain.
        certain = found != alone or self._means_just(found[0], last)
        return frozenset(found) if certain else frozenset()

    def _means_just(self, group: Group, word: str) -> bool:
        forms = [form for run in group if not (form := joined(run)).isascii()]
        meant, *vectors = word_vectors([word, *forms])
        return max((float(meant @ v) for v in vectors), default=0.0) >= _MEANS_JUST

    def terms_of(self, text: str, language: Language) -> Terms:
        """The telling words of a text, each with its weight."""
        weights: dict[Group, float] = {}
        if language == "zh":
            for word in self.tokenizer.maximal_words(self._plain(text)):
                if word not in question_words("chinese"):
                    group = self._expand(word)
                    share = self._noun_share(word)
                    weights[group] = share * self._telling(group)
        else:
            weights = {group: self._telling(group) for group in self._groups("en", text)}
        return Terms(tuple(weights), tuple(weights.values()), self.tokenizer, _PARTIAL[language])

    def _plain(self, text: str) -> str:
        """A Chinese text without 了 behind its verbs ("上了云"), and without 的 inside the
        glossary's terms ("出让的工业用地")."""
        text = _DONE.sub("", text)
        if "的" not in text:
            return text
        terms = [w for w in self.tokenizer.maximal_words(text.replace("的", "")) if w in synonyms()]
        for term in terms:
            text = re.sub("的?".join(map(re.escape, term)), term, text)
        return text

    def _noun_share(self, word: str) -> float:
        """What a word counts by its part of speech: the glossary's and nouns wholly, verbs half,
        particles and words of movement little."""
        if word in question_words("movement"):
            return 0.1
        if word in synonyms():
            return 1.0
        tag = self.tokenizer.part_of_speech(word)[:2]
        if tag in ("vn", "an", "") or tag[0] in "nlijbsgx":
            return 1.0
        return 0.5 if tag[0] in "va" else 0.1

    def _expand(self, word: str) -> Group:
        """A Chinese word and what the glossary holds for the same."""
        forms = synonyms().get(word, (word,))
        runs = (tuple(self.tokenizer.words(form)) for form in forms)
        return tuple(dict.fromkeys(run for run in runs if run))

    def _telling(self, group: Group) -> float:
        """How telling a group is: the mean idf of its first alternative that the reports use; a
        word they never use counts like a rare one, but not more."""
        for run in group:
            known = [self._index.inverse_frequency(word) for word in run]
            if known:
                return min(sum(known) / len(known), _MOST_TELLING)
        return 0.0

    def _groups(self, language: Language, text: str) -> tuple[Group, ...]:
        if language == "zh":
            words = self.tokenizer.words(self._plain(text))
            return tuple(dict.fromkeys(self._expand(word) for word in words))
        # Chinese terms inside an English question count as they are.
        chinese = self.tokenizer.words("".join(c if c > "\u2e80" else " " for c in text))
        groups = [*self._translator.groups(text), *(((word,),) for word in chinese)]
        return tuple(dict.fromkeys(groups))

    def _pairs(self, language: Language, text: str) -> tuple[Group, ...]:
        """The pairs of characters of a question, or of the translations of its words."""
        if language == "zh":
            return tuple(((pair,),) for pair in dict.fromkeys(character_pairs(text)))
        return tuple(
            tuple(tuple(character_pairs(joined(run))) for run in group)
            for group in self._groups(language, text)
        )

    def _search(
        self, granularity: Granularity, vector: NDArray[np.float32], scores: Scores
    ) -> dict[int, tuple[Unit, float, float]]:
        """Position → (unit, cosine, BM25) of the candidates of both legs."""
        cosines = self._index.nearest(granularity, vector, _CANDIDATES)
        top = np.argpartition(-scores, min(_CANDIDATES, len(scores) - 1))[:_CANDIDATES]
        positions = {int(p) for p in top if scores[p] > 0} | set(cosines)
        missing = sorted(positions - set(cosines))
        if missing:
            cosines.update(self._index.cosines(granularity, vector, missing))
        units = self._index.units_at(granularity, positions)
        return {p: (units[p], cosines[p], float(scores[p])) for p in positions if p in cosines}

    def _fuse(self, found: Candidates, weights: Weights) -> list[Passage]:
        """All candidate paragraphs, scored by the legs alone."""
        anchors = sorted(found.paragraphs)
        row = {anchor: i for i, anchor in enumerate(anchors)}
        legs = {leg: np.full(len(anchors), np.nan) for leg in LEGS}
        chunks: dict[str, list[tuple[int, int, float]]] = {}
        for granularity, units in found.units.items():
            for unit, cosine, score in units.values():
                i = row[unit.anchor]
                dense, lexical = legs[f"dense_{granularity}"], legs[f"lexical_{granularity}"]
                dense[i], lexical[i] = np.fmax(dense[i], cosine), np.fmax(lexical[i], score)
        for anchor, cosines in found.cosines.items():
            legs["sentence"][row[anchor]] = max(cosines.values())
        scales = {leg: _scale(values) for leg, values in legs.items()}
        for unit, cosine, score in found.units["chunk"].values():
            both = sum(
                weight * (value - scales[leg][0]) / scales[leg][1]
                for leg, value, weight in (
                    ("dense_chunk", cosine, weights.dense_chunk),
                    ("lexical_chunk", score, weights.lexical_chunk),
                )
            )
            chunks.setdefault(unit.anchor, []).append((unit.start, unit.end, both))
        passages = []
        for anchor in anchors:
            paragraph = found.paragraphs[anchor]
            info = self._index.reports[paragraph.report].info
            parts = {
                leg: getattr(weights, leg) * _standard(legs[leg][row[anchor]], scales[leg])
                for leg in LEGS
            }
            mine = tuple(sorted(chunks.get(anchor, ())))
            start, end, _ = max(mine, key=lambda c: c[2], default=(0, len(paragraph.text), 0.0))
            score = sum(parts.values())
            near = found.cosines.get(anchor, {})
            passages.append(Passage(info, paragraph, start, end, score, parts, mine, near))
        return passages

    def _ranked(
        self, candidates: Sequence[Passage], query: Query, weights: Weights
    ) -> list[Passage]:
        """Best first, with what agreement with the question adds, and the reranker's second look
        at the first ones."""
        ranked = _best_first(
            _with(p, preferences(query, p.info, p.paragraph, weights)) for p in candidates
        )
        if self._reranker is None:
            return ranked
        head, rest = ranked[:_RERANKED], ranked[_RERANKED:]
        scores = np.asarray(self._reranker.scores(query.standalone, [_shown(p) for p in head]))
        scale = _scale(scores)
        second = {
            p.anchor: {"reranker": weights.reranker * _standard(score, scale)}
            for p, score in zip(head, scores, strict=True)
        }
        return [*_best_first(_with(p, second[p.anchor]) for p in head), *rest]


def _shown(passage: Passage) -> str:
    """What a reranker reads of a passage: its place and headings, and its best chunk."""
    context = context_of(passage.info, passage.paragraph)
    return f"{context}\n{passage.best_chunk}"


def _in_chinese(groups: Iterable[Group]) -> str:
    """An English question word for word: the first alternative of each group."""
    return " ".join(joined(group[0]) for group in groups)


def cells(query: Query) -> list[Query]:
    """A question over several places or years, taken apart; each part names one of each.

    Of several years some are reviewed and some planned, so the kind asked for is left to the year.
    """
    places: list[tuple[str, ...]] = [(place,) for place in query.places] or [()]
    several = 1 < len(query.years) <= 3
    years = [(year,) for year in query.years] if several else [query.years]
    kind = None if several else query.kind
    return [replace(query, places=p, years=y, kind=kind) for p in places for y in years]


def _with(passage: Passage, added: dict[str, float]) -> Passage:
    """A passage with further parts of its score."""
    score = passage.score + sum(added.values())
    return replace(passage, score=score, legs=passage.legs | added)


def _best_first(passages: Iterable[Passage]) -> list[Passage]:
    return sorted(passages, key=lambda p: (-p.score, p.anchor))


def _interleaved(rankings: Sequence[Sequence[Passage]]) -> list[Passage]:
    """The first of each ranking, then the second of each, and so on; every passage once."""
    merged: dict[str, Passage] = {}
    for row in zip(*rankings, strict=True):
        for passage in row:
            merged.setdefault(passage.anchor, passage)
    return list(merged.values())


def preferences(
    query: Query, info: ReportInfo, paragraph: Paragraph, weights: Weights
) -> dict[str, float]:
    """What agreement with the question's place, year and kind adds; nothing where it names none."""
    parts = {"place": 0.0, "year": 0.0, "kind": 0.0}
    if query.places:
        parts["place"] = weights.place * (info.place.zh in query.places)
    if query.years:
        if paragraph.period in map(str, query.years):
            parts["year"] = weights.year
        elif told(paragraph.text, info).speaks_of(set(query.years)):
            parts["year"] = _TOLD_IN_PASSING * weights.year
    if query.kind:
        parts["kind"] = weights.kind * (paragraph.kind == query.kind)
    elif query.years:  # "how much was it in 2018?" asks for the result, if there is one
        parts["kind"] = weights.kind * (paragraph.kind == "actual")
    return parts


def _scale(values: NDArray[np.float64]) -> tuple[float, float]:
    """(mean, standard deviation) of what is there; a leg that tells nothing apart adds nothing."""
    known = values[~np.isnan(values)]
    if len(known) < 2 or known.std() < 1e-9:
        return (float(known.mean()) if len(known) else 0.0), float("inf")
    return float(known.mean()), float(known.std())


def _standard(value: float, scale: tuple[float, float]) -> float:
    """Standard deviations from the mean; a paragraph the leg did not reach gets -1."""
    mean, deviation = scale
    return -1.0 if np.isnan(value) else (value - mean) / deviation


def _one_a_report_first(passages: Sequence[Passage]) -> list[Passage]:
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(passage.info.id, passage)
    chosen = {passage.anchor for passage in first.values()}
    return [*first.values(), *(p for p in passages if p.anchor not in chosen)]

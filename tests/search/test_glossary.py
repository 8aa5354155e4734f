"""The glossary: large, without contradictions, and found by its synonyms."""

from __future__ import annotations

from collections import Counter

import pytest

from rag.search.bilingual import stem
from rag.search.glossary import everyday, glossary, synonyms, terms
from rag.search.question_words import question_words


def test_it_is_large_and_sorted_by_topic() -> None:
    assert len(glossary()) >= 250
    assert len({term.topic for term in glossary()} - {""}) >= 5
    assert all(term.topic for term in glossary())


def test_a_form_belongs_to_one_term() -> None:
    forms = Counter(form.lower() for term in glossary() for form in term.forms)
    assert [form for form, count in forms.items() if count > 1] == []


def test_every_term_has_english_in_ascii() -> None:
    for term in glossary():
        assert term.en, term.zh
        for phrase in term.en:
            assert phrase.isascii(), phrase
            assert phrase == phrase.strip() != ""
            assert any(c.isalpha() for c in phrase)
        assert len({phrase.lower() for phrase in term.en}) == len(term.en), term.zh


def test_every_everyday_word_has_its_own_english() -> None:
    known = {phrase: term for term in glossary() for phrase in term.en}
    for term in everyday():
        assert term.en, term.zh
        assert not term.topic, term.zh
        assert all(phrase.isascii() for phrase in term.en), term.zh
        assert len({stem(phrase) for phrase in term.en}) == len(term.en), term.zh
        assert not set(term.en) & question_words("english"), term.zh
        told = [p for p in term.en if p in known and set(term.forms) <= set(known[p].forms)]
        assert told == [], term.zh
    assert len({term.zh for term in everyday()}) == len(everyday())


@pytest.mark.parametrize(
    ("zh", "word"),
    [
        ("种植", "plant"),
        ("存款", "saved"),
        ("快递", "parcels"),
        ("培训", "train"),
        ("行政处罚", "fine"),
        ("整改", "fixed"),
        ("走访", "visits"),
        ("入驻", "houses"),
        ("举办", "stage"),
    ],
)
def test_an_everyday_word_has_no_stem_of_another_meaning(zh: str, word: str) -> None:
    single = {(term.zh, stem(p)) for term in everyday() for p in term.en if " " not in p}
    assert (zh, stem(word)) not in single


def test_everyday_words_are_no_terms_of_chinese_questions() -> None:
    own = {term.zh for term in everyday()} - {form for term in glossary() for form in term.forms}
    assert "投用" in own
    assert not own & set(terms())
    assert not own & set(synonyms())


def test_every_main_form_has_characters() -> None:
    for term in glossary():
        assert any("\u4e00" <= c <= "\u9fff" for c in term.zh), term.zh
        assert all(form == form.strip() != "" for form in term.forms)


def test_the_tokenizer_gets_every_chinese_form() -> None:
    given = terms()
    assert "一般公共预算收入" in given
    assert "地区生产总值" in given
    assert not any(form.isascii() for form in given)
    assert len(given) == len(set(given))


def test_synonyms_lead_to_all_forms_with_the_word_itself_first() -> None:
    found = synonyms()
    assert found["gdp"][0].lower() == "gdp"
    assert "地区生产总值" in found["gdp"]
    for term in glossary():
        for form in term.forms:
            assert found[form.lower()][0] == form
            assert set(found[form.lower()]) == set(term.forms)

"""English words to the Chinese words of the corpus."""

from __future__ import annotations

from itertools import chain

import pytest

from rag.index.lexical import Tokenizer
from rag.search.bilingual import Translator, stem
from rag.search.glossary import glossary, terms
from rag.search.question_words import question_words

VOCABULARY = ("瑞立", "滨海", "金海", "绿道", "公里", "公厕", "幼儿园", "计划", "村")


@pytest.fixture(scope="module")
def translator() -> Translator:
    """Over a small vocabulary, so that what is found does not hang on the reports."""
    return Translator(Tokenizer(terms()), VOCABULARY)


def words(translator: Translator, text: str) -> list[set[str]]:
    """For each group all words of its alternatives."""
    return [set(chain.from_iterable(group)) for group in translator.groups(text)]


@pytest.mark.parametrize(
    ("phrase", "word"),
    [
        ("high-tech enterprise", "高新技术企业"),
        ("high-tech enterprises", "高新技术企业"),
        ("High-Tech Enterprises", "高新技术企业"),
        ("general public budget revenue", "一般公共预算收入"),
        ("general public budget revenues", "一般公共预算收入"),
        ("greenways", "绿道"),
        ("public toilets", "公厕"),
        ("kindergartens", "幼儿园"),
        ("GDP", "生产总值"),
        ("opened", "投用"),
        ("hired", "聘请"),
        ("toddlers", "托育"),
    ],
)
def test_a_phrase_is_found_in_singular_plural_and_any_case(
    phrase: str, word: str, translator: Translator
) -> None:
    (group,) = words(translator, f"how many of the {phrase}")
    assert word in group


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("urbanisation", "urbanization"),
        ("kilometres", "kilometers"),
        ("labour", "labor"),
        ("programmes", "programs"),
        ("harbours", "harbors"),
        ("behaviour", "behavior"),
        ("centres", "centers"),
        ("digitalisation", "digitalization"),
        ("modernised", "modernized"),
        ("catalogue", "catalog"),
    ],
)
def test_british_spelling_is_the_same_word(
    british: str, american: str, translator: Translator
) -> None:
    assert stem(british) == stem(american)
    assert translator.groups(british)[0][:-1] == translator.groups(american)[0][:-1]


@pytest.mark.parametrize("word", ["four", "hour", "tour", "pour"])
def test_other_words_keep_their_stem(word: str) -> None:
    assert stem(word) == word


@pytest.mark.parametrize(
    ("name", "characters"), [("Ruili", "瑞立"), ("Binhai", "滨海"), ("JINHAI", "金海")]
)
def test_a_name_in_pinyin_finds_its_characters_and_itself(
    name: str, characters: str, translator: Translator
) -> None:
    (group,) = translator.groups(name)
    assert (characters,) in group
    (possessive,) = translator.groups(f"{name}'s")
    assert possessive == group


@pytest.mark.parametrize("word", ["blorple", "zzyzx", "PPP", "R&D"])
def test_a_word_nobody_knows_stands_for_itself(word: str, translator: Translator) -> None:
    if word == "R&D":
        assert any("r&d" in run for group in translator.groups(word) for run in group)
    else:
        assert translator.groups(word) == [((word.lower(),),)]


def test_words_of_asking_say_nothing(translator: Translator) -> None:
    assert translator.groups("How many of the were there in the year, and what was it?") == []
    assert translator.groups("") == []
    assert translator.groups("2018 ... 12.5%") == []


def test_the_longest_phrase_is_taken(translator: Translator) -> None:
    (group,) = translator.groups("general public budget revenue")
    assert len(translator.groups("general budget of public revenue")) > 1
    assert ("一般", "公共", "预算", "收入", "一般公共预算收入") in group


def test_every_english_phrase_of_the_glossary_finds_its_term(translator: Translator) -> None:
    tokenizer = Tokenizer(terms())
    missed = []
    for term in glossary():
        wanted = tuple(tokenizer.words(term.zh))
        for phrase in term.en:
            if phrase in question_words("english"):  # the glossary lists some of these, too
                continue
            found = set(chain.from_iterable(translator.groups(phrase)))
            if wanted not in found:
                missed.append((phrase, term.zh))
    assert missed == []


def test_what_only_stands_beside_a_word_in_a_gloss_is_no_translation() -> None:
    translator = Translator(Tokenizer(terms()), ("江北", "机场"))
    assert {"机场"} <= {word for run in translator.groups("airport")[0] for word in run}
    assert ("江北",) not in translator.groups("airport")[0]

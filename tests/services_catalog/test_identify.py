"""The language of a message: script first, then words, then the conversation's own."""

from __future__ import annotations

import pytest

from services_catalog.search import SearchEngine


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hvor kan min søster få hjælp til at finde arbejde?", "da"),
        ("where can my sister get help to find work?", "en"),
        ("Де моя сестра може знайти роботу?", "uk"),
        ("أين تجد أختي عملاً؟", "ar"),
        ("ana 3ayez shoghl fi copenhagen", "ar"),
        ("shukayu kursy danskoyi movy dlya sestry", "uk"),
        ("min pige vil gå til dans", "da"),
        ("Что мне делать, ищу работу", "uk"),
        # names stand in texts of every language
        ("Hvor er Welcome House Amager Strand?", "da"),
        ("er etnisk ressourceteam det samme som etnisk konsulentteam", "da"),
        ("kringle bakken women", "en"),
        ("${7*7}ana mo3allem w bedi dawra bl danmarki ka logha tanye${7*7}", "ar"),
        ("jeg sosu, borger taler kun arabisk, чи є kollega хто поговорить", "uk"),
    ],
)
def test_a_sentence_has_its_language(engine: SearchEngine, text: str, language: str) -> None:
    assert engine.identifier.identify(text).language == language


@pytest.mark.parametrize("text", ["ok", "hej", "job", "Perspektiv", "Muhabet", "1888", "😀"])
@pytest.mark.parametrize("conversation", ["ar", "uk", "en", "da"])
def test_a_word_that_says_nothing_keeps_the_conversations_language(
    engine: SearchEngine, text: str, conversation: str
) -> None:
    assert engine.identifier.identify(text, conversation).language == conversation


@pytest.mark.parametrize(
    "text",
    [
        "Ich suche einen Sprachkurs für meine Frau",
        "Szukam pracy dla mojego brata w Kopenhadze",
        "Çocuğum için ücretsiz spor kursu arıyorum",
        "Waxaan raadinayaa shaqo iyo guri",
        "Je cherche une crèche pour mon enfant",
        "میں اپنے بچے کے لیے اسکول تلاش کر رہا ہوں",
    ],
)
def test_a_fifth_language_is_noticed(engine: SearchEngine, text: str) -> None:
    assert engine.identifier.identify(text).foreign is not None

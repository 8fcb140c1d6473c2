"""The graph components on messages: language, tokens, entities, offer names, intent model."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.components.entities import EntityFinder
from bot.components.gazetteer import Gazetteer
from bot.components.intents import last_clause
from bot.components.language import LanguageFinder, detect
from bot.components.linear import LinearModel, TrainingSettings, train
from bot.components.names import NameFile, NameIndex
from bot.components.ngrams import features
from bot.components.tokenizer import NormalisingTokenizer


@pytest.fixture(scope="module")
def tokenizer() -> NormalisingTokenizer:
    return NormalisingTokenizer(NormalisingTokenizer.get_default_config())


def message(text: str, language: str | None = None) -> Message:
    return Message(data={"text": text, "language": language})


def test_the_language_that_the_api_tells_wins() -> None:
    said = Message(data={"text": "Muhabet", "metadata": {"language": "ar"}})
    assert LanguageFinder().process([said])[0].get("language") == "ar"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("jeg søger arbejde", "da"),
        ("where can I learn Danish", "en"),
        ("шукаю роботу", "uk"),
        ("أبحث عن عمل", "ar"),
        ("Ich suche eine Wohnung für meine Familie", "de"),
        ("12345 ?!", None),
        ("😀", None),
    ],
)
def test_the_language_is_found_without_the_api(
    gazetteers: Mapping[str, Gazetteer], text: str, language: str | None
) -> None:
    assert detect(text, gazetteers) == language


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("uk", "Моє ім’я Ірина", ["моє", "ім'я", "ірина"]),
        ("da", "Hvad koster SFO'en?", ["hvad", "koster", "sfo'en", "?"]),
        ("ar", "عُمْرُهُ ٨ سَنَوَاتٍ", ["عمره", "8", "سنوات"]),
        ("so", "waan ku faraxsanahay", ["waan", "ku", "faraxsanahay"]),
    ],
)
def test_tokens_are_whole_words(tokenizer: NormalisingTokenizer, language: str, text: str, expected: list[str]) -> None:
    assert [token.text for token in tokenizer.tokenize(message(text, language), "text")] == expected


def test_a_tokens_offsets_are_those_of_the_original(tokenizer: NormalisingTokenizer) -> None:
    text = "قالت: عُمْرُهُ ٨ سَنَوَاتٍ"
    tokens = tokenizer.tokenize(message(text, "ar"), "text")
    assert [text[token.start : token.end] for token in tokens] == ["قالت", ":", "عُمْرُهُ", "٨", "سَنَوَاتٍ"]


@pytest.mark.parametrize(
    ("language", "word", "lemma"),
    [("en", "children", "child"), ("uk", "дітей", "дитина"), ("da", "skolerne", "skol"), ("ar", "للأطفال", "اطفال")],
)
def test_lemmas(tokenizer: NormalisingTokenizer, language: str, word: str, lemma: str) -> None:
    assert [token.lemma for token in tokenizer.tokenize(message(word, language), "text")] == [lemma]


def test_entities_have_rasas_form() -> None:
    said = message("Min søn er otte", "da")
    EntityFinder({"offer_names": None}).process([said])
    age = next(entity for entity in said.get("entities") if entity["entity"] == "age")
    assert age == {
        "entity": "age", "value": 8, "role": "child", "start": 11, "end": 15, "text": "otte",
        "extractor": "EntityFinder",
    }  # fmt: skip


NAMES = {
    "muhabet": ["Muhabet", "Мухабет", "مهابت"],
    "korte-snor": ["De Korte Snor", "Korte Snor"],
    "kontingentstoette": ["kontingentstøtte", "Підтримка членських внесків"],
}


@pytest.mark.parametrize(
    ("text", "offer", "covered"),
    [
        ("hvad er Muhabets adresse", "muhabet", "Muhabets"),
        ("розкажи про Мухабету", "muhabet", "Мухабету"),
        ("وين بمهابت؟", "muhabet", "بمهابت"),
        ("fortæl om DE KORTE SNOR", "korte-snor", "DE KORTE SNOR"),
        ("kontingentstøtten", "kontingentstoette", "kontingentstøtten"),
        ("про підтримку членських внесків", "kontingentstoette", "підтримку членських внесків"),
    ],
)
def test_offers_are_found_by_name(text: str, offer: str, covered: str) -> None:
    found = [(one.value, text[one.start : one.end]) for one in NameIndex(NAMES).find(text)]
    assert found == [(offer, covered)]


def test_ordinary_words_are_no_names() -> None:
    assert list(NameIndex(NAMES).find("en kort snak om kontingent")) == []


def test_a_name_that_was_published_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.components.names._SECONDS_BETWEEN_LOOKS", 0.0)
    path = tmp_path / "names.json"
    names = NameFile(path)
    assert list(names.index().find("Muhabet")) == []
    path.write_text(json.dumps(NAMES), encoding="utf-8")
    assert [one.value for one in names.index().find("Muhabet")] == ["muhabet"]
    path.write_text("{broken", encoding="utf-8")
    os.utime(path, (1, 1))
    assert [one.value for one in names.index().find("Muhabet")] == ["muhabet"]


def _features(text: str) -> dict[str, Counter[str]]:
    return features(text.split(), text.split(), [], [])


def test_the_intent_model_learns_survives_its_file_and_admits_ignorance(tmp_path: Path) -> None:
    texts = ["hej med dig", "goddag hej", "hvad koster det", "koster det noget", "farvel og tak", "tak farvel"]
    labels = ["greet", "greet", "ask_cost", "ask_cost", "say_goodbye", "say_goodbye"]
    model = train([_features(text) for text in texts], labels, TrainingSettings(rarest=1))
    model.save(tmp_path)
    again = LinearModel.load(tmp_path)
    for text, label in [("hej igen", "greet"), ("hvad koster kurset", "ask_cost")]:
        ranking = again.predict(_features(text))
        assert ranking[0][0] == label
        assert ranking == model.predict(_features(text))
        assert sum(chance for _, chance in ranking) == pytest.approx(1)
    unknown = again.predict({block: Counter() for block in _features("x")})
    assert {chance for _, chance in unknown} == {1 / 3}


@pytest.mark.parametrize(
    ("language", "text", "clause"),
    [
        ("en", "the bus is here now. what about the playground, when does it open?", "when does it open?"),
        ("uk", "дякую, я вже там. а та школа — вона безкоштовна?", "вона безкоштовна?"),
        ("ar", "تبع الكنائس، كيف بشارك فيه؟", "كيف بشارك فيه؟"),
        ("da", "hvad koster det? tak", None),
        ("da", "kl. 12.30, hvad koster det", "hvad koster det"),
        ("en", "when does it open", None),
        ("en", "...", None),
    ],
)
def test_the_last_clause_begins_behind_a_sign(
    tokenizer: NormalisingTokenizer, language: str, text: str, clause: str | None
) -> None:
    said = message(text, language)
    said.set("text_tokens", tokenizer.tokenize(said, "text"))
    beginning = last_clause(said)
    assert (text[beginning:] if beginning else None) == clause

"""The language of a message: as the api says, else by script, then by common words, then by lingua."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import regex
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.gazetteer import Gazetteer, load_gazetteers
from bot.components.normalise import fold

LANGUAGE = "language"

_WORD = regex.compile(r"[\w']+")
_LETTERS = {
    "latin": regex.compile(r"\p{Latin}"),
    "cyrillic": regex.compile(r"\p{Cyrillic}"),
    "arabic": regex.compile(r"\p{Arabic}"),
}
# Languages heard in Copenhagen that share the Latin script, so that lingua has something to prefer to Danish.
_OTHERS = ("de", "es", "fr", "pl", "ro", "so", "sv", "tr")
_NORWEGIAN = ("nb", "nn")
_SURE = 0.6


def detect(text: str, gazetteers: Mapping[str, Gazetteer]) -> str | None:
    """Return the BCP 47 tag of the language of `text`, also of one that is not served, or None when nothing tells."""
    plain = fold(text)
    counts = {script: len(letters.findall(plain)) for script, letters in _LETTERS.items()}
    script = max(counts, key=lambda name: counts[name])
    if not counts[script]:
        return None
    candidates = [gazetteer for gazetteer in gazetteers.values() if gazetteer.script == script]
    if len(candidates) == 1:
        return candidates[0].tag
    words = _WORD.findall(plain)
    hits = sorted(((sum(word in one.hints for word in words), one.tag) for one in candidates), reverse=True)
    if hits and hits[0][0] and (len(hits) == 1 or hits[0][0] > hits[1][0]):
        return hits[0][1]
    return _by_lingua(plain, tuple(one.tag for one in candidates))


def _by_lingua(text: str, served: tuple[str, ...]) -> str | None:
    for value in _detector(served).compute_language_confidence_values(text)[:1]:
        tag = value.language.iso_code_639_1.name.lower()
        if tag in _NORWEGIAN:
            tag = "da"  # written Norwegian and Danish differ too little for a short message
        if tag in served or value.value >= _SURE:
            return tag
    return None


@lru_cache(maxsize=2)
def _detector(served: tuple[str, ...]) -> Any:
    # Imported when first needed: the api says the language, so a serving bot seldom loads these models.
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    tags = sorted({*served, *_OTHERS, *_NORWEGIAN})
    codes = [getattr(IsoCode639_1, tag.upper()) for tag in tags]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LanguageFinder(GraphComponent):
    """Sets `language` on every message: a BCP 47 tag, or None."""

    def __init__(self) -> None:
        self._gazetteers = load_gazetteers()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageFinder:
        """Create the component; there is nothing to configure."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the language of each message, preferring the `language` of its metadata."""
        for message in messages:
            text = message.get(TEXT)
            if text is not None:
                told = (message.get("metadata") or {}).get(LANGUAGE)
                language = told if isinstance(told, str) and told else detect(text, self._gazetteers)
                message.set(LANGUAGE, language, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Detect the language of each example."""
        self.process(training_data.training_examples)
        return training_data

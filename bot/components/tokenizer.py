"""Tokens of normalised text from a blank spaCy pipeline per language, with offsets into the original text."""

from __future__ import annotations

from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.gazetteer import load_gazetteers
from bot.components.language import LANGUAGE
from bot.components.lemmas import Lemmatiser, lemmatiser
from bot.components.normalise import normalise


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class NormalisingTokenizer(Tokenizer):
    """Splits a message; a token's text is normalised, its lemma is the language's, its offsets are the original's."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._tokenizers: dict[str, Any] = {}
        self._lemmatisers: dict[str, Lemmatiser] = {}
        for tag, gazetteer in load_gazetteers().items():
            self._tokenizers[tag] = spacy.blank(gazetteer.spacy).tokenizer
            self._lemmatisers[tag] = lemmatiser(gazetteer.spacy, gazetteer.lemmas)
        self._other = spacy.blank("xx").tokenizer

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return Rasa's defaults for tokenizers; intents are never split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NormalisingTokenizer:
        """Create the tokenizer with the gazetteers' languages."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the tokens of one attribute; a language without a gazetteer is split by spaCy's neutral rules."""
        original = message.get(attribute)
        if attribute != TEXT:
            return [Token(original, 0)] if original else []
        language = message.get(LANGUAGE)
        normal = normalise(original)
        tokenizer = self._tokenizers.get(language, self._other)
        lemma = self._lemmatisers.get(language, str)
        tokens = []
        for found in tokenizer(normal.text):
            if found.text.strip():
                start, end = normal.original_span(found.idx, found.idx + len(found.text))
                tokens.append(Token(found.text, start, end, lemma=lemma(found.text)))
        return tokens

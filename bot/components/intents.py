"""The intent of a message: what the resident is doing (asking, narrowing, thanking …)."""

from __future__ import annotations

import logging
import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.entities import FOUND
from bot.components.finding import concepts
from bot.components.gazetteer import load_gazetteers
from bot.components.language import LANGUAGE
from bot.components.linear import Features, LinearModel, TrainingSettings, train
from bot.components.ngrams import features

logger = logging.getLogger(__name__)

_TOKENS = "text_tokens"
_RANKED = 5
#: The key of a message under which the ranking of the intents of its last clause stands, when it has more than one.
LAST_CLAUSE = "last_clause_ranking"
_CLAUSE_ENDS = re.compile(r"[.!?…,;:،؛؟–—]+\s+|\s[-–—]+\s|\n+")
#: Words and signs after a break that make a clause.
_WORDS_OF_A_CLAUSE = 3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Sets `intent` and `intent_ranking` from our own tokens, lemmas and entities."""

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: LinearModel | None = None
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the training settings; `linear.TrainingSettings` says what they mean."""
        defaults = TrainingSettings()
        return {"strength": defaults.strength, "rarest": defaults.rarest, "iterations": defaults.iterations}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Create an untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """Load a trained classifier. Raises ValueError when the model does not hold one."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, LinearModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Train on every example that has an intent, and store the result."""
        examples = [one for one in training_data.intent_examples if one.get(INTENT) and one.get(TEXT)]
        settings = TrainingSettings(
            float(self._config["strength"]), int(self._config["rarest"]), int(self._config["iterations"])
        )
        self._model = train([features_of(one) for one in examples], [one.get(INTENT) for one in examples], settings)
        logger.info("Intent model: %d examples, %d features.", len(examples), len(self._model.vocabulary))
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent of each message. Raises RuntimeError when neither trained nor loaded."""
        if self._model is None:
            raise RuntimeError("The intent classifier has no model: train it (python -m bot.train) or load one.")
        for message in messages:
            if not message.get(TEXT):
                continue
            ranking = self._ranking(features_of(message))
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            beginning = last_clause(message)
            if beginning:
                message.set(LAST_CLAUSE, self._ranking(features_of(message, beginning)), add_to_output=True)
        return messages

    def _ranking(self, found: Features) -> list[dict[str, Any]]:
        assert self._model is not None
        return [{"name": name, "confidence": chance} for name, chance in self._model.predict(found)[:_RANKED]]


def last_clause(message: Message) -> int:
    """Return where the last clause of a message begins, by its offset in the text; 0 when there is but one.

    Who has answers before her often says something first and asks at the end ("they are here now. when does it open?").
    """
    text = message.get(TEXT)
    tokens = message.get(_TOKENS, [])
    for gap in reversed([*_CLAUSE_ENDS.finditer(text)]):
        after = sum(token.start >= gap.end() for token in tokens)
        if after >= _WORDS_OF_A_CLAUSE and after < len(tokens):
            return gap.end()
    return 0


def features_of(message: Message, beginning: int = 0) -> Features:
    """Return what the classifier looks at in a message with its tokens and entities, from an offset in its text on."""
    tokens = [token for token in message.get(_TOKENS, []) if token.start >= beginning]
    kinds = message.get(FOUND)
    if kinds is None:
        kinds = [one["entity"] for one in message.get(ENTITIES, []) if one["start"] >= beginning]
    spoken_of = concepts(message.get(TEXT)[beginning:], message.get(LANGUAGE), load_gazetteers())
    return features([token.text for token in tokens], [token.lemma for token in tokens], spoken_of, kinds)

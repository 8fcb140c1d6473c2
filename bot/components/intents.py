"""The intent of a message: what the resident is doing (asking, narrowing, thanking …)."""

from __future__ import annotations

import logging
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
            ranking = [
                {"name": name, "confidence": chance}
                for name, chance in self._model.predict(features_of(message))[:_RANKED]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def features_of(message: Message) -> Features:
    """Return what the classifier looks at in a message that has its tokens and entities."""
    tokens = message.get(_TOKENS, [])
    kinds = message.get(FOUND)
    if kinds is None:
        kinds = [entity["entity"] for entity in message.get(ENTITIES, [])]
    spoken_of = concepts(message.get(TEXT), message.get(LANGUAGE), load_gazetteers())
    return features([token.text for token in tokens], [token.lemma for token in tokens], spoken_of, kinds)

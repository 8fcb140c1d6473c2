"""The entities of a message: what `finding.py` and `names.py` find, in Rasa's form."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.finding import Finding, find
from bot.components.gazetteer import load_gazetteers
from bot.components.language import LANGUAGE
from bot.components.names import NameFile

#: Overrides the configured path, for an installation that keeps its data elsewhere.
NAMES_VARIABLE = "VEJVISER_OFFER_NAMES"
#: Where training examples keep what was found in them: not under `entities`, which holds annotations.
FOUND = "found_entities"


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=False,
)
class EntityFinder(GraphComponent):
    """Finds ages, grades, districts, situations, ordinals, language names and offer names by the gazetteers."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._gazetteers = load_gazetteers()
        path = os.environ.get(NAMES_VARIABLE) or config.get("offer_names")
        self._names = NameFile(Path(path) if path else None)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`offer_names`: path of the generated JSON file of names, relative to the working directory, or None."""
        return {"offer_names": None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityFinder:
        """Create the component with the gazetteers and the file of names, which may appear later."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `entities` on each message, with offsets into its text as it was written."""
        for message in messages:
            if message.get(TEXT):
                entities = [self._as_entity(finding, message.get(TEXT)) for finding in self._find(message)]
                message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Note the kinds of entities in each example, for the intent classifier."""
        for message in training_data.training_examples:
            if message.get(TEXT):
                message.set(FOUND, [finding.entity for finding in self._find(message)])
        return training_data

    def _find(self, message: Message) -> list[Finding]:
        text = message.get(TEXT)
        return [*find(text, message.get(LANGUAGE), self._gazetteers), *self._names.index().find(text)]

    def _as_entity(self, finding: Finding, text: str) -> dict[str, Any]:
        entity = {
            "entity": finding.entity,
            "value": finding.value,
            "start": finding.start,
            "end": finding.end,
            "text": text[finding.start : finding.end],
            "extractor": type(self).__name__,
        }
        if finding.role is not None:
            entity["role"] = finding.role
        return entity

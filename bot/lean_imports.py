"""Lets Rasa's server start without TensorFlow: 345 MB and 6 seconds less, for a model that does not use it.

Rasa 3.6.21 imports every component it ships, and with them TensorFlow, although a stored model names its own components
by their full path. Four modules are replaced by empty ones before Rasa is imported. Training does not do this.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

#: Module to the names that Rasa imports from it while serving. None of them is used by our pipeline.
_UNUSED: dict[str, dict[str, Any]] = {
    # The list of shipped components by short name; bot/config.yml uses full paths.
    "rasa.engine.recipes.default_components": {"DEFAULT_COMPONENTS": []},
    # Checks data before training; a stored model names it, since it also holds the graph that made it.
    "rasa.graph_components.validators.default_recipe_validator": {"DefaultV1RecipeValidator": object},
    # Callbacks and batches of neural training, imported by `rasa.utils.train_utils`.
    "rasa.utils.tensorflow.callback": {"RasaTrainingLogger": object, "RasaModelCheckpoint": object},
    "rasa.utils.tensorflow.data_generator": {"RasaBatchDataGenerator": object},
}


class ImportedTooEarlyError(RuntimeError):
    """Rasa was imported before `without_tensorflow` was called, so that nothing would be saved."""


def without_tensorflow() -> None:
    """Replace the modules; must run before anything of Rasa is imported. Raises ImportedTooEarlyError otherwise."""
    early = [name for name in ("tensorflow", *_UNUSED) if name in sys.modules]
    if early:
        raise ImportedTooEarlyError(f"call without_tensorflow() first of all; already imported: {', '.join(early)}")
    for name, contents in _UNUSED.items():
        module = ModuleType(name)
        module.__dict__.update(contents)
        sys.modules[name] = module

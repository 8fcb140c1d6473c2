"""Reads training examples with the language of the folder they lie in: data/nlu/<tag>/*.yml, or an added one's."""

from __future__ import annotations

from pathlib import Path

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.added_languages import added_languages, language_of
from bot.components.gazetteer import load_gazetteers


class LanguageFolderImporter(RasaFileImporter):
    """Rasa's importer; an example also says its language, as the api does of a message.

    Arabic and Ukrainian typed in Latin letters are right only so: no detector tells them from other languages.
    """

    _read: TrainingData | None = None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return all examples. `language` is Rasa's notion of one language per model and means nothing here."""
        if self._read is None:  # Rasa asks three times, and compares all examples with each other each time
            examples: list[Message] = []
            known = {*load_gazetteers(), *added_languages()}
            for path in self._nlu_files:
                data = training_data_from_paths([path], language)
                tag = language_of(Path(path))
                if tag in known:
                    for example in data.training_examples:
                        example.set("metadata", {"language": tag})
                examples += data.training_examples
            self._read = TrainingData(examples)
        return self._read

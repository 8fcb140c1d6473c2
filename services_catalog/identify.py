"""Find the language of a message: script first, then words, then the conversation's own language.

A message of which the words say nothing (`ok`, `job`, a bare name) keeps the conversation's language. A language the
service does not speak is reported as such, so that the answer can say which ones work.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from dataclasses import dataclass

import numpy as np
from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

from services_catalog.catalogue import Catalogue
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.normalize import fold, words
from services_catalog.transliterate import typed_on_latin_keys

#: Which language of the service is written in which script (Unicode names of letters begin with the script's name).
_SCRIPTS = {"ARABIC": "ar", "CYRILLIC": "uk", "LATIN": "latin"}
#: Letters that Persian and Urdu have and no Arabic dialect in writing does.
_NOT_ARABIC = frozenset("ےھہںٹڈڑۀ")
#: Languages often met in Copenhagen that the service does not speak. Norwegian is read as Danish.
_FIFTH_LANGUAGES = "DE SV FR ES IT PL RO TR SO NL PT FI LT LV ET HR SQ TL VI ID SW".split()
_MINIMUM_WORDS = 3
_FIFTH_CERTAINTY = 0.9
_CERTAINTY = 0.75
#: A message of which more words than this stand in the catalogue's own texts is in one of its languages.
_FAMILIAR_SHARE = 0.5


@dataclass(frozen=True)
class Identified:
    """`language` is a tag the service speaks; `foreign` is the tag of another language the message is really in, if so.

    `sure` is false when the words said nothing and the language is the conversation's or the default.
    """

    language: str
    sure: bool
    foreign: str | None = None


class Identifier:
    """Tells languages apart, trained on the catalogue's own example questions. Safe to share between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        texts: list[str] = []
        tags: list[str] = []
        names: Counter[str] = Counter()
        for offer in catalogue.published:
            names.update(word for name in (offer.official_name, *offer.aliases) for word in words(name))
            for tag, one in offer.texts.items():
                for text in (one.summary, *one.examples):
                    if script(text) == "latin":
                        texts.append(fold(text))
                        tags.append(tag)
        spoken: dict[str, set[str]] = {}
        for text, tag in zip(texts, tags, strict=True):
            for word in words(text):
                spoken.setdefault(word, set()).add(tag)
        self._spoken = spoken
        self._familiar = frozenset(spoken)
        # a name that only one language uses (an English alias) tells that language; one that all use tells nothing
        self._names = frozenset(word for word in names if len(spoken.get(word, ())) != 1)
        self._vectorizer = CountVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2)
        self._model = MultinomialNB(alpha=0.1).fit(self._vectorizer.fit_transform(texts), tags)

    def identify(self, text: str, conversation: str | None = None) -> Identified:
        """Return the language of `text`, given the language the conversation has so far."""
        fallback = conversation or SOURCE_LANGUAGE
        text = typed_on_latin_keys(text) or text
        found = script(text)
        if found is None:
            return Identified(fallback, sure=False)
        if found == "ar":
            foreign = "ur" if _NOT_ARABIC.intersection(text) else None
            return Identified("ar", sure=True, foreign=foreign or _persian(text))
        if found == "uk":
            return Identified("uk", sure=True)
        if found != "latin":
            return Identified(fallback, sure=False, foreign="und")
        return self._latin(text, fallback, in_conversation=conversation is not None)

    def _could_be(self, tag: str, telling: list[str]) -> bool:
        """Tell whether the language uses one of some words, or nobody is known to."""
        return any(tag in self._spoken.get(word, {tag}) for word in telling)

    def _latin(self, text: str, fallback: str, *, in_conversation: bool) -> Identified:
        folded = fold(text)
        all_words = words(text)
        telling = [word for word in all_words if word not in self._names]
        if not telling or (len(all_words) == 1 and len(all_words[0]) <= 3):
            return Identified(fallback, sure=False)
        probabilities = self._model.predict_proba(self._vectorizer.transform([folded]))[0]
        best = int(np.argmax(probabilities))
        tag, certainty = str(self._model.classes_[best]), float(probabilities[best])
        familiar = sum(word in self._familiar for word in all_words) / len(all_words)
        if len(all_words) >= _MINIMUM_WORDS and familiar < _FAMILIAR_SHARE:
            foreign = _foreign(text)
            if foreign is not None:
                return Identified(tag, sure=False, foreign=foreign)
        unclear = certainty < _CERTAINTY or (in_conversation and self._could_be(fallback, telling))
        if len(all_words) <= 2 and unclear:
            return Identified(fallback, sure=False)
        return Identified(tag, sure=True)


def script(text: str) -> str | None:
    """Return `ar`, `uk`, `latin`, `other`, or None for a text without letters, by the script most letters are in."""
    counts: Counter[str] = Counter(map(_script_of, text))
    del counts[""]
    return counts.most_common(1)[0][0] if counts else None


@functools.lru_cache(maxsize=4096)
def _script_of(character: str) -> str:
    """Return the script of a letter; an empty text for anything else."""
    if not character.isalpha():
        return ""
    return _SCRIPTS.get(unicodedata.name(character, "").split(" ", 1)[0], "other")


def _persian(text: str) -> str | None:
    if len(text.split()) < _MINIMUM_WORDS or not ({"ی", "ک", "پ", "ژ", "گ", "چ"} & set(text)):
        return None
    detected = _arabic_script_detector().detect_language_of(text)
    code = detected.iso_code_639_1.name.lower() if detected else "ar"
    return None if code == "ar" else code


def _foreign(text: str) -> str | None:
    values = _latin_detector().compute_language_confidence_values(text)
    if not values or values[0].value < _FIFTH_CERTAINTY:
        return None
    code = values[0].language.iso_code_639_1.name.lower()
    return code if code.upper() in _FIFTH_LANGUAGES else None


@functools.cache
def _latin_detector() -> LanguageDetector:
    codes = [getattr(IsoCode639_1, code) for code in ("DA", "EN", "NB", *_FIFTH_LANGUAGES)]
    # the small models: a tenth of the memory, and sure enough for whole sentences
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()


@functools.cache
def _arabic_script_detector() -> LanguageDetector:
    codes = [getattr(IsoCode639_1, code) for code in ("AR", "FA", "UR")]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()

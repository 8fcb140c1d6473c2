"""Find the language of a message: script first, then words, then the conversation's own language.

A message of which the words say nothing (`ok`, `job`, a bare name) keeps the conversation's language. A language the
service does not speak is reported as such, so that the answer can say which ones work.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

from services_catalog.catalogue import Catalogue
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE, written_in
from services_catalog.normalize import fold, words
from services_catalog.transliterate import typed_on_latin_keys

#: The scripts of the service's languages, by the word that the Unicode names of their letters begin with.
_SCRIPTS = {"LATIN": "latin"} | {one.script.upper(): one.script for one in LANGUAGES.values()}
#: Letters that Persian and Urdu have and no Arabic dialect in writing does.
_NOT_ARABIC = frozenset("ےھہںٹڈڑۀ")
#: Languages often met in Copenhagen beside Danish and English. Norwegian is read as Danish.
_OFTEN_MET = "de sv fr es it pl ro tr so nl pt fi lt lv et hr sq tl vi id sw".split()
#: What may stand in a script beside the languages of the service.
_NEIGHBOURS = {"latin": ("nb", *_OFTEN_MET), "arabic": ("fa", "ur")}
#: A language in which the catalogue has fewer texts than this is told by what Lingua knows of it.
_ENOUGH_TEXTS = 500
_MINIMUM_WORDS = 3
_LINGUA_CERTAINTY = 0.9
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
        texts: dict[str, list[tuple[str, str]]] = {}
        names: set[str] = set()
        for offer in catalogue.published:
            names.update(word for name in (offer.official_name, *offer.aliases) for word in words(name))
            for tag, one in offer.texts.items():
                for text in (one.summary, *one.examples):
                    if tag in LANGUAGES:
                        texts.setdefault(script(text) or "", []).append((fold(text), tag))
        self._by_script = {
            one: _ScriptReader(one, texts.get(one, []), names)
            for one in _SCRIPTS.values()
            if one == "latin" or (one in texts and len(written_in(one)) > 1)
        }

    def identify(self, text: str, conversation: str | None = None) -> Identified:
        """Return the language of `text`, given the language the conversation has so far."""
        fallback = conversation or SOURCE_LANGUAGE
        text = typed_on_latin_keys(text) or text
        found = script(text)
        if found is None:
            return Identified(fallback, sure=False)
        if found in self._by_script:
            return self._by_script[found].identify(text, fallback, in_conversation=conversation is not None)
        if found == "other":
            return Identified(fallback, sure=False, foreign="und")
        return Identified(written_in(found)[0], sure=True, foreign=_neighbour(text) if found == "arabic" else None)


class _ScriptReader:
    """Tells the languages of one script apart, from the catalogue's texts in it: (folded text, tag)."""

    def __init__(self, name: str, learned: Iterable[tuple[str, str]], names: Iterable[str]) -> None:
        texts, tags = [text for text, _ in learned], [tag for _, tag in learned]
        known = Counter(tags)
        self._script = name
        self._own = frozenset(written_in(name)).intersection(tags)
        self._little_known = frozenset(tag for tag in written_in(name) if known[tag] < _ENOUGH_TEXTS)
        spoken: dict[str, set[str]] = {}
        for text, tag in zip(texts, tags, strict=True):
            for word in words(text):
                spoken.setdefault(word, set()).add(tag)
        self._spoken = spoken
        self._familiar = frozenset(spoken)
        # a name that only one language uses (an English alias) tells that language; one that all use tells nothing
        self._names = frozenset(word for word in names if len(spoken.get(word, ())) != 1)
        self._vectorizer = CountVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2)
        model = MultinomialNB(alpha=0.1).fit(self._vectorizer.fit_transform(texts), tags)
        self._tags = tuple(map(str, model.classes_))
        # (runs of letters, languages) and (languages,): what each run and each language adds to the logarithm of the chance
        self._telling = np.ascontiguousarray(model.feature_log_prob_.T)
        self._common = np.asarray(model.class_log_prior_)

    def _could_be(self, tag: str, telling: list[str]) -> bool:
        """Tell whether the language uses one of some words, or nobody is known to."""
        return any(tag in self._spoken.get(word, {tag}) for word in telling)

    def identify(self, text: str, fallback: str, *, in_conversation: bool) -> Identified:
        """Return the language of a text in this script; `fallback` is the conversation's or the default."""
        all_words = words(text)
        telling = [word for word in all_words if word not in self._names]
        if not telling or (len(all_words) == 1 and len(all_words[0]) <= 3):
            return Identified(fallback, sure=False)
        if in_conversation and fallback in self._little_known and _lingua_of_ours(text, self._script) == fallback:
            return Identified(fallback, sure=True)
        tag, certainty = self._likeliest(text, telling)
        familiar = sum(word in self._familiar for word in all_words) / len(all_words)
        if len(all_words) >= _MINIMUM_WORDS and familiar < _FAMILIAR_SHARE:
            other = _certain(text, self._script)
            if other in self._little_known:
                return Identified(other, sure=True)
            if other in _NEIGHBOURS.get(self._script, ()) and other not in ("nb", *LANGUAGES):
                return Identified(tag, sure=False, foreign=other)
        unclear = certainty < _CERTAINTY or (in_conversation and self._could_be(fallback, telling))
        if len(all_words) <= 2 and unclear:
            return Identified(fallback, sure=False)
        return Identified(tag, sure=True)

    def _likeliest(self, text: str, telling: list[str]) -> tuple[str, float]:
        """Return the language with the highest probability, and that. One that is usually written in another script must
        have more of the words to itself, or some in its letters: Danish names stand in its few texts here too."""
        # the same as scikit-learn's prediction without its checks, which take several times as long
        number_of = self._vectorizer.vocabulary_
        runs = [number_of[run] for run in self._vectorizer.build_analyzer()(fold(text)) if run in number_of]
        sums = self._telling[runs].sum(axis=0) + self._common
        chances = np.exp(sums - sums.max())
        probabilities = dict(zip(self._tags, map(float, chances / chances.sum()), strict=True))
        tag = max(probabilities, key=lambda one: probabilities[one])
        if tag in self._own or not self._own or LANGUAGES[tag].script in map(_script_of, text):
            return tag, probabilities[tag]
        telling = [word for word in telling if not word.isdigit()]
        only = sum(self._spoken.get(word) == {tag} for word in telling)
        ours = sum(not self._own.isdisjoint(self._spoken.get(word, ())) for word in telling)
        tag = tag if only > ours else max(self._own, key=lambda one: probabilities[one])
        return tag, probabilities[tag]


def script(text: str) -> str | None:
    """Return the script most letters of a text are in (`latin`, `arabic`, of the service's languages; `other`), or None for
    a text without letters."""
    counts: Counter[str] = Counter(map(_script_of, text))
    del counts[""]
    return counts.most_common(1)[0][0] if counts else None


@functools.lru_cache(maxsize=4096)
def _script_of(character: str) -> str:
    """Return the script of a letter; an empty text for anything else."""
    if not character.isalpha():
        return ""
    return _SCRIPTS.get(unicodedata.name(character, "").split(" ", 1)[0], "other")


def _neighbour(text: str) -> str | None:
    """Return `ur` or `fa` for a text in Arabic letters that is no Arabic, else None."""
    if _NOT_ARABIC.intersection(text):
        return "ur"
    if len(text.split()) < _MINIMUM_WORDS or not ({"ی", "ک", "پ", "ژ", "گ", "چ"} & set(text)):
        return None
    detected = _detector("arabic").detect_language_of(text)
    code = detected.iso_code_639_1.name.lower() if detected else "ar"
    return None if code == "ar" else code


def _certain(text: str, name: str) -> str | None:
    """Return the language that Lingua takes a text in a script for, if it is quite sure."""
    values = _detector(name).compute_language_confidence_values(text)
    if not values or values[0].value < _LINGUA_CERTAINTY:
        return None
    return str(values[0].language.iso_code_639_1.name.lower())


def _lingua_of_ours(text: str, name: str) -> str | None:
    """Return which language of the service Lingua takes a text in a script for, however unsure it is."""
    served = written_in(name)
    tags = (
        one.language.iso_code_639_1.name.lower() for one in _detector(name).compute_language_confidence_values(text)
    )
    return next((tag for tag in tags if tag in served), None)


@functools.cache
def _detector(name: str) -> LanguageDetector:
    tags = dict.fromkeys((*written_in(name), *_NEIGHBOURS.get(name, ())))
    codes = [code for tag in tags if (code := getattr(IsoCode639_1, tag.upper(), None)) is not None]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    # for Latin the small models: a tenth of the memory, and sure enough for whole sentences
    return (builder.with_low_accuracy_mode() if name == "latin" else builder).build()

"""One lemma or stem per word, by the way a language's gazetteer names: lookup, snowball, pymorphy3 or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

Lemmatiser = Callable[[str], str]
# Words are remembered as such, not who wrote them; the size bounds the memory.
_REMEMBERED = 20_000


class UnknownLemmatiserError(ValueError):
    """A gazetteer asks for a kind of lemmas that does not exist; the message lists those that do."""


def lemmatiser(tag: str, settings: Mapping[str, str]) -> Lemmatiser:
    """Return a function from a normalised word to its lemma. Raises UnknownLemmatiserError for another `kind`."""
    kind = settings.get("kind", "none")
    if kind not in _KINDS:
        raise UnknownLemmatiserError(f"{tag}.yml: lemmas.kind is {kind!r}; use one of {', '.join(sorted(_KINDS))}")
    return lru_cache(maxsize=_REMEMBERED)(_KINDS[kind](tag, settings))


def _none(_tag: str, _settings: Mapping[str, str]) -> Lemmatiser:
    return lambda word: word


def _lookup(tag: str, _settings: Mapping[str, str]) -> Lemmatiser:
    import spacy

    pipeline = spacy.blank(tag)
    pipeline.add_pipe("lemmatizer", config={"mode": "lookup"})
    pipeline.initialize()
    table = pipeline.get_pipe("lemmatizer").lookups.get_table("lemma_lookup")
    return lambda word: str(table.get(word, word))


def _snowball(_tag: str, settings: Mapping[str, str]) -> Lemmatiser:
    import snowballstemmer

    stem: Lemmatiser = snowballstemmer.stemmer(settings["algorithm"]).stemWord
    return stem


def _pymorphy(tag: str, _settings: Mapping[str, str]) -> Lemmatiser:
    import pymorphy3

    analyser = pymorphy3.MorphAnalyzer(lang=tag)

    def lemma(word: str) -> str:
        # Its dictionary has the typographic apostrophe's ASCII form, as our normalised text has.
        return str(analyser.parse(word)[0].normal_form) if word.isalpha() or "'" in word else word

    return lemma


_KINDS: dict[str, Callable[[str, Mapping[str, str]], Lemmatiser]] = {
    "none": _none,
    "lookup": _lookup,
    "snowball": _snowball,
    "pymorphy3": _pymorphy,
}

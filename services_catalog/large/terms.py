"""What an offer and a question are compared by in a large catalogue: base forms, parts of compounds, concepts.

They are named as the features of `question.py` are, so that a question is read in the same way for both engines. An offer's
texts are read in their own language only: the question is read in every language its script allows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from services_catalog.analysis import analyzer
from services_catalog.lexicon import Lexicon
from services_catalog.matching import offer_texts
from services_catalog.normalize import letter_skeleton, words
from services_catalog.offer import Offer
from services_catalog.question import Features
from services_catalog.ranking import Ranking

#: How much a term counts in a question, by its kind. Pairs of words and runs of letters gave half a point more of success@3
#: and are many more (docs/scaling.md).
_SHARES = {"word": 1.0, "part": 0.5, "concept": 1.0}
#: A need of an offer counts like so many mentions of it in the texts.
_NEED_COUNTS = 2


def offer_terms(offer: Offer, lexicon: Lexicon, weights: Ranking) -> Counter[str]:
    """Return how often each term stands in an offer's texts; its needs are among them."""
    by_language: dict[str, list[str]] = defaultdict(list)
    for tag, _, text in offer_texts(offer, weights):
        by_language[tag].append(text)
    found: Counter[str] = Counter()
    for tag, texts in by_language.items():
        found.update(_terms("\n".join(texts), tag, lexicon))
    for need in offer.needs:
        found[f"concept:need:{need}"] += _NEED_COUNTS
    return found


def _terms(text: str, tag: str, lexicon: Lexicon) -> Iterator[str]:
    reader = analyzer(tag)
    analysis = reader.analyze(words(text))
    for lemma in analysis.content:
        yield f"word:{lemma}"
    for concept in lexicon.concepts(analysis.lemmas, tag):
        yield f"concept:{concept}"
    for word in analysis.words:
        for part in reader.parts(word):
            yield f"part:{part}"


def question_terms(question: Features) -> dict[str, float]:
    """Return the terms of a question, with how much each counts."""
    return {name: share for name in question.names if (share := _SHARES.get(name.split(":", 1)[0])) is not None}


def names_of(offer: Offer) -> list[str]:
    """Return every name of an offer as it would sound, its words run together: `aktivebornifoerening`."""
    names = (offer.official_name, *offer.aliases, *(one.name for one in offer.texts.values()))
    return list(dict.fromkeys(filter(None, (run_together(words(name)) for name in names))))


def run_together(some: list[str]) -> str:
    """Return words as their letters sound, without the spaces between them."""
    return "".join(map(letter_skeleton, some))

"""A second, larger reading of the search: the example questions of the offers, each asked of an index that lacks it.

The examples are dealt into folds by their letters; for each fold an index is learned without it, and its questions are
asked. The only right answer is the offer that the example was written for, so the figures are lower than a resident
would see; what counts is whether they rise or fall.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services_catalog.catalogue import Catalogue
from services_catalog.search import SearchEngine

#: A fall by more than this in any language fails the check (a point, as a share).
TOLERANCE = 0.01

Figures = dict[str, dict[str, float]]


def cross_validate(
    catalogue: Catalogue, folds: int = 5, progress: Callable[[], None] = lambda: None, *, every: int = 1
) -> Figures:
    """Return success@1 and success@3 per language over the examples of all folds.

    `every` asks only each n-th question of a fold, for a quicker reading. Raises ValueError for fewer than two folds.
    """
    if folds < 2:
        raise ValueError("a cross-validation needs at least two folds")
    found: dict[str, dict[str, list[bool]]] = {"success@1": defaultdict(list), "success@3": defaultdict(list)}
    identifier = None
    for fold in range(folds):
        engine = SearchEngine(without_examples(catalogue, fold, folds), identifier=identifier)
        identifier = engine.identifier
        for number, (offer_id, tag, text) in enumerate(_examples(catalogue, fold, folds)):
            if number % every:
                continue
            ids = [hit.offer.id for hit in engine.search(text, language=tag, staff=True, limit=3).hits]
            found["success@1"][tag].append(ids[:1] == [offer_id])
            found["success@3"][tag].append(offer_id in ids)
        progress()
    return {
        name: {tag: round(sum(some) / len(some), 4) for tag, some in sorted(by_language.items())}
        for name, by_language in found.items()
    }


def across_languages(
    catalogue: Catalogue,
    rows: Sequence[Mapping[str, Any]],
    parts: int = 4,
    progress: Callable[[], None] = lambda: None,
) -> Figures:
    """Return success@3 of questions whose answers have lost all their texts in the language that is asked.

    `rows` hold `lang`, `text` and `gold`. The questions of a language are dealt into `parts`; for each, the texts in that
    language of all offers that answer them are taken out and everything is learned anew.
    """
    found: dict[str, list[bool]] = defaultdict(list)
    identifier = None
    for tag in sorted({str(row["lang"]) for row in rows}):
        for part in range(parts):
            asked = [row for row in rows if row["lang"] == tag and _fold(row["text"], parts) == part]
            answers = {offer_id for row in asked for offer_id in row["gold"]}
            engine = SearchEngine(_without_language(catalogue, tag, answers), identifier=identifier)
            identifier = engine.identifier
            for row in asked:
                ids = {hit.offer.id for hit in engine.search(row["text"], language=tag, staff=True, limit=3).hits}
                found[tag].append(bool(ids & set(row["gold"])))
            progress()
    return {"success@3": {tag: round(sum(some) / len(some), 4) for tag, some in found.items()}}


def _without_language(catalogue: Catalogue, language: str, offer_ids: Collection[str]) -> Catalogue:
    offers = {
        key: offer.model_copy(update={"texts": {tag: one for tag, one in offer.texts.items() if tag != language}})
        if key in offer_ids
        else offer
        for key, offer in catalogue.offers.items()
    }
    return replace(catalogue, offers=offers)


def falls(figures: Figures, baseline: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return a sentence for each figure that is more than TOLERANCE below its baseline."""
    return [
        f"{name} in {tag} fell from {before:.3f} to {figures[name].get(tag, 0.0):.3f}"
        for name, by_language in baseline.items()
        for tag, before in by_language.items()
        if figures[name].get(tag, 0.0) < before - TOLERANCE
    ]


def without_examples(catalogue: Catalogue, fold: int, folds: int) -> Catalogue:
    """Return the catalogue without the example questions of one fold."""
    offers = {
        key: offer.model_copy(
            update={
                "texts": {
                    tag: texts.model_copy(
                        update={"examples": tuple(one for one in texts.examples if _fold(one, folds) != fold)}
                    )
                    for tag, texts in offer.texts.items()
                }
            }
        )
        for key, offer in catalogue.offers.items()
    }
    return replace(catalogue, offers=offers)


def _examples(catalogue: Catalogue, fold: int, folds: int) -> Iterator[tuple[str, str, str]]:
    for offer in catalogue.published:
        if offer.availability.recommendable:
            for tag, texts in offer.texts.items():
                for text in texts.examples:
                    if _fold(text, folds) == fold:
                        yield offer.id, tag, text


def _fold(text: str, folds: int) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % folds

"""From an offer to what it rests on, and from a document, a page or a policy to everything that rests on it.

When a policy is renewed, the second question says what must be read again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from services_catalog.catalogue import Catalogue
from services_catalog.errors import CatalogueError
from services_catalog.offer import Offer, Source
from services_catalog.records import Policy

#: "2023-26", "2011–2014": a period in the name of a policy.
_PERIOD = re.compile(r"\b((?:19|20)\d\d)\s*[-–]\s*((?:19|20)?\d\d)\b")
_CENTURY = 100


class NoSuchSource(CatalogueError):
    """Nothing in the catalogue rests on a document, page or policy of that name."""


@dataclass(frozen=True)
class Ground:
    """One source of an offer and the fields that name it (`eligibility.0`, `access`); none: it stands behind the texts."""

    source: Source
    supports: tuple[str, ...]


@dataclass(frozen=True)
class Resting:
    """Something that rests on a document, page or policy, and the words it rests on.

    `via` is the id of the contact fact through which an offer rests on a page. `quote` is None where an offer names a
    policy without a passage of its documents.
    """

    kind: Literal["offer", "policy", "fact"]
    id: str
    name: str
    section: str | None = None
    quote: str | None = None
    via: str | None = None


@dataclass(frozen=True)
class Ending:
    """A policy whose period ends, the year in which it does, and the offers that come from it or from a plan under it."""

    policy: Policy
    year: int
    offers: tuple[Offer, ...]


def sources_of(offer: Offer) -> list[Ground]:
    """Return what an offer rests on, in the order of its sources."""
    stated = [(f"eligibility.{number}", one.source) for number, one in enumerate(offer.eligibility)]
    stated += [(f"service_languages.{number}", one.source) for number, one in enumerate(offer.service_languages)]
    stated += [(field, one.source) for field, one in (("access", offer.access), ("cost", offer.cost)) if one.source]
    return [Ground(one, tuple(field for field, source in stated if source == one.id)) for one in offer.sources]


def resting_on(catalogue: Catalogue, name: str) -> list[Resting]:
    """Return every policy, fact and offer that rests on a document (its file name), a page (its address) or a policy (its
    id), a line for each passage. Raises NoSuchSource."""
    found = list(_on_policy(catalogue, name) if name in catalogue.policies else _on_document(catalogue, name))
    if not found and name not in catalogue.policies:
        raise NoSuchSource(
            f"Nothing rests on {name!r}. The documents are {', '.join(documents(catalogue))}; a page is named by its whole "
            "address, a policy by its id."
        )
    return found


def documents(catalogue: Catalogue) -> list[str]:
    """Return the file names of the documents that offers and policies quote."""

    def quoted() -> list[str]:
        of_policies = {source["file"] for policy in catalogue.policies.values() for source in policy.sources}
        return sorted(of_policies.union(*(one.files for one in catalogue.outlines.values())))

    return catalogue.once("documents", quoted)


def ending(catalogue: Catalogue, year: int) -> list[Ending]:
    """Return the policies whose period, read from their name ("2023-26"), ends by a year, the latest first."""
    found = []
    for policy in catalogue.policies.values():
        last = last_year(policy)
        if last is not None and last <= year:
            family = _family(catalogue, policy.id)
            offers = [offer for offer in _naming(catalogue, family) if family.intersection(offer.policies)]
            found.append(Ending(policy, last, tuple(offers)))
    return sorted(found, key=lambda one: -one.year)


def last_year(policy: Policy) -> int | None:
    """Return the year in which the period in a policy's name ends; None when the name has none."""
    period = _PERIOD.search(policy.name)
    if period is None:
        return None
    first, last = int(period[1]), int(period[2])
    if last >= _CENTURY:
        return last
    full = first - first % _CENTURY + last
    return full if full >= first else full + _CENTURY


def _naming(catalogue: Catalogue, ids: Collection[str]) -> Iterator[Offer]:
    """Yield the offers that name any of some records, in the order of their ids."""
    return (catalogue.offers[one] for one in sorted(catalogue.outlines.referring(ids)))


def _family(catalogue: Catalogue, policy_id: str) -> set[str]:
    """Return a policy and every plan under it."""
    family = {policy_id}
    while under := {one.id for one in catalogue.policies.values() if one.parent in family} - family:
        family |= under
    return family


def _on_policy(catalogue: Catalogue, policy_id: str) -> Iterator[Resting]:
    family = _family(catalogue, policy_id)
    for plan_id in sorted(family - {policy_id}):
        yield from _policy_passages(catalogue.policies[plan_id], catalogue.policies[plan_id].sources)
    files = {source["file"] for one in family for source in catalogue.policies[one].sources}
    for offer in _naming(catalogue, family):
        if family.intersection(offer.policies):
            passages = [source for source in offer.sources if source.file in files]
            yield from _passages(offer, passages) if passages else [Resting("offer", offer.id, offer.official_name)]


def _on_document(catalogue: Catalogue, name: str) -> Iterator[Resting]:
    for policy in catalogue.policies.values():
        yield from _policy_passages(policy, (source for source in policy.sources if source["file"] == name))
    # a fact may name a page by its address, or a document within a remark ("seeds/004_….txt (letterhead, 2014)")
    inside = name in documents(catalogue)
    facts = {
        fact.id: fact
        for fact in catalogue.facts.values()
        if fact.source_address == name or (inside and name in (fact.source_address or ""))
    }
    for fact in facts.values():
        yield Resting("fact", fact.id, f"{fact.topic}, {fact.fact}", quote=fact.seen_text)
    for one in sorted(catalogue.outlines.values(), key=lambda one: one.id):
        if name not in one.files and facts.keys().isdisjoint(one.facts):
            continue
        offer = catalogue.offers[one.id]
        yield from _passages(offer, (source for source in offer.sources if source.file == name))
        for source in offer.sources:
            if source.fact in facts:
                quote = facts[source.fact].seen_text
                yield Resting("offer", offer.id, offer.official_name, quote=quote, via=source.fact)


def _policy_passages(policy: Policy, sources: Iterable[dict[str, str]]) -> Iterator[Resting]:
    for source in sources:
        yield Resting("policy", policy.id, policy.name, source.get("section"), source.get("quote"))


def _passages(offer: Offer, sources: Iterable[Source]) -> Iterator[Resting]:
    for source in sources:
        yield Resting("offer", offer.id, offer.official_name, source.section, source.quote)

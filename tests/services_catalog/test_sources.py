"""The catalogue against the documents it comes from, where they are at hand."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from services_catalog.catalogue import Catalogue
from services_catalog.crisis import FOLDER as CRISIS_FOLDER
from services_catalog.crisis_detector import read_sentences
from services_catalog.normalize import words
from services_catalog.scope import read_foreign_questions

SHARED = Path(__file__).resolve().parents[3] / "shared"
SEEDS = SHARED / "seeds"
#: Two texts share at most this part of their words by chance.
MOST_ALIKE = 0.75
needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="the source documents are not at hand (../shared/seeds)")


@pytest.fixture(scope="module")
def inventory() -> dict[str, dict[str, object]]:
    rows = yaml.safe_load((SEEDS / "offers_inventory.yaml").read_text(encoding="utf-8"))["items"]
    return {row["id"]: row for row in rows}


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@needs_seeds
def test_every_quote_stands_in_its_document_to_the_letter(catalogue: Catalogue) -> None:
    documents = {path.name: squeezed(path.read_text(encoding="utf-8")) for path in SEEDS.glob("*.txt")}
    quotes = [
        (offer.id, source.file, source.quote)
        for offer in catalogue.offers.values()
        for source in offer.sources
        if source.file is not None and source.quote is not None
    ]
    quotes += [(one.id, one_source["file"], one_source["quote"]) for one in catalogue.policies.values()
               for one_source in one.sources]  # fmt: skip
    assert len(quotes) > 150
    assert [(where, quote) for where, file, quote in quotes if squeezed(quote) not in documents[file]] == []


@needs_seeds
def test_every_row_of_the_inventory_is_there_under_its_id(
    catalogue: Catalogue, inventory: dict[str, dict[str, object]]
) -> None:
    policies = {name for name, row in inventory.items() if row["kind"] == "plan_or_policy"}
    assert set(catalogue.policies) == policies
    assert set(catalogue.offers) == set(inventory) - policies
    assert (len(policies), len(catalogue.offers)) == (46, 153)


@needs_seeds
def test_kind_and_availability_are_the_inventorys(
    catalogue: Catalogue, inventory: dict[str, dict[str, object]]
) -> None:
    for offer in catalogue.offers.values():
        row = inventory[offer.id]
        assert (offer.kind.value, offer.availability.value) == (row["kind"], row["status"]), offer.id


@needs_seeds
def test_every_contact_fact_keeps_its_status_and_value(catalogue: Catalogue) -> None:
    rows = yaml.safe_load((SEEDS / "contact_facts.yaml").read_text(encoding="utf-8"))
    known = {(one.topic, one.fact, one.status.value, str(one.value)) for one in catalogue.facts.values()}
    missing = [
        (row["topic"], row["fact"])
        for row in rows
        if row["group"] in "AB" and (row["topic"], row["fact"], row["status"], str(row["value"])) not in known
    ]
    assert missing == []


def texts_people_read(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for offer in catalogue.offers.values():
        for tag, texts in offer.texts.items():
            for field, value in texts.model_dump(exclude={"keywords", "examples"}).items():
                if isinstance(value, str):
                    yield f"{offer.id}.{tag}.{field}", value


def test_no_text_holds_a_number_that_is_not_a_shown_fact(catalogue: Catalogue) -> None:
    hidden = {
        re.sub(r"\D", "", number)
        for fact in catalogue.facts.values()
        if not fact.status.shown and fact.value
        for number in re.findall(r"\d{2} ?\d{2} ?\d{2} ?\d{2}", fact.value)
    }
    assert hidden
    shown = [(where, text) for where, text in texts_people_read(catalogue)
             if hidden & {re.sub(r"\D", "", one) for one in re.findall(r"\d{2} ?\d{2} ?\d{2} ?\d{2}", text)}]  # fmt: skip
    assert shown == []


@pytest.mark.skipif(not (SHARED / "eval").is_dir(), reason="the sample questions are not at hand (../shared/eval)")
def test_no_sample_question_stands_in_the_projects_data(catalogue: Catalogue) -> None:
    texts = [
        *(
            example
            for offer in catalogue.offers.values()
            for one in offer.texts.values()
            for example in (*one.examples, *one.keywords)
        ),
        *(question for one in catalogue.questions.values() for some in one.questions.values() for question in some),
        *(question for _, question in read_foreign_questions()),
        *(sentence.text for sentence in read_sentences(CRISIS_FOLDER / "sentences")),
    ]
    for path in (Path(__file__).resolve().parents[2] / "data").rglob("*.yml"):
        texts += [line.strip().removeprefix("- ") for line in path.read_text(encoding="utf-8").splitlines()]
    ours = {frozenset(words(text)) for text in texts}
    samples = [
        json.loads(line)["text"]
        for path in sorted((SHARED / "eval" / "dev").glob("*.jsonl"))
        if "dialogues" not in path.name
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    holding: dict[str, list[frozenset[str]]] = defaultdict(list)
    for one in ours:
        for word in one:
            holding[word].append(one)
    copied = []
    for text in samples:
        asked = frozenset(words(text))
        if len(asked) <= 2:
            continue
        # a question counts as copied when most of its words stand in one text of ours and little else does; such a text
        # holds one of its rarest words, for it may lack a quarter of them at most
        rarest = sorted(asked, key=lambda word: len(holding[word]))[: len(asked) // 4 + 1]
        candidates = [one for word in rarest for one in holding[word]]
        alike = max((len(asked & one) / len(asked | one) for one in candidates), default=0.0)
        if alike > MOST_ALIKE or (len(asked) <= 4 and asked in ours):
            copied.append((round(alike, 2), text))
    assert copied == []

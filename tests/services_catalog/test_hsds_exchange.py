"""The catalogue as HSDS JSON and back, drafts from the services of others, and the tabular data package."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.errors import RecordInvalid
from services_catalog.hsds.exchange import EXTENSION, hsds_export, hsds_import
from services_catalog.hsds.objects import identifier
from services_catalog.hsds.tabular import TABLES, data_package, description
from services_catalog.offer import Audience, Availability, Publication
from services_catalog.records import FactStatus
from tests.conftest import SHARED
from tests.contracts.test_hsds import check, needs_schemas

HOSTILE = 'مرحبا "<script>alert(1)</script>"\n=HYPERLINK("x")\t\\u0000 \u2066ø\u2069 🙂'
FOREIGN = {
    "id": "ac148810-d857-441c-9679-408f346de14b",
    "name": "Community Counselling Århus",
    "alternate_name": "MyCity Counselling",
    "description": "Counselling by trained people. " * 60,
    "status": "temporarily closed",
    "url": "https://example.com/counselling",
    "email": "email@example.com",
    "application_process": "Ring us.",
    "fees_description": "No fees.",
    "eligibility_description": "For everybody over 12.",
    "interpretation_services": "Urdu and Polish",
    "minimum_age": 12.0,
    "maximum_age": 100,
    "assured_date": "2024-01-31",
    "accreditations": "Checked by the BASC",
    "organization": {"id": "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "name": "MyCity", "description": "A charity"},
    "phones": [{"id": "1554f2e2-a373-45db-a3fa-9fc48a61c15e", "number": "+44 1234 234567", "description": "Reception"}],
    "schedules": [{"id": "48f10e0f-0a8e-4b2f-8c94-5a8c2b0c0f11", "byday": "MO,TU", "opens_at": "09:00", "closes_at": "16:00"}],
    "languages": [{"id": "6f1e2f0a-3c77-4b3e-8f2e-8d6a5d3b9c11", "code": "ukr"}, {"id": "x", "name": "Sign language"}],
    "cost_options": [{"id": "0f1e2f0a-3c77-4b3e-8f2e-8d6a5d3b9c12", "amount": 0, "currency": "GBP"}],
    "required_documents": [{"id": "2f1e2f0a-3c77-4b3e-8f2e-8d6a5d3b9c13", "document": "Passport"}],
    "attributes": [{"id": "a", "taxonomy_term": {"id": "b", "name": "Counselling", "description": "Counselling"}}],
    "service_at_locations": [
        {"id": "c", "location": {"id": "d", "location_type": "physical", "addresses": [
            {"address_1": "1 High Street", "city": "MyCity", "postal_code": "MC1 1AA"}]}}
    ],
    "service_areas": [{"id": "e", "name": "MyCity"}],
}  # fmt: skip


def again(document: Any) -> Any:
    """Return a document as another program would pass it on: other order, other spaces."""
    return json.loads(json.dumps(document, sort_keys=True, indent=1))


@pytest.fixture(scope="module")
def rich(catalogue: Catalogue) -> Catalogue:
    """The real catalogue with a draft, an archived offer, hostile texts and moments of publication."""
    offer = catalogue.offers["muhabet"]
    texts = {tag: one.model_copy(update={"summary": HOSTILE}) for tag, one in offer.texts.items() if tag != "uk"}
    changed = {
        "muhabet": offer.model_copy(update={"publication": Publication.DRAFT, "texts": texts}),
        "danskuddannelse": catalogue.offers["danskuddannelse"].model_copy(
            update={"publication": Publication.ARCHIVED, "owner": "editor@example.org"}
        ),
    }
    moments = {"cbus": dt.datetime(2026, 11, 30, 10, 0, 0, 123456, tzinfo=dt.UTC)}
    return dataclasses.replace(catalogue, offers=dict(catalogue.offers) | changed, version=7, modified=moments)


@pytest.mark.parametrize("language", ["da", "ar"])
def test_the_catalogue_comes_back_as_it_was(rich: Catalogue, language: str) -> None:
    document = hsds_export(rich, language=language)
    back = hsds_import(again(document))
    assert back == rich
    assert list(back.offers) == list(rich.offers)
    assert list(back.needs) == list(rich.needs)


@needs_schemas
def test_every_exported_service_is_hsds(rich: Catalogue) -> None:
    for document in (hsds_export(rich), hsds_export(rich, lossless=False)):
        check("service", *document["services"])
        check("organization_list", *document["organizations"])
        check("taxonomy_term", *document["taxonomy_terms"])


def test_what_is_passed_on_holds_only_what_everybody_may_see(rich: Catalogue) -> None:
    document = hsds_export(rich, lossless=False)
    shown = [one for one in rich.published if one.audience is not Audience.STAFF]
    assert len(document["services"]) == len(shown)
    text = json.dumps(document)
    assert EXTENSION not in text
    assert "editor@example.org" not in text


def test_a_service_without_a_website_leads_to_its_page(catalogue: Catalogue) -> None:
    services = hsds_export(catalogue, language="uk", lossless=False, public_url="https://vejviser.example/")["services"]
    addresses = {one["id"]: one["url"] for one in services}
    assert addresses[identifier("service", "muhabet")] == "https://vejviser.example/uk/offers/muhabet"
    assert addresses[identifier("service", "kringlebakken")] == "https://kringlebakken.dk"


def test_a_service_that_was_changed_outside_is_refused_and_named(catalogue: Catalogue) -> None:
    document = again(hsds_export(catalogue))
    document["services"][3]["name"] = "Another name"
    with pytest.raises(RecordInvalid) as refused:
        hsds_import(document, origin="theirs.json")
    (problem,) = refused.value.problems
    assert (problem.path, problem.field) == ("theirs.json", "services.3")
    assert EXTENSION in problem.message
    del document["services"][3][EXTENSION]
    drafts = [one for one in hsds_import(document).offers.values() if one.publication is Publication.DRAFT]
    assert [one.official_name for one in drafts] == ["Another name"]
    assert drafts[0].provider in catalogue.organisations


def test_every_broken_record_is_named(catalogue: Catalogue) -> None:
    document = again(hsds_export(catalogue))
    document["services"][0][EXTENSION]["offer"]["kind"] = "coupon"
    document["services"][2] = document["services"][1]
    document[EXTENSION]["records"]["needs"][0]["labels"] = 5
    with pytest.raises(RecordInvalid) as refused:
        hsds_import(document)
    assert [one.field for one in refused.value.problems] == [
        f"{EXTENSION}.records.needs.0.labels",
        f"services.0.{EXTENSION}.offer.kind",
        "services.2.id",
    ]


def test_the_service_of_others_becomes_a_draft_that_says_what_it_says() -> None:
    catalogue = hsds_import([FOREIGN], language="en", origin="mycity.json")
    (offer,) = catalogue.offers.values()
    texts = offer.texts["en"]
    assert offer.id == "community-counselling-aarhus"
    assert (offer.publication, offer.audience) == (Publication.DRAFT, Audience.RESIDENT)
    assert offer.availability is Availability.TIME_LIMITED
    assert (texts.how, texts.cost, texts.who) == ("Ring us.", "No fees.", "For everybody over 12.")
    assert (texts.when, texts.documents, texts.languages) == ("MO,TU 09:00-16:00", "Passport", "Urdu and Polish")
    assert texts.keywords == ("Counselling",)
    assert [one.tag for one in offer.service_languages] == ["interpreter", "uk"]
    (age,) = offer.eligibility
    assert (age.criterion, age.minimum, age.maximum) == ("age", 12, 100)  # type: ignore[union-attr]
    assert offer.cost.kind == "free"
    assert offer.aliases == ("MyCity Counselling",)
    assert offer.assured_on == dt.date(2024, 1, 31)
    assert catalogue.organisations[offer.provider].name == "MyCity"
    assert offer.sources[0].quote == FOREIGN["description"].strip()  # type: ignore[union-attr]
    assert texts.summary.endswith("…")
    assert len(texts.summary) <= 1200


def test_what_has_no_place_in_an_offer_is_kept_for_the_editors() -> None:
    (offer,) = hsds_import([FOREIGN]).offers.values()
    notes = "\n".join(offer.editor_notes)
    for kept in (
        "BASC",
        FOREIGN["id"],
        "temporarily closed",
        "Sign language",
        '"name": "MyCity"',
        FOREIGN["description"],
    ):
        assert str(kept).strip() in notes


def test_what_others_say_of_phones_and_places_is_not_shown_before_somebody_checked_it() -> None:
    catalogue = hsds_import([FOREIGN])
    (offer,) = catalogue.offers.values()
    facts = {fact.fact: fact for fact in catalogue.facts.values()}
    assert facts["phone"].phone == "+44 1234 234567"
    assert facts["address"].address == "1 High Street, MC1 1AA MyCity"
    assert (facts["web"].web, facts["email"].email) == (FOREIGN["url"], FOREIGN["email"])
    assert {fact.status for fact in facts.values()} == {FactStatus.UNVERIFIED}
    assert {source.fact for source in offer.sources} - {None} == set(catalogue.facts)
    assert catalogue.shown_facts(offer) == ()


def test_little_is_enough_and_nothing_is_added_to_it() -> None:
    (offer,) = hsds_import({"name": "X", "status": "active", "organization": {"name": "Y"}}).offers.values()
    assert (offer.access.route, offer.cost.kind, offer.eligibility) == ("unknown", "unknown", ())
    assert offer.editor_notes == ()
    assert (offer.texts["da"].name, offer.texts["da"].summary) == ("X", "X")


def test_every_form_in_which_services_are_given_is_read() -> None:
    service = {"id": "1", "name": "X", "status": "active", "organization_id": "2"}
    organization = {"id": "2", "name": "Y", "description": "Y"}
    forms = (
        {"services": [service], "organizations": [organization]},
        {"contents": [service | {"organization": organization}], "total_items": 1},
        [service | {"organization": organization}],
        service | {"organization": organization},
        {"organizations": [organization | {"services": [service]}]},
    )
    for form in forms:
        catalogue = hsds_import(form)
        assert [one.official_name for one in catalogue.offers.values()] == ["X"]
        assert [one.name for one in catalogue.organisations.values()] == ["Y"]


def test_services_of_one_name_become_two_offers() -> None:
    one = {"name": "مركز", "status": "active", "organization": {"id": "2", "name": "Y"}}
    catalogue = hsds_import([one | {"id": "11"}, one | {"id": "12"}, one | {"name": "Y", "id": "13"}])
    assert list(catalogue.offers) == ["service-11", "service-12", "y"]
    assert list(catalogue.organisations) == ["y"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"description": ["a"]}, "description"),
        ({"organization": None}, "organization"),
        ({"organization": "MyCity"}, "organization"),
        ({"organization": {"id": "1"}}, "organization.name"),
        ({"minimum_age": 5.5}, "minimum_age"),
        ({"minimum_age": "12"}, "minimum_age"),
        ({"minimum_age": float("nan")}, "minimum_age"),
        ({"maximum_age": 5}, "minimum_age"),
        ({"assured_date": "last week"}, "assured_date"),
        ({"phones": {"number": "1"}}, "phones"),
        ({"phones": [{"number": 112}]}, "phones.0.number"),
        ({"schedules": ["monday"]}, "schedules"),
        ({EXTENSION: 5}, EXTENSION),
    ],
)
def test_what_is_wrong_is_named_with_its_place(change: dict[str, Any], field: str) -> None:
    with pytest.raises(RecordInvalid) as refused:
        hsds_import({"services": [FOREIGN | {"id": "1"}, FOREIGN | change]}, origin="mycity.json")
    assert f"services.1.{field}" in [one.field for one in refused.value.problems]
    assert {one.path for one in refused.value.problems} == {"mycity.json"}


@pytest.mark.parametrize("data", [None, 5, "services", [], {}, [1], {"services": 5}, {"contents": []}, {EXTENSION: []}])
def test_what_is_no_hsds_is_refused(data: object) -> None:
    with pytest.raises(RecordInvalid):
        hsds_import(data)


def read(package: bytes) -> tuple[dict[str, Any], dict[str, list[dict[str, str]]]]:
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        told = json.loads(file.read("datapackage.json"))
        assert set(file.namelist()) == {"datapackage.json", *(one["path"] for one in told["resources"])}
        return told, {
            one["name"]: list(csv.DictReader(io.StringIO(file.read(one["path"]).decode(), newline="")))
            for one in told["resources"]
        }


def test_the_package_holds_what_its_description_says(catalogue: Catalogue) -> None:
    told, tables = read(data_package(catalogue, language="en"))
    for resource in told["resources"]:
        schema, rows = resource["schema"], tables[resource["name"]]
        assert rows, resource["name"]
        columns = [one["name"] for one in schema["fields"]]
        assert list(rows[0]) == columns
        keys = [row["id"] for row in rows]
        assert len(set(keys)) == len(keys)
        required = [one["name"] for one in schema["fields"] if one.get("constraints", {}).get("required")]
        assert [row for row in rows if not all(row[name] for name in required)] == []
        for key in schema["foreignKeys"]:
            there = {row["id"] for row in tables[key["reference"]["resource"] or resource["name"]]}
            assert {row[key["fields"]] for row in rows} - {""} <= there, (resource["name"], key)
        for number in (one["name"] for one in schema["fields"] if one["type"] == "number"):
            assert all(float(row[number]) >= 0 for row in rows if row[number])


def test_the_cells_are_the_fields_of_the_services(catalogue: Catalogue) -> None:
    offer = catalogue.offers["muhabet"]
    texts = {"da": offer.texts["da"].model_copy(update={"summary": HOSTILE, "good_to_know": None})}
    offers = dict(catalogue.offers) | {"muhabet": offer.model_copy(update={"texts": texts})}
    changed = dataclasses.replace(catalogue, offers=offers)
    _, tables = read(data_package(changed))
    services = {row["id"]: row for row in tables["service"]}
    for service in hsds_export(changed, lossless=False)["services"]:
        row = services[service["id"]]
        assert {name: text for name, text in row.items() if text} == {
            name: str(value) for name, value in service.items() if name in row
        }
    assert HOSTILE in [row["description"] for row in tables["service"]]
    assert data_package(changed) == data_package(changed)


@needs_schemas
@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_the_tables_are_those_of_hsds(version: str) -> None:
    known: dict[str, dict[str, Any]] = {}

    def collect(schema: dict[str, Any]) -> None:
        schema = schema.get("items", schema)
        if "datapackage_metadata" in schema:
            known[schema["name"]] = schema
        for inner in schema.get("properties", {}).values():
            collect(inner)

    for name in ("service", "organization", "service_at_location"):
        collect(json.loads((SHARED / "hsds" / version / f"{name}.json").read_text()))
    for resource in description("da")["resources"]:
        schema = known[resource["name"]]
        assert resource["path"] == schema["path"]
        fields = {one["name"]: one for one in resource["schema"]["fields"]}
        for name, column in fields.items():
            told = schema["properties"][name]
            assert column["type"] == told.get("datapackage_type", told["type"]), (resource["name"], name)
        required = {name for name, one in fields.items() if one.get("constraints", {}).get("required")}
        assert required >= set(schema.get("required", ())) | set(schema.get("tabular_required", ()))
    assert len(TABLES) == len(description("da")["resources"])

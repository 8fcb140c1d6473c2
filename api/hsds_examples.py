"""The answers that the OpenAPI description shows for `/hsds`; a test holds them against the HSDS schemas."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ROOT: Json = {
    "version": "3.0",
    "profile": "https://docs.openreferral.org/en/latest/hsds/",
    "openapi_url": "https://vejviser.example/api/v1/openapi.json",
}

ORGANIZATION: Json = {
    "id": "8b6a2f0c-53a1-5d0f-9f0e-6f3c0f6f2a11",
    "name": "Kultur- og Fritidsforvaltningen",
    "description": "The municipality's administration for culture, leisure and libraries",
}

SERVICE: Json = {
    "id": "1f7a4c52-0c1d-5a1e-8f57-0d5e0a6f4b22",
    "organization_id": ORGANIZATION["id"],
    "name": "Help with the membership fee",
    "alternate_name": "Kontingentstøtte",
    "description": "Help to pay for a child's sport or club.",
    "status": "active",
    "maximum_age": 17,
    "assured_date": "2023-05-01",
    "last_modified": "2023-05-01T00:00:00.000Z",
    "organization": ORGANIZATION,
}

TAXONOMY: Json = {
    "id": "6d6d52a5-3c1e-5a0f-8f6a-1c2b0f9d7e33",
    "name": "Needs",
    "description": "What a person needs, in the words of ordinary people.",
}

TERM: Json = {
    "id": "0a9d3c1e-7b52-5f0e-9a41-5d1c0b8e6f44",
    "code": "afford-club-fee",
    "name": "Pay for a child's club",
    "description": "Leisure › Pay for a child's club",
    "taxonomy": "Needs",
    "taxonomy_id": TAXONOMY["id"],
    "language": "en",
}

FULL_TERM: Json = TERM | {"taxonomy_detail": TAXONOMY}

FULL_SERVICE: Json = SERVICE | {
    "attributes": [
        {
            "id": "3c5f1e0a-9d7b-5a4e-8c16-2b0f7d1e9a55",
            "link_id": SERVICE["id"],
            "link_type": "need",
            "link_entity": "service",
            "taxonomy_term_id": TERM["id"],
            "taxonomy_term": TERM,
        }
    ]
}

FULL_ORGANIZATION: Json = ORGANIZATION | {
    "services": [{name: value for name, value in SERVICE.items() if name != "organization"}]
}

AT_LOCATION: Json = {
    "id": "7e1b9d3c-2f5a-5c0e-8a64-9b0d4f1c6e66",
    "service_id": SERVICE["id"],
    "location_id": "5a0c7e1f-4b9d-5e3a-9c28-1d6f0b8a7c77",
    "description": "The advice is at Nyropsgade 7.",
    "location": {
        "id": "5a0c7e1f-4b9d-5e3a-9c28-1d6f0b8a7c77",
        "location_type": "physical",
        "name": "Nyropsgade 7, 1602 København V",
    },
    "service": SERVICE,
}


def page(example: Json) -> Json:
    """Return a page that holds one object."""
    return {
        "total_items": 1,
        "total_pages": 1,
        "page_number": 1,
        "page": 1,
        "per_page": 50,
        "size": 1,
        "first_page": True,
        "last_page": True,
        "empty": False,
        "contents": [example],
    }

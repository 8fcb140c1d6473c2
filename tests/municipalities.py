"""Small municipalities for the tests: folders as an operator makes them, with a few offers of the project's as their own."""

from __future__ import annotations

from pathlib import Path

import yaml

from services_catalog.municipality_folder import NewMunicipality, make_folder
from services_catalog.seed import SEED_FOLDER

AARHUS = NewMunicipality(
    "aarhus", "Aarhus Kommune", ("aarhus.localhost",), "89 40 20 00", "https://aarhus.dk/kontakt", ("aarhus", "århus"),
    ("da", "en"),
)  # fmt: skip
ODENSE = NewMunicipality(
    "odense", "Odense Kommune", ("odense.localhost",), "66 13 13 72", "https://odense.dk/kontakt", ("odense",)
)

#: Of each, the offers that it has: an offer of the project's, and the name it has there.
OFFERS = {
    "aarhus": {"danskuddannelse": "Dansk på Bispehaven", "kontingentstoette": "Kontingentfonden Midt"},
    "odense": {"danskuddannelse": "Dansk i Vollsmose", "lektiecafeer": "Lektier ved Åen"},
}


def make(root: Path, new: NewMunicipality) -> Path:
    """Make the folder of a municipality and put its offers into it."""
    folder = make_folder(root, new)
    for offer_id, name in OFFERS[new.slug].items():
        offer = yaml.safe_load((SEED_FOLDER / "offers" / f"{offer_id}.yml").read_text(encoding="utf-8"))
        offer |= {"provider": f"{new.slug}-kommune", "official_name": name, "aliases": [], "policies": [], "owner": ""}
        offer["sources"] = [one for one in offer["sources"] if "fact" not in one]
        for field in ("parent", "partners", "alternatives", "eligibility", "service_languages", "cost"):
            offer.pop(field, None)  # they rest on facts and districts of Copenhagen
        for texts in offer["texts"].values():
            texts["name"] = name
        path = folder / "offers" / f"{offer_id}.yml"
        path.write_text(yaml.safe_dump(offer, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder

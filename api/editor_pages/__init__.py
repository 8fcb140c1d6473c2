"""The editors' room: the catalogue's keepers see what waits for them, write, translate, try, publish and look back."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.editor_pages import (
    audit,
    demand,
    exchange,
    figures,
    form,
    offers,
    records,
    revisions,
    sources,
    start,
    steps,
    translations,
    users,
)
from api.well_formed import well_formed

router = APIRouter(dependencies=[Depends(well_formed)])
for _room in (
    start, offers, form, steps, revisions, records, translations, demand, figures, sources, exchange, audit, users,
):  # fmt: skip
    router.include_router(_room.router)

"""The action server's line to the catalogue: HTTP on loopback, one kept connection, a shared secret."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import httpx

#: Seconds the catalogue may take; a search takes some milliseconds.
_TIMEOUT = 3.0


class CatalogueClient:
    """Asks the api's internal addresses. Every method raises httpx.HTTPError when the catalogue does not answer, which
    Rasa reports to the api, which then answers from search alone."""

    def __init__(self, base_url: str, secret: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{base_url}/internal",
            headers={"X-Vejviser-Secret": secret},
            timeout=_TIMEOUT,
            trust_env=False,
        )

    async def find(self, **body: Any) -> dict[str, Any]:
        """Search; see api/internal.py for what goes in and comes out."""
        return dict(await self._post("/find", body))

    async def answer(self, **body: Any) -> dict[str, Any]:
        """Ask for one fact of the offer that is meant; `about` is None when none can be."""
        return dict(await self._post("/answer", body))

    async def show(self, **body: Any) -> dict[str, Any]:
        """Return offers shown before, and what is remembered, in another language."""
        return dict(await self._post("/show", body))

    async def life_areas(self, language: str) -> list[dict[str, str]]:
        """Return the life areas as quick replies."""
        response = await self._client.get(f"/life-areas/{language}")
        response.raise_for_status()
        return list(response.json())

    async def replies(self, name: str, language: str) -> str:
        """Return a standing sentence that rests on facts of the catalogue (`nothing_found`, `hand_over_asked` …)."""
        response = await self._client.get(f"/replies/{name}/{language}")
        response.raise_for_status()
        return str(response.json()["text"])

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        response = await self._client.post(path, json=body)
        response.raise_for_status()
        return response.json()


@cache
def catalogue() -> CatalogueClient:
    """Return the client for the catalogue named by the environment. Raises KeyError when it names none."""
    return CatalogueClient(os.environ["VEJVISER_CATALOGUE_URL"], os.environ["VEJVISER_INTERNAL_SECRET"])

"""The action server's line to the catalogue: HTTP on loopback, kept connections, a shared secret."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import aiohttp

from actions.log_lines import carried

#: Seconds the catalogue may take; a search takes some milliseconds.
_TIMEOUT = 3.0


class CatalogueClient:
    """Asks the api's internal addresses. Every method raises aiohttp.ClientError or TimeoutError when the catalogue does not
    answer, which Rasa reports to the api, which then answers from search alone."""

    def __init__(self, base_url: str, secret: str, municipality: str) -> None:
        self._base = f"{base_url}/internal"
        self._headers = {
            "X-Vejviser-Secret": secret,
            "X-Vejviser-Municipality": municipality,
            # on one machine, packing an answer and unpacking it takes longer than sending it
            "Accept-Encoding": "identity",
        }
        self._session: aiohttp.ClientSession | None = None

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
        return list(await self._get(f"/life-areas/{language}"))

    async def languages(self) -> dict[str, Any]:
        """Return the languages that are spoken (`tags`), as quick replies (`choices`) and in a sentence each (`text`)."""
        return dict(await self._get("/languages"))

    async def replies(self, name: str, language: str) -> str:
        """Return a standing sentence that rests on facts of the catalogue (`nothing_found`, `hand_over_asked` …)."""
        return str((await self._get(f"/replies/{name}/{language}"))["text"])

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self._line().post(self._base + path, json=body, headers=carried()) as response:
            response.raise_for_status()
            return await response.json()

    async def _get(self, path: str) -> Any:
        async with self._line().get(self._base + path, headers=carried()) as response:
            response.raise_for_status()
            return await response.json()

    def _line(self) -> aiohttp.ClientSession:
        """Return the session, made at first use: it belongs to the event loop that runs then."""
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=_TIMEOUT)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        return self._session


@cache
def catalogue(municipality: str) -> CatalogueClient:
    """Return the client for a municipality's catalogue (`""`: the only one) at the address that the environment names.
    Raises KeyError when it names none."""
    return CatalogueClient(os.environ["VEJVISER_CATALOGUE_URL"], os.environ["VEJVISER_INTERNAL_SECRET"], municipality)

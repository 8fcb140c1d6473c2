"""The public door of an installation: one application, or one for each municipality, told apart by the host of the address.

Nothing is shared between two municipalities but what holds everywhere: the words of danger, Rasa, and this process. Each has
its own database, accounts, conversations and catalogue, so that what is asked of one cannot be answered by another.
"""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.draining import Draining
from api.front import create_front
from api.main import create_app
from api.settings import Settings
from api.sites import Served, served

#: Seconds that a thread which searches may keep the interpreter while the event loop waits for it; each time the loop reads
#: or writes it must wait so long.
_SWITCH_SECONDS = 0.0005
#: The action server says here whose catalogue it asks (actions/catalogue_client.py).
MUNICIPALITY_HEADER = "x-vejviser-municipality"


def create_installation(settings: Settings | None = None) -> ASGIApp:
    """Return the application of the settings (those of the environment by default). Raises CatalogueUnavailable when a
    municipality's folder cannot be used."""
    settings = settings or Settings()
    sys.setswitchinterval(_SWITCH_SECONDS)
    found = served(settings)
    return Installation(settings, found) if found else create_app(settings)


class Installation:
    """Hands each request to the application of the municipality that it is for; a request to no known host to the front."""

    def __init__(self, settings: Settings, municipalities: tuple[Served, ...]) -> None:
        self._apps = {one.slug: create_app(one.settings, one.site) for one in municipalities}
        draining = Draining()  # a process has one end
        for app in self._apps.values():
            app.state.draining = draining
        self._hosts = {host: self._apps[one.slug] for one in municipalities for host in one.site.hosts}
        self._front = create_front(settings, municipalities, self._apps)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            await self._app_for(scope)(scope, receive, send)

    def _app_for(self, scope: Scope) -> FastAPI:
        headers = Headers(scope=scope)
        if scope["path"].startswith("/internal/"):
            return self._apps.get(headers.get(MUNICIPALITY_HEADER, ""), self._front)
        return self._hosts.get(host_of(headers.get("host", "")), self._front)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start every application before the first request, and stop them all after the last."""
        await receive()
        async with AsyncExitStack() as running:
            try:
                for app in (self._front, *self._apps.values()):
                    await running.enter_async_context(app.router.lifespan_context(app))
            except Exception as error:
                await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
                return
            await send({"type": "lifespan.startup.complete"})
            message: Message = await receive()
            while message["type"] != "lifespan.shutdown":
                message = await receive()
        await send({"type": "lifespan.shutdown.complete"})


def host_of(header: str) -> str:
    """Return the name in a `Host` header, without the port, in small letters."""
    name, _, port = header.rpartition(":")
    return (name if name and port.isdigit() else header).rstrip(".").lower()

"""Where a request came from, when a proxy stands before: what it says is believed only of proxies that the settings name."""

from __future__ import annotations

from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


def install(app: FastAPI) -> None:
    """Let all others see the resident's address and scheme in the place of the proxy's. Must be installed last."""
    trusted = app.state.settings.trusted_proxies
    if trusted:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=trusted)

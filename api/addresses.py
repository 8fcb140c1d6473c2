"""Addresses: the one residents see, for links that leave the service, and those that several parts must know."""

from __future__ import annotations

from starlette.requests import Request

#: Where messages of the chat are sent.
CHAT = "/api/v1/chat"


def public_address(request: Request) -> str:
    """Return scheme and host without a slash at the end: those of the setting, else those the request was sent to."""
    configured: str = request.app.state.settings.public_url
    return (configured or str(request.base_url)).rstrip("/")

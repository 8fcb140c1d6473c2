"""The address residents see, for links that leave the service."""

from __future__ import annotations

from starlette.requests import Request


def public_address(request: Request) -> str:
    """Return scheme and host without a slash at the end: those of the setting, else those the request was sent to."""
    configured: str = request.app.state.settings.public_url
    return (configured or str(request.base_url)).rstrip("/")

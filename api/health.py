"""Whether the service lives, and whether each of its parts is ready."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
def live() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "alive"}


@router.get("/ready")
async def ready(request: Request, response: Response) -> dict[str, Any]:
    """Tell which parts are ready. Search and pages need only the catalogue; without Rasa the chat answers from search,
    so the service is ready (200) with `conversation: false`, and not ready (503) only without a catalogue."""
    snapshot = request.app.state.catalogue.current
    parts = {"catalogue": bool(snapshot.catalogue.published), "conversation": await request.app.state.bot.ready()}
    if not parts["catalogue"]:
        response.status_code = 503
    return {"status": "ready" if parts["catalogue"] else "not_ready", "version": snapshot.catalogue.version, **parts}

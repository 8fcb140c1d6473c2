"""Whether the service lives, and whether each of its parts is ready."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

router = APIRouter(prefix="/health", tags=["health"])


class Alive(BaseModel):
    """The process runs."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Which parts are ready, and which version of the catalogue is served."""

    status: Literal["ready", "not_ready"]
    version: int
    catalogue: bool
    conversation: bool


@router.get("/live", summary="Whether the process lives")
def live() -> Alive:
    """Answer as long as the process runs."""
    return Alive()


@router.get(
    "/ready",
    summary="Which parts are ready",
    responses={503: {"description": "There is no catalogue to answer from.", "model": Readiness}},
)
async def ready(request: Request, response: Response) -> Readiness:
    """Tell which parts are ready. Search and pages need only the catalogue; without Rasa the chat answers from search,
    so the service is ready (200) with `conversation: false`, and not ready (503) only without a catalogue."""
    snapshot = request.app.state.catalogue.current
    filled = bool(snapshot.catalogue.published)
    if not filled:
        response.status_code = 503
    return Readiness(
        status="ready" if filled else "not_ready",
        version=snapshot.catalogue.version,
        catalogue=filled,
        conversation=await request.app.state.bot.ready(),
    )

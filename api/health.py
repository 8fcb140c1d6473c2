"""Whether the service lives, and whether each of its parts is ready."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.datastructures import State

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
    responses={503: {"description": "No catalogue to answer from, or about to end.", "model": Readiness}},
)
async def ready(request: Request, response: Response) -> Readiness:
    """Tell which parts are ready. Search and pages need only the catalogue; without Rasa the chat answers from search,
    so the service is ready (200) with `conversation: false`, and not ready (503) only without a catalogue, or when it is
    about to end."""
    found = await readiness_of(request.app.state)
    if found.status != "ready":
        response.status_code = 503
    return found


async def readiness_of(state: State) -> Readiness:
    """Return which parts of an application are ready."""
    snapshot = state.catalogue.current
    filled = bool(snapshot.catalogue.published)
    return Readiness(
        status="ready" if filled and not state.draining.begun else "not_ready",
        version=snapshot.catalogue.version,
        catalogue=filled,
        conversation=await state.bot.ready(),
    )

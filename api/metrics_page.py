"""`GET /metrics`, for this machine and for whoever has the token."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from api.login import client_address
from api.metrics import Metrics, Together
from api.problems import Problem
from services_catalog.messages import N_

router = APIRouter(include_in_schema=False)

#: What a proxy adds: with one of these a request from this machine may come from anywhere.
_PROXIED = ("forwarded", "x-forwarded-for", "x-real-ip")


def metrics_allowed(request: Request) -> None:
    """Let those pass who ask from this machine, or with the token of the settings. Raises Problem 401 without a token and
    403 with a wrong one, or when the settings have none."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    token = request.app.state.settings.metrics_token.get_secret_value()
    if given:
        if token and scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), token.encode()):
            return
    elif _from_here(request):
        return
    elif token:
        detail = N_("Sign in first, or send a token: “Authorization: Bearer …”.")
        raise Problem(401, N_("Please sign in"), detail, headers={"WWW-Authenticate": "Bearer"})
    raise Problem(403, N_("You may not do this"), N_("This address is for the service itself."))


def _from_here(request: Request) -> bool:
    if any(name in request.headers for name in _PROXIED):
        return False
    try:
        return ipaddress.ip_address(client_address(request)).is_loopback
    except ValueError:
        return False


@router.get("/metrics", dependencies=[Depends(metrics_allowed)])
def metrics(request: Request) -> Response:
    """Return all figures in the text format of Prometheus."""
    kept: Metrics = request.app.state.metrics
    return _shown(kept.registry)


def metrics_of(apps: Mapping[str, FastAPI]) -> APIRouter:
    """Return the same address for the front of several municipalities, with the figures of all."""
    together = CollectorRegistry()
    together.register(Together({slug: app.state.metrics for slug, app in apps.items()}))
    of_all = APIRouter(include_in_schema=False)

    @of_all.get("/metrics", dependencies=[Depends(metrics_allowed)])
    def all_metrics() -> Response:
        return _shown(together)

    return of_all


def _shown(registry: CollectorRegistry) -> Response:
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

"""The public door: one application made by `create_app`, with nothing done at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api import accounts, chat, cors, health, hsds, internal, offers, oidc, pages, problems, search, security
from api.bot_client import BotClient
from api.catalogue_service import CatalogueService
from api.foresight import Foresight
from api.oidc_provider import Provider
from api.sessions import SessionStore
from api.settings import Settings
from services_catalog.account_sessions import LoginSessions
from services_catalog.account_tokens import TokenStore
from services_catalog.accounts import AccountStore
from services_catalog.database import DatabaseRepository, migrate
from services_catalog.hsds import Datasets
from services_catalog.tallies import Tallies

STATIC = Path(__file__).with_name("static")


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application for some settings (those of the environment by default). Raises CatalogueUnavailable when it
    starts without a readable catalogue."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        migrate(settings.database_url)
        repository = DatabaseRepository(settings.database_url)
        app.state.catalogue = CatalogueService(repository, settings.refresh_interval, settings.learned_folder)
        app.state.catalogue.start()
        app.state.bot = BotClient(settings)
        app.state.tallies = Tallies(settings.database_url)
        app.state.foresight = Foresight()
        app.state.accounts = AccountStore(settings.database_url)
        app.state.tokens = TokenStore(app.state.accounts)
        app.state.logins = LoginSessions(app.state.accounts)
        app.state.oidc = Provider(settings) if settings.oidc_issuer else None
        yield
        app.state.catalogue.stop()
        await app.state.bot.close()
        app.state.foresight.close()
        app.state.tallies.close()
        app.state.accounts.close()
        repository.close()

    app = FastAPI(
        title="Vejviser",
        version="1",
        summary="Offers of the City of Copenhagen and its partners, found in four languages.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.settings = settings
    app.state.datasets = Datasets(settings.public_url)
    app.state.sessions = SessionStore(settings.session_idle, settings.session_limit)
    problems.install(app)
    security.install(app)
    cors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=800)
    for part in (health, search, chat, offers, hsds, accounts, oidc, internal, pages):
        app.include_router(part.router)
    pages.mount_static(app, STATIC)
    return app

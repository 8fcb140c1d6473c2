"""The public door: one application made by `create_app`, with nothing done at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api import (
    accessibility_page,
    account_pages,
    accounts,
    admission,
    browse_pages,
    chat,
    cors,
    editor_demand,
    editor_pages,
    editor_records,
    editor_steps,
    failures,
    feedback,
    feedback_pages,
    floodgate,
    health,
    hsds,
    internal,
    look,
    metrics_page,
    offers,
    oidc,
    openapi,
    page_authorization,
    pages,
    problems,
    proxies,
    rate_limits,
    requests,
    search,
    security,
    sitemap,
    slip_pages,
    staff_pages,
    trace,
    translations,
)
from api.admission import Admission
from api.bot_client import BotClient
from api.catalogue_service import CatalogueService
from api.draining import Draining
from api.endings import Endings
from api.foresight import Foresight
from api.lack_notes import LackNotes
from api.learning import learn_aside
from api.oidc_provider import Provider
from api.question_counts import QuestionCounts
from api.rate_limits import RateLimits
from api.redis_line import RedisLine
from api.redis_sessions import RedisSessions
from api.session_ids import SessionIds
from api.sessions import MemorySessions
from api.settings import Settings
from api.sites import danger_of
from api.well_formed import well_formed
from services_catalog.accounts.accounts import AccountStore
from services_catalog.accounts.sessions import LoginSessions
from services_catalog.accounts.tokens import TokenStore
from services_catalog.database import DatabaseRepository, migrate
from services_catalog.editors.audit import Audit
from services_catalog.editors.checks import CheckList
from services_catalog.editors.demand import Demand, secret_in
from services_catalog.editors.editing import Editing
from services_catalog.editors.feedback import FeedbackList
from services_catalog.editors.figures import Figures
from services_catalog.editors.offer_list import WorkingCopies
from services_catalog.editors.publishing import Publishing
from services_catalog.hsds.datasets import Datasets
from services_catalog.municipality_folder import Site
from services_catalog.tallies import Tallies

STATIC = Path(__file__).with_name("static")


def create_app(settings: Settings | None = None, site: Site | None = None) -> FastAPI:
    """Return the application for some settings (those of the environment by default); `site` is how a municipality's pages
    look, where an installation has several. Raises CatalogueUnavailable when it starts without a readable catalogue."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        migrate(settings.database_url)
        repository = DatabaseRepository(settings.database_url)
        catalogue = CatalogueService(
            repository,
            danger_of(settings),
            settings.refresh_interval,
            settings.learned_folder,
            lambda: learn_aside(settings),
            settings.relearn_after,
            settings.large_catalogue_from,
        )
        catalogue.start()
        app.state.catalogue = catalogue
        app.state.editing = Editing(repository.engine)
        app.state.working_copies = WorkingCopies(repository.engine)
        app.state.publishing = Publishing(repository, lambda: catalogue.current.engine, catalogue.accept)
        app.state.checks = CheckList(repository.engine)
        app.state.audit = Audit(repository.engine)
        app.state.demand = Demand(repository.engine, secret_in(settings.data_folder))
        app.state.lacks = LackNotes(app.state.demand)
        app.state.feedback = FeedbackList(repository.engine)
        app.state.bot = BotClient(settings)
        redis_url = settings.redis_url.get_secret_value()
        line = app.state.redis = RedisLine(redis_url) if redis_url else None
        ids = SessionIds(settings.internal_secret.get_secret_value(), settings.municipality)
        app.state.sessions = (
            RedisSessions(line, ids, settings.session_idle)
            if line
            else MemorySessions(ids, settings.session_idle, settings.session_limit)
        )
        app.state.endings = Endings(ids, app.state.sessions, app.state.bot.forget, settings.session_idle)
        app.state.limits = RateLimits(settings, line)
        app.state.admission = Admission(settings)
        app.state.tallies = Tallies(settings.database_url)
        app.state.counts = QuestionCounts(app.state.tallies)
        app.state.figures = Figures(repository.engine)
        app.state.foresight = Foresight(internal.search_for)
        app.state.accounts = AccountStore(settings.database_url)
        app.state.tokens = TokenStore(app.state.accounts)
        app.state.logins = LoginSessions(app.state.accounts)
        app.state.oidc = Provider(settings) if settings.oidc_issuer else None
        app.state.draining.listen()
        yield
        app.state.catalogue.stop()
        app.state.endings.close()
        app.state.limits.close()
        await app.state.bot.close()
        if line:
            await line.close()
        app.state.foresight.close()
        app.state.lacks.close()
        app.state.counts.close()
        app.state.tallies.close()
        app.state.accounts.close()
        repository.close()
        app.state.tracing.close()

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
    app.state.site = site
    app.state.draining = Draining()
    app.state.datasets = Datasets(settings.public_url)
    problems.install(app)
    page_authorization.install(app)
    admission.install(app)
    floodgate.install(app)
    rate_limits.install(app)
    failures.install(app)
    security.install(app)
    cors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=800)
    requests.install(app)
    proxies.install(app)
    # the routes are tried in this order: what every message needs comes first
    for part in (chat, internal, search, health, metrics_page):
        app.include_router(part.router)
    for part in (accounts, oidc, translations, trace, editor_records, editor_steps, editor_demand, feedback):
        app.include_router(part.router, dependencies=[Depends(well_formed)])
    app.include_router(editor_pages.router)
    for part in (
        offers,
        hsds,
        look,
        sitemap,
        browse_pages,
        slip_pages,
        account_pages,
        staff_pages,
        feedback_pages,
        accessibility_page,
        pages,
    ):
        app.include_router(part.router)
    pages.mount_static(app, STATIC)
    openapi.install(app)
    return app

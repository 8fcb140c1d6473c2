"""The real application in a process of its own, with a dozen offers: `python -m tests.chaos.small_app`.

Few offers are learned in a second, and dangers are told by the rules alone: what is tested with it is how it stands faults,
and it must start quickly. Rasa is not there; the search answers.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api import main as application
from api.settings import Settings
from services_catalog.accounts.accounts import AccountStore, Role
from services_catalog.accounts.tokens import TokenStore
from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisRules
from services_catalog.database import DatabaseRepository, migrate
from tests.conftest import ROOT, free_port

OFFERS = 12
PASSWORD = "correct horse battery staple"
#: What residents say, with the language and, where it is a danger, the outcome.
SAID = (
    ("hvor kan jeg få hjælp", "da"),
    ("where can I get help with my child", "en"),
    ("أين أجد المساعدة", "ar"),
    ("де знайти допомогу", "uk"),
    ("min mand slår mig", "da"),
)


@dataclass
class SmallApp:
    """A running application, and the token of somebody who may edit and publish."""

    base: str
    process: subprocess.Popen[bytes]
    log: Path
    token: str
    offer_id: str

    def say(self, text: str, session: str | None = None, *, signed: bool = False) -> httpx.Response:
        body = {"text": text} | ({"session": session} if session else {})
        headers = self._signed if signed else {}
        return httpx.post(f"{self.base}/api/v1/chat", json=body, headers=headers, timeout=20, trust_env=False)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return httpx.get(self.base + path, timeout=30, trust_env=False, **more)

    def read(self) -> httpx.Response:
        """Read an offer as an editor."""
        return self.get(f"/api/v1/editor/records/offers/{self.offer_id}", headers=self._signed)

    def save(self, owner: str) -> httpx.Response:
        """Save a draft of the offer as an editor, on top of the newest revision; what stands in the way is returned too."""
        newest = self.read()
        if newest.status_code != 200:
            return newest
        record = newest.json()["record"] | {"owner": owner}
        return httpx.put(
            f"{self.base}/api/v1/editor/records/offers/{self.offer_id}",
            json={"record": record, "reason": "a test"},
            headers=self._signed | {"If-Match": newest.headers["ETag"]},
            timeout=30,
            trust_env=False,
        )

    @property
    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}


def fill(url: str, catalogue: Catalogue) -> tuple[str, str]:
    """Fill a database with a few offers, to be looked at again in 200 days, and an account; return the account's token and
    the id of an offer."""
    migrate(url)
    alone = [one for one in catalogue.published if not one.parent and not one.alternatives][:OFFERS]
    due = dt.date.today() + dt.timedelta(days=200)
    offers = {one.id: one.model_copy(update={"needs": (), "review_by": due}) for one in alone}
    repository = DatabaseRepository(url)
    repository.replace(replace(catalogue, offers=offers, needs={}, questions={}, concepts={}, version=1))
    repository.close()
    store = AccountStore(url)
    store.add("anna", frozenset({Role.EDITOR, Role.PUBLISHER}), PASSWORD)
    _, token = TokenStore(store).create("anna", "tests", frozenset({Role.EDITOR, Role.PUBLISHER}), 30)
    store.close()
    return token, alone[0].id


@contextlib.contextmanager
def running(url: str, folder: Path, filled: tuple[str, str], **environment: str) -> Iterator[SmallApp]:
    """Run the application on a filled database while the block runs; its data folder and log are in `folder`."""
    port, log = free_port(), folder / "app.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.chaos.small_app"],
            cwd=ROOT,
            env=os.environ
            | {
                "VEJVISER_DATABASE_URL": url,
                "VEJVISER_DATA_FOLDER": str(folder),
                "VEJVISER_PORT": str(port),
                "VEJVISER_BOT_PORT": str(free_port()),
                "VEJVISER_RELEARN_AFTER": "3600",
                "VEJVISER_RATE_PER_SESSION": "",
                "VEJVISER_RATE_PER_ADDRESS": "",
                "VEJVISER_RATE_PER_ACCOUNT": "",
            }
            | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    app = SmallApp(f"http://127.0.0.1:{port}", process, log, *filled)
    try:
        deadline = time.monotonic() + 120
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if app.get("/health/live").status_code == 200:
                    break
            assert process.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < deadline, log.read_text()[-3000:]
            time.sleep(0.1)
        yield app
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> None:
    """Serve with the settings of the environment until ended."""
    settings = Settings()
    application.danger_of = lambda _settings: CrisisRules.load()
    uvicorn.run(application.create_app(settings), host=settings.host, port=settings.port, log_level="warning")


if __name__ == "__main__":
    main()

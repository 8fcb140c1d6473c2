"""Who is signed in: a row for each session, so that disabling an account ends them at once on all workers."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

import sqlalchemy as sa

from services_catalog.accounts.accounts import Account, AccountStore, account_of
from services_catalog.accounts.tables import account_sessions, accounts
from services_catalog.database import reading, writing

#: A session ends this long after signing in, and this long after the last request.
LONGEST, IDLE = dt.timedelta(hours=8), dt.timedelta(hours=1)
#: How exactly the last request is noted; saves a write with every request.
_NOTED_EVERY = dt.timedelta(minutes=1)
_ID_BYTES = 32


class LoginSessions:
    """The sessions of those who are signed in. Only a SHA-256 of an id is kept: 256 random bits, found by their hash, so
    that no time of comparing tells anything of them. Safe to share between threads and processes."""

    def __init__(self, store: AccountStore) -> None:
        self._store, self._engine = store, store.engine

    def start(self, account: Account) -> str:
        """Sign an account in and return the id of its session. Sessions that ended by themselves are cleared away."""
        session_id, now = secrets.token_urlsafe(_ID_BYTES), self._store.clock()
        row = {"digest": _digest(session_id), "account": account.name, "started": now, "seen": now}
        ended = (account_sessions.c.started <= now - LONGEST) | (account_sessions.c.seen <= now - IDLE)
        with writing(self._engine) as connection:
            connection.execute(sa.delete(account_sessions).where(ended))
            connection.execute(sa.insert(account_sessions).values(row))
        return session_id

    def find(self, session_id: str) -> Account | None:
        """Return who is signed in with a session; None when it ended, was ended, or the account is disabled."""
        now = self._store.clock()
        mine = account_sessions.c.digest == _digest(session_id)
        query = (
            sa.select(accounts, account_sessions.c.seen)
            .join(account_sessions)
            .where(mine, account_sessions.c.started > now - LONGEST, account_sessions.c.seen > now - IDLE)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.disabled:
            return None
        if now - row.seen > _NOTED_EVERY:
            with writing(self._engine) as connection:
                connection.execute(sa.update(account_sessions).where(mine).values(seen=now))
        return account_of(row)

    def end(self, session_id: str) -> None:
        """Sign out; an unknown session has ended already."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(account_sessions).where(account_sessions.c.digest == _digest(session_id)))


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()

"""A growing wait after failed logins, per account and per address.

The first five failures of an account cost nothing; from then on the next try is looked at only after 15 seconds, then 30,
60 … up to 15 minutes. An address may fail twenty times first, since a whole office shares one. A day without a failure
forgets them. An attempt is counted before its password is looked at, so that many at once gain nothing, and taken back
when it succeeds. The longest wait is short enough that nobody can lock an editor out for long by guessing at her name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import math
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine

from services_catalog.accounts.tables import login_failures
from services_catalog.database import reading, writing
from services_catalog.errors import LoginDelayed
from services_catalog.messages import N_

FREE_FOR_ACCOUNT, FREE_FOR_ADDRESS = 5, 20
_FIRST_WAIT, _LONGEST_WAIT = 15, 15 * 60
_MEMORY = dt.timedelta(days=1)
_IPV6_NETWORK = 64


def wait_after(failures: int, free: int) -> int:
    """Return the seconds to wait after so many failures, of which the first `free` cost nothing."""
    over = failures - free
    return 0 if over < 0 else min(_FIRST_WAIT * 2 ** min(over, 10), _LONGEST_WAIT)


class LoginThrottle:
    """Counts failures in the database, so that all workers and a restart know them."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime]) -> None:
        self._engine, self._clock = engine, clock

    def admit(self, name: str, address: str) -> None:
        """Count an attempt as failed until `forgive` says otherwise. Raises LoginDelayed when it comes too early; such
        an attempt is not counted."""
        counted = [
            (_subject("address", network_of(address)), FREE_FOR_ADDRESS),
            (_subject("account", name), FREE_FOR_ACCOUNT),
        ]
        for subject, free in counted:
            self._seen(subject, free)
        for subject, free in counted:
            while not self._count(subject, self._seen(subject, free)):
                pass  # another attempt was counted in between: look again

    def forgive(self, name: str, address: str) -> None:
        """Forget the failures of an account that signed in, and take this attempt back from its address."""
        counted = (login_failures.c.subject == _subject("address", network_of(address))) & (login_failures.c.times > 0)
        with writing(self._engine) as connection:
            connection.execute(sa.update(login_failures).where(counted).values(times=login_failures.c.times - 1))
        self.forget(name)

    def forget(self, name: str) -> None:
        """Forget the failures of an account, and of everybody whose last one is more than a day ago."""
        old = login_failures.c.last < self._clock() - _MEMORY
        with writing(self._engine) as connection:
            connection.execute(
                sa.delete(login_failures).where(old | (login_failures.c.subject == _subject("account", name)))
            )

    def _seen(self, subject: str, free: int) -> int:
        """Return how often a subject failed. Raises LoginDelayed while it has to wait."""
        query = sa.select(login_failures.c.times, login_failures.c.last).where(login_failures.c.subject == subject)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return 0
        passed = (self._clock() - row.last).total_seconds()
        left = wait_after(row.times, free) - passed
        # a failure in the future was counted under a wrong clock, and must not lock anybody out until then
        if passed >= 0 and left > 0:
            raise LoginDelayed(N_("Too many logins failed. Please try again in {seconds} seconds."), math.ceil(left))
        return int(row.times)

    def _count(self, subject: str, seen: int) -> bool:
        """Count one failure more than was seen; False when another one was counted since."""
        now = self._clock()
        fresh = sa.case((login_failures.c.last < now - _MEMORY, 1), else_=login_failures.c.times + 1)
        with writing(self._engine) as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            counted = connection.execute(
                insert(login_failures)
                .values(subject=subject, times=1, last=now)
                .on_conflict_do_update(
                    index_elements=["subject"],
                    set_={"times": fresh, "last": now},
                    where=login_failures.c.times == seen,
                )
                .execution_options(preserve_rowcount=True)
            )
        return counted.rowcount == 1


def _subject(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def network_of(address: str) -> str:
    """Return what one customer of a provider has: an IPv4 address, or a /64 of IPv6; anything else as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))
    return str(parsed)

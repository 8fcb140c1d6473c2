"""Passwords: the rule they keep, and argon2id hashes of them (RFC 9106, the parameters argon2-cffi recommends)."""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services_catalog.errors import AccountInvalid
from services_catalog.messages import N_

FEWEST_CHARACTERS, MOST_CHARACTERS = 12, 200
_SHORTEST_TELLING_NAME = 4

#: Each hash takes 64 MiB for its time, so a flood of logins must not compute them all at once.
_AT_ONCE = 2


def check_password(name: str, password: str) -> None:
    """Raise AccountInvalid when a new password is shorter than 12 or longer than 200 characters, contains the name of its
    account (of four letters or more), or is a part of it."""
    if not FEWEST_CHARACTERS <= len(_composed(password)) <= MOST_CHARACTERS:
        message = N_("A password has at least {fewest} and at most {most} characters; several words make a good one.")
        raise AccountInvalid("password", message, fewest=FEWEST_CHARACTERS, most=MOST_CHARACTERS)
    said, name = _composed(password).casefold(), name.casefold()
    if (len(name) >= _SHORTEST_TELLING_NAME and name in said) or said in name:
        raise AccountInvalid("password", N_("A password must not contain the name of the account."))


class Passwords:
    """Hashes and verifies. Safe to share between threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys = self.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Return the hash to keep."""
        with self._turn:
            return self._hasher.hash(_composed(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one whose hash was kept. Takes as long when there is none."""
        with self._turn:
            try:
                self._hasher.verify(kept or self._nobodys, _composed(password))
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)


def _composed(password: str) -> str:
    """Return the password as every keyboard would type it (NIST SP 800-63B, 3.1.1.2: NFKC), so that `å` is one letter."""
    return unicodedata.normalize("NFKC", password)

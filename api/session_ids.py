"""Ids of conversations: nobody can guess one or make one up, and one belongs to whoever it was made for.

The first half is random, the second signs it together with who speaks and the municipality. So every process of an
installation knows an id of ours, also without Redis; a resident's id is none of a worker's who signed in, and the other way
round.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_RANDOM_BYTES, _SIGNATURE_BYTES = 32, 16


class SessionIds:
    """Makes ids and knows its own again. `secret` is that of the installation; without one the ids hold for this object."""

    def __init__(self, secret: str, municipality: str = "") -> None:
        key = (secret or secrets.token_hex(32)).encode()
        self._key = hmac.digest(key, f"sessions of {municipality}".encode(), "sha256")

    def new(self, speaker: str = "") -> str:
        """Return a new id for `speaker`: what she signed in with, empty for a resident."""
        random = secrets.token_urlsafe(_RANDOM_BYTES)
        return f"{random}.{self._signature(random, speaker)}"

    def ours(self, session_id: str, speaker: str = "") -> bool:
        """Tell whether an id was made here, for this speaker. Takes the same time for every wrong one."""
        random, _, signature = session_id.partition(".")
        return hmac.compare_digest(signature.encode(), self._signature(random, speaker).encode())

    def _signature(self, random: str, speaker: str) -> str:
        signed = hmac.digest(self._key, f"{random}\0{speaker}".encode(errors="replace"), "sha256")
        return base64.urlsafe_b64encode(signed[:_SIGNATURE_BYTES]).decode().rstrip("=")


def conversation_of(session_id: str) -> str:
    """Return the name under which Redis, Rasa and the counts know a conversation: 32 hexadecimal digits that open nothing."""
    return hashlib.sha256(session_id.encode(errors="replace")).hexdigest()[:32]

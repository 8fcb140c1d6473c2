"""The roles of accounts, and what they include."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What an account may do. A publisher is an editor too, and everybody reads what is for staff; an admin looks after
    accounts and touches no offer, unless she has another role as well."""

    STAFF = "staff"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    ADMIN = "admin"


_IMPLIED = {
    Role.STAFF: frozenset({Role.STAFF}),
    Role.EDITOR: frozenset({Role.EDITOR, Role.STAFF}),
    Role.PUBLISHER: frozenset({Role.PUBLISHER, Role.EDITOR, Role.STAFF}),
    Role.ADMIN: frozenset({Role.ADMIN, Role.STAFF}),
}


def implied(roles: Iterable[Role]) -> frozenset[Role]:
    """Return the roles with all that they include."""
    return frozenset[Role]().union(*(_IMPLIED[role] for role in roles))

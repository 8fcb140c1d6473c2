"""The accounts of those who keep the catalogue, for administrators."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.authorization import Principal
from api.editor_pages.room import Admin, Form, done, room_page, room_router, text_in
from api.problems import Problem
from services_catalog.accounts.accounts import AccountStore
from services_catalog.accounts.passwords import MOST_CHARACTERS
from services_catalog.accounts.roles import Role
from services_catalog.errors import AccountError
from services_catalog.localized import localizer
from services_catalog.messages import N_

router = room_router()


@router.get("/users")
def users_page(request: Request, admin: Admin) -> Response:
    """Show all accounts, and a form for a new one."""
    return _users_page(request, admin)


@router.post("/users")
def add_user(request: Request, admin: Admin, form: Form) -> Response:
    """Make an account with a first password, which its owner then changes."""
    name, password = text_in(form, "name", 80), str(form.get("password", ""))[:MOST_CHARACTERS]
    try:
        _store(request).add(name, _roles_in(form), password)
    except AccountError as error:
        say = localizer(request.path_params["language"]).text
        told = say(error.message, **error.values)
        field = getattr(error, "field", "name")
        return _users_page(request, admin, status=422, errors={field: told}, name=name, chosen=_roles_in(form))
    return done(request.path_params["language"], "/users", "user_added")


@router.post("/users/{name}")
def change_user(request: Request, admin: Admin, form: Form, name: str) -> Response:
    """Change the roles of an account, disable or enable it, or set a new password. One's own is left alone, so that there
    is always an administrator."""
    store = _store(request)
    what = text_in(form, "do", 20)
    if what == "password":
        store.set_password(name, str(form.get("password", ""))[:MOST_CHARACTERS])
        return done(request.path_params["language"], "/users", "user_changed")
    if store.get(name).name == admin.name:
        detail = N_("You cannot change your own roles or disable yourself. Ask another administrator.")
        raise Problem(403, N_("You may not do this"), detail)
    if what in ("disable", "enable"):
        store.set_disabled(name, what == "disable")
    else:
        store.set_roles(name, _roles_in(form))
    return done(request.path_params["language"], "/users", "user_changed")


def _users_page(request: Request, admin: Principal, *, status: int = 200, **more: Any) -> Response:
    context = {"errors": {}, "name": "", "chosen": frozenset({Role.EDITOR}), **more}
    accounts = _store(request).all()
    return room_page(
        request,
        admin,
        "users.html",
        path="/editor/users",
        status=status,
        accounts=accounts,
        every_role=list(Role),
        **context,
    )


def _roles_in(form: FormData) -> frozenset[Role]:
    """Return the roles that were ticked. Raises Problem 422 when none was."""
    roles = frozenset(Role(one) for one in form.getlist("roles") if one in [role.value for role in Role])
    if not roles:
        raise Problem(422, N_("Something in the form is missing"), N_("Choose at least one role."))
    return roles


def _store(request: Request) -> AccountStore:
    store: AccountStore = request.app.state.accounts
    return store

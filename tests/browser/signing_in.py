"""Accounts for browser tests, made in the database of the running service, and signing in by the page."""

from __future__ import annotations

import secrets

from playwright.sync_api import Page

from services_catalog.accounts.accounts import AccountStore, Role

from .serving import ENVIRONMENTS

PASSWORD = "four words make one"


def account(service: str, *roles: Role) -> str:
    """Make an account with some roles and PASSWORD, and return its name."""
    store = AccountStore(ENVIRONMENTS[service]["VEJVISER_DATABASE_URL"])
    try:
        return store.add(f"bo-{secrets.token_hex(6)}", frozenset(roles), PASSWORD).name
    finally:
        store.close()


def sign_in(page: Page, name: str) -> None:
    """Fill in the sign-in page that is open, and wait until it led on."""
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.locator("[data-sign-out]").wait_for()

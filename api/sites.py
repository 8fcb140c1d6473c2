"""The municipalities of one installation: each has its folder, its database, its data folder and its addresses."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from api.settings import Settings
from services_catalog.crisis import CrisisRules
from services_catalog.errors import CatalogueUnavailable
from services_catalog.learned import load_crisis_rules
from services_catalog.municipality_folder import CRISIS_ANSWERS, SITE, SLUG, Site, read_site


@dataclass(frozen=True)
class Served:
    """A municipality as it is served: the name of its folder, what `site.yml` says, and the settings that are its own."""

    slug: str
    site: Site
    settings: Settings


def served(settings: Settings) -> tuple[Served, ...]:
    """Return the municipalities below `settings.municipalities_folder` in the order of their folders.

    Raises CatalogueUnavailable when a folder cannot be used, when two share an address, or when there is none.
    """
    root = settings.municipalities_folder
    if root is None:
        return ()
    if not root.is_dir():
        raise CatalogueUnavailable(f"VEJVISER_MUNICIPALITIES_FOLDER: {root} is not a folder.")
    found = tuple(_served(settings, one.parent.name) for one in sorted(root.glob(f"*/{SITE}")))
    if not found:
        raise CatalogueUnavailable(f"There is no municipality in {root}: add one with `vejviser municipalities add`.")
    taken: dict[str, str] = {}
    for one in found:
        for host in one.site.hosts:
            if host in taken:
                raise CatalogueUnavailable(
                    f"{host} is the address of two municipalities: {taken[host]} and {one.slug}."
                )
            taken[host] = one.slug
    return found


def catalogues(settings: Settings) -> tuple[Settings, ...]:
    """Return the settings of every catalogue that they speak of: of one municipality, of all, or of the only one."""
    if settings.municipalities_folder is None or settings.municipality:
        return (settings,)
    return tuple(one.settings for one in served(settings))


def danger_of(settings: Settings) -> CrisisRules:
    """Return the words of danger, the same in every municipality of an installation, with a municipality's own numbers where
    it has some."""
    shared = _danger(settings.danger_folder)
    own = settings.seed_folder / CRISIS_ANSWERS
    return shared.with_answers(own) if settings.municipality and own.is_file() else shared


@functools.lru_cache(maxsize=1)
def _danger(folder: Path) -> CrisisRules:
    return load_crisis_rules(folder)


def _served(settings: Settings, slug: str) -> Served:
    assert settings.municipalities_folder is not None  # noqa: S101 - looked at before
    folder = settings.municipalities_folder / slug
    if not SLUG.fullmatch(slug):
        raise CatalogueUnavailable(f"{folder}: the name may hold small letters a to z, digits and hyphens.")
    site = read_site(folder)
    own = settings.of(slug)
    addresses = {name: value for name in ("public_url", "exit_url") if (value := getattr(site, name))}
    return Served(slug, site, own.model_copy(update=addresses))

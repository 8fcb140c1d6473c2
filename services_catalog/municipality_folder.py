"""The folder of one municipality: what is its own lies in it, everything else is the project's.

    aarhus/
      site.yml             at which addresses its pages answer, where the exit leads, its colours
      municipality.yml     its contact centre, languages and names
      organisations.yml, policies.yml, contacts/, offers/, vocabulary/districts.yml
      crisis.yml           what a person in danger is told here, where that differs

Needs, situations, expressions, words and crisis numbers are the same in every municipality and come from the project.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services_catalog.errors import CatalogueUnavailable
from services_catalog.exchange.archives import Files, FolderFiles, Limits
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE

#: The files of the project that hold in every municipality, by their place in the seed folder.
SHARED = (
    "taxonomy",
    "taxonomy/questions",
    "vocabulary/situations.yml",
    "vocabulary/expressions.yml",
    "vocabulary/other_places.yml",
    "lexicon",
    "contacts/crisis-lines.yml",
)
SITE = "site.yml"
#: Optional: what a person in danger is told here, category by category, in the form of crisis/answers.yml.
CRISIS_ANSWERS = "crisis.yml"

Host = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Look(BaseModel):
    """The colour of links and buttons, on light and on dark ground; each must stand out from it (WCAG 2.2, 1.4.3)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    accent: Colour
    accent_on_dark: Colour


class Site(BaseModel):
    """Where a municipality's pages answer and how they look. `hosts`: the names before the first slash of their address."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    hosts: Annotated[tuple[Host, ...], Field(min_length=1)]
    public_url: Annotated[str, Field(pattern="^(https?://.*)?$")] = ""
    exit_url: Annotated[str, Field(pattern="^(https?://.*)?$")] = ""
    look: Look | None = None


class WithShared:
    """The files of a municipality's folder, and those of the project that hold everywhere; its own go first."""

    def __init__(self, folder: Path, project: Path, limits: Limits) -> None:
        own, shared = FolderFiles(folder, limits), FolderFiles(project, limits)
        self._of: dict[str, Files] = {name: shared for name in shared.names if _is_shared(name)}
        self._of |= dict.fromkeys(own.names, own)
        self.names = sorted(self._of)

    def read(self, name: str) -> bytes:
        """Return what a file holds. Raises RecordInvalid when it cannot be read."""
        return self._of[name].read(name)


def _is_shared(name: str) -> bool:
    return name in SHARED or name.rpartition("/")[0] in SHARED


def read_site(folder: Path) -> Site:
    """Return what `site.yml` of a municipality's folder says. Raises CatalogueUnavailable with the file and what is wrong."""
    path = folder / SITE
    try:
        site = Site.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CatalogueUnavailable(f"{path} cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        raise CatalogueUnavailable(f"{path} is no YAML: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise CatalogueUnavailable(f"{path} cannot be used: {wrong}") from None
    _require_contrast(path, site.look)
    return site


_PAPER, _PAPER_ON_DARK = "#ffffff", "#11171a"
_LEAST_CONTRAST = 4.5


def _require_contrast(path: Path, look: Look | None) -> None:
    if look is None:
        return
    for field, colour, ground in (
        ("accent", look.accent, _PAPER),
        ("accent_on_dark", look.accent_on_dark, _PAPER_ON_DARK),
    ):
        found = contrast(colour, ground)
        if found < _LEAST_CONTRAST:
            raise CatalogueUnavailable(
                f"{path}: look.{field} {colour} cannot be read on {ground}: its contrast is {found:.1f}, "
                f"at least {_LEAST_CONTRAST} is needed."
            )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours `#rrggbb`, from 1 to 21 (WCAG 2.2, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(frozen=True)
class NewMunicipality:
    """What must be known of a municipality before anything can be answered for it. `seen_at` is the page that gives its
    `phone`; `languages` empty means all."""

    slug: str
    name: str
    hosts: tuple[str, ...]
    phone: str
    seen_at: str
    called: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def make_folder(root: Path, new: NewMunicipality) -> Path:
    """Make the folder of a municipality, without offers yet, and return it. Raises CatalogueUnavailable when there is one
    already or something given cannot be used; then nothing is made."""
    folder = root / new.slug
    if not SLUG.fullmatch(new.slug):
        raise CatalogueUnavailable(f"{new.slug!r}: the name may hold small letters a to z, digits and hyphens.")
    if folder.exists():
        raise CatalogueUnavailable(f"{folder} exists already.")
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".new-") as made:
        _fill(Path(made) / new.slug, new)
        read_site(Path(made) / new.slug)
        (Path(made) / new.slug).rename(folder)
    return folder


def _fill(folder: Path, new: NewMunicipality) -> None:
    centre = f"{new.slug}-contact-centre"
    spoken = tuple(dict.fromkeys((SOURCE_LANGUAGE, *new.languages))) if new.languages else ()
    organisation = f"{new.slug}-kommune"
    fact = {
        "id": centre, "topic": new.name, "fact": "main phone", "value": new.phone, "status": "seen", "attribute": "contact",
        "phone": new.phone, "source_address": new.seen_at, "seen_date": dt.date.today().isoformat(),
        "texts": dict.fromkeys(spoken or LANGUAGES, f"{new.name}: {new.phone}"),
    }  # fmt: skip
    called = {tag: list(new.called) for tag in LANGUAGES} if new.called else {}
    municipality = {"id": organisation, "contact_centre": centre, "languages": list(spoken), "called": called}
    for place in ("offers", "contacts", "vocabulary"):
        (folder / place).mkdir(parents=True)
    for place, content in (
        (SITE, {"name": new.name, "hosts": list(new.hosts)}),
        ("municipality.yml", [municipality]),
        ("organisations.yml", [{"id": organisation, "name": new.name}]),
        ("policies.yml", []),
        ("contacts/contact-centre.yml", [fact]),
        ("vocabulary/districts.yml", []),
    ):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (folder / place).write_text(text, encoding="utf-8")

"""Small catalogues for tests, and any offer that the model allows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import strategies as st

from services_catalog.catalogue import Catalogue
from services_catalog.languages import LANGUAGES
from services_catalog.offer import (
    Access,
    Audience,
    Availability,
    ChoiceCriterion,
    Cost,
    Kind,
    Limit,
    Offer,
    Publication,
    RangeCriterion,
    ServiceLanguage,
    Source,
    Texts,
    TranslationState,
)

#: What spreadsheets, XML and CSV like to change.
_AWKWARD = st.sampled_from(
    ["=1+1", "@SUM(A1)", "-2", "+45", "'=x", "''", "\\", "\\n", "\\-", "_x0041_", "a\r\nb", "\n", " ", ";", '"', "1.000",
     "TRUE", "2026-01-01", "#N/A", "\ufeff", "شارع <b>", "&amp;", "\x07", "\u2028", "\u202eabc", "0012", "1e5", "\t=x"]
)  # fmt: skip
_RAW = st.one_of(st.text(max_size=20), st.lists(_AWKWARD, min_size=1, max_size=3).map("".join))
#: A text as the model keeps it: stripped, and not empty.
_TEXT = _RAW.map(str.strip).filter(lambda text: 2 <= len(text) <= 100)
_SLUG = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)
_SLUGS = st.lists(_SLUG, max_size=3).map(tuple)
_TEXTS = st.lists(_TEXT, max_size=3).map(tuple)
_DATE = st.none() | st.dates()


def _optional(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


@st.composite
def _sources(draw: st.DrawFn) -> Source:
    if draw(st.booleans()):
        return Source(id=draw(_SLUG), fact=draw(_SLUG), section=draw(_optional(_RAW)))
    return Source(id=draw(_SLUG), file=draw(_RAW), section=draw(_optional(_RAW)), quote=draw(_RAW))


@st.composite
def _criteria(draw: st.DrawFn) -> RangeCriterion | ChoiceCriterion:
    source, strict = draw(_SLUG), draw(st.booleans())
    if draw(st.booleans()):
        kind = draw(st.sampled_from(["age", "school_grade", "years_in_denmark"]))
        ends = sorted(draw(st.tuples(st.integers(0, 120), st.integers(0, 120))))
        open_end = draw(st.sampled_from([{}, {"minimum": None}, {"maximum": None}]))
        values = {"minimum": ends[0], "maximum": ends[1], **open_end}
        return RangeCriterion(criterion=kind, **values, strict=strict, source=source)
    side = draw(st.sampled_from(["any", "none"]))
    ids = draw(st.lists(_SLUG, min_size=1, max_size=3))
    return ChoiceCriterion(criterion="situation", **{side: tuple(ids)}, strict=strict, source=source)


@st.composite
def _texts(draw: st.DrawFn) -> Texts:
    optional = [name for name in Texts.model_fields if name not in ("state", "name", "summary", "keywords", "examples")]
    return Texts(
        state=draw(st.sampled_from(TranslationState)),
        name=draw(_TEXT),
        summary=draw(_TEXT),
        **{name: draw(_optional(_TEXT)) for name in optional},
        keywords=draw(_TEXTS),
        examples=draw(_TEXTS),
    )


@st.composite
def any_offer(draw: st.DrawFn, identity: str = "any-offer") -> Offer:
    """Draw an offer that the model allows, with what spreadsheets are likely to change in its texts."""
    return Offer(
        id=identity,
        kind=draw(st.sampled_from(Kind)),
        availability=draw(st.sampled_from(Availability)),
        audience=draw(st.sampled_from(Audience)),
        publication=draw(st.sampled_from(Publication)),
        provider=draw(_SLUG),
        partners=draw(_SLUGS),
        parent=draw(_optional(_SLUG)),
        policies=draw(_SLUGS),
        alternatives=draw(_SLUGS),
        official_name=draw(_TEXT),
        aliases=draw(_TEXTS),
        needs=draw(_SLUGS),
        eligibility=tuple(draw(st.lists(_criteria(), max_size=3))),
        access=draw(st.sampled_from([Access(), Access(route="self", source="s1")])),
        cost=draw(
            st.just(Cost())
            | st.floats(0, 1e7).map(lambda amount: Cost(kind="paid", amount=amount, source="s1"))
            | st.just(Cost(kind="free", source="s1"))
        ),
        service_languages=tuple(
            draw(st.lists(st.sampled_from(["so", "interpreter", "zh-Hant"]).map(_language), max_size=2))
        ),
        limits=tuple(draw(st.lists(st.sampled_from(Limit), max_size=3))),
        described_in=draw(_optional(st.integers(1990, 2100))),
        ended_on=draw(_DATE),
        assured_on=draw(_DATE),
        review_by=draw(_DATE),
        owner=draw(_optional(_RAW)),
        sources=tuple(draw(st.lists(_sources(), min_size=1, max_size=3))),
        editor_notes=tuple(draw(st.lists(_RAW, max_size=3))),
        texts={tag: draw(_texts()) for tag in LANGUAGES},
    )


def _language(tag: str) -> ServiceLanguage:
    return ServiceLanguage(tag=tag, source="s1")


def small(catalogue: Catalogue, *names: str) -> Catalogue:
    """Return a catalogue with a few of its offers, which stand without parents and alternatives, not due for review."""
    later = dt.date.today() + dt.timedelta(days=90)
    changes = {"parent": None, "alternatives": (), "review_by": later}
    return replace(catalogue, offers={name: catalogue.offers[name].model_copy(update=changes) for name in names})

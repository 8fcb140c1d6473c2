"""What is remembered of a person, fact by fact, so that she can see it and take it back.

A fact has an id of its kind and value (`age`, `district:valby`, `situation:refugee`, `not:refugee`, `spoken:uk`). What
follows from another fact (a refugee has a foreign background) is no fact of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from services_catalog.catalogue import Catalogue
from services_catalog.languages import label_in
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_
from services_catalog.profile import Profile, Span
from services_catalog.understanding import implied_by

_OLDEST = 120


@dataclass(frozen=True)
class Remembered:
    """One fact: its id, and what it is called."""

    id: str
    text: str


def remembered(profile: Profile, language: str, catalogue: Catalogue) -> list[Remembered]:
    """Return the facts of a profile, in `language`."""
    return list(_facts(profile, localizer(language), catalogue))


def _facts(profile: Profile, speak: Localizer, catalogue: Catalogue) -> Iterator[Remembered]:
    say_years, say_grade, say_stay = N_("{years} years old"), N_("grade {years}"), N_("{years} years in Denmark")
    for name, message in (("age", say_years), ("school_grade", say_grade), ("years_in_denmark", say_stay)):
        spans: tuple[Span, ...] = getattr(profile, name)
        if spans:
            years = speak.list([_span(span, speak) for span in spans])
            yield Remembered(name, speak.text(message, years=years))
    tag = speak.language.tag
    for district in sorted(profile.districts):
        if district in catalogue.districts:
            yield Remembered(f"district:{district}", label_in(catalogue.districts[district].labels, tag))
    for situation in sorted(profile.situations - implied_by(profile.situations, catalogue)):
        if situation in catalogue.situations:
            yield Remembered(f"situation:{situation}", label_in(catalogue.situations[situation].labels, tag))
    for situation in sorted(profile.not_situations):
        if situation in catalogue.situations:
            label = label_in(catalogue.situations[situation].labels, tag)
            yield Remembered(f"not:{situation}", speak.text(N_("not: {fact}"), fact=label))
    for spoken in sorted(profile.spoken):
        yield Remembered(f"spoken:{spoken}", speak.text(N_("in {language}"), language=speak.language_name(spoken)))


def without(profile: Profile, fact_ids: Collection[str], catalogue: Catalogue) -> Profile:
    """Return a profile that has forgotten some facts, with all that followed from them; unknown ids change nothing."""

    def kept(kind: str) -> Callable[[str], bool]:
        return lambda value: f"{kind}:{value}" not in fact_ids

    told = profile.situations - implied_by(profile.situations, catalogue)
    left = frozenset(filter(kept("situation"), told))
    return profile.model_copy(
        update={
            **{name: () for name in ("age", "school_grade", "years_in_denmark") if name in fact_ids},
            "districts": frozenset(filter(kept("district"), profile.districts)),
            "situations": left | implied_by(left, catalogue),
            "not_situations": frozenset(filter(kept("not"), profile.not_situations)),
            "spoken": frozenset(filter(kept("spoken"), profile.spoken)),
        }
    )


def _span(span: Span, speak: Localizer) -> str:
    if span.minimum == span.maximum:
        return speak.number(span.minimum)
    if span.maximum >= _OLDEST:
        return f"{speak.number(span.minimum)}+"
    return f"{speak.number(span.minimum)}–{speak.number(span.maximum)}"

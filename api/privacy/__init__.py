"""Take out of a message what must not be stored, logged or sent on: CPR numbers, phone numbers, e-mail and street
addresses with numbers, and names after "my name is".

Each is replaced by a short mark that the rest of the service understands as nothing. Ages, prices, opening hours, years,
postcodes and public help numbers stay, because the answer depends on them. How well this goes is measured in
tests/api/private_sentences; docs/privacy.md holds the figures.
"""

from __future__ import annotations

import unicodedata

from api.privacy.addresses import find_addresses
from api.privacy.emails import find_emails
from api.privacy.names import find_names
from api.privacy.numbers import find_numbers
from api.privacy.spans import Span, blanked, merged
from services_catalog.normalize import normalize

__all__ = ["Span", "private_spans", "redact"]


#: What stood beside a number may be one itself, seen alone; only a text made for it needs more.
_MOST_PASSES = 4


def redact(text: str) -> str:
    """Return `text` with everything personal replaced. Text without anything personal comes back unchanged."""
    composed = unicodedata.normalize("NFC", text)
    redacted, spans = _pass_over(composed)
    return redacted if spans else text


def private_spans(text: str) -> list[Span]:
    """Return the half-open ranges of a composed (NFC) text that are personal, in order and apart from each other."""
    return _pass_over(text)[1]


def _pass_over(text: str) -> tuple[str, list[Span]]:
    """Return a text with marks, and the ranges they stand for, from as many passes as find something."""
    origins: list[int | None] = list(range(len(text)))
    found: list[Span] = []
    for _ in range(_MOST_PASSES):
        spans = _found_in(text)
        for span in reversed(spans):
            taken = [place for place in origins[span.start : span.end] if place is not None]
            if taken:
                found.append(Span(taken[0], taken[-1] + 1, span.mark))
            text = text[: span.start] + span.mark + text[span.end :]
            origins[span.start : span.end] = [None] * len(span.mark)
        if not spans:
            break
    return text, merged(found)


def _found_in(text: str) -> list[Span]:
    folded = normalize(text)
    written = "".join(text[offset] for offset in folded.offsets)  # as long as the folded text, and with capitals
    emails = find_emails(folded.text)
    rest = blanked(folded.text, emails)
    numbers = find_numbers(rest)
    rest = blanked(rest, numbers)
    addresses = find_addresses(rest, written)
    names = find_names(blanked(rest, addresses), written)
    found = merged([*emails, *numbers, *addresses, *names])
    return [Span(*folded.original_span(one.start, one.end), one.mark) for one in found]

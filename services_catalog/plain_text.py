"""A structured answer as plain text, for channels that carry only text (a terminal, an SMS, Rasa's own connectors)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services_catalog.localized import Localizer, grouped_phone, localizer
from services_catalog.messages import N_

Answer = Mapping[str, Any]


def plain_text(answer: Answer, public_url: str = "") -> str:
    """Return everything an answer says, in the form of the public contract (`POST /api/v1/chat`), as lines of text.

    `public_url` is put before the addresses of offers; they are left out without it.
    """
    speak = localizer(answer["language"])
    parts = [message["text"] for message in answer["messages"]]
    if answer["outcome"] != "answer":  # an answer about one offer has said what there is to say
        parts += [_offer(number, hit, speak, public_url) for number, hit in enumerate(answer.get("offers") or (), 1)]
    parts += [answer["question"]] if answer.get("question") else []
    replies = [reply["text"] for reply in answer.get("quick_replies") or ()]
    if replies:
        parts.append(speak.text(N_("You can answer: {replies}"), replies=" · ".join(replies)))
    return "\n\n".join(parts)


def _offer(number: int, hit: Mapping[str, Any], speak: Localizer, public_url: str) -> str:
    return "\n   ".join([f"{number}. {hit['name']}", *_lines(hit, speak, public_url)])


def _lines(hit: Mapping[str, Any], speak: Localizer, public_url: str) -> Iterator[str]:
    if hit["danish_name"] != hit["name"]:
        name = speak.isolated(hit["danish_name"], left_to_right=True)
        yield speak.text(N_("In Danish: {name}"), name=name)
    if hit.get("availability_note"):
        yield hit["availability_note"]
    yield hit["summary"]
    if hit["why"]:
        yield " ".join(hit["why"])
    for title, items in (
        (N_("Does not fit: {what}."), hit["eligibility"]["fails"]),
        (N_("Not known: {what}."), hit.get("unknown") or ()),
    ):
        if items:
            yield speak.text(title, what=speak.list(list(items)))
    if hit.get("how"):
        yield hit["how"]
    if hit.get("phone"):
        yield speak.text(N_("Call {phone}"), phone=speak.isolated(grouped_phone(hit["phone"]), left_to_right=True))
    if public_url:
        yield speak.isolated(f"{public_url}{hit['url']}", left_to_right=True)

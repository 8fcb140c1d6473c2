"""What the actions have in common: search and show, answer about one offer, and choose between the two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue_client import catalogue
from actions.turn import MOST_FAILED_TURNS, Turn, remember, reply
from services_catalog import replies

#: What belongs to the person of the last question only; a new need may be somebody else's.
_OF_ONE_PERSON = ("age", "school_grade")
#: A question about an offer counts from this certainty of the intent on, when an offer is shown, or named in it.
_QUESTION, _QUESTION_BY_NAME = 0.2, 0.25
#: A message of at most this many words that finds nothing may only point at something ("is it free?").
_POINTING_WORDS = 4

Events = list[dict[str, Any]]
#: Answers a turn by an intent, or returns None when that intent is not its own.
Otherwise = Callable[[CollectingDispatcher, Turn, str], Awaitable[Events | None]]
#: Why a conversation was handed to a person: she asked for one, two turns in a row led nowhere, or she complained.
HandOverReason = Literal["asked", "failed", "complaint"]


async def find_offers(dispatcher: CollectingDispatcher, turn: Turn, otherwise: Otherwise | None = None) -> Events:
    """Search for the need in the message; a question about an offer in the guise of a need is answered as one.

    `otherwise` answers a message that finds nothing surely and may be something else, by the likeliest intent.
    """
    profile = {name: value for name, value in turn.profile.items() if name not in _OF_ONE_PERSON}
    found = await catalogue(turn.municipality).find(
        conversation=turn.conversation,
        text=turn.text,
        language=turn.language,
        staff=turn.staff,
        profile=profile,
        limit=replies.MOST_OFFERS,
        asked=turn.asked.may_ask,
    )
    named = found["named"]
    attribute, certainty = turn.question()
    asks_by_name = certainty >= _QUESTION_BY_NAME
    if named is not None and (asks_by_name or named["little_else"]):
        return await answer_about(dispatcher, turn, attribute if asks_by_name else None)
    if turn.shown and turn.entity("ordinal") is not None:  # who names a place in the list speaks of the offer in it
        return await answer_about(dispatcher, turn, attribute)
    again = bool(found["hits"]) and found["hits"][0]["id"] in turn.shown
    if turn.shown and (not found["sure"] or again) and certainty >= _QUESTION:
        return await answer_about(dispatcher, turn, attribute)
    if not found["sure"] and otherwise is not None:
        answered = await otherwise(dispatcher, turn, turn.likeliest())
        if answered is not None:
            return answered
    return await show_found(dispatcher, turn, found, query=turn.text, rejected=[])


async def search_again(
    dispatcher: CollectingDispatcher,
    turn: Turn,
    *,
    added: str = "",
    said: dict[str, Any] | None = None,
    spoken: Sequence[str] = (),
    rejected: Sequence[str] | None = None,
) -> Events:
    """Search for the same need with what has changed: words `added`, facts `said`, languages wished for, offers turned down;
    what the person takes back is forgotten."""
    turned_down = turn.rejected if rejected is None else list(dict.fromkeys(rejected))
    found = await catalogue(turn.municipality).find(
        conversation=turn.conversation,
        text=added,
        query=turn.query,
        language=turn.language,
        staff=turn.staff,
        profile=turn.profile,
        said=said or {},
        forgotten=turn.forgotten,
        spoken=list(spoken),
        without=turned_down,
        limit=replies.MOST_OFFERS,
        asked=turn.asked.may_ask,
    )
    return await show_found(dispatcher, turn, found, query=turn.query, rejected=turned_down)


async def show_found(
    dispatcher: CollectingDispatcher, turn: Turn, found: dict[str, Any], *, query: str, rejected: list[str]
) -> Events:
    """Answer with the hits, or honestly with nothing; after repeated failure, with a person."""
    hits = found["hits"]
    if not hits:
        return await admit_failure(
            dispatcher,
            turn,
            "nothing_found",
            await catalogue(turn.municipality).replies("nothing_found", turn.language),
            found["profile"],
            found["remembered"],
        )
    if any(hit["available"] for hit in hits):
        intro = replies.offers_found(turn.language, len(hits), sure=found["sure"])
    else:
        intro = replies.only_unavailable(turn.language)
    question = found["question"]
    reply(
        dispatcher,
        turn,
        "offers",
        intro,
        offers=hits,
        remembered=found["remembered"],
        question=question["text"] if question else None,
        quick_replies=_answers_to(question, turn.language) if question else [],
    )
    return remember(
        asked=turn.asked.and_now(question),
        query=query,
        profile=found["profile"],
        shown=[hit["id"] for hit in hits],
        about=None,
        rejected=rejected,
        failed_turns=0,
        language=turn.language,
    )


def _answers_to(question: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    texts = [choice["text"] for choice in question["choices"]] + [replies.skip(language)]
    return [{"text": text, "payload": text} for text in texts]


async def answer_about(dispatcher: CollectingDispatcher, turn: Turn, attribute: str | None) -> Events:
    """Answer a question about the offer that is meant; where none can be, find one or ask which."""
    ordinal = turn.entity("ordinal")
    answer = await catalogue(turn.municipality).answer(
        text=turn.text,
        language=turn.language,
        staff=turn.staff,
        attribute=attribute,
        shown=turn.shown,
        about=turn.about,
        ordinal=int(ordinal) if ordinal is not None else None,
    )
    if answer["about"] is None:
        found = await catalogue(turn.municipality).find(
            conversation=turn.conversation,
            text=turn.text,
            language=turn.language,
            staff=turn.staff,
            limit=replies.MOST_OFFERS,
        )
        if found["hits"] or len(turn.text.split()) > _POINTING_WORDS:
            return await show_found(dispatcher, turn, found, query=turn.text, rejected=[])
        return await admit_failure(dispatcher, turn, "clarify", replies.about_nothing(turn.language), turn.profile)
    reply(
        dispatcher,
        turn,
        "answer",
        f"{answer['name']}: {answer['text']}",
        about=answer["about"],
        attribute=answer["attribute"],
        offers=answer["hits"],
    )
    shown = turn.shown if answer["about"] in turn.shown else [answer["about"], *turn.shown]
    return remember(about=answer["about"], shown=shown, failed_turns=0, language=turn.language)


async def admit_failure(
    dispatcher: CollectingDispatcher,
    turn: Turn,
    outcome: str,
    text: str,
    profile: dict[str, Any],
    remembered: Sequence[dict[str, str]] = (),
) -> Events:
    """Say that this turn led nowhere; the second time in a row, lead to a person instead."""
    failed = turn.failed_turns + 1
    if failed >= MOST_FAILED_TURNS:
        await hand_over(dispatcher, turn, "failed")
        failed = 0
    else:
        reply(dispatcher, turn, outcome, text, remembered=list(remembered))
    return remember(failed_turns=failed, profile=profile, language=turn.language)


async def hand_over(dispatcher: CollectingDispatcher, turn: Turn, reason: HandOverReason) -> None:
    """Lead to a person; the api counts the reason for the editors."""
    text = await catalogue(turn.municipality).replies(f"hand_over_{reason}", turn.language)
    reply(dispatcher, turn, "handover", text, reason=reason)

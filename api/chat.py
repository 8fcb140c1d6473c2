"""`POST /api/v1/chat`: the journey of one message, step by step, to an answer that is never empty."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from api.addresses import public_address
from api.admission import Admission
from api.bot_client import BotClient, BotUnavailable
from api.catalogue_service import Snapshot
from api.chat_messages import ChatAnswer, ChatMessage, ChatOutcome, DescribedAnswer
from api.foresight import Foresight
from api.forgetting import asks_to_forget, begin_anew
from api.internal import LONGEST_ASKED, FindRequest, Found
from api.openapi import problems
from api.plain_words import plain_words
from api.presenting import crisis_view, hit_view
from api.privacy import redact
from api.problems import Problem
from api.requests import carried, note_answer
from api.session_ids import conversation_of
from api.sessions import Session, SessionStore
from api.settings import Settings
from api.speaking import admitted, speaker_of, staff_speaking, too_often
from api.timing import Steps, steps_of
from services_catalog import replies
from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisCategory
from services_catalog.identify import Identified
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE, direction_of
from services_catalog.messages import N_
from services_catalog.plain_text import plain_text
from services_catalog.search import Hit, Outcome, SearchResult

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1", tags=["chat"])


@router.post("/chat", summary="Say something", responses=problems(401, 403) | {200: {"model": DescribedAnswer}})
async def chat(request: Request, response: Response, message: ChatMessage) -> ChatAnswer:
    """Answer one message of a conversation, in the language it is written in."""
    steps = steps_of(request)
    with steps.step("whole"):
        answer = await _answer_to(request, message, steps)
    note_answer(request, answer.language, degraded=answer.degraded)
    request.app.state.metrics.turn(answer.outcome, answer.language)
    request.app.state.counts.answered(conversation_of(answer.session), answer.outcome, answer.language)
    response.headers["Server-Timing"] = steps.header()
    if message.plain:
        answer.plain_text = plain_text(answer.model_dump(), public_address(request))
    return answer


async def _answer_to(request: Request, message: ChatMessage, steps: Steps) -> ChatAnswer:
    _limit_size(message, request.app.state.settings)
    sessions: SessionStore = request.app.state.sessions
    session = await sessions.open(message.session, speaker_of(request))
    principal = await staff_speaking(request)
    session.staff = principal is not None
    wait = await too_often(request, session, principal)
    answer = await _turn(request, message, session, steps, wait)
    if answer.outcome == "reset":
        session = await begin_anew(request.app.state.endings, sessions, session, speaker_of(request))
        answer.session = session.id
    await sessions.save(session)
    return _without_memory(request, answer) if session.lost else answer


async def _turn(request: Request, message: ChatMessage, session: Session, steps: Steps, wait: int) -> ChatAnswer:
    """Return the answer; to somebody in danger always, to others when they did not ask too often (`wait` is 0) and get a
    turn. Raises Problem 429 or 503."""
    snapshot: Snapshot = request.app.state.catalogue.current
    if message.remove:
        language = session.language or SOURCE_LANGUAGE
        async with admitted(request, language, wait):
            return await _relay(request, session, language, _NO_WORDS, snapshot, remove=message.remove)
    with steps.step("redaction"):
        # what parts a number or an address (tags, wide letters) goes first, so that it does not hide it
        text = redact(plain_words(message.text))
    with steps.step("language"):
        identified = snapshot.engine.identifier.identify(text, session.language or _hint(message))
    language = _language_of_turn(session, identified)
    words = any(character.isalnum() for character in text)
    with steps.step("crisis"):
        # half a millisecond: a thread would cost as much
        # what we wrote on a button ourselves ("grade 9 or above") needs no reading between the lines
        forgetting = asks_to_forget(text)
        learned = identified.foreign is None and text not in session.offered and not forgetting
        category = snapshot.crisis.recognize(text, learned=learned, following=session.answered) if words else None
    if category is not None:
        hits = await _beside_danger(request, session, language, text, snapshot)
        return _crisis(session, language, category, snapshot, hits)
    language, identified = _spoken_here(session, language, identified, snapshot.catalogue)
    async with admitted(request, language, wait):
        if not words:
            return _answer(session, language, "clarify", replies.say_more(language))
        if forgetting:
            said = replies.next_client(language) if session.staff else replies.started_over(language)
            return _answer(session, language, "reset", said)
        if identified.foreign is not None and await to_thread.run_sync(
            _says_nothing, text, language, snapshot, limiter=request.app.state.admission.searches
        ):
            return _languages_offered(session, language, snapshot)
        with steps.step("conversation"):
            return await _relay(request, session, language, text, snapshot)


@router.delete("/chat/{session_id}", status_code=204, summary="Forget a conversation")
async def forget(request: Request, session_id: str) -> None:
    """Forget a conversation at once, here and in Rasa."""
    await request.app.state.endings.end(session_id, speaker_of(request))


def _limit_size(message: ChatMessage, settings: Settings) -> None:
    if len(message.text) > settings.message_limit:
        raise Problem(
            413,
            N_("The message is too long"),
            N_("Please say it in at most {limit} characters."),
            limit=settings.message_limit,
        )


def _without_memory(request: Request, answer: ChatAnswer) -> ChatAnswer:
    """Let an answer say that what was said before could not be looked up; not to somebody in danger, whom it does not help."""
    if answer.outcome != "crisis" and not answer.degraded:
        request.app.state.metrics.degraded("redis")
        answer.degraded = True
        answer.messages[0]["text"] = f"{replies.without_memory(answer.language)} {answer.messages[0]['text']}"
    return answer


def _hint(message: ChatMessage) -> str | None:
    return message.language if message.language in LANGUAGES else None


def _language_of_turn(session: Session, identified: Identified) -> str:
    """Return the language to answer in: the one asked for as long as the resident writes on as she did, else the one
    written."""
    if session.asked_language and (not identified.sure or identified.language == session.written_language):
        return session.asked_language
    session.asked_language = None
    session.written_language = identified.language if identified.sure else session.written_language
    session.language = identified.language
    return identified.language


def _spoken_here(
    session: Session, language: str, identified: Identified, catalogue: Catalogue
) -> tuple[str, Identified]:
    """Return the language to go on in; one that the municipality does not answer in is foreign to it. A person in danger
    was answered in hers before."""
    if language in catalogue.languages:
        return language, identified
    session.language = catalogue.languages[0]
    return session.language, Identified(session.language, sure=False, foreign=language)


async def _beside_danger(
    request: Request, session: Session, language: str, text: str, snapshot: Snapshot
) -> Sequence[Hit]:
    """Return offers to show below what helps now; none while very many ask, so that the next in danger does not wait."""
    admission: Admission = request.app.state.admission
    if admission.crowded:
        request.app.state.metrics.degraded("crowded")
        return ()

    def search() -> SearchResult:
        with steps_of(request).step("search"):
            return snapshot.engine.search(text, language=language, limit=3)

    # threads of their own: those of everybody may all be at work
    result = await to_thread.run_sync(search, limiter=admission.danger)
    request.app.state.counts.named(session.conversation, result.needs)
    return [hit for hit in result.hits if hit.available]


def _crisis(
    session: Session, language: str, category: CrisisCategory, snapshot: Snapshot, hits: Sequence[Hit]
) -> ChatAnswer:
    answer = snapshot.crisis.answer(category, language)
    repeated = category.value in session.crises
    session.crises.add(category.value)
    return _answer(
        session,
        language,
        "crisis",
        replies.crisis_text(answer, repeated=repeated, language=language),
        crisis=crisis_view(answer),
        offers=[hit_view(hit, language, snapshot.catalogue) for hit in hits],
    )


def _says_nothing(text: str, language: str, snapshot: Snapshot) -> bool:
    """Tell whether a message that looks like another language finds nothing surely here; a name in it may still speak."""
    return snapshot.engine.search(text, language=language, limit=1).outcome is not Outcome.OFFERS


def _languages_offered(session: Session, language: str, snapshot: Snapshot) -> ChatAnswer:
    quick = replies.language_choices(snapshot.catalogue)
    return _answer(session, language, "clarify", replies.languages_offered(snapshot.catalogue), quick_replies=quick)


#: Rasa takes no message without text; what is removed stands beside it.
_NO_WORDS = "…"


async def _relay(
    request: Request, session: Session, language: str, text: str, snapshot: Snapshot, remove: Sequence[str] = ()
) -> ChatAnswer:
    bot: BotClient = request.app.state.bot
    told = {"language": language, "staff": session.staff, "gentle": bool(session.crises), "remove": list(remove)}
    told["municipality"] = request.app.state.settings.municipality
    told["shown"] = list(session.missed)
    foresight: Foresight[FindRequest, Found] = request.app.state.foresight
    request.app.state.lacks.begin(session.conversation)
    begun = None
    if not remove:
        need = _new_need(session, text, language)
        # once the message is on its way: the thread that searches would take the interpreter from who sends
        soon = asyncio.get_running_loop().call_soon
        begun = soon(foresight.begin, session.conversation, snapshot.engine, text, language, need)
    try:
        reply = await bot.send(session.conversation, text, told, carried(request))
    except BotUnavailable as failure:
        log.warning("answered without Rasa", extra={"reason": failure.reason})
        request.app.state.metrics.degraded(failure.reason)
        request.app.state.lacks.answered(session.conversation, "")
        searches = request.app.state.admission.searches
        return await to_thread.run_sync(_search_directly, request, session, language, text, snapshot, limiter=searches)
    finally:
        if begun is not None:
            begun.cancel()
        foresight.drop(session.conversation)
    request.app.state.lacks.answered(session.conversation, reply["outcome"])
    spoken = reply["language"]
    if reply["outcome"] == "language_switch":
        session.asked_language, session.language = spoken, spoken
    if reply["outcome"] == "handover":
        request.app.state.counts.happened("handover", reply["reason"], spoken)
    session.answered, session.missed = True, ()
    session.offered = frozenset(choice["payload"] for choice in reply.get("quick_replies", []))
    more = {name: reply[name] for name in _CARRIED if name in reply}
    return _answer(session, spoken, reply["outcome"], reply["text"], **more)


def _new_need(session: Session, text: str, language: str) -> FindRequest | None:
    """Return what the action asks for when a conversation begins with a need; later it knows more than we do."""
    if session.answered or session.missed or len(text) > LONGEST_ASKED:
        return None
    return FindRequest(
        conversation=session.conversation,
        text=text,
        language=language,
        staff=session.staff,
        limit=replies.MOST_OFFERS,
        asked=[],
    )


#: What an action's reply may hold beside its text (actions/turn.py), under the names of the answer.
_CARRIED = ("offers", "about", "attribute", "question", "quick_replies", "remembered")


def _search_directly(request: Request, session: Session, language: str, text: str, snapshot: Snapshot) -> ChatAnswer:
    """Answer from the catalogue alone, and say so."""
    with steps_of(request).step("search"):
        result = snapshot.engine.search(text, language=language, staff=session.staff, limit=replies.MOST_OFFERS)
    request.app.state.counts.named(session.conversation, result.needs)
    if result.outcome is Outcome.NOTHING_FOUND:
        said = replies.nothing_found(language, snapshot.catalogue)
    else:
        said = replies.offers_found(language, len(result.hits), sure=result.outcome is Outcome.OFFERS)
        session.missed = tuple(hit.offer.id for hit in result.hits)
    return _answer(
        session,
        language,
        "nothing_found" if result.outcome is Outcome.NOTHING_FOUND else "offers",
        f"{replies.degraded(language)} {said}",
        offers=[hit_view(hit, language, snapshot.catalogue) for hit in result.hits],
        degraded=True,
    )


def _answer(session: Session, language: str, outcome: ChatOutcome, text: str, **more: Any) -> ChatAnswer:
    return ChatAnswer(
        session=session.id,
        language=language,
        direction=direction_of(language),
        outcome=outcome,
        messages=[{"text": text}],
        **more,
    )

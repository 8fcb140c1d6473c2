"""What we change in Rasa 3.6.21, and why. Rasa Open Source is frozen at that version, so that nothing moves under us.

Each patch names the method it replaces and the parameters that method must have; `apply` refuses anything else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import rasa
from jsonschema import ValidationError, validators
from rasa.core.actions.action import RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import Event, FollowupAction
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.schemas.events import EVENTS_SCHEMA

from bot.action_line import call_format
from bot.compacting import begun
from bot.lean_turn import check_nothing, copy_nothing_for_logs, predict, run_graph
from bot.stores import replayed

EXPECTED_VERSION = "3.6.21"

_rasas_run = RemoteAction.run
_rasas_resolve = Event.resolve_by_type


class UnexpectedRasaError(RuntimeError):
    """The installed Rasa is not the one that the patches were written for."""


@dataclass(frozen=True)
class Patch:
    """Replaces `owner.name`, whose parameters must be `parameters`, by `replacement`."""

    owner: type
    name: str
    parameters: tuple[str, ...]
    replacement: Callable[..., Any]
    why: str


def _validators_by_event() -> dict[str, Any]:
    """Return one compiled validator per kind of event; Rasa's schema tries all eighteen on every event."""
    validator = validators.validator_for(EVENTS_SCHEMA)
    validator.check_schema(EVENTS_SCHEMA)
    return {schema["properties"]["event"]["const"]: validator(schema) for schema in EVENTS_SCHEMA["items"]["oneOf"]}


_VALIDATORS = _validators_by_event()


def _validate_action_result(_action: RemoteAction, result: Any) -> bool:
    """Check an action server's answer. Raises ValidationError that says where it is wrong and repeats nothing of it."""
    events = result.get("events", []) if isinstance(result, dict) else None
    responses = result.get("responses", []) if isinstance(result, dict) else None
    if not isinstance(events, list) or not isinstance(responses, list):
        raise ValidationError("The action server's answer must be an object with lists `events` and `responses`.")
    if not all(isinstance(response, dict) for response in responses):
        raise ValidationError("Each of the action server's `responses` must be an object.")
    for index, event in enumerate(events):
        if not _is_event(event):
            raise ValidationError(f"The action server's `events[{index}]` is not an event that Rasa knows.")
    return True


def _is_event(event: Any) -> bool:
    if not isinstance(event, dict):
        return False
    kind = event.get("event")
    if kind == "slot":  # all that Rasa's schema asks of it, without the schema: eight come with an answer
        return isinstance(event.get("name"), str) and "value" in event
    validator = _VALIDATORS.get(kind)
    return validator is not None and validator.is_valid(event)


async def _run_and_listen(
    action: RemoteAction, output_channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Any
) -> list[Event]:
    events: list[Event] = await _rasas_run(action, output_channel, nlg, tracker, domain)
    return [*events, FollowupAction(ACTION_LISTEN_NAME)]


def _text_is_text(_handler: RegexMessageHandler, messages: list[Any], domain: Any = None) -> list[Any]:
    return messages


async def _save(store: FailSafeTrackerStore, tracker: DialogueStateTracker) -> None:
    await store._tracker_store.save(tracker)


async def _retrieve(store: FailSafeTrackerStore, sender_id: str) -> DialogueStateTracker:
    kept: DialogueStateTracker | None = await store._tracker_store.retrieve(sender_id)
    return kept or replayed(store._tracker_store, sender_id, begun())


@cache
def _resolve_by_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """Return the class of events of a name, looked for once: their classes do not change while Rasa runs."""
    return _rasas_resolve(type_name, default)


PATCHES = (
    Patch(
        RemoteAction,
        "_validate_action_result",
        ("self", "result"),
        _validate_action_result,
        "Rasa checks the constant schema against its metaschema on every call: three quarters of a turn's time.",
    ),
    Patch(
        RemoteAction,
        "run",
        ("self", "output_channel", "nlg", "tracker", "domain"),
        _run_and_listen,
        "Each of our rules ends with its action, so that asking the policies what comes next costs time for nothing.",
    ),
    Patch(
        RemoteAction,
        "_action_call_format",
        ("self", "tracker", "domain"),
        call_format,
        "Rasa sends the whole domain and every event of the conversation with each call.",
    ),
    Patch(
        Event,
        "resolve_by_type",
        ("type_name", "default"),
        _resolve_by_type,
        "Rasa lists all classes of events for each event that an action returns.",
    ),
    Patch(
        DaskGraphRunner,
        "run",
        ("self", "inputs", "targets"),
        run_graph,
        "Rasa plans the order of the components anew on every run.",
    ),
    Patch(
        MessageProcessor,
        "_predict_next_with_tracker",
        ("self", "tracker"),
        predict,
        "Rasa runs the policies to look up the action of an intent, which is always the same.",
    ),
    Patch(
        MessageProcessor,
        "_check_for_unseen_features",
        ("self", "parse_data"),
        check_nothing,
        "Rasa builds an empty domain on every message to compare with.",
    ),
    Patch(
        RegexMessageHandler,
        "process",
        ("self", "messages", "domain"),
        _text_is_text,
        'A message "/restart" or "/greet{...}" would be taken for an intent; from a resident it is text.',
    ),
    Patch(
        FailSafeTrackerStore,
        "save",
        ("self", "tracker"),
        _save,
        "When Redis fails Rasa would keep the conversation in memory, whole and for ever; the message must fail.",
    ),
    Patch(
        FailSafeTrackerStore,
        "retrieve",
        ("self", "sender_id"),
        _retrieve,
        "When Redis fails Rasa would begin the conversation anew and save that over what is kept; and a new one would "
        "begin with an action, and be saved twice before anything is said.",
    ),
)


def apply() -> None:
    """Apply every patch; a second call changes nothing. Raises UnexpectedRasaError."""
    if rasa.__version__ != EXPECTED_VERSION:
        raise UnexpectedRasaError(
            f"bot/patches.py was written for Rasa {EXPECTED_VERSION}, installed is {rasa.__version__}: "
            "read each patch against the new version, then change EXPECTED_VERSION."
        )
    for patch in PATCHES:
        _check(patch)
        setattr(patch.owner, patch.name, patch.replacement)
    copy_nothing_for_logs()


def _check(patch: Patch) -> None:
    found = getattr(patch.owner, patch.name, None)
    if found is patch.replacement:
        return
    if found is None or tuple(inspect.signature(found).parameters) != patch.parameters:
        raise UnexpectedRasaError(
            f"{patch.owner.__name__}.{patch.name} does not take {', '.join(patch.parameters)}: "
            "the installed Rasa is not the one that bot/patches.py was written for."
        )

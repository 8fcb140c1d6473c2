"""Keeps a conversation short: what is remembered is the slots and the last turn, never the whole talk.

Rasa replays every event of a conversation on every turn and sends all of them to the action server, so that a long talk
grows slower and keeps every word. Our actions read slots only, which makes the past events dispensable.
"""

from __future__ import annotations

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


def begun() -> list[Event]:
    """Return the events with which every conversation begins, ready to listen."""
    return [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME)]


def compacted(tracker: DialogueStateTracker) -> list[Event]:
    """Return the fewest events that give the same slots, the same session clock and the same readiness to listen.

    The last message is kept without its text: its time decides when the session ends.
    """
    events = begun()
    said = tracker.latest_message
    if said is not None and said.intent_name:
        intent = {"name": said.intent_name, "confidence": 1.0}
        events.append(UserUttered(intent=intent, timestamp=said.timestamp))
    # Only what an action set: a slot at its initial value is there anyway.
    for name, slot in tracker.slots.items():
        if slot.value != slot.initial_value:
            events.append(SlotSet(name, slot.value))
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    return events

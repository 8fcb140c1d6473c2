"""What we changed in Rasa: each change does what it says, and refuses another Rasa."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    Event,
    FollowupAction,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.endpoints import ClientResponseError

from bot import patches
from bot.action_line import KeptEndpoint, slim_call
from bot.logs import PRIVATE_KEYS, without_private
from bot.settings import BOT, ROOT
from bot.stores import BoundedTrackerStore

GOOD = {
    "events": [{"event": "slot", "name": "language", "value": "ar", "timestamp": None}],
    "responses": [{"text": None, "custom": {"outcome": "offers"}, "buttons": []}],
}


@pytest.fixture(autouse=True)
def _patched() -> None:
    patches.apply()


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(BOT / "domain"))


def tracker_of(domain: Domain, turns: int = 1) -> DialogueStateTracker:
    tracker = DialogueStateTracker("s1", domain.slots)
    for turn in range(turns):
        tracker.update(SlotSet("failed_turns", turn))
        tracker.update(ActionExecuted("action_listen"))
        parsed = {"text_tokens": [(0, 3)] * 500, "language": "da", "intent_ranking": []}
        message = UserUttered(
            f"text {turn}", {"name": "greet", "confidence": 0.9}, [{"entity": "age", "value": 8}], parsed
        )
        message.metadata = {"language": "da", "staff": True}
        tracker.update(message)
    return tracker


class ActionServer:
    """A small action server that counts connections and answers as it is told."""

    def __init__(self) -> None:
        self.connections: set[Any] = set()
        self.bodies: list[dict[str, Any]] = []
        self.status, self.answer = 200, GOOD

    async def handle(self, request: web.Request) -> web.Response:
        self.connections.add(request.transport)
        self.bodies.append(await request.json())
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def server() -> AsyncIterator[tuple[ActionServer, KeptEndpoint]]:
    actions = ActionServer()
    app = web.Application()
    app.router.add_post("/webhook", actions.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    endpoint = KeptEndpoint(url=f"http://127.0.0.1:{port}/webhook")
    yield actions, endpoint
    await endpoint.close()
    await runner.cleanup()


def test_another_version_of_rasa_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches.rasa, "__version__", "3.7.0")
    with pytest.raises(patches.UnexpectedRasaError, match=r"3\.6\.21, installed is 3\.7\.0"):
        patches.apply()


def test_a_method_with_other_parameters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RegexMessageHandler, "process", lambda self, something: something)
    with pytest.raises(patches.UnexpectedRasaError, match=r"RegexMessageHandler\.process"):
        patches.apply()


def test_every_patch_says_why() -> None:
    assert all(len(patch.why) > 20 for patch in patches.PATCHES)


def test_good_answers_pass() -> None:
    assert RemoteAction("a", None)._validate_action_result(GOOD)
    assert RemoteAction("a", None)._validate_action_result({"events": [], "responses": []})


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        {"events": {}, "responses": []},
        {"events": [{"event": "slot"}], "responses": []},
        {"events": [{"event": "slot", "name": "language"}], "responses": []},
        {"events": [{"event": "slot", "name": ["secret words"], "value": 1}], "responses": []},
        {"events": [{"event": "secret words"}], "responses": []},
        {"events": ["slot"], "responses": []},
        {"events": [], "responses": ["secret words"]},
    ],
)
def test_bad_answers_are_refused_without_quoting_them(bad: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        RemoteAction("a", None)._validate_action_result(bad)
    assert "secret words" not in str(caught.value)


def test_an_event_is_of_the_class_of_its_name() -> None:
    events = [{"event": "slot", "name": "language", "value": "ar"}, {"event": "followup", "name": "action_listen"}]
    assert deserialise_events(events) == [SlotSet("language", "ar"), FollowupAction("action_listen")]
    with pytest.raises(ValueError, match="unheard"):
        Event.from_parameters({"event": "unheard"})


async def test_a_new_conversation_has_begun_and_nothing_of_it_is_kept_yet(domain: Domain) -> None:
    store = BoundedTrackerStore(domain)
    tracker = await FailSafeTrackerStore(store).get_or_create_tracker("s1", append_action_listen=False)
    assert [type(event) for event in tracker.events] == [ActionExecuted, SessionStarted, ActionExecuted]
    assert tracker.applied_events()  # Rasa begins a session where there are none
    assert tracker.latest_action_name == "action_listen"
    assert await store.retrieve("s1") is None


def test_a_slash_is_no_intent(domain: Domain) -> None:
    message = Message(data={"text": "/restart"})
    handled = RegexMessageHandler().process([message], domain)
    assert handled == [message]
    assert message.get("intent") is None


def test_the_call_is_small_and_does_not_grow(domain: Domain) -> None:
    short, long = (len(json.dumps(slim_call("a", tracker_of(domain, turns), "3.6.21"))) for turns in (1, 40))
    assert short < 1500
    assert abs(long - short) < 50


def test_the_call_has_what_the_actions_read(domain: Domain) -> None:
    call = slim_call("action_find_offers", tracker_of(domain, 2), "3.6.21")
    assert call["next_action"] == "action_find_offers"
    assert call["domain"] == {}
    said = call["tracker"]["latest_message"]
    assert (said["text"], said["intent"]["name"], said["language"]) == ("text 1", "greet", "da")
    assert said["entities"] == [{"entity": "age", "value": 8}]
    assert said["metadata"] == {"language": "da", "staff": True}
    assert call["tracker"]["slots"]["failed_turns"] == 1
    assert [event["event"] for event in call["tracker"]["events"]] == ["user"]


async def run(endpoint: KeptEndpoint, domain: Domain) -> list[Any]:
    return await RemoteAction("action_find_offers", endpoint).run(None, None, tracker_of(domain), domain)


async def test_one_connection_serves_many_calls(server: tuple[ActionServer, KeptEndpoint], domain: Domain) -> None:
    actions, endpoint = server
    for _ in range(5):
        await run(endpoint, domain)
    assert len(actions.bodies) == 5
    assert len(actions.connections) == 1


async def test_after_an_action_the_bot_listens(server: tuple[ActionServer, KeptEndpoint], domain: Domain) -> None:
    events = await run(server[1], domain)
    assert events[-1] == FollowupAction("action_listen")
    assert [event.value for event in events if isinstance(event, SlotSet)] == ["ar"]


async def test_an_error_of_the_actions_keeps_the_words_out(server: tuple[ActionServer, KeptEndpoint]) -> None:
    actions, endpoint = server
    actions.status, actions.answer = 500, {"error": "secret words", "request_body": {"text": "secret words"}}
    with pytest.raises(ClientResponseError) as caught:
        await endpoint.request(json={"next_action": "a"})
    assert caught.value.status == 500
    assert "secret words" not in str(caught.value)


async def test_a_missing_action_server_is_an_error_at_once() -> None:
    endpoint = KeptEndpoint(url="http://127.0.0.1:9/webhook")
    with pytest.raises(aiohttp.ClientError):
        await asyncio.wait_for(endpoint.request(json={}), timeout=2)
    await endpoint.close()


def test_structured_logs_lose_what_was_said() -> None:
    event = {"event": "processor.message.parse", "text": "secret", "parse_data_text": "secret", "count": 1}
    assert without_private(None, "info", event) == {"event": "processor.message.parse", "count": 1}
    assert "slot_values" in PRIVATE_KEYS


def test_debug_cannot_be_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.logs import configure_logging

    monkeypatch.setenv("VEJVISER_LOG_LEVEL", "debug")
    assert configure_logging() == logging.INFO


SERVES_WITHOUT_TENSORFLOW = """
import sys
from bot.lean_imports import without_tensorflow
without_tensorflow()
import rasa.core.run, bot.patches, bot.channel, bot.stores
import bot.components.intents, bot.components.entities, bot.components.tokenizer
import rasa.core.policies.rule_policy, rasa.nlu.classifiers.fallback_classifier
print("tensorflow" in sys.modules)
"""


def test_serving_does_not_import_tensorflow() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SERVES_WITHOUT_TENSORFLOW],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_lean_imports_come_first_or_not_at_all() -> None:
    from bot.lean_imports import ImportedTooEarlyError, without_tensorflow

    with pytest.raises(ImportedTooEarlyError):
        without_tensorflow()


def test_a_message_keeps_what_the_channel_gave() -> None:
    message = UserMessage(" hej ", None, "s1", metadata={"language": "da"})
    assert (message.text, message.sender_id) == ("hej", "s1")

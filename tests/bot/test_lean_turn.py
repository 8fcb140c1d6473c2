"""What Rasa would do anew on every message is done once, with the same outcome."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, FollowupAction, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import lean_turn
from bot.settings import BOT, ROOT

RULES = ROOT / "data" / "rules" / "rules.yml"


class Adding(GraphComponent):
    """Adds its own number to what comes in."""

    calls: list[int] = []

    def __init__(self, number: int) -> None:
        self.number = number

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: Any, resource: Any, execution_context: Any) -> Adding:
        return cls(config["number"])

    def add(self, first: int, second: int = 0) -> int:
        if first < 0:
            raise ValueError("too small")
        Adding.calls.append(self.number)
        return first + second + self.number


def node(number: int, needs: dict[str, str], **more: Any) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Adding, constructor_name="create", fn="add", config={"number": number}, **more)


@pytest.fixture
def runner(tmp_path: Any) -> DaskGraphRunner:
    nodes = {
        "last": node(1000, {"first": "left", "second": "right"}, is_target=True),
        "right": node(100, {"first": "begin"}),
        "left": node(10, {"first": "begin"}),
        "begin": node(1, {"first": "number"}),
        "not needed": node(5, {"first": "number"}),
    }
    schema = GraphSchema(nodes)
    Adding.calls.clear()
    return DaskGraphRunner.create(schema, LocalModelStorage.create(tmp_path), ExecutionContext(schema, "model"))


def test_a_graph_is_run_as_rasa_runs_it_and_each_part_once(runner: DaskGraphRunner) -> None:
    for number in (1, 2):
        Adding.calls.clear()
        assert lean_turn.run_graph(runner, {"number": number}) == {"last": 1112 + 2 * number}
        assert sorted(Adding.calls) == [1, 10, 100, 1000]
    assert lean_turn.run_graph(runner, {"number": 5}, ["left", "begin"]) == {"left": 16, "begin": 6}


def test_a_part_that_fails_or_lacks_its_input_says_so(runner: DaskGraphRunner) -> None:
    with pytest.raises(GraphRunError):
        lean_turn.run_graph(runner, {})
    with pytest.raises(Exception, match="begin"):
        lean_turn.run_graph(runner, {"number": -1})


def test_each_rule_is_one_intent_and_its_action() -> None:
    rules = [rule["steps"] for rule in yaml.safe_load(RULES.read_text(encoding="utf-8"))["rules"]]
    assert all([*step] == [kind] for steps in rules for step, kind in zip(steps, ("intent", "action"), strict=True))
    intents = [steps[0]["intent"] for steps in rules]
    assert len(set(intents)) == len(intents)


def test_the_policies_are_asked_once_for_an_intent(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = Domain.load(str(BOT / "domain"))
    asked: list[str] = []

    def policies(_processor: Any, tracker: DialogueStateTracker) -> PolicyPrediction:
        name = tracker.followup_action or tracker.latest_message.intent["name"]  # type: ignore[union-attr]
        asked.append(name)
        return PolicyPrediction.for_action_name(domain, "action_small_talk" if name == "greet" else "action_listen")

    monkeypatch.setattr(lean_turn, "_rasas_prediction", policies)
    processor: MessageProcessor = SimpleNamespace(domain=domain)  # type: ignore[assignment]
    for _ in range(3):
        tracker = DialogueStateTracker("anybody", domain.slots)
        tracker.update(ActionExecuted("action_listen"))
        tracker.update(UserUttered("hej", {"name": "greet", "confidence": 0.9}))
        found = lean_turn.predict(processor, tracker)
        assert domain.action_names_or_texts[found.max_confidence_index] == "action_small_talk"
        assert found.max_confidence == 1.0
        tracker.update(FollowupAction("action_listen"))
        found = lean_turn.predict(processor, tracker)
        assert domain.action_names_or_texts[found.max_confidence_index] == "action_listen"
    assert asked == ["greet", "action_listen", "action_listen", "action_listen"]

"""What Rasa does on every message although its outcome is always the same: done once, or left out.

Measured in docs/conversation.md. Each function stands in for a method of Rasa 3.6.21; `patches.py` puts them there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.trackers import DialogueStateTracker

_rasas_prediction = MessageProcessor._predict_next_with_tracker
_PLANS, _ACTIONS = "_vejviser_plans", "_vejviser_actions"


def run_graph(
    runner: DaskGraphRunner, inputs: Mapping[str, Any] | None = None, targets: Sequence[str] | None = None
) -> dict[str, Any]:
    """Run the components that the targets need, one after another in an order found once.

    Dask plans anew on every run, for threads that we do not use. Raises GraphRunError as the components do.
    """
    wanted = tuple(targets or runner._graph_schema.target_names)
    plans = runner.__dict__.setdefault(_PLANS, {})
    if wanted not in plans:
        plans[wanted] = tuple(_in_order(runner._graph_schema.minimal_graph_schema(list(wanted)), wanted))
    made: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
    for name, needs in plans[wanted]:
        if name not in made:
            made[name] = runner._instantiated_nodes[name](*(made.get(one, one) for one in needs))
    return dict(made[name] for name in wanted)


def _in_order(schema: GraphSchema, targets: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each node that targets need, after what it needs itself, with the names of those."""
    seen: set[str] = set()

    def visit(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        if name in seen or name not in schema.nodes:  # what is no node comes as an input
            return
        seen.add(name)
        needs = tuple(schema.nodes[name].needs.values())
        for one in needs:
            yield from visit(one)
        yield name, needs

    for target in targets:
        yield from visit(target)


def predict(processor: MessageProcessor, tracker: DialogueStateTracker) -> PolicyPrediction:
    """Return what comes next. Each rule is one intent and its action (data/rules), so that the policies are asked once
    for each intent, by the first message that has it."""
    message = tracker.latest_message
    intent = message.intent.get("name") if message is not None else None
    if tracker.followup_action or intent is None:
        return _rasas_prediction(processor, tracker)
    actions = processor.__dict__.setdefault(_ACTIONS, {})
    if intent not in actions:
        prediction = _rasas_prediction(processor, tracker)
        actions[intent] = processor.domain.action_names_or_texts[prediction.max_confidence_index]
    return PolicyPrediction.for_action_name(processor.domain, actions[intent], "RulePolicy")


def check_nothing(_processor: MessageProcessor, parse_data: dict[str, Any]) -> None:
    """Leave out what `rasa data validate` has checked: Rasa builds an empty domain to compare with."""


def copy_nothing_for_logs() -> None:
    """Keep the processor from copying what it would log at a level that is off: it copies for nothing else."""
    import rasa.core.processor as module

    module.copy = SimpleNamespace(deepcopy=lambda one: one)  # type: ignore[attr-defined]

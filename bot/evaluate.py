"""Measures the conversation model: `bot/.venv/bin/python -m bot.evaluate` from the repository root.

Intents by cross-validation: the examples are dealt into folds by their letters, and each fold is asked of a model that
has not learned from it. Entities on the annotated sentences of `data/entities/<tag>.txt`, which nothing learns from.
Prints a table and writes it as JSON; exit status 1 when a figure lies below its floor.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.settings import BOT, ROOT

FOLDS = 3
#: A fall below these fails the build. The aim for entities is reached; for intents it is 0.95 and is not
#: (docs/conversation.md).
LEAST_INTENT_F1, LEAST_ENTITY_F1 = 0.81, 0.90
ENTITY_FOLDER = ROOT / "data" / "entities"


@dataclass(frozen=True)
class Score:
    """How well one class or kind was found: precision, recall and F1 (0 to 1), and how often it really stood there."""

    precision: float
    recall: float
    f1: float
    times: int


def score(right: int, found: int, there: int) -> Score:
    """Return the score of `right` hits among `found` findings where `there` should have been found."""
    precision = right / found if found else 1.0
    recall = right / there if there else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(round(precision, 3), round(recall, 3), round(f1, 3), there)


def scores(pairs: Sequence[tuple[str, str]]) -> dict[str, Score]:
    """Return the score of each label over pairs of (true label, found label)."""
    there, found = Counter(true for true, _ in pairs), Counter(label for _, label in pairs)
    right = Counter(true for true, label in pairs if true == label)
    return {label: score(right[label], found[label], there[label]) for label in sorted(there)}


def macro_f1(by_label: Mapping[str, Score]) -> float:
    """Return the mean F1 over the labels, each counting alike."""
    return round(sum(one.f1 for one in by_label.values()) / len(by_label), 4)


def intents_by_language(nlu: Path) -> dict[str, list[tuple[str, str]]]:
    """Return (true intent, found intent) of every example below `nlu`, by the language of its folder."""
    from bot.components.linear import TrainingSettings, train

    examples = list(_examples(nlu))
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for fold in range(FOLDS):
        learned = [one for one in examples if one[0] != fold]
        model = train(
            [features for *_, features in learned], [intent for _, _, intent, _ in learned], TrainingSettings()
        )
        for place, tag, intent, features in examples:
            if place == fold:
                found[tag].append((intent, model.predict(features)[0][0]))
    return dict(found)


def _examples(nlu: Path) -> Iterator[tuple[int, str, str, Mapping[str, Counter[str]]]]:
    """Yield the fold, language, intent and features of each example, as the components of the pipeline make them."""
    import yaml
    from rasa.shared.nlu.training_data.message import Message

    from bot.components.entities import EntityFinder
    from bot.components.intents import features_of
    from bot.components.tokenizer import NormalisingTokenizer

    tokenizer = NormalisingTokenizer(NormalisingTokenizer.get_default_config())
    finder = EntityFinder({"offer_names": str(BOT / "generated" / "offer_names.json")})
    for path in sorted(nlu.glob("*/*.yml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in group["examples"].splitlines():
                text = line.removeprefix("- ").strip()
                message = Message(data={"text": text, "language": path.parent.name})
                message.set("text_tokens", tokenizer.tokenize(message, "text"))
                finder.process([message])
                fold = hashlib.sha256(text.encode()).digest()[0] % FOLDS
                yield fold, path.parent.name, group["intent"], features_of(message)


def entities_by_language(folder: Path) -> dict[str, dict[str, Score]]:
    """Return the score of each kind of entity on the annotated sentences of each language.

    An entity counts as found when kind, value, role and place agree; the place, when the spans overlap.
    """
    from rasa.shared.nlu.training_data.entities_parser import parse_training_example
    from rasa.shared.nlu.training_data.message import Message

    from bot.components.entities import EntityFinder

    finder = EntityFinder({"offer_names": str(BOT / "generated" / "offer_names.json")})
    found: dict[str, dict[str, Score]] = {}
    for path in sorted(folder.glob("*.txt")):
        right, told, there = Counter[str](), Counter[str](), Counter[str]()
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip():
                continue
            annotated = parse_training_example(line)
            message = Message(data={"text": annotated.get("text"), "language": path.stem})
            finder.process([message])
            wanted = list(annotated.get("entities", []))
            there.update(one["entity"] for one in wanted)
            for one in message.get("entities", []):
                told[one["entity"]] += 1
                match = next((other for other in wanted if _agree(one, other)), None)
                if match is not None:
                    wanted.remove(match)
                    right[one["entity"]] += 1
        by_kind = {kind: score(right[kind], told[kind], there[kind]) for kind in sorted({*there, *told})}
        found[path.stem] = by_kind | {"all": score(right.total(), told.total(), there.total())}
    return found


def _agree(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    same = all(str(one.get(key, "")) == str(other.get(key, "")) for key in ("entity", "value", "role"))
    return same and int(str(one["start"])) < int(str(other["end"])) and int(str(other["start"])) < int(str(one["end"]))


def confusions(pairs: Iterable[tuple[str, str]], most: int = 8) -> list[tuple[str, str, int]]:
    """Return the commonest mistakes as (true, found, times)."""
    wrong = Counter((true, found) for true, found in pairs if true != found)
    return [(true, found, times) for (true, found), times in wrong.most_common(most)]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write the report; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bot.evaluate", description=__doc__.split("\n\n")[0])
    parser.add_argument("--nlu", type=Path, default=ROOT / "data" / "nlu", help="folder of the NLU examples")
    parser.add_argument("--entities", type=Path, default=ENTITY_FOLDER, help="folder of the annotated sentences")
    parser.add_argument("--only", choices=("intents", "entities"), help="measure one of the two")
    parser.add_argument(
        "--report", type=Path, default=ROOT / "var" / "reports" / "nlu.json", help="where to write JSON"
    )
    options = parser.parse_args(arguments)
    intents = {} if options.only == "entities" else intents_by_language(options.nlu)
    entities = {} if options.only == "intents" else entities_by_language(options.entities)
    report = {
        "intents": {
            tag: {
                "macro_f1": macro_f1(by_label := scores(pairs)),
                "examples": len(pairs),
                "by_intent": {label: asdict(one) for label, one in by_label.items()},
                "confusions": confusions(pairs),
            }
            for tag, pairs in sorted(intents.items())
        },
        "entities": {tag: {kind: asdict(one) for kind, one in kinds.items()} for tag, kinds in entities.items()},
    }
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    low = []
    for tag, one in report["intents"].items():
        print(f"{tag}: intent macro-F1 {one['macro_f1']:.3f} over {one['examples']} examples; {one['confusions'][:3]}")
        low += [f"intents {tag}"] if one["macro_f1"] < LEAST_INTENT_F1 else []
    for tag, kinds in report["entities"].items():
        print(f"{tag}: entity F1 {kinds['all']['f1']:.3f}; " + ", ".join(f"{k} {v['f1']}" for k, v in kinds.items()))
        low += [f"entities {tag}"] if kinds["all"]["f1"] < LEAST_ENTITY_F1 else []
    print(f"The report is in {options.report}.")
    if low:
        print(f"Below the floor: {', '.join(low)}.", file=sys.stderr)
    return 1 if low else 0


def _prepare() -> None:
    """Do what must precede the import of Rasa."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    sys.path.insert(0, str(ROOT))
    from bot.lean_imports import without_tensorflow

    without_tensorflow()


if __name__ == "__main__":
    _prepare()
    sys.exit(main())

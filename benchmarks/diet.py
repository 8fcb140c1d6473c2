"""A plain Rasa classifier: an intent for each offer, DIET on sparse features, as `rasa init` suggests without embeddings.

Runs in the bot's environment. Reads and answers as peers.py tells.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import yaml

EPOCHS = 15
#: DIET takes two minutes an epoch for everything; of each offer it gets this many texts, evenly taken.
TEXTS = 40
CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "peer",
    "language": "xx",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {
            "name": "DIETClassifier",
            "epochs": EPOCHS,
            "entity_recognition": False,
            "constrain_similarities": True,
            "batch_size": [128, 256],
        },
    ],
}


def main() -> None:
    work_file, _cut, answer_file = map(Path, sys.argv[1:])
    work = json.loads(work_file.read_text(encoding="utf-8"))
    examples: dict[str, list[str]] = defaultdict(list)
    for one in work["texts"]:
        examples[one["id"]].append(" ".join(one["text"].split()))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        nlu = [
            {"intent": key, "examples": "".join(f"- {text}\n" for text in some[:: max(1, len(some) // TEXTS)])}
            for key, some in sorted(examples.items())
        ]
        (folder / "nlu.yml").write_text(
            yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), encoding="utf-8"
        )
        (folder / "config.yml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
        from rasa.core.agent import Agent
        from rasa.model_training import train_nlu

        began = time.perf_counter()
        model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
        built = time.perf_counter() - began
        agent = Agent.load(model)

        async def ask_all() -> tuple[list[list[str]], list[float]]:
            await agent.parse_message("warm up")
            found, seconds = [], []
            for row in work["questions"]:
                began = time.perf_counter()
                parsed = await agent.parse_message(row["text"])
                seconds.append(time.perf_counter() - began)
                found.append([one["name"] for one in parsed["intent_ranking"][:3]])
            return found, seconds

        found, seconds = asyncio.run(ask_all())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer_file.write_text(
        json.dumps({"found": found, "seconds": seconds, "built": built, "memory": memory}), encoding="utf-8"
    )


if __name__ == "__main__":
    main()

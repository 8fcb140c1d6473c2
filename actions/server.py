"""Run the action server on loopback: `python -m actions.server --port 5055`."""

from __future__ import annotations

import argparse
import logging
import os

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions import door, log_lines
from actions.answer_about_offer import ActionAnswerAboutOffer
from actions.change_language import ActionChangeLanguage
from actions.find_offers import ActionFindOffers, ActionNarrow
from actions.small_talk import ActionHandOver, ActionSmallTalk, ActionStartOver
from services_catalog.log_lines import configure

ACTIONS = (
    ActionFindOffers,
    ActionNarrow,
    ActionAnswerAboutOffer,
    ActionChangeLanguage,
    ActionSmallTalk,
    ActionHandOver,
    ActionStartOver,
)


def main() -> None:
    """Serve until ended. Only processes on this machine can reach it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5055)
    options = parser.parse_args()
    secret = os.environ.get("VEJVISER_INTERNAL_SECRET", "")
    if not secret:
        parser.error("VEJVISER_INTERNAL_SECRET must be set, the same as for the api.")
    configure("actions")
    # the SDK warns about every call from Rasa 3.6, which it serves well (docs/decisions)
    logging.getLogger("rasa_sdk.utils").setLevel(logging.ERROR)
    executor = ActionExecutor()
    for action in ACTIONS:
        executor.register_action(action())
    app = create_app(executor, cors_origins=[])
    log_lines.install(app, frozenset(action().name() for action in ACTIONS))
    door.install(app, secret)
    app.config.KEEP_ALIVE_TIMEOUT = 120
    app.run(host="127.0.0.1", port=options.port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()

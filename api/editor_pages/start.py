"""The start of the editors' room: what waits, the number of each and the way there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from fastapi import Request, Response

from api.authorization import Principal
from api.editor_pages.room import Editor, engine_of, room_page, room_router, working_copies_of
from services_catalog.editors.checks import CheckList
from services_catalog.editors.demand import Demand
from services_catalog.editors.feedback import FeedbackList
from services_catalog.editors.offer_list import Copy, Filters, listed
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_
from services_catalog.offer import Publication

router = room_router()

#: What was asked in vain, or said, before this many days is no longer news.
RECENT = dt.timedelta(days=90)


class Tile(NamedTuple):
    """One thing that waits: where it is seen (below the room), how many there are, and whether it presses."""

    address: str
    number: int
    text: str
    urgent: bool = False


@router.get("")
def start_page(request: Request, editor: Editor) -> Response:
    """Show what waits for the one who is signed in, what presses first."""
    copies = working_copies_of(request)
    speak = localizer(request.path_params["language"])
    tiles = [*_of_offers(copies, editor, speak), *_of_people(request, speak)]
    return room_page(request, editor, "start.html", tiles=sorted(tiles, key=lambda tile: not tile.urgent))


def _of_offers(copies: list[Copy], editor: Principal, speak: Localizer) -> Iterator[Tile]:
    def count(filters: Filters) -> int:
        return len(listed(copies, filters))

    mine = count(Filters(owner=editor.name, overdue=True))
    yield Tile(
        f"offers?{urlencode({'overdue': 1, 'owner': editor.name})}",
        mine,
        speak.text(N_("of mine to look at again")),
        mine > 0,
    )
    overdue = count(Filters(overdue=True))
    yield Tile("offers?overdue=1", overdue, speak.text(N_("offers to look at again, whoever’s")))
    review = count(Filters(state=Publication.IN_REVIEW))
    yield Tile("offers?state=in_review", review, speak.text(N_("offers handed in for review")), review > 0)
    drafts = count(Filters(state=Publication.DRAFT))
    yield Tile("offers?state=draft", drafts, speak.text(N_("offers in draft")))
    for tag in LANGUAGES:
        if tag != SOURCE_LANGUAGE:
            behind = count(Filters(outdated=tag))
            text = speak.text(N_("outdated texts in {language}"), language=speak.language_name(tag))
            yield Tile(f"translations?to={tag}&state=outdated", behind, text, behind > 0)


def _of_people(request: Request, speak: Localizer) -> Iterator[Tile]:
    demand: Demand = request.app.state.demand
    feedback: FeedbackList = request.app.state.feedback
    checks: CheckList = request.app.state.checks
    since = dt.date.today() - RECENT
    asked = sum(len(group.questions) for group in demand.open(since))
    yield Tile("demand", asked, speak.text(N_("questions that nobody could answer")), asked > 0)
    said, _ = feedback.listed(since, most=0)
    yield Tile("feedback", said, speak.text(N_("pieces of feedback to read")), said > 0)
    engine = engine_of(request)
    failing = sum(not check.holds(engine) for check in checks.all())
    yield Tile("checks", failing, speak.text(N_("checks that fail")), failing > 0)

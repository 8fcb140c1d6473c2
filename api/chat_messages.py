"""What goes into the chat and what comes out of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from api.plain_words import whole_characters
from api.public_views import CrisisView, HitView

ChatOutcome = Literal[
    "offers", "answer", "clarify", "crisis", "nothing_found", "greeting", "language_switch", "handover", "goodbye",
    "thanks", "reset",
]  # fmt: skip


class ChatMessage(BaseModel):
    """One message of a resident. `session` continues a conversation; an unknown or expired one begins anew."""

    model_config = ConfigDict(extra="forbid")
    session: Annotated[str | None, Field(max_length=100)] = None
    text: Annotated[str, BeforeValidator(whole_characters), Field(max_length=1_000_000)] = ""
    remove: Annotated[
        list[Annotated[str, Field(max_length=100)]],
        Field(max_length=20, description="Ids of remembered facts to forget; the search is made again without them."),
    ] = []
    plain: Annotated[bool, Field(strict=True, description="Return the whole answer as text too, in `plain_text`.")] = (
        False
    )

    @model_validator(mode="after")
    def _says_something(self) -> ChatMessage:
        if "text" not in self.model_fields_set and not self.remove:
            raise ValueError("a message needs `text`, or `remove`")
        return self

    language: Annotated[str | None, Field(max_length=35, description="A hint; the words decide.")] = None


class ChatAnswer(BaseModel):
    """The answer, complete in itself; `messages` alone is enough for a channel that carries only text."""

    session: str
    language: str
    direction: Literal["ltr", "rtl"]
    outcome: ChatOutcome
    messages: list[dict[str, str]]
    offers: list[dict[str, Any]] = []
    about: str | None = None
    attribute: str | None = None
    crisis: dict[str, Any] | None = None
    question: Annotated[str | None, Field(description="One thing to know, asked beside the offers.")] = None
    quick_replies: list[dict[str, str]] = []
    remembered: Annotated[
        list[dict[str, str]], Field(description="What is remembered of the person; `remove` takes an id back.")
    ] = []
    degraded: bool = False
    plain_text: str | None = None


class DescribedAnswer(ChatAnswer):
    """The answer, complete in itself; `messages` alone is enough for a channel that carries only text."""

    offers: list[HitView] = []  # type: ignore[assignment]
    crisis: CrisisView | None = None  # type: ignore[assignment]

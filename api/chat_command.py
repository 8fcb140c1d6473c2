"""`vejviser chat`: the conversation in a terminal, over the public door alone, in plain text; and transcripts of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import yaml

from services_catalog.errors import CatalogueError
from services_catalog.languages import LANGUAGES

#: Seconds; longer than the service ever takes.
_TIMEOUT = 30.0
_LEAVE = frozenset({"/quit", "/q"})


class ServiceUnreachable(CatalogueError):
    """No service answered, or it answered with a problem."""


class TextConversation:
    """One conversation over HTTP; keeps what was said as lines of a transcript."""

    def __init__(self, base: str, language: str | None = None, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(base_url=base, headers=headers, timeout=_TIMEOUT, trust_env=False)
        self._session: str | None = None
        self._language = language
        self.transcript: list[str] = []

    def say(self, text: str) -> str:
        """Return the answer to a message as text. Raises ServiceUnreachable with the reason."""
        body: dict[str, Any] = {"text": text, "plain": True}
        body |= {"session": self._session} if self._session else {}
        body |= {"language": self._language} if self._language else {}
        try:
            response = self._client.post("/api/v1/chat", json=body)
        except httpx.HTTPError as error:
            raise ServiceUnreachable(
                f"no service answers at {self._client.base_url} ({type(error).__name__}): start it with `vejviser serve`."
            ) from error
        answer = response.json()
        if response.status_code >= httpx.codes.BAD_REQUEST:
            raise ServiceUnreachable(answer.get("detail") or answer.get("title") or response.reason_phrase)
        self._session, self._language = answer["session"], answer["language"]
        said = str(answer["plain_text"])
        self.transcript += [f"> {text}", "", said, ""]
        return said

    def leave(self) -> None:
        """Let the service forget the conversation."""
        if self._session:
            self._client.delete(f"/api/v1/chat/{self._session}")
        self._client.close()


def chat(
    language: Annotated[
        str | None, typer.Option(help=f"Begin in this language ({', '.join(LANGUAGES)}); your words decide later.")
    ] = None,
    transcript: Annotated[Path | None, typer.Option(help="Write the conversation to this file when it ends.")] = None,
    base: Annotated[str, typer.Option(help="Address of the running service.")] = "http://127.0.0.1:8000",
    token: Annotated[
        str | None, typer.Option(envvar="VEJVISER_STAFF_TOKEN", help="A staff token opens the offers for staff.")
    ] = None,
) -> None:
    """Talk to the running service in plain text, one message a line; /quit or Ctrl-D ends and forgets it."""
    if language is not None and language not in LANGUAGES:
        raise typer.BadParameter(f"{language!r} is not spoken here: choose one of {', '.join(LANGUAGES)}.")
    conversation = TextConversation(base, language, token)
    try:
        for text in _messages(sys.stdin):
            typer.echo(f"\n{conversation.say(text)}\n")
    finally:
        conversation.leave()
        if transcript is not None:
            transcript.write_text("\n".join(conversation.transcript), encoding="utf-8")


def transcripts(
    folder: Annotated[
        Path, typer.Argument(help="Holds conversations.yml; the transcripts are written beside it.")
    ] = Path("docs/transcripts"),
    base: Annotated[str, typer.Option(help="Address of the running service.")] = "http://127.0.0.1:8000",
) -> None:
    """Hold the conversations of a file with the running service and write down what is said, to be read aloud."""
    try:
        written = yaml.safe_load((folder / "conversations.yml").read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise typer.BadParameter(f"{folder}/conversations.yml cannot be read: {error}") from error
    for name, one in written.items():
        conversation = TextConversation(base)
        for text in one["says"]:
            conversation.say(text)
        conversation.leave()
        page = [f"# {one['title']}", "", *conversation.transcript]
        # an address is that of the service that was asked, which means nothing to who reads
        (folder / f"{name}.md").write_text("\n".join(page).replace(base, ""), encoding="utf-8")
        typer.echo(f"{folder / name}.md")


def _messages(lines: Iterable[str]) -> Iterator[str]:
    """Yield what is typed, line by line, until the person leaves; asks with a prompt only where somebody types."""
    prompt = sys.stdin.isatty()
    if prompt:
        typer.echo("> ", nl=False)
    for line in lines:
        text = line.strip()
        if text in _LEAVE:
            return
        if text:
            yield text
        if prompt:
            typer.echo("> ", nl=False)

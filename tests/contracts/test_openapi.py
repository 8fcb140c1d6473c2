"""The OpenAPI description is complete and true: schemathesis finds nothing, whoever asks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from schemathesis.core import NOT_SET
from schemathesis.python import asgi
from schemathesis.python.asgi import ASGIClient, get_client

from api.main import create_app
from api.settings import Settings
from services_catalog.accounts.accounts import Role
from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, free_port

Json = dict[str, Any]

#: Generated requests of each operation, beside those that try its edges one by one: more find more, and take longer.
EXAMPLES = 40
CONFIG: Json = {
    "seed": 1,
    "generation": {"with-security-parameters": False},  # who asks is ours to choose
    "phases": {"coverage": {"unexpected-methods": ["delete", "patch"]}},
    # no schema says which ids there are, or what the state of a record lets happen to it
    "checks": {
        "positive_data_acceptance": {"enabled": False},
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "409", "412", "413", "422", "428"]
        },
    },
}

DESCRIBED = create_app()
DESCRIPTION: Json = DESCRIBED.openapi()
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION, config=schemathesis.Config.from_dict(CONFIG))
SCHEMA.app = DESCRIBED  # never started: each call names the application it goes to

OPERATIONS = [
    pytest.param(operation, id=f"{method.upper()} {path}")
    for path, operations in DESCRIPTION["paths"].items()
    for method, operation in operations.items()
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """A running application with a database of its own: whatever can be done is done to it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('openapi')}/catalogue.db"
    seed_database(url)
    running = create_app(
        Settings(database_url=url, bot_port=free_port(), data_folder=LEARNED.parent, relearn_after=3600)
    )
    with pytest.MonkeyPatch.context() as patched, get_client(running):
        patched.setattr(asgi, "shutdown_lifespans", lambda: None)  # it would end the application after each operation
        yield running
    asgi.shutdown_lifespans()


@pytest.fixture(scope="module")
def callers(app: FastAPI) -> list[ASGIClient]:
    """One client for each sort of caller: nobody, somebody with a wrong token, and every role."""
    callers = [get_client(app), get_client(app)]
    callers[-1].headers["Authorization"] = "Bearer guess"
    for role in Role:
        name = app.state.accounts.add(f"machine-{role.value}", frozenset({role}), "four words make one").name
        _, secret = app.state.tokens.create(name, "schemathesis", frozenset({role}), days=1)
        callers.append(get_client(app))
        callers[-1].headers["Authorization"] = f"Bearer {secret}"
    return callers


@SCHEMA.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
)
def test_schemathesis_finds_nothing(case: schemathesis.Case, callers: list[ASGIClient]) -> None:
    # the same request always comes from the same caller, so that a finding can be found again
    request = (case.method, case.formatted_path, case.query, "" if case.body is NOT_SET else case.body)
    chosen = zlib.crc32(repr(request).encode(errors="replace"))
    caller = callers[chosen % len(callers)]
    caller.cookies.clear()
    case.call_and_validate(app=caller.app, session=caller)


def parts(operation: Json) -> Iterator[tuple[str, Json]]:
    """Yield what goes into an operation and comes out of it, when all goes well: where it stands, schema and example."""
    success = next(answer for status, answer in operation["responses"].items() if status[0] in "23")
    for place, part in (("request", operation.get("requestBody", {})), ("answer", success)):
        for media in part.get("content", {}).values():
            yield place, media
    for parameter in operation.get("parameters", ()):
        yield f"parameter {parameter['name']}", parameter


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_explained(operation: Json) -> None:
    name = operation["operationId"].split("_api_")[0].replace("_", " ")
    assert operation["summary"].lower() not in ("", name), "give the route a summary"
    assert operation["description"], "give the function a docstring"
    assert all(part["schema"] for _, part in parts(operation)), "give it a model"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_shows_an_example(operation: Json) -> None:
    lacking = [place for place, part in parts(operation) if "example" not in part]
    parameters = [one for one in operation.get("parameters", ()) if one.get("required")]
    assert not {"request", "answer"} & set(lacking), "add it to openapi_examples.yml"
    assert not {f"parameter {one['name']}" for one in parameters} & set(lacking), "add it to openapi_examples.yml"
    assert any("example" in part for _, part in parts(operation)) or not list(parts(operation))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_refusal_is_a_problem_detail(operation: Json) -> None:
    for status, answer in operation["responses"].items():
        if status[0] == "4":
            (media,) = answer["content"].items()
            assert media == ("application/problem+json", {"schema": {"$ref": "#/components/schemas/ProblemDetail"}})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_example_is_what_its_schema_says(operation: Json) -> None:
    for place, part in parts(operation):
        if "example" in part:
            whole = {"components": DESCRIPTION["components"], **part["schema"]}
            wrong = [error.message for error in Draft202012Validator(whole).iter_errors(part["example"])]
            assert wrong == [], place

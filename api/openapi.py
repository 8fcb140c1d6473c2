"""The OpenAPI description: every operation with its refusals as problem details and an example of what goes in and out.

The examples stand in `openapi_examples.yml`; tests/contracts/test_openapi.py holds each against its schema, and fails on
an operation without one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from api.problems import MEDIA_TYPE

Json = dict[str, Any]

EXAMPLES = Path(__file__).with_name("openapi_examples.yml")

_SAID = {
    400: "The body cannot be read at all.",
    401: "Nobody is signed in, or the name or the password is wrong.",
    403: "A wrong token, a missing CSRF token, or a role that does not suffice.",
    404: "There is nothing with that id.",
    409: "It does not fit with what is there.",
    412: "Somebody else saved first. Nothing was saved; `newest` is what is there now, `yours` what you sent.",
    413: "The request is too large.",
    422: "Something in the request is wrong; `errors` names the fields.",
    428: "The request does not say which revision was changed: send `If-Match`, or `If-None-Match: *`.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
    503: "The service is not ready; `Retry-After` says when to ask again.",
}
_VALIDATORS = {
    "ETag": "Send it back as If-None-Match to be told 304 when nothing changed.",
    "Last-Modified": "When this state was taken up; send it back as If-Modified-Since.",
    "Content-Language": "The languages the texts are in.",
}


class FieldProblem(BaseModel):
    """A field that is wrong (`query.age`, `body.record.id`), and why."""

    field: str
    message: str


class ProblemDetail(BaseModel):
    """A refusal (RFC 9457), in the caller's language. Some have members of their own beside these."""

    model_config = ConfigDict(extra="allow")
    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    errors: list[FieldProblem] = Field([], description="The fields that are wrong.")


def problems(*statuses: int) -> dict[int | str, Json]:
    """Return what the description says of refusals; those that every operation of its kind has are added by `install`."""
    return {status: {"description": _SAID[status]} for status in statuses}


def kept(*, dated: bool = True) -> dict[int | str, Json]:
    """Return what the description says of an answer that a client may keep: its validators, and 304."""
    headers = {
        name: {"description": said, "schema": {"type": "string"}}
        for name, said in _VALIDATORS.items()
        if dated or name != "Last-Modified"
    }
    return {
        200: {"headers": headers},
        304: {"description": "The client has the newest already (If-None-Match, If-Modified-Since)."},
    }


def tagged() -> dict[int | str, Json]:
    """Return what the description says of an answer that carries the ETag of a record's revision."""
    return {200: {"headers": {"ETag": {"description": "Send it back as If-Match.", "schema": {"type": "string"}}}}}


def install(app: FastAPI) -> None:
    """Make the description complete when it is first asked for."""
    plain = app.openapi

    def complete() -> Json:
        if app.openapi_schema is None:
            description = plain()
            schemas = description["components"]["schemas"]
            for model in (FieldProblem, ProblemDetail):
                schemas[model.__name__] = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas[model.__name__].pop("$defs", None)
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            examples = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
            for path, operations in description["paths"].items():
                for method, operation in operations.items():
                    _add_refusals(path, operation)
                    _add_examples(operation, examples.get(f"{method.upper()} {path}", {}))
            app.openapi_schema = description
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def _add_refusals(path: str, operation: Json) -> None:
    """Add the refusals that follow from what an operation takes, and say of each refusal what its body is."""
    always = [401, 403] if operation.get("security") else []
    always += [400, 413] if "requestBody" in operation else []
    always += [] if path.startswith("/health/") else [422, 429, 503]
    responses: Json = {str(one): said for one, said in problems(*always).items()} | operation["responses"]
    for status, response in responses.items():
        ours = status == "422" or not response.get("content")
        if status[0] in "45" and ours:
            schema = {"$ref": f"#/components/schemas/{ProblemDetail.__name__}"}
            response["content"] = {MEDIA_TYPE: {"schema": schema}}
            response["description"] = _SAID[int(status)] if status == "422" else response["description"]
    operation["responses"] = dict(sorted(responses.items()))


def _add_examples(operation: Json, given: Json) -> None:
    """Add the examples of `openapi_examples.yml`: of parameters, of the request and of the answer."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in given.get("parameters", {}):
            parameter["example"] = given["parameters"][parameter["name"]]
    for name, part in (("request", operation.get("requestBody", {})), ("answer", _success(operation))):
        for media in part.get("content", {}).values():
            if name in given:
                media["example"] = given[name]


def _success(operation: Json) -> Json:
    """Return the description of the answer when all goes well."""
    return next((one for status, one in operation["responses"].items() if status.startswith("2")), {})

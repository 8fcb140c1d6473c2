"""The few CSS selectors that tests of pages use, as XPath: tag, #id, .class, [name], [name="v"], [name^="v"], descendants."""

from __future__ import annotations

import re
from typing import Any

_PART = re.compile(
    r"""(?P<tag>^[a-z][a-z0-9]*)|\#(?P<id>[\w-]+)|\.(?P<class>[\w-]+)|\[(?P<name>[\w-]+)(?:(?P<how>\^?=)"?(?P<value>[^"\]]*)"?)?\]"""
)
_STEP = re.compile(r"(?:\[[^\]]*\]|[^\s\[])+")


def select(node: Any, selector: str) -> list[Any]:
    """Return the elements below a node that a selector names, in the order of the page."""
    found: list[Any] = node.xpath(
        "".join(f"//{_xpath(step)}" for step in _STEP.findall(selector)).replace("//", ".//", 1)
    )
    return found


def texts(node: Any, selector: str) -> list[str]:
    """Return the texts of such elements, with single spaces."""
    return [" ".join(one.text_content().split()) for one in select(node, selector)]


def _xpath(step: str) -> str:
    tag, tests = "*", []
    for part in _PART.finditer(step):
        if part["tag"]:
            tag = part["tag"]
        elif part["id"]:
            tests.append(f'@id="{part["id"]}"')
        elif part["class"]:
            tests.append(f'contains(concat(" ", normalize-space(@class), " "), " {part["class"]} ")')
        elif part["how"] is None:
            tests.append(f"@{part['name']}")
        elif part["how"] == "=":
            tests.append(f'@{part["name"]}="{part["value"]}"')
        else:
            tests.append(f'starts-with(@{part["name"]}, "{part["value"]}")')
    return tag + "".join(f"[{one}]" for one in tests)


def form_fields(form: Any) -> dict[str, list[str]]:
    """Return what a browser sends of a form when none of its buttons is pressed (HTML, 4.10.21.4)."""
    fields: dict[str, list[str]] = {}
    for control in form.xpath(".//input[@name] | .//textarea[@name] | .//select[@name]"):
        if control.tag == "textarea":
            values = [(control.text or "").removeprefix("\n").replace("\n", "\r\n")]
        elif control.tag == "select":
            options = control.xpath(".//option[@selected]") or control.xpath(".//option")[:1]
            values = [option.get("value", option.text or "") for option in options]
        elif control.get("type") in ("checkbox", "radio"):
            values = [control.get("value", "on")] if control.get("checked") is not None else []
        else:
            values = [] if control.get("type") in ("submit", "file") else [control.get("value", "")]
        fields[control.get("name")] = fields.get(control.get("name"), []) + values
    return {name: values for name, values in fields.items() if values}

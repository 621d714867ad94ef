"""JSON Schemas of the files, made from the models: an editor completes keys with them and underlines mistakes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from socrbot.source.models import AccountsFile, CampaignFile, FactsFile, PostFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HAS_WORDS = {"oneOf": [{"required": ["text"]}, {"required": ["parts"]}]}
_SAYS_SOMETHING = {"anyOf": [{"required": [key]} for key in ("text", "parts", "skip", "options")]}
_SOMEWHERE = {"oneOf": [{"required": ["public_url", "folder"]}, {"required": ["through"], "maxProperties": 1}]}


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each kind of file."""
    return {
        "campaign": _campaign(),
        "accounts": _file(AccountsFile, "config/accounts.yaml"),
        "facts": _file(FactsFile, "config/facts.yaml"),
        "posts": _posts(),
    }


def _file(model: type[BaseModel], title: str) -> dict[str, Any]:
    made = _tidy(model.model_json_schema())
    return {"$schema": _DIALECT, **made, "title": title}


def _campaign() -> dict[str, Any]:
    made = _file(CampaignFile, "config/campaign.yaml")
    made["$defs"]["PublicMediaEntry"].update(_SOMEWHERE)
    return made


def _posts() -> dict[str, Any]:
    made = _tidy(PostFile.model_json_schema(ref_template="#/$defs/{model}"))
    definitions = made.pop("$defs")
    definitions["Wording"].update(_SAYS_SOMETHING)
    definitions["Post"] = {**made, "title": "Post", **_HAS_WORDS}
    post = {"$ref": "#/$defs/Post"}
    listed = {"type": "array", "items": {**post, "required": ["id"]}, "description": "Several posts, each with an id."}
    return {
        "$schema": _DIALECT,
        "title": "posts/*.yaml",
        "description": "One post, or a list of posts.",
        "anyOf": [post, listed],
        "$defs": definitions,
    }


def _tidy(node: Any) -> Any:
    """Takes out what an editor would show and nobody can write: null as a value, and the models' own titles."""
    if isinstance(node, list):
        return [_tidy(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: value if key == "examples" else _tidy(value) for key, value in node.items() if not _is_noise(key, value)
    }
    forms = [form for form in made.get("anyOf", ()) if form != {"type": "null"}]
    if len(forms) == 1:
        made.pop("anyOf")
        return {**forms[0], **made}
    if forms:
        made["anyOf"] = forms
    return made


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and not isinstance(value, dict))

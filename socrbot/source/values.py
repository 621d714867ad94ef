"""The kinds of values that keys have: each is a text that a function reads, with what an editor may expect of it.

What a value may look like is decided in `fields`, `dates` and `cron`; which key has which kind, in `models`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from socrbot.campaign import QuietHours, WithoutThreads
from socrbot.source import cron, dates, fields

# Editors follow YAML 1.2 and see a number where `98` or `2014` stands; here every value is a text.
_ANY_TEXT = {"type": ["string", "number", "boolean"]}
_NAME = {"type": ["string", "integer"], "pattern": f"^{fields.ID.pattern}$"}
_WALL = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$"}
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_DURATION = {"type": "string", "pattern": r"^\d+ (second|minute|hour|day|week)s?$"}
_EVERY = {"type": "string", "pattern": r"^.*\S +[0-2]\d:[0-5]\d$"}
_YES_NO = {"type": ["boolean", "string"], "pattern": "^([Yy][Ee][Ss]|[Nn][Oo]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"}


@dataclass(frozen=True, eq=False)
class Reads:
    """A type that is read from a text by a function, and what an editor may expect of that text."""

    parse: Callable[[str], object]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.parse, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)


@dataclass(frozen=True, eq=False)
class Words:
    """A text that says something: anything but nothing."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema(strict=True, pattern=r"\S")

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**_ANY_TEXT, "pattern": r"\S"}


Say = Annotated[str, Words()]
Id = Annotated[str, Reads(fields.identifier, _NAME)]
Wall = Annotated[datetime, Reads(dates.wall, _WALL)]
Day = Annotated[date, Reads(dates.day, _DAY)]
Duration = Annotated[timedelta, Reads(dates.duration, _DURATION)]
SomeTime = Annotated[timedelta, Reads(dates.some_time, _DURATION)]
Weekly = Annotated[tuple[tuple[int, ...], time], Reads(dates.every, _EVERY)]
CronText = Annotated[str, Reads(cron.cron, {"type": "string", "pattern": r"^(\S+\s+){4}\S+$"})]
YesNo = Annotated[bool, Reads(fields.yes_no, _YES_NO)]
Whole = Annotated[int, Reads(fields.whole, {"type": ["integer", "string"], "pattern": r"^[+-]?\d+$"})]
Count = Annotated[int, Reads(fields.count, {"type": ["integer", "string"], "minimum": 1, "pattern": r"^\d+$"})]
Money = Annotated[float, Reads(fields.money, {"type": ["number", "string"], "minimum": 0, "pattern": r"^\d+(\.\d+)?$"})]
PriceName = Annotated[str, Reads(fields.price_name, {"type": "string", "pattern": r"^[a-z]+\.[a-z_]+$"})]
Hashtag = Annotated[str, Reads(fields.hashtag, {"type": "string", "pattern": r"^#\w+$"})]
Zone = Annotated[ZoneInfo, Reads(fields.zone, {"type": "string", "pattern": r"^[A-Za-z0-9_+/-]+$"})]
Language = Annotated[str, Reads(fields.language, {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"})]
Prefix = Annotated[str, Reads(fields.variable_prefix, {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"})]
Quiet = Annotated[
    QuietHours, Reads(fields.quiet_hours, {"type": "string", "pattern": r"^[0-2]\d:[0-5]\d *- *[0-2]\d:[0-5]\d$"})
]
Focus = Annotated[
    tuple[float, float],
    Reads(fields.focus, {"type": "string", "pattern": r"^(-?[01](\.\d+)?, *-?[01](\.\d+)?|[a-z]+( [a-z]+)?)$"}),
]
Instead = Annotated[
    WithoutThreads, Reads(fields.without_threads, {"type": "string", "pattern": "^(join|first part only|comments)$"})
]
UtmName = Annotated[str, Reads(fields.utm_name, {"type": "string", "pattern": "^utm_[a-z_]+$"})]
UtmValue = Annotated[str, Reads(fields.utm_value, {"type": "string", "pattern": r"^[A-Za-z0-9{}._-]+$"})]
HttpsUrl = Annotated[str, Reads(fields.https_url, {"type": "string", "pattern": r"^https://\S+$"})]
Url = Annotated[str, Reads(fields.url, {"type": "string", "pattern": r"^https?://\S+$"})]

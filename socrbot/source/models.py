"""Every key of every file: its type, and what it is for. Texts in, typed values out.

The descriptions are read by people in their editors (the JSON Schemas are made of these models), the types by
pydantic. What a value may look like is decided in `fields`, `dates` and `cron`; records are made in `records`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag
from pydantic_core import CoreSchema, core_schema

from socrbot.campaign import QuietHours
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
Url = Annotated[str, Reads(fields.url, {"type": "string", "pattern": r"^https?://\S+$"})]


def _kind(value: object) -> str:
    """Which of the tagged forms a value of `when`, `accounts` or a slot has."""
    if isinstance(value, list):
        return "<several>"
    if not isinstance(value, dict):
        return "<one>"
    return next((f"<{key}>" for key in ("slot", "cron") if key in value), "<every>")


def _slot_kind(value: object) -> str:
    return "<every>" if isinstance(value, dict) else "<one>"


# What pydantic puts into the path of a mistake beside the keys and numbers of the file.
TAGS = frozenset(("<one>", "<several>", "<slot>", "<cron>", "<every>", "[key]"))


class _Keys(BaseModel):
    """A group of keys; any other key is a mistake."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class _Series(_Keys):
    since: Day | None = Field(None, description="The first day on which it may go out.", examples=["2026-12-01"])
    until: Day | None = Field(None, description="The last day on which it may go out.", examples=["2027-03-01"])
    count: Count | None = Field(None, description="How many times it goes out at most.", examples=[10])


class EverySchedule(_Series):
    """Every week on these days, at this time."""

    every: Weekly = Field(
        description="One or more weekdays and a time; `day` for every day, `weekday` for Monday to Friday.",
        examples=["saturday 19:00", "monday, thursday 08:30", "weekday 08:00"],
    )


class CronSchedule(_Series):
    """A cron expression: minute, hour, day of the month, month, weekday."""

    cron: CronText = Field(
        description="Five fields: minute, hour, day of the month, month, weekday. Weekdays by name.",
        examples=["30 8 * * mon,thu", "0 9 1 * *"],
    )


class SlotSchedule(_Keys):
    """The post joins the queue of a weekly slot."""

    slot: Say = Field(description="The name of a slot in config/campaign.yaml.", examples=["tuesday-morning"])


When = Annotated[
    Annotated[Wall, Tag("<one>")]
    | Annotated[list[Wall], Field(min_length=1), Tag("<several>")]
    | Annotated[EverySchedule, Tag("<every>")]
    | Annotated[CronSchedule, Tag("<cron>")]
    | Annotated[SlotSchedule, Tag("<slot>")],
    Discriminator(_kind),
]
Names = Annotated[
    Annotated[Say, Tag("<one>")] | Annotated[list[Say], Field(min_length=1), Tag("<several>")], Discriminator(_kind)
]


class MediaItem(_Keys):
    """A picture or a video."""

    file: Say = Field(description="The file, as seen from the campaign's folder.", examples=["media/card.png"])
    alt: Say | None = Field(
        None,
        description="What the picture shows, for people who cannot see it.",
        examples=["A card: families win 98.3% of appeals"],
    )
    people: YesNo | None = Field(
        None, description="Whether a person can be recognised in it. Nothing written counts as yes.", examples=["no"]
    )
    consent: Say | None = Field(
        None, description="Where the consent of the people in it is kept.", examples=["form 12, March 2026"]
    )


class Wording(_Keys):
    """Other words for one account or one network."""

    text: Say | None = Field(None, description="The text to use there.", examples=["The law is the law. Sign today."])
    parts: list[Say] | None = Field(
        None, min_length=1, description="The texts of a thread, one for each post.", examples=[["First.", "Second."]]
    )
    skip: YesNo | None = Field(None, description="yes: the post does not go out there.", examples=["yes"])


class PostFile(_Keys):
    """One thing to say: its words, its time, its accounts."""

    id: Id | None = Field(
        None,
        description="The post's own name. Without it, the file's name is the id; in a list every post needs one.",
        examples=["tribunal-success"],
    )
    text: Say | None = Field(
        None,
        description="What the post says. Write | behind the key and the text in the lines below it.",
        examples=["Families win {{ fact('tribunal-success').figure }} of appeals."],
    )
    parts: list[Say] | None = Field(
        None,
        min_length=1,
        description="In the place of text: the texts of a thread, one for each post.",
        examples=[["What is an EHCP?", "It is a legal document."]],
    )
    when: When | None = Field(
        None,
        description="When it goes out, in the campaign's time zone. Without it, the post joins the default slot.",
        examples=["2026-03-07 19:00", {"every": "saturday 19:00"}, {"slot": "tuesday-morning"}],
    )
    accounts: Names | None = Field(
        None, description="The accounts it goes to. Without it, all of them.", examples=["x", ["x", "facebook"]]
    )
    media: list[MediaItem] | None = Field(
        None, description="Pictures or videos.", examples=[[{"file": "media/card.png", "alt": "A card"}]]
    )
    link: Say | None = Field(None, description="The name of a link in config/campaign.yaml.", examples=["petition"])
    variants: dict[Say, Wording] | None = Field(
        None, description="Other words for one account or network, by its name.", examples=[{"x": {"text": "Short."}}]
    )
    facts: list[Say] | None = Field(
        None, description="Facts that the post rests on without naming them in its text.", examples=[["law"]]
    )
    order: Whole | None = Field(
        None, description="The place in a slot's queue: smaller numbers go first; 0 if not written.", examples=[5]
    )
    grace: SomeTime | None = Field(None, description="How late it may still go out.", examples=["2 hours"])
    author: Say | None = Field(None, description="Who wrote it.", examples=["Ann"])
    draft: YesNo | None = Field(None, description="yes: the post is checked and does not go out.", examples=["yes"])


class LinkEntry(_Keys):
    """A named call to action."""

    url: Url = Field(description="Its web address.", examples=["https://example.org/petition"])
    title: Say | None = Field(None, description="What it asks people to do.", examples=["Sign the petition"])


class SlotEntry(_Keys):
    """A weekly time at which the next post of a queue goes out."""

    every: Weekly = Field(description="One or more weekdays and a time.", examples=["saturday, sunday 10:00"])


Slots = Annotated[Annotated[Weekly, Tag("<one>")] | Annotated[SlotEntry, Tag("<every>")], Discriminator(_slot_kind)]


class CampaignFile(_Keys):
    """config/campaign.yaml: what holds for the whole campaign."""

    name: Say = Field(description="The campaign's name.", examples=["Save Our Children's Rights"])
    hashtag: Hashtag = Field(
        description="The hashtag that every post carries once. In quotes, because of the #.",
        examples=["#SaveOurChildrensRights"],
    )
    time_zone: Zone = Field(description="The zone of all times in the files.", examples=["Europe/London"])
    language: Language = Field("en-GB", description="The language of the posts.", examples=["en-GB"])
    links: dict[Id, LinkEntry] = Field(
        default_factory=dict,
        description="Calls to action by name; posts use them by that name.",
        examples=[{"petition": {"title": "Sign the petition", "url": "https://example.org/petition"}}],
    )
    slots: dict[Id, Slots] = Field(
        default_factory=dict,
        description="Weekly times by name; each sends the next post of its queue.",
        examples=[{"tuesday-morning": "tuesday 08:30"}],
    )
    default_slot: Say | None = Field(
        None, description="The slot of a post that says nothing of its time.", examples=["tuesday-morning"]
    )
    quiet_hours: Quiet | None = Field(
        None, description="Hours in which nothing goes out; it waits for their end.", examples=["21:30-07:00"]
    )
    spacing: Duration = Field(
        timedelta(0), description="The least time between two posts of one account.", examples=["30 minutes"]
    )
    grace: SomeTime = Field(
        timedelta(hours=2), description="How late a post may still go out; later it is missed.", examples=["2 hours"]
    )
    plan_ahead: SomeTime = Field(
        timedelta(days=28), description="How far ahead posts are planned.", examples=["28 days"]
    )
    prices: dict[PriceName, Money] = Field(
        default_factory=dict,
        description="What a network takes for a post, in US dollars.",
        examples=[{"x.post": 0.015, "x.post_with_link": 0.2}],
    )


class AccountEntry(_Keys):
    """One place to publish."""

    network: Say = Field(description="The network it is on.", examples=["bluesky", "x", "facebook", "outbox"])
    title: Say | None = Field(None, description="What people call it.", examples=["Our Facebook page"])
    env: Prefix | None = Field(
        None, description="How its variables begin, where a network has two accounts.", examples=["BSKY_WALES"]
    )
    spacing: Duration | None = Field(
        None, description="The least time between two posts of this account.", examples=["1 hour"]
    )
    options: dict[Say, Say] = Field(
        default_factory=dict, description="What only its network understands.", examples=[{"visibility": "unlisted"}]
    )


class AccountsFile(_Keys):
    """config/accounts.yaml: the places to publish."""

    accounts: dict[Id, AccountEntry] = Field(
        min_length=1,
        description="Accounts by name; posts use them by that name.",
        examples=[{"outbox": {"network": "outbox"}, "bluesky": {"network": "bluesky"}}],
    )


class SourceEntry(_Keys):
    """Where a fact comes from."""

    title: Say = Field(description="The title of the document or page.", examples=["Tribunal statistics quarterly"])
    url: Url | None = Field(None, description="Its web address.", examples=["https://www.gov.uk/"])
    publisher: Say | None = Field(None, description="Who published it.", examples=["Ministry of Justice"])
    date: Day | None = Field(None, description="The day on which it was published.", examples=["2026-06-11"])


class FactEntry(_Keys):
    """A statement that posts rest on."""

    statement: Say = Field(description="The fact in one sentence.", examples=["Families win most appeals."])
    figure: Say | None = Field(None, description="Its figure, for use inside a sentence.", examples=["98.3%"])
    source: SourceEntry | None = Field(
        None, description="Where it comes from.", examples=[{"title": "Tribunal statistics"}]
    )
    checked: Day | None = Field(None, description="The day on which it was last checked.", examples=["2026-11-02"])
    checked_by: Say | None = Field(None, description="Who checked it.", examples=["Ann"])
    check_again: Day | None = Field(
        None, description="The last day on which it may be used unchecked.", examples=["2027-01-31"]
    )
    retired: Say | None = Field(
        None, description="Why it may not be used any more.", examples=["The law changed in 2027."]
    )


class FactsFile(_Keys):
    """config/facts.yaml: the facts with their sources."""

    facts: dict[Id, FactEntry] = Field(
        default_factory=dict,
        description="Facts by name; posts use them by that name.",
        examples=[{"tribunal-success": {"statement": "Families win most appeals.", "figure": "98.3%"}}],
    )


# Which group of keys stands where: "*" is any name or number.
SHAPES: dict[type[BaseModel], dict[tuple[str, ...], type[BaseModel]]] = {
    PostFile: {
        (): PostFile,
        ("when", "<every>"): EverySchedule,
        ("when", "<cron>"): CronSchedule,
        ("when", "<slot>"): SlotSchedule,
        ("media", "*"): MediaItem,
        ("variants", "*"): Wording,
    },
    CampaignFile: {(): CampaignFile, ("links", "*"): LinkEntry, ("slots", "*", "<every>"): SlotEntry},
    AccountsFile: {(): AccountsFile, ("accounts", "*"): AccountEntry},
    FactsFile: {(): FactsFile, ("facts", "*"): FactEntry, ("facts", "*", "source"): SourceEntry},
}

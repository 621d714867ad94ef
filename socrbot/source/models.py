"""Every key of every file: its kind, and what it is for. Texts in, typed values out.

The descriptions are read by people in their editors (the JSON Schemas are made of these models), the kinds by
pydantic. What a value may look like is decided in `values`; records are made in `records` and `config`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from socrbot.source.values import (
    Count,
    CronText,
    Day,
    Duration,
    Focus,
    Hashtag,
    HttpsUrl,
    Id,
    Instead,
    Language,
    Money,
    Prefix,
    PriceName,
    Quiet,
    Say,
    SomeTime,
    Url,
    UtmName,
    UtmValue,
    Wall,
    Weekly,
    Whole,
    YesNo,
    Zone,
)


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
        None,
        description="Where the consent of the people in it is kept. Not used yet: pictures of people do not go out.",
        examples=["form 12, March 2026"],
    )
    crop: YesNo | None = Field(
        None,
        description="yes: it may be cut to a network's shape. Without it, it gets margins instead.",
        examples=["yes"],
    )
    focus: Focus | None = Field(
        None,
        description="What matters most in it: right and up as numbers from -1 to 1, or a word. Cutting keeps it.",
        examples=["0.2, -0.5", "top", "bottom left"],
    )


class Wording(_Keys):
    """Other words for one account or one network."""

    text: Say | None = Field(None, description="The text to use there.", examples=["The law is the law. Sign today."])
    parts: list[Say] | None = Field(
        None, min_length=1, description="The texts of a thread, one for each post.", examples=[["First.", "Second."]]
    )
    skip: YesNo | None = Field(None, description="yes: the post does not go out there.", examples=["yes"])
    options: dict[Say, Say] | None = Field(
        None,
        min_length=1,
        description="What only that network understands, for this post. With it alone, the post's words stay.",
        examples=[{"visibility": "unlisted"}],
    )


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
    split: YesNo | None = Field(
        None,
        description="yes: where the text is too long and the network has threads, it becomes one.",
        examples=["yes"],
    )
    without_threads: Instead | None = Field(
        None,
        description="What becomes of several parts where there are no threads: one text of them all, the first part "
        "alone, or the others as comments below the first.",
        examples=["join", "first part only", "comments"],
    )
    language: Language | None = Field(
        None, description="The language of the post, where it is not the campaign's.", examples=["cy"]
    )


class LinkEntry(_Keys):
    """A named call to action."""

    url: Url = Field(description="Its web address.", examples=["https://example.org/petition"])
    title: Say | None = Field(None, description="What it asks people to do.", examples=["Sign the petition"])
    utm: YesNo | None = Field(
        None, description="no: the campaign's `utm` parameters are not put behind it.", examples=["no"]
    )


class PublicMediaEntry(_Keys):
    """Where networks that fetch pictures find them."""

    public_url: HttpsUrl | None = Field(
        None,
        description="The https address of a folder of your web server. Needs `folder` as well.",
        examples=["https://media.example.org/posts"],
    )
    folder: Say | None = Field(
        None,
        description="The same folder on this computer; the bot writes pictures into it, and deletes them.",
        examples=["/srv/www/posts"],
    )
    through: Say | None = Field(
        None, description="Instead: an account whose network shows pictures to others.", examples=["facebook"]
    )


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
    utm: dict[UtmName, UtmValue] = Field(
        default_factory=dict,
        description="What is put behind the addresses of `links`, so that you can count from where people come. "
        "{network}, {account} and {post} stand for their names.",
        examples=[{"utm_source": "{network}", "utm_campaign": "rights"}],
    )
    media: PublicMediaEntry | None = Field(
        None,
        description="Where networks that fetch pictures find them (Instagram and Threads do).",
        examples=[{"public_url": "https://media.example.org/posts", "folder": "/srv/www/posts"}],
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
    budget: Money | None = Field(
        None, description="The most that it may cost in a calendar month, in US dollars.", examples=[25]
    )
    only_with_media: YesNo | None = Field(
        None,
        description="yes: posts without a picture leave it out, unless they name it in `accounts`.",
        examples=["yes"],
    )
    metrics: YesNo | None = Field(
        None,
        description="Whether likes and the like are fetched. Without it: yes where it costs nothing.",
        examples=["no"],
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
    CampaignFile: {
        (): CampaignFile,
        ("links", "*"): LinkEntry,
        ("slots", "*", "<every>"): SlotEntry,
        ("media",): PublicMediaEntry,
    },
    AccountsFile: {(): AccountsFile, ("accounts", "*"): AccountEntry},
    FactsFile: {(): FactsFile, ("facts", "*"): FactEntry, ("facts", "*", "source"): SourceEntry},
}

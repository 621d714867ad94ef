"""The files under config/: what holds for the whole campaign, the accounts, the facts.

One wrong link, slot, price or fact is left out, and only the posts that name it are held. Any other mistake in these
files leaves the campaign without sense: then `broken` is True, and nothing goes out until it is put right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from socrbot.campaign import Account, Every, Fact, Link, PublicMedia, Slot, Source
from socrbot.errors import Place, Problem, Severity
from socrbot.source.events import Document, Item
from socrbot.source.explain import Explainer
from socrbot.source.fields import is_placeholder
from socrbot.source.files import decode, read_config_bytes
from socrbot.source.models import AccountsFile, CampaignFile, FactEntry, FactsFile, SlotEntry
from socrbot.source.posts import Reference
from socrbot.source.problems import Unreadable, problem
from socrbot.source.references import Known

M = TypeVar("M", bound=BaseModel)

CAMPAIGN, ACCOUNTS, FACTS = "config/campaign.yaml", "config/accounts.yaml", "config/facts.yaml"
# Groups of entries of which a wrong one can be left out.
_BY_ENTRY = {"links": "link", "slots": "slot", "prices": "price", "facts": "fact"}
# What stands in for a key that is missing or wrong, so that the posts can be checked all the same.
_STAND_INS = {"name": "?", "hashtag": "#hashtag", "time_zone": "UTC"}


@dataclass(frozen=True)
class Config:
    """What the files gave. `campaign` or `accounts` is None when that file could not be understood at all."""

    campaign: CampaignFile | None
    accounts: Mapping[str, Account] | None
    links: Mapping[str, Link]
    slots: Mapping[str, Slot]
    facts: Mapping[str, Fact]
    public_media: PublicMedia | None
    known: Known
    problems: tuple[Problem, ...]
    unreadable: tuple[str, ...]
    broken: bool
    digest: str

    @property
    def default_slot(self) -> str | None:
        """The slot of posts that say nothing of their time, if it exists."""
        wanted = self.campaign.default_slot if self.campaign else None
        return wanted if wanted in self.slots else None


@dataclass
class _Read(Generic[M]):
    """One file: its model, and what was left out of it."""

    path: str
    model: M | None = None
    item: Item | None = None
    document: Document | None = None
    problems: list[Problem] = field(default_factory=list)
    unreadable: bool = False
    broken: bool = False
    wrong: dict[Reference, Place] = field(default_factory=dict)

    def place(self, *path: str) -> Place:
        """The place of a key."""
        return self._place(path, 0)

    def value_place(self, *path: str) -> Place:
        """The place of a key's value."""
        return self._place(path, 1)

    def _place(self, path: tuple[str, ...], end: int) -> Place:
        spot = self.item.spots.get(".".join(path)) if self.item else None
        return self.document.place((spot[0], spot[1])[end]) if spot and self.document else Place(self.path)


def read_config(root: Path) -> Config:
    """Reads the three files. `root` must be resolved. Raises nothing that their content can cause."""
    campaign = _read(root, CAMPAIGN, CampaignFile)
    accounts = _read(root, ACCOUNTS, AccountsFile)
    facts = _read(root, FACTS, FactsFile, optional=True)
    _check_default_slot(campaign)
    reads: tuple[_Read[Any], ...] = (campaign, accounts, facts)
    made_accounts = _accounts(accounts)
    links, slots, made_facts = _links(campaign), _slots(campaign), _facts(facts)
    known = _known(reads, made_accounts, links, slots, made_facts)
    public_media = _public_media(campaign, known)
    values = [read.item.value if read.item else None for read in reads]
    return Config(
        campaign=campaign.model,
        accounts=made_accounts,
        links=links,
        slots=slots,
        facts=made_facts,
        public_media=public_media,
        known=known,
        problems=tuple(found for read in reads for found in read.problems),
        unreadable=tuple(read.path for read in reads if read.unreadable),
        broken=any(read.broken or read.unreadable for read in reads),
        digest=hashlib.sha256(repr(values).encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _read(root: Path, path: str, model: type[M], *, optional: bool = False) -> _Read[M]:
    read: _Read[M] = _Read(path)
    if optional and not (root / path).exists():
        read.model = model()
        return read
    try:
        read.document = Document(path, decode(path, read_config_bytes(root, path)))
        items = list(read.document.items())
    except Unreadable as reason:
        read.problems.append(reason.problem)
        read.unreadable = True
        return read
    if not items or items[0].listed:
        message = "keys with values are wanted in this file, not a list"
        read.problems.append(problem("wrong-type", Place(path), message, hint=f"begin with {_first_key(model)}:"))
        read.unreadable = True
        return read
    read.item = items[0]
    _validate(read, model, read.document, read.item)
    return read


def _first_key(model: type[BaseModel]) -> str:
    return next(iter(model.model_fields))


def _validate(read: _Read[M], model: type[M], document: Document, item: Item) -> None:
    """Takes the file's values; leaves out what is wrong until the rest is right."""
    read.problems.extend(item.problems)
    read.broken = any(found.severity is Severity.ERROR for found in read.problems)
    value: Any = item.value
    for attempt in range(3):
        try:
            read.model = model.model_validate(value)
        except ValidationError as error:
            if attempt == 0:
                read.problems.extend(Explainer(document, item, model).problems(error))
            if not isinstance(value, dict):
                break
            value = _without(value, read, error)
        else:
            return
    read.unreadable = read.model is None


def _without(value: dict[str, Any], read: _Read[M], error: ValidationError) -> dict[str, Any]:
    """The values without the wrong ones, and with stand-ins for those that are needed."""
    kept = dict(value)
    for one in error.errors(include_url=False):
        path = [str(step) for step in one["loc"]]
        group = kept.get(path[0]) if path else None
        if len(path) > 1 and path[0] in (*_BY_ENTRY, "accounts") and isinstance(group, dict):
            kept[path[0]] = {name: entry for name, entry in group.items() if name != path[1]}
            read.wrong[_BY_ENTRY.get(path[0], "account"), path[1]] = read.place(path[0], path[1])
            read.broken |= path[0] == "accounts"
        elif path:
            kept.pop(path[0], None)
            read.broken = True
            if path[0] in _STAND_INS:
                kept[path[0]] = _STAND_INS[path[0]]
    return kept


def _check_default_slot(read: _Read[CampaignFile]) -> None:
    wanted = read.model.default_slot if read.model else None
    if read.model and wanted and wanted not in read.model.slots:
        known = Known({"slot": {name: read.place("slots", name) for name in read.model.slots}}, read.wrong)
        read.problems.append(known.missing("slot", wanted, read.value_place("default_slot")))
        read.broken = True


def _known(
    reads: tuple[_Read[Any], ...],
    accounts: Mapping[str, Account] | None,
    links: Mapping[str, Link],
    slots: Mapping[str, Slot],
    facts: Mapping[str, Fact],
) -> Known:
    names: dict[str, dict[str, Place]] = {}
    campaign, _, facts_read = reads
    if campaign.model:
        names["link"] = {link.name: link.place for link in links.values()}
        names["slot"] = {slot.name: slot.place for slot in slots.values()}
    if accounts is not None:
        names["account"] = {account.id: account.place for account in accounts.values()}
        networks = {account.network: account.place for account in accounts.values()}
        names["variant"] = networks | names["account"]
    if not facts_read.unreadable:
        names["fact"] = {fact.id: fact.place for fact in facts.values()}
    wrong = {reference: place for read in reads for reference, place in read.wrong.items()}
    wrong |= {("variant", name): place for (kind, name), place in wrong.items() if kind == "account"}
    return Known(names, wrong)


def _accounts(read: _Read[AccountsFile]) -> Mapping[str, Account] | None:
    if read.model is None:
        return None
    made = {
        name: Account(
            id=name,
            network=entry.network,
            place=read.place("accounts", name),
            title=entry.title,
            env=entry.env,
            spacing=entry.spacing,
            options=MappingProxyType(entry.options),
            budget=entry.budget,
            only_with_media=bool(entry.only_with_media),
            metrics=entry.metrics,
        )
        for name, entry in read.model.accounts.items()
    }
    return MappingProxyType(made)


def _links(read: _Read[CampaignFile]) -> Mapping[str, Link]:
    entries = read.model.links if read.model else {}
    made = {
        name: Link(
            name,
            entry.url,
            read.place("links", name),
            entry.title,
            is_placeholder(entry.url),
            utm=entry.utm is not False,
        )
        for name, entry in entries.items()
    }
    return MappingProxyType(made)


def _public_media(read: _Read[CampaignFile], known: Known) -> PublicMedia | None:
    """Where networks find pictures; None where nothing is said of it, or it is not clear."""
    entry = read.model.media if read.model else None
    if entry is None:
        return None
    place = read.place("media")
    by_folder = entry.public_url is not None or entry.folder is not None
    if by_folder == (entry.through is not None) or (entry.public_url is None) != (entry.folder is None):
        message = "either public_url and folder are wanted here, or through"
        hint = "write the address of the folder in public_url: and where it is on this computer in folder:"
        read.problems.append(problem("bad-public-media", place, message, hint=hint))
        read.broken = True
        return None
    accounts = known.names.get("account")
    if entry.through is not None and accounts is not None and entry.through not in accounts:
        read.problems.append(known.missing("account", entry.through, read.value_place("media", "through")))
        read.broken = True
        return None
    return PublicMedia(place, url=entry.public_url, folder=entry.folder, through=entry.through)


def _slots(read: _Read[CampaignFile]) -> Mapping[str, Slot]:
    entries = read.model.slots if read.model else {}
    made = {}
    for name, entry in entries.items():
        weekdays, at = entry.every if isinstance(entry, SlotEntry) else entry
        made[name] = Slot(name, Every(weekdays, at), read.place("slots", name))
    return MappingProxyType(made)


def _facts(read: _Read[FactsFile]) -> Mapping[str, Fact]:
    entries = read.model.facts if read.model else {}
    return MappingProxyType({name: _fact(name, entry, read) for name, entry in entries.items()})


def _fact(name: str, entry: FactEntry, read: _Read[FactsFile]) -> Fact:
    source = entry.source
    return Fact(
        id=name,
        statement=entry.statement,
        place=read.place("facts", name),
        figure=entry.figure,
        source=Source(source.title, source.url, source.publisher, source.date) if source else None,
        checked=entry.checked,
        checked_by=entry.checked_by,
        check_again=entry.check_again,
        retired=entry.retired,
    )

"""One small mistake for each problem code: what docs/problems.md shows. Each is really made and checked by docs.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

POST = "posts/example.yaml"
CAMPAIGN, ACCOUNTS, FACTS = "config/campaign.yaml", "config/accounts.yaml", "config/facts.yaml"
CARD = "media:\n  - file: media/card.png\n"
GOOD = "text: Sign today.\n"


@dataclass(frozen=True, slots=True)
class Example:
    """A file with one mistake.

    text    what the file says; in a file under config/ only the keys that differ from the sample campaign
    path    the file
    make    makes the mistake instead, in the campaign's folder, where no text alone can show it
    told    what the mistake is, in words, where no text is shown
    todo    what to do, where the program's own hint does not say it
    sent    whether the post went out before
    """

    text: str = ""
    path: str = POST
    make: Callable[[Path], None] | None = None
    told: str = ""
    todo: str = ""
    sent: bool = False


def _bytes(content: bytes, name: str = POST) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / name).write_bytes(content)

    return make


def _remove(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).unlink()


def _also(network: str) -> Callable[[Path], None]:
    """Gives the campaign an account on one more network."""

    def make(root: Path) -> None:
        with (root / ACCOUNTS).open("a", encoding="utf-8") as file:
            file.write(f"  {network}: {{network: {network}}}\n")

    return make


def _six_links() -> str:
    return "text: |\n" + "".join(f"  https://www.gov.uk/{number}\n" for number in range(1, 7)) + "accounts: threads\n"


def _many_mentions() -> str:
    return f"text: |\n  {' '.join(f'@mp{number}' for number in range(1, 22))}\naccounts: instagram\n"


def _pipe(root: Path) -> None:
    os.mkfifo(root / POST)


def _shortcut(root: Path) -> None:
    outside = root.parent / "elsewhere.yaml"
    outside.write_text(GOOD, encoding="utf-8")
    (root / POST).symlink_to(outside)


def _huge(root: Path) -> None:
    with (root / POST).open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)


def _with_account(network: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        with (root / ACCOUNTS).open("a", encoding="utf-8") as file:
            file.write(f"  {network}: {{network: {network}}}\n")

    return make


def _five_pictures() -> str:
    one = "  - {file: media/card.png, people: no, alt: A card that asks people to sign}\n"
    return f"{GOOD}accounts: x\nmedia:\n{one * 5}"


EXAMPLES: Mapping[str, Example] = {
    # The file as a whole
    "missing-file": Example(
        make=_remove(ACCOUNTS), told="`config/accounts.yaml` is not there.", todo="Put the file back."
    ),
    "unreadable-file": Example(
        make=_pipe,
        told="`posts/example.yaml` is something else than a file.",
        todo="Look at the file's permissions, or put an ordinary file in its place.",
    ),
    "outside-folder": Example(
        make=_shortcut,
        told="`posts/example.yaml` is a shortcut to a file in another folder.",
        todo="Copy the file itself into the campaign's folder.",
    ),
    "too-large": Example(make=_huge, told="`posts/example.yaml` has more than 64 MB."),
    "wrong-encoding": Example(
        make=_bytes("text: Café".encode("cp1252")), told="The file was saved as “ANSI” by an old Windows editor."
    ),
    "control-character": Example(
        make=_bytes("text: Sign\u2028today.\n".encode()), told="A hidden line break was pasted from a word processor."
    ),
    "empty-file": Example("# only a comment\n", todo="Write a post in it, or delete the file."),
    "several-documents": Example("text: Sign today.\n---\ntext: Write to your MP.\n"),
    "odd-name": Example(
        make=_bytes(GOOD.encode(), "posts/exam\x07ple.yaml"), told="A file's name has an invisible character in it."
    ),
    "two-names": Example(GOOD, path="posts/example.yaml.txt", told="Windows hid the last part of the name."),
    # YAML itself
    "syntax": Example('text: "Sign today.\n'),
    "quotes-needed": Example("text: Ask your MP: will you keep the law?\n"),
    "tab-indent": Example("text: Sign today.\nwhen:\n\tevery: saturday 19:00\n"),
    "too-deep": Example(f"text: {'[' * 40}{']' * 40}\n", todo="Write the value without the brackets."),
    "yaml-tag": Example("text: !important Sign today.\n"),
    "yaml-alias": Example("text: &now Sign today.\n"),
    "yaml-merge": Example("<<: {text: Sign today.}\n", todo="Write the keys out."),
    "odd-key": Example("? [text, parts]\n: Sign today.\n", todo="Write one word before the colon."),
    "duplicate-key": Example("text: Sign today.\ntext: Write to your MP.\n"),
    "lost-hashtag": Example("text: Act now #SaveOurChildrensRights\n"),
    "lost-comment": Example("text: Sign today.\nwhen: 2027-03-06 19:00 #a Saturday\n"),
    "lost-lines": Example("text: Three things to do today.\n  Sign the petition.\n  Write to your MP.\n"),
    "curly-quotes": Example("text: “Sign today.”\n"),
    # Keys and values
    "unknown-key": Example("text: Sign today.\nwhne: 2027-03-06 19:00\n"),
    "missing-key": Example(
        "links:\n  petition: {title: Sign the petition}\n",
        path=CAMPAIGN,
        todo="Write the key and its value; [files.md](files.md) has every key.",
    ),
    "missing-id": Example("- text: Sign today.\n- text: Write to your MP.\n"),
    "empty-value": Example("text: Sign today.\nwhen:\n"),
    "wrong-type": Example("text: [Sign today., Write to your MP.]\n"),
    "text-or-parts": Example("text: Sign today.\nparts: [One., Two.]\n"),
    "bad-date": Example("text: Sign today.\nwhen: 7 March 2027 at 7pm\n"),
    "bad-time": Example("text: Sign today.\nwhen: {every: saturday 7pm}\n"),
    "bad-weekday": Example("text: Sign today.\nwhen: {every: saturdy 19:00}\n"),
    "bad-cron": Example('text: Sign today.\nwhen: {cron: "30 8 * * 1,4"}\n'),
    "bad-duration": Example("text: Sign today.\ngrace: 2h\n"),
    "bad-number": Example("text: Sign today.\norder: first\n"),
    "bad-yes-no": Example("text: Sign today.\ndraft: maybe\n"),
    "bad-id": Example("id: our first post\ntext: Sign today.\n"),
    "bad-url": Example("links:\n  petition: {title: Sign, url: www.gov.uk/petition}\n", path=CAMPAIGN),
    "bad-hashtag": Example('hashtag: "#Save Our Rights"\n', path=CAMPAIGN),
    "bad-time-zone": Example("time_zone: London\n", path=CAMPAIGN),
    "bad-language": Example("language: English\n", path=CAMPAIGN),
    "bad-quiet-hours": Example("quiet_hours: from 21:30 to 07:00\n", path=CAMPAIGN),
    "bad-variable": Example("accounts:\n  wales: {network: bluesky, env: bsky-wales}\n", path=ACCOUNTS),
    "bad-focus": Example(f"{GOOD}{CARD}    alt: A card\n    people: no\n    focus: upwards\n"),
    "bad-without-threads": Example("parts: [What is an EHCP?, It is a legal document.]\nwithout_threads: cut\n"),
    "bad-utm": Example('utm: {utm_source: "our page"}\n', path=CAMPAIGN),
    "bad-public-media": Example("media: {public_url: https://media.example.org/posts}\n", path=CAMPAIGN),
    "repeated": Example('text: Sign today.\nwhen: {every: "monday, monday 19:00"}\n'),
    # From one file to another
    "duplicate-id": Example("- id: sign\n  text: Sign today.\n- id: sign\n  text: Write to your MP.\n"),
    "unknown-account": Example("text: Sign today.\naccounts: [x, facebok]\n"),
    "unknown-link": Example("text: Sign today.\nlink: petitoin\n"),
    "unknown-slot": Example("text: Sign today.\nwhen: {slot: monday-rihgts}\n"),
    "unknown-fact": Example("text: Families win {{ fact('tribunal').figure }} of appeals.\n"),
    "missing-media": Example(f"{GOOD}media:\n  - {{file: media/crad.png, alt: A card, people: no}}\n"),
    "media-outside": Example(f"{GOOD}media:\n  - {{file: ../card.png, alt: A card, people: no}}\n"),
    # Making the text
    "template-syntax": Example("text: \"Sign here: {{ link('petition') }\"\n"),
    "template-undefined": Example('text: "Sign here: {{ petition }}"\n'),
    "template-error": Example('text: "Families win {{ 1 / 0 }} of appeals."\n'),
    # What the rules find
    "media-unusable": Example(
        f"{GOOD}media:\n  - {{file: media/photo.jpg, alt: A march, people: no}}\n",
        make=_bytes(b"\0\0\0\x18ftypheic", "media/photo.jpg"),
    ),
    "no-consent": Example(f"{GOOD}{CARD}    alt: Parents in front of Parliament\n"),
    "alt-missing": Example(f"{GOOD}{CARD}    people: no\n"),
    "alt-is-filename": Example(f"{GOOD}{CARD}    people: no\n    alt: card.png\n"),
    "alt-too-long": Example(f"{GOOD}{CARD}    people: no\n    alt: {'A very long description. ' * 84}\n"),
    "media-too-many": Example(_five_pictures()),
    "needs-picture": Example(f"{GOOD}accounts: instagram\n", make=_with_account("instagram")),
    "no-public-address": Example(
        f"{GOOD}accounts: threads\n{CARD}    alt: A card that asks people to sign\n    people: no\n",
        make=_with_account("threads"),
    ),
    "fact-retired": Example("text: \"{{ fact('old-figure') }}\"\n"),
    "fact-stale": Example("text: \"{{ fact('last-year') }}\"\n"),
    "fact-soon-stale": Example("text: \"{{ fact('this-month') }}\"\n"),
    "fact-no-source": Example("text: \"{{ fact('no-source') }}\"\n"),
    "placeholder-link": Example("text: Sign at https://example.org/petition\n"),
    "hashtag-twice": Example('text: "#SaveOurChildrensRights now. #SaveOurChildrensRights for ever."\n'),
    "hashtag-case": Example('text: "Act now. #saveourchildrensrights"\n'),
    "empty-text": Example('text: "#SaveOurChildrensRights"\n'),
    "look-alike-letter": Example("text: 𝗦𝗶𝗴𝗻 today.\n"),
    "hidden-direction": Example("text: Sign \u202etoday.\n"),
    "odd-character": Example("text: Sign\u00a0today.\n"),
    "too-long": Example("text: >\n" + "  We ask our MPs to keep the law that protects disabled children.\n" * 5),
    "too-many-links": Example(_six_links(), make=_also("threads")),
    "too-many-hashtags": Example(
        'text: "Sign today. #One #Two #Three #Four #Five"\naccounts: instagram\n', make=_also("instagram")
    ),
    "too-many-mentions": Example(_many_mentions(), make=_also("instagram")),
    "mention-at-risk": Example('text: "@somebody, will you sign?"\naccounts: x\n'),
    "unknown-option": Example("text: Sign today.\nvariants:\n  telegram: {options: {notfy: silent}}\n"),
    "wrong-option": Example("text: Sign today.\nvariants:\n  telegram: {options: {notify: quiet}}\n"),
    "unknown-network": Example("accounts:\n  wales: {network: blusky}\n", path=ACCOUNTS),
    "same-account": Example("accounts:\n  x: {network: x}\n  x-wales: {network: x}\n", path=ACCOUNTS),
    "no-account": Example("text: Sign today.\naccounts: x\nvariants:\n  x: {skip: yes}\n"),
    "cannot-thread": Example("parts: [What is an EHCP?, It is a legal document.]\naccounts: facebook\n"),
    "past-time": Example("text: Sign today.\nwhen: 2026-03-07 19:00\n"),
    "already-sent": Example(
        "text: Sign today.\nwhen: 2027-03-06 19:00\n",
        told="The post went out in March 2026. Now somebody gives it another time.",
        sent=True,
    ),
    "never": Example("text: Sign today.\nwhen: {every: saturday 19:00, since: 2027-03-01, until: 2027-03-03}\n"),
    "time-skipped": Example("text: Sign today.\nwhen: 2027-03-28 01:30\n"),
    "time-twice": Example("text: Sign today.\nwhen: 2027-10-31 01:30\n"),
    "quiet-hours": Example("text: Sign today.\nwhen: 2027-03-06 23:00\n"),
}

# Codes that no file alone can show, and why.
WITHOUT: Mapping[str, str] = {
    "video-unsuitable": "It needs a video: one that is longer or larger than a network takes, or beside pictures.",
    "media-missing": "The picture went away after the files were read. Before, it is [missing-media](#missing-media).",
}

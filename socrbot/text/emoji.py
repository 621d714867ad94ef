"""What X counts as one emoji: the sequences of Unicode's Emoji 12.0.

X's page says that an emoji counts 2 "regardless of modifiers", by a list of sequences that it does not publish with
its versions. A sequence joined from several emoji that is younger than Emoji 12.0 is therefore counted by its parts,
which is never too little: a text that fits here is not refused there. A single new emoji counts 2 either way.

https://docs.x.com/fundamentals/counting-characters, https://unicode.org/Public/emoji/12.0/emoji-test.txt
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_JOINER = "\u200d"
_TONE = "[\U0001f3fb-\U0001f3ff]"
_SHOWN = "\ufe0f"

# Only these can make the count differ from the sum of the single characters.
_MAY_DIFFER = re.compile("[©®\u200d\ufe0f\u20e3\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e007f]")

_ONE = "[©®\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001ffff]"
_ONE_SHOWN = f"{_ONE}(?:{_SHOWN}|{_TONE})?"
_JOINED = re.compile(f"{_ONE_SHOWN}(?:{_JOINER}{_ONE_SHOWN})+|🏴[\U000e0020-\U000e007e]+\U000e007f")

# Emoji that are shown as text unless U+FE0F follows.
_TEXT_FIRST = (
    "©®‼⁉™ℹ↔-↙↩-↪⌨⏏⏭-⏯⏱-⏲⏸-⏺Ⓜ▪-▫▶◀◻-◼☀-☄☎☑☘☝☠☢-☣☦☪☮-☯☸-☺♀♂♟-♠♣♥-♦♨♻♾⚒⚔-⚗⚙⚛-⚜⚠⚰-⚱⛈⛏⛑⛓⛩⛰-⛱⛴⛷-⛹✂✈-✉✌-✍✏✒✔✖✝✡✳-✴❄❇❣-❤➡⤴-⤵⬅-⬇〰〽㊗㊙"
    "🅰-🅱🅾-🅿🈂🈷🌡🌤-🌬🌶🍽🎖-🎗🎙-🎛🎞-🎟🏋-🏎🏔-🏟🏳🏵🏷🐿👁📽🕉-🕊🕯-🕰🕳-🕹🖇🖊-🖍🖐🖥🖨🖱-🖲🖼🗂-🗄🗑-🗓🗜-🗞🗡🗣🗨🗯🗳🗺🛋🛍-🛏🛠-🛥🛩🛰🛳"
)
# Emoji that take a skin tone.
_TONED = (
    "☝⛹✊-✍🎅🏂-🏄🏇🏊-🏌👂-👃👆-👐👦-👩👫-👮👰-👸👼💁-💃💅-💇💪"
    "🕴-🕵🕺🖐🖕-🖖🙅-🙇🙋-🙏🚣🚴-🚶🛀🛌🤏🤘-🤜🤞-🤟🤦🤰-🤹🤽-🤾🦵-🦶🦸-🦹🦻🧍-🧏🧑-🧝"
)
# People that are made into a man or a woman by a joined sign.
_GENDERED = "🏃-🏄🏊👮👱👳👷💁-💂💆-💇🙅-🙇🙋🙍-🙎🚣🚴-🚶🤦🤷-🤹🤽-🤾🦸-🦹🧍-🧏🧖-🧝"
_REGIONS = """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz
    ca cc cd cf cg ch ci ck cl cm cn co cp cr cu cv cw cx cy cz de dg dj dk dm do dz ea ec ee eg eh er es et eu fi fj
    fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu ic id ie il im in io iq ir
    is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm
    mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt
    pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz ta tc td tf tg th tj tk tl
    tm tn to tr tt tv tw tz ua ug um un us uy uz va vc ve vg vi vn vu wf ws xk ye yt za zm zw
"""
_NATIONS = ("gbeng", "gbsct", "gbwls")


def may_differ(text: str) -> bool:
    """Whether the text has anything whose weight as an emoji differs from that of its single characters."""
    return _MAY_DIFFER.search(text) is not None


def find(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each emoji whose weight differs from that of its single characters, from left to right."""
    return (match.span() for match in _pattern().finditer(text))


def sequences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of whatever is joined like an emoji, known to X or not: people, flags, newer emoji, keycaps."""
    return (match.span() for match in _JOINED.finditer(text))


@cache
def _pattern() -> re.Pattern[str]:
    joined = (*_families(), *_people(), *_things())
    alone = (_flags(), f"[{_TONED}]{_TONE}", f"[{_TEXT_FIRST}]{_SHOWN}", "[©®]")
    # The look ahead turns away plain letters and CJK at once.
    others = "|".join((*joined, *alone))
    return re.compile(f"[0-9#*]{_SHOWN}?\u20e3|(?=[©®\u2000-\u3299\U0001f000-\U0001ffff])(?:{others})")


def _families() -> tuple[str, ...]:
    """Couples with and without children, from the longest to the shortest."""
    children = f"(?:👧{_JOINER}[👦👧]|👦{_JOINER}👦|[👦👧])"
    couple = f"(?:👨{_JOINER}[👨👩]|👩{_JOINER}👩)"
    in_love = (
        f"(?:👩{_JOINER}❤{_SHOWN}?{_JOINER}(?:💋{_JOINER})?[👨👩]|👨{_JOINER}❤{_SHOWN}?{_JOINER}(?:💋{_JOINER})?👨)"
    )
    hand, tone = f"{_JOINER}🤝{_JOINER}", _TONE
    toned = "|".join(
        f"{one}{tone}{hand}{others}{tone}" for one, others in (("👩", "[👨👩]"), ("👨", "👨"), ("🧑", "🧑"))
    )
    return (f"{couple}{_JOINER}{children}", in_love, f"[👨👩]{_JOINER}{children}", f"(?:{toned})", f"🧑{hand}🧑")


def _people() -> tuple[str, ...]:
    """A person with a trade, a kind of hair or a gender."""
    trade = f"[🌾🍳🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯-🦳🦼-🦽]|[⚕⚖✈]{_SHOWN}?"
    gender = f"{_JOINER}[♀♂]{_SHOWN}?"
    return (
        f"[👨👩]{_TONE}?{_JOINER}(?:{trade})",
        f"[{_GENDERED}]{_TONE}?{gender}",
        f"[⛹🏋-🏌🕵](?:{_TONE}|{_SHOWN})?{gender}",
        f"[👯🤼🧞-🧟]{gender}",
    )


def _things() -> tuple[str, ...]:
    return (
        f"👁{_SHOWN}?{_JOINER}🗨{_SHOWN}?",
        f"🏳{_SHOWN}?{_JOINER}🌈",
        f"🏴{_JOINER}☠{_SHOWN}?",
        f"🐕{_JOINER}🦺",
    )


def _flags() -> str:
    """Flags of regions (two letters each) and of the three nations that have one of their own."""
    regions = "|".join("".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in name) for name in _REGIONS.split())
    nations = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in name) for name in _NATIONS)
    return f"🏴(?:{nations})\U000e007f|(?=[\U0001f1e6-\U0001f1ff])(?:{regions})"

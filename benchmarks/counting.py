"""How many texts X's count takes in a second, against twitter-text-parser in the same run.

    python benchmarks/counting.py [--quick]

The package is the floor that there is: the only other implementation of X's rules in Python. Prints for each kind of
text how many of ours fit into the time of one of theirs, and then how long 10,000 posts of all kinds take.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable

from _bench import is_quick, show, show_seconds

from socrbot.text import x_weight

TEXTS = {
    "plain": "Every child has a right to the support that the law gives them, and councils must provide it " * 2,
    "sentences": "Families win 98.3% of appeals. That is no accident. Children’s rights are the law – “keep them”. "
    * 2,
    "links": (
        "Sign the petition: https://example.org/petition/sign?from=x and write to your MP: "
        "https://example.org/mp-letter (it takes 5 minutes). More on www.example.com. #SaveOurChildrensRights #SEND"
    ),
    "emoji": (
        "Families 👩‍👩‍👧‍👦 and teachers 👩🏽‍🏫 stand together 🤝 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ Sign here 👇🏽 https://example.org/petition "
        "#SaveOurChildrensRights"
    ),
    "cjk": "すべての子どもには支援を受ける権利があります。法律を守ってください。https://example.org/petition " * 2,
}


def rate(count: Callable[[str], object], texts: list[str]) -> float:
    """Texts per second."""
    before = time.perf_counter()
    for text in texts:
        count(text)
    return len(texts) / (time.perf_counter() - before)


def compare(kind: str, text: str, oracle: Callable[[str], object], *, rounds: int, count: int) -> None:
    """Prints one line of the result."""
    ours: list[float] = []
    ratios: list[float] = []
    for number in range(rounds):
        # Each text is another one, so that nothing can be remembered.
        texts = [f"{text} {number} {index}" for index in range(count)]
        mine, theirs = rate(x_weight, texts), rate(oracle, texts[: max(2, count // 33)])
        ours.append(mine)
        ratios.append(mine / theirs)
    show(f"{kind}, {len(text)} characters", ratios, note=f"{statistics.median(ours):,.0f} a second")


def main() -> None:
    quick = is_quick(__doc__)
    warnings.simplefilter("ignore")
    from twitter_text import parse_tweet

    rounds, count = (1, 40) if quick else (7, 2_000)
    print(f"texts counted in the time of one by twitter-text-parser; {rounds} rounds")
    for kind, text in TEXTS.items():
        assert x_weight(text) == parse_tweet(text).weightedLength
        compare(kind, text, parse_tweet, rounds=rounds, count=count)
    posts = [f"{text} {index}" for index in range(2_000) for text in TEXTS.values()]
    show_seconds(f"{len(posts):,} posts of all kinds", [len(posts) / rate(x_weight, posts) for _ in range(rounds)])


if __name__ == "__main__":
    main()

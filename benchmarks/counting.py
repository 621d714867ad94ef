"""How many texts X's count takes in a second, against twitter-text-parser in the same run.

    python -m benchmarks.counting

Prints, for each kind of text, both rates and their ratio with the spread over the rounds.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable

from socrbot.text import x_weight

ROUNDS = 7
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


def compare(kind: str, text: str, oracle: Callable[[str], object]) -> str:
    """One line of the result."""
    ours: list[float] = []
    ratios: list[float] = []
    for number in range(ROUNDS):
        # Each text is another one, so that nothing can be remembered.
        texts = [f"{text} {number} {index}" for index in range(2_000)]
        mine, theirs = rate(x_weight, texts), rate(oracle, texts[:60])
        ours.append(mine)
        ratios.append(mine / theirs)
    return (
        f"{kind:>10}  {len(text):>4} characters  {statistics.median(ours):>10,.0f} a second  "
        f"{statistics.median(ratios):>7,.0f} times twitter-text-parser  (from {min(ratios):,.0f} to {max(ratios):,.0f})"
    )


def main() -> None:
    """Prints the comparison, and how long a campaign's 10,000 posts take."""
    warnings.simplefilter("ignore")
    from twitter_text import parse_tweet

    for kind, text in TEXTS.items():
        assert x_weight(text) == parse_tweet(text).weightedLength
        print(compare(kind, text, parse_tweet))
    posts = [f"{text} {index}" for index in range(2_000) for text in TEXTS.values()]
    print(f"{len(posts):,} posts of all kinds: {len(posts) / rate(x_weight, posts):.2f} seconds")


if __name__ == "__main__":
    main()

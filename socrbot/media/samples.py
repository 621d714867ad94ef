"""Where the samples of a video stand in its file: each in the part for samples, and each by itself.

A damaged table can make a sound take in bytes of another track, such as a phone's track of where it was. They would
leave with the sound, and no player would notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

# Its first byte in the file and how many bytes it has.
Sample = tuple[int, int]

# Of a box of MP4 and QuickTime: four bytes of size and four of kind; a size of 1 says that eight bytes of size follow,
# a size of 0 that the box goes on to the end of the file (ISO/IEC 14496-12, 4.2).
_HEADER, _LONG_HEADER = 8, 16


def are_apart(data: bytes, wanted: Iterable[Sample], others: Iterable[Sample]) -> bool:
    """Whether each wanted sample is inside an `mdat` box and shares no byte with another, wanted or not."""
    boxes = list(_media_boxes(data))
    reached, was_wanted = 0, False
    for (place, size), is_wanted in sorted([*((each, True) for each in wanted), *((each, False) for each in others)]):
        if place < reached and (is_wanted or was_wanted):
            return False
        if is_wanted and not any(first <= place and place + size <= last for first, last in boxes):
            return False
        if place + size > reached:
            reached, was_wanted = place + size, is_wanted
    return True


def _media_boxes(data: bytes) -> Iterator[tuple[int, int]]:
    """The insides of the `mdat` boxes, as (first byte, byte behind the last)."""
    place = 0
    while place + _HEADER <= len(data):
        size, header = int.from_bytes(data[place : place + 4], "big"), _HEADER
        if size == 1:
            size, header = int.from_bytes(data[place + 8 : place + 16], "big"), _LONG_HEADER
        end = place + size if size else len(data)
        if end < place + header:
            return
        if data[place + 4 : place + 8] == b"mdat":
            yield place + header, end
        place = end

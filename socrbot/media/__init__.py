"""Reads, checks, cleans and fits pictures and videos. The only room that knows Pillow and PyAV.

`inspect` says what a file is; `Assets` gives what may leave the machine: upright, in sRGB, fitted to what a network
takes, and with nothing in it but pixels and sound. A photo's hidden data can name the place where a child lives; none
of it is carried over, because a picture is painted anew and a video's streams are put into a new file. `Store` keeps
what was made, by its digest. Not here: which network takes what (`networks/`), and where a public address comes from
(`hosting/`).
"""

from __future__ import annotations

from socrbot.media.assets import Assets, card_picture, inspect
from socrbot.media.files import MAX_BYTES, MAX_VIDEO_BYTES
from socrbot.media.store import Store

__all__ = ["MAX_BYTES", "MAX_VIDEO_BYTES", "Assets", "Store", "card_picture", "inspect"]

"""Public addresses for pictures, for networks that fetch them instead of taking them from us.

`PublicFolder` puts files into a folder that a web server shows; `examine` looks from outside whether an address
answers as it must. The other way, through the campaign's own Facebook page, belongs to that network (`networks/`).
"""

from __future__ import annotations

from socrbot.hosting.answering import examine
from socrbot.hosting.folder import PublicFolder

__all__ = ["PublicFolder", "examine"]

"""XML that we write: text that it can hold."""

import re

# What XML 1.0 cannot hold in any form (2.2 Characters).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return text without the characters that no XML can hold, not even escaped."""
    return _NOT_XML.sub("", text)

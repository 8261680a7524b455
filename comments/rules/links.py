"""Links in a text: addresses that are written out, “www.”, and bare domains."""

import re

# Of many links, and of a long one, as much is told.
MAX_LINKS = 10
MAX_LINK = 80
# Endings of bare domains: the ones in use; a full stop without a space behind it ("on time.But") is none. Before a
# slash any ending counts.
_ENDINGS = (
    "com|net|org|info|biz|io|co|me|tv|cc|app|dev|xyz|top|shop|site|online|store|club|live|pro|vip|win|bet|casino|icu|"
    "link|click|space|website|tech|blog|news|page|life|world|today|fun|buzz|de|fr|at|ch|uk|eu|nl|be|es|it|pt|pl|cz|ru|"
    "su|ua|by|cn|jp|kr|in|br|ir|tr|us|ca|au|nz|gr|ro|hu|se|no|dk|fi|ws|to|gg|ly|gl|ai"
)
# Begins where no name goes on, and each of its parts is bounded: linear.
_LINK = re.compile(
    r"(?<![\w@.\-/])(?:"
    r"https?://[^\s<>\"]+"
    r"|www\.[^\s<>\"]+"
    rf"|(?:[^\W_](?:[\w-]{{0,62}})\.){{1,8}}(?:(?:{_ENDINGS})(?![\w-]|\.\w)(?:[/?#:][^\s<>\"]*)?|[^\W\d_]{{2,24}}/[^\s<>\"]*)"
    r")",
    re.IGNORECASE,
)


def links_in(folded: str) -> list[str]:
    """Return the links of a folded text, in order, also what stands there twice."""
    if "." not in folded and "://" not in folded:
        return []
    return [match[0].rstrip(".,:;!?)”»’") for match in _LINK.finditer(folded)]


def told(links: list[str]) -> list[str]:
    """Return links as a reason tells them: each once, a few, shortened."""
    return [link[:MAX_LINK] for link in list(dict.fromkeys(links))[:MAX_LINKS]]

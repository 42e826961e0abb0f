"""What several tables share: many dotted names written short, and what some kinds of values cannot do."""

from server.analysis.flow.models import ALL_DANGERS, Danger


def under(prefix: str, names: str) -> tuple[str, ...]:
    """`under("requests", "get post")` is `("requests.get", "requests.post")`."""
    return tuple(f"{prefix}.{name}" for name in names.split())


def of_each(prefixes: tuple[str, ...], names: str) -> tuple[str, ...]:
    """Every one of *names* under every prefix."""
    return tuple(f"{prefix}.{name}" for prefix in prefixes for name in names.split())


HTTP_VERBS = "get post put patch delete head options"

TEXT_ONLY = frozenset({Danger.NOSQL})
"""What a field of a form or query cannot do: it is text, no operator of a document database."""

OWN_HEADER = TEXT_ONLY | {Danger.REDIRECT}
"""What a header or cookie cannot do: a link cannot choose it for whoever follows the link."""

OWN_ADDRESS = TEXT_ONLY | {Danger.REDIRECT, Danger.URL, Danger.PATH, Danger.HEADER}
"""What the request's own address cannot do: it leads back to this site."""

FILE_OBJECT = TEXT_ONLY | {Danger.PATH, Danger.URL}
"""What an uploaded file itself cannot do: it is opened already. Its name is a text of its own."""

ALL_BUT_RESOURCE = ALL_DANGERS - {Danger.RESOURCE}
"""What a number cannot do: a large one still takes long."""

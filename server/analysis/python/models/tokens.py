"""JSON Web Tokens before anybody has looked at their signature: whoever sends one writes its header and its claims."""

from server.analysis.flow.models import Model, Origin, Source
from server.analysis.flow.words import TEXT_ONLY, of_each, under

MODELS: tuple[Model, ...] = (
    Source(
        (
            *of_each(("jwt", "jose.jwt", "jose.jws"), "get_unverified_header get_unverified_headers"),
            *under("jose.jwt", "get_unverified_claims"),
            "jwt.PyJWT.get_unverified_header",
        ),
        Origin.REQUEST,
        "a part of a token that nobody has verified",
        spares=TEXT_ONLY,
    ),
)

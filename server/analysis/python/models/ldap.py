"""Directories: filters and names of LDAP."""

from server.analysis.flow.models import Danger, Model, Returns, Sanitizer, Sink
from server.analysis.flow.rules import LDAP_INJECTION
from server.analysis.flow.words import under
from server.reviews.finding import Confidence

_CONNECTION = "ldap.ldapobject.LDAPObject"
_SEARCHES = "search search_s search_st search_ext search_ext_s"

MODELS: tuple[Model, ...] = (
    Returns(("ldap.initialize", "ldap.open", "ldap.init", "ldap.ldapobject.ReconnectLDAPObject"), _CONNECTION),
    Sink(under(_CONNECTION, _SEARCHES), Danger.LDAP, LDAP_INJECTION, args=(0, 2, "base", "filterstr")),
    Sink(
        under("*", "search_s search_st search_ext search_ext_s"),
        Danger.LDAP,
        LDAP_INJECTION,
        args=(0, 2, "base", "filterstr"),
        text=r"\(|=",
        confidence=Confidence.MEDIUM,
    ),
    Sink(
        (
            "ldap3.Connection.search",
            "ldap3.core.connection.Connection.search",
            "ldap3.Connection.extend.standard.search",
        ),
        Danger.LDAP,
        LDAP_INJECTION,
        args=(0, 1, "search_base", "search_filter"),
    ),
    Sink(
        ("*.search",),
        Danger.LDAP,
        LDAP_INJECTION,
        args=(1, "search_filter"),
        text=r"\([&|!]?\(?\w+\s*=|\b(?:ou|dc|cn|uid)=",
        confidence=Confidence.MEDIUM,
    ),
    Sink(
        (f"{_CONNECTION}.simple_bind_s", f"{_CONNECTION}.bind_s", f"{_CONNECTION}.simple_bind"),
        Danger.LDAP,
        LDAP_INJECTION,
        args=(0, "who"),
        text=r"=",
    ),
    Sanitizer(
        (
            *under("ldap", "filter.escape_filter_chars filter.filter_format dn.escape_dn_chars"),
            *under("ldap3.utils", "conv.escape_filter_chars dn.escape_rdn dn.safe_dn"),
            "*.escape_filter_chars",
        ),
        frozenset({Danger.LDAP}),
    ),
)

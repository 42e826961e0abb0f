"""What services send by themselves - that somebody paid, that a build ended - and nobody asks whether it is they."""

import re
from collections.abc import Iterator

from server.analysis.project import Found
from server.analysis.rule import Rule
from server.analysis.web.facts import CHANGES, Act, Sign
from server.analysis.web.judging import HIGH, Scene, at, security
from server.analysis.web.route import Route

UNSIGNED_WEBHOOK = security(
    "unsigned-webhook",
    HIGH,
    "Whoever knows the address may say what only the service should: that an order is paid, that an account is "
    "verified. Nothing looks at a signature or a shared secret.",
    cwe=345,
    also=(347, 306, 287, 353, 862, 290, 346),
    remedy="Verify the signature over the raw body (`stripe.Webhook.construct_event`, hmac.compare_digest) first.",
)

RULES: tuple[Rule, ...] = (UNSIGNED_WEBHOOK,)

_WEBHOOK = re.compile(
    r"web_?-?hook|(?:^|[/_])hooks?(?:[/_.]|$)|(?:^|[/_.])ipn(?:$|[/_ ])"
    r"|(?:stripe|paypal|razorpay|paystack|braintree|mollie|adyen|twilio|payment|pay)[/_-]?(?:callback|notify|notification|event)",
    re.IGNORECASE,
)
_REGISTERS = re.compile(
    r"(?:creat|regist|delet|remov|add|list|updat|test|config|edit|manage|subscri|get)\w*[/_-]?web_?hook|web_?hooks\b",
    re.IGNORECASE,
)
"""Where people say where hooks shall be sent to."""
_VERIFIES = re.compile(r"sign|verif|hmac|secret|token|digest|auth|valid|construct_event|check", re.IGNORECASE)


def judge(scene: Scene) -> Iterator[Found]:
    for route in scene.routes:
        if is_unsigned(route, scene):
            where = route.path or route.name
            yield at(route, UNSIGNED_WEBHOOK, f"Nobody asks who calls {where}: no signature is looked at")


def is_unsigned(route: Route, scene: Scene) -> bool:
    return _takes_events(route) and not _is_verified(route, scene)


def _takes_events(route: Route) -> bool:
    """What it is told changes something that lasts."""
    if route.function is None or route.is_websocket or (route.methods and "POST" not in route.methods):
        return False
    named = _WEBHOOK.search(route.words) and not _REGISTERS.search(route.name)
    return bool(named) and bool(route.acts & (CHANGES & ~Act.CREATE | Act.EXECUTE))


def _is_verified(route: Route, scene: Scene) -> bool:
    if (route.guards | route.signs) & (Sign.WHO | Sign.MACHINE | Sign.REFUSES):
        return True
    assert route.function is not None
    names = {*route.function.calls, *route.function.depends, *(d.name for d in route.decorators)}
    called = scene.app.callees(route.function, route.file)
    return any(_VERIFIES.search(name.rpartition(".")[2]) for name in names) or any(
        callee.signs & (Sign.MACHINE | Sign.REFUSES) for _, callee in called
    )

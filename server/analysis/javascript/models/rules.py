"""The rules of flows that only JavaScript has. The others stand where the first language needed them."""

from server.analysis.rule import Kind, Rule
from server.reviews.finding import Confidence, Severity

PROTOTYPE_POLLUTION = Rule(
    "hive.prototype-pollution",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.MEDIUM,
    "A JSON body may hold the key __proto__: merged deeply, it changes what every object of the process has.",
    1321,
    in_tests=False,
    also=(915, 94, 20),
    remedy="Copy the fields that are meant by name, refuse __proto__, constructor and prototype, or merge into a Map.",
)

SCRIPT_ADDRESS = Rule(
    "hive.script-address",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "An address that begins with javascript: runs as soon as somebody follows the link, or as the frame is shown.",
    79,
    in_tests=False,
    also=(601, 83, 80, 20, 1021, 829),
    remedy="Parse the address, and use it only where its protocol is http: or https: and its host one of yours.",
)

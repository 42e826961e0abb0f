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

"""The check across files that follows hostile values: one for all languages and rules that the models name."""

from server.analysis.flow.analysis import FlowAnalysis, lower
from server.analysis.flow.languages import FLOWS
from server.analysis.flow.models import Sink
from server.analysis.flow.program import Module
from server.analysis.project import ProjectCheck
from server.analysis.rule import Rule


def rules() -> tuple[Rule, ...]:
    """Every rule that some model tells of, once."""
    found: dict[str, Rule] = {}
    for flows in FLOWS:
        for model in flows.models:
            if isinstance(model, Sink):
                found.setdefault(model.rule.id, model.rule)
    return tuple(found.values())


def flow_check(analysis: FlowAnalysis) -> ProjectCheck[Module]:
    """A check that remembers in *analysis* what it found out, from one look at the project to the next."""
    return ProjectCheck(
        name="flow",
        rules=rules(),
        reads=tuple(kind for flows in FLOWS for kind in flows.files),
        extract=lower,
        conclude=analysis.conclude,
        bad=tuple(bad for flows in FLOWS for bad in flows.bad),
        good=tuple(good for flows in FLOWS for good in flows.good),
    )


CHECK = flow_check(FlowAnalysis())

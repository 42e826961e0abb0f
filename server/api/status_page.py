"""Draw the status page: HTML from the server, kept alive by a few lines of script, complete without them.

Pure but for `page`. Shows what `status.py` gathered; everything that varies is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape

from aiohttp import web

from server.agents.money import dollars
from server.api.board import Board
from server.api.html import answer_page, template
from server.api.overview import QueueLoad
from server.api.parts import PartState
from server.api.route import Call
from server.api.status import Kept, RecentJob, Status
from server.api.workflow_drawing import draw_graph
from server.jobs.job import JobState
from server.jobs.views import SILENT_SECONDS, KnownAgent
from server.jobs.workflow_views import Graph
from server.reviews.finding import FindingStatus, Severity

BOARD = web.AppKey("status_board", Board[Status])

AGENTS_SHOWN = 12
AWAKE = "awake"


async def page(call: Call[None, None]) -> web.Response:
    status = await call.request.app[BOARD].look()
    return answer_page(lambda nonce: draw(status, nonce))


def draw(status: Status, nonce: str) -> str:
    """What varies goes in last, so that nothing in it is taken for a place of the template."""
    page = template("status_page.html", nonce, styles=("status_page.css",), script="status_page.js")
    head, _, tail = page.partition("{{live}}")
    return head + "\n".join(_live(status)) + tail


def _live(status: Status) -> Iterable[str]:
    yield _summary(status)
    yield _section("parts", "Parts", _parts(status.parts))
    yield _section("doors", "Doors", _doors(status.doors))
    if status.kept is None:
        yield _section("kept", "Jobs and findings", _quiet("Postgres does not answer, so nobody knows right now."))
        return
    yield _section("findings", "Open findings", _findings(status.kept))
    yield _section("agents", "Agents", _agents(status.kept.agents))
    yield _section("queues", "Queues", _queues(status.kept.queues))
    yield _section("jobs", "Jobs", _jobs(status.kept))
    if status.kept.models:
        yield _section("models", "Models today", _models(status.kept))
    if status.kept.workflows:
        yield _section("workflows", "Workflows", _workflows(status.kept.workflows, status.at))
    yield _section("recent", "Latest jobs", _recent(status.kept.recent, status.at))


def _summary(status: Status) -> str:
    missing = [name for name, part in status.parts.items() if not part.ready]
    says = f"Not ready: {', '.join(missing)}" if missing else "Everything is ready"
    state = "bad" if missing else "good"
    at = status.at.strftime("%H:%M:%S UTC")
    return (
        f'<p id="summary" class="summary {state}" role="status" data-live>{escape(says)}</p>\n'
        f'<p id="at" class="at" data-live>as of <time datetime="{status.at.isoformat()}">{at}</time></p>'
    )


def _section(name: str, title: str, body: str) -> str:
    return (
        f'<section id="{name}" aria-labelledby="{name}-title" data-live>'
        f'<h2 id="{name}-title">{escape(title)}</h2>\n{body}</section>'
    )


def _parts(parts: Mapping[str, PartState]) -> str:
    lines = [
        f'<li><span class="dot {"good" if part.ready else "bad"}" aria-hidden="true"></span>'
        f'<span class="name">{escape(name)}</span>'
        f'<span class="note">{escape(part.note or ("ready" if part.ready else "not ready"))}</span></li>'
        for name, part in parts.items()
    ]
    return f'<ul class="lines">{"".join(lines)}</ul>'


def _doors(doors: Mapping[str, str]) -> str:
    if not doors:
        return _quiet("No door is open.")
    lines = [
        f'<li><span class="name">{escape(name)}</span><code>{escape(place)}</code></li>'
        for name, place in doors.items()
    ]
    return f'<ul class="lines stacked">{"".join(lines)}</ul>'


def _findings(kept: Kept) -> str:
    still_open = kept.findings.get(FindingStatus.OPEN, {})
    tiles = [
        f'<div class="{severity.value}{"" if still_open.get(severity) else " none"}">'
        f"<dt>{severity.value}</dt><dd>{_number(still_open.get(severity, 0))}</dd></div>"
        for severity in Severity
    ]
    fixed = sum(kept.findings.get(FindingStatus.FIXED, {}).values())
    dismissed = sum(kept.findings.get(FindingStatus.DISMISSED, {}).values())
    rest = _quiet(f"{_number(fixed)} fixed, {_number(dismissed)} dismissed")
    return f'<dl class="tiles">{"".join(tiles)}</dl>{rest}'


def _jobs(kept: Kept) -> str:
    if not kept.jobs:
        return _quiet("No job yet. Open a file in an editor, or run hive review.")
    head = "".join(f'<th scope="col">{state.value}</th>' for state in JobState)
    rows = [
        f'<tr><th scope="row">{escape(kind)}</th>'
        + "".join(_count(counts.get(state, 0), state) for state in JobState)
        + "</tr>"
        for kind, counts in sorted(kept.jobs.items())
    ]
    table = _table("Jobs by kind and state", f'<th scope="col">kind</th>{head}', rows, "numbers")
    return table + (_quiet("Of the many that have ended only the newest are counted.") if kept.has_more else "")


def _queues(queues: Sequence[QueueLoad]) -> str:
    if not queues:
        return _quiet("No queue has anything to do, or anybody to do it.")
    names = ("queue", "running", "room", "in line", "oldest", "delayed", "held")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    return _table("What each queue has to do", head, [_queue(queue) for queue in queues], "numbers")


def _queue(load: QueueLoad) -> str:
    oldest = _duration(load.oldest_seconds) if load.depth else ""
    delayed = sum(line.delayed for line in load.lines)
    held = sum(line.held for line in load.lines)
    return (
        f'<tr><th scope="row">{escape(load.queue)}</th>{_count(load.running, JobState.RUNNING)}'
        f"<td>{_number(max(0, load.capacity - load.running))}</td>{_count(load.depth, JobState.QUEUED)}"
        f"<td>{oldest}</td>{_count(delayed, JobState.WAITING)}{_count(held, JobState.WAITING)}</tr>"
    )


def _agents(agents: Iterable[KnownAgent]) -> str:
    """The silent and the busiest first."""
    busiest = sorted(agents, key=lambda agent: (agent.silent_seconds <= SILENT_SECONDS, -agent.running))
    if not busiest:
        return _quiet("No agent has reported. Jobs wait until one does.")
    more = len(busiest) - AGENTS_SHOWN
    lines = "".join(map(_agent, busiest[:AGENTS_SHOWN]))
    return f'<ul class="lines">{lines}</ul>' + (_quiet(f"and {_number(more)} more") if more > 0 else "")


def _agent(agent: KnownAgent) -> str:
    gone = agent.silent_seconds > SILENT_SECONDS
    percent = 100 * min(1.0, agent.running / max(1, agent.capacity))
    state = "" if agent.state == AWAKE else f"{escape(agent.state)}, "
    note = (
        f"silent for {_duration(agent.silent_seconds)}" if gone else f"{state}{agent.running} of {agent.capacity} busy"
    )
    return (
        f'<li><span class="dot {"bad" if gone else "good"}" aria-hidden="true"></span>'
        f'<span class="name">{escape(", ".join(agent.queues))}</span>'
        '<svg class="gauge" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="rail" width="100" height="1"/><rect class="fill" width="{percent:.0f}" height="1"/></svg>'
        f'<span class="note">{note}</span></li>'
    )


def _workflows(graphs: Iterable[Graph], at: datetime) -> str:
    return "".join(
        f'<figure><figcaption><span class="name">{escape(graph.name)}</span>'
        f'<span class="state {graph.state.value}">{graph.state.value}</span>'
        f'<span class="note">{_age((at - graph.created_at).total_seconds())}</span></figcaption>'
        f'<div class="scroll" role="group" aria-label="{escape(graph.name)}" tabindex="0">{draw_graph(graph)}</div>'
        "</figure>"
        for graph in graphs
    )


def _models(kept: Kept) -> str:
    rows = [
        f'<tr><th scope="row">{escape(use.model)}</th><td>{_number(use.calls)}</td><td>{_number(use.tokens)}</td>'
        f"<td>{dollars(use.cost_microdollars)}</td></tr>"
        for use in kept.models
    ]
    head = "".join(f'<th scope="col">{name}</th>' for name in ("model", "calls", "tokens", "cost"))
    spent = sum(use.cost_microdollars for use in kept.models)
    rest = _quiet(f"{dollars(spent)} of {dollars(kept.budget_microdollars)} a day; since midnight UTC")
    return _table("What models were asked today", head, rows, "numbers") + rest


def _recent(jobs: Iterable[RecentJob], at: datetime) -> str:
    rows = [
        f'<tr><th scope="row">{escape(job.kind)}</th><td><span class="state {job.state.value}">{job.state.value}</span>'
        f"</td><td>{_age((at - job.created_at).total_seconds())}</td>"
        f"<td>{'' if job.seconds is None else _duration(job.seconds)}</td>"
        f"<td>{'' if job.cost_microdollars is None else dollars(job.cost_microdollars)}</td></tr>"
        for job in jobs
    ]
    if not rows:
        return _quiet("Nothing has happened yet.")
    head = "".join(f'<th scope="col">{name}</th>' for name in ("kind", "state", "asked", "took", "cost"))
    return _table("The latest jobs, newest first", head, rows, "")


def _table(caption: str, head: str, rows: Iterable[str], style: str) -> str:
    return (
        f'<div class="scroll" role="group" aria-label="{escape(caption)}" tabindex="0"><table class="{style}">'
        f'<caption class="unseen">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _count(count: int, state: JobState) -> str:
    if not count:
        return '<td class="none">0</td>'
    return f'<td class="{state.value}">{_number(count)}</td>'


def _quiet(text: str) -> str:
    return f'<p class="quiet">{escape(text)}</p>'


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\N{THIN SPACE}")


def _age(seconds: float) -> str:
    return "just now" if seconds < 2 else f"{_duration(round(seconds))} ago"


def _duration(seconds: float) -> str:
    seconds = max(0.0, seconds)
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.3g} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"

"""The tools over one snapshot."""

from collections.abc import Sequence

from server.agents.sandbox import Runner, own_command
from server.agents.tools.change import diff_tool, history_tool
from server.agents.tools.files import Files
from server.agents.tools.knowledge import findings_tool, memory_tool
from server.agents.tools.read import list_tool, read_tool
from server.agents.tools.run import run_tool
from server.agents.tools.search import search_tool
from server.agents.tools.symbols import references_tool, symbols_tool
from server.agents.tools.tool import Tool
from server.agents.tools.toolbox import Toolbox
from server.reviews.snapshot import Memory, Report, Snapshot


def snapshot_tools(
    snapshot: Snapshot,
    report: Report | None = None,
    memories: Sequence[Memory] = (),
    runner: Runner | None = None,
    *,
    secrets: Sequence[str] = (),
    more: Sequence[Tool] = (),
) -> Toolbox:
    """For one attempt. *memories*: those of the snapshot itself are there anyway. *secrets*: what this process holds.

    A tool that would have nothing to tell is not offered; tests are run where there is a *runner* and the base says
    how. *more*: other tools, of whoever thinks.
    """
    files = Files(snapshot)
    tools: list[Tool] = [
        list_tool(files),
        read_tool(files),
        search_tool(files),
        symbols_tool(files),
        references_tool(files),
        diff_tool(files),
    ]
    if snapshot.commits:
        tools.append(history_tool(files))
    if report is not None:
        tools.append(findings_tool(report))
    if recalled := (*snapshot.memories, *memories):
        tools.append(memory_tool(recalled))
    command = own_command(snapshot) if runner is not None else None
    if runner is not None and command is not None:
        tools.append(run_tool(files, runner, command))
    return Toolbox((*tools, *more), secrets=secrets)

"""The section of editors: a hub with one and with many of them, and other language servers in turn on the same file.

Ours and each peer meet the same machine in the same run. A peer that cannot be installed is left out, and that is said.
"""

import time
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.clients import said_by
from bench.editor import measure_start
from bench.editor_peers import PEERS
from bench.environments import PeerFailed
from bench.figures import Figure
from bench.processes import cpu_seconds, processes_of
from tests.hub import HubProcess, hub_process

ALONE, MANY = 1, 50
EDITS = {ALONE: 40, MANY: 30}
"""By each editor; 50 of them make 100 a second together."""

PEER_EDITS = 20
AROUND_KILOBYTES = 2048

CHANGE_P50_MS = 25.0
CHANGE_P95_MS = {ALONE: 60.0, MANY: 120.0}
ACTION_P95_MS = 10.0
START_MS = 60.0


async def measure(directory: Path) -> tuple[list[Figure], dict[str, Any]]:
    async with hub_process(directory) as hub:
        details: dict[str, Any] = {"hive lsp": await measure_start(_address(hub), hub.token)}
        figures = [Figure("hive lsp, start to initialized, P50", details["hive lsp"]["start_p50_ms"], "ms", START_MS)]
        for count in (ALONE, MANY):
            details[_called(count)] = measured = await _of_hub(hub, count)
            figures += _figures(count, **measured)
            if count == ALONE:
                details["peers"], details["left_out"] = await _of_peers()
                figures += _beside(measured["ours"], details["peers"])
        details["1 editor in a project"] = among = await _ours(hub, ALONE, "--around", str(AROUND_KILOBYTES))
    who = f"1 editor among {AROUND_KILOBYTES:,} KiB of code nobody read before"
    figures.append(Figure(f"{who}, P50", among["change_p50_ms"], "ms", 40.0))
    figures.append(Figure(f"{who}, P95", among["change_p95_ms"], "ms", 100.0))
    return figures, details


def show_peers(details: dict[str, Any], console: Console) -> None:
    """Which were left out, and why."""
    for name, reason in details["left_out"].items():
        console.print(f"{name} was left out: {reason}\n")


async def _of_hub(hub: HubProcess, count: int) -> dict[str, Any]:
    before, began = cpu_seconds(processes_of(hub.pid)), time.perf_counter()
    ours = await _ours(hub, count)
    seconds, after = time.perf_counter() - began, cpu_seconds(processes_of(hub.pid))
    cpu = {name: 1000 * (used - before.get(name, 0.0)) / ours["reviews"] for name, used in after.items()}
    return {"ours": ours, "cpu_ms": cpu, "seconds": seconds}


async def _ours(hub: HubProcess, count: int, *more: str) -> dict[str, float]:
    how = ("--lsp", _address(hub), "--token", hub.token, "--editors", str(count), "--edits", str(EDITS[count]))
    return dict(await said_by("bench.editor", *how, *more))


def _address(hub: HubProcess) -> str:
    return ":".join(map(str, hub.lsp))


async def _of_peers() -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """What each measured, and why others did not."""
    measured: dict[str, dict[str, float]] = {}
    left_out: dict[str, str] = {}
    for name, peer in PEERS.items():
        try:
            await peer.install()
            how = ("--peer", name, "--editors", str(ALONE), "--edits", str(PEER_EDITS))
            measured[name] = await said_by("bench.editor", *how)
        except PeerFailed as failed:
            left_out[name] = str(failed)
    return measured, left_out


def _figures(count: int, ours: dict[str, float], cpu_ms: dict[str, float], seconds: float) -> list[Figure]:
    who, p50 = _called(count), CHANGE_P50_MS if count == ALONE else None
    rate = [Figure(f"{who}: edits together", ours["edits_per_second"], "/s")] if count == MANY else []
    return [
        *rate,
        Figure(f"{who}: didChange to diagnostics, P50", ours["change_p50_ms"], "ms", p50),
        Figure(f"{who}: didChange to diagnostics, P95", ours["change_p95_ms"], "ms", CHANGE_P95_MS[count]),
        Figure(f"{who}: codeAction at a finding, P50", ours["action_p50_ms"], "ms"),
        Figure(f"{who}: codeAction at a finding, P95", ours["action_p95_ms"], "ms", ACTION_P95_MS),
        Figure(f"{who}: CPU of one review, all processes", sum(cpu_ms.values()), "ms"),
        *(Figure(f"{who}:   of it {name}", used, "ms") for name, used in cpu_ms.items()),
    ]


def _beside(ours: dict[str, float], peers: dict[str, dict[str, float]]) -> list[Figure]:
    """Ours is ahead so many times: below 1 the peer is. What a peer waits on purpose counts, and is told apart."""
    figures = []
    for name, measured in peers.items():
        peer, p50 = PEERS[name], measured["change_p50_ms"]
        figures += [
            Figure(f"{name}: the same, P50", p50, "ms"),
            Figure(f"{name}: the same, P95", measured["change_p95_ms"], "ms"),
            Figure(f"{name}: its P50 is so many times ours", p50 / ours["change_p50_ms"], "x", at_least=peer.ahead),
        ]
        if peer.waits_ms:
            left = (p50 - peer.waits_ms) / ours["change_p50_ms"]
            figures.append(Figure(f"{name}:   without the {peer.waits_ms:.0f} ms that it waits on purpose", left, "x"))
        figures.append(Figure(f"{name}: codeAction, P95", measured["action_p95_ms"], "ms"))
    return figures


def _called(count: int) -> str:
    return "1 editor" if count == 1 else f"{count} editors"

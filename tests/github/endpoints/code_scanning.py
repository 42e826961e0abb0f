"""Code scanning: what was uploaded, taken at once."""

import base64
import gzip
import json

from aiohttp import web

from tests.github.answering import Call, Endpoint, Refusal, json_answer, page_of
from tests.github.world import World

SCANNING = "/repos/{owner}/{repo}/code-scanning"


async def upload(world: World, call: Call) -> web.Response:
    repository, body = world.repository(call.request), call.body
    sha = await repository.commit(body["commit_sha"])
    log = json.loads(gzip.decompress(base64.b64decode(body["sarif"])))
    driver = log["runs"][0]["tool"]["driver"]
    template = world.contract.example("code-scanning-analysis-items")[0]
    number = f"47177e22-5596-11eb-80a1-{next(world.ids):012}"
    facts = {"ref": body["ref"], "commit_sha": sha, "sarif_id": number, "error": "", "warning": ""}
    tool = template["tool"] | {"name": driver["name"], "version": driver["version"]}
    world.analyses.append(template | facts | {"tool": tool, "log": log})
    return json_answer({"id": number, "url": f"{world.api_of(repository)}/code-scanning/sarifs/{number}"}, status=202)


async def list_analyses(world: World, call: Call) -> web.Response:
    """404 where there is none, as GitHub has it."""
    query = call.request.query
    found = [
        {name: value for name, value in analysis.items() if name != "log"}
        for analysis in world.analyses
        if analysis["tool"]["name"] == query["tool_name"] and analysis["ref"] == f"refs/pull/{query['pr']}/head"
    ]
    if not found:
        raise Refusal(404, "no analysis found")
    return page_of(world, call.request, found)


ENDPOINTS = (
    Endpoint("POST", f"{SCANNING}/sarifs", upload, ("security_events:write",)),
    Endpoint("GET", f"{SCANNING}/analyses", list_analyses, ("security_events:read",)),
)

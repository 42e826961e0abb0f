"""Check runs and their annotations."""

from datetime import UTC, datetime

from aiohttp import web

from tests.github.answering import Call, Endpoint, Json, Refusal, json_answer, page_of
from tests.github.repository import NoSuchObject
from tests.github.world import APP_SLUG, World

CHECK_RUNS = "/repos/{owner}/{repo}/check-runs"


async def create_check_run(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    try:
        sha = await repository.commit(call.body["head_sha"])
    except NoSuchObject:
        raise Refusal(422, f"No commit found for SHA: {call.body['head_sha']}") from None
    template = world.contract.example("check-run")
    number = next(world.ids)
    run = template | {
        "id": number,
        "head_sha": sha,
        "external_id": "",
        "status": "queued",
        "conclusion": None,
        "completed_at": None,
        "url": f"{world.api_of(repository)}/check-runs/{number}",
        "html_url": f"https://github.com/{repository.full_name}/runs/{number}",
        "pull_requests": [],
        "app": template["app"] | {"id": world.app_id, "slug": APP_SLUG},
        "output": {"title": None, "summary": None, "text": None, "annotations": []},
        "repository": repository.full_name,
    }
    world.runs.append(run)
    return json_answer(_update_run(run, call.body), status=201)


async def update_check_run(world: World, call: Call) -> web.Response:
    return json_answer(_update_run(_check_run(world, call), call.body))


async def get_check_run(world: World, call: Call) -> web.Response:
    return json_answer(_shown_run(_check_run(world, call)))


async def list_annotations(world: World, call: Call) -> web.Response:
    template = {"start_column": None, "end_column": None, "title": None, "raw_details": None}
    run = _check_run(world, call)
    href = f"https://github.com/{run['repository']}/blob/{run['head_sha']}"
    shown = [template | a | {"blob_href": f"{href}/{a['path']}"} for a in run["output"]["annotations"]]
    return page_of(world, call.request, shown)


async def list_check_runs(world: World, call: Call) -> web.Response:
    sha = await world.repository(call.request).commit(call.request.match_info["ref"])
    query = call.request.query
    runs = [
        _shown_run(run)
        for run in reversed(world.runs)
        if run["head_sha"] == sha
        and query.get("check_name") in (None, run["name"])
        and query.get("app_id") in (None, str(world.app_id))
    ]
    return page_of(world, call.request, runs, wrap=lambda page: {"total_count": len(runs), "check_runs": page})


def _check_run(world: World, call: Call) -> Json:
    number, repository = int(call.request.match_info["check_run_id"]), world.repository(call.request)
    for run in world.runs:
        if run["id"] == number and run["repository"] == repository.full_name:
            return run
    raise Refusal(404, "Not Found")


def _update_run(run: Json, changes: Json) -> Json:
    completed = changes.get("status") == "completed" or "conclusion" in changes
    if completed and not changes.get("conclusion"):
        raise Refusal(422, "Invalid request. A completed check run needs a conclusion.")
    for name in ("name", "head_sha", "external_id", "status", "conclusion", "started_at", "details_url", "actions"):
        if name in changes:
            run[name] = changes[name]
    if completed:
        run["status"] = "completed"
        run["completed_at"] = changes.get("completed_at") or datetime.now(UTC).isoformat(timespec="seconds")
    output = changes.get("output", {})
    for annotation in output.get("annotations", []):
        _check_annotation(annotation)
    run["output"]["annotations"] = [*run["output"]["annotations"], *output.get("annotations", [])]
    run["output"] |= {name: output[name] for name in ("title", "summary", "text") if name in output}
    return _shown_run(run)


def _shown_run(run: Json) -> Json:
    output = run["output"]
    shown = {name: output[name] for name in ("title", "summary", "text")}
    shown |= {"annotations_count": len(output["annotations"]), "annotations_url": f"{run['url']}/annotations"}
    return {name: value for name, value in run.items() if name != "repository"} | {"output": shown}


def _check_annotation(annotation: Json) -> None:
    start, end = annotation["start_line"], annotation["end_line"]
    if not annotation["path"] or not 1 <= start <= end:
        raise Refusal(422, "Invalid request", errors=["an annotation needs a path and ordered lines"])
    if start != end and ("start_column" in annotation or "end_column" in annotation):
        raise Refusal(422, "Invalid request", errors=["columns need an annotation of one line"])
    if len(annotation["message"].encode()) > 65_536 or len(annotation.get("title", "")) > 255:
        raise Refusal(422, "Invalid request", errors=["an annotation's text is too long"])


ENDPOINTS = (
    Endpoint("POST", CHECK_RUNS, create_check_run, ("checks:write",)),
    Endpoint("GET", f"{CHECK_RUNS}/{{check_run_id}}", get_check_run, ("checks:read",)),
    Endpoint("PATCH", f"{CHECK_RUNS}/{{check_run_id}}", update_check_run, ("checks:write",)),
    Endpoint("GET", f"{CHECK_RUNS}/{{check_run_id}}/annotations", list_annotations, ("checks:read",)),
    Endpoint("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", list_check_runs, ("checks:read",)),
)

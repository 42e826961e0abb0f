"""What protects branches: classic protection, replaced as a whole by each PUT, and rulesets."""

from datetime import UTC, datetime
from fnmatch import fnmatchcase

from aiohttp import web

from tests.github.answering import Call, Endpoint, Json, Refusal, json_answer, page_of
from tests.github.endpoints.contents import commit_facts
from tests.github.repository import NoSuchObject, Repository
from tests.github.world import World

PROTECTION = "/repos/{owner}/{repo}/branches/{branch}/protection"
RULESETS = "/repos/{owner}/{repo}/rulesets"

SWITCHES = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)


async def get_branch(world: World, call: Call) -> web.Response:
    repository, name = world.repository(call.request), call.request.match_info["branch"]
    sha = await repository.commit(f"refs/heads/{name}")
    template = world.contract.example("branch-get")
    commit = await commit_facts(world, repository, sha)
    return json_answer(template | {"name": name, "commit": commit})


async def get_protection(world: World, call: Call) -> web.Response:
    return json_answer(_protection(world, call))


async def update_protection(world: World, call: Call) -> web.Response:
    """What is not named is off afterwards, but for signatures, which have an address of their own."""
    repository, branch = world.repository(call.request), call.request.match_info["branch"]
    try:
        await repository.commit(f"refs/heads/{branch}")
    except NoSuchObject:
        raise Refusal(404, "Branch not found") from None
    url = f"{world.api_of(repository)}/branches/{branch}/protection"
    before = world.protections.get((repository.full_name, branch), {})
    signed = before.get("required_signatures", {"url": f"{url}/required_signatures", "enabled": False})
    protection = {"url": url, "required_signatures": signed}
    protection["enforce_admins"] = {"url": f"{url}/enforce_admins", "enabled": bool(call.body["enforce_admins"])}
    protection |= {name: {"enabled": bool(call.body.get(name))} for name in SWITCHES}
    if checks := call.body["required_status_checks"]:
        protection["required_status_checks"] = _checks(checks, f"{url}/required_status_checks")
    if (reviews := call.body["required_pull_request_reviews"]) is not None:
        protection["required_pull_request_reviews"] = _reviews(world, reviews, f"{url}/required_pull_request_reviews")
    if restrictions := call.body["restrictions"]:
        protection["restrictions"] = _people(world, restrictions, f"{url}/restrictions")
    world.protections[repository.full_name, branch] = protection
    return json_answer(_as_updated(protection))


async def require_signatures(world: World, call: Call) -> web.Response:
    signatures = _protection(world, call)["required_signatures"]
    signatures["enabled"] = True
    return json_answer(signatures)


async def require_no_signatures(world: World, call: Call) -> web.Response:
    _protection(world, call)["required_signatures"]["enabled"] = False
    return web.Response(status=204)


async def list_rules(world: World, call: Call) -> web.Response:
    """Of all rulesets in force that mean the branch."""
    branch, rules = call.request.match_info["branch"], []
    for ruleset in _rulesets(world, world.repository(call.request)):
        if ruleset["enforcement"] == "active" and _means(ruleset, branch):
            source = {"ruleset_source_type": ruleset["source_type"], "ruleset_source": ruleset["source"]}
            rules += [rule | source | {"ruleset_id": ruleset["id"]} for rule in ruleset["rules"]]
    return page_of(world, call.request, rules)


async def list_rulesets(world: World, call: Call) -> web.Response:
    listed = _rulesets(world, world.repository(call.request))
    hidden = ("rules", "conditions", "bypass_actors")
    return page_of(world, call.request, [{n: v for n, v in each.items() if n not in hidden} for each in listed])


async def get_ruleset(world: World, call: Call) -> web.Response:
    return json_answer(_ruleset(world, call))


async def create_ruleset(world: World, call: Call) -> web.Response:
    repository = world.repository(call.request)
    if any(each["name"] == call.body["name"] for each in _rulesets(world, repository)):
        raise Refusal(422, "Validation Failed", errors=["Name must be unique"])
    ruleset = {"id": next(world.ids), "source_type": "Repository", "source": repository.full_name}
    ruleset |= {"target": "branch", "bypass_actors": [], "conditions": {}, "rules": []} | call.body
    world.rulesets.append(ruleset | {"updated_at": datetime.now(UTC).isoformat()})
    return json_answer(world.rulesets[-1], status=201)


async def update_ruleset(world: World, call: Call) -> web.Response:
    ruleset = _ruleset(world, call)
    ruleset |= call.body | {"updated_at": datetime.now(UTC).isoformat()}
    return json_answer(ruleset)


def _protection(world: World, call: Call) -> Json:
    key = world.repository(call.request).full_name, call.request.match_info["branch"]
    if key not in world.protections:
        raise Refusal(404, "Branch not protected")
    return world.protections[key]


def _as_updated(protection: Json) -> Json:
    """What a PUT answers differs from what a GET shows; ours reads neither of the parts that do."""
    return {name: value for name, value in protection.items() if name != "required_status_checks"}


def _checks(wanted: Json, url: str) -> Json:
    checks = [{"app_id": None} | check for check in wanted.get("checks", [{"context": c} for c in wanted["contexts"]])]
    checks = [check | {"app_id": None} if check["app_id"] == -1 else check for check in checks]
    contexts = [check["context"] for check in checks]
    shown = {"url": url, "contexts": contexts, "contexts_url": f"{url}/contexts", "checks": checks}
    return shown | {"strict": wanted["strict"]}


def _reviews(world: World, wanted: Json, url: str) -> Json:
    count = wanted.get("required_approving_review_count", 1)
    if not 0 <= count <= 6:
        raise Refusal(422, "Invalid request", errors=["required_approving_review_count is 0 to 6"])
    shown = {"url": url, "required_approving_review_count": count}
    for name in ("dismiss_stale_reviews", "require_code_owner_reviews", "require_last_push_approval"):
        shown[name] = bool(wanted.get(name))
    for name in ("dismissal_restrictions", "bypass_pull_request_allowances"):
        if wanted.get(name):
            shown[name] = _people(world, wanted[name], f"{url}/{name}")
    return shown


def _people(world: World, wanted: Json, url: str) -> Json:
    example = world.contract.example("branch-protection")["restrictions"]
    return {
        "url": url,
        "users_url": f"{url}/users",
        "teams_url": f"{url}/teams",
        "apps_url": f"{url}/apps",
        "users": [world.user(login) for login in wanted.get("users", [])],
        "teams": [example["teams"][0] | {"slug": slug, "name": slug} for slug in wanted.get("teams", [])],
        "apps": [example["apps"][0] | {"slug": slug} for slug in wanted.get("apps", [])],
    }


def _rulesets(world: World, repository: Repository) -> list[Json]:
    return [ruleset for ruleset in world.rulesets if ruleset["source"] in (repository.full_name, repository.owner)]


def _ruleset(world: World, call: Call) -> Json:
    number = int(call.request.match_info["ruleset_id"])
    for ruleset in _rulesets(world, world.repository(call.request)):
        if ruleset["id"] == number:
            return ruleset
    raise Refusal(404, "Not Found")


def _means(ruleset: Json, branch: str) -> bool:
    names = ruleset["conditions"].get("ref_name", {"include": [], "exclude": []})
    patterns = {"~ALL": "*", "~DEFAULT_BRANCH": "refs/heads/main"}
    wanted, unwanted = ([patterns.get(p, p) for p in names[side]] for side in ("include", "exclude"))
    ref = f"refs/heads/{branch}"
    return any(fnmatchcase(ref, p) for p in wanted) and not any(fnmatchcase(ref, p) for p in unwanted)


ENDPOINTS = (
    Endpoint("GET", "/repos/{owner}/{repo}/branches/{branch}", get_branch, ("contents:read",)),
    Endpoint("GET", PROTECTION, get_protection, ("administration:read",)),
    Endpoint("PUT", PROTECTION, update_protection, ("administration:write",)),
    Endpoint("POST", f"{PROTECTION}/required_signatures", require_signatures, ("administration:write",)),
    Endpoint("DELETE", f"{PROTECTION}/required_signatures", require_no_signatures, ("administration:write",)),
    Endpoint("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", list_rules, ("metadata:read",)),
    Endpoint("GET", RULESETS, list_rulesets, ("metadata:read",)),
    Endpoint("POST", RULESETS, create_ruleset, ("administration:write",)),
    Endpoint("GET", f"{RULESETS}/{{ruleset_id}}", get_ruleset, ("metadata:read",)),
    Endpoint("PUT", f"{RULESETS}/{{ruleset_id}}", update_ruleset, ("administration:write",)),
)

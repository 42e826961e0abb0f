"""With a model: a pull request is read by rules and model, a question is answered, a fix is offered and applied."""

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.agents.sandboxes import needs_sandbox
from tests.claude.script import OVERLOADED, Says, Step, says, uses
from tests.claude.standin import KEY, ClaudeStandIn, claude_stand_in
from tests.cli.hive import HIVE
from tests.github.git_project import GitProject
from tests.hub import HubProcess, hub_process
from tests.journeys.scene import PROJECT, Scene, a_scene
from tests.lsp.wire import VSCODE_LIKE, Editor

pytestmark = pytest.mark.journey

SHOP = """\
import subprocess


def run(command):
    return subprocess.run(command, shell=True)


def cancel(request, orders):
    order = orders.get(request.args["id"])
    order.cancel()
"""
QUOTE = 'order = orders.get(request.args["id"])'
MENDED = "    return subprocess.run(['sh', '--', command], check=True)"


class Thinking(NamedTuple):
    scene: Scene
    claude: ClaudeStandIn


@pytest.fixture
async def claude() -> AsyncIterator[ClaudeStandIn]:
    async with claude_stand_in() as api:
        yield api


@pytest.fixture
async def thinking(claude: ClaudeStandIn, data_dir: Path, tmp_path: Path) -> AsyncIterator[Thinking]:
    async with a_scene(data_dir, tmp_path / "demo", model_settings(claude)) as scene:
        yield Thinking(scene, claude)


def model_settings(claude: ClaudeStandIn) -> dict[str, str]:
    return {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": claude.url}


def shown(body: Mapping[str, Any]) -> str:
    """All that the model was told first."""
    content = body["messages"][0]["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def looks_then(body: Mapping[str, Any], path: str, **answer: Any) -> Says:
    """Reads the file, then answers."""
    if len(body["messages"]) == 1:
        return says("I read it.", uses("read", path=path))
    return says(uses("answer", **answer))


def reviewer(body: Mapping[str, Any]) -> Step:
    """Doubts what the rules say of the shell, and sees whose order it is."""
    text = shown(body)
    (shell,) = re.findall(r"(F\d+): \w+ hive\.shell-command", text)
    doubt = {"finding": shell, "verdict": "doubtful", "why": "Nobody calls run, see shop.py:4."}
    theft = {
        "path": "shop.py",
        "start_line": 9,
        "end_line": 10,
        "quote": QUOTE,
        "severity": "high",
        "category": "access",
        "message": "Anybody cancels anybody's order",
        "why": "The id of the request alone decides (shop.py:9).",
        "cwe": 639,
    }
    return looks_then(body, "shop.py", summary="Orders can be cancelled.", verdicts=[doubt], findings=[theft])


async def test_a_pull_request_is_read_by_both_layers(thinking: Thinking) -> None:
    scene, claude = thinking
    claude.play = reviewer

    await scene.reviewed(await scene.open_pull_request({"shop.py": SHOP}))

    assert claude.refused == []
    (review,) = scene.reviews()
    comments = {comment["line"]: comment["body"] for comment in review["comments"]}
    assert "A model doubts it: Nobody calls run" in comments[5]
    assert "Anybody cancels anybody" in comments[10]
    assert "[CWE-639]" in comments[10]
    assert "Read by rules and by claude" in review["body"]
    assert "Orders can be cancelled" in scene.check_run(scene.head_sha)["output"]["summary"]
    _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}")
    assert {known["finding"]["rule"] for known in page["findings"]} == {"hive.shell-command", "model.cwe-639"}
    assert scene.hub.errors == []


async def test_what_a_person_dismissed_of_the_models_findings_is_not_said_again(thinking: Thinking) -> None:
    scene, claude = thinking
    claude.play = reviewer
    await scene.reviewed(await scene.open_pull_request({"shop.py": SHOP}))
    _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}&rule=model.cwe-639")
    (known,) = page["findings"]
    address = f"/api/v1/findings/{known['finding']['fingerprint']}/dismiss?project={PROJECT}"
    await scene.hub.call("POST", address, {"why": "checked in the middleware"})

    await scene.reviewed(await scene.push({"README.md": "More.\n"}))

    assert len(scene.reviews()) == 1, "nothing new is said"
    _, page = await scene.hub.call("GET", f"/api/v1/findings?project={PROJECT}&rule=model.cwe-639")
    assert page["findings"][0]["finding"]["status"] == "dismissed"


@needs_sandbox
async def test_a_model_mends_a_pull_request_at_a_command_and_the_projects_tests_judge_it(
    thinking: Thinking,
) -> None:
    scene, claude = thinking
    tests = {".hive.toml": '[test]\ncommand = ["sh", "judge.sh"]\n', "judge.sh": "grep -q check=True shop.py\n"}
    scene.project.commit(tests)  # of the base, and far from what a review reads
    claude.play = reviewer
    await scene.reviewed(await scene.open_pull_request({"shop.py": SHOP}))
    edit = {"path": "shop.py", "start_line": 5, "end_line": 5, "new": MENDED}
    edit["old"] = "    return subprocess.run(command, shell=True)"
    mended = {"title": "Start the program itself", "why": "No shell reads it.", "edits": [edit], "left": ["F2"]}
    claude.play = lambda body: looks_then(body, "judge.sh", **mended)
    scene.github.permissions["contents"] = "write"

    asked = scene.github.command(scene.repository, 1, "/hive fix all")
    await scene.reviewed(scene.github.signed_delivery("issue_comment", asked))
    await scene.ended((await scene.started("fix.publish"))["job_id"])

    assert claude.refused == []
    assert MENDED in scene.project.git("show", "feature:shop.py")
    (answer,) = [said["body"] for said in scene.github.conversation(scene.repository, 1) if "fixes" in said["body"]]
    assert "Tests of the project: passed." in answer
    _, found = await scene.hub.call("GET", f"/api/v1/contexts/search?project={PROJECT}&kind=feedback&q=shell")
    (remembered,) = found["contexts"]
    assert remembered["owner"] == "github:ada"
    assert f"+{MENDED}" in remembered["text"]


async def test_when_the_model_is_away_the_rules_review_goes_out_and_says_so(thinking: Thinking) -> None:
    scene, claude = thinking
    claude.play = lambda body: OVERLOADED

    await scene.reviewed(await scene.open_pull_request({"shop.py": SHOP}))

    (review,) = scene.reviews()
    assert {comment["line"] for comment in review["comments"]} == {5}
    assert "Reviewed without a model" in review["body"]
    assert "Reviewed without a model" in scene.check_run(scene.head_sha)["output"]["summary"]


async def test_a_comment_that_asks_is_answered_once(thinking: Thinking) -> None:
    scene, claude = thinking
    claude.play = reviewer
    await scene.reviewed(await scene.open_pull_request({"shop.py": SHOP}))
    cited = {"path": "shop.py", "start_line": 9, "end_line": 9, "quote": QUOTE}
    claude.play = lambda body: looks_then(body, "shop.py", text="Nobody checks it (shop.py:9).", citations=[cited])
    asked = scene.github.comment(scene.repository, 1, "/hive Who checks the owner?", path="shop.py", line=9)
    delivery = scene.github.signed_delivery("pull_request_review_comment", asked)

    await scene.reviewed(delivery)
    await scene.ended((await scene.started("comment.reply"))["job_id"])
    await scene.deliver(delivery)
    await scene.taken_in()

    replies = [comment for comment in scene.comments() if comment.get("in_reply_to_id") == asked["comment"]["id"]]
    (reply,) = replies
    assert reply["body"].startswith(f"<!-- hive:answer {asked['comment']['id']} -->\n\nNobody checks it")
    assert f"/blob/{scene.head_sha}/shop.py#L9-L9" in reply["body"]
    assert "(asked at shop.py:9) Who checks the owner?" in shown(claude.requests[-1])
    assert claude.refused == []


class Checkout(NamedTuple):
    """A person's working tree, and a hub with a model."""

    hub: HubProcess
    project: GitProject
    claude: ClaudeStandIn

    async def hive(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(
            subprocess.run,
            [HIVE, *argv],
            cwd=self.project.directory,
            env=self.hub.env,
            capture_output=True,
            text=True,
            timeout=90,
            stdin=subprocess.DEVNULL,
            check=False,
        )


@pytest.fixture
async def checkout(claude: ClaudeStandIn, data_dir: Path, tmp_path: Path) -> AsyncIterator[Checkout]:
    project = GitProject(tmp_path / "demo")
    project.git("remote", "add", "origin", f"https://{PROJECT}.git")
    project.commit({"shop.py": SHOP, "main.py": "from shop import run\n\nrun(input())\n"})
    async with hub_process(data_dir, model_settings(claude)) as hub:
        yield Checkout(hub, project, claude)


async def test_a_question_is_answered_with_the_places_that_it_rests_on(checkout: Checkout) -> None:
    cited = {"path": "main.py", "start_line": 3, "end_line": 3, "quote": "run(input())"}
    checkout.claude.play = lambda body: looks_then(body, "main.py", text="main.py:3 does.", citations=[cited])

    done = await checkout.hive("ask", "Who runs commands?")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("main.py:3 does.\n\nmain.py:3  run(input())\nclaude")
    assert checkout.claude.refused == []


async def test_a_finding_is_explained_by_its_place(checkout: Checkout) -> None:
    checkout.claude.play = lambda body: looks_then(body, "shop.py", text="A shell runs it (shop.py:5).")

    done = await checkout.hive("explain", "shop.py:5", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["text"] == "A shell runs it (shop.py:5)."
    assert "hive.shell-command" in shown(checkout.claude.requests[0])


async def test_a_fix_is_shown_and_applied_once_it_is_agreed_to(checkout: Checkout) -> None:
    edit = {"path": "shop.py", "start_line": 5, "end_line": 5, "new": MENDED}
    edit["old"] = "    return subprocess.run(command, shell=True)"
    answer = {"title": "Start the program itself", "why": "No shell reads it.", "edits": [edit]}
    checkout.claude.play = lambda body: looks_then(body, "shop.py", **answer)
    file = checkout.project.directory / "shop.py"

    offered = await checkout.hive("fix", "shop.py:5")
    assert offered.returncode == 0, offered.stderr
    assert f"+{MENDED}" in offered.stdout
    assert file.read_text() == SHOP

    applied = await checkout.hive("fix", "shop.py:5", "--yes")
    assert applied.returncode == 0, applied.stderr
    assert MENDED in file.read_text()
    assert checkout.claude.refused == []
    remembered = await checkout.hive("memory", "search", "a shell runs a command", "--kind", "feedback", "--json")
    assert "Fixed: " in remembered.stdout
    assert "Why: No shell reads it." in remembered.stdout


async def test_an_editor_has_a_finding_explained_reviews_thoroughly_and_has_lines_rewritten(
    checkout: Checkout,
) -> None:
    folder, uri = checkout.project.directory, (checkout.project.directory / "shop.py").as_uri()
    editor = await Editor.connect(checkout.hub.lsp[1])
    try:
        await editor.start(checkout.hub.token, folder)
        editor.open(uri, SHOP)
        await editor.status(uri, "analysed", 1)
        found = await editor.diagnostics(uri, 1)
        (shell,) = [one["data"]["fingerprint"] for one in found if one["code"] == "hive.shell-command"]

        checkout.claude.play = lambda body: looks_then(body, "shop.py", text="A shell runs it (shop.py:5).")
        explain = {"command": "hive.explain", "arguments": [uri, shell]}
        assert (await editor.ask("workspace/executeCommand", explain))["text"] == "A shell runs it (shop.py:5)."
        assert "def run(command):" in shown(checkout.claude.requests[0])

        checkout.claude.play = reviewer
        thoroughly = {"command": "hive.reviewThoroughly", "arguments": [uri]}
        assert await editor.ask("workspace/executeCommand", thoroughly) == {"findings": 1}
        codes = {one["code"] for one in await editor.diagnostics(uri, 1)}
        assert codes == {"hive.shell-command", "model.cwe-639"}

        edit = {"path": "shop.py", "start_line": 5, "end_line": 5, "new": MENDED}
        edit["old"] = "    return subprocess.run(command, shell=True)"
        answer = {"title": "Start the program itself", "why": "No shell reads it.", "edits": [edit]}
        checkout.claude.play = lambda body: looks_then(body, "shop.py", **answer)
        editor.answers_requests = False
        rewrite = {
            "command": "hive.rewrite",
            "arguments": [uri, 3, 4, "Without a shell."],
            "workDoneToken": "rewriting",
        }
        number = editor.request("workspace/executeCommand", rewrite)
        asked = await editor.until(lambda message: message.get("method") == "workspace/applyEdit")
        editor.send({"id": asked["id"], "result": {"applied": True}})
        assert await editor.answer(number) == {"applied": True, "files": ["shop.py"]}
        (change,) = asked["params"]["edit"]["documentChanges"]
        assert change["edits"][0]["newText"] == MENDED
        assert "lines 4 to 5 of shop.py:\n\nWithout a shell." in shown(checkout.claude.requests[-1])
    finally:
        await editor.close()
    assert checkout.claude.refused == []


async def test_what_comes_next_is_suggested_where_somebody_types_until_they_think_otherwise(
    checkout: Checkout,
) -> None:
    folder, uri, claude = checkout.project.directory, (checkout.project.directory / "cart.py").as_uri(), checkout.claude
    assert (await checkout.hive("memory", "index")).returncode == 0
    editor = await Editor.connect(checkout.hub.lsp[1])
    able = {**VSCODE_LIKE, "textDocument": {**VSCODE_LIKE["textDocument"], "inlineCompletion": {}}}

    def ask(character: int) -> int:
        context, position = {"triggerKind": 2}, {"line": 1, "character": character}
        params = {"textDocument": {"uri": uri}, "position": position, "context": context}
        return editor.request("textDocument/inlineCompletion", params)

    try:
        await editor.start(checkout.hub.token, folder, able)
        editor.open(uri, "def cancel(request, orders):\n    order = \n")
        await editor.status(uri, "partial", 1)  # it does not parse yet

        claude.script(says("orders", waits_after=4))
        number = ask(12)
        await claude.waiting.wait()
        editor.tell("$/cancelRequest", {"id": number})
        await claude.left.wait()

        claude.script(says('order = orders.get(request.args["id"])'))
        assert [item["insertText"] for item in await editor.answer(ask(12))] == ['orders.get(request.args["id"])']
        editor.change(uri, 2, ((1, 12), (1, 12), "orders"))
        assert [item["insertText"] for item in await editor.answer(ask(18))] == ['.get(request.args["id"])']
    finally:
        await editor.close()
    assert (claude.attempts, claude.refused) == (2, [])
    assert claude.requests[1]["model"].startswith("claude-haiku")
    assert 'origin="code of the project, shop.py"' in shown(claude.requests[1])
    _, listed = await checkout.hub.call("GET", "/api/v1/jobs?kind=complete&limit=10")
    assert sorted(job["state"] for job in listed["jobs"]) == ["cancelled", "succeeded"]


async def test_a_change_is_described(checkout: Checkout) -> None:
    described = {"title": "Add a shop", "summary": "It sells.", "risks": ["shop.py:5 uses a shell."]}
    checkout.claude.play = lambda body: looks_then(body, "shop.py", **described)

    done = await checkout.hive("describe")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Add a shop\n\nIt sells.\n\nlook at: shop.py:5 uses a shell.\nclaude-haiku")


async def test_a_thorough_review_shows_what_the_model_found(checkout: Checkout) -> None:
    checkout.claude.play = reviewer

    done = await checkout.hive("review", "shop.py", "--thorough")

    assert done.returncode == 1, done.stderr
    assert "Anybody cancels anybody's order" in done.stdout
    assert "doubted by the model: Nobody calls run" in done.stdout

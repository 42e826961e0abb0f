"""GitHub workflows: strangers' text in scripts, strangers' code with the repository's rights, rights for everything."""

import re
from collections.abc import Iterator

from server.analysis.config.containers import WIDE_RIGHTS
from server.analysis.config.yaml_file import Entry, Shape, YamlFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.source import Span
from server.reviews.finding import Confidence, Severity

WORKFLOW_INJECTION = Rule(
    "hive.workflow-injection",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.HIGH,
    "The text is in the script before a shell reads it: a title with `$(...)` in it runs with the workflow's token.",
    94,
    in_tests=False,
    also=(78, 77, 74, 20),
    remedy='Hand the value over as an environment variable (`env: TITLE: ${{ ... }}`) and write `"$TITLE"`.',
)
FOREIGN_CODE = Rule(
    "hive.foreign-code",
    Kind.SECURITY,
    Severity.HIGH,
    Confidence.MEDIUM,
    "Code from a stranger's fork runs with the secrets and the write token of this repository.",
    829,
    in_tests=False,
    also=(94, 913, 284, 250),
    remedy="Build pull requests on `pull_request`, which has no secrets; comment on them in a second workflow.",
)

MOVING_ACTION = Rule(
    "hive.moving-action",
    Kind.SECURITY,
    Severity.LOW,
    Confidence.MEDIUM,
    "Whoever can push to that branch runs code with this workflow's token and secrets.",
    829,
    in_tests=False,
    also=(494, 1357, 353, 1104),
    remedy="Name the commit (`@8f4b7f8...  # v4.2`), which nobody can move.",
)
ALL_SECRETS = Rule(
    "hive.all-secrets",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "One step that is not to be trusted, or one line of its log, gives away all of them.",
    522,
    in_tests=False,
    also=(200, 532, 312, 497),
    remedy="Hand over the secrets that the step needs, each by its name.",
)

_STRANGERS = re.compile(
    r"\$\{\{[^}]{0,200}?\b(?:github\.event\.(?:issue\.(?:title|body)|pull_request\.(?:title|body|head\.(?:ref|label|repo\.\w+))"
    r"|comment\.body|review\.body|review_comment\.body|discussion\.(?:title|body)|pages[\w.\[\]*]{0,20}\.page_name"
    r"|(?:commits[\w.\[\]*]{0,20}|head_commit)\.(?:message|author\.(?:name|email))|workflow_run\.(?:head_branch"
    r"|head_commit\.message|display_title))|github\.head_ref)\b[^}]{0,200}?\}\}"
)


_GIVEN = re.compile(r"\$\{\{\s*inputs\.[\w-]+\s*\}\}")


def _steps(document: Entry) -> Iterator[Entry]:
    """Of the jobs of a workflow, or of an action that is made of steps."""
    jobs, runs = document.get("jobs"), document.get("runs")
    for job in jobs.children if jobs is not None else [runs] if runs is not None else ():
        steps = job.get("steps")
        yield from steps.items() if steps is not None else ()


def _triggers(document: Entry) -> str:
    on = document.get("on") or document.get("true")
    if on is None:
        return ""
    return " ".join((on.value, *(f"{child.key} {child.value}" for child in on.children)))


@check(
    WORKFLOW_INJECTION,
    on=(Shape.WORKFLOW,),
    bad=(
        "on: issues\njobs:\n  a:\n    steps:\n      - run: echo '${{ github.event.issue.title }}'\n",
        "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          make\n          git log ${{ github.head_ref }}\n",
        "on: issue_comment\njobs:\n  a:\n    steps:\n      - uses: actions/github-script@v7\n        with:\n"
        "          script: console.log(`${{ github.event.comment.body }}`)\n",
    ),
    good=(
        "on: issues\njobs:\n  a:\n    steps:\n"
        '      - env:\n          TITLE: ${{ github.event.issue.title }}\n        run: echo "$TITLE"\n',
        "on: push\njobs:\n  a:\n    steps:\n      - run: echo ${{ github.sha }} ${{ github.event.number }}\n",
        "on: issues\njobs:\n  a:\n    if: contains(github.event.issue.title, 'x')\n    steps:\n      - run: make\n",
    ),
)
def workflow_injection(document: Entry, file: YamlFile) -> Iterator[Hit]:
    for step in _steps(document):
        scripts = [step.get("run"), step.at("with", "script")]
        for script in scripts:
            found = _STRANGERS.search(script.value) if script is not None else None
            if script is not None and found is not None:
                line = script.value_line + script.value.count("\n", 0, found.start())
                yield Hit(_span_of(found[0], line, file), "A stranger's text becomes part of the script")


def _span_of(text: str, line: int, file: YamlFile) -> Span:
    at = file.source.line(line).find(text)
    return Span(line, at + 1, line, at + len(text) + 1) if at >= 0 else file.line_span(line)


_COMPOSITE = "name: a\nruns:\n  using: composite\n  steps:\n    - shell: bash\n"


@check(
    WORKFLOW_INJECTION,
    on=(Shape.ACTION,),
    bad=(
        f"{_COMPOSITE}      run: ./install.sh ${{{{ inputs.version }}}}\n",
        f"{_COMPOSITE}      run: echo ${{{{ github.head_ref }}}}\n",
    ),
    good=(
        f'{_COMPOSITE}      env:\n        VERSION: ${{{{ inputs.version }}}}\n      run: ./install.sh "$VERSION"\n',
        "name: a\nruns:\n  using: node20\n  main: index.js\n",
    ),
)
def action_injection(document: Entry, file: YamlFile) -> Iterator[Hit]:
    """Whoever uses the action may give it a stranger's text: only the action can keep it out of the script."""
    for step in _steps(document):
        script = step.get("run")
        found = (_STRANGERS.search(script.value) or _GIVEN.search(script.value)) if script is not None else None
        if script is not None and found is not None:
            line = script.value_line + script.value.count("\n", 0, found.start())
            span = _span_of(found[0], line, file)
            yield Hit(
                span, "An input becomes part of the script", severity=Severity.MEDIUM, confidence=Confidence.MEDIUM
            )


@check(
    FOREIGN_CODE,
    on=(Shape.WORKFLOW,),
    bad=(
        "on: pull_request_target\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n        with:\n"
        "          ref: ${{ github.event.pull_request.head.sha }}\n      - run: npm test\n",
        "on:\n  pull_request_target:\n    types: [opened]\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n"
        "        with:\n          ref: ${{ github.head_ref }}\n",
    ),
    good=(
        "on: pull_request\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n        with:\n"
        "          ref: ${{ github.event.pull_request.head.sha }}\n",
        "on: pull_request_target\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - run: ./x.sh\n",
    ),
)
def foreign_code(document: Entry, file: YamlFile) -> Iterator[Hit]:
    if not re.search(r"\bpull_request_target\b|\bworkflow_run\b|\bissue_comment\b", _triggers(document)):
        return
    for step in _steps(document):
        ref = step.at("with", "ref")
        if not step.text("uses").startswith("actions/checkout") or ref is None:
            continue
        if re.search(r"head_ref|pull_request\.head|workflow_run\.head|refs/pull", ref.value):
            yield Hit(file.span(ref), "The code of a stranger's pull request is checked out with rights")


@check(
    WIDE_RIGHTS,
    on=(Shape.WORKFLOW,),
    bad=("on: push\npermissions: write-all\njobs:\n  a:\n    steps:\n      - run: make\n",),
    good=("on: push\npermissions:\n  contents: read\njobs:\n  a:\n    steps:\n      - run: make\n",),
)
def write_all(document: Entry, file: YamlFile) -> Iterator[Hit]:
    jobs = document.get("jobs")
    for holder in (document, *(jobs.children if jobs is not None else ())):
        permissions = holder.get("permissions")
        if permissions is not None and permissions.value == "write-all":
            yield Hit(file.span(permissions), "The workflow's token may change everything", severity=Severity.LOW)


@check(
    MOVING_ACTION,
    on=(Shape.WORKFLOW,),
    bad=(
        "on: push\njobs:\n  a:\n    steps:\n      - uses: someone/deploy@main\n",
        "on: push\njobs:\n  a:\n    uses: someone/flows/.github/workflows/a.yml@master\n",
    ),
    good=(
        "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: ./.github/actions/a\n",
        "on: push\njobs:\n  a:\n    steps:\n      - uses: someone/deploy@8f4b7f84864484a7bf31766abe9204da3cbe65b3\n",
    ),
)
def moving_action(document: Entry, file: YamlFile) -> Iterator[Hit]:
    jobs = document.get("jobs")
    for holder in (*_steps(document), *(jobs.children if jobs is not None else ())):
        used = holder.get("uses")
        if used is not None and re.search(r"^[^.][^@]*@(?:main|master|develop|trunk|HEAD|latest)$", used.value):
            yield Hit(file.span(used), f"{used.value.partition('@')[0]} is whatever its branch holds that day")


@check(
    ALL_SECRETS,
    on=(Shape.WORKFLOW,),
    bad=(
        "on: push\njobs:\n  a:\n    steps:\n      - run: echo '${{ toJSON(secrets) }}'\n",
        "on: push\njobs:\n  a:\n    steps:\n      - env:\n          ALL: ${{ toJson(secrets) }}\n        run: make\n",
    ),
    good=(
        "on: push\njobs:\n  a:\n    steps:\n      - env:\n          T: ${{ secrets.TOKEN }}\n        run: make\n",
        "on: push\njobs:\n  a:\n    steps:\n      - run: echo '${{ toJSON(github) }}'\n",
    ),
)
def all_secrets(document: Entry, file: YamlFile) -> Iterator[Hit]:
    for entry in document.below():
        found = re.search(r"\$\{\{\s{0,4}toJSON\(\s{0,4}secrets\s{0,4}\)", entry.value, re.IGNORECASE)
        if found is not None:
            line = entry.value_line + entry.value.count("\n", 0, found.start())
            yield Hit(_span_of(found[0], line, file), "Every secret of the repository is handed to this step")


CHECKS = (workflow_injection, action_injection, foreign_code, write_all, moving_action, all_secrets)

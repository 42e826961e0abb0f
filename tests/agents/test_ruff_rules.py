"""The table of ruff's rules against ruff itself: its own examples of bad code are found, and its fixes mend them."""

import ast
import json
import re
import subprocess
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import pytest
import pytest_asyncio

from server.agents.reviewer import Reviewer
from server.agents.ruff import Program
from server.analysis.ruff_rules import RULES, SELECTED, RuffRule
from server.reviews.finding import Finding, apply_edits
from server.reviews.snapshot import Snapshot, SourceFile

OWN_EXAMPLES = {
    "F407": "from __future__ import nope\n",
    "F811": "def f(): ...\n\n\ndef f(): ...\n",
    "PLE2510": "x = '\b'\n",
    "PLE2512": "x = '\x1a'\n",
    "RUF026": "from collections import defaultdict\n\ndefaultdict(default_factory=int)\n",
    "RUF032": "from decimal import Decimal\n\nDecimal(1.2345)\n",
    "S609": "import subprocess\n\nsubprocess.run('chmod 700 *.py', shell=True)\n",
    "RUF064": "import os\n\nos.chmod('f', 644)\n",
}
"""Where ruff's page shows none that stands alone."""


@cache
def known_rules() -> dict[str, Any]:
    listed = subprocess.run(
        [Program.find().path, "rule", "--all", "--output-format", "json"], capture_output=True, check=True
    )
    return {rule["code"]: rule for rule in json.loads(listed.stdout)}


def bad_examples(code: str) -> list[str]:
    if code in OWN_EXAMPLES:
        return [OWN_EXAMPLES[code]]
    shown = known_rules()[code]["explanation"].partition("## Example")[2].partition("Use instead")[0]
    return re.findall(r"```python\n(.*?)```", shown, re.DOTALL)


@pytest_asyncio.fixture
async def reviewer() -> AsyncIterator[Reviewer]:
    reviewer = Reviewer(max_findings=1_000)
    await reviewer.start()
    yield reviewer
    await reviewer.stop()


async def found(reviewer: Reviewer, code: str, text: str) -> list[Finding]:
    report = await reviewer.review(Snapshot("p", (SourceFile("a.py", text),)), lambda *step: None)
    return [finding for finding in report.findings if finding.rule == f"ruff.{code}"]


def test_each_chosen_rule_is_known_to_ruff_and_not_on_its_way_in_or_out() -> None:
    stable = {code for code, rule in known_rules().items() if not rule["preview"]}

    assert set(SELECTED) <= stable
    assert len(SELECTED) == len(set(SELECTED)) == len(RULES)


async def test_each_chosen_rule_finds_its_bad_example(reviewer: Reviewer) -> None:
    silent = [
        code for code in SELECTED if not [f for text in bad_examples(code) for f in await found(reviewer, code, text)]
    ]

    assert silent == []


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.code) for rule in RULES if rule.fix])
async def test_a_fix_of_ruff_leaves_valid_code_without_the_problem(reviewer: Reviewer, rule: RuffRule) -> None:
    for text in bad_examples(rule.code):
        for finding in await found(reviewer, rule.code, text):
            assert finding.fix is not None

            mended = apply_edits(text, finding.fix.edits)

            ast.parse(mended)
            assert len(await found(reviewer, rule.code, mended)) < len(await found(reviewer, rule.code, text))

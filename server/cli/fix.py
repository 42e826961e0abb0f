"""`hive fix`: a model mends findings; what it offers was read by the rules, and is applied when you agree."""

from contextlib import suppress

import click
from rich.console import Console
from rich.text import Text

from server.cli.applying import apply
from server.cli.asking import ALL, meant_findings
from server.cli.client import address
from server.cli.output import bill_line, is_on_terminal, plain, print_json, stdout_console
from server.cli.waiting import Interrupted, result_of, say, started_hub
from server.errors import HiveError
from server.reviews.asks import MAX_FINDINGS_TO_FIX, FixOffer, FixWish

EXIT_NOTHING = 1
EXIT_INTERRUPTED = 130

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@click.command(
    epilog="Exit codes: 0 applied or shown, 1 nothing could be mended, 2 wrong input or no model, 3 no hub or it"
    " failed, 130 interrupted."
)
@click.argument("finding")
@click.option("--yes", is_flag=True, help="Apply it without asking.")
@click.option("--json", "is_json", is_flag=True, help="Print the offer as JSON; applied only with --yes.")
def fix(finding: str, yes: bool, is_json: bool) -> int:
    """Have a model mend FINDING: its place (shop/run.py:7), its fingerprint, or `all` that your changes have.

    The edits are shown first. Rules read the result, and the project's tests run in a sandbox where there is one.
    Needs ANTHROPIC_API_KEY where the hub runs.
    """
    terminal = Console(stderr=True, highlight=False)
    client = started_hub(terminal)
    client.require_model()
    try:
        meant = meant_findings(client, finding, terminal, at_most=MAX_FINDINGS_TO_FIX if finding == ALL else 5)
        job = client.start("fixes", FixWish(meant.snapshot, meant.findings))
        offer = result_of(client, job, FixOffer, terminal, what="fix")
    except Interrupted:
        return EXIT_INTERRUPTED
    if is_json:
        print_json(offer)
    else:
        _show(offer, stdout_console())
    if not offer.files:
        return EXIT_NOTHING
    if not _is_wanted(yes, is_json):
        say(terminal, "nothing is changed; --yes applies it")
        return 0
    for path in apply(offer, meant.snapshot, meant.project):
        say(terminal, f"changed {path}")
    with suppress(HiveError):  # it is applied, whether anybody remembers it or not
        client.post(address("fixes", job, "accept"))
    return 0


def _is_wanted(yes: bool, is_json: bool) -> bool:
    if yes or is_json or not is_on_terminal():
        return yes
    return click.confirm("Apply this?", default=False)


def _show(offer: FixOffer, console: Console) -> None:
    for file in offer.files:
        for line in file.diff.splitlines():
            console.print(Text(plain(line), style=_STYLES.get(line[:1], "")), soft_wrap=True)
        console.print()
    console.print(Text(plain(offer.why, keep_lines=True)))
    facts = [f"rules find it no more: {len(offer.mended)}"] if offer.mended else []
    facts += [f"no rule can tell: {len(offer.unproven)}"] if offer.unproven else []
    facts += [f"left: {len(offer.left)}"] if offer.left else []
    console.print(Text("; ".join((*facts, f"tests: {plain(offer.tests)}")), style="dim"))
    console.print(bill_line(offer.bill))

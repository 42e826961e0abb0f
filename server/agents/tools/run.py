"""`run`: the repository's own tests, in the sandbox. Which command that is, the base of the change says."""

from typing import Annotated

import msgspec

from server.agents.sandbox import Ended, OwnCommand, Run, Runner
from server.agents.tools.files import Files
from server.agents.tools.tool import ToolRefused, TypedTool


class RunTests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    paths: Annotated[
        tuple[str, ...],
        msgspec.Meta(max_length=20, description="Files of tests to run, as the snapshot has them; none: all tests."),
    ] = ()


def run_tool(files: Files, runner: Runner, command: OwnCommand) -> TypedTool[RunTests]:
    async def run(asked: RunTests) -> str:
        paths = [files.find(path).path for path in asked.paths]
        if any(path.startswith("-") for path in paths):
            raise ToolRefused("a path may not look like an option")
        tree = {path: files.text(path) for path in files}
        try:
            ran = await runner.run(tree, [*command.argv, *paths])
        except OSError as error:
            raise ToolRefused(f"the sandbox did not start ({error.strerror}): go on without running tests") from error
        return _told(ran, [*command.argv, *paths])

    return TypedTool(
        "run",
        f"Run the repository's tests (`{' '.join(command.argv)}`, from {command.source} of the base) over the snapshot "
        "in a sandbox without network. Only files of the snapshot and the system's programs are there, so a failure "
        "may only mean that something is missing.",
        RunTests,
        run,
    )


def _told(ran: Run, argv: list[str]) -> str:
    how = f"exit code {ran.exit_code}" if ran.ended is Ended.ITSELF else f"ended by the sandbox: {ran.ended}"
    return f"$ {' '.join(argv)}\n{how}, {ran.seconds:.1f} s\n{ran.output}"

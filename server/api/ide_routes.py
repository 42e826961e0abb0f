"""The addresses by which programs drive an editor, as far as the person there agrees."""

from server.api import ide
from server.api.route import Route
from server.ide.consents import Consent
from server.ide.driving import CommandRun, Edited, FileEdit, Ran, SeenEditor
from server.security.principal import Permission

WRITE, ADMIN = Permission.WRITE, Permission.ADMIN

MAX_EDIT_BYTES = 4 * 1024 * 1024

IDE_ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/api/v1/ide/vscode/connect",
        handle=ide.connect,
        permission=WRITE,
        body=ide.Connecting,
        summary="Ask the person at a connected editor whether this program may see its workspace",
        answers=SeenEditor,
    ),
    Route(
        method="GET",
        path="/api/v1/ide/vscode/workspace",
        handle=ide.workspace,
        permission=WRITE,
        query=ide.WorkspaceQuery,
        summary="The folders and documents that are open in an editor",
        answers=SeenEditor,
    ),
    Route(
        method="POST",
        path="/api/v1/ide/vscode/edit-file",
        handle=ide.edit_file,
        permission=WRITE,
        body=FileEdit,
        body_limit_bytes=MAX_EDIT_BYTES,
        summary="Edit a file in an editor, where its text is as the program thinks",
        answers=Edited,
    ),
    Route(
        method="POST",
        path="/api/v1/ide/vscode/run-command",
        handle=ide.run_command,
        permission=WRITE,
        body=CommandRun,
        summary="Run a command that is allowed, without a shell, in a folder of an editor",
        answers=Ran,
    ),
    Route(
        method="GET",
        path="/api/v1/ide/vscode/consents",
        handle=ide.list_consents,
        permission=WRITE,
        summary="What programs may do in the editors of this key",
        answers=ide.ConsentsList,
    ),
    Route(
        method="DELETE",
        path="/api/v1/ide/vscode/consents/{id}",
        handle=ide.revoke_consent,
        permission=WRITE,
        summary="Take back what a person decided about a program; it is asked about anew",
        answers=Consent,
    ),
    Route(
        method="GET",
        path="/api/v1/ide/vscode/audit",
        handle=ide.list_audit,
        permission=ADMIN,
        query=ide.AuditQuery,
        summary="What programs asked for in editors, and what became of it",
        answers=ide.AuditPage,
    ),
)

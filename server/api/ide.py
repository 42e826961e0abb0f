"""`/api/v1/ide/vscode`: a program sees, edits and runs in a connected editor, as far as the person there agrees.

Any editor that speaks to the hub counts; only VS Code with our extension runs commands.
"""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec

from server.api.problems import Problem
from server.api.reading import Limit, Prose
from server.api.route import Call
from server.ide.consents import Audited, Consent
from server.ide.driving import CommandRun, Edited, FileEdit, Id, Ran, SeenEditor
from server.security.principal import Permission, Principal


class Connecting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*why* is shown to the person. *editor* null: the only one that is connected."""

    why: Prose
    editor: Id | None = None


class WorkspaceQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    editor: Id


class AuditQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*before*: a `seq`."""

    before: Annotated[int, msgspec.Meta(ge=1, le=2**62)] | None = None
    limit: Limit = 50


class AuditPage(msgspec.Struct, frozen=True):
    """*next* is the `before` of the page after, null on the last."""

    audit: list[Audited]
    next: int | None


class ConsentsList(msgspec.Struct, frozen=True):
    consents: list[Consent]


async def connect(call: Call[Any, Connecting]) -> SeenEditor:
    return await call.parts.driving.connect(call.principal, call.body.editor, call.body.why)


async def workspace(call: Call[WorkspaceQuery, None]) -> SeenEditor:
    return await call.parts.driving.see(call.principal, call.query.editor)


async def edit_file(call: Call[Any, FileEdit]) -> Edited:
    return await call.parts.driving.edit(call.principal, call.body)


async def run_command(call: Call[Any, CommandRun]) -> Ran:
    return await call.parts.driving.run(call.principal, call.body)


async def list_consents(call: Call[Any, None]) -> ConsentsList:
    """What was decided in the editors of this key; for who administers the hub, everywhere."""
    return ConsentsList([*await call.parts.driving.consents.list(_whose(call))])


async def revoke_consent(call: Call[Any, None]) -> Consent:
    return await call.parts.driving.consents.revoke(_consent_id(call), _whose(call), by=call.principal)


async def list_audit(call: Call[AuditQuery, None]) -> AuditPage:
    query = call.query
    found = [*await call.parts.driving.consents.audit(before=query.before, limit=query.limit)]
    return AuditPage(found, found[-1].seq if len(found) == query.limit else None)


def _whose(call: Call[Any, Any]) -> Principal | None:
    return None if call.principal.may(Permission.ADMIN) else call.principal


def _consent_id(call: Call[Any, Any]) -> UUID:
    try:
        return UUID(call.path("id"))
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "a consent's id is a UUID") from error

"""`/api/v1/contexts`: what projects remember. Add, index, search, look at, forget.

Of another project a key learns nothing, not even that there is something.
"""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec

from server.api.problems import Problem
from server.api.reading import Limit, Line
from server.api.reviews import is_inside, submit
from server.api.route import Answer, Call
from server.jobs.job import JobRequest, Priority, encode
from server.memory.context import Context, ContextKind, ContextNotFound, MemorySize, NewContext, Unit
from server.memory.wire import KIND, MAX_FILES, MAX_TEXT_BYTES, Indexing

MAX_FILES_LISTED = 5_000

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=16_384, pattern=r"^[^\x00]*$")]
Name = Annotated[str, msgspec.Meta(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
LineNumber = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class NewNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*about*: what it tells of, at most one note of each; another takes its place. *session*: in which it came up."""

    project: Line
    text: Text
    about: Name = ""
    path: Name = ""
    symbol: Name = ""
    start_line: LineNumber = 0
    end_line: LineNumber = 0
    importance: Unit = 0.5
    session: UUID | None = None
    parent: UUID | None = None


class ContextsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    project: Line | None = None


class ContextsSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    project: Line
    q: Words
    kind: ContextKind | None = None
    limit: Limit = 10


class FilesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*after*: the last path of the page before."""

    project: Line
    after: Name = ""


class Forgetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: Annotated[str, msgspec.Meta(max_length=2000, pattern=r"^[^\x00]*$")] = ""


class ForgettingAll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*kind*: only these; none: all that the project remembers."""

    project: Line
    kind: ContextKind | None = None
    why: Annotated[str, msgspec.Meta(max_length=2000, pattern=r"^[^\x00]*$")] = ""


class Found(msgspec.Struct, frozen=True):
    contexts: list[Context]


class Remembered(msgspec.Struct, frozen=True):
    sizes: list[MemorySize]


class KnownFiles(msgspec.Struct, frozen=True):
    """*files*: by path the SHA-256 of its text when it was indexed. *next*: where the next page goes on."""

    files: dict[str, str]
    next: str | None


class Forgotten(msgspec.Struct, frozen=True):
    forgotten: int


class IndexingAccepted(msgspec.Struct, frozen=True):
    job: UUID


async def list_sizes(call: Call[ContextsQuery, None]) -> Remembered:
    return Remembered([*await call.parts.contexts.sizes(call.within(call.query.project))])


async def add_context(call: Call[Any, NewNote]) -> Answer:
    note = call.body
    call.within(note.project)
    new = NewContext(**msgspec.structs.asdict(note), kind=ContextKind.NOTE, owner=call.principal.name)
    if new.end_line < new.start_line:
        new = msgspec.structs.replace(new, end_line=new.start_line)
    context = await call.parts.contexts.add(new)
    return Answer(context, HTTPStatus.CREATED, {"Location": f"/api/v1/contexts/{context.id}"})


async def search_contexts(call: Call[ContextsSearch, None]) -> Found:
    query = call.query
    call.within(query.project)
    found = await call.parts.contexts.search(query.project, query.q, kind=query.kind, limit=query.limit)
    await call.parts.contexts.use(query.project, found)
    return Found([*found])


async def list_files(call: Call[FilesQuery, None]) -> KnownFiles:
    call.within(call.query.project)
    files = await call.parts.contexts.files(call.query.project, after=call.query.after, limit=MAX_FILES_LISTED)
    return KnownFiles(dict(files), max(files) if len(files) == MAX_FILES_LISTED else None)


async def get_context(call: Call[Any, None]) -> Context:
    return await call.parts.contexts.get(_id(call), project=call.principal.project)


async def forget_context(call: Call[Any, Forgetting]) -> Forgotten:
    project = call.principal.project
    await call.parts.contexts.forget(_id(call), by=call.principal.name, why=call.body.why, project=project)
    return Forgotten(1)


async def forget_project(call: Call[Any, ForgettingAll]) -> Forgotten:
    wish = call.body
    call.within(wish.project)
    gone = await call.parts.contexts.forget_all(wish.project, by=call.principal.name, why=wish.why, kind=wish.kind)
    return Forgotten(gone)


async def index_files(call: Call[Any, Indexing]) -> Answer:
    indexing = call.body
    _refuse_odd(indexing)
    call.within(indexing.project)
    request = JobRequest(
        KIND, indexing.project, encode(indexing), priority=Priority.BATCH, requested_by=call.principal.name
    )
    await submit(call, request)
    return Answer(IndexingAccepted(request.id), HTTPStatus.ACCEPTED, {"Location": f"/api/v1/jobs/{request.id}"})


def _refuse_odd(indexing: Indexing) -> None:
    try:
        msgspec.convert(indexing.project, Line)
    except msgspec.ValidationError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"the body does not fit: {error} - at `$.project`") from error
    paths = [*(file.path for file in indexing.files), *indexing.gone]
    if not paths or len(indexing.files) > MAX_FILES or len(indexing.gone) > MAX_FILES_LISTED:
        raise Problem(HTTPStatus.BAD_REQUEST, f"one request indexes 1 to {MAX_FILES} files", hint="send them in parts")
    if sum(len(file.text.encode("utf-8", "replace")) for file in indexing.files) > MAX_TEXT_BYTES:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the files of one request have at most {MAX_TEXT_BYTES >> 20} MiB of text",
            hint="send them in parts",
        )
    if len(set(paths)) != len(paths):
        raise Problem(HTTPStatus.BAD_REQUEST, "a path is there twice")
    if not all(map(is_inside, paths)):
        raise Problem(
            HTTPStatus.BAD_REQUEST, "a path leaves the repository", hint="paths are relative, with / and without .."
        )


def _id(call: Call[Any, Any]) -> UUID:
    try:
        return UUID(call.path("id"))
    except ValueError:
        raise ContextNotFound("this is no id of a context", hint="hive memory search finds their ids") from None

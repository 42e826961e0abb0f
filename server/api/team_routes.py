"""The addresses of who works, in which sessions, and of what they have to agree on."""

from http import HTTPStatus

from server.api import agents, decisions, sessions
from server.api.route import Route
from server.security.principal import Permission
from server.team.quorum import Decision

READ, WRITE, ADMIN = Permission.READ, Permission.WRITE, Permission.ADMIN

TEAM_ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/api/v1/decisions",
        handle=decisions.list_decisions,
        permission=READ,
        summary="Questions that reviewers answer together, the newest first",
        query=decisions.DecisionsQuery,
        answers=decisions.DecisionsPage,
    ),
    Route(
        method="GET",
        path="/api/v1/decisions/{id}",
        handle=decisions.get_decision,
        permission=READ,
        summary="One decision with its votes",
        answers=Decision,
    ),
    Route(
        method="POST",
        path="/api/v1/decisions",
        handle=decisions.open_decision,
        permission=WRITE,
        summary="Ask n voters a question that k of them must answer alike",
        body=decisions.NewDecision,
        answers=Decision,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="POST",
        path="/api/v1/decisions/{id}/votes",
        handle=decisions.vote,
        permission=WRITE,
        summary="Vote under the name of the key",
        body=decisions.NewVote,
        answers=Decision,
    ),
    Route(
        method="GET",
        path="/api/v1/agents",
        handle=agents.list_agents,
        permission=READ,
        of_hub=True,
        summary="Who works here, and who is expected",
        answers=agents.AgentsList,
    ),
    Route(
        method="POST",
        path="/api/v1/agents",
        handle=agents.announce_agent,
        permission=ADMIN,
        of_hub=True,
        summary="Expect a process of this name; it has its keys from who starts it",
        body=agents.Announcement,
        answers=agents.AgentsList,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="GET",
        path="/api/v1/agents/{name}",
        handle=agents.get_agent,
        permission=READ,
        of_hub=True,
        summary="One agent, and what became of it",
        answers=agents.AgentWithHistory,
    ),
    Route(
        method="POST",
        path="/api/v1/agents/{name}/drain",
        handle=agents.drain_agent,
        permission=ADMIN,
        of_hub=True,
        summary="Hand it nothing more; it finishes what it holds",
        answers=agents.AgentsList,
    ),
    Route(
        method="POST",
        path="/api/v1/agents/{name}/resume",
        handle=agents.resume_agent,
        permission=ADMIN,
        of_hub=True,
        summary="Hand it work again",
        answers=agents.AgentsList,
    ),
    Route(
        method="POST",
        path="/api/v1/agents/{name}/retire",
        handle=agents.retire_agent,
        permission=ADMIN,
        of_hub=True,
        summary="Drain it, then end its process for good",
        answers=agents.AgentsList,
    ),
    Route(
        method="GET",
        path="/api/v1/sessions",
        handle=sessions.list_sessions,
        permission=READ,
        summary="Whose work was when, the last seen first",
        query=sessions.SessionsQuery,
        answers=sessions.SessionsPage,
    ),
    Route(
        method="GET",
        path="/api/v1/sessions/{id}",
        handle=sessions.get_session,
        permission=READ,
        summary="One session: its jobs, what happened, and the findings met meanwhile",
        answers=sessions.SessionWithWork,
    ),
)

"""Deployments and statuses: each once, on the commit that was named. GitHub's stand-in and a real Postgres."""

import pytest

from server.effects.api import GitHubUnavailable
from server.github.deployments import (
    CREATE,
    LIST,
    SET_COMMIT_STATUS,
    SET_STATUS,
    CheckState,
    DeploymentsNamed,
    DeploymentState,
    NewCommitStatus,
    NewDeployment,
    NewDeploymentStatus,
)
from server.jobs.job import GiveUp
from tests.github.operating import Operator
from tests.github.standin import Interruption


@pytest.fixture
async def deployer(operator: Operator) -> Operator:
    operator.standin.permissions |= {"deployments": "write", "statuses": "write"}
    return operator


async def wish(operator: Operator, environment: str = "staging") -> NewDeployment:
    return NewDeployment(await operator.repository.commit("main"), environment)


async def test_a_deployment_is_made_and_listed_with_its_last_state(deployer: Operator):
    first = await deployer.ask(CREATE, await wish(deployer))
    await deployer.ask(CREATE, await wish(deployer, "production"))
    await deployer.ask(SET_STATUS, NewDeploymentStatus(first.id, DeploymentState.IN_PROGRESS))
    await deployer.ask(SET_STATUS, NewDeploymentStatus(first.id, DeploymentState.SUCCESS, "it runs"))

    everything = await deployer.ask(LIST, DeploymentsNamed())
    staging = await deployer.ask(LIST, DeploymentsNamed(environment="staging", sha=first.sha))

    assert [(d.environment, d.state) for d in everything.deployments] == [("production", ""), ("staging", "success")]
    assert [d.id for d in staging.deployments] == [first.id]
    assert deployer.standin.deployments[0]["ref"] == first.sha


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_deployment_whose_answer_was_lost_is_made_once(deployer: Operator, after: bool):
    deployer.standin.interrupt(Interruption("repos/create-deployment", after=after, drop=True))
    wanted = await wish(deployer)

    with pytest.raises(GitHubUnavailable):
        await deployer.ask(CREATE, wanted)
    made = await deployer.ask_again(CREATE, wanted)

    assert [deployment["id"] for deployment in deployer.standin.deployments] == [made.id]


async def test_a_commit_that_is_not_there_is_not_asked_for(deployer: Operator):
    with pytest.raises(GiveUp, match=r"there is no commit 0{40} in this repository"):
        await deployer.ask(CREATE, NewDeployment("0" * 40, "staging"))
    with pytest.raises(GiveUp, match="there is no deployment 7 in this repository"):
        await deployer.ask(SET_STATUS, NewDeploymentStatus(7, DeploymentState.SUCCESS))


async def test_a_commit_whose_checks_failed_is_not_deployed(deployer: Operator):
    wanted = await wish(deployer)
    await deployer.ask(SET_COMMIT_STATUS, NewCommitStatus(wanted.sha, CheckState.FAILURE, "ci"))

    with pytest.raises(GiveUp, match="409"):
        await deployer.ask(CREATE, wanted)


async def test_the_last_word_is_not_said_twice(deployer: Operator):
    sha = await deployer.repository.commit("main")
    pending, good = (NewCommitStatus(sha, state, "ci", "as is") for state in (CheckState.PENDING, CheckState.SUCCESS))

    said = [await deployer.ask(SET_COMMIT_STATUS, status) for status in (pending, pending, good, pending)]

    assert [status.was_there for status in said] == [False, True, False, False]
    assert [status["state"] for status in deployer.standin.commit_statuses] == ["pending", "success", "pending"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_status_whose_answer_was_lost_is_said_once(deployer: Operator, after: bool):
    deployment = await deployer.ask(CREATE, await wish(deployer))
    status = NewDeploymentStatus(deployment.id, DeploymentState.QUEUED, log_url="https://ci.example.com/1")
    await deployer.ask(SET_STATUS, status)
    await deployer.ask(SET_STATUS, NewDeploymentStatus(deployment.id, DeploymentState.IN_PROGRESS))
    deployer.standin.interrupt(Interruption("repos/create-deployment-status", after=after, drop=True))

    with pytest.raises(GitHubUnavailable):
        await deployer.ask(SET_STATUS, status)
    await deployer.ask_again(SET_STATUS, status)

    said = [said["state"] for said in deployer.standin.deployment_statuses]
    assert said == ["queued", "in_progress", "queued"]

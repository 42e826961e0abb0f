"""A worker process that cannot work: said once and plainly, and not waited for."""

from pathlib import Path

import msgspec
import pytest

from server.effects.settings import EffectsSettings
from server.jobs.process import Bootstrap
from server.jobs.supervisor import Supervisor, WorkerDoesNotStart
from server.messaging import Keyring, Role


@pytest.mark.slow
async def test_a_process_that_is_never_ready_is_given_up(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Its database is not there: no number of restarts at once mends that."""
    settings = EffectsSettings(
        database_url="postgresql://127.0.0.1:1/x", api_url="https://api.github.com", app_id=1, private_key="no key"
    )
    identity = Keyring.open_or_create(tmp_path / "keys").identity(Role.EFFECTS).export()
    bootstrap = Bootstrap(
        queue="effects",
        name="effects",
        capacity=1,
        redis_url="redis://127.0.0.1:1",
        identity=identity,
        log="json",
        settings=msgspec.Raw(msgspec.json.encode(settings)),
    )

    with pytest.raises(WorkerDoesNotStart, match="the effects process does not start"):
        await Supervisor("server.effects", bootstrap).run()

    said = capfd.readouterr()
    assert "a worker process cannot work" in said.out + said.err
    assert "Traceback" not in said.out + said.err

"""The loop of the product, which is also that of its tests."""

import asyncio

from server.event_loop import new_event_loop


async def test_scenes_run_on_the_loop_that_the_product_runs_on() -> None:
    loop = new_event_loop()

    assert type(asyncio.get_running_loop()) is type(loop)
    loop.close()

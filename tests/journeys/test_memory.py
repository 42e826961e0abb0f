"""From a push to the default branch to a function that is found by what it does; and gone once a push took it away."""

import pytest

from tests.journeys.scene import PROJECT, Scene

pytestmark = pytest.mark.journey

CART = "class Cart:\n    def remove_item(self, name):\n        self.items = [i for i in self.items if i.name != name]\n"


async def test_what_is_pushed_is_remembered_and_what_is_deleted_forgotten(scene: Scene) -> None:
    async def push(before: str, after: str) -> None:
        payload = {
            "ref": "refs/heads/main",
            "before": before,
            "after": after,
            "created": False,
            "deleted": False,
            "repository": {
                "full_name": "octo/demo",
                "html_url": "https://github.com/octo/demo",
                "default_branch": "main",
            },
            "sender": {"login": "ann"},
        }
        job = await scene.ended(await scene.deliver(scene.github.signed_delivery("push", payload)))
        assert job["state"] == "succeeded", job

    async def found() -> list[str]:
        at = f"/api/v1/contexts/search?project={PROJECT}&q=delete+an+item+of+the+cart"
        _, answer = await scene.hub.call("GET", at)
        return [context["symbol"] for context in answer["contexts"]]

    first = scene.project.commit({"unrelated.txt": "some words about other things\n"})
    second = scene.project.commit({"cart.py": CART})
    await push(first, second)
    assert await found() == ["Cart.remove_item"]

    (scene.project.directory / "cart.py").unlink()
    third = scene.project.commit({})
    await push(second, third)
    assert await found() == []

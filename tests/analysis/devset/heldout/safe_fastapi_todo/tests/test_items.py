import pytest


@pytest.mark.asyncio
async def test_items_of_others_are_not_found(client, other_item):
    reply = await client.get(f"/items/{other_item.id}")
    assert reply.status_code == 404

"""What the calls of one piece of work cost together, for who tells people. Budgets are not kept here."""

from server.agents.model import Ask, Heard, Model, Reply, Usage, unheard
from server.reviews.asks import Bill


class Billed:
    """A model whose calls are added up."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.usage = Usage()
        self.cost_microdollars = 0
        self.calls = 0
        self._names: dict[str, None] = {}

    @property
    def names(self) -> str:
        """Of the models that replied."""
        return ", ".join(self._names)

    async def reply(self, ask: Ask, *, heard: Heard = unheard) -> Reply:
        reply = await self._model.reply(ask, heard=heard)
        self.usage += reply.usage
        self.cost_microdollars += reply.cost_microdollars
        self.calls += 1
        self._names[reply.model] = None
        return reply

    @property
    def bill(self) -> Bill:
        return Bill(self.names, self.cost_microdollars)

    async def count_tokens(self, ask: Ask) -> int:
        return await self._model.count_tokens(ask)

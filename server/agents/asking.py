"""How an agent's first ask is put together: its prompt, how data looks, what it is shown."""

from server.agents.hostile import HOW_DATA_LOOKS
from server.agents.model import Ask, Strength, Text, Turn
from server.agents.prompts import Prompt


def ask_for(prompt: Prompt, *shown: str, strength: Strength = "strong", max_tokens: int = 8192) -> Ask:
    """*shown*: framed where people wrote it; empty pieces are left out."""
    text = "\n\n".join(piece for piece in shown if piece)
    return Ask(strength, f"{prompt.system}\n\n{HOW_DATA_LOOKS}", (Turn("user", (Text(text),)),), max_tokens=max_tokens)

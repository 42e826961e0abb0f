"""Text that others wrote, on its way to a model and back.

`cleaning` shows what was hidden in it, `commands` notices what is said to a model instead of to people, `framing` makes
it data that cannot be taken for ours, `answers` checks what comes back, `survey` looks through a whole snapshot; what
`server/analysis/redaction.py` takes for a credential is kept out in both directions. All pure, and all of it linear in
the length of the text: whoever wrote it may want it to take for ever.
"""

from server.agents.hostile.answers import Gate, Objection, check_answer
from server.agents.hostile.cleaning import Cleaned, Flag, clean, reveal
from server.agents.hostile.commands import commands_in
from server.agents.hostile.framing import HOW_DATA_LOOKS, as_data
from server.agents.hostile.survey import survey
from server.analysis.redaction import redact

__all__ = [
    "HOW_DATA_LOOKS",
    "Cleaned",
    "Flag",
    "Gate",
    "Objection",
    "as_data",
    "check_answer",
    "clean",
    "commands_in",
    "redact",
    "reveal",
    "survey",
]

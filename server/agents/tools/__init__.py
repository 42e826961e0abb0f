"""What a model may do while it thinks: look at a pinned snapshot, and nothing else.

`tool` says what a tool is, `toolbox` hands them out and stands between them and the model, `catalogue` makes those of a
snapshot. Each tool is a module: its input as a Struct, of which the schema is made, and one function over `Files`.
"""

from server.agents.tools.catalogue import snapshot_tools
from server.agents.tools.tool import Tool, ToolRefused, TypedTool
from server.agents.tools.toolbox import Toolbox

__all__ = ["Tool", "ToolRefused", "Toolbox", "TypedTool", "snapshot_tools"]

"""A whole hub, built by hand and started in order: the only package that sees all.

`building` puts the parts together: `stores` (what is kept), `workers` (the processes), `background` (what runs as long
as the hub), `retention` (what is forgotten) and `doors` (what listens).
"""

from server.hub.background import HubFailed
from server.hub.building import Hub, run_hub
from server.hub.workers import CAPACITY

__all__ = ["CAPACITY", "Hub", "HubFailed", "run_hub"]

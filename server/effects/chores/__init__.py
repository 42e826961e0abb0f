"""What the hub does on GitHub besides reviewing: each module one chore, with what it asks and how it acts, once.

`server/chores` decides. Errors are those of `server/effects/api.py`.
"""

"""What else the hub does for pull requests and issues, besides reviewing them: pure decisions, and what is kept.

Each chore looks at how things stand and does what is due, so that an event only says where to look: one that comes
twice, late or out of order does no harm. `server/effects/chores` acts.
"""

"""Other Python queues, each set to do what ours does: the same job of 1 KiB, acknowledged after the work if it can be.

Every module is one peer's program, run in an environment that has this peer and nothing of ours; `program.py` is what
they share. Who installs and measures them is `bench/queue_peers.py`.
"""

"""RQ's job: it is found by the name of its module, which must not be `__main__`."""

from bench.peers import program


def job(payload: program.Payload) -> program.Payload:
    return program.run(payload)

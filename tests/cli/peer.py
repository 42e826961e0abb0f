"""A peer that is no hub: says its lines to whoever connects, one script for each connection, then hangs up."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def a_peer(*scripts: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Its address, and the requests that it was sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []
    thread = threading.Thread(target=_serve, args=(listener, scripts, heard))
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _serve(listener: socket.socket, scripts: Sequence[bytes], heard: list[bytes]) -> None:
    for script in scripts:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            heard.append(connection.recv(65536))
            connection.sendall(script)


def an_answer(status: str, body: bytes, content_type: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body

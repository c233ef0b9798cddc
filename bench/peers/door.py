"""A door before the broker: while it is shut, the broker is away for everybody, and forgets nothing meanwhile."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit


class Door:
    """Leads to a server as long as it is open.

    Args:
        url: the server's.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._behind = (str(parts.hostname), int(parts.port or 6379))
        self._through: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._port = self._server.getsockname()[1]
        self.url = url.replace(f":{self._behind[1]}", f":{self._port}")
        self._listen()

    def shut(self) -> None:
        """Refuse everybody, and send away who is inside."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for end in self._through:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._through.clear()

    def open(self) -> None:
        """Let everybody in again, at the same address."""
        self._server = socket.create_server(("127.0.0.1", self._port), backlog=100)
        self._listen()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, far = server.accept()[0], socket.create_connection(self._behind)
                self._through += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=_relay, args=(source, target), daemon=True).start()


def _relay(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError), source, target:
        while data := source.recv(65536):
            target.sendall(data)

"""A monitor that answers over HTTP as a test tells it to: pages behind a cursor, refusals, silence, nonsense."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "secret-of-the-tests"


def alert(number, loan="L1", **values):
    """Return an alert as a monitor sends it."""
    said = {"matter": "ofac match", "since": "2024-04-20", "until": None, "severity": "high", "message": "see list"}
    return {"type": "alert", "id": f"E{number}", "loan": loan, **said, **values}


def status(number, loan="L1", **values):
    """Return a status as a monitor sends it."""
    return {"type": "status", "id": f"E{number}", "loan": loan, "matter": "scra", "since": "2024-03-01", **values}


class Feed(ThreadingHTTPServer):
    """What was reported so far, and how it answers."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events = []
        self.page_size = 2
        #: What the next requests get in place of a page, each once: (status, body), or seconds of silence.
        self.instead = []
        #: The query and the Authorization header of every request.
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1/events"

    def page(self, cursor):
        begin = int(cursor or 0)
        end = min(begin + self.page_size, len(self.events))
        return {"events": self.events[begin:end], "next_cursor": str(end), "has_more": end < len(self.events)}

    def handle_error(self, *_):
        """A client that gave up is none of its business."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.server.asked.append((query, self.headers.get("Authorization")))
        instead = self.server.instead.pop(0) if self.server.instead else None
        if isinstance(instead, float):
            time.sleep(instead)
            instead = None
        self._answer(*(instead or (200, json.dumps(self.server.page(query.get("cursor"))))))

    def _answer(self, code, body):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body.encode())))
        self.send_header("Retry-After", "3600")
        if code == 302:
            self.send_header("Location", f"{self.server.url}?stolen=1")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@contextmanager
def serving():
    """Run a feed for as long as the block lasts."""
    with Feed() as feed:
        thread = threading.Thread(target=feed.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield feed
        finally:
            feed.shutdown()
            thread.join()

"""Brokers that are away, each in another way, and a Celery application that is bound to one of them."""

import socket
import threading
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

from celery import Celery

from config.celery import OPTIONS
from config.celery import app as ours

HERE = ("127.0.0.1", 0)


@contextmanager
def refusing():
    """Nobody listens."""
    with socket.socket() as taken:
        taken.bind(HERE)
        yield taken


@contextmanager
def silent():
    """Takes every connection and never says a word."""
    with socket.create_server(HERE, backlog=500) as server:
        yield server


@contextmanager
def unreachable():
    """Connecting never ends, as to a host behind a firewall: the backlog is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(HERE, backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield server


@contextmanager
def cutting(real_url, word):
    """Lead to the real broker, but cut the connection over which this word comes first, before it gets there."""
    behind = (urlsplit(real_url).hostname, urlsplit(real_url).port)
    cut = threading.Event()

    def relay(source, target, *, may_cut):
        with suppress(OSError), source, target:
            while data := source.recv(65536):
                if may_cut and word in data and not cut.is_set():
                    cut.set()
                    source.shutdown(socket.SHUT_RDWR)
                    return
                target.sendall(data)

    def accept():
        with suppress(OSError):
            while True:
                ours, theirs = server.accept()[0], socket.create_connection(behind)
                threading.Thread(target=relay, args=(ours, theirs), kwargs={"may_cut": True}, daemon=True).start()
                threading.Thread(target=relay, args=(theirs, ours), kwargs={"may_cut": False}, daemon=True).start()

    with socket.create_server(HERE) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield server, real_url.replace(f":{behind[1]}", f":{server.getsockname()[1]}"), cut
        server.shutdown(socket.SHUT_RDWR)


AWAY = {"refusing": refusing, "silent": silent, "unreachable": unreachable}


def url(broker, database=1):
    """Return a broker's URL."""
    return f"redis://127.0.0.1:{broker.getsockname()[1]}/{database}"


def callers(broker):
    """Return how many clients have connected to a silent broker until now."""
    broker.setblocking(False)
    found = 0
    try:
        while True:
            broker.accept()[0].close()
            found += 1
    except BlockingIOError:
        return found


@contextmanager
def application(broker, *, patience_s=None, **changes):
    """Yield a Celery application with our options, but with this broker for messages and results.

    Args:
        broker: the broker.
        patience_s: how long it waits for an answer, where that is not to be as long as in production.
        changes: further options.
    """
    with Celery("elsewhere", set_as_current=False, fixups=[]) as app:
        app.conf.update({name: ours.conf[name] for name in OPTIONS})
        app.conf.update(task_queues=ours.conf.task_queues, broker_url=url(broker), result_backend=url(broker, 2))
        if patience_s is not None:
            timeouts = {"socket_timeout": patience_s, "socket_connect_timeout": patience_s}
            app.conf.broker_transport_options = {**ours.conf.broker_transport_options, **timeouts}
            app.conf.update({f"redis_{name}": value for name, value in timeouts.items()})
        app.conf.update(changes)
        yield app

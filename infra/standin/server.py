"""Serves the stand-ins on ports of this machine, and says in which variable the engine looks for them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from infra.standin.account import Account
from infra.standin.inputs import PACKAGES
from infra.standin.provider import Provider

VARIABLE = "PULUMI_DEBUG_PROVIDERS"
THREADS = 16
#: Bytes; dashboards and rules are long texts.
LONGEST_MESSAGE = 64 * 2**20


@contextmanager
def serving(account: Account) -> Iterator[dict[str, str]]:
    """Serve every provider on the account; yield the variables of an engine that is to find them.

    Args:
        account: shared by all, and by all operations while this lasts.
    """
    server = grpc.server(ThreadPoolExecutor(THREADS), options=[("grpc.max_receive_message_length", LONGEST_MESSAGE)])
    add_ResourceProviderServicer_to_server(Provider(account), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield {VARIABLE: ",".join(f"{name}:{port}" for name in PACKAGES)}
    finally:
        server.stop(grace=None).wait()

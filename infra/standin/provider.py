"""A provider as the engine speaks to it, in gRPC: it checks inputs, and keeps an account instead of calling AWS."""

# ruff: noqa: N802, ARG002 - names and arguments are the protocol's.

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from infra.standin import answers, inputs, schemas
from infra.standin.account import Account, Held, Properties, RefusedError

#: The engine warns of a plugin that is older than the program's package.
VERSION = "999.0.0"


class Provider(ResourceProviderServicer):
    """Stands in for one provider; the names of its methods are the protocol's.

    Args:
        account: where its resources are.
    """

    def __init__(self, account: Account) -> None:
        self.account = account

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Empty:
        """Let the engine in."""
        return Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Give a version that is new enough for every program."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Take whatever account and region the program gives."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Say whether the provider is given anything else than before, which replaces nothing."""
        changed = _plain(request.old_inputs) != _plain(request.news)
        answer = provider_pb2.DiffResponse
        return answer(changes=answer.DIFF_SOME if changed else answer.DIFF_NONE)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Empty:
        """Stop at once: nothing here takes any time."""
        return Empty()

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Agree to previews; secrets stay with the engine, which hands over their values and keeps their marks."""
        return provider_pb2.ConfigureResponse(supportsPreview=True, acceptSecrets=False)

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Refuse inputs that the provider's own types do not allow."""
        try:
            found = list(inputs.faults(request.type, _plain(request.news)))
        except inputs.UnknownTypeError as error:
            found = [("", str(error))]
        failures = [provider_pb2.CheckFailure(property=path, reason=f"{path} {why}") for path, why in found]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Say which inputs differ, and which of them need a new resource."""
        old, new = _plain(request.old_inputs), _plain(request.news)
        changed = sorted(name for name in {*old, *new} - {*request.ignoreChanges} if old.get(name) != new.get(name))
        frozen = schemas.create_only(request.type) if changed else frozenset()
        answer = provider_pb2.DiffResponse
        return answer(
            changes=answer.DIFF_SOME if changed else answer.DIFF_NONE,
            diffs=changed,
            replaces=[name for name in changed if name.lower() in frozen],
        )

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Make it; a preview gives no id, so that whatever AWS would say stays unknown."""
        asked = _plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=request.properties)
        id_ = self.account.next_id(request.type)
        made = answers.made(request.type, id_, asked)
        held = Held(id=id_, type=request.type, urn=request.urn, inputs=asked, made=made)
        try:
            self.account.create(held)
        except RefusedError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        return provider_pb2.CreateResponse(id=id_, properties=_struct(held.outputs))

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Change it."""
        asked, old = _plain(request.news), _plain(request.olds)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=_struct({**old, **asked}))
        try:
            held = self.account.update(request.id, asked)
        except RefusedError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        return provider_pb2.UpdateResponse(properties=_struct(held.outputs))

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Say what it is like now, or that it is gone."""
        held = self.account.get(request.id)
        if held is None:
            return provider_pb2.ReadResponse(id="")
        return provider_pb2.ReadResponse(id=held.id, properties=_struct(held.outputs), inputs=_struct(held.inputs))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Empty:
        """Let it go."""
        self.account.delete(request.id)
        return Empty()

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Answer nothing: a program that asks AWS cannot be previewed without it."""
        reason = f"The program asks AWS: {request.tok}; take it from the environment's settings."
        return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(reason=reason)])


def _plain(struct: Struct) -> Properties:
    found: Properties = MessageToDict(struct)
    return found


def _struct(properties: Mapping[str, Any]) -> Struct:
    struct = Struct()
    struct.update(properties)
    return struct

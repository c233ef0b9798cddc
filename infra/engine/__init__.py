"""One operation of one stack on the Pulumi engine, as a call that returns what happened or says why not."""

from infra.engine.engine import Engine
from infra.engine.exceptions import OperationError
from infra.engine.model import Operation, Order, Progress, Result, Step

__all__ = ["Engine", "Operation", "OperationError", "Order", "Progress", "Result", "Step"]

"""What a query reads: its selectors, and the labels it expects of them."""

import promql_parser as promql


def selectors(expr):
    """Return the selectors of a query: pairs of the metric's name and its matchers as {label: (operator, value)}."""
    return [(one.name, _matchers(one)) for one in _walk(promql.parse(expr)) if isinstance(one, promql.VectorSelector)]


def expected_labels(expr):
    """Yield pairs of a label and the metrics of which one must have it."""
    for one in _walk(promql.parse(expr)):
        if isinstance(one, promql.VectorSelector):
            yield from ((label, {one.name}) for label in _matchers(one))
        elif isinstance(one, promql.AggregateExpr) and one.modifier:
            yield from ((label, _metrics(one.expr)) for label in one.modifier.labels)
        elif isinstance(one, promql.BinaryExpr) and one.modifier and one.modifier.matching:
            for side in (one.lhs, one.rhs):
                yield from ((label, _metrics(side)) for label in one.modifier.matching.labels)
            yield from ((label, _metrics(one)) for label in one.modifier.group_labels or ())


def _metrics(node):
    return {one.name for one in _walk(node) if isinstance(one, promql.VectorSelector)}


def _matchers(selector):
    return {one.name: (one.op, one.value) for one in selector.matchers.matchers}


def _walk(node):
    yield node
    for name in ("expr", "lhs", "rhs", "param", "vector_selector"):
        inner = getattr(node, name, None)
        if isinstance(inner, promql.Expr):
            yield from _walk(inner)
    for argument in getattr(node, "args", None) or ():
        yield from _walk(argument)

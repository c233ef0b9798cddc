"""A script that calls the API with a token of its own."""

from itertools import count
from uuid import uuid4

from django.test import Client

PROBLEM = "application/problem+json"
_NAMES = count(1)


class Caller:
    """Whoever holds a token."""

    def __init__(self, secret, token=None):
        self.secret, self.token = secret, token
        headers = {"Authorization": f"Bearer {secret}", "Host": "localhost"}
        self.client = Client(headers=headers, raise_request_exception=False)

    @classmethod
    def let_in(cls, role, *tenants, name=None):
        from board.access import Role
        from board.api import tokens

        name = name or f"script {next(_NAMES)}"
        issued = tokens.issue(name=name, role=Role(role), days=1, tenants=list(tenants) or None)
        return cls(issued.secret, issued.token)

    def get(self, path, **query):
        return self.client.get(f"/api{path}", query)

    def post(self, path, body, *, key=None):
        headers = {"Idempotency-Key": key or str(uuid4())}
        return self.client.post(f"/api{path}", body, content_type="application/json", headers=headers)


def problem(response):
    """Return what kind of problem an answer is, and hold it to its form."""
    assert response["Content-Type"] == PROBLEM, response.content
    document = response.json()
    assert set(document) == {"type", "title", "status", "detail", "errors"}
    assert document["status"] == response.status_code
    assert document["detail"]
    assert "Traceback" not in response.content.decode()
    return response.status_code, document["type"].removeprefix("urn:matins:problem:")

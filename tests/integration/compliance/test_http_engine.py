"""The HTTP adapter against a real server: pages, retries, time limits, and answers that are not as agreed."""

import json

import pytest

from compliance.engines import http
from compliance.engines.exceptions import BadAnswerError, EngineRefusedError, EngineUnreachableError
from tests.integration.compliance.feed import TOKEN, alert, serving, status


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Keep the retries and shorten the waits: how long they are is no promise."""
    monkeypatch.setattr(http, "RETRY", http.RETRY.new(backoff_factor=0.01))
    monkeypatch.setattr(http, "READ_TIMEOUT_S", 0.3)


@pytest.fixture
def feed():
    with serving() as one:
        yield one


def read(feed, cursor=""):
    engine = http.HttpEngine(code="watch", url=feed.url, token=TOKEN)
    return list(engine.pages(cursor=cursor))


def test_all_pages_are_read_from_the_cursor_on(feed):
    feed.events = [alert(1), status(2), alert(3), alert(4), status(5)]
    pages = read(feed)
    assert [[event.id for event in page.events] for page in pages] == [["E1", "E2"], ["E3", "E4"], ["E5"]]
    assert pages[-1].next_cursor == "5"
    assert [event.id for page in read(feed, "3") for event in page.events] == ["E4", "E5"]


def test_the_token_is_sent_and_the_page_bounded(feed):
    read(feed, "0")
    assert feed.asked == [({"limit": "500", "cursor": "0"}, f"Bearer {TOKEN}")]


def test_nothing_new_is_one_empty_page_with_a_cursor(feed):
    (page,) = read(feed)
    assert (page.events, page.next_cursor) == ([], "0")


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_what_passes_by_itself_is_asked_again(feed, code):
    feed.events = [alert(1)]
    feed.instead = [(code, "busy"), (code, "busy")]
    assert len(read(feed)) == 1
    assert len(feed.asked) == 3


def test_the_retries_are_bounded_and_retry_after_is_not_obeyed(feed):
    feed.instead = [(503, "busy")] * 10
    with pytest.raises(EngineRefusedError, match="watch: it answered 503"):
        read(feed)
    assert len(feed.asked) == 3


@pytest.mark.parametrize("code", [204, 302, 400, 401, 403, 404])
def test_any_other_refusal_is_one_at_once(feed, code):
    feed.instead = [(code, "")]
    with pytest.raises(EngineRefusedError, match=f"answered {code}"):
        read(feed)
    assert len(feed.asked) == 1


def test_silence_is_given_up_on(feed):
    feed.instead = [1.0, 1.0, 1.0]
    with pytest.raises(EngineUnreachableError, match="watch: no answer"):
        read(feed)
    assert len(feed.asked) == 3


def test_a_server_that_is_not_there_is_named_without_its_token(feed):
    engine = http.HttpEngine(code="watch", url="http://127.0.0.1:9/v1", token=TOKEN)
    with pytest.raises(EngineUnreachableError) as caught:
        list(engine.pages(cursor=""))
    assert TOKEN not in str(caught.value)


def bad(**values):
    return json.dumps({"events": [], "next_cursor": "1", "has_more": False, **values})


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("", "EOF"),
        ("<html>", "expected value"),
        (bad(next_cursor=""), "next_cursor"),
        (bad(next_cursor=1), "next_cursor"),
        (bad(has_more="no"), "has_more"),
        (bad(more=[]), "more: Extra"),
        (bad(events=[{**alert(1), "type": "rumour"}]), "events.0"),
        (bad(events=[{**alert(1), "severity": "dreadful"}]), "events.0.alert.severity"),
        (bad(events=[{**alert(1), "since": "yesterday"}]), "events.0.alert.since"),
        (bad(events=[{**alert(1), "until": "2024-04-19"}]), "before it begins"),
        (bad(events=[{**alert(1), "loan": ""}]), "events.0.alert.loan"),
        (bad(events=[{**alert(1), "message": "zero\u0000byte"}]), "events.0.alert.message"),
        (bad(events=[{**alert(1), "message": "x" * 201}]), "events.0.alert.message"),
        (bad(events=[{**alert(1), "ssn": "900-12-3456"}]), "ssn: Extra"),
        (bad(events=[{**status(1), "matter": "pacs"}]), "events.0.status.matter"),
        (bad(events=[{key: value for key, value in alert(1).items() if key != "id"}]), "events.0.alert.id"),
    ],
)
def test_an_answer_that_is_not_as_agreed_says_where(feed, body, where):
    feed.instead = [(200, body)]
    with pytest.raises(BadAnswerError, match=where) as caught:
        read(feed)
    assert "900-12-3456" not in str(caught.value)


def test_a_cursor_that_does_not_move_ends_the_reading(feed):
    feed.instead = [(200, bad(has_more=True)), (200, bad(has_more=True)), (200, bad(has_more=True))]
    with pytest.raises(BadAnswerError, match="without a new cursor"):
        read(feed)


def test_a_page_is_bounded(feed, monkeypatch):
    monkeypatch.setattr(http, "MAX_BYTES", 100)
    feed.events = [alert(1), alert(2)]
    with pytest.raises(BadAnswerError, match="more than 100 bytes"):
        read(feed)


def test_a_poll_is_bounded_and_the_next_goes_on(feed, monkeypatch):
    monkeypatch.setattr(http, "MAX_PAGES", 2)
    feed.events = [alert(number) for number in range(7)]
    assert read(feed)[-1].next_cursor == "4"
    assert read(feed, "4")[-1].next_cursor == "7"

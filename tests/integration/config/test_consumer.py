"""A worker whose broker connection is lost reconnects, also where the old connection cannot be closed."""

import logging

import pytest
from celery import current_app

from config.consumer import LastingConsumer


@pytest.fixture
def half_closed(night):
    """A connection that holds a message, as kombu leaves it when closing it timed out half-way."""
    connection = current_app.connection_for_read()
    queue = current_app.amqp.queues["money"](connection.default_channel)
    queue.declare()
    with current_app.producer_or_acquire() as producer:
        producer.publish({}, routing_key="money", exchange=queue.exchange)
    assert queue.get() is not None
    connection._transport.client = None
    yield connection
    with current_app.connection_for_write() as other:
        current_app.amqp.queues["money"](other.default_channel).purge()


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
def test_a_connection_that_cannot_be_closed_does_not_end_the_worker(half_closed, caplog):
    consumer = object.__new__(LastingConsumer)
    consumer.connection, consumer.app = half_closed, current_app
    half_closed.collect = lambda socket_timeout: None
    with caplog.at_level(logging.WARNING, logger="config.consumer"):
        consumer.on_connection_error_after_connected(ConnectionResetError())
    assert consumer.connection is None
    assert "'NoneType' object has no attribute 'hostname'" in caplog.text

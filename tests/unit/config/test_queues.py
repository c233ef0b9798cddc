"""A worker's keys and timeouts follow from the queues it consumes."""

import pytest

from config import queues
from config.celery import app, fit_worker_to_its_queues


class Conf:
    """What Celery's signal hands over, as far as the handler reads it."""

    broker_transport_options = {"socket_timeout": 5.0}


def fitted(**options):
    conf = Conf()
    fit_worker_to_its_queues(conf=conf, options=options)
    return conf


def test_the_queues_are_those_of_the_design():
    assert queues.NAMES == ("control", "money", "casework", "documents")


def test_a_message_is_redelivered_only_after_its_worker_was_killed():
    for queue in queues.QUEUES:
        assert queue.soft_time_limit_s < queue.time_limit_s < queue.visibility_timeout_s


def test_workers_of_different_queues_share_no_keys():
    sets = [queues.unacked_keys([name]) for name in queues.NAMES] + [queues.unacked_keys(queues.NAMES)]
    every_key = [key for keys in sets for key in keys.values()]
    assert len(every_key) == len(set(every_key)) == 15


def test_every_set_of_keys_is_listed_for_the_depth_of_a_queue():
    assert set(queues.UNACKED_SETS) == {
        ("unacked", "unacked_index"),
        ("unacked:control", "unacked_index:control"),
        ("unacked:money", "unacked_index:money"),
        ("unacked:casework", "unacked_index:casework"),
        ("unacked:documents", "unacked_index:documents"),
    }


def test_a_worker_of_one_queue_gets_its_limits_and_keys():
    conf = fitted(queues="casework")
    assert (conf.task_time_limit, conf.task_soft_time_limit) == (1800, 1740)
    assert conf.broker_transport_options == {
        "socket_timeout": 5.0,
        "visibility_timeout": 2100,
        "unacked_key": "unacked:casework",
        "unacked_index_key": "unacked_index:casework",
        "unacked_mutex_key": "unacked_mutex:casework",
    }


@pytest.mark.parametrize(
    ("options", "visibility_timeout_s"),
    [({}, 3900), ({"queues": "control,casework"}, 2100), ({"exclude_queues": "money,documents"}, 2100)],
)
def test_a_worker_of_several_queues_has_the_longest_timeout_and_the_shared_keys(options, visibility_timeout_s):
    transport = fitted(**options).broker_transport_options
    assert transport["visibility_timeout"] == visibility_timeout_s
    assert transport["unacked_key"] == "unacked"


def test_each_queue_has_an_exchange_of_its_own():
    assert [(queue.name, queue.exchange.name, queue.routing_key) for queue in app.conf.task_queues] == [
        (name, name, name) for name in queues.NAMES
    ]


def test_a_task_of_the_night_goes_by_hand_to_the_queue_of_its_schedule():
    from config.celery import app, route_by_catalog

    assert route_by_catalog("tests.nightjobs.tasks.third") == {"queue": "casework"}
    assert route_by_catalog("tests.nightjobs.tasks.picky") is None
    assert app.amqp.router.route({}, "tests.nightjobs.tasks.third")["queue"].name == "casework"
    assert app.amqp.router.route({"queue": "documents"}, "tests.nightjobs.tasks.third")["queue"].name == "documents"

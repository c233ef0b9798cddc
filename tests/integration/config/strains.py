"""Tasks for the tests of what becomes of a worker's messages: one that lasts, one that kills its process."""

import os
import signal
import time

import redis
from celery import current_app, shared_task


@shared_task
def last():
    time.sleep(600)


@shared_task(max_retries=0)
def die():
    with redis.Redis.from_url(current_app.conf.result_backend) as client:
        client.incr("deaths")
    os.kill(os.getpid(), signal.SIGKILL)

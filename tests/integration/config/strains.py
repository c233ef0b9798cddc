"""Tasks that strain a worker: one that lasts, one that kills its process, one that tells its session apart."""

import os
import signal
import time

import redis
from celery import current_app, shared_task
from django.db import connection


@shared_task
def last():
    time.sleep(600)


@shared_task
def name_session():
    with connection.cursor() as cursor, redis.Redis.from_url(current_app.conf.result_backend) as client:
        cursor.execute("SELECT pg_backend_pid()")
        client.rpush("sessions", cursor.fetchone()[0])


@shared_task(max_retries=0)
def die():
    with redis.Redis.from_url(current_app.conf.result_backend) as client:
        client.incr("deaths")
    os.kill(os.getpid(), signal.SIGKILL)

"""Celery 实例：只收 JSON、限时、迟确认。

Late acknowledgement means a task may run twice; each is claimed by its outbox row's lease and ends in one commit, so twice
is harmless. Long delays live in the outbox table, never in a countdown held by a worker.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from kombu import Exchange
from kombu import Queue as BrokerQueue

from server import logs
from server.config import Settings, load_settings
from workers.queues import Queue
from workers.schedule import beat_schedule


def configure(app: Celery, settings: Settings) -> None:
    redis_like = settings.broker.url.startswith(("redis", "rediss", "valkey"))
    options: dict[str, Any] = {}
    if redis_like:
        # kombu looks for abandoned tasks about every 100 s by default; these two bring it down to seconds.
        options = {
            "visibility_timeout": settings.broker.visibility_timeout_s,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
        }
    app.conf.update(
        broker_url=settings.broker.url,
        broker_transport_options=options,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_soft_time_limit=240,
        task_time_limit=300,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=2000,
        worker_max_memory_per_child=700_000,
        worker_hijack_root_logger=False,
        task_default_queue=Queue.OUTBOX.value,
        # Each queue has its own key: queues that share one all receive every message.
        task_queues=[BrokerQueue(q.value, Exchange(q.value), routing_key=q.value) for q in Queue],
        timezone="UTC",
        beat_schedule=beat_schedule(settings),
        beat_max_loop_interval=5,
    )


def create_celery(settings: Settings | None = None) -> Celery:
    settings = settings or load_settings()
    rooms = ["workers.outbox", "workers.storage", "workers.transparency", "workers.deadlines", "workers.uploads"]
    app = Celery("zhijian", set_as_current=True, include=rooms)
    configure(app, settings)
    return app


@setup_logging.connect
def use_our_logs(**_: Any) -> None:
    logs.configure()


@worker_process_init.connect
def forget_parents_connections(**_: Any) -> None:
    """A pooled connection shared over fork gives one task another's answer (measured)."""
    from workers.house import house

    house().database.after_fork()


celery = create_celery()

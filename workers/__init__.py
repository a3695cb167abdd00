"""Running processes: the composition root, the planner's ticks, Celery and the local pool."""

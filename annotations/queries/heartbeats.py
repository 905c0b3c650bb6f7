"""Which of the parts that work in the background give signs of life, by the database's clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.db.models.functions import Extract, Now

from annotations.domain.background import BackgroundPart
from annotations.models import WorkerHeartbeat

# Two missed heartbeats: a person who waits wants to know soon. The health of the copy waits longer.
ALIVE_WITHIN = timedelta(seconds=15)
WORKERS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker and its last heartbeat."""

    name: str
    beat_at: datetime
    alive: bool


def part_alive(part: BackgroundPart) -> bool:
    """Return whether something gave a sign of life for this part within the last 15 seconds."""
    return WorkerHeartbeat.objects.filter(part=part, beat_at__gt=Now() - ALIVE_WITHIN).exists()


def workers_now() -> list[WorkerView]:
    """Return the workers that sent a heartbeat within a day, most recent first, and not the clock."""
    rows = WorkerHeartbeat.objects.exclude(part=BackgroundPart.CLOCK).annotate(
        alive=Q(beat_at__gt=Now() - ALIVE_WITHIN)
    )
    return [
        WorkerView(name=row.name, beat_at=row.beat_at, alive=bool(row.alive))
        for row in rows.order_by("-beat_at", "name")[:WORKERS_SHOWN]
    ]


def silence_of_parts() -> dict[BackgroundPart, float]:
    """Return for how many seconds each part has given no sign of life; none for one that never gave any."""
    rows = WorkerHeartbeat.objects.values("part").annotate(seconds=Extract(Now() - Max("beat_at"), "epoch"))
    seconds = {row["part"]: max(0.0, float(row["seconds"])) for row in rows}
    return {part: seconds[part] for part in BackgroundPart if part in seconds}

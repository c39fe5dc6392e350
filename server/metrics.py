"""What an operator graphs: Prometheus metrics of the sessions, their latencies and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from bots.providers.vetting import Unwell
from bots.record import SessionEvent, SessionRecord

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_LATENCY_BUCKETS_S = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
_DURATION_BUCKETS_S = (5, 15, 30, 60, 120, 300, 600, 1200, 3600)


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._sessions = Counter(
            "offhook_sessions",
            "Sessions that ended.",
            ("bot", "transport", "end_reason"),
            registry=self._registry,
        )
        self._durations = Histogram(
            "offhook_session_seconds",
            "How long sessions lasted.",
            ("transport",),
            buckets=_DURATION_BUCKETS_S,
            registry=self._registry,
        )
        self._turns = Histogram(
            "offhook_turn_latency_seconds",
            "From the end of the caller's speech to the first audio of the answer.",
            buckets=_LATENCY_BUCKETS_S,
            registry=self._registry,
        )
        self._stages = Histogram(
            "offhook_stage_latency_seconds",
            "The part of the turn latency that each stage took.",
            ("stage",),
            buckets=_LATENCY_BUCKETS_S,
            registry=self._registry,
        )
        self._greetings = Histogram(
            "offhook_greeting_latency_seconds",
            "From the caller being connected to the first audio of the greeting.",
            buckets=_LATENCY_BUCKETS_S,
            registry=self._registry,
        )
        self._errors = Counter(
            "offhook_errors",
            "Errors inside sessions.",
            ("stage", "category"),
            registry=self._registry,
        )
        self._switches = Counter(
            "offhook_provider_switches",
            "Changes of provider inside sessions.",
            ("stage", "from", "to", "reason"),
            registry=self._registry,
        )
        self._floor = Counter(
            "offhook_floor_events",
            "Sounds over the bot, by what became of them.",
            ("event", "reason"),
            registry=self._registry,
        )
        self._refusals = Counter(
            "offhook_refusals", "Requests refused.", ("code",), registry=self._registry
        )
        self._abandoned = Counter(
            "offhook_sessions_abandoned",
            "Sessions that would not close and were dropped.",
            registry=self._registry,
        )
        self._live = Gauge("offhook_sessions_live", "Places taken.", registry=self._registry)
        self._capacity = Gauge("offhook_capacity", "Places in all.", registry=self._registry)
        self._providers = _Providers()
        self._registry.register(self._providers)

    def watch_places(self, live: Callable[[], float], capacity: int) -> None:
        """Reads the number of places taken from `live` whenever it is asked for."""
        self._live.set_function(live)
        self._capacity.set(capacity)

    def watch_providers(self, unwell: Callable[[], Iterable[Unwell]]) -> None:
        """Reads the providers that calls go round from `unwell` whenever it is asked for."""
        self._providers.unwell = unwell

    def observe(self, event: SessionEvent) -> None:
        """Counts what happens in a session while it runs."""
        if event.kind == "turn":
            self._turns.observe(event.data["latency_ms"] / 1000)
            for stage, latency_ms in event.data["stages_ms"].items():
                self._stages.labels(stage).observe(latency_ms / 1000)
        elif event.kind == "floor":
            self._floor.labels(event.data["event"], event.data["reason"]).inc()
        elif event.kind == "greeted":
            self._greetings.observe(event.data["latency_ms"] / 1000)
        elif event.kind == "error":
            self._errors.labels(event.data["stage"], event.data["category"]).inc()
        elif event.kind == "switch":
            told = (event.data[key] for key in ("stage", "from_name", "to_name", "reason"))
            self._switches.labels(*told).inc()

    def count_ended(self, record: SessionRecord) -> None:
        """Counts a session that is over."""
        self._sessions.labels(record.bot, record.transport, record.end_reason).inc()
        if record.ended_at is not None:
            self._durations.labels(record.transport).observe(record.ended_at - record.started_at)
        if record.is_abandoned:
            self._abandoned.inc()

    def count_refusal(self, code: str) -> None:
        """Counts a request that was answered with a problem."""
        self._refusals.labels(code).inc()

    def render(self) -> bytes:
        """The metrics in Prometheus' text format (`CONTENT_TYPE`)."""
        return generate_latest(self._registry)


class _Providers(Collector):
    """A sample for each provider that is unwell, and none once it is well again."""

    def __init__(self) -> None:
        self.unwell: Callable[[], Iterable[Unwell]] = tuple

    def collect(self) -> Iterator[GaugeMetricFamily]:
        gauge = GaugeMetricFamily(
            "offhook_provider_unwell",
            "1 for a provider that calls go round.",
            labels=("stage", "provider", "reason"),
        )
        for one in self.unwell():
            gauge.add_metric((one.kind, one.provider, one.reason), 1)
        yield gauge

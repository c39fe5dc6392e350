"""What Prometheus reads."""

from __future__ import annotations

import pytest

from bots.providers.vetting import Unwell
from bots.record import SessionEvent, SessionRecord
from server.metrics import Metrics

pytestmark = pytest.mark.unit


def test_session_is_counted_by_bot_transport_and_end():
    """An ended session shows with its labels, its duration and its abandonment."""
    metrics = Metrics()
    record = SessionRecord("id", "pirate", "v", "webrtc", started_at=10.0, ended_at=40.0)
    record.end_reason, record.is_abandoned = "operator", True
    metrics.count_ended(record)
    text = metrics.render().decode()
    labels = 'bot="pirate",end_reason="operator",transport="webrtc"'
    assert f"offhook_sessions_total{{{labels}}} 1.0" in text
    assert 'offhook_session_seconds_sum{transport="webrtc"} 30.0' in text
    assert "offhook_sessions_abandoned_total 1.0" in text


def test_turn_is_observed_by_stage_in_seconds():
    """Milliseconds of a turn become Prometheus' seconds."""
    metrics = Metrics()
    metrics.observe(SessionEvent("id", "turn", {"latency_ms": 900, "stages_ms": {"llm": 400}}))
    metrics.observe(SessionEvent("id", "greeted", {"latency_ms": 120}))
    metrics.observe(SessionEvent("id", "error", {"stage": "llm", "category": "timeout"}))
    metrics.observe(SessionEvent("id", "connected"))
    text = metrics.render().decode()
    assert "offhook_turn_latency_seconds_sum 0.9" in text
    assert 'offhook_stage_latency_seconds_sum{stage="llm"} 0.4' in text
    assert "offhook_greeting_latency_seconds_sum 0.12" in text
    assert 'offhook_errors_total{category="timeout",stage="llm"} 1.0' in text


def test_places_are_read_when_asked_for():
    """The gauge follows the sessions without being told."""
    metrics, live = Metrics(), [2]
    metrics.watch_places(lambda: live[0], 5)
    assert "offhook_sessions_live 2.0" in metrics.render().decode()
    live[0] = 3
    text = metrics.render().decode()
    assert "offhook_sessions_live 3.0" in text
    assert "offhook_capacity 5.0" in text


def test_a_provider_shows_while_it_is_unwell():
    """The sample is there while calls go round the provider, and gone when it is well again."""
    metrics, unwell = Metrics(), [Unwell("llm", "cerebras", "key_refused")]
    metrics.watch_providers(lambda: unwell)
    sample = 'offhook_provider_unwell{provider="cerebras",reason="key_refused",stage="llm"} 1.0'
    assert sample in metrics.render().decode()
    unwell.clear()
    assert "offhook_provider_unwell{" not in metrics.render().decode()


def test_refusals_are_counted_by_code():
    """Each reason has its own count."""
    metrics = Metrics()
    metrics.count_refusal("at_capacity")
    assert 'offhook_refusals_total{code="at_capacity"} 1.0' in metrics.render().decode()


def test_sounds_over_the_bot_are_counted_by_what_became_of_them():
    """A false stop shows as a resume, and why."""
    metrics = Metrics()
    for kind, reason in (("duck", ""), ("resume", "noise"), ("duck", ""), ("resume", "noise")):
        data = {"event": kind, "after_ms": 300, "reason": reason}
        metrics.observe(SessionEvent("id", "floor", data))
    text = metrics.render().decode()
    assert 'offhook_floor_events_total{event="resume",reason="noise"} 2.0' in text
    assert 'offhook_floor_events_total{event="duck",reason=""} 2.0' in text

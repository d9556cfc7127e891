"""Figures for Prometheus: how requests went, and how the parts stand at the moment they are read."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.deps import Parts
from api.standing import standing_of

__all__ = ["Metrics"]

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One app's figures, in a registry of their own."""

    def __init__(self, parts: Parts) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "sonang_request_seconds", "HTTP requests by route.", ("method", "route", "status"), buckets=BUCKETS_S, registry=self.registry
        )
        self.registry.register(_Parts(parts))
        ProcessCollector(registry=self.registry)


class _Parts(Collector):
    """How the parts stand when somebody looks; a part that is away is a figure too."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The names alone, so that registering touches neither the database nor the chain."""
        yield GaugeMetricFamily("sonang_up", "Whether a part answers.")

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Looks at every part."""
        standing = standing_of(self._parts)
        up = GaugeMetricFamily("sonang_up", "Whether a part answers.", labels=("part",))
        for part in ("database", "chain"):
            up.add_metric((part,), float(part not in standing.errors))
        yield up
        intents = GaugeMetricFamily("sonang_outbox_intents", "Outbox intents by state.", labels=("state",))
        for state, count in standing.intents.items():
            intents.add_metric((state,), count)
        yield intents
        yield _gauge("sonang_head_block", "Newest block of the chain.", None if standing.head is None else standing.head.number)
        yield _gauge("sonang_indexed_block", "Newest block taken in.", standing.indexed)
        yield _gauge("sonang_indexer_lag_blocks", "Blocks the indexer is behind.", standing.lag)


def _gauge(name: str, meaning: str, value: int | None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning)
    if value is not None:
        family.add_metric((), value)
    return family

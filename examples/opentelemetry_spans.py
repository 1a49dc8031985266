"""Shows a wait as a span of OpenTelemetry, with an event for each state, and each HTTP request as a span below it.

`pip install 'cloudjobs[testing]' opentelemetry-sdk`, then `python examples/opentelemetry_spans.py`. It needs no
network: the job is that of a replayed service.
"""

from __future__ import annotations

import httpx
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from cloudjobs import CceClient, JobSnapshot, Token
from cloudjobs.cce import Job
from cloudjobs.errors import JobFailedError
from cloudjobs.testing import Replay

tracer = trace.get_tracer("deployments")


class TracingTransport(httpx.BaseTransport):
    """Makes a span of each request. `opentelemetry-instrumentation-httpx` does the same for every httpx client."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with tracer.start_as_current_span(request.method, kind=trace.SpanKind.CLIENT) as span:
            # The span has neither the query nor the headers, because they can contain credentials.
            span.set_attribute("server.address", request.url.host)
            response = self._transport.handle_request(request)
            span.set_attribute("http.response.status_code", response.status_code)
            return response


def wait(cce: CceClient, job_id: str) -> JobSnapshot[Job] | None:
    with tracer.start_as_current_span("wait for job", attributes={"job.id": job_id}) as span:

        def record(snapshot: JobSnapshot[Job]) -> None:
            span.add_event(str(snapshot.state), {"progress": snapshot.progress or 0.0})

        try:
            return cce.wait_for_job(job_id, timeout=600, on_progress=record)
        except JobFailedError as failure:
            span.set_status(trace.StatusCode.ERROR, failure.reason or "")
            return None


def main() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    with Replay("cce") as replay:
        job = replay.add_job("cce", states=["Initializing", "Running", "Failed"], reason="no quota left")
        transport = TracingTransport(replay.transport)
        url, auth = "https://cce.example.com", Token("not-a-real-token")
        with CceClient(url, project_id="p1", auth=auth, transport=transport) as cce:
            wait(cce, job.id)
    *requests, span = exporter.get_finished_spans()
    print(f"{span.name}: {span.status.status_code.name}, {span.status.description}")
    print("events:", [event.name for event in span.events])
    print(f"{len(requests)} requests below it:", {each.parent is not None for each in requests})


if __name__ == "__main__":
    main()

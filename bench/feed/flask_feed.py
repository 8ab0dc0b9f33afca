"""The feed as the Flask application had it: cruds from memory. It is traced when OTEL_EXPORTER_OTLP_ENDPOINT is set."""

import os
import sys
from datetime import datetime, timedelta, timezone

from flask import Flask, request
from opentelemetry import trace

app = Flask(__name__)

if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    FlaskInstrumentor().instrument_app(app)

tracer = trace.get_tracer("home.activities")


def crud(uuid, handle, message, age, left, **counts):
    now = datetime.now(timezone.utc)
    return {
        "uuid": uuid,
        "handle": handle,
        "message": message,
        "created_at": (now - age).isoformat(),
        "expires_at": (now + left).isoformat(),
        "likes_count": 0,
        "replies_count": 0,
        "reposts_count": 0,
        **counts,
    }


@app.get("/api/activities/home")
def home():
    with tracer.start_as_current_span("home-activities-mock-data") as span:
        span.set_attribute("app.now", datetime.now(timezone.utc).isoformat())
        root = "68f126b0-1ceb-4a33-88be-d90fa7109eee"
        reply = crud(
            "26e12864-1c26-5c3a-9658-97a10f8fea67",
            "Worf",
            "This post has no honor!",
            timedelta(days=2),
            timedelta(days=5),
            reply_to_activity_uuid=root,
        )
        cruds = [
            crud(
                root,
                "Andrew Brown",
                "Cloud is very fun!",
                timedelta(days=2),
                timedelta(days=5),
                likes_count=5,
                replies_count=1,
                replies=[reply],
            ),
            crud(
                "66e12864-8c26-4c3a-9658-95a10f8fea67",
                "Worf",
                "I am out of prune juice",
                timedelta(days=7),
                timedelta(days=9),
                replies=[],
            ),
            crud(
                "248959df-3079-4947-b847-9e0892d1bab4",
                "Garek",
                "My dear doctor, I am just simple tailor",
                timedelta(hours=1),
                timedelta(hours=12),
                replies=[],
            ),
        ]
        span.set_attribute("app.result_length", len(cruds))
        return cruds, 200


@app.after_request
def log_request(response):
    at = datetime.now().strftime("[%Y-%b-%d %H:%M]")
    line = f"{at} {request.remote_addr} {request.method} {request.scheme} {request.full_path} {response.status}"
    print(line, file=sys.stdout)
    return response


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True)

"""What a search for a port has come to, in words and as documents. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from whence.inquiry.bisect_control import ALL
from whence.inquiry.bisect_live import Step
from whence.model.bisection import NONE, Found, Plan, Stopped
from whence.model.flow_documents import time_text
from whence.model.json_text import Document
from whence.model.plural import many


def sentence(plan: Plan, step: Step) -> str:
    """Say where a search is, or how it ended, in one sentence."""
    result = step.result
    if isinstance(result, Found):
        port = result.port if plan.way == "cable" else f"{plan.switch} port {result.port}"
        verb = "comes from" if plan.way == "cable" else "comes in at"
        return f"The traffic {verb} {port} (certain: {tested(plan, result)})"
    if isinstance(result, Stopped):
        return f"Not found: {result.because}"
    return where(step)


def tested(plan: Plan, result: Found) -> str:
    """Say what the control test was."""
    off, on = ("unplugged", "plugged in") if plan.way == "cable" else ("mirror off", "on")
    control = result.control
    times = "once" if control.times == 1 else f"{control.times} times"
    return f"{off}, gone; {on}, back; {times}; likelihood ratio 10^{control.ratio:.0f}"


def rest(plan: Plan, step: Step) -> Iterator[str]:
    """Say what else there is to say at the end."""
    result = step.result
    if isinstance(result, Stopped):
        yield f"try      {result.try_}"
        return
    if not isinstance(result, Found):
        return
    control = result.control
    yield (
        f"control  {many(control.on, 'event')} in {control.on_seconds:.1f} s with it, "
        f"{control.off} in {control.off_seconds:.1f} s without"
    )
    if result.share is not None and result.share < ALL:
        others = ",".join(port for port in plan.ports if port != result.port)
        yield (
            f"but      it explains only {100 * result.share:.0f} % of it: a second source; "
            f"search again without it: --ports {others}"
        )
    yield f"after    {many(step.changes, 'change')}, {many(step.events, 'event')}"


def where(step: Step) -> str:
    """Say where a search is that goes on."""
    likely = [(port or "none of them", share) for port, share in step.probabilities.items()][:3]
    if not likely or likely[0][1] < 0.1:
        return f"{many(step.events, 'event')} seen, {many(step.changes, 'change')}"
    shown = ", ".join(f"{port} {100 * share:.0f} %" for port, share in likely)
    return f"{many(step.events, 'event')} seen, {many(step.changes, 'change')}; most likely {shown}"


def document(plan: Plan, step: Step) -> Document:
    """Write a step as an ECS document."""
    port = step.result.port if isinstance(step.result, Found) else None
    names: Document = {"name": plan.switch}
    if port:
        names |= {"ingress": {"interface": {"name": port}}}
    own: Document = {
        "sentence": sentence(plan, step),
        "changes": step.changes,
        "events": step.events,
        "rate": {"suspect": step.rate, "look_alikes": step.alike},
        "probabilities": {name: share for name, share in step.probabilities.items() if name},
        "none_of_them": step.probabilities.get(NONE, 0.0),
    }
    if step.what == "mirror":
        own |= {"mirrored": list(step.ports), "uplink": step.reference, "reason": step.why}
    if step.result:
        own["result"] = msgspec.to_builtins(step.result)
        own["confidence"] = "certain" if port else "unknown"
    return {
        "@timestamp": time_text(datetime.fromtimestamp(step.at, UTC)),
        "event": {"kind": "event", "category": ["network"], "action": f"bisect-{step.what}"},
        "observer": names,
        "whence": {"bisect": own},
    }

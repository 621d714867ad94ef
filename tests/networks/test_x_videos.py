"""Videos on X: they go up in pieces, X works on them for a while, and only then a post can show them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, Refused
from socrbot.message import Attachment, Found
from socrbot.networks.base import Payload
from tests.networks.bench import START, VIDEO, Bench, MemorySteps
from tests.networks.benches.x import POST
from tests.standins.x import X as Standin

NETWORK = "x"
DONE = {"state": "succeeded", "progress_percent": 100}
STATUS = "GET /2/media/upload"


@pytest.fixture
def steps(bench: Bench) -> MemorySteps:
    return bench.steps()


def prepared(bench: Bench, steps: MemorySteps, video: Attachment | None = None) -> Payload:
    """The payload of a post with a video."""
    message = bench.message("Watch.", media=(video or bench.video(),))
    return bench.connect().prepare(message, message.parts[0], key="k", steps=steps)


def working(seconds: int) -> dict[str, Any]:
    return {"state": "in_progress", "check_after_secs": seconds, "progress_percent": 5}


def test_a_large_video_arrives_whole(bench: Bench, standin: Standin, steps: MemorySteps) -> None:
    """Piece by piece, each below X's limit, in order; the post shows it, and it is found again."""
    data = VIDEO + bytes(range(256)) * 40_000
    large = replace(bench.video(), digest=hashlib.sha256(data).hexdigest(), size=len(data))
    bench.pictures[large.digest] = data
    intent = bench.intent(bench.connect(), bench.message("Watch.", media=(large,)))
    bench.connect().publish(intent.payload, key="k", reply_to=None)
    assert [(item.data == data, item.mime) for item in standin.published[0].media] == [(True, "video/mp4")]
    assert len(standin.requests("POST /2/media/upload/*/append")) == 3
    assert isinstance(bench.connect().find(intent), Found)


def test_x_is_waited_for(bench: Bench, standin: Standin, steps: MemorySteps, clock: VirtualClock) -> None:
    """As long as X says, and asked no more often."""
    standin.processing = [{"state": "pending", "check_after_secs": 2}, working(7), working(11), DONE]
    prepared(bench, steps)
    assert clock.now() - START == timedelta(seconds=20)
    assert len(standin.requests(STATUS)) == 4


def test_a_video_that_takes_long_is_asked_for_later(
    bench: Bench, standin: Standin, steps: MemorySteps, clock: VirtualClock
) -> None:
    """Nobody waits for minutes: the try ends, and the next one goes on with the same upload."""
    standin.processing = [working(25)]
    with pytest.raises(NotSent) as caught:
        prepared(bench, steps)
    assert caught.value.retry_at == clock.now() + timedelta(seconds=25)
    assert not caught.value.whole_account
    assert clock.now() - START <= timedelta(seconds=60)
    standin.finish_uploads()
    payload = prepared(bench, steps)
    assert prepared(bench, steps) == payload
    assert len(standin.requests("POST /2/media/upload/initialize")) == 1
    bench.connect().publish(payload, key="k", reply_to=None)
    assert len(standin.published) == 1


def test_a_video_that_x_cannot_use_is_refused(bench: Bench, standin: Standin, steps: MemorySteps) -> None:
    """In words for the author; another try uploads anew, as the fault may have been X's."""
    standin.processing = [{"state": "failed"}]
    with pytest.raises(Refused, match="AAC sound"):
        prepared(bench, steps)
    standin.processing = [DONE]
    prepared(bench, steps)
    assert len(standin.requests("POST /2/media/upload/initialize")) == 2
    assert standin.published == []


@pytest.mark.parametrize("where", ["initialize", "*/append", "*/finalize"])
@pytest.mark.parametrize("kind", ["503", "drop-after", "html-200", "broken-json"])
def test_trouble_on_the_way_publishes_nothing(
    bench: Bench, standin: Standin, steps: MemorySteps, where: str, kind: str
) -> None:
    """The next try begins anew where X did not say that it has everything."""
    standin.fault(kind, match=f"POST /2/media/upload/{where}")
    if not (where == "*/append" and kind in ("html-200", "broken-json")):
        with pytest.raises(NotSent):
            prepared(bench, steps)
    bench.connect().publish(prepared(bench, steps), key="k", reply_to=None)
    assert [item.data for item in standin.published[0].media] == [VIDEO]


def test_a_video_that_x_has_lost_is_uploaded_again(bench: Bench, standin: Standin, steps: MemorySteps) -> None:
    """While it is waited for, or when the post is made."""
    standin.processing = [working(25)]
    with pytest.raises(NotSent):
        prepared(bench, steps)
    standin.processing = [DONE]
    standin.expire_uploads()
    with pytest.raises(NotSent, match="uploaded again"):
        prepared(bench, steps)
    network, message = bench.connect(), bench.message("Watch.", media=(bench.video(),))
    payload = network.prepare(message, message.parts[0], key="k", steps=steps)
    standin.expire_uploads()
    with pytest.raises(NotSent, match="uploaded again"):
        network.publish(payload, key="k", reply_to=None)
    bench.connect().publish(prepared(bench, steps), key="k", reply_to=None)
    assert len(standin.published) == 1


@pytest.mark.parametrize("told", [7, {}, {"state": "done"}, {"state": "succeeded", "check_after_secs": "soon"}])
def test_an_unknown_state_is_left_to_x(bench: Bench, standin: Standin, steps: MemorySteps, told: Any) -> None:
    """What is not pending, in progress or failed holds nothing up: X itself refuses a post too early."""
    body = {"data": {"id": "1", "processing_info": told}}
    standin.fault("status", match=STATUS, status=200, body=body)
    bench.connect().publish(prepared(bench, steps), key="k", reply_to=None)
    assert len(standin.requests(POST)) == 1


@pytest.mark.parametrize(("told", "seconds"), [("soon", 5), (None, 5), (10**9, 30), (-4, 1), (0, 1)])
def test_any_wait_that_x_names_will_do(
    bench: Bench, standin: Standin, steps: MemorySteps, clock: VirtualClock, told: Any, seconds: int
) -> None:
    """Where it makes no sense, a sensible one is taken."""
    body = {"data": {"id": "1", "processing_info": {"state": "pending", "check_after_secs": told}}}
    standin.fault("status", match=STATUS, status=200, body=body)
    prepared(bench, steps)
    assert clock.now() - START == timedelta(seconds=seconds)

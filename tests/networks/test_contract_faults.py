"""What every network has to do when something goes wrong on the way. See `test_contract.py`."""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta

import pytest

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused
from socrbot.message import Absent, CannotTell, Capabilities, Found
from socrbot.networks.base import Network
from tests.networks.bench import START, Bench
from tests.networks.cases import each_network
from tests.standins.exchange import ACTED, FAULTS, WAITING


@pytest.fixture(params=each_network())
def network_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def capable(network: Network, bench: Bench) -> Capabilities:
    return bench.capable


def comes_out(kind: str, bench: Bench, capable: Capabilities) -> int:
    """How often a post is public after a fault of the publishing request."""
    if kind == "duplicate" and bench.outcome(kind) is None and not (capable.repeat_safe or bench.knows_keys):
        return 2  # A proxy sent it twice, and the network tells nobody apart. No client can help that.
    return int(kind in ACTED)


def test_a_refusal_is_for_a_person(network: Network, bench: Bench) -> None:
    """What the network will not take is refused, with the network's reason, and is not public."""
    bench.standin.fault("status", match=bench.publishing, **bench.refusal)
    with pytest.raises(Refused) as caught:
        bench.send(network, bench.message("Refused."))
    assert not caught.value.duplicate
    assert bench.standin.published == []


def test_a_rate_limit_makes_the_account_wait(network: Network, bench: Bench) -> None:
    """Nothing went out; the whole account waits until the network listens again."""
    bench.standin.fault("status", match=bench.publishing, **bench.too_many)
    with pytest.raises(NotSent) as caught:
        bench.send(network, bench.message("Too many."))
    assert caught.value.retry_at == bench.listens_at
    assert caught.value.whole_account
    assert bench.standin.published == []


@pytest.mark.parametrize("kind", FAULTS)
def test_a_lost_answer_is_never_taken_for_a_result(
    network: Network, bench: Bench, capable: Capabilities, kind: str
) -> None:
    """Whatever goes wrong while publishing: no receipt, the right error, and the truth is found afterwards."""
    media = (bench.picture(1, "A picture"),) if capable.max_images else ()
    message = bench.message("Was it sent? See https://example.org/petition", media=media)
    intent = bench.intent(network, message)
    bench.standin.fault(kind, match=bench.publishing)
    error, sender = bench.outcome(kind), bench.sender(kind)
    if error is None:
        sender.publish(intent.payload, key=intent.key, reply_to=None)
    else:
        with pytest.raises(error):
            sender.publish(intent.payload, key=intent.key, reply_to=None)
    assert bench.standin.wait_until(lambda: len(bench.standin.published) == comes_out(kind, bench, capable))
    bench.clock.advance(timedelta(seconds=90))
    finding = bench.connect().find(intent)
    if not capable.reads_back:
        assert isinstance(finding, CannotTell)
    elif kind in ACTED:
        assert isinstance(finding, Found)
        assert finding.receipt.id in {post.id for post in bench.standin.published}
        if capable.deletes:
            before = len(bench.standin.visible)
            bench.connect().delete(finding.receipt)
            assert len(bench.standin.visible) == before - 1
    else:
        assert isinstance(finding, Absent)


def test_a_part_of_a_thread_is_found_in_its_place(network: Network, bench: Bench, capable: Capabilities) -> None:
    """A lost answer to a second part is settled like any other."""
    if not (capable.threads or capable.comments):
        pytest.skip("this network has neither threads nor comments")
    (first,) = bench.send(network, bench.message("The first part."))
    intent = bench.intent(network, bench.message("The first part.", "The second part."), reply_to=first)
    if capable.reads_back:
        assert isinstance(network.find(intent), Absent)
    bench.standin.fault("drop-after", match=bench.answering or bench.publishing)
    with pytest.raises(OutcomeUnknown):
        network.publish(intent.payload, key=intent.key, reply_to=first)
    finding = network.find(intent)
    assert len(bench.standin.published) == 2
    if capable.reads_back:
        assert isinstance(finding, Found)
        assert finding.receipt.id == bench.standin.published[1].id
    else:
        assert isinstance(finding, CannotTell)


@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind != "duplicate"])
def test_a_look_that_fails_proves_nothing(network: Network, bench: Bench, kind: str) -> None:
    """Where the posts cannot be read, nobody may believe that one is absent."""
    intent = bench.intent(network, bench.message("Where is it?"))
    bench.standin.fault(kind, match=bench.reading, times=9)
    assert isinstance(bench.sender(kind).find(intent), CannotTell)


def test_a_look_that_comes_too_often_says_when_to_come_back(
    network: Network, bench: Bench, capable: Capabilities
) -> None:
    """A rate limit on reading is no answer either."""
    intent = bench.intent(network, bench.message("Where is it?"))
    bench.standin.fault("status", match=bench.reading, times=9, **bench.too_many)
    finding = network.find(intent)
    assert isinstance(finding, CannotTell)
    assert finding.retry_at == (bench.listens_at if capable.reads_back else None)


@pytest.mark.parametrize("kind", FAULTS)
def test_trouble_with_a_picture_publishes_nothing(
    network: Network, bench: Bench, capable: Capabilities, kind: str
) -> None:
    """Before the publishing call nothing can be public; the next try succeeds."""
    if not capable.max_images:
        pytest.skip("this network takes no pictures")
    message = bench.message("With a picture.", media=(bench.picture(1, "A picture"),))
    part, steps = message.parts[0], bench.steps()
    key = bench.key(message, part)
    bench.standin.fault(kind)
    failed: NetworkError | None = None
    try:
        bench.sender(kind).prepare(message, part, key=key, steps=steps)
    except NetworkError as error:
        failed = error
    struck = bench.standin.clear_faults() == 0
    assert failed is None if kind == "duplicate" or not struck else isinstance(failed, NotSent | OutcomeUnknown)
    assert bench.standin.published == []
    network.publish(network.prepare(message, part, key=key, steps=steps), key=key, reply_to=None)
    (post,) = bench.standin.published
    assert [item.alt for item in post.media] == (["A picture"] if capable.alt_limit != 0 else [""])


def test_a_server_that_is_down_has_been_sent_nothing(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Nobody listens: not sent, and the network's posts cannot be read."""
    intent = bench.intent(network, bench.message("Is anybody there?"))
    with bench.nowhere() as alone:
        with pytest.raises(NotSent):
            alone.publish(intent.payload, key=intent.key, reply_to=None)
        if capable.reads_back:
            with pytest.raises(NotSent):
                alone.recent(START)
        assert isinstance(alone.find(intent), CannotTell)


def test_no_error_and_no_log_line_holds_a_secret(
    network: Network, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Not with every library at DEBUG, not for any fault, not where the server itself sends the secret back."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, name)
    secrets, told = bench.secrets(), []
    loud = {"detail": " ".join(secrets), "error": {"message": " ".join(secrets)}, "message": " ".join(secrets)}
    cases = [(kind, {}) for kind in FAULTS if kind not in WAITING]
    cases += [("status", {"status": status, "body": loud}) for status in (400, 401, 403, 404, 429, 500)]
    for kind, more in cases:
        bench.standin.fault(kind, match=bench.publishing, **more)
        try:
            bench.send(bench.connect(), bench.message(f"Fault {kind} {more.get('status')}"))
        except NetworkError as error:
            told += [str(error), repr(error), *traceback.format_exception(error), str(vars(error))]
    payload = bench.intent(network, bench.message("Is anybody there?")).payload
    with bench.nowhere() as alone, pytest.raises(NotSent) as caught:
        alone.publish(payload, key="k", reply_to=None)
    told += [*traceback.format_exception(caught.value)]
    everything = "\n".join([*told, caplog.text, repr(network), repr(bench.equipment())])
    assert len(told) > 30
    assert not [secret for secret in secrets if secret in everything]

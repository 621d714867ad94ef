"""What a broken connection means, tried on real sockets; and what the one way out never does."""

from __future__ import annotations

import contextlib
import logging
import shutil
import socket
import ssl
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown
from socrbot.http import Answer, Session, epoch, translate
from socrbot.redact import MASK, Redactor, is_secret
from tests.standins.server import Reply, Request, Standin, refused, route

SECRET = "sEcr3t/with+odd=characters&more"


class Echo(Standin):
    """Answers with what it got."""

    @route("POST", "/here")
    @route("GET", "/here")
    def here(self, request: Request) -> Reply:
        return Reply(200, {"headers": dict(request.headers), "query": dict(request.query)})

    @route("POST", "/moved")
    def moved(self, request: Request) -> Reply:
        return Reply(302, None, {"Location": f"{self.base}/here"})


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as standin:
        yield standin


@contextlib.contextmanager
def wire(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """A bare socket that takes one connection, reads a little, and does what `speak` says."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    speak(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        listening.close()
        thread.join(2)


def failure(url: str, *, timeout: tuple[float, float] = (0.5, 0.3)) -> NetworkError:
    """What a POST to `url` fails with."""
    with Session(timeout=timeout, redact=Redactor([SECRET])) as session, pytest.raises(NetworkError) as caught:
        session.call("POST", url, json={"say": "something"}, headers={"Authorization": f"OAuth {SECRET}"})
    return caught.value


def test_a_refused_connection_has_sent_nothing() -> None:
    """Nobody listens: it did not go out."""
    with refused() as base:
        assert isinstance(failure(f"{base}/x"), NotSent)


def test_an_unknown_name_has_sent_nothing() -> None:
    """A name that no server has: it did not go out, and the text asks about the internet connection."""
    error = failure("https://nobody.invalid/x")
    assert isinstance(error, NotSent)
    assert "internet" in str(error)


def test_a_connection_that_is_not_taken_in_time_has_sent_nothing() -> None:
    """A server whose queue is full lets us wait: it did not go out."""
    with socket.socket() as listening, contextlib.ExitStack() as stack:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
        error = failure(f"http://127.0.0.1:{listening.getsockname()[1]}/x", timeout=(0.2, 0.2))
    assert isinstance(error, NotSent)
    assert "in time" in str(error)


def test_a_server_without_tls_has_been_sent_nothing() -> None:
    """A TLS handshake with a server that speaks plain HTTP fails before the request."""
    with wire(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as address:
        assert isinstance(failure(f"https://{address}/x"), NotSent)


def test_a_certificate_that_nobody_signed_has_been_sent_nothing(tmp_path: Path) -> None:
    """A server that cannot prove its name gets no request."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: no certificate to show")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    wish = ["-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    subprocess.run(
        [openssl, "req", "-x509", *wish, "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)

        def serve() -> None:
            connection, _ = listening.accept()
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True):
                pass

        threading.Thread(target=serve, daemon=True).start()
        assert isinstance(failure(f"https://127.0.0.1:{listening.getsockname()[1]}/x"), NotSent)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="none"),
        pytest.param(b"HTTP/1.1 2", id="half-a-status"),
        pytest.param(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":', id="half-body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}", id="chunk-without-length"),
        pytest.param(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"id"', id="half-chunk"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", id="not-what-it-says"
        ),
        pytest.param(b"SMTP ready\r\n\r\n", id="another-protocol"),
    ],
)
def test_an_answer_that_breaks_off_leaves_the_outcome_open(answer: bytes) -> None:
    """Once a request is on its way, only a whole answer tells what became of it."""
    with wire(lambda connection: connection.sendall(answer)) as address:
        assert isinstance(failure(f"http://{address}/x"), OutcomeUnknown)


def test_an_answer_that_breaks_off_in_its_headers_says_nothing() -> None:
    """What is left of it has no body to believe."""
    with wire(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")) as address, Session() as session:
        assert session.call("POST", f"http://{address}/x").object() == {}


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"])
def test_an_answer_that_never_ends_leaves_the_outcome_open(said: bytes) -> None:
    """Silence, before the answer or in its middle, is a lost answer."""
    gone = threading.Event()

    def speak(connection: socket.socket) -> None:
        connection.sendall(said)
        gone.wait(5)

    with wire(speak) as address:
        error = failure(f"http://{address}/x")
        gone.set()
    assert isinstance(error, OutcomeUnknown)


def test_an_address_that_is_none_has_sent_nothing() -> None:
    """A wrong address fails before anything leaves."""
    for url in ("http://", "not an address", "ftp://example.org/x", "http://exa mple:0x/"):
        assert isinstance(failure(url), NotSent), url


@pytest.mark.parametrize(
    "kind",
    [
        error
        for error in vars(requests.exceptions).values()
        if isinstance(error, type) and issubclass(error, requests.RequestException)
    ],
)
def test_every_exception_of_requests_has_a_meaning(kind: type[requests.RequestException]) -> None:
    """Whatever requests raises becomes "not sent" or "outcome unknown", never anything else."""
    raised = kind("x", "y", 0) if issubclass(kind, requests.exceptions.JSONDecodeError) else kind(f"at {SECRET}")
    meaning = translate(raised, Redactor([SECRET]))
    assert isinstance(meaning, NotSent | OutcomeUnknown)
    assert SECRET not in str(meaning)


def test_an_answer_is_an_answer_whatever_its_status(echo: Echo) -> None:
    """Refusals and breakdowns of the server come back as answers; what they mean is the network's business."""
    with Session() as session:
        for status in (400, 403, 429, 500, 503):
            echo.fault("status", status=status, body={"because": "told to"}, headers={"x-rate-limit-reset": "5"})
            answer = session.call("POST", f"{echo.base}/here")
            assert (answer.status, answer.ok, answer.object()) == (status, False, {"because": "told to"})
            assert answer.headers["X-Rate-Limit-Reset"] == "5"


def test_a_body_that_is_no_json_object_reads_as_an_empty_one() -> None:
    """Rubbish, lists and bad text never raise."""
    for body in (b"", b"<html>", b"[1]", b"\xff\xfe", b'"x"', b"null", b"[" * 100_000):
        assert Answer(200, {}, body).object() == {}


def test_a_redirect_is_not_followed(echo: Echo) -> None:
    """A redirect comes back as it is: a followed POST could arrive twice, or as a GET."""
    with Session() as session:
        assert session.call("POST", f"{echo.base}/moved").status == 302
    assert [request.path for request in echo.requests()] == ["/moved"]


def test_nothing_is_tried_again(echo: Echo) -> None:
    """One call, one request, even where the server asks for another."""
    echo.fault("status", status=503, headers={"Retry-After": "0"})
    with Session() as session:
        assert session.call("POST", f"{echo.base}/here").status == 503
    assert len(echo.record) == 1


def test_credentials_of_netrc_stay_at_home(echo: Echo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .netrc on the machine adds nothing to our requests, though plain requests would use it."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert "authorization" in requests.post(f"{echo.base}/here", timeout=5).json()["headers"]
    with Session() as session:
        assert "authorization" not in session.call("POST", f"{echo.base}/here").object()["headers"]


def test_requests_go_to_the_test_address(echo: Echo) -> None:
    """The start of an address can be replaced; path and query stay."""
    with Session(addresses={"https://api.example.org": echo.base}) as session:
        answer = session.call("GET", "https://api.example.org/here", params={"a": "b c"})
    assert answer.object()["query"] == {"a": "b c"}


def test_the_last_answer_never_belongs_to_an_earlier_request(echo: Echo) -> None:
    """A request that could not even be made leaves no answer behind to be taken for its own."""
    with Session() as session:
        session.call("GET", f"{echo.base}/here")
        with pytest.raises(NotSent):
            session.call("GET", "http://")
        assert session.last is None


def test_a_failure_before_the_connection_has_sent_nothing(echo: Echo) -> None:
    """What breaks while a request is being put together says so, without its secret."""

    def sign(_request: requests.PreparedRequest) -> requests.PreparedRequest:
        raise ValueError(f"cannot sign with {SECRET}")

    with Session(redact=Redactor([SECRET])) as session, pytest.raises(NotSent) as caught:
        session.call("POST", f"{echo.base}/here", auth=sign)
    assert SECRET not in str(caught.value)
    assert echo.record == []


def test_a_library_that_trips_over_an_answer_does_not_hide_it(echo: Echo) -> None:
    """The answer counts, not what a client library makes of it."""

    def library() -> None:
        session.request("POST", f"{echo.base}/here")
        raise AttributeError("'list' object has no attribute 'get'")

    with Session() as session:
        assert session.ask(library).status == 200


def test_each_request_has_a_connection_of_its_own(echo: Echo) -> None:
    """A connection that died between two posts, with or without a word, must not cost the second one its answer."""
    echo.announces = False
    with Session() as session:
        for _ in range(50):
            assert session.call("GET", f"{echo.base}/here").ok


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        "sEcr3t%2Fwith%2Bodd%3Dcharacters%26more",
        "sEcr3t/with%2Bodd%3Dcharacters%26more",
    ],
)
def test_a_secret_in_an_address_stays_out_of_the_text(form: str) -> None:
    """The text of a failure holds no secret, plain or as an address writes it, nor does its traceback."""
    with refused() as base:
        error = failure(f"{base}/bot/{form}?access_token={form}")
    text = "".join(traceback.format_exception(error)) + repr(error)
    assert SECRET not in text
    assert form not in text


def test_libraries_keep_secrets_out_of_the_debug_log(echo: Echo, caplog: pytest.LogCaptureFixture) -> None:
    """Even at DEBUG no address with a token in it is written to the log."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3.connectionpool")
    with Session(redact=Redactor([SECRET])) as session:
        session.call("GET", f"{echo.base}/here", params={"access_token": SECRET})
    assert "sEcr3t" not in caplog.text


def test_known_secrets_are_replaced_in_every_form() -> None:
    """Plain, percent-encoded, form-encoded and as a Python literal."""
    secret = "pass word/é'\\x"
    redact = Redactor([secret, "", "short"])
    for form in (secret, "pass%20word%2F%C3%A9%27%5Cx", "pass+word%2F%C3%A9%27%5Cx", repr(secret)):
        assert "word" not in redact(f"before {form} after"), form
    assert redact("a short word stays") == "a short word stays"


@pytest.mark.parametrize(
    "text",
    [
        "https://graph.facebook.com/me?access_token=EAAB123&x=1",
        "https://graph.facebook.com/debug_token?input_token=EAAB123",
        "Authorization: Bearer EAAB123",
        'OAuth oauth_token="EAAB123", oauth_signature="EAAB123"',
        "https://api.telegram.org/bot123:EAAB123/getMe",
        "postgresql://user:EAAB123@127.0.0.1/db",
        '{"accessJwt": "EAAB123.eyJhbGciOi.x-y_z"}',
        "{'password': 'EAAB123'}",
    ],
)
def test_secrets_are_known_by_their_shape(text: str) -> None:
    """A secret that no setting names is still kept out."""
    redacted = Redactor()(text)
    assert "EAAB123" not in redacted
    assert MASK in redacted


def test_which_variables_hold_secrets() -> None:
    """Credentials and alarm addresses are secret; names, ids and addresses of servers are not."""
    secret = [
        "X_API_KEY",
        "X_API_SECRET",
        "X_ACCESS_TOKEN",
        "FB_PAGE_ACCESS_TOKEN",
        "BSKY_APP_PASSWORD",
        "SOCRBOT_ALARM_URLS",
        "SOCRBOT_HEARTBEAT_URL",
        "SOCRBOT_DATABASE_URL",
    ]
    public = ["FB_PAGE_ID", "BSKY_HANDLE", "BSKY_SERVICE", "X_API_BASE", "FB_GRAPH_VERSION", "SOCRBOT_DATA_DIR"]
    public += ["MASTODON_BASE_URL", "MASTODON_WALES_BASE_URL"]
    assert [is_secret(name) for name in secret] == [True] * len(secret)
    assert [is_secret(name) for name in public] == [False] * len(public)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1767225600", datetime(2026, 1, 1, tzinfo=UTC)),
        ("1767225600.0", datetime(2026, 1, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
        ("soon", None),
        ("nan", None),
        ("1e400", None),
        ("9" * 30, None),
    ],
)
def test_an_instant_in_a_header(text: str | None, instant: datetime | None) -> None:
    """Seconds since 1970 become an instant; anything else is none."""
    assert epoch(text) == instant

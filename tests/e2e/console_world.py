# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon and a console for one test, and a client of its API.

    with ConsoleWorld() as world:
        api = world.client("Machine.Read.All")
        assert api.get("/api/machines").status == 200

The console runs as the test's own user, with plain HTTP on a free port of
loopback; to the daemon it is an operator who asks on behalf of others.
"""

import contextlib
import http.client
import json
import socket
import sys
import threading
import urllib.parse

import console_described
from console_harness import Console
from quietscan_harness import DEADLINE_S, Service, wait_for

ALL_ROLES = ("Machine.Scan", "Machine.Read.All", "Machine.ReadWrite.All", "Machine.Isolate",
    "Machine.RestrictExecution", "Machine.CollectForensics", "Machine.StopAndQuarantine",
    "Machine.LiveResponse", "Machine.Offboard", "Alert.Read.All", "Alert.ReadWrite.All")


class Answer:
    """Status, headers (lower-case names) and body of an answer."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """(status, code) of an error of Defender's shape."""
        error = self.json["error"]
        assert set(error) == {"code", "message", "target"}
        assert error["target"] == self.headers["x-request-id"]
        return self.status, error["code"]


class Client:
    """A client of the API; one connection, used again."""

    def __init__(self, port, token=None):
        self.port = port
        self.token = token
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)

    def ask(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        self.connection.request(method, path, body, headers)
        answer = Answer(self.connection.getresponse())
        console_described.check(method, path, answer.status)
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, {} if body is None else body, **headers)

    def patch(self, path, body, **headers):
        return self.ask("PATCH", path, body, **headers)


class Events:
    """A stream of server-sent events, read by a thread."""

    def __init__(self, client, **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", client.port,
            timeout=DEADLINE_S)
        self.connection.request("GET", "/api/events",
            headers={"Authorization": f"Bearer {client.token}",
                **{name.replace("_", "-"): value for name, value in headers.items()}})
        self.socket = self.connection.sock  # the response takes it from the connection
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.events = []  # (name, id or None, data)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        fields = {}
        try:
            for line in self.response:
                line = line.decode().rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                    continue
                if "event" in fields:
                    self.events.append((fields["event"], fields.get("id"),
                        json.loads(fields["data"])))
                fields = {}
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            pass  # the stream was ended, by one of the two

    def sequences(self):
        return [int(id_) for name, id_, _ in list(self.events) if name == "timeline"]

    def close(self):
        # The reader holds the response until the next heartbeat unless its wait is ended.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.response.close()
        self.connection.close()


class ConsoleWorld(Console):
    """Daemon and console, started; both end with it, and the console in peace."""

    def __init__(self, rate_limit="0,0", settings=None, **kwargs):
        super().__init__(Service(settings=settings, **kwargs),
            ["--user", "root", "--rate-limit", rate_limit])
        self.n_clients = 0

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            super().__exit__(*sys.exc_info())
            raise

    def __exit__(self, *args):
        try:
            if self.process and self.process.poll() is None:
                self.stop()
        finally:
            super().__exit__(*args)

    def start(self):
        """Start the console, at its old port if it had one."""
        super().start()
        wait_for("the console has its daemon", lambda: Client(self.port).get("/healthz").status == 200)
        return self

    def stop(self):
        status = self.stop_console()
        assert status == 0, f"console ended with {status}: {self.stderr()}"

    def add(self, name, *roles):
        """Add a client: (id, secret)."""
        return self.add_client(name, roles)

    def token(self, client_id, secret):
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": client_id,
            "client_secret": secret, "scope": "https://api.securitycenter.microsoft.com/.default"})
        answer = Client(self.port).ask("POST", "/quietscan/oauth2/v2.0/token", form,
            Content_Type="application/x-www-form-urlencoded")
        assert answer.status == 200, answer.body
        return answer.json["access_token"]

    def client(self, *roles, name=None):
        """A client with these roles, with its token."""
        self.n_clients += 1
        return Client(self.port, self.token(*self.add(name or f"test {self.n_clients}", *roles)))

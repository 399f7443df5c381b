# SPDX-License-Identifier: GPL-2.0-or-later
"""The API when something is too large, too fast, or fails half way."""

import os
import pathlib
import shutil
import signal
import socket
import threading
import time
import urllib.parse

from console_world import ALL_ROLES, Client, ConsoleWorld, Events
from quietscan_harness import ACTION, DEADLINE_S, descendants, eicar, make_tree, wait_for


# ---- a list that is too long ----------------------------------------------


def test_evidence_is_cut_at_12_mib():
    """34 alerts with 400 KB of evidence each: two pages, nothing twice, nothing missing."""
    with ConsoleWorld(settings={"ScanAvgCPULoadFactor": 0}) as world:
        api = world.client(*ALL_ROLES)
        folder = world.service.base / "tree"
        while len(str(folder)) < 3800:
            folder /= "x" * 200
        folder.mkdir(parents=True)
        for i in range(100):
            (folder / f"{i}.com").write_bytes(eicar())
        for _ in range(34):
            world.service.run_scan("custom", paths=[str(world.service.base / "tree")],
                ignoreExclusions=True)
        answer = api.get("/api/alerts?$expand=evidence&$count=true")
        assert 12 << 20 <= len(answer.body) < 13 << 20
        assert answer.json["@odata.count"] == 34
        seen, link = answer.json["value"], answer.json["@odata.nextLink"]
        assert f"$skip={len(seen)}" in link
        rest = api.get(link[link.index("/api"):]).json
        assert "@odata.nextLink" not in rest
        ids = [alert["id"] for alert in seen + rest["value"]]
        assert len(ids) == len(set(ids)) == 34
        assert {len(alert["evidence"]) for alert in seen + rest["value"]} == {100}


# ---- wrong secrets --------------------------------------------------------


def token_request(port, client_id, secret):
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": client_id,
        "client_secret": secret, "scope": "x"})
    return (f"POST /x/oauth2/v2.0/token HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Length: {len(form)}\r\nConnection: close\r\n\r\n{form}").encode()


def test_wrong_secrets_count_when_nobody_waits():
    with ConsoleWorld() as world:
        client_id, secret = world.add("x", "Machine.Read.All")
        for n in range(20):
            with socket.create_connection(("127.0.0.1", world.port)) as sock:
                sock.sendall(token_request(world.port, client_id, "wrong"))
                sock.shutdown(socket.SHUT_WR)
            wait_for("it is logged",
                lambda n=n: world.stderr().count("wrong secret for client") == n + 1)
        form = token_request(world.port, client_id, secret).decode().split("\r\n\r\n")[1]
        assert Client(world.port).ask("POST", "/x/oauth2/v2.0/token", form).status == 429


def test_few_secrets_of_one_address_are_checked_at_once():
    with ConsoleWorld() as world:
        client_id, _ = world.add("x", "Machine.Read.All")
        socks = [socket.create_connection(("127.0.0.1", world.port), DEADLINE_S) for _ in range(12)]
        for sock in socks:
            sock.sendall(token_request(world.port, client_id, "wrong"))
        answers = [sock.recv(65536) for sock in socks]
        for sock in socks:
            sock.close()
        statuses = [answer.split(b" ")[1] for answer in answers]
        assert statuses.count(b"401") >= 4 and set(statuses) == {b"401", b"429"}
        assert all(b"\r\nRetry-After: 5\r\n" in a for a in answers if a.split(b" ")[1] == b"429")
        wait_for("none is left over", lambda: Client(world.port).ask("POST", "/x/oauth2/v2.0/token",
            token_request(world.port, client_id, "wrong").decode().split("\r\n\r\n")[1]).status == 401)


# ---- a daemon that fails half way -----------------------------------------


class Meddler:
    """Between console and daemon: counts calls of a method, breaks connections of the first."""

    def __init__(self, path, behind, method, n_broken):
        self.behind, self.mark = behind, f'"method":"{method}"'.encode()
        self.n_broken, self.n_calls = n_broken, 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(16)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                front, _ = self.listener.accept()
            except OSError:
                return
            back = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            back.connect(self.behind)
            for source, sink in ((front, back), (back, front)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    def carry(self, source, sink):
        try:
            while data := source.recv(1 << 20):
                n_calls = data.replace(b" ", b"").count(self.mark)
                self.n_calls += n_calls
                if n_calls > 0 and self.n_calls <= self.n_broken:
                    break
                sink.sendall(data)
        except OSError:
            pass
        for sock in (source, sink):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class MeddledWorld(ConsoleWorld):
    """A console that reaches its daemon through a Meddler."""

    def __init__(self, method, n_broken, **kwargs):
        super().__init__(**kwargs)
        self.meddler, self.method, self.n_broken = None, method, n_broken

    def command(self):
        words = super().command()
        path = str(pathlib.Path(self.service.socket_path).with_name("meddler"))
        if not self.meddler:
            self.meddler = Meddler(path, self.service.socket_path, self.method, self.n_broken)
        words[words.index("--socket") + 1] = path
        return words

    def __exit__(self, *args):
        self.meddler.close()
        return super().__exit__(*args)


def test_an_alert_that_was_changed_is_no_failure():
    with MeddledWorld("detection.list", 2) as world:
        api = world.client(*ALL_ROLES)
        make_tree(world.service.base / "tree", n_files=1, n_infected=1)
        world.service.run_scan("custom", paths=[str(world.service.base / "tree")],
            ignoreExclusions=True)
        id_ = api.get("/api/alerts").json["value"][0]["id"]
        answer = api.patch(f"/api/alerts/{id_}", {"status": "Resolved"})
        assert answer.status == 200, answer.body
        assert (answer.json["status"], answer.json["evidence"]) == ("Resolved", [])
        assert api.get(f"/api/alerts/{id_}").status >= 500  # a question is one


# ---- many events ----------------------------------------------------------


def test_a_stream_pulls_twice_a_second():
    """A thousand events within seconds cost a call each 500 ms, not one an event; none is missing."""
    with MeddledWorld("timeline.list", 0, settings={"ScanAvgCPULoadFactor": 50}) as world:
        api = world.client(*ALL_ROLES)
        make_tree(world.service.base / "tree", n_files=1, n_infected=1000)
        stream = Events(api)
        wait_for("hello", lambda: stream.events)
        first, before, start = int(stream.events[0][1]), world.meddler.n_calls, time.monotonic()
        world.service.run_scan("custom", paths=[str(world.service.base / "tree")],
            ignoreExclusions=True)
        newest = world.service.call("timeline.list", limit=1)["value"][0]["sequence"]
        wait_for("all events", lambda: stream.sequences()[-1:] == [newest])
        assert stream.sequences() == list(range(first + 1, newest + 1)) and newest > 1000
        n_calls, took = world.meddler.n_calls - before, time.monotonic() - start
        print(f"{n_calls} calls in {took:.1f} s")
        assert n_calls <= 2 * took + newest / 200 + 3
        stream.close()


# ---- streams --------------------------------------------------------------


def test_a_failed_look_for_a_scan_is_repeated():
    with MeddledWorld("scan.list", 1) as world:
        api = world.client(*ALL_ROLES)
        action = world.service.start_scan("full")["action"]
        time.sleep(1)  # its events are over
        stream = Events(api)
        wait_for("progress", lambda: [e for e in stream.events if e[0] == "progress"])
        assert world.meddler.n_calls >= 2
        stream.close()
        world.service.call("action.cancel", id=action["id"], comment="x")


def test_hello_of_another_store_names_the_machine():
    with ConsoleWorld() as world:
        api = world.client(*ALL_ROLES)
        for _ in range(3):
            world.service.run_scan("custom", paths=["/etc/hostname"])
        stream = Events(api)
        wait_for("hello", lambda: stream.events)
        world.service.kill()
        shutil.rmtree(world.service.state_dir)
        world.service.state_dir.mkdir()
        world.service.start()
        hello = lambda: [data for name, _, data in stream.events if name == "hello"]
        wait_for("another hello", lambda: len(hello()) == 2)
        # its id is kept in the state directory, too
        assert hello()[1]["machineId"] == api.get("/api/machines").json["value"][0]["id"]
        assert hello()[1]["machineId"] != hello()[0]["machineId"]
        stream.close()


def test_head_opens_no_stream():
    with ConsoleWorld() as world:
        api = world.client("Machine.Read.All")
        for _ in range(40):
            answer = api.ask("HEAD", "/api/events")
            assert answer.status == 200 and "transfer-encoding" not in answer.headers
            assert answer.headers["content-type"].startswith("text/event-stream")


# ---- a quarantine that does not move ----------------------------------------


def test_nobody_waits_for_a_file_system():
    """What cannot be done now is accepted at once; too much of it is refused, and all of it ends."""
    with ConsoleWorld(settings=ACTION) as world:
        api = world.client(*ALL_ROLES)
        make_tree(world.service.base / "tree", n_files=1, n_infected=1)
        world.service.run_scan("custom", paths=[str(world.service.base / "tree")])
        item, = api.get("/api/quarantine").json["value"]
        path = f"/api/quarantine/{item['id']}"
        mover, = descendants(world.service.pid, "quietscan-remediate")
        os.kill(mover, signal.SIGSTOP)
        n = 0
        while (answer := api.post(f"{path}/delete", {"Comment": "x"})).status == 202:
            n += 1
            assert n <= 501 and answer.json["outcome"] == "Accepted"
        assert n >= 500 and answer.error == (400, "BadRequest")
        assert api.get(path).json["id"] == item["id"]
        os.kill(mover, signal.SIGCONT)
        wait_for("it is gone", lambda: api.get(path).status == 404)
        assert api.post(f"{path}/delete", {"Comment": "x"}).error == (404, "ResourceNotFound")

        def ends():
            return [len(world.service.list("timeline.list", actionType=type_))
                    for type_ in ("QuarantineItemDeleted", "QuarantineItemDeleteFailed")]
        wait_for("all ended", lambda: ends() == [1, n - 1])

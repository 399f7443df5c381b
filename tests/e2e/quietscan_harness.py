# SPDX-License-Identifier: GPL-2.0-or-later
"""A private quietscan daemon for one test.

Everything lies in one temporary directory with a short name (a socket path has
room for 107 bytes), so that any number of tests run side by side. A daemon is
ready when its socket accepts a connection; nothing here sleeps for a guess.
Only processes that were started here are ended, each by its pid.

    with Service() as service:
        service.start()
        scan = service.run_scan("custom", paths=[folder])
        assert scan["results"]["infected"] == 1

Programs come from QUIETSCAN_BUILD_DIR/bin (set by ctest); with
QUIETSCAN_PREFIX they come from an installation.
"""

import base64
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DEADLINE_S = 60.0  # generous: the machine may be busy; a passing test never waits for it
TESTFILES = pathlib.Path("/usr/share/clamav-testfiles")
TESTFILE_SIGNATURE = "aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File"
CORPUS_SIGNATURES = ROOT / "corpus/signatures"
EICAR_SIGNATURE = "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature"


def eicar():
    """The EICAR test string, assembled so that this file is not a detection."""
    return ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*").encode()


def program(name):
    """Absolute path of one of our programs."""
    prefix = os.environ.get("QUIETSCAN_PREFIX")
    if prefix:
        folders = [f"{prefix}/sbin", f"{prefix}/bin", f"{prefix}/libexec/quietscan"]
    else:
        folders = [os.environ.get("QUIETSCAN_BUILD_DIR", str(ROOT / "build")) + "/bin"]
    for folder in folders:
        path = pathlib.Path(folder) / name
        if path.exists():
            return str(path)
    raise FileNotFoundError(f"{name} not found in {folders}; set QUIETSCAN_BUILD_DIR")


def build_dir():
    """The build whose programs are tested."""
    return pathlib.Path(os.environ.get("QUIETSCAN_BUILD_DIR", str(ROOT / "build")))


def corpus_samples():
    """The decoded corpus, in the build tree."""
    return build_dir() / "corpus/samples"


def corpus_manifest():
    """{relative raw path: (result, threat or "")} as corpus/MANIFEST has it."""
    expected = {}
    for line in (ROOT / "corpus/MANIFEST").read_text().splitlines():
        if not line.startswith("#"):
            path, _, result, threat, _ = line.split("\t")
            raw = path.encode().decode("unicode_escape").encode("latin-1")
            expected[raw] = (result, "" if threat == "-" else threat)
    return expected


def libexec_dir():
    """The folder of the private executables."""
    return str(pathlib.Path(program("quietscan-scanner")).parent)


def wait_for(what, condition, deadline_s=DEADLINE_S, interval_s=0.05):
    """Poll until condition() is true and return its value; fail with `what` at the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(interval_s)


class RpcError(Exception):
    """An error answer of the daemon."""

    def __init__(self, error):
        super().__init__(json.dumps(error))
        self.number = error["code"]
        self.message = error["message"]
        self.code = error.get("data", {}).get("code")
        self.target = error.get("data", {}).get("target")


class Connection:
    """One connection to the local socket."""

    def __init__(self, path, timeout_s=DEADLINE_S):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(path)  # blocking: with a timeout a full backlog is an error at once
        self.sock.settimeout(timeout_s)
        self.buffer = b""
        self.serial = 0

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def close(self):
        self.sock.close()

    def send_raw(self, data):
        self.sock.sendall(data)

    def read_line(self):
        """One message without its newline, or None at the end of the stream."""
        while b"\n" not in self.buffer:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def read_message(self):
        line = self.read_line()
        return None if line is None else json.loads(line)

    def send(self, method, params=None):
        self.serial += 1
        message = {"jsonrpc": "2.0", "id": self.serial, "method": method}
        if params is not None:
            message["params"] = params
        self.send_raw(json.dumps(message).encode() + b"\n")
        return self.serial

    def call(self, method, **params):
        """Ask and wait for the answer; notifications in between are dropped."""
        serial = self.send(method, params)
        while True:
            message = self.read_message()
            if message is None:
                raise ConnectionError(f"connection ended before the answer to {method}")
            if message.get("id") == serial:
                break
        if "error" in message:
            raise RpcError(message["error"])
        return message["result"]

    def notifications(self, until):
        """Yield (method, params) up to and including the notification named `until`."""
        while True:
            message = self.read_message()
            if message is None:
                raise ConnectionError(f"connection ended before {until}")
            if "method" in message:
                yield message["method"], message["params"]
                if message["method"] == until:
                    return


SEVERITIES = ("Low", "Moderate", "High", "Severe", "Unknown")
NO_ACTION = {f"{severity}ThreatDefaultAction": "NoAction" for severity in SEVERITIES}
ACTION = {f"{severity}ThreatDefaultAction": "Quarantine" for severity in SEVERITIES}


class Service:
    """A daemon, its directories and its signatures."""

    def __init__(self, settings=None, signatures=(TESTFILE_SIGNATURE, EICAR_SIGNATURE)):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="qs-", dir="/tmp"))
        self.base.chmod(0o755)  # the engine's own uid reads its signature copy below it
        self.state_dir = self.base / "state"
        self.run_dir = self.base / "run"
        self.log_dir = self.base / "log"
        self.signature_dir = self.base / "signatures"
        self.config = self.base / "settings.json"
        for folder in (self.state_dir, self.run_dir, self.log_dir, self.signature_dir):
            folder.mkdir(mode=0o755)
        # Tests run on busy machines and have deadlines; who tests back-off turns it on.
        # Another test may run an antivirus; who tests the mode says "auto".
        # What is found stays where it is; who tests remediation says ACTION.
        # The users of the package need not be on the machine that tests.
        self.settings = {"ScannerUser": "nobody", "EngineUser": "nobody", "SignaturePath": str(self.signature_dir), "BackOffUnderPressure": False,
                         "PassiveMode": "off", **NO_ACTION}
        self.settings.update(settings or {})
        self.write_settings()
        self.write_signatures(signatures)
        self.process = None
        self.stderr_path = self.base / "stderr"
        self.arguments = []
        self.wrapper = []  # a command the daemon is started with, e.g. setpriv …

    # ---- setting up -------------------------------------------------------

    def write_settings(self, **changes):
        self.settings.update(changes)
        self.config.write_text(json.dumps(self.settings, indent=2) + "\n")

    def write_signatures(self, lines, name="test.hdb"):
        """Replace one database file, as freshclam does: written aside, then renamed."""
        path = self.signature_dir / name
        aside = self.signature_dir / (name + ".new~")
        aside.write_text("".join(line + "\n" for line in lines))
        aside.rename(path)

    def command(self):
        return [*self.wrapper, program("quietscand"), "--config", str(self.config),
                "--state-dir", str(self.state_dir), "--run-dir", str(self.run_dir),
                "--log-dir", str(self.log_dir), "--libexec-dir", libexec_dir(),
                "--log-level", os.environ.get("QUIETSCAN_TEST_LOG", "info"), *self.arguments]

    # ---- life -------------------------------------------------------------

    @property
    def socket_path(self):
        return str(self.run_dir / "quietscan.sock")

    @property
    def pid(self):
        return self.process.pid

    def spawn(self, **kwargs):
        """Start the daemon's process without waiting until it is ready."""
        with open(self.stderr_path, "ab") as err:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                            stdout=err, stderr=err, **kwargs)
        return self.process

    def start(self, **kwargs):
        self.spawn(**kwargs)
        self.wait_ready()
        return self

    def is_accepting(self):
        try:
            Connection(self.socket_path).close()
            return True
        except OSError:
            return False

    def wait_ready(self, deadline_s=DEADLINE_S):
        def ready():
            status = self.process.poll()
            if status is not None:
                raise AssertionError(f"quietscand ended with {status}:\n{self.stderr()}")
            return self.is_accepting()
        wait_for("quietscand accepts connections", ready, deadline_s)

    def stop(self, deadline_s=DEADLINE_S):
        """Graceful stop; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(deadline_s)

    def wait(self, deadline_s=DEADLINE_S):
        status = self.process.wait(deadline_s)
        self.process = None
        return status

    def kill(self):
        """kill -9 of the daemon alone; its children have to notice by themselves."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def stderr(self):
        return self.stderr_path.read_text(errors="replace") if self.stderr_path.exists() else ""

    def __enter__(self):
        return self

    def __exit__(self, kind, *args):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if kind is not None:
            print(f"--- stderr of quietscand in {self.base}\n{self.stderr()[-20000:]}")
        if not os.environ.get("QUIETSCAN_TEST_KEEP"):
            shutil.rmtree(self.base, ignore_errors=True)

    # ---- asking -----------------------------------------------------------

    def connect(self):
        return Connection(self.socket_path)

    def call(self, method, **params):
        with self.connect() as connection:
            return connection.call(method, **params)

    def start_scan(self, type_, comment="test", **params):
        """scan.start; paths may be str, bytes or Path. Returns {"action", "scan"}."""
        if "paths" in params:
            raw = [os.fsencode(path) for path in params.pop("paths")]
            params["pathsBytes"] = [base64.b64encode(path).decode() for path in raw]
        return self.call("scan.start", type=type_, comment=comment, **params)

    def wait_scan(self, scan_id, deadline_s=DEADLINE_S):
        """Poll until the scan has ended (survives restarts of the daemon); returns it."""
        def ended():
            try:
                scan = self.call("scan.show", id=scan_id)
            except (OSError, ValueError):
                return None
            return scan if scan["status"] in ("Succeeded", "Failed", "TimeOut", "Cancelled") else None
        return wait_for(f"scan {scan_id} ends", ended, deadline_s)

    def wait_status(self, scan_id, status, deadline_s=DEADLINE_S):
        return wait_for(f"scan {scan_id} is {status}",
                        lambda: (scan := self.call("scan.show", id=scan_id))["status"] == status
                        and scan, deadline_s)

    def run_scan(self, type_, comment="test", deadline_s=DEADLINE_S, **params):
        """Start a scan and wait for its end."""
        return self.wait_scan(self.start_scan(type_, comment, **params)["scan"]["id"], deadline_s)

    def list(self, method, **params):
        """All rows of a list method, page by page."""
        rows = []
        params.setdefault("limit", 1000)
        offset = 0
        while offset is not None:
            if method != "timeline.list":
                params["offset"] = offset
            answer = self.call(method, **params)
            rows += answer["value"]
            offset = answer.get("nextOffset")
            if method == "timeline.list":
                break
        return rows

    def timeline(self, **params):
        """Every event, oldest first."""
        rows = []
        after = 0
        while True:
            page = self.call("timeline.list", afterSequence=after, order="asc", limit=1000,
                             **params)["value"]
            if not page:
                return rows
            rows += page
            after = page[-1]["sequence"]

    def report(self, scan_id):
        """Each line of the per-file report as a dict, with "raw": the path's bytes."""
        offset = 0
        while offset is not None:
            page = self.call("scan.report", id=scan_id, offset=offset)
            for line in page["lines"]:
                row = json.loads(line)
                row["raw"] = (base64.b64decode(row["pathBytes"]) if "pathBytes" in row
                              else row["path"].encode())
                yield row
            offset = page["nextOffset"]

    def verdicts(self, scan_id):
        """{raw path: (result, threat or "")} of a scan that reported every file."""
        threats = {}
        for detection in self.list("detection.list", scanId=scan_id):
            raw = (base64.b64decode(detection["pathBytes"]) if detection.get("pathBytes")
                   else detection["path"].encode())
            threats[raw] = detection["threatName"]
        return {row["raw"]: (row["result"], threats.get(row["raw"], ""))
                for row in self.report(scan_id)}

    # ---- processes --------------------------------------------------------

    def children(self, name=None):
        """Pids of the daemon's descendants; name as in /proc/PID/comm (15 characters)."""
        if self.process is None:
            return []
        return descendants(self.pid, name)


def descendants(pid, name=None):
    """Live descendants of a process by one reading of /proc."""
    parents = {}
    names = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = pathlib.Path(f"/proc/{entry}/stat").read_text()
        except OSError:
            continue
        head, tail = stat.rsplit(")", 1)
        fields = tail.split()
        if fields[0] in "ZX":
            continue
        parents[int(entry)] = int(fields[1])
        names[int(entry)] = head.split("(", 1)[1]
    found = []
    for child in parents:
        ancestor = parents[child]
        while ancestor and ancestor != pid:
            ancestor = parents.get(ancestor, 0)
        if ancestor == pid and (name is None or names[child] == name[:15]):
            found.append(child)
    return found


def make_tree(folder, n_files=20, n_infected=2, size=1000):
    """Small files of pseudo-random text, and some that hold EICAR. Returns the infected paths."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(n_files):
        sub = folder / f"d{i % 7}"
        sub.mkdir(exist_ok=True)
        (sub / f"f{i}.txt").write_bytes((f"file {i} ".encode() * (size // 8 + 1))[:size])
    infected = []
    for i in range(n_infected):
        path = folder / f"infected{i}.com"
        path.write_bytes(eicar())
        infected.append(str(path))
    return infected

# SPDX-License-Identifier: GPL-2.0-or-later
"""The console's page in a real browser, before a real console and a real daemon.

What is asserted is what an operator sees; the daemon is asked over its own
socket for what is true. Screenshots are left in BUILD/console-page.
"""

import base64
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import time

import pytest

import console_harness
from console_harness import ROLES, Browser, Console, TlsConsole
from pki import key_hash
from quietscan_harness import ACTION, Service, eicar, make_tree, wait_for

REASON = console_harness.browser_reason()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

N_EVENTS = 50000

# What this page must never run. The name is a valid one: no slash, at most 255 bytes.
MARKUP = b'<img src=x onerror="document.title=&quot;owned&quot;">'
HOSTILE = [MARKUP, b"<script>alert(1)<\\script>", b"line\nbreak\rand\ttab", "\u202egpj.exe".encode(),
           b"\xff\xfe\x80 not UTF-8", "zero\u200bwidth\u2066".encode(), b"\x1b[31mred", b"'\"&amp;${7*7}",
           "עברית 日本語".encode(), b" leading and trailing "]


def quick_settings(service):
    """Exclusions that leave a quick scan little more than what lies below the service's directory."""
    others = [name for name in os.listdir("/tmp") if name != service.base.name
              and re.fullmatch(r"[\w.+@-]+", name, re.ASCII)]
    return [f"/{top}/*" for top in ("usr", "opt", "root", "home", "etc", "var", "dev", "srv", "lib",
                                    "run", "snap", "work", "bin", "sbin")] + [f"/tmp/{n}" for n in others]


@contextlib.contextmanager
def running(settings=None, **browser):
    """A console, started, and a browser before it."""
    with Console(Service(settings=settings)) as console:
        console.start()
        with Browser(console, **browser) as page:
            yield console, page


def figure(page, name):
    """A changing figure of the scan at work."""
    return page.script("""
        for (const dt of document.querySelectorAll('.figures dt'))
            if (dt.textContent === arguments[0] && dt.checkVisibility())
                return dt.nextElementSibling.textContent;
        return '';""", name)


def fact(page, name, scope="dialog[open]"):
    """The value beside a name."""
    return page.script("""
        for (const dt of document.querySelectorAll(arguments[1] + ' .facts dt'))
            if (dt.textContent === arguments[0]) return dt.nextElementSibling.textContent;
        return '';""", name, scope)


def severe(page):
    """Messages of the page that are errors, but for requests that failed while nobody was there."""
    return [m for m in page.messages if m["level"] == "SEVERE"
            and not re.search(r"favicon|Failed to load resource|ERR_CONNECTION|ERR_INCOMPLETE", m["message"])]


def open_run_dialog(page):
    page.click("button", "Run antivirus scan")
    return page.one("dialog[open] button[type=submit]")


def slow_scan(console, seconds_at_least=30):
    """A custom scan that is still at work when the test looks at it.

    Its files are holes: read and scanned like others, but nobody has to write them.
    """
    tree = console.service.base / "slow"
    tree.mkdir()
    for i in range(40 * seconds_at_least):
        with open(tree / f"f{i}.txt", "wb") as file:
            file.truncate(1000000)
    return console.service.start_scan("custom", comment="slow one", paths=[tree], loadFactor=5)


def refuse_many(service, n):
    """n events in the log: requests that are refused for want of signatures."""
    request = {"jsonrpc": "2.0", "method": "scan.start", "params": {"type": "quick", "comment": "c"}}
    with service.connect() as connection:
        for start in range(0, n, 100):
            batch = [json.dumps({**request, "id": i}).encode() + b"\n" for i in range(min(100, n - start))]
            connection.send_raw(b"".join(batch))
            for _ in batch:
                connection.read_message()


def newest(service):
    return service.call("timeline.list", limit=1)["value"][0]["sequence"]


def drawn_sequences(page):
    """Sequences of the rows that are drawn, from the top; None = still being fetched."""
    return page.script("""
        return [...document.querySelectorAll('.vspace .vrow')]
            .sort((a, b) => a.dataset.row - b.dataset.row)
            .map((row) => row.dataset.sequence ? Number(row.dataset.sequence) : null);""")


def wait_drawn(page, sequence):
    """Wait until the row of an event is drawn and no row about it is missing; returns all that are drawn."""
    def ready():
        rows = drawn_sequences(page)
        return rows if sequence in rows and None not in rows else None
    return page.wait(f"event {sequence} is drawn", ready)


def scroll_through(page):
    """Every sequence the list shows, from the top to the end."""
    seen = set()
    page.script("document.querySelector('.vgrid').scrollTop = 0")
    while True:
        rows = page.wait("rows are there", lambda: (r := drawn_sequences(page)) and None not in r and r)
        seen.update(rows)
        if page.script("""
                const list = document.querySelector('.vgrid');
                const before = list.scrollTop;
                list.scrollTop += list.clientHeight;
                return list.scrollTop === before;"""):
            return seen
        page.script("return new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")


# ---- signing in --------------------------------------------------------------


def test_signing_in_and_out():
    """A wrong secret is told; the token is in no storage, cookie or address; a reload forgets it."""
    with running() as (console, page):
        client_id, secret = console.add_client()
        page.open("#/timeline")
        page.type(".login input[type=text]", client_id)
        page.type(".login input[type=password]", secret + "x")
        page.click(".login button[type=submit]")
        page.wait_text(".login [role=alert]", "wrong")
        page.screenshot("login-refused")
        page.type(".login input[type=password]", secret)
        page.click(".login button[type=submit]")
        page.wait_text("main h1", "Timeline")
        page.wait_text(".connection", "Live")
        kept = page.script("""return JSON.stringify([{...localStorage}, {...sessionStorage},
            document.cookie, location.href, history.state, window.name, document.documentElement.outerHTML])""")
        assert secret not in kept and "eyJ" not in kept
        page.click("button", "Sign out")
        page.wait_text(".login h1", "Sign in")
        page.sign_in((client_id, secret))
        page.driver.refresh()
        page.wait_text(".login h1", "Sign in")
        assert not severe(page)


def end_sessions(console, page, meanwhile=lambda: None):
    """No token is good any more; the page has seen it."""
    console.kill_console()
    for path in console.state_dir.iterdir():
        if path.name != "clients.json":
            path.unlink()
    meanwhile()
    console.start_console()
    page.wait_text("dialog.fixed h2", "Session ended")


def test_a_session_that_ended_is_taken_up_again():
    """The token key is gone: the page asks for the secret, keeps its place and misses no event."""
    with running() as (console, page):
        client = page.sign_in(hash_="#/timeline")
        page.wait_text(".count", f"{newest(console.service):,} events")
        end_sessions(console, page, lambda: console.service.call("exclusion.add", kind="extension", value="iso"))
        page.screenshot("session-ended")
        page.enter(client, "dialog[open]")
        page.wait_text(".connection", "Live")
        page.wait("the dialog closes", lambda: not page.all("dialog"))
        count = newest(console.service)
        page.wait_text(".count", f"{count:,} events")
        assert scroll_through(page) == set(range(1, count + 1))


def test_another_client_has_the_page_to_itself():
    """Who signs in where a session ended sees what they see after any sign-in, and nothing of the other's."""
    with running() as (console, page):
        service = console.service
        make_tree(service.base / "tree", n_files=3, n_infected=1)
        service.run_scan("custom", comment="a look", paths=[service.base / "tree"])
        reader = console.add_client("reader", ("Machine.Read.All",))
        page.open("#/device")
        page.script(KEEP_SIGNALS)
        page.enter(console.add_client())
        page.wait_text(".connection", "Live")
        page.wait_text("nav.places", "1 new")
        open_run_dialog(page)
        page.type("dialog[open] textarea", "not sent")
        hold_back(page, "/api/alerts?$filter", lambda: page.go("#/alerts?status=New"))
        end_sessions(console, page)
        n_asked = page.script("return window.signals.length")
        page.enter(reader, "dialog.fixed")
        page.wait_text(".connection", "Live")
        page.wait_text(".notice.bad", "Not allowed")
        arrive(page)
        wanted = "return window.signals.slice(0, arguments[0]).filter((s) => !s?.aborted).length"
        assert page.script(wanted, n_asked) == 1, "but for the one that is held back"
        page.wait("no dialog is left", lambda: not page.all("dialog"))
        assert_is_readers(page)
        rebuilt = offered(page)
        page.driver.refresh()
        page.enter(reader)
        page.wait_text(".connection", "Live")
        assert offered(page) == rebuilt
        assert_is_readers(page)
        assert not severe(page)


# What says whether a request is still wanted, of every request from now on.
KEEP_SIGNALS = """
    const plain = window.fetch;
    window.signals = [];
    window.fetch = (path, init) => {
        if (path.startsWith('/api/')) window.signals.push(init.signal);
        return plain(path, init);
    };"""


def offered(page):
    """The device page's buttons as they are for this client, and who that is."""
    page.go("#/device")
    page.wait_text(".latest", "Antivirus scan, custom")
    return page.script("""return [...document.querySelectorAll('.responses button'), document.querySelector('.account')]
        .map((e) => [e.textContent, e.disabled, e.title])""")


def assert_is_readers(page):
    """The head names the client, nothing of an alert is drawn, no scan is offered; and the page is alive."""
    assert page.text(".account") == "reader"
    assert page.one(".account").get_attribute("title") == "Machine.Read.All"
    everything = page.script("return document.body.textContent")
    assert not re.search(r"secops|malware|not sent|\d new\b", everything)
    page.go("#/device")
    run = page.one("button", "Run antivirus scan")
    assert not run.is_enabled() and "Machine.Scan" in run.get_attribute("title")
    tag = f"tag {time.monotonic_ns()}"
    page.console.service.call("machine.tag", action="Add", value=tag)
    page.wait_text(".chips", tag)


def test_signing_out_overtakes_signing_in():
    """The answer that would bring a token comes after "Sign out": nobody is signed in."""
    with running() as (console, page):
        client = page.sign_in()
        end_sessions(console, page)
        hold_back(page, "/oauth2/", lambda: page.enter(client, "dialog[open]"))
        page.click("dialog[open] button", "Sign out")
        page.wait_text(".login h1", "Sign in")
        arrive(page)
        page.wait("the dialog closes", lambda: not page.all("dialog"))
        assert page.text(".login h1") == "Sign in to quietscan"


def test_what_a_client_may_not_do_is_not_offered():
    """Without Machine.Scan no scan, without an alert role no alerts; both are said."""
    with running() as (console, page):
        page.sign_in(console.add_client("reader", ("Machine.Read.All",)))
        assert not page.one("button", "Run antivirus scan").is_enabled()
        assert "Machine.Scan" in page.one("button", "Run antivirus scan").get_attribute("title")
        page.go("#/alerts")
        page.wait_text(".notice.bad", "Not allowed")
        page.screenshot("role-missing")
        page.click("button", "Sign out")
        client_id, secret = console.add_client("analyst", ("Alert.Read.All",))
        page.type(".login input[type=text]", client_id)
        page.type(".login input[type=password]", secret)
        page.click(".login button[type=submit]")
        page.wait_text(".connection", "Not live")
        page.go("#/alerts")
        page.wait_text(".pager", "No rows")
        assert not page.all(".notice.bad")


# ---- the story ---------------------------------------------------------------


def test_scan_watch_open_alert_resolve():
    """Start a quick scan with a comment, watch it finish, open the action, see the alert, resolve it.

    At Defender's rate limits: an operator's page has to do with them.
    """
    with Console(Service(settings={"ScanAvgCPULoadFactor": 20}), arguments=()) as console:
        service = console.service
        service.write_settings(ExclusionPath=quick_settings(service))
        make_tree(service.base / "drop", n_files=900, n_infected=2, size=200000)
        console.start()
        with Browser(console) as page:
            page.sign_in()
            page.wait_text("h1", os.uname().nodename)
            page.wait_text("main", "Normal mode")
            page.screenshot("device")
            run_quick_scan(page)
            watch_until_done(page)
            action = service.call("action.list")["value"][0]
            assert (action["scope"], action["requestorComment"]) == ("Quick", "ticket 4711 <b>check</b>")
            check_action_panel(page, service, action)
            resolve_alert(page, service)
            assert not severe(page)


def run_quick_scan(page):
    confirm = open_run_dialog(page)
    assert page.script("return document.querySelector('dialog[open]').contains(document.activeElement)")
    assert not confirm.is_enabled()
    page.type("dialog[open] textarea", "   ")
    assert not confirm.is_enabled(), "blanks are no comment"
    page.screenshot("run-dialog-without-comment")
    page.paste("dialog[open] textarea", "x" * 4001)
    assert not confirm.is_enabled(), "too long"
    page.type("dialog[open] textarea", "ticket 4711 <b>check</b>")
    assert confirm.is_enabled()
    assert page.one("dialog[open] input[value=Quick]").is_selected()
    page.screenshot("run-dialog")
    page.click("dialog[open] button[type=submit]")
    page.wait_text(".notes", "Quick scan submitted")


def watch_until_done(page):
    """The figures move without reloading, and the end comes by itself."""
    mark = page.script("return window.notReloaded = Math.random()")
    page.one("section", "Scan at work")
    values = set()

    def two_values():
        values.add(figure(page, "Scanned"))
        return len(values - {"", "0"}) >= 2
    page.wait("the number of scanned files moves", two_values)
    assert figure(page, "Limit") == "20 %"
    page.screenshot("device-scanning")
    page.wait("the scan ends", lambda: "Succeeded" in page.text(".latest"))
    page.wait("the card goes", lambda: not any("Scan at work" in s.text for s in page.all("section.card")))
    assert page.script("return window.notReloaded") == mark


def check_action_panel(page, service, action):
    """The fly-out has who, when, why, and exactly the daemon's numbers."""
    scan = service.call("scan.show", id=action["scanId"])
    page.click(".latest a", "Antivirus scan, quick")
    page.wait_text("dialog[open] h2", "Antivirus scan, quick")
    page.wait("it succeeded", lambda: fact(page, "Status") == "Succeeded")
    assert fact(page, "Submitting user") == "secops"
    assert fact(page, "Comment") == "ticket 4711 <b>check</b>"
    assert fact(page, "Requested by way of") == action["requestSource"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", fact(page, "Submission time"))
    page.wait_text(".results tfoot", f"{sum(scan['results'].values()):,}")
    for name, count in scan["results"].items():
        assert page.text(f".result-{name} td.number") == f"{count:,}", name
    assert fact(page, "Limit asked") == "20 %"
    assert fact(page, "Mean load achieved") == f"{scan['load']['mean']:.2f} %"
    drawn = page.one("dialog[open] svg.load-chart")
    assert "limit 20 %" in drawn.get_attribute("aria-label")
    for line in ("achieved", "asked"):
        assert page.one(f"svg path.{line}").get_attribute("d").startswith("M")
    page.screenshot("action")
    drawn.location_once_scrolled_into_view
    page.screenshot("action-load")
    assert "infected" in page.text("dialog[open] .findings")


def resolve_alert(page, service):
    page.go("#/alerts")
    page.click("table.data a", "malware was detected")
    page.wait_text("dialog[open]", "infected0.com")
    assert fact(page, "Status") == "New"
    assert "file left in place" in page.text("dialog[open] .findings")
    save = page.one("dialog[open] button[type=submit]")
    assert not save.is_enabled()
    set_choice(page, "Status", "Resolved")
    set_choice(page, "Classification", "InformationalExpectedActivity")
    set_choice(page, "Determination", "SecurityTesting")
    page.type("dialog[open] textarea", "a drill\nof two lines")
    page.screenshot("alert")
    page.click("dialog[open] button[type=submit]")
    page.wait("it is resolved", lambda: fact(page, "Status") == "Resolved")
    page.wait_text("dialog[open] .comments", "of two lines")
    page.screenshot("alert-resolved")
    alert = service.call("alert.list")["value"][0]
    assert (alert["status"], alert["classification"], alert["determination"]) == (
        "Resolved", "InformationalExpectedActivity", "SecurityTesting")
    assert alert["comments"][-1]["comment"] == "a drill\nof two lines"
    page.click("dialog[open] button[aria-label=Close]")
    page.wait_text("table.data", "Resolved")
    page.wait("no new alerts", lambda: not page.one("nav.places").text.count("new"))


def set_choice(page, label, value):
    """Choose as a person does: the form hears it."""
    page.script("""
        const label = [...document.querySelectorAll('dialog[open] label')].find((l) => l.textContent === arguments[0]);
        const select = document.getElementById(label.htmlFor);
        select.value = arguments[1];
        if (select.value !== arguments[1]) throw new Error('not offered: ' + arguments[1]);
        select.dispatchEvent(new Event('input', {bubbles: true}));
        select.dispatchEvent(new Event('change', {bubbles: true}));""", label, value)


def test_pause_resume_cancel():
    """A scan at work is paused, resumed and cancelled with a comment; the page follows by itself."""
    with running() as (console, page):
        scan = slow_scan(console)["scan"]
        page.sign_in(hash_=f"#/actions/{scan['actionId']}")
        page.wait_text("dialog[open] .sentence", "Scanning")
        page.wait("load is drawn", lambda: page.script(
            "return (document.querySelector('path.achieved')?.getAttribute('d') ?? '').length > 20"))
        page.screenshot("action-scanning")
        page.click("dialog[open] .bar button", "Pause")
        page.wait_text("dialog[open] .sentence", "Paused")
        assert console.service.wait_status(scan["id"], "Paused")
        page.screenshot("action-paused")
        page.click("dialog[open] .bar button", "Resume")
        page.wait_text("dialog[open] .sentence", "Scanning")
        page.click("dialog[open] .bar button", "Cancel scan")
        confirm = page.one("dialog[open].form-dialog button[type=submit]")
        assert not confirm.is_enabled()
        page.type("dialog[open].form-dialog textarea", "not today")
        page.screenshot("cancel-dialog")
        page.click("dialog[open].form-dialog button[type=submit]")
        page.wait("it is cancelled", lambda: fact(page, "Status") == "Cancelled")
        page.wait("its comment is shown", lambda: fact(page, "Cancellation comment") == "not today")
        ended = console.service.wait_scan(scan["id"])
        page.wait_text("dialog[open] .results tfoot", f"{sum(ended['results'].values()):,}")
        page.screenshot("action-cancelled")
        action = console.service.call("action.show", id=scan["actionId"])
        assert action["cancellationComment"] == "not today"
        assert not severe(page)


def test_share_and_time_left():
    """Once all files are listed, the bar, the share and the time left are the daemon's own."""
    with running() as (console, page):
        service = console.service
        make_tree(service.base / "big", n_files=200, n_infected=0, size=2_000_000)
        scan = service.start_scan("custom", comment="a long one", paths=[service.base / "big"], loadFactor=5)["scan"]
        page.sign_in()
        sentence = page.wait("the time left is told", lambda: re.search(
            r"Scanning, ([\d.]+) %, about (\d.*) left", page.text(".monitor .sentence")))
        before = service.call("scan.show", id=scan["id"])["progress"]
        page.wait("the share moves on", lambda: page.script(
            "return document.querySelector('.monitor progress').value") >= before["percent"])
        shown = page.script("return document.querySelector('.monitor progress').value")
        after = service.call("scan.show", id=scan["id"])["progress"]
        assert float(sentence[1]) <= before["percent"] <= shown <= after["percent"] + 0.1
        assert figure(page, "Found") == f"{after['found']:,}"
        page.screenshot("device-time-left")
        service.call("scan.cancel", id=scan["id"], comment="seen")
        service.wait_scan(scan["id"])


def test_duplicate_is_explained():
    """A second scan of the same type is refused in words an operator understands."""
    with running({"ScanAvgCPULoadFactor": 5}) as (console, page):
        first = console.service.start_scan("full")["scan"]
        page.sign_in()
        open_run_dialog(page)
        page.click("dialog[open] input[value=Full]")
        page.type("dialog[open] textarea", "once more")
        page.click("dialog[open] button[type=submit]")
        page.wait_text("dialog[open] [role=alert]", "already pending or running")
        page.screenshot("duplicate")
        console.service.call("scan.cancel", id=first["id"], comment="done")
        console.service.wait_scan(first["id"])


def test_device_tags():
    """Tags are added and taken away; chips and timeline follow."""
    with running() as (console, page):
        page.sign_in()
        page.click("button", "Manage tags")
        page.type("dialog[open] input[type=text]", "web <b>tier</b>")
        page.click("dialog[open] button[type=submit]")
        page.wait_text(".chips", "web <b>tier</b>")
        assert console.service.call("machine.show")["machineTags"] == ["web <b>tier</b>"]
        page.click("button", "Manage tags")
        page.screenshot("tags")
        page.click("dialog[open] .tags button")
        page.wait("the tag goes", lambda: not page.all("dialog[open] .tag"))
        page.keys("\ue00c")
        page.wait("its chip goes", lambda: "tier" not in page.text(".chips"))
        page.go("#/timeline?actionType=MachineTagsChanged")
        page.wait_text(".count", "2 events")


def test_action_center_filters_and_sorts():
    """Filters and sorting are the server's, stand in the address, and survive going back."""
    with running() as (console, page):
        service = console.service
        tree = service.base / "tree"
        make_tree(tree, n_files=5, n_infected=0)
        for i in range(3):
            service.run_scan("custom", comment=f"run {i}", paths=[tree])
        cancelled = slow_scan(console)["scan"]
        service.call("scan.cancel", id=cancelled["id"], comment="c")
        service.wait_scan(cancelled["id"])
        page.sign_in(hash_="#/actions")
        page.wait_text(".pager", "1–4 of 4")
        comments = "return [...document.querySelectorAll('table.data tbody tr')].map((r) => r.cells[4].textContent)"
        assert page.script(comments) == ["slow one", "run 2", "run 1", "run 0"]
        page.click("table.data th button", "Submission time")
        page.wait("oldest first", lambda: page.script(comments) == ["run 0", "run 1", "run 2", "slow one"])
        assert page.one("th[aria-sort]").get_attribute("aria-sort") == "ascending"
        page.script("""const s = document.querySelector('.filters select'); s.value = 'Cancelled';
            s.dispatchEvent(new Event('change'))""")
        page.wait_text(".pager", "1–1 of 1")
        assert "status=Cancelled" in page.driver.current_url and "dir=asc" in page.driver.current_url
        page.screenshot("action-center-filtered")
        page.driver.back()
        page.wait_text(".pager", "1–4 of 4")
        page.click("table.data a")
        page.wait_text("dialog[open]", "run 0")
        page.driver.back()
        page.wait("the panel closes", lambda: not page.all("dialog[open]"))


# ---- over TLS ------------------------------------------------------------------


def test_over_tls():
    """With the certificate that the console made for itself, which the browser knows by its key and by nothing else."""
    with TlsConsole(Service(settings={"ScanAvgCPULoadFactor": 0})) as console:
        service = console.service
        service.write_settings(ExclusionPath=quick_settings(service))
        make_tree(service.base / "drop", n_files=3, n_infected=1)
        console.start()
        known = key_hash(ssl.get_server_certificate(("127.0.0.1", console.port)))
        with Browser(console, arguments=(f"--ignore-certificate-errors-spki-list={known}",)) as page:
            page.sign_in()
            assert page.driver.current_url.startswith("https://localhost:")
            open_run_dialog(page)
            page.type("dialog[open] textarea", "over TLS")
            page.click("dialog[open] button[type=submit]")
            page.wait_text(".notes", "Quick scan submitted")
            page.go("#/actions")
            page.wait_text("table.data", "over TLS")
            page.wait_text("table.data", "Succeeded")  # told by the stream: nothing was pressed
            page.screenshot("action-center-tls")
            assert page.text(".connection") == "Live"
            assert not severe(page)
            check_policy(page)
            console.stop_console()
            for name in ("tls-certificate.pem", "tls-key.pem"):
                (console.state_dir / name).unlink()
            console.start_console()
            page.open()
            page.wait_text("body", "ERR_CERT_AUTHORITY_INVALID")
            assert not page.all(".login")


def check_policy(page):
    """The page may neither run a script that was written into it nor talk to another origin."""
    page.script("""
        window.refused = [];
        document.addEventListener('securitypolicyviolation', (e) => window.refused.push(e.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'document.title = "owned"';
        document.body.append(script);
        script.remove();
        fetch('https://127.0.0.1:1/').catch(() => {});""")
    page.wait("both are refused", lambda: set(page.script("return window.refused"))
              == {"script-src-elem", "connect-src"})
    assert page.driver.title != "owned"


# ---- a file that runs ----------------------------------------------------------


def test_detection_tells_who_runs_the_file():
    """The panel of a detection names the processes that executed the file when it was found."""
    with Console(Service(settings={"ScanAvgCPULoadFactor": 0})) as console:
        service = console.service
        program = pathlib.Path(shutil.copy("/bin/cat", service.base / "program"))
        content = program.read_bytes()
        service.write_signatures([f"{hashlib.md5(content).hexdigest()}:{len(content)}:Test-Program"])
        console.start()
        with subprocess.Popen([str(program)], stdin=subprocess.PIPE) as process:
            service.run_scan("custom", paths=[program])
            process.stdin.close()
        service.run_scan("custom", paths=[program])
        idle, run = (row["id"] for row in service.list("detection.list"))
        with Browser(console) as page:
            page.sign_in(hash_=f"#/detections/{run}")
            page.wait("it is named", lambda: fact(page, "Executed when detected by") == f"Process {process.pid}")
            page.go(f"#/detections/{idle}")
            page.wait("nobody is", lambda: fact(page, "Executed when detected by") == "No process")
            assert not severe(page)


# ---- names of any byte ---------------------------------------------------------


def test_hostile_names_stay_text():
    """Names, comments and threat names are text in every view; none becomes an element or hides a part."""
    with Console(Service(settings={"ScanAvgCPULoadFactor": 0})) as console:
        service = console.service
        folder = service.base / "hostile"
        folder.mkdir()
        for name in HOSTILE:
            pathlib.Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(eicar())
        console.start()
        comment = '<img src=x onerror="document.title=1">\u202ereversed\nsecond line'
        scan = service.run_scan("custom", comment=comment, paths=[folder])
        assert scan["results"]["infected"] == len(HOSTILE)
        shown = {d["path"] for d in service.list("detection.list")}
        with Browser(console) as page:
            page.sign_in(hash_=f"#/actions/{scan['actionId']}")
            page.wait_text("dialog[open] .findings", "<img src=x")
            assert "\\u202ereversed\nsecond line" in fact(page, "Comment")
            check_no_markup(page)
            page.screenshot("hostile-action")
            page.go("#/detections")
            page.wait_text(".pager", f"of {len(HOSTILE)}")
            assert shown == set(page.script(
                "return [...document.querySelectorAll('table.data tbody tr')].map((r) => r.cells[1].textContent)"))
            check_no_markup(page)
            page.screenshot("hostile-detections")
            page.click("table.data tbody tr:nth-child(1) a")
            page.wait("the panel has the raw bytes", lambda: os.fsencode(folder) in base64.b64decode(
                fact(page, "Raw path, base64") or ""))
            check_no_markup(page)
            page.go("#/timeline")
            page.wait_text(".vspace", "<img src=x")
            check_no_markup(page)
            page.screenshot("hostile-timeline")
            page.go("#/alerts")
            page.click("table.data a")
            page.wait_text("dialog[open] .findings", "<img src=x")
            check_no_markup(page)
            assert not severe(page)


def check_no_markup(page):
    """No element but ours, and nothing in the text that steers what follows it."""
    foreign = page.script("""return [...document.querySelectorAll('img, script, iframe, object, embed, style, base')]
        .filter((e) => e.getAttribute('src') !== '/page/app.js').map((e) => e.outerHTML)""")
    assert foreign == []
    assert "owned" not in page.driver.title and page.driver.title != "1"
    text = page.script("return document.body.textContent")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x1b]", text)


# ---- quarantine ----------------------------------------------------------------


KEEPER = (*ROLES, "Machine.StopAndQuarantine")


def test_quarantine():
    """Files of any name are listed, restored and deleted with a comment; rows go by themselves."""
    with Console(Service(settings={**ACTION, "ScanAvgCPULoadFactor": 0})) as console:
        service = console.service
        folder = service.base / "hostile"
        folder.mkdir()
        for name in [*HOSTILE, b"plain.com", b"other.com"]:
            pathlib.Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(eicar())
        console.start()
        service.run_scan("custom", comment="a look", paths=[folder])
        items = {base64.b64decode(item["pathBytes"]).removeprefix(os.fsencode(folder) + b"/"): item
                 for item in service.list("quarantine.list")}
        assert set(items) == {*HOSTILE, b"plain.com", b"other.com"}
        with Browser(console) as page:
            page.sign_in(console.add_client("keeper", KEEPER), "#/quarantine")
            look_through_quarantine(page, service)
            restore_by_keyboard(page, service, items[b"plain.com"])
            restore_in_vain(page, service, items[MARKUP])
            delete_by_mouse(page, service, items[MARKUP])
            follow_a_detection(page, service, items[b"other.com"])
            page.click("button", "Sign out")
            page.sign_in(console.add_client("reader", ("Machine.Read.All",)),
                         f"#/quarantine/{items[HOSTILE[1]]['id']}")
            page.wait_text("dialog[open] .bar", "lacks the role Machine.StopAndQuarantine")
            assert page.all("dialog[open] .bar button") == []
            assert severe(page) == []


def drawn_column(page, number):
    return page.script("return [...document.querySelectorAll('table.data tbody tr')]"
                       ".map((r) => r.cells[arguments[0]].textContent)", number)


def look_through_quarantine(page, service):
    """All of it, sorted and filtered by the service."""
    items = service.list("quarantine.list")
    page.wait_text(".pager", f"of {len(items)}")
    assert sorted(drawn_column(page, 1)) == sorted(item["path"] for item in items)
    check_no_markup(page)
    page.screenshot("quarantine")
    for is_descending in (True, False):
        page.click("table.data th button", "Original place")
        wanted = [item["path"] for item in service.list(
            "quarantine.list", orderBy={"field": "path", "descending": is_descending})]
        page.wait("it is sorted", lambda: drawn_column(page, 1) == wanted)
    page.type(".filters .filter:nth-child(2) input", "plain")
    page.wait("it is filtered", lambda: [p.rsplit("/", 1)[1] for p in drawn_column(page, 1)] == ["plain.com"])


def restore_by_keyboard(page, service, item):
    """Nothing without a comment; the panel and the list follow the event."""
    from selenium.webdriver.common.keys import Keys
    tab_to(page, item["threatName"])
    page.keys(Keys.ENTER)
    page.wait("the panel is there", lambda: fact(page, "Original place") == item["path"])
    assert fact(page, "Raw path, base64") == item["pathBytes"] and fact(page, "SHA-256") == item["sha256"]
    assert fact(page, "Quarantine ID") == item["id"] and fact(page, "Decided by") == item["reason"]
    page.screenshot("quarantine-item")
    tab_to(page, "Restore…")
    page.keys(Keys.ENTER)
    confirm = page.one("dialog.form-dialog button[type=submit]")
    page.keys("   ")
    page.chord(Keys.CONTROL, Keys.ENTER)
    assert not confirm.is_enabled(), "blanks are no comment"
    page.screenshot("restore-dialog")
    page.keys("ours, ticket 12", Keys.TAB, Keys.TAB, Keys.ENTER)
    page.wait_text("dialog[open]", "File restored from quarantine")
    event = service.list("timeline.list", actionType="QuarantineItemRestored")[0]
    assert (event["requestor"], event["comment"]) == ("keeper", "ours, ticket 12")
    assert pathlib.Path(item["path"]).exists()
    page.wait_text(".pager", "No rows")
    page.wait("the bar goes", lambda: not page.one("dialog[open]").text.count("Restore…"))
    assert page.script("return document.querySelector('dialog[open]').contains(document.activeElement)")
    page.wait_text(".notes", "File restored from quarantine.")
    page.keys(Keys.ESCAPE)
    page.wait("the panel closes", lambda: not page.all("dialog[open]"))
    page.click(".filters button", "Clear filters")


def ask_for(page, item, verb, comment):
    """From the list to the confirmed dialog."""
    page.wait_text("table.data", item["path"])
    page.go(f"#/quarantine/{item['id']}")
    page.click("dialog[open] .bar button", verb)
    assert not page.one("dialog.form-dialog button[type=submit]").is_enabled()
    assert item["path"] in page.text("dialog.form-dialog")
    page.type("dialog.form-dialog textarea", comment)
    check_no_markup(page)
    page.click("dialog.form-dialog button[type=submit]")
    page.wait("the form closes", lambda: not page.all("dialog.form-dialog"))


def restore_in_vain(page, service, item):
    """Something has the name: the panel says so, and the item is still there to be asked for."""
    path = pathlib.Path(os.fsdecode(base64.b64decode(item["pathBytes"])))
    path.write_text("in the way")
    ask_for(page, item, "Restore…", "once more")
    page.wait_text("dialog[open] [role=alert]", "TargetExists")
    page.wait_text(".notes", "File not restored from quarantine: TargetExists.")
    page.one("dialog[open] .bar button", "Delete…")
    check_no_markup(page)
    page.screenshot("restore-failed")
    page.keys("\ue00c")
    page.wait("the panel closes", lambda: not page.all("dialog[open]"))
    assert path.read_text() == "in the way"


def delete_by_mouse(page, service, item):
    ask_for(page, item, "Delete…", "<b>bad</b>\u202e")
    page.wait_text("dialog[open]", "File in quarantine deleted")
    check_no_markup(page)
    page.screenshot("quarantine-deleted")
    assert service.list("timeline.list", actionType="QuarantineItemDeleted")[0]["comment"] == "<b>bad</b>\u202e"
    page.click("dialog[open] a", "Open detection")
    page.wait("its detection", lambda: fact(page, "Detection ID") == item["detectionId"])
    assert fact(page, "What was done") == "Removed"
    assert page.all("dialog[open] .links a[href^='#/quarantine']") == []


def follow_a_detection(page, service, item):
    """What was done, by what, and where the file is; and by itself that it is back."""
    page.go(f"#/detections/{item['detectionId']}")
    page.wait("the panel is there", lambda: fact(page, "Quarantine ID") == item["id"])
    assert [fact(page, name) for name in ("What was done", "Action", "Decided by")] == [
        "Quarantined", "Quarantine", item["reason"]]
    page.screenshot("detection-quarantined")
    service.call("quarantine.restore", id=item["id"], comment="by another", wait=True)
    page.wait("it is told", lambda: fact(page, "What was done") == "Restored")
    assert page.all("dialog[open] .links a[href^='#/quarantine']") == []
    page.go("#/quarantine")
    page.wait_text(".pager", f"of {len(service.list('quarantine.list'))}")
    page.go(f"#/quarantine/{item['id']}")
    page.wait_text("dialog[open]", "not in quarantine any more")
    page.keys("\ue00c")
    page.wait("the panel closes", lambda: not page.all("dialog[open]"))


# ---- 50,000 events -------------------------------------------------------------


def test_fifty_thousand_events():
    """A window of rows is drawn wherever one scrolls, quickly; new ones neither jump nor leave a hole."""
    with Console(Service(signatures=())) as console:
        service = console.service
        service.start()
        refuse_many(service, N_EVENTS)
        console.start()
        with Browser(console) as page:
            total = newest(service)
            assert total >= N_EVENTS
            page.sign_in(hash_="#/timeline")
            page.wait_text(".count", f"{total:,} events")
            wait_drawn(page, total)
            page.screenshot("timeline-50000")
            jump_about(page, total)
            assert page.script("return document.querySelectorAll('.vspace .vrow').length") < 120
            read_on_while_events_come(page, service)
            filter_timeline(page, service)
            assert not severe(page)


def jump_about(page, total):
    """To the end, the middle and back, by scrolling and by keys."""
    from selenium.webdriver.common.keys import Keys
    page.one(".vgrid").send_keys(Keys.END)
    rows = wait_drawn(page, 1)
    assert rows == list(range(rows[0], 0, -1))
    page.screenshot("timeline-50000-end")
    began = time.monotonic()
    page.script("const l = document.querySelector('.vgrid'); l.scrollTop = (l.scrollHeight - l.clientHeight) / 2")
    rows = page.wait("the middle is there", lambda: (r := drawn_sequences(page)) and None not in r
                     and abs(r[0] - total // 2) < 200 and r)
    assert rows == list(range(rows[0], rows[-1] - 1, -1))
    print(f"middle of {total} events drawn after {time.monotonic() - began:.2f} s")
    page.one(".vgrid").send_keys(Keys.HOME)
    wait_drawn(page, total)
    slow = page.script("""
        const list = document.querySelector('.vgrid');
        let worst = 0;
        return (async () => {
            for (let i = 0; i < 120; i++) {
                list.scrollTop += 2000;
                const began = performance.now();
                await new Promise((r) => requestAnimationFrame(r));
                worst = Math.max(worst, performance.now() - began);
            }
            return worst;
        })();""")
    print(f"slowest frame while scrolling: {slow:.0f} ms")


def row_at_top(page):
    """The sequence of the first row that is wholly in sight."""
    return page.script("""const l = document.querySelector('.vgrid'), top = l.getBoundingClientRect().top + 40;
        return Number([...document.querySelectorAll('.vspace .vrow')].sort((a, b) => a.dataset.row - b.dataset.row)
            .find((r) => r.getBoundingClientRect().top >= top - 1).dataset.sequence)""")


def read_on_while_events_come(page, service):
    """Who reads in the middle stays where they are; a button tells of what is new."""
    page.script("document.querySelector('.vgrid').scrollTop = 30 * 1000")
    rows = page.wait("rows are there", lambda: (r := drawn_sequences(page)) and None not in r and r)
    first = row_at_top(page)
    assert first in rows
    refuse_many(service, 25)
    page.wait_text(".fresh", "25 new")
    # Rows come in above within a frame or two.
    page.wait("the same row is at the top", lambda: row_at_top(page) == first)
    page.click(".fresh")
    total = newest(service)
    rows = wait_drawn(page, total)
    assert rows == list(range(total, total - len(rows), -1))


def filter_timeline(page, service):
    page.go("#/timeline?actionType=ServiceStarted")
    page.wait_text(".count", "1 event")
    page.go("#/timeline?actionType=RequestRefused")
    page.wait_text(".count", "more below")
    refuse_many(service, 1)
    wait_drawn(page, newest(service))
    page.screenshot("timeline-filtered")


# ---- connection lost -----------------------------------------------------------


def test_killed_console_leaves_no_gap():
    """kill -9 of the console: the page says it reconnects, comes back, and has every event."""
    with running() as (console, page):
        page.sign_in(hash_="#/timeline")
        wait_drawn(page, newest(console.service))
        for round_ in range(3):
            console.kill_console()
            page.wait_text(".connection", "Reconnecting")
            assert page.one(".banner").is_displayed()
            if round_ == 0:
                page.screenshot("reconnecting")
            for i in range(40):
                console.service.call("exclusion.add" if i % 2 == 0 else "exclusion.remove",
                                     kind="extension", value=f"r{round_}")
            console.start_console()
            page.wait_text(".connection", "Live")
            page.wait_text(".count", f"{newest(console.service):,} events")
        total = newest(console.service)
        assert total >= 120
        assert scroll_through(page) == set(range(1, total + 1))
        assert not page.one(".content").find_element("css selector", ".banner").is_displayed()


def test_killed_daemon_leaves_no_gap():
    """kill -9 of the daemon during a scan: the page says so, and follows the scan to its end."""
    with running() as (console, page):
        service = console.service
        tree = service.base / "tree"
        make_tree(tree, n_files=600, n_infected=2, size=200000)
        page.sign_in(hash_="#/timeline")
        scan = service.start_scan("custom", comment="over a restart", paths=[tree], loadFactor=20)["scan"]
        wait_for("it is at work", lambda: service.call("scan.show", id=scan["id"])
                 .get("progress", {}).get("judged", 0) > 20)
        service.kill()
        page.wait("the page says so", lambda: page.text(".connection") in ("Reconnecting", "Service unreachable"))
        page.screenshot("daemon-gone")
        service.start()
        page.wait_text(".connection", "Live")
        service.wait_scan(scan["id"])
        total = newest(service)
        page.wait_text(".count", f"{total:,} events")
        assert scroll_through(page) == set(range(1, total + 1))
        page.go(f"#/actions/{scan['actionId']}")
        page.wait("it succeeded", lambda: fact(page, "Status") == "Succeeded")
        page.wait_text(".result-infected td.number", "2")


# ---- answers that come too late --------------------------------------------------

# The first answer from an address that has the word comes when the test says so: well or, as
# over a connection that broke, not at all.
HOLD_BACK = """
    const real = window.fetch, word = arguments[0];
    delete window.arrive;
    window.fetch = async (path, init) => {
        if (!decodeURIComponent(path).includes(word)) return real(path, init);
        window.fetch = real;
        const answer = await real(path, {...init, signal: undefined});
        const {ok, status, headers} = answer, body = await answer.json();
        return {ok, status, headers, json: () => new Promise((resolve, reject) => {
            window.arrive = (isGood) => {
                if (isGood) resolve(body); else reject(new Error('it broke'));
                return new Promise((told) => setTimeout(told, 0, true)); // who waited for it has run
            };
        })};
    };"""


def hold_back(page, word, act):
    """Do what asks for the word's address, and leave that unanswered."""
    page.script(HOLD_BACK, word)
    act()
    page.wait(f"{word} was asked for", lambda: page.script("return 'arrive' in window"))


def arrive(page, is_good=True):
    assert page.script("return window.arrive(arguments[0])", is_good)


def test_late_answer_does_not_bring_back_a_scan():
    """A scan ends while its state of before is still on the way: its card does not come back."""
    with running() as (console, page):
        scan = slow_scan(console)["scan"]
        client = console.add_client()
        page.open()
        hold_back(page, f"/api/scans/{scan['id']}", lambda: page.enter(client))
        console.service.call("scan.cancel", id=scan["id"], comment="enough")
        console.service.wait_scan(scan["id"])
        page.wait_text(".latest", "Cancelled")
        at_work = "return document.querySelector('.monitor').checkVisibility()"
        page.wait("its card goes", lambda: not page.script(at_work))
        arrive(page)
        assert not page.script(at_work)


def test_late_answer_does_not_undo_tags():
    with running() as (console, page):
        page.sign_in()
        page.wait_text(".latest, main", "No action was ever taken")
        service = console.service
        hold_back(page, "/api/machines/", lambda: service.call("machine.tag", action="Add", value="one"))
        service.call("machine.tag", action="Add", value="two")
        page.wait_text(".chips", "two")
        arrive(page)
        assert "two" in page.text(".chips")


def test_late_answer_is_not_of_this_list():
    """The list has another filter, the timeline other events: neither rows nor errors of the former are shown."""
    with running() as (console, page):
        console.service.run_scan("custom", comment="whole", paths=[console.service.signature_dir])
        page.sign_in()
        for hash_, word, other, what, shown in (
                ("#/actions", "/api/machineactions?", "#/actions?status=Failed", ".pager", "No rows"),
                ("#/timeline?actionType=AntivirusScanStarted", "=AntivirusScanStarted",
                 "#/timeline?actionType=ServiceStarted", ".count", "1 event")):
            for is_good in (True, False):
                hold_back(page, word, lambda h=hash_: page.go(h))
                page.go(other)
                page.wait_text(what, shown)
                arrive(page, is_good)
                assert page.text(what).startswith(shown)
                assert not page.all(".notice.bad") and "whole" not in page.text("main")


def test_late_answer_is_not_of_this_panel():
    """An alert was resolved meanwhile; then its panel is left, and another one is open."""
    with running() as (console, page):
        service = console.service
        make_tree(service.base / "tree", n_files=3, n_infected=1)
        scan = service.run_scan("custom", comment="a look", paths=[service.base / "tree"])
        alert = service.call("alert.list")["value"][0]["id"]
        page.sign_in(hash_="#/alerts")
        hold_back(page, "/api/detections?", lambda: page.go(f"#/alerts/{alert}"))
        service.call("alert.update", id=alert, status="Resolved")
        page.wait("it is resolved", lambda: fact(page, "Status") == "Resolved")
        arrive(page)
        assert fact(page, "Status") == "Resolved"
        page.keys("\ue00c")
        page.wait("the panel closes", lambda: not page.all("dialog[open]"))
        for is_good in (True, False):
            hold_back(page, "/api/detections?", lambda: page.go(f"#/alerts/{alert}"))
            page.go(f"#/actions/{scan['actionId']}")
            page.wait("it succeeded", lambda: fact(page, "Status") == "Succeeded")
            arrive(page, is_good)
            assert fact(page, "Status") == "Succeeded" and not page.all(".notice.bad")


# ---- looks and access ------------------------------------------------------------


def test_light_dark_and_narrow():
    """The system's scheme, the theme button over it, and no sideways scrolling at 400 px."""
    with running(ACTION) as (console, page):
        make_tree(console.service.base / "tree", n_files=30, n_infected=3)
        scan = console.service.run_scan("custom", comment="a look", paths=[console.service.base / "tree"])
        page.sign_in()
        ground = "return getComputedStyle(document.body).backgroundColor"
        light = page.script(ground)
        page.scheme(dark=True)
        dark = page.wait("dark", lambda: (c := page.script(ground)) != light and c)
        page.screenshot("device-dark")
        page.click("button.theme")
        page.wait("light by choice", lambda: page.script(ground) == light)
        page.click("button.theme")
        page.scheme(dark=False)
        page.wait("dark by choice", lambda: page.script(ground) == dark)
        page.click("button.theme")
        page.size(400, 800)
        for view in ("device", "alerts", "actions", f"actions/{scan['actionId']}", "detections", "quarantine", "timeline",
                     "health"):
            page.go(f"#/{view}")
            page.wait_text("nav [aria-current]", {"device": "Device", "alerts": "Alerts", "actions": "Action center",
                           "detections": "Detections", "quarantine": "Quarantine", "timeline": "Timeline", "health": "Health"}[view.split("/")[0]])
            time.sleep(0.3)  # for the screenshot alone
            wide = page.script("return document.documentElement.scrollWidth")
            assert wide <= 400, f"{view} is {wide} px wide"
            page.screenshot(f"narrow-{view.split('/')[0]}{'-panel' if '/' in view else ''}")
            page.keys("\ue00c")


def test_keyboard_only():
    """Everything of the story without a mouse; the focus is seen, kept inside of dialogs and given back."""
    from selenium.webdriver.common.keys import Keys
    with running({"ScanAvgCPULoadFactor": 5}) as (console, page):
        client_id, secret = console.add_client()
        page.open()
        page.one(".login input[type=text]")
        page.keys(client_id, Keys.TAB, secret, Keys.ENTER)
        page.wait_text(".connection", "Live")
        tab_to(page, "Run antivirus scan")
        outline = page.script("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
        page.keys(Keys.ENTER)
        page.one("dialog[open]")
        assert page.script("return document.activeElement.value") == "Quick"
        page.keys(Keys.ARROW_DOWN)
        assert page.script("return document.querySelector('dialog input:checked').value") == "Full"
        for _ in range(9):
            page.keys(Keys.TAB)
            assert page.script("return document.activeElement === document.body || "
                               "document.querySelector('dialog').contains(document.activeElement)")
        page.keys(Keys.ESCAPE)
        page.wait("the dialog closes", lambda: not page.all("dialog[open]"))
        assert page.script("return document.activeElement.textContent") == "Run antivirus scan"
        page.keys(Keys.ENTER)
        page.one("dialog[open]")
        page.keys(Keys.ARROW_DOWN, Keys.TAB, "by keyboard")
        page.chord(Keys.CONTROL, Keys.ENTER)
        page.wait_text(".notes", "Full scan submitted")
        tab_to(page, "Action center")
        page.keys(Keys.ENTER)
        page.wait_text("main h1", "Action center")
        assert page.script("return document.activeElement.textContent") == "Action center"
        page.wait_text("table.data", "by keyboard")
        tab_to(page, "Antivirus scan, full")
        page.keys(Keys.ENTER)
        page.wait_text("dialog[open]", "by keyboard")
        tab_to(page, "Cancel scan…")
        page.keys(Keys.ENTER)
        page.one("dialog.form-dialog[open]")
        page.keys("enough", Keys.TAB, Keys.TAB, Keys.ENTER)
        page.wait("it is cancelled", lambda: fact(page, "Status") == "Cancelled")
        page.keys(Keys.ESCAPE)
        page.wait("the panel closes", lambda: not page.all("dialog[open]"))
        page.go("#/timeline")
        page.wait_text(".vspace", "Scan cancelled")
        tab_to(page, None, ".vgrid")
        page.keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
        page.wait_text("dialog[open] h2", "·")
        page.keys(Keys.ESCAPE)
        page.wait("focus is back on the list", lambda: page.script(
            "return document.activeElement.classList.contains('vgrid')"))


def tab_to(page, text, selector=None, limit=60):
    """Press Tab until the element with the text (or selector) has the focus."""
    from selenium.webdriver.common.keys import Keys
    for _ in range(limit):
        if page.script("""const e = document.activeElement;
                return arguments[1] ? e.matches(arguments[1]) : e !== document.body && e.tagName !== 'H1'
                    && e.textContent.trim() === arguments[0]""", text, selector):
            return
        page.keys(Keys.TAB)
    raise AssertionError(f"Tab does not reach {text or selector}")


def views_to_check(console, scan):
    """(name, address, what must be there first)"""
    alert = console.service.call("alert.list")["value"][0]
    detection = console.service.call("detection.list")["value"][0]
    return [("device", "#/device", "Latest actions"), ("alerts", "#/alerts", "malware"),
            ("actions", "#/actions", "Antivirus scan"), ("detections", "#/detections", "infected"),
            ("timeline", "#/timeline", "Scan started"), ("health", "#/health", "Signatures"),
            ("action", f"#/actions/{scan['actionId']}", "Load against limit"),
            ("alert", f"#/alerts/{alert['id']}", "Manage alert"),
            ("detection", f"#/detections/{detection['id']}", "SHA-256"),
            ("quarantine", "#/quarantine", "infected"),
            ("quarantine-item", f"#/quarantine/{detection['quarantineId']}", "Restore…"),
            ("event", "#/timeline/2", "ServiceStarted")]


def something_to_see(console):
    """A scan with detections that is over, and one at work; returns the first."""
    service = console.service
    make_tree(service.base / "tree", n_files=30, n_infected=3)
    scan = service.run_scan("custom", comment="a look", paths=[service.base / "tree"])
    slow_scan(console)
    return scan


def visit_views(page, console, client, scan, check):
    """Run check(name) in every view and dialog while a scan is at work."""
    page.open()
    page.one(".login")
    check("login")
    page.sign_in(client)
    page.wait_text(".monitor .sentence", "Scanning")
    for name, address, text in views_to_check(console, scan):
        page.go(address)
        page.wait_text("dialog[open]" if address.count("/") > 1 else "main", text)
        check(name)
        page.keys("\ue00c")
        page.wait("the panel closes", lambda: not page.all("dialog[open]"))
    page.go("#/device")
    open_run_dialog(page)
    check("run-dialog")


def test_accessibility_axe():
    """No violation of WCAG 2.2 A and AA that axe-core finds, light and dark, wide and narrow."""
    source, reason = console_harness.axe_source()
    if reason:
        pytest.skip(reason)
    found = []

    def check(name):
        result = page.driver.execute_async_script(source + """;
            const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa',
                'wcag22aa', 'best-practice']}).then(done, (e) => done({violations: [{id: String(e), nodes: []}]}));""")
        for violation in result["violations"]:
            for node in violation["nodes"][:3] or [{"target": "", "failureSummary": ""}]:
                found.append(f"{name} dark={dark} {width}px: {violation['id']}: {node['target']} "
                             f"{node['failureSummary']}")
    with running(ACTION) as (console, page):
        scan = something_to_see(console)
        client = console.add_client("keeper", KEEPER)
        for dark, width in ((False, 1280), (True, 1280), (False, 400)):
            page.scheme(dark)
            page.size(width, 860)
            visit_views(page, console, client, scan, check)
    assert not found, "\n".join(found)


INTERACTIVE = {"button", "link", "textbox", "searchbox", "combobox", "radio", "checkbox", "grid", "dialog",
               "progressbar", "ProgressIndicator", "img", "image", "table", "navigation", "region", "search"}


def test_everything_has_a_name():
    """In the accessibility tree of every view: what can be used has a name; one main, one h1 or dialog."""
    with running(ACTION) as (console, page):
        nameless = []

        def check(name):
            tree = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
            for node in tree:
                role = node.get("role", {}).get("value", "")
                if not node.get("ignored") and role in INTERACTIVE and not node.get("name", {}).get("value"):
                    nameless.append(f"{name}: {role} {node.get('backendDOMNodeId')}")
            assert page.script("return document.querySelectorAll('main').length") == 1, name
            assert page.script("return document.querySelectorAll('h1').length") == 1, name
            assert page.script("return document.documentElement.lang") == "en"
        client = console.add_client("keeper", KEEPER)
        visit_views(page, console, client, something_to_see(console), check)
        assert not nameless, "\n".join(nameless)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The REST API as clients of Defender use it: each call, its success and each documented failure."""

import base64
import json
import pathlib
import re
import shutil
import subprocess
import time

import pytest
import requests

from console_client import GUID, TIME, ApiError, Client
from console_harness import ROLES, Console
from quietscan_harness import ACTION, Service, make_tree, wait_for

ACTION_FIELDS = ("id", "type", "title", "requestor", "requestorComment", "status", "machineId",
                 "computerDnsName", "creationDateTimeUtc", "lastUpdateDateTimeUtc",
                 "cancellationRequestor", "cancellationComment", "cancellationDateTimeUtc",
                 "errorHResult", "scope", "externalId", "requestSource", "relatedFileInfo",
                 "commands", "troubleshootInfo")
ALERT_FIELDS = ("id", "incidentId", "investigationId", "assignedTo", "severity", "status",
                "classification", "determination", "investigationState", "detectionSource",
                "detectorId", "category", "threatFamilyName", "threatName", "title", "description",
                "alertCreationTime", "firstEventTime", "lastEventTime", "lastUpdateTime",
                "resolvedTime", "machineId", "computerDnsName", "rbacGroupName", "aadTenantId",
                "mitreTechniques", "relatedUser", "comments", "evidence")
MACHINE_FIELDS = ("id", "computerDnsName", "firstSeen", "lastSeen", "osPlatform", "version",
                  "osProcessor", "osArchitecture", "osBuild", "lastIpAddress",
                  "lastExternalIpAddress", "healthStatus", "onboardingStatus", "rbacGroupId",
                  "rbacGroupName", "riskScore", "exposureLevel", "deviceValue", "isAadJoined",
                  "aadDeviceId", "machineTags", "ipAddresses")


@pytest.fixture(scope="module")
def console():
    with Console(arguments=["--rate-limit", "100000,1000000"]) as running:
        running.start()
        yield running


@pytest.fixture(scope="module")
def api(console):
    return Client(console.url, console.add_client()).sign_in()


@pytest.fixture(scope="module")
def machine(api):
    return api.value("/api/machines")[0]


@pytest.fixture(scope="module")
def found(console, api, tmp_path_factory):
    """A scan that has found two files; its alerts."""
    tree = tmp_path_factory.mktemp("found")
    make_tree(tree, n_files=3, n_infected=2)
    scan = console.service.run_scan("custom", paths=[tree])
    assert scan["results"]["infected"] == 2
    return scan


def slow_scan(console, tmp_path):
    """A custom scan that is at work for as long as a test looks at it."""
    make_tree(tmp_path / "slow", n_files=4000, n_infected=0, size=20000)
    scan = console.service.start_scan("custom", paths=[tmp_path / "slow"], loadFactor=5)["scan"]
    console.service.wait_status(scan["id"], "InProgress")
    return scan


def refused(status, code, call, *args):
    with pytest.raises(ApiError) as caught:
        call(*args)
    assert (caught.value.status, caught.value.code) == (status, code), caught.value
    assert re.match(GUID, caught.value.target)
    assert caught.value.message
    return caught.value


def run(api, machine, scan_type="Quick", comment="asked for by a test"):
    return api.post(f"/api/machines/{machine['id']}/runAntiVirusScan",
                    {"Comment": comment, "ScanType": scan_type}, 201)


def cancel(api, action):
    try:
        api.post(f"/api/machineactions/{action['id']}/cancel", {"Comment": "no longer needed"})
    except ApiError as error:
        assert error.status == 400
    wait_for("a final status", lambda: api.get(f"/api/machineactions/{action['id']}")["status"] in (
        "Succeeded", "Failed", "TimeOut", "Cancelled"))


# ---- tokens -----------------------------------------------------------------

@pytest.mark.parametrize("method,path,resource", [
    ("POST", "/tenant/oauth2/v2.0/token", {"scope": "https://example.invalid/.default"}),
    ("POST", "/tenant/oauth2/token", {"resource": "https://example.invalid"}),
    ("GET", "/tenant/oauth2/token", {"resource": "https://example.invalid"}),
])
def test_token(console, method, path, resource):
    """Both forms; one client sends the form in the body of a GET."""
    client_id, secret = console.add_client(f"{method} {path}")
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret,
            **resource}
    answer = requests.request(method, console.url + path, data=form, timeout=20)
    assert answer.status_code == 200, answer.text
    token = answer.json()
    assert token["token_type"] == "Bearer" and 3000 < int(token["expires_in"]) <= 3600
    claims = token["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert sorted(claims["roles"]) == sorted(ROLES)
    for wrong in ({"client_secret": "wrong"}, {"client_id": "0" * 8}, {"grant_type": "password"},
                  {"client_secret": ""}):
        answer = requests.request(method, console.url + path, data={**form, **wrong}, timeout=20)
        assert answer.status_code in (400, 401) and answer.json()["error"], answer.text
        assert "access_token" not in answer.text


def test_who_is_not_let_in(console, api, machine):
    """No token, a forged one, one of a client that is no more."""
    for token in (None, "x", api.token[:-3] + "AAA", api.token.split(".")[1]):
        nobody = Client(console.url, None)
        nobody.token = token
        refused(401, "Unauthorized", nobody.get, "/api/machineactions")
        refused(401, "Unauthorized", run, nobody, machine)
    client = console.add_client("leaver")
    leaver = Client(console.url, client).sign_in()
    assert leaver.get("/api/machines")["value"]
    subprocess.run([*console.command()[:1], "client", "revoke", client[0], "--state-dir",
                    str(console.state_dir)], check=True, capture_output=True, timeout=20)
    wait_for("the token is worth nothing", lambda: leaver.raw("GET", "/api/machines").status_code == 401)


def test_roles(console, api, machine, found):
    """Each call with a client that has every role but the one that is needed."""
    alert = api.value("/api/alerts")[0]
    action = api.value("/api/machineactions?$top=1")[0]
    base, scan = f"/api/machines/{machine['id']}", {"Comment": "c", "ScanType": "Quick"}
    calls = [
        ("Machine.Scan", "POST", f"{base}/runAntiVirusScan", scan),
        ("Machine.Scan", "POST", f"/api/machineactions/{action['id']}/cancel", {"Comment": "c"}),
        ("Machine.Scan", "POST", f"/api/scans/{found['id']}/pause", {}),
        ("Machine.Read", "GET", "/api/machines", None),
        ("Machine.Read", "GET", base, None),
        ("Machine.Read", "GET", "/api/machineactions", None),
        ("Machine.Read", "GET", f"/api/machineactions/{action['id']}", None),
        ("Machine.Read", "GET", "/api/timeline", None),
        ("Machine.Read", "GET", "/api/events", None),
        ("Machine.Read", "GET", "/api/health", None),
        ("Machine.Read", "GET", "/api/scans", None),
        ("Machine.Read", "GET", "/api/quarantine", None),
        ("Machine.Read", "GET", "/api/quarantine/$count", None),
        ("Machine.Read", "GET", f"/api/quarantine/{'0' * 32}", None),
        ("Machine.ReadWrite", "POST", f"{base}/tags", {"Value": "t", "Action": "Add"}),
        ("Alert.Read", "GET", "/api/alerts", None),
        ("Alert.Read", "GET", f"/api/alerts/{alert['id']}", None),
        ("Alert.Read", "GET", f"{base}/alerts", None),
        ("Alert.ReadWrite", "PATCH", f"/api/alerts/{alert['id']}", {"status": "InProgress"}),
    ]
    for number, missing in enumerate(("Machine.Scan", "Machine.Read", "Machine.ReadWrite",
                                      "Alert.Read", "Alert.ReadWrite")):
        has = [role for role in ROLES if not role.startswith(missing)]
        client = Client(console.url, console.add_client(f"part{number}", has)).sign_in()
        for need, method, path, body in calls:
            if need == missing:
                refused(403, "Forbidden", client.call, method, path, body)
    for verb in ("restore", "delete"):  # of Machine.StopAndQuarantine, which is not one of ROLES
        refused(403, "Forbidden", api.post, f"/api/quarantine/{'0' * 32}/{verb}", {"Comment": "c"})
    reader = Client(console.url, console.add_client("reader", ["Machine.Read.All"])).sign_in()
    assert reader.get("/api/machines")["value"]
    refused(403, "Forbidden", run, reader, machine)


# ---- machines ----------------------------------------------------------------

def test_machines(api, machine):
    assert set(MACHINE_FIELDS) <= set(machine)
    assert re.match(r"^[0-9a-f]{40}$", machine["id"]) and machine["aadDeviceId"] is None
    assert machine["osPlatform"] and machine["healthStatus"] == "Active"
    assert api.get(f"/api/machines/{machine['id']}")["id"] == machine["id"]
    assert api.get("/api/v1.0/machines")["value"][0]["id"] == machine["id"]
    assert len(api.raw("GET", "/api/machines").content) > 100
    name = machine["computerDnsName"]
    for query in (f"?$filter=computerDnsName+eq+'{name}'", f"?%24filter=ComputerDnsName%20eq%20'{name}'",
                  f"?$filter=startswith(computerDnsName,'{name[:3]}')", "?%24top=10000"):
        assert [row["id"] for row in api.value(f"/api/machines{query}")] == [machine["id"]], query
    assert api.value("/api/machines?$filter=computerDnsName eq 'nobody'".replace(" ", "%20")) == []
    refused(404, "ResourceNotFound", api.get, f"/api/machines/{'0' * 40}")
    refused(400, "ODataError", api.get, "/api/machines?$filter=nonsense%20eq%201")
    refused(400, "ODataError", api.get, "/api/machines?$filter=(")


def test_tags(api, machine):
    path = f"/api/machines/{machine['id']}/tags"
    for _ in range(2):  # twice is once
        assert api.post(path, {"Value": "röd", "Action": "Add"})["machineTags"].count("röd") == 1
    assert "röd" not in api.post(path, {"Value": "röd", "Action": "Remove"})["machineTags"]
    for body in ({"Action": "Add"}, {"Value": "x"}, {"Value": "x", "Action": "Turn"},
                 {"value": "x", "action": "Add"}, {"Value": "", "Action": "Add"}, [], {"Value": 5, "Action": "Add"}):
        answer = api.raw("POST", path, json=body)
        assert answer.status_code == 400 and answer.json()["error"]["code"], body
    refused(404, "ResourceNotFound", api.post, f"/api/machines/{'0' * 40}/tags",
            {"Value": "x", "Action": "Add"})


# ---- scans --------------------------------------------------------------------

def test_scan_from_submission_to_its_end(console, api, machine):
    """201 and Pending; a second one is refused as clients expect it; cancelled with a comment."""
    action = run(api, machine, "Full", "why: a test")
    try:
        assert set(ACTION_FIELDS) <= set(action) and re.match(GUID, action["id"])
        assert action["type"] == "RunAntiVirusScan" and action["status"] == "Pending"
        assert action["requestor"] == "secops" and action["requestSource"] == "PublicApi"
        assert action["requestorComment"] == "why: a test" and action["errorHResult"] == 0
        assert action["machineId"] == machine["id"] and action["scope"] in ("Full", None)
        assert re.match(TIME, action["creationDateTimeUtc"]) and action["commands"] == []
        assert "machineactions" in action["@odata.context"].lower()
        shown = api.get(f"/api/machineactions/{action['id']}")
        assert shown["status"] in ("Pending", "InProgress") and shown["id"] == action["id"]
        answer = api.raw("POST", f"/api/machines/{machine['id']}/runAntiVirusScan",
                         json={"Comment": "again", "ScanType": "Full"})
        assert answer.status_code == 400
        assert '"code":"ActiveRequestAlreadyExists"' in answer.text
        assert '"message":"Action is already in progress"' in answer.text
        scan = api.get(f"/api/scans/{action['id']}")
        assert scan["actionId"] == action["id"] and scan["type"] == "full" and scan["origin"] == "action"
        cancelled = api.post(f"/api/machineactions/{action['id']}/cancel", {"Comment": "enough"})
        assert cancelled["cancellationComment"] == "enough"
        assert cancelled["cancellationRequestor"] == "secops"
    finally:
        cancel(api, action)
    shown = api.get(f"/api/machineactions/{action['id']}")
    assert shown["status"] == "Cancelled" and shown["errorHResult"] == -2147467260
    assert refused(400, "BadRequest", api.post, f"/api/machineactions/{action['id']}/cancel",
                   {"Comment": "once more"})


@pytest.mark.parametrize("body", [
    {}, {"Comment": "c"}, {"ScanType": "Quick"}, {"comment": "c", "scanType": "Quick"},
    {"Comment": "c", "ScanType": "quick-ish"}, {"Comment": "", "ScanType": "Quick"},
    {"Comment": 1, "ScanType": "Quick"}, {"Comment": "x" * 5000, "ScanType": "Quick"}, [], "text", None,
])
def test_scan_bodies_that_are_refused(api, machine, body):
    answer = api.raw("POST", f"/api/machines/{machine['id']}/runAntiVirusScan", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] in ("InvalidRequestBody", "MissingRequiredParameter",
                                              "InvalidInput", "BadRequest")
    assert not [row for row in api.value("/api/machineactions?$top=5") if row["status"] == "Pending"]


def test_bytes_that_are_no_json(api, machine):
    path = f"/api/machines/{machine['id']}/runAntiVirusScan"
    for data in (b"", b"{", b"\xff\xfe", b'{"Comment":"a","Comment":"b"', b"[" * 20000):
        answer = api.raw("POST", path, data=data, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, (data[:20], answer.text)
    answer = api.raw("POST", path, data=b'{"Comment":"' + b"x" * 200000 + b'"}')
    assert answer.status_code == 413 or answer.status_code == 400


def test_unknown_things(api, machine):
    refused(404, "ResourceNotFound", run, api, {"id": "0" * 40})
    missing = "00000000-0000-0000-0000-000000000000"
    refused(404, "ResourceNotFound", api.get, f"/api/machineactions/{missing}")
    refused(404, "ResourceNotFound", api.post, f"/api/machineactions/{missing}/cancel", {"Comment": "c"})
    refused(404, "ResourceNotFound", api.get, "/api/alerts/da0_0")
    assert api.raw("GET", "/api/nothing").status_code == 404
    assert api.raw("DELETE", "/api/machines").status_code == 405


@pytest.fixture(scope="module")
def everything(console):
    """A client with the roles of what this device cannot do."""
    roles = ["Machine.Isolate", "Machine.RestrictExecution", "Machine.CollectForensics",
             "Machine.StopAndQuarantine", "Machine.LiveResponse", "Machine.Offboard", *ROLES]
    return Client(console.url, console.add_client("everything", roles)).sign_in()


@pytest.mark.parametrize("call,body", [
    ("isolate", {"Comment": "c", "IsolationType": "Full"}), ("unisolate", {"Comment": "c"}),
    ("restrictCodeExecution", {"Comment": "c"}), ("unrestrictCodeExecution", {"Comment": "c"}),
    ("collectInvestigationPackage", {"Comment": "c"}), ("startInvestigation", {"Comment": "c"}),
    ("runliveresponse", {"Commands": [{"type": "RunScript", "params": []}], "Comment": "c"}),
])
def test_what_this_device_cannot_do(everything, machine, call, body):
    """Never 404 or 500."""
    refused(400, "OsPlatformNotSupported", everything.post,
            f"/api/machines/{machine['id']}/{call}", body)


def ended(client, action_id):
    def final():
        action = client.get(f"/api/machineactions/{action_id}")
        return action if action["status"] in ("Succeeded", "Failed") else None
    return wait_for("the action's end", final)


def test_stop_and_quarantine(everything, machine):
    """201 and an action, which looks for the file; what is wrong with the body."""
    path = f"/api/machines/{machine['id']}/StopAndQuarantineFile"
    for body in ({"Comment": "nobody has it", "Sha1": "12" * 20},
                 {"Comment": "nobody has it", "Sha256": "33" * 32}):
        action = everything.post(path, body, 201)
        assert action["type"] == "StopAndQuarantineFile" and action["scope"] is None
        kind = "Sha1" if "Sha1" in body else "Sha256"
        assert action["relatedFileInfo"] == {
            "fileIdentifier": body[kind], "fileIdentifierType": kind}
        assert ended(everything, action["id"])["status"] == "Failed"  # it was not found
    refused(400, "InvalidHashValue", everything.post, path, {"Comment": "c", "Sha1": "zz"})
    refused(400, "MissingRequiredParameter", everything.post, path, {"Comment": "c"})
    refused(400, "MissingRequiredParameter", everything.post, path, {"Sha1": "0" * 40})


def test_role_comes_before_what_is_supported(api, machine):
    refused(403, "Forbidden", api.post, f"/api/machines/{machine['id']}/isolate",
            {"Comment": "c", "IsolationType": "Full"})


# ---- machineactions -----------------------------------------------------------

@pytest.fixture(scope="module")
def actions(console, api, tmp_path_factory):
    """Twelve actions that are over."""
    tree = tmp_path_factory.mktemp("some")
    (tree / "file").write_text("x")
    for number in range(12):
        console.service.run_scan("custom", paths=[tree], comment=f"number {number}")
    return api.value("/api/machineactions?$top=10000")


@pytest.mark.parametrize("query", [
    "$filter=status eq 'Succeeded'", "%24filter=Status%20eq%20'Succeeded'",
    "$filter=status+eq+'Succeeded'+AND+type+eq+'RunAntiVirusScan'",
    "$filter=machineId+eq+'{machine}'and status+eq+'Succeeded'",
    "$filter=status in ('Succeeded','TimeOut')", "$filter=not (status ne 'Succeeded')",
    "$filter=status eq 'Succeeded' or status eq 'TimeOut'",
])
def test_filters_as_clients_send_them(api, machine, actions, query):
    want = [row["id"] for row in actions if row["status"] == "Succeeded"]
    query = query.format(machine=machine["id"]).replace(" ", "%20")
    assert [row["id"] for row in api.value(f"/api/machineactions?{query}")] == want


def test_order_and_pages(api, actions):
    """Newest first; a page has a link to the next; the count is of all."""
    times = [row["creationDateTimeUtc"] for row in actions]
    assert times == sorted(times, reverse=True) and len(actions) >= 12
    page = api.get("/api/machineactions?$top=5&$count=true")
    assert len(page["value"]) == 5 and page["@odata.count"] == len(actions)
    page = api.get("/api/machineactions?$top=5&$skip=5")
    assert [row["id"] for row in page["value"]] == [row["id"] for row in actions[5:10]]
    rows = api.value("/api/machineactions?$orderby=lastUpdateDateTimeUtc%20asc")
    assert [row["lastUpdateDateTimeUtc"] for row in rows] == sorted(
        row["lastUpdateDateTimeUtc"] for row in actions)
    middle = actions[len(actions) // 2]["lastUpdateDateTimeUtc"]
    for operator, fits in (("gt", lambda t: t > middle), ("ge", lambda t: t >= middle),
                           ("lt", lambda t: t < middle), ("le", lambda t: t <= middle)):
        rows = api.value(f"/api/machineactions?$filter=lastUpdateDateTimeUtc%20{operator}%20{middle}"
                         "&$orderby=lastUpdateDateTimeUtc%20asc&$top=10000")
        assert {row["id"] for row in rows} == {
            row["id"] for row in actions if fits(row["lastUpdateDateTimeUtc"])}, operator
    assert len(api.value("/api/v1.0/machineactions?$top=3&$skip=1")) >= 3
    for wrong in ("$top=0x5", "$top=-1", "$top=10001", "$skip=a", "$orderby=nothing", "$filter=id",
                  "$filter=status eq", "$filter=status eq 'x", "$filter=(" * 30):
        answer = api.raw("GET", "/api/machineactions?" + wrong.replace(" ", "%20"))
        assert answer.status_code == 400, wrong


# ---- alerts --------------------------------------------------------------------

def test_alerts(api, machine, found):
    alerts = api.value("/api/alerts")
    mine = alerts[0]
    assert set(ALERT_FIELDS) <= set(mine), set(ALERT_FIELDS) - set(mine)
    assert mine["machineId"] == machine["id"] and mine["status"] == "New"
    assert mine["threatName"] and mine["category"] == "Malware" and mine["evidence"] == []
    assert re.match(r"^da\d+_-?\d+$", mine["id"]), mine["id"]
    assert api.get(f"/api/alerts/{mine['id']}")["id"] == mine["id"]
    assert [row["id"] for row in api.value(f"/api/alerts?$filter=id%20eq%20'{mine['id']}'")] == [
        mine["id"]]
    assert mine["id"] in [row["id"] for row in api.value(f"/api/machines/{machine['id']}/alerts")]
    count = api.raw("GET", f"/api/machines/{machine['id']}/alerts/$count?$filter=status+eq+'New'")
    assert int(count.text) >= 1 and count.text.strip().isdigit()
    rows = api.value("/api/alerts?$expand=evidence&$top=10000&$filter=status in ('Unknown','New')"
                     " and severity in ('UnSpecified','Informational','Low','Medium','High')"
                     " and lastEventTime+ge+2020-01-01T00:00:00Z".replace(" ", "%20"))
    files = [item for row in rows if row["id"] == mine["id"] for item in row["evidence"]
             if item["entityType"] == "File"]
    assert len(files) == 2
    for item in files:
        assert item["fileName"] and item["filePath"].endswith(item["filePath"].rsplit("/", 1)[-1])
        assert not item["filePath"].endswith(item["fileName"]) and len(item["sha256"]) == 64
        assert len(item["sha1"]) == 40


def test_alert_is_worked_on(api, found):
    alert = api.value("/api/alerts?$top=1")[0]
    path = f"/api/alerts/{alert['id']}"
    changed = api.call("PATCH", path, {"status": "InProgress", "assignedTo": "ann@example.com",
                                       "comment": "looking <b>into</b> it"}, 200)
    assert changed["status"] == "InProgress" and changed["assignedTo"] == "ann@example.com"
    assert changed["comments"][-1]["comment"] == "looking <b>into</b> it"
    assert changed["comments"][-1]["createdBy"] == "secops"
    changed = api.call("PATCH", path, {"Status": "Resolved", "Classification": "TruePositive",
                                       "Determination": "SecurityTesting"}, 200)
    assert changed["status"] == "Resolved" and re.match(TIME, changed["resolvedTime"])
    assert (changed["classification"], changed["determination"]) == ("TruePositive", "SecurityTesting")
    for body in ({"status": "Done"}, {"classification": "Perhaps"}, {"determination": "Nothing"},
                 {"status": 1}, {}):
        answer = api.raw("PATCH", path, json=body)
        assert answer.status_code == 400, body


# ---- beyond Defender --------------------------------------------------------------

def test_progress_pause_and_resume(console, api, tmp_path):
    scan = slow_scan(console, tmp_path)
    path = f"/api/scans/{scan['id']}"
    shown = api.get(path)
    assert shown["status"] == "InProgress" and {"found", "judged", "etaSeconds", "load"} <= set(
        shown["progress"])
    assert api.post(f"{path}/pause", {})["status"] == "Paused"
    answer = api.raw("POST", f"{path}/pause", json={})
    assert answer.status_code in (200, 400)
    assert api.post(f"{path}/resume", {})["status"] in ("InProgress", "Pending")
    cancel(api, {"id": scan["actionId"]})
    shown = api.get(path)
    assert shown["status"] == "Cancelled" and "load" in shown
    assert set(shown["results"]) == {"clean", "infected", "incomplete", "changed", "skipped",
                                     "blocked", "crashed"}
    assert api.raw("POST", f"{path}/pause", json={}).status_code == 400


def test_timeline_and_detections(api, found):
    newest = api.get("/api/timeline?$top=3")["value"]
    assert [row["sequence"] for row in newest] == sorted((row["sequence"] for row in newest),
                                                         reverse=True)
    every = api.value("/api/timeline?order=asc&afterSequence=0&$top=50")
    assert [row["sequence"] for row in every] == list(range(1, len(every) + 1))
    mine = api.value(f"/api/timeline?scanId={found['id']}")
    assert {row["scanId"] for row in mine} == {found["id"]}
    assert {row["actionType"] for row in api.value("/api/timeline?actionType=AntivirusDetection")} == {
        "AntivirusDetection"}
    rows = api.value(f"/api/detections?$filter=scanId%20eq%20'{found['id']}'")
    assert len(rows) == 2 and all(row["threatName"] and row["pathBytes"] for row in rows)


def test_quarantine():
    """Two files are taken away; one comes back, one is deleted; only who has the role may say so."""
    with Console(Service(settings=ACTION), ["--rate-limit", "100000,1000000"]) as console:
        console.start()
        tree = console.service.base / "tree"
        infected = make_tree(tree, n_files=3, n_infected=2)
        scan = console.service.run_scan("custom", paths=[tree])
        keeper = Client(console.url, console.add_client(
            "keeper", [*ROLES, "Machine.StopAndQuarantine"])).sign_in()
        items = keeper.value("/api/quarantine?$orderby=path")
        assert [item["path"] for item in items] == infected
        assert keeper.get("/api/quarantine?$count=true&$top=1")["@odata.count"] == 2
        for item in items:
            assert re.match(TIME, item["quarantinedTime"]) and len(item["sha256"]) == 64
            assert base64.b64decode(item["pathBytes"]).decode() == item["path"] and item["size"] > 0
            shown = keeper.get(f"/api/quarantine/{item['id']}")
            assert shown.pop("@odata.context") and shown == item
        rows = keeper.value(f"/api/detections?$filter=scanId%20eq%20'{scan['id']}'&$orderby=path")
        assert [row["quarantineId"] for row in rows] == [item["id"] for item in items]
        evidence = keeper.get(f"/api/alerts/{rows[0]['alertId']}")["evidence"]
        for row in rows + evidence:
            assert (row["remediationStatus"], row["remediationAction"]) == ("Quarantined", "Quarantine")
            assert row["remediationBy"]
        end_of_items(keeper, items)
        statuses = [row["remediationStatus"] for row in keeper.value("/api/detections?$orderby=path")]
        assert statuses == ["Restored", "Removed"]
        assert [pathlib.Path(path).exists() for path in infected] == [True, False]


def end_of_items(keeper, items):
    """The first is restored, the second deleted."""
    for item, verb, type_ in zip(items, ("restore", "delete"),
                                 ("QuarantineItemRestored", "QuarantineItemDeleted")):
        path = f"/api/quarantine/{item['id']}"
        for body in ({}, {"Comment": ""}, {"Comment": 5}, {"Comment": "x" * 5000}, [], None):
            answer = keeper.raw("POST", f"{path}/{verb}", json=body)
            assert answer.status_code == 400 and answer.json()["error"]["code"], body
        answer = keeper.post(f"{path}/{verb}", {"Comment": f"to {verb}"}, 202)
        assert answer == {"id": item["id"], "outcome": "Accepted"}
        event, = wait_for(type_, lambda: keeper.value(f"/api/timeline?actionType={type_}"))
        assert (event["quarantineId"], event["requestor"], event["comment"]) == (
            item["id"], "keeper", f"to {verb}")
        refused(404, "ResourceNotFound", keeper.get, path)
        refused(404, "ResourceNotFound", keeper.post, f"{path}/{verb}", {"Comment": "again"})


def test_health_metrics_and_description(console, api):
    assert api.get("/api/health")["healthIssues"] is not None
    described = requests.get(f"{console.url}/openapi.json", timeout=20).json()
    assert described["openapi"].startswith("3.")
    for path in ("/api/machineactions", "/api/machines/{id}/runAntiVirusScan", "/api/events",
                 "/api/quarantine", "/api/quarantine/{id}", "/api/quarantine/{id}/restore",
                 "/api/quarantine/{id}/delete"):
        assert path in described["paths"], sorted(described["paths"])
    assert requests.get(f"{console.url}/healthz", timeout=20).status_code == 200
    assert requests.get(f"{console.url}/metrics", timeout=20).status_code == 401
    text = requests.get(f"{console.url}/metrics", auth=api.client, timeout=20)
    assert text.status_code == 200 and text.headers["Content-Type"].startswith("text/plain")
    assert "quietscan_" in text.text
    if shutil.which("promtool"):
        checked = subprocess.run(["promtool", "check", "metrics"], input=text.text, text=True,
                                 capture_output=True, timeout=30)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def events(answer):
    """Server-sent events of a streamed answer: (event, id, data)."""
    fields = {}
    for line in answer.iter_lines(chunk_size=1):
        line = line.decode()
        if line == "":
            if fields:
                yield fields.get("event"), fields.get("id"), json.loads(fields.get("data", "null"))
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def test_live_events_resume_without_a_gap(console, api, tmp_path):
    (tmp_path / "file").write_text("x")
    seen = []
    last = None
    for _ in range(3):
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        if last is not None:
            console.service.run_scan("custom", paths=[tmp_path])  # while nobody listens
        with api.raw("GET", "/api/events", headers=headers, stream=True) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            stream = events(answer)
            if last is None:
                name, last, data = next(stream)
                assert name == "hello" and data["sequence"] == int(last)
            console.service.run_scan("custom", paths=[tmp_path])
            newest = api.get("/api/timeline?$top=1")["value"][0]["sequence"]
            for name, number, data in stream:
                if name != "timeline":
                    continue
                assert data["sequence"] == int(number)
                seen.append(int(number))
                last = number
                if int(number) >= newest:
                    break
    assert seen == list(range(seen[0], seen[0] + len(seen))) and len(seen) > 10


def test_rate_limit():
    """A hundred a minute are Defender's; here three."""
    with Console(arguments=["--rate-limit", "3,100"]) as console:
        console.start()
        api = Client(console.url, console.add_client()).sign_in()
        other = Client(console.url, console.add_client("other")).sign_in()
        for _ in range(3):
            api.get("/api/machines")
        error = refused(429, "TooManyRequests", api.get, "/api/machines")
        assert 1 <= int(error.headers["Retry-After"]) <= 60
        assert other.get("/api/machines")["value"]


def test_host_and_origin(console, api, machine):
    """A name it does not have (DNS rebinding), and a page of somebody else."""
    answer = api.raw("GET", "/api/machines", headers={"Host": "evil.example"})
    assert answer.status_code in (400, 403, 421), answer.status_code
    answer = api.raw("POST", f"/api/machines/{machine['id']}/runAntiVirusScan",
                     headers={"Origin": "https://evil.example"},
                     json={"Comment": "c", "ScanType": "Quick"})
    assert answer.status_code == 403
    answer = api.raw("GET", "/api/machines", headers={"Origin": console.url})
    assert answer.status_code == 200
    page = requests.get(f"{console.url}/", timeout=20)
    assert page.status_code == 200 and "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in page.headers
    answer = api.raw("GET", "/api/machines")
    assert "no-store" in answer.headers["Cache-Control"]


def test_daemon_is_killed_under_it(console, api, tmp_path):
    """503 while it is away, and nothing is lost when it is back."""
    before = api.value("/api/machineactions?$top=10000")
    console.service.kill()
    answer = api.raw("GET", "/api/machineactions")
    assert answer.status_code in (500, 503) and answer.json()["error"]["code"] == "InternalServerError"
    assert requests.get(f"{console.url}/healthz", timeout=20).status_code == 503
    console.service.start()
    wait_for("it is back", lambda: api.raw("GET", "/api/machineactions").status_code == 200)
    assert {row["id"] for row in before} <= {row["id"] for row in api.value("/api/machineactions?$top=10000")}


def test_console_is_killed(console, api):
    """Its tokens and clients outlive it."""
    before = api.value("/api/machineactions?$top=10000")
    console.kill_console()
    console.start_console()
    wait_for("it answers", lambda: api.raw("GET", "/api/machineactions").status_code == 200)
    assert api.value("/api/machineactions?$top=10000") == before

# SPDX-License-Identifier: GPL-2.0-or-later
"""The API as Defender's clients use it, and what it has beyond Defender."""

import base64
import datetime
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.parse

import pytest

import console_described
from console_world import ALL_ROLES, Client, ConsoleWorld, Events
from quietscan_harness import ACTION, DEADLINE_S, make_tree, wait_for

ID = re.compile(r"^[a-z0-9]{40}$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$")
ACTION_FIELDS = ["@odata.context", "id", "type", "title", "requestor", "requestorComment", "status",
    "machineId", "computerDnsName", "creationDateTimeUtc", "lastUpdateDateTimeUtc",
    "cancellationRequestor", "cancellationComment", "cancellationDateTimeUtc", "errorHResult",
    "scope", "externalId", "requestSource", "relatedFileInfo", "commands", "troubleshootInfo"]


# A quick or full scan of the whole machine is not what is tested here: with "/" left
# out it ends at once, without, it is at work until it is cancelled.
NOTHING = {"ExclusionPath": ["/"]}


@pytest.fixture(scope="module")
def world():
    with ConsoleWorld(settings=NOTHING) as made:
        yield made


@pytest.fixture
def busy(world):
    """The same world, in which scans of the machine take long."""
    world.service.call("exclusion.remove", kind="path", value="/")
    yield world
    world.service.call("exclusion.add", kind="path", value="/")


@pytest.fixture(scope="module")
def api(world):
    return world.client(*ALL_ROLES, name="SOC")


@pytest.fixture(scope="module")
def machine(api):
    return api.get("/api/machines").json["value"][0]


@pytest.fixture(scope="module")
def infected(world, api):
    """A scan with two detections, made on the local socket."""
    folder = world.service.base / "tree"
    make_tree(folder, n_files=20, n_infected=2)
    return world.service.run_scan("custom", paths=[str(folder)], ignoreExclusions=True)


def final(api, action_id):
    def ended():
        action = api.get(f"/api/machineactions/{action_id}").json
        return action["status"] not in ("Pending", "InProgress") and action
    return wait_for("the action is final", ended)


def scan(api, machine, type_="Quick", comment="why"):
    return api.post(f"/api/machines/{machine['id']}/runAntiVirusScan",
        {"Comment": comment, "ScanType": type_})


# ---- tokens ---------------------------------------------------------------


def test_token_v1_and_v2(world):
    client_id, secret = world.add("tokens", "Machine.Read.All")
    for method in ("POST", "GET"):
        for path, more in (("/contoso/oauth2/token", {"resource": "https://api.securitycenter.windows.com"}),
                           ("/contoso/oauth2/v2.0/token", {"scope": "x/.default"})):
            form = urllib.parse.urlencode({"grant_type": "client_credentials",
                "client_id": client_id, "client_secret": secret, **more})
            answer = Client(world.port).ask(method, path, form,
                Content_Type="application/x-www-form-urlencoded")
            assert answer.status == 200, answer.body
            assert answer.json["token_type"] == "Bearer"
            assert answer.json["expires_in"] == 3599
            assert Client(world.port, answer.json["access_token"]).get("/api/health").status == 200


@pytest.mark.parametrize("change, status, error", [
    ({"client_secret": "wrong"}, 401, "invalid_client"),
    ({"client_id": "00000000-0000-4000-8000-000000000000"}, 401, "invalid_client"),
    ({"client_secret": None}, 401, "invalid_client"),
    ({"client_id": None}, 400, "invalid_request"),
    ({"grant_type": None}, 400, "invalid_request"),
    ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ({"scope": None}, 400, "invalid_scope")])
def test_token_refused(world, change, status, error):
    client_id, secret = world.add(f"refused {change}", "Machine.Read.All")
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret,
        "scope": "x/.default", **change}
    body = urllib.parse.urlencode({k: v for k, v in form.items() if v is not None})
    answer = Client(world.port).ask("POST", "/t/oauth2/v2.0/token", body,
        Content_Type="application/x-www-form-urlencoded")
    assert (answer.status, answer.json["error"]) == (status, error)
    assert answer.json["error_description"].startswith("AADSTS")


def test_no_token_wrong_token_revoked_client(world):
    assert Client(world.port).get("/api/machines").error == (401, "Unauthorized")
    assert Client(world.port, "x.y.z").get("/api/machines").error == (401, "Unauthorized")
    client_id, secret = world.add("to be revoked", "Machine.Read.All")
    api = Client(world.port, world.token(client_id, secret))
    assert api.get("/api/machines").status == 200
    subprocess.check_call([world.command()[0], "client", "revoke", client_id, "--state-dir",
        str(world.state_dir), "--output", "json"])
    assert api.get("/api/machines").error == (401, "Unauthorized")


def test_tokens_outlive_a_restart(world, api):
    world.stop()
    world.start()
    api.connection.close()
    assert api.get("/api/machines").status == 200


# ---- machines -------------------------------------------------------------


def test_machines(api, machine):
    answer = api.get("/api/machines")
    assert len(answer.body) > 100
    assert answer.json["@odata.context"].endswith("/api/$metadata#Machines")
    assert ID.match(machine["id"])
    assert machine["aadDeviceId"] is None
    assert machine["osPlatform"] and machine["healthStatus"] == "Active"
    for field in ("firstSeen", "lastSeen"):
        assert TIME.match(machine[field])
    assert api.get("/api/v1.0/machines").json["value"][0]["id"] == machine["id"]


@pytest.mark.parametrize("query, n", [
    ("$filter=computerDnsName+eq+'{name}'", 1), ("%24filter=ComputerDnsName%20eq%20%27{name}%27", 1),
    ("$filter=computerDnsName+eq+'other'", 0), ("%24top=10000", 1), ("$top=0", 0), ("$skip=1", 0),
    ("$filter=startswith(computerDnsName,'{start}')", 1), ("$filter=id eq '{id}'", 1),
    ("$filter=lastIpAddress eq '{ip}'", 1), ("$filter=machineTags/any(t: t eq 'none')", 0)])
def test_machines_filter(api, machine, query, n):
    query = query.format(name=machine["computerDnsName"], start=machine["computerDnsName"][:2],
        id=machine["id"], ip=machine["lastIpAddress"])
    answer = api.get("/api/machines?" + query.replace(" ", "%20"))
    assert answer.status == 200, answer.body
    assert len(answer.json["value"]) == n


def test_machine(api, machine):
    for id_ in (machine["id"], machine["id"].upper(), machine["computerDnsName"]):
        answer = api.get(f"/api/machines/{id_}")
        assert answer.json["id"] == machine["id"]
        assert answer.json["@odata.context"].endswith("#Machines/$entity")
    assert api.get("/api/machines/" + "0" * 40).error == (404, "ResourceNotFound")


def test_find_by_ip(api, machine):
    now = datetime.datetime.utcnow()
    path = "/api/machines/findbyip(ip='{}',timestamp={})"
    answer = api.get(path.format(machine["lastIpAddress"], now.strftime("%Y-%m-%dT%H:%M:%SZ")))
    assert [found["id"] for found in answer.json["value"]] == [machine["id"]]
    answer = api.get(path.format("192.0.2.77", now.strftime("%Y-%m-%dT%H:%M:%SZ")))
    assert answer.json["value"] == []
    assert api.get(path.format("1.2.3.4", "2019-09-22T08:44:05Z")).error == (400, "BadRequest")
    assert api.get(path.format("x", now.strftime("%Y-%m-%dT%H:%M:%SZ"))).error == \
        (400, "InvalidIpAddress")


def test_tags(api, machine):
    path = f"/api/machines/{machine['id']}/tags"
    answer = api.post(path, {"Value": "tier 1", "Action": "Add"})
    assert (answer.status, answer.json["machineTags"]) == (200, ["tier 1"])
    assert len(api.get("/api/machines?$filter=machineTags/any(t:t%20eq%20'tier%201')").json["value"]) == 1
    answer = api.post(path, {"Value": "tier 1", "Action": "Remove"})
    assert (answer.status, answer.json["machineTags"]) == (200, [])
    assert api.post(path, {"Value": "x", "Action": "Set"}).error == (400, "InvalidInput")
    assert api.post(path, {"Action": "Add"}).error == (400, "MissingRequiredParameter")


# ---- actions --------------------------------------------------------------


def test_scan(api, machine):
    answer = scan(api, machine, comment="quarterly")
    assert answer.status == 201, answer.body
    action = answer.json
    assert list(action)[:len(ACTION_FIELDS)] == ACTION_FIELDS
    assert action["@odata.context"].endswith("/api/$metadata#MachineActions/$entity")
    assert action["status"] == "Pending" and action["type"] == "RunAntiVirusScan"
    assert action["requestor"] == "SOC" and action["requestorComment"] == "quarterly"
    assert action["requestSource"] == "PublicApi" and action["machineId"] == machine["id"]
    assert TIME.match(action["creationDateTimeUtc"]) and action["errorHResult"] == 0
    assert final(api, action["id"])["status"] == "Succeeded"


def test_scan_asked_twice(busy, api, machine):
    first = scan(api, machine, "Full")
    assert first.status == 201
    second = scan(api, machine, "Full")
    assert second.error == (400, "ActiveRequestAlreadyExists")
    assert b'"message":"Action is already in progress"' in second.body
    answer = api.post(f"/api/machineactions/{first.json['id']}/cancel", {"Comment": "enough"})
    assert answer.status == 200
    action = final(api, first.json["id"])
    assert action["status"] == "Cancelled" and action["cancellationRequestor"] == "SOC"
    assert action["cancellationComment"] == "enough" and action["errorHResult"] == -2147467260
    assert TIME.match(action["cancellationDateTimeUtc"])
    again = api.post(f"/api/machineactions/{first.json['id']}/cancel", {"Comment": "enough"})
    assert again.error == (400, "BadRequest")


@pytest.mark.parametrize("body, code", [
    ("", "InvalidRequestBody"), ("{", "InvalidRequestBody"), ("[]", "InvalidRequestBody"),
    ({"ScanType": "Quick"}, "MissingRequiredParameter"), ({"Comment": "x"}, "MissingRequiredParameter"),
    ({"comment": "x", "ScanType": "Quick"}, "MissingRequiredParameter"),
    ({"Comment": " ", "ScanType": "Quick"}, "MissingRequiredParameter"),
    ({"Comment": "x", "ScanType": "Deep"}, "InvalidInput"),
    ({"Comment": "x" * 4001, "ScanType": "Quick"}, "InvalidInput")])
def test_scan_wrong_body(api, machine, body, code):
    answer = api.post(f"/api/machines/{machine['id']}/runAntiVirusScan", body)
    assert answer.error == (400, code)


def test_scan_unknown_machine(api):
    assert scan(api, {"id": "0" * 40}).error == (404, "ResourceNotFound")


def test_action_not_found(api):
    missing = "00000000-0000-4000-8000-000000000000"
    assert api.get(f"/api/machineactions/{missing}").error == (404, "ResourceNotFound")
    assert api.post(f"/api/machineactions/{missing}/cancel", {"Comment": "x"}).error == \
        (404, "ResourceNotFound")


def test_actions_odata(world, api, machine, infected):
    for _ in range(3):
        final(api, scan(api, machine).json["id"])
    everything = api.get("/api/machineactions?$count=true").json
    values = everything["value"]
    assert everything["@odata.count"] == len(values) >= 4
    assert everything["@odata.context"].endswith("/api/$metadata#MachineActions")
    created = [action["creationDateTimeUtc"] for action in values]
    assert created == sorted(created, reverse=True)
    page = api.get("/api/machineactions?%24top=2&$skip=1").json["value"]
    assert [a["id"] for a in page] == [a["id"] for a in values[1:3]]
    oldest = api.get("/api/machineactions?$orderby=lastUpdateDateTimeUtc+asc&$top=1").json["value"]
    assert oldest[0]["lastUpdateDateTimeUtc"] == min(a["lastUpdateDateTimeUtc"] for a in values)
    cursor = sorted(a["lastUpdateDateTimeUtc"] for a in values)[1]
    newer = api.get(f"/api/machineactions?$filter=lastUpdateDateTimeUtc+gt+{cursor}").json["value"]
    assert {a["id"] for a in newer} == \
        {a["id"] for a in values if a["lastUpdateDateTimeUtc"] > cursor}
    mine = api.get(f"/api/machineactions?$filter=machineId+eq+'{machine['id']}'and+type+eq+"
        "'RunAntiVirusScan'").json["value"]
    assert len(mine) == len(values)
    assert api.get("/api/machineactions?$filter=machineId+eq+'x'").json["value"] == []
    assert api.get("/api/machineactions?$filter=Status+in+('Succeeded','Failed')+AND+requestor+eq+"
        "'SOC'&$count=true").json["@odata.count"] >= 3
    assert api.get("/api/machineactions/$count").body == str(len(values)).encode()


@pytest.mark.parametrize("query", ["$filter=colour+eq+'x'", "$filter=status", "$top=10001",
    "$top=x", "$orderby=nothing", "$select=id", "$filter=status+eq+'%ff'", "$expand=evidence"])
def test_wrong_odata(api, query):
    assert api.get("/api/machineactions?" + query).error == (400, "ODataError")


@pytest.mark.parametrize("name, body", [
    ("isolate", {"Comment": "x", "IsolationType": "Full"}), ("unisolate", {"Comment": "x"}),
    ("restrictCodeExecution", {"Comment": "x"}), ("unrestrictCodeExecution", {"Comment": "x"}),
    ("collectInvestigationPackage", {"Comment": "x"}), ("startInvestigation", {"Comment": "x"}),
    ("offboard", {"Comment": "x"}),
    ("runliveresponse", {"Comment": "x", "Commands": [{"type": "GetFile", "params": []}]})])
def test_unsupported(world, api, machine, name, body):
    path = f"/api/machines/{machine['id']}/{name}"
    assert api.post(path, body).error == (400, "OsPlatformNotSupported")
    assert api.post(path, {}).error == (400, "MissingRequiredParameter")
    assert world.client("Machine.Scan").post(path, body).error == (403, "Forbidden")


def test_package_uri(api, machine):
    action = scan(api, machine).json
    for name in ("getPackageUri", "GetPackageUri"):
        assert api.get(f"/api/machineactions/{action['id']}/{name}").error == \
            (400, "OsPlatformNotSupported")
    assert api.get("/api/machineactions/none/getPackageUri").error == (404, "ResourceNotFound")
    final(api, action["id"])


# ---- alerts ---------------------------------------------------------------


def test_alerts(api, machine, infected):
    alerts = api.get("/api/alerts?$count=true").json
    assert alerts["@odata.count"] == len(alerts["value"]) >= 1
    alert = alerts["value"][0]
    assert alert["machineId"] == machine["id"] and alert["detectionSource"] == "WindowsDefenderAv"
    assert alert["category"] == "Malware" and alert["status"] == "New" and alert["evidence"] == []
    assert alert["threatName"] and alert["comments"] == []
    full = api.get("/api/alerts?$expand=evidence&$top=10000").json["value"][0]
    assert len(full["evidence"]) == alert["detections"] == 2
    for evidence in full["evidence"]:
        assert evidence["entityType"] == "File" and len(evidence["sha256"]) == 64
        assert evidence["filePath"].startswith(str(api and "/")) and "/" not in evidence["fileName"]
    one = api.get(f"/api/alerts/{alert['id']}").json
    assert one["@odata.context"].endswith("#Alerts/$entity") and len(one["evidence"]) == 2
    assert api.get("/api/alerts/none").error == (404, "ResourceNotFound")
    of_machine = api.get(f"/api/machines/{machine['id']}/alerts").json["value"]
    assert [a["id"] for a in of_machine] == [a["id"] for a in alerts["value"]]
    count = api.get(f"/api/machines/{machine['id']}/alerts/$count?$filter=status+eq+'New'")
    assert count.body == b"1"
    assert api.get("/api/machines/none/alerts").error == (404, "ResourceNotFound")
    assert len(api.get("/api/alerts?$filter=status+in+('Unknown','New')+and+severity+in+('High',"
        "'Medium','Low','Informational')+and+lastEventTime+ge+2020-01-01T00:00:00Z&$expand=evidence"
        "&$top=10000").json["value"]) == 1
    assert len(api.get("/api/alerts?$filter=detectionSource+eq+'WindowsDefenderAv'").json["value"]) == 1
    assert api.get("/api/alerts?$filter=detectionSource+eq+'CustomerTI'").json["value"] == []


def test_ids_of_alerts_in_filters(world, api, infected):
    alert = api.get("/api/alerts").json["value"][0]
    guid = world.service.call("alert.list", limit=1)["value"][0]["id"]
    for id_ in (alert["id"], guid, guid.upper()):
        assert len(api.get(f"/api/alerts?$filter=id+eq+'{id_}'").json["value"]) == 1, id_
        assert len(api.get(f"/api/detections?$filter=alertId+in+('{id_}')").json["value"]) == 2, id_
        assert api.get(f"/api/alerts?$filter=id+ne+'{id_}'&$top=1000").json["value"] == \
            api.get("/api/alerts").json["value"][1:]
    for query in ("$filter=id+gt+'da1_1'", "$filter=startswith(id,'da')", "$orderby=id"):
        for list_ in ("alerts", "detections"):
            assert api.get(f"/api/{list_}?{query}").error == (400, "ODataError")
    assert api.get("/api/detections?$filter=contains(alertId,'1')").error == (400, "ODataError")


def test_times_that_no_row_has(api, infected):
    n = len(api.get("/api/alerts").json["value"])
    for filter_, expected in (("ne+2026-11-24T03:55:12.0000001Z", n), ("ne+1969-01-01", n),
            ("eq+2026-11-24T03:55:12.0000001Z", 0), ("in+(2026-11-24T03:55:12.0000001Z)", 0),
            ("gt+0001-01-01T00:00:00Z", 0), ("lt+0001-01-01T00:00:00Z", 0)):
        answer = api.get(f"/api/alerts?$filter=status+eq+'New'+and+resolvedTime+{filter_}")
        assert len(answer.json["value"]) == expected, filter_
    assert len(api.get("/api/alerts?$filter=alertCreationTime+ge+1900-01-01").json["value"]) == n


def test_alert_update(world, api, infected):
    id_ = api.get("/api/alerts").json["value"][0]["id"]
    answer = api.patch(f"/api/alerts/{id_}", {"status": "Resolved", "assignedTo": "a@example.com",
        "classification": "TruePositive", "determination": "Malware", "comment": "done <b>"})
    assert answer.status == 200, answer.body
    assert answer.json["status"] == "Resolved" and TIME.match(answer.json["resolvedTime"])
    assert answer.json["comments"][0]["comment"] == "done <b>"
    assert answer.json["comments"][0]["createdBy"] == "SOC"
    assert api.patch(f"/api/alerts/{id_}", {"Status": "New"}).json["status"] == "New"
    assert api.patch(f"/api/alerts/{id_}", {"status": "Odd"}).error == (400, "InvalidInput")
    assert api.patch(f"/api/alerts/{id_}", {}).error == (400, "MissingRequiredParameter")
    assert api.patch("/api/alerts/none", {"status": "New"}).error == (404, "ResourceNotFound")
    reader = world.client("Alert.Read.All")
    assert reader.patch(f"/api/alerts/{id_}", {"status": "New"}).error == (403, "Forbidden")
    assert reader.get("/api/alerts").status == 200


# ---- roles, methods, limits -----------------------------------------------


@pytest.mark.parametrize("method, path, role", [
    ("GET", "/api/machines", "Machine.Read.All"), ("GET", "/api/machineactions", "Machine.ReadWrite.All"),
    ("GET", "/api/scans", "Machine.Read.All"), ("GET", "/api/timeline", "Machine.Read.All"),
    ("GET", "/api/health", "Machine.Read.All"), ("GET", "/api/alerts", "Alert.Read.All"),
    ("GET", "/api/detections", "Alert.Read.All"), ("GET", "/api/quarantine", "Machine.Read.All"),
    ("GET", "/api/quarantine/$count", "Machine.ReadWrite.All")])
def test_roles(world, method, path, role):
    assert world.client(role).ask(method, path).status == 200
    assert world.client("Machine.Scan").ask(method, path).error == (403, "Forbidden")


def test_scan_needs_its_role(world, machine):
    assert scan(world.client("Machine.Read.All"), machine).error == (403, "Forbidden")


def test_methods_and_paths(api):
    answer = api.get("/api/machineactions/x/cancel")
    assert answer.error == (405, "MethodNotAllowed") and answer.headers["allow"] == "POST"
    assert api.get("/api/nothing").error == (404, "NotFound")
    assert api.get("/api/machines/%ff").error == (400, "BadRequest")


def test_other_sites_and_hosts(world, api):
    assert api.get("/api/machines", Host="evil.example").status == 421
    assert api.get("/api/machines", Origin="https://evil.example").status == 403
    assert api.get("/api/machines", Sec_Fetch_Site="cross-site").status == 403


def test_the_page_is_the_portal(world, api, machine):
    answer = api.post(f"/api/machines/{machine['id']}/runAntiVirusScan",
        {"Comment": "x", "ScanType": "Quick"}, Origin=f"http://127.0.0.1:{world.port}")
    assert answer.json["requestSource"] == "Portal"
    final(api, answer.json["id"])


def test_rate_limit():
    with ConsoleWorld(rate_limit="5,1500") as world:
        api = world.client("Machine.Read.All")
        answers = [api.get("/api/machines") for _ in range(7)]
        assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
        assert answers[5].error == (429, "TooManyRequests")
        assert 1 <= int(answers[5].headers["retry-after"]) <= 60
        assert world.client("Machine.Read.All").get("/api/machines").status == 200


def test_wrong_secrets_are_limited():
    with ConsoleWorld() as world:
        client_id, _ = world.add("x", "Machine.Read.All")
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": client_id,
            "client_secret": "wrong", "scope": "x"})
        client = Client(world.port)
        statuses = [client.ask("POST", "/x/oauth2/v2.0/token", form).status for _ in range(22)]
        assert statuses == [401] * 20 + [429] * 2


# ---- beyond Defender ------------------------------------------------------


def test_scans(api, machine, infected):
    scans = api.get("/api/scans?$filter=type+eq+'custom'").json["value"]
    assert scans[0]["id"] == infected["id"] and scans[0]["results"]["infected"] == 2
    one = api.get(f"/api/scans/{infected['id']}").json
    assert one["load"]["asked"] is not None
    assert api.get(f"/api/scans/{infected['actionId']}").json["id"] == infected["id"]
    assert api.get("/api/scans/none").error == (404, "ResourceNotFound")
    assert api.post(f"/api/scans/{infected['id']}/pause").error == (400, "BadRequest")
    detections = api.get(f"/api/detections?$filter=scanId+eq+'{infected['id']}'").json["value"]
    assert len(detections) == 2 and detections[0]["pathBytes"]
    alert = detections[0]["alertId"]
    assert len(api.get(f"/api/detections?$filter=alertId+eq+'{alert}'&$top=1").json["value"]) == 1


def test_pause_and_resume(busy, api, machine):
    action = scan(api, machine, "Full").json
    scan_id = api.get(f"/api/scans/{action['id']}").json["id"]
    wait_for("it is at work", lambda: api.get(f"/api/scans/{scan_id}").json["status"] == "InProgress")
    assert api.post(f"/api/scans/{scan_id}/pause").json["id"] == scan_id
    wait_for("it pauses", lambda: api.get(f"/api/scans/{scan_id}").json["status"] == "Paused")
    assert api.post(f"/api/scans/{scan_id}/resume").status == 200
    api.post(f"/api/machineactions/{action['id']}/cancel", {"Comment": "x"})
    final(api, action["id"])


# ---- quarantine -----------------------------------------------------------

REMEDIATION = ("remediationStatus", "remediationAction", "remediationBy", "quarantineId")


@pytest.fixture(scope="module")
def taking():
    """A world in which what is found is taken away."""
    with ConsoleWorld(settings=ACTION) as made:
        yield made


@pytest.fixture(scope="module")
def keeper(taking):
    return taking.client(*ALL_ROLES, name="SOC")


def quarantine(world, name, n=1):
    """n files found and taken away: their paths."""
    folder = world.service.base / name
    paths = make_tree(folder, n_files=1, n_infected=n)
    world.service.run_scan("custom", paths=[str(folder)])
    return paths


def item_of(api, path):
    item, = api.get(f"/api/quarantine?$filter=path+eq+'{path}'").json["value"]
    return item


def ended(api, item, type_):
    """The event with which it ended."""
    def find():
        return [event for event in api.get(f"/api/timeline?actionType={type_}").json["value"]
                if event["quarantineId"] == item["id"]]
    return wait_for(type_, find)[0]


def detection_of(api, item):
    answer = api.get(f"/api/detections?$filter=quarantineId+eq+'{item['id']}'+and+id+eq+"
        f"'{item['detectionId']}'")
    return answer.json["value"][0]


def test_quarantine_list(taking, keeper):
    paths = quarantine(taking, "list", 3)
    everything = keeper.get("/api/quarantine?$count=true").json
    items = everything["value"]
    assert everything["@odata.context"].endswith("/api/$metadata#Quarantine")
    assert everything["@odata.count"] == len(items) >= 3
    assert keeper.get("/api/quarantine/$count").body == str(len(items)).encode()
    assert set(items[0]) == {"id", "quarantinedTime", "path", "pathBytes", "threatName",
        "detectionId", "sha256", "size", "owner", "names", "reason"}
    times = [item["quarantinedTime"] for item in items]
    assert times == sorted(times, reverse=True) and TIME.match(times[0])
    assert items == taking.service.list("quarantine.list")
    by_path = keeper.get(f"/api/quarantine?$filter=startswith(path,'{taking.service.base}/list/')"
        "&$orderby=path+desc").json["value"]
    assert [item["path"] for item in by_path] == sorted(paths, reverse=True)
    page = keeper.get("/api/quarantine?%24top=2&$skip=1").json["value"]
    assert page == items[1:3]
    for filter_, n in ((f"threatName+eq+'{items[0]['threatName']}'+and+size+gt+0", len(items)),
            (f"quarantinedTime+gt+{times[0]}", 0), (f"sha256+in+('{items[0]['sha256']}')", len(items)),
            (f"detectionId+eq+'{items[0]['detectionId']}'", 1), ("contains(path,'nowhere')", 0)):
        assert keeper.get(f"/api/quarantine/$count?$filter={filter_}").body == str(n).encode(), filter_
    one = keeper.get(f"/api/v1.0/Quarantine/{items[0]['id']}").json
    assert one.pop("@odata.context").endswith("#Quarantine/$entity") and one == items[0]
    for wrong in ("$filter=colour+eq+'x'", "$orderby=names", "$expand=evidence", "$top=x"):
        assert keeper.get(f"/api/quarantine?{wrong}").error == (400, "ODataError")
    assert keeper.get("/api/quarantine/%ff").error == (400, "BadRequest")


def test_quarantine_restore(taking, keeper):
    """Accepted; told by an event; what is in the way stays, and so does the item."""
    path, = map(pathlib.Path, quarantine(taking, "restore"))
    item = item_of(keeper, path)
    path.write_text("somebody's work")
    answer = keeper.post(f"/api/quarantine/{item['id']}/restore", {"Comment": "ours"})
    assert (answer.status, answer.json) == (202, {"id": item["id"], "outcome": "Accepted"})
    failed = ended(keeper, item, "QuarantineItemRestoreFailed")
    assert (failed["outcome"], failed["requestor"], failed["comment"]) == ("TargetExists", "SOC", "ours")
    assert path.read_text() == "somebody's work" and item_of(keeper, path) == item
    path.unlink()
    assert keeper.post(f"/api/quarantine/{item['id']}/restore", {"Comment": "ours"}).status == 202
    assert ended(keeper, item, "QuarantineItemRestored")["path"] == str(path)
    assert path.exists() and detection_of(keeper, item)["remediationStatus"] == "Restored"
    assert keeper.get(f"/api/quarantine/{item['id']}").error == (404, "ResourceNotFound")


def test_quarantine_delete(taking, keeper):
    path, = map(pathlib.Path, quarantine(taking, "delete"))
    item = item_of(keeper, path)
    answer = keeper.post(f"/api/quarantine/{item['id']}/delete", {"Comment": "enough"})
    assert (answer.status, answer.json) == (202, {"id": item["id"], "outcome": "Accepted"})
    assert ended(keeper, item, "QuarantineItemDeleted")["comment"] == "enough"
    assert not path.exists() and detection_of(keeper, item)["remediationStatus"] == "Removed"
    assert keeper.get(f"/api/quarantine?$filter=id+eq+'{item['id']}'").json["value"] == []


@pytest.mark.parametrize("verb", ["restore", "delete"])
def test_quarantine_refused(taking, keeper, verb):
    """Without its role, for what is not there, and for each wrong body nothing is done."""
    path, = quarantine(taking, f"refused-{verb}")
    item = item_of(keeper, path)
    ask = f"/api/quarantine/{item['id']}/{verb}"
    others = [role for role in ALL_ROLES if role != "Machine.StopAndQuarantine"]
    assert taking.client(*others).post(ask, {"Comment": "x"}).error == (403, "Forbidden")
    assert Client(taking.port).post(ask, {"Comment": "x"}).error == (401, "Unauthorized")
    for body, code in (("{", "InvalidRequestBody"), ("[]", "InvalidRequestBody"),
            ({}, "MissingRequiredParameter"), ({"comment": "x"}, "MissingRequiredParameter"),
            ({"Comment": " "}, "MissingRequiredParameter"), ({"Comment": 1}, "InvalidRequestBody"),
            ({"Comment": "x" * 4001}, "InvalidInput")):
        assert keeper.post(ask, body).error == (400, code), body
    assert keeper.ask("POST", ask, "x" * 70000).status == 413
    keeper.connection.close()
    answer = keeper.get(ask)
    assert answer.error == (405, "MethodNotAllowed") and answer.headers["allow"] == "POST"
    for missing in ("0" * 32, "none", item["id"] + "0", "%2e%2e%2fvault"):
        assert keeper.post(f"/api/quarantine/{missing}/{verb}", {"Comment": "x"}).error == \
            (404, "ResourceNotFound"), missing
        assert keeper.get(f"/api/quarantine/{missing}").error == (404, "ResourceNotFound"), missing
    assert item_of(keeper, path) == item


def test_what_was_done_with_a_file(taking, keeper):
    """The detection says it, and so does the evidence of its alert."""
    path, = quarantine(taking, "done")
    item = item_of(keeper, path)
    detection = detection_of(keeper, item)
    assert [detection[name] for name in REMEDIATION[:2]] == ["Quarantined", "Quarantine"]
    assert detection["remediationBy"].endswith("ThreatDefaultAction")
    assert item["reason"] and detection["quarantineId"] == item["id"]
    alert = keeper.get(f"/api/alerts/{detection['alertId']}").json
    listed, = keeper.get(f"/api/alerts?$filter=id+eq+'{alert['id']}'&$expand=evidence").json["value"]
    for evidence in alert["evidence"] + listed["evidence"]:
        assert [evidence[name] for name in REMEDIATION] == [detection[name] for name in REMEDIATION]
    for filter_ in ("remediationAction+eq+'Quarantine'", "remediationBy+ne+''",
            f"quarantineId+eq+'{item['id']}'", "remediationStatus+in+('Quarantined','Removed')"):
        rows = keeper.get(f"/api/detections?$filter=path+eq+'{path}'+and+{filter_}").json["value"]
        assert rows == [detection], filter_
    assert keeper.get("/api/detections?$orderby=remediationStatus").status == 200


def test_remediation_is_described(api, infected):
    """What a detection can say is in openapi.json, and so is what this one says."""
    described = console_described.DOCUMENT["components"]["schemas"]["Detection"]["properties"]
    words = (pathlib.Path(__file__).resolve().parents[2] / "docs/remediation.md").read_text()
    table = words.split("| status | means |")[1].split("\n\n")[0]
    named = [word.strip() for row in table.splitlines()[2:] for word in row.split("|")[1].split(",")]
    assert described["remediationStatus"]["enum"] == named
    for row in api.get("/api/detections").json["value"]:
        assert set(row) <= set(described)
        assert row["remediationStatus"] == "Detected" and row["quarantineId"] is None
        assert row["remediationAction"] in described["remediationAction"]["enum"]


def test_timeline(api, infected):
    newest = api.get("/api/timeline?$top=2").json
    assert len(newest["value"]) == 2 and "@odata.nextLink" in newest
    seen, link = [], "/api/timeline?$top=3&order=asc&afterSequence=0"
    while link:
        page = api.get(link).json
        seen += [event["sequence"] for event in page["value"]]
        link = page.get("@odata.nextLink")
        link = link and link[link.index("/api/"):]
    assert seen == list(range(1, len(seen) + 1)) and len(seen) > 5
    down, link = [], "/api/timeline?$top=3"
    while link:
        page = api.get(link).json
        down += [event["sequence"] for event in page["value"]]
        link = page.get("@odata.nextLink")
        link = link and link[link.index("/api/"):]
    assert down[-len(seen):] == seen[::-1]
    some = api.get(f"/api/timeline?scanId={infected['id']}&actionType=AntivirusScanCompleted").json
    assert {event["scanId"] for event in some["value"]} <= {infected["id"]}
    assert api.get("/api/timeline?$skip=3").error == (400, "ODataError")
    assert api.get("/api/timeline?afterSequence=x").error == (400, "InvalidInput")
    assert api.get("/api/timeline?order=up").error == (400, "InvalidInput")
    for wrong in ("scanId=%ff", "actionType=%4", "order=%00", "scanId=" + "x" * 128,
            "afterSequence=%zz", "beforeSequence=" + "1" * 40):
        assert api.get(f"/api/timeline?{wrong}").error == (400, "InvalidInput"), wrong


def test_health(api, machine):
    health = api.get("/api/health").json
    assert health["machineId"] == machine["id"] and health["console"]["client"] == "SOC"
    assert Client(api.port).get("/healthz").body == b"ok"


def test_openapi(api):
    document = Client(api.port).get("/openapi.json").json
    assert document == console_described.DOCUMENT  # which every answer is compared with
    assert document["openapi"].startswith("3.1")
    for path in ("/api/machines/{id}/runAntiVirusScan", "/api/quarantine/{id}/restore", "/api/events",
            "/metrics"):
        assert path in document["paths"], path
    for name in re.findall(r'"\$ref": *"#/([^"]+)"', Client(api.port).get("/openapi.json").body.decode()):
        part = document
        for word in name.split("/"):
            part = part[word]


def operations():
    for path, item in console_described.DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


@pytest.mark.parametrize("path,method,operation", list(operations()),
    ids=lambda value: value if isinstance(value, str) else "")
def test_openapi_has_what_any_call_may_be(path, method, operation):
    """What the gate, the limits, the service's absence and the sizes give, whatever is asked for."""
    # Whom it is, what is too large and who asks too often is not asked of these two.
    is_open = path in ("/healthz", "/openapi.json")
    needed = {"200", "403", "421", "500", "503"} if is_open else {"401", "403", "421", "429", "500", "503"}
    if "requestBody" in operation:
        needed |= {"400", "413"}
    assert needed <= set(operation["responses"])
    for status, response in operation["responses"].items():
        if status in ("413", "421", "429", "500", "504") or status == "503" and path != "/healthz":
            name = response["$ref"].removeprefix("#/components/responses/")
            described = console_described.DOCUMENT["components"]["responses"][name]
            assert ("Retry-After" in described.get("headers", {})) == (status in ("429", "503"))


def test_a_status_that_is_not_described_is_noticed():
    console_described.check("GET", "/api/v1.0/Machines/$count?x=/", 429)
    console_described.check("GET", "/api/alerts/da1_2", 404)
    console_described.check("GET", "/api/nothing", 404)
    console_described.check("GET", "/tenant/oauth2/token", 200)
    for method, path, status in (("GET", "/healthz", 429), ("GET", "/api/alerts/$count", 404),
                                 ("GET", "/api/nothing", 200), ("HEAD", "/api/events", 504)):
        with pytest.raises(AssertionError):
            console_described.check(method, path, status)


def test_metrics(world):
    client_id, secret = world.add("prometheus", "Machine.Read.All")
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    answer = Client(world.port).get("/metrics", Authorization=f"Basic {basic}")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
    assert b"\nquietscan_up 1\n" in answer.body
    assert world.client("Machine.Read.All").get("/metrics").status == 200
    assert world.client("Machine.Scan").get("/metrics").error == (403, "Forbidden")
    assert Client(world.port).get("/metrics").error == (401, "Unauthorized")
    wrong = base64.b64encode(f"{client_id}:x".encode()).decode()
    assert Client(world.port).get("/metrics", Authorization=f"Basic {wrong}").error == \
        (401, "Unauthorized")
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed")
    subprocess.run(["promtool", "check", "metrics"], input=answer.body, check=True)


# ---- events ---------------------------------------------------------------


def test_events(world, api, machine):
    stream = Events(api)
    assert stream.status == 200
    wait_for("hello", lambda: stream.events)
    name, id_, data = stream.events[0]
    assert name == "hello" and int(id_) == data["sequence"] and data["machineId"] == machine["id"]
    action = scan(api, machine).json
    final(api, action["id"])
    newest = api.get("/api/timeline?$top=1").json["value"][0]["sequence"]
    wait_for("all events", lambda: stream.sequences()[-1:] == [newest])
    assert stream.sequences() == list(range(int(id_) + 1, newest + 1))
    names = {name for name, _, _ in stream.events}
    assert {"hello", "timeline", "changed"} <= names
    stream.close()
    again = Events(api, Last_Event_ID=str(newest - 2))
    wait_for("the rest", lambda: again.sequences() == [newest - 1, newest])
    assert again.events[0][0] == "timeline"
    again.close()
    beyond = Events(api, Last_Event_ID=str(newest + 5))
    other = Events(api, Last_Event_ID="x")
    assert (beyond.status, other.status) == (200, 400)
    wait_for("hello", lambda: beyond.events)
    name, id_, data = beyond.events[0]
    assert name == "hello" and int(id_) == data["sequence"] == newest
    beyond.close()
    other.close()


def test_a_client_that_does_not_read():
    """5 MB wait for a client that takes nothing: none of it in the console, and there is no gap."""
    with ConsoleWorld(settings={"ScanAvgCPULoadFactor": 0}) as world:
        api = world.client("Machine.Read.All")
        folder = world.service.base / "tree"
        make_tree(folder, n_files=6000, n_infected=5990)
        world.service.run_scan("custom", paths=[str(folder)])
        newest = api.get("/api/timeline?$top=1").json["value"][0]["sequence"]
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", world.port))
        slow.settimeout(DEADLINE_S)
        slow.sendall((f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{world.port}\r\n"
            f"Last-Event-ID: 0\r\nAuthorization: Bearer {api.token}\r\n\r\n").encode())
        for _ in range(100):
            assert api.get("/api/machines").status == 200
        observer = Events(api)
        wait_for("hello", lambda: observer.events)
        world.service.run_scan("custom", paths=["/etc/hostname"])
        newest = api.get("/api/timeline?$top=1").json["value"][0]["sequence"]
        wait_for("all events", lambda: observer.sequences()[-1:] == [newest])
        changed = [data["revision"] for name, _, data in observer.events if name == "changed"][-1]
        observer.close()
        status = pathlib.Path(f"/proc/{world.process.pid}/status").read_text()
        assert int(re.search(r"VmRSS:\s+([0-9]+) kB", status)[1]) < 64 * 1024
        seen = bytearray()
        while f"id: {newest}\n".encode() not in seen[-4096:]:
            seen += slow.recv(2048)
        # what was told while it took nothing is told when it does again, but no more than the last
        assert f'event: changed\ndata: {{"revision":{changed}}}\n'.encode() in seen
        ids = [int(id_) for id_ in re.findall(rb"\nid: ([0-9]+)\n", bytes(seen))]
        assert ids == list(range(1, newest + 1))
        slow.close()


def test_progress(busy, api, machine):
    stream = Events(api)
    wait_for("hello", lambda: stream.events)
    action = scan(api, machine, "Full").json

    def progress():  # the end of the scan before may still be told
        return [(id_, data) for name, id_, data in list(stream.events)
            if name == "progress" and data["actionId"] == action["id"]]

    wait_for("progress", progress)
    assert progress()[0][0] is None
    api.post(f"/api/machineactions/{action['id']}/cancel", {"Comment": "x"})
    final(api, action["id"])
    wait_for("its end", lambda: progress()[-1][1]["status"] == "Cancelled")
    stream.close()


def test_no_gap_when_the_daemon_or_the_console_dies(world, api, machine):
    stream = Events(api)
    wait_for("hello", lambda: stream.events)
    first = int(stream.events[0][1])
    world.service.kill()
    world.service.start()
    wait_for("the daemon is back", lambda: api.get("/api/machines").status == 200)
    final(api, scan(api, machine).json["id"])
    newest = api.get("/api/timeline?$top=1").json["value"][0]["sequence"]
    wait_for("all events", lambda: stream.sequences()[-1:] == [newest])
    assert stream.sequences() == list(range(first + 1, newest + 1))
    world.kill_console()
    world.service.run_scan("custom", paths=["/etc/hostname"])
    world.start()
    api.connection.close()
    again = Events(api, Last_Event_ID=str(newest))
    last = api.get("/api/timeline?$top=1").json["value"][0]["sequence"]
    wait_for("the rest", lambda: again.sequences()[-1:] == [last])
    assert again.sequences() == list(range(newest + 1, last + 1))
    again.close()


def test_daemon_away(world, api):
    world.service.kill()
    wait_for("it is noticed", lambda: api.get("/api/machineactions").status == 503)
    assert api.get("/api/machineactions").error == (503, "InternalServerError")
    assert api.get("/api/quarantine/x").error == (503, "InternalServerError")
    for verb in ("restore", "delete"):
        assert api.post(f"/api/quarantine/x/{verb}", {"Comment": "x"}).error == \
            (503, "InternalServerError")
    assert Client(world.port).get("/healthz").status == 503
    started = time.monotonic()
    world.service.start()
    wait_for("it is back", lambda: api.get("/api/machineactions").status == 200)
    assert time.monotonic() - started < 30

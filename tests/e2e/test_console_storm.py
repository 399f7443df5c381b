# SPDX-License-Identifier: GPL-2.0-or-later
"""Sixty-four clients ask and cancel at the same time: no action is lost, none is doubled.

QUIETSCAN_CONSOLE_STORM_S seconds (default 10; `./check --long`: 60).
"""

import os
import random
import threading
import time

from console_client import ApiError, Client
from console_harness import Console
from quietscan_harness import wait_for

SECONDS = float(os.environ.get("QUIETSCAN_CONSOLE_STORM_S", "10"))
N_CLIENTS = 64
FINAL = ("Succeeded", "Failed", "TimeOut", "Cancelled")


class Operator(threading.Thread):
    """Asks for scans and cancels what runs, and remembers every answer."""

    def __init__(self, console, client, machine_id, number, end):
        super().__init__(name=f"client{number}")
        self.api = Client(console.url, client).sign_in()
        self.machine_id, self.end = machine_id, end
        self.dice = random.Random(number)
        self.asked, self.cancelled, self.faults, self.n_refused = {}, {}, [], 0

    def ask(self, number):
        comment = f"{self.name} number {number}"
        try:
            action = self.api.post(f"/api/machines/{self.machine_id}/runAntiVirusScan", {
                "Comment": comment, "ScanType": self.dice.choice(("Quick", "Full"))}, 201)
            if action["id"] in self.asked:
                self.faults.append(f"{action['id']} was given twice")
            self.asked[action["id"]] = comment
        except ApiError as error:
            if error.code != "ActiveRequestAlreadyExists":
                raise
            self.n_refused += 1

    def cancel(self):
        for row in self.api.get("/api/machineactions?$filter=status%20in%20('Pending','InProgress')"
                                "&$top=10")["value"]:
            try:
                self.api.post(f"/api/machineactions/{row['id']}/cancel",
                              {"Comment": f"by {self.name}"})
                self.cancelled[row["id"]] = True
            except ApiError as error:
                if error.status != 400:  # somebody was faster
                    raise

    def run(self):
        number = 0
        try:
            while time.monotonic() < self.end:
                number += 1
                self.ask(number)
                if self.dice.random() < 0.5:
                    self.cancel()
        except Exception as error:  # pylint: disable=broad-except
            self.faults.append(repr(error))


def test_many_clients():
    with Console(arguments=["--rate-limit", "0,0"]) as console:
        console.start()
        client = console.add_client()
        api = Client(console.url, client).sign_in()
        machine_id = api.value("/api/machines")[0]["id"]
        end = time.monotonic() + SECONDS
        operators = [Operator(console, client, machine_id, number, end) for number in range(N_CLIENTS)]
        for operator in operators:
            operator.start()
        for operator in operators:
            operator.join(SECONDS + 60)
            assert not operator.is_alive(), operator.name
        assert [fault for operator in operators for fault in operator.faults] == []
        operators[0].cancel()
        wait_for("all are over", lambda: not api.value(
            "/api/machineactions?$filter=status%20in%20('Pending','InProgress')"))
        rows = api.value("/api/machineactions?$top=10000")
        told = {key: comment for operator in operators for key, comment in operator.asked.items()}
        n_asked = sum(len(operator.asked) for operator in operators)
        print(f"{n_asked} actions, {sum(operator.n_refused for operator in operators)} refused, "
              f"{sum(len(operator.cancelled) for operator in operators)} cancelled")
        assert n_asked == len(told) > 0
        assert {row["id"]: row["requestorComment"] for row in rows} == told
        assert len(rows) == len(told)
        assert {row["status"] for row in rows} <= set(FINAL)
        submitted = [event["actionId"] for event in api.value(
            "/api/timeline?actionType=AntivirusScanSubmitted&$top=1000")]
        assert sorted(submitted) == sorted(told)

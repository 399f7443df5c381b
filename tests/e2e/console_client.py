# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of the console's API, as Defender's clients are: a token, then JSON over HTTP."""

import requests

import console_described

GUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$"


class ApiError(Exception):
    """An answer with Defender's error envelope."""

    def __init__(self, status, error, headers):
        super().__init__(f"{status}: {error}")
        self.status, self.code, self.message = status, error["code"], error["message"]
        self.target, self.headers = error["target"], headers


class Client:
    """One application; keeps its connections, as a real one does."""

    def __init__(self, url, client, verify=True, cert=None):
        self.url, self.client = url, client
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify, self.session.cert = verify, cert
        self.token = None

    def sign_in(self):
        answer = self.session.post(f"{self.url}/tenant/oauth2/v2.0/token", data={
            "grant_type": "client_credentials", "client_id": self.client[0],
            "client_secret": self.client[1], "scope": "https://example.invalid/.default"}, timeout=20)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return self

    def raw(self, method, path, headers=None, stream=False, **kwargs):
        """The answer as it came. The path goes onto the wire as it is written."""
        request = requests.Request(method, self.url, headers={
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}), **(headers or {})},
            **kwargs)
        prepared = self.session.prepare_request(request)
        prepared.url = self.url + path
        answer = self.session.send(prepared, timeout=30, verify=self.session.verify,
                                   cert=self.session.cert, stream=stream)
        console_described.check(method, path, answer.status_code)
        return answer

    def call(self, method, path, body=None, status=None):
        """The body of a success; ApiError otherwise."""
        answer = self.raw(method, path, json=body) if body is not None else self.raw(method, path)
        document = answer.json()
        if answer.status_code >= 400:
            assert set(document) == {"error"}, document
            assert set(document["error"]) == {"code", "message", "target"}, document
            raise ApiError(answer.status_code, document["error"], answer.headers)
        assert "error" not in document if isinstance(document, dict) else True
        assert status is None or answer.status_code == status, answer.status_code
        return document

    def get(self, path):
        return self.call("GET", path, status=200)

    def post(self, path, body, status=200):
        return self.call("POST", path, body, status)

    def value(self, path):
        """The rows of a list, of all its pages."""
        rows = []
        while path:
            page = self.get(path)
            rows += page["value"]
            link = page.get("@odata.nextLink")
            path = link and link[link.index("/api"):]
        return rows

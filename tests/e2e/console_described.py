# SPDX-License-Identifier: GPL-2.0-or-later
"""console/openapi.json against what the console answers: each status must be described."""

import json
import pathlib
import re
import urllib.parse

DOCUMENT = json.loads((pathlib.Path(__file__).resolve().parents[2] / "console/openapi.json").read_text())


def pattern(template):
    """What fits a path template: the names of segments in any case, a parameter for all but '/'."""
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts) + "/?", re.IGNORECASE)


# Those with the fewest parameters first: $count is no id.
PATHS = [(pattern(template), item) for template, item in
         sorted(DOCUMENT["paths"].items(), key=lambda entry: entry[0].count("{"))]


def described(method, path):
    """The responses of an operation, or None when the document has none for it."""
    path = urllib.parse.unquote(path.split("?")[0], errors="replace")
    path = re.sub("^/api/v1.0/", "/api/", path, flags=re.IGNORECASE)
    for fits, item in PATHS:
        if fits.fullmatch(path):
            operation = item.get("get" if method == "HEAD" else method.lower())
            return operation and operation["responses"]
    return None


def check(method, path, status):
    """Fail when a client could not know of this status; what is not in the document is no success."""
    responses = described(method, path)
    if responses is None:
        is_token = method == "GET" and path.endswith("/token")  # no operation of OpenAPI: it has a body
        assert status >= 400 or is_token or not path.lower().startswith("/api"), (method, path, status)
    else:
        assert str(status) in responses, f"{method} {path}: {status} is not in openapi.json"

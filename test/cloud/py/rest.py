"""A minimal OpenStack REST client: one token, the catalog, JSON in and out."""
import time

import requests
from requests.adapters import HTTPAdapter

VERSIONS = {"compute": "2.93", "volumev3": "3.70"}
PREFIX = {"network": "/v2.0", "image": "/v2"}


class Failed(Exception):
    def __init__(self, answer):
        super().__init__(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:400]}")
        self.status = answer.status_code


class Cloud:
    def __init__(self, user, password, project, auth_url="http://127.0.0.1:5000/v3", threads=16):
        self.http = requests.Session()
        self.http.mount("http://", HTTPAdapter(pool_connections=32, pool_maxsize=threads, max_retries=2))
        domain = {"id": "default"}
        answer = self.http.post(auth_url + "/auth/tokens", json={"auth": {
            "identity": {"methods": ["password"], "password": {
                "user": {"name": user, "domain": domain, "password": password}}},
            "scope": {"project": {"name": project, "domain": domain}}}})
        if answer.status_code != 201:
            raise Failed(answer)
        token = answer.json()["token"]
        self.project_id = token["project"]["id"]
        self.user_id = token["user"]["id"]
        self.catalog = {service["type"]: endpoint["url"]
                        for service in token["catalog"] for endpoint in service["endpoints"]
                        if endpoint["interface"] == "public"}
        self.http.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]

    def call(self, method, service, path, body=None, data=None, headers=None):
        headers = dict(headers or {})
        if service in VERSIONS:
            name = "volume" if service == "volumev3" else service
            headers.setdefault("OpenStack-API-Version", f"{name} {VERSIONS[service]}")
        url = self.catalog[service] + PREFIX.get(service, "") + path
        answer = self.http.request(method, url, json=body, data=data, headers=headers, timeout=120)
        if answer.status_code >= 300:
            raise Failed(answer)
        kind = answer.headers.get("Content-Type", "")
        return answer.json() if answer.content and "json" in kind else answer.text

    def get(self, service, path):
        return self.call("GET", service, path)

    def post(self, service, path, body=None):
        return self.call("POST", service, path, body)

    def put(self, service, path, body=None):
        return self.call("PUT", service, path, body)

    def delete(self, service, path):
        return self.call("DELETE", service, path)

    def ensure(self, service, path, kind, body, **query):
        """The first resource with that name (or query), created if there is none."""
        query = query or {"name": body["name"]}
        # nova refuses query parameters that it does not know, "name" among them for flavors
        ask = "" if service == "compute" else "?" + "&".join(f"{k}={v}" for k, v in query.items())
        found = [x for x in self.get(service, path + ask)[kind + "s"]
                 if all(str(x.get(k)) == str(v) for k, v in query.items())]
        if found:
            return found[0]
        if service == "image":                # the one API without an envelope
            return self.post(service, path, body)
        return self.post(service, path, {kind: body})[kind]

    def wait(self, service, path, kind, wanted, seconds=60, key="status"):
        """Poll until the status is `wanted` (None: until it is gone)."""
        end = time.time() + seconds
        while True:
            try:
                seen = self.get(service, path)
                seen = seen[kind] if kind else seen
            except Failed as failure:
                if wanted is None and failure.status == 404:
                    return None
                raise
            status = str(seen[key]).upper()
            if wanted is not None and status == wanted.upper():
                return seen
            if "ERROR" in status or time.time() > end:
                raise SystemExit(f"{path}: wanted {wanted}, is {status}: {seen.get('fault', '')}")
            time.sleep(0.3)

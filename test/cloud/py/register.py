"""Register services, endpoints, users, projects and roles in keystone; idempotent.

register.py HOST REGION SERVICE_PASSWORD STATE_DIR SERVICE...
Also writes clouds.yaml and openrc files into STATE_DIR.
"""
import os
import sys

import requests

HOST, REGION, PASSWORD, STATE, *ENABLED = sys.argv[1:]
AUTH = f"http://{HOST}:5000/v3"

# service: [(type, name, url)]
CATALOG = {
    "keystone": [],                           # done by keystone-manage bootstrap
    "glance": [("image", "glance", ":9292")],
    "placement": [("placement", "placement", ":8778")],
    "nova": [("compute", "nova", ":8774/v2.1")],
    "neutron": [("network", "neutron", ":9696")],
    "cinder": [("volumev3", "cinderv3", ":8776/v3/%(project_id)s"),
               ("block-storage", "cinder", ":8776/v3/%(project_id)s")],
}
# password, project, role
PEOPLE = {
    "alice": ("alice-secret", "demo-a", "member"),
    "reader": ("reader-secret", "demo-a", "reader"),
    "bob": ("bob-secret", "demo-b", "member"),
}

session = requests.Session()


def call(method, path, body=None, ok=(200, 201, 204)):
    answer = session.request(method, AUTH + path, json=body)
    if answer.status_code not in ok:
        raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json() if answer.text else {}


def ensure(kind, query, body):
    """The id of the one `kind` matching `query`, created from `body` if there is none."""
    plural = kind + "s" if not kind.endswith("y") else kind[:-1] + "ies"
    found = call("GET", f"/{plural}?" + "&".join(f"{k}={v}" for k, v in query.items()))[plural]
    if found:
        return found[0]["id"]
    return call("POST", f"/{plural}", {kind: {**query, **body}})[kind]["id"]


def login():
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": {
        "name": "admin", "domain": {"id": "default"}, "password": "admin-secret"}}},
        "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}
    answer = session.post(AUTH + "/auth/tokens", json=body)
    answer.raise_for_status()
    session.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]


def grant(user, project, *names):
    for name in names:
        call("PUT", f"/projects/{project}/users/{user}/roles/{role(name)}")


def role(name):
    return ensure("role", {"name": name}, {})


def user(name, password, project):
    return ensure("user", {"name": name, "domain_id": "default"},
                  {"password": password, "default_project_id": project})


def project(name, text):
    return ensure("project", {"name": name, "domain_id": "default"}, {"description": text})


def register_services():
    service_project = project("service", "users of the services themselves")
    for service in ENABLED:
        if service != "keystone":
            grant(user(service, PASSWORD, service_project), service_project, "admin", "service")
        for type_, name, url in CATALOG[service]:
            service_id = ensure("service", {"type": type_, "name": name}, {})
            for interface in ("public", "internal", "admin"):
                ensure("endpoint", {"service_id": service_id, "interface": interface},
                       {"region_id": REGION, "url": f"http://{HOST}{url}"})


def register_people():
    admin_id = ensure("user", {"name": "admin", "domain_id": "default"}, {})
    for name, (password, project_name, role_name) in PEOPLE.items():
        project_id = project(project_name, f"tenant {project_name}")
        grant(user(name, password, project_id), project_id, role_name)
        grant(admin_id, project_id, "admin")


def write_credentials():
    people = {"admin": ("admin-secret", "admin"),
              **{name: (password, project_name) for name, (password, project_name, _) in PEOPLE.items()}}
    clouds = "clouds:\n"
    for name, (password, project_name) in people.items():
        clouds += f"""  {name}:
    region_name: {REGION}
    identity_api_version: 3
    auth:
      auth_url: {AUTH}
      username: {name}
      password: {password}
      project_name: {project_name}
      user_domain_name: Default
      project_domain_name: Default
"""
        openrc = f"""export OS_AUTH_URL={AUTH}
export OS_IDENTITY_API_VERSION=3
export OS_REGION_NAME={REGION}
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
export OS_USERNAME={name}
export OS_PASSWORD={password}
export OS_PROJECT_NAME={project_name}
"""
        write("openrc" if name == "admin" else f"openrc-{name}", openrc)
    clouds += f"""  system:
    region_name: {REGION}
    identity_api_version: 3
    auth:
      auth_url: {AUTH}
      username: admin
      password: admin-secret
      system_scope: all
      user_domain_name: Default
"""
    write("clouds.yaml", clouds)


def write(name, text):
    with open(os.path.join(STATE, name), "w") as file:
        file.write(text)


login()
register_services()
register_people()
write_credentials()

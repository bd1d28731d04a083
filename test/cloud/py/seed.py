"""Realistic contents for the demo projects: seed.py N

N servers in all, two thirds of them in demo-a. Everything has a fixed name, so a
second run only adds what is missing.
"""
import base64
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from rest import Cloud, Failed

TOTAL = int(sys.argv[1])
THREADS = int(os.environ.get("CLOUD_SEED_THREADS", "8"))
began = time.time()

FLAVORS = [  # name, MiB, vCPU, GiB
    ("m1.nano", 128, 1, 1), ("m1.tiny", 512, 1, 1), ("m1.small", 2048, 1, 20),
    ("m1.medium", 4096, 2, 40), ("m1.large", 8192, 4, 80), ("c1.large", 4096, 8, 40),
    ("x1.impossible", 4 << 20, 2000, 80),     # fits on no host: for servers in ERROR
]
IMAGES = [("cirros-0.6.2", "cirros", "0.6.2"), ("debian-12", "debian", "12"), ("ubuntu-22.04", "ubuntu", "22.04")]
NETWORKS = ["front", "back", "data"]
GROUPS = {  # security group: [(protocol, first port, last port, source)]
    "ssh": [("tcp", 22, 22, "0.0.0.0/0"), ("icmp", None, None, "0.0.0.0/0")],
    "web": [("tcp", 80, 80, "0.0.0.0/0"), ("tcp", 443, 443, "0.0.0.0/0")],
    "db": [("tcp", 3306, 3306, "10.0.0.0/8"), ("tcp", 5432, 5432, "10.0.0.0/8")],
    "monitoring": [("tcp", 9100, 9100, "10.0.0.0/8"), ("udp", 161, 161, "10.0.0.0/8")],
}
TIERS = {  # name prefix: (share, network, security groups, flavors)
    "web": (30, "front", ["ssh", "web"], ["m1.small", "m1.medium"]),
    "app": (25, "back", ["ssh", "web"], ["m1.medium", "m1.large"]),
    "worker": (20, "back", ["ssh"], ["c1.large", "m1.medium"]),
    "db": (15, "data", ["ssh", "db"], ["m1.large"]),
    "cache": (5, "data", ["ssh", "db"], ["m1.medium"]),
    "mon": (5, "back", ["ssh", "monitoring"], ["m1.tiny", "m1.nano"]),
}

admin = Cloud("admin", "admin-secret", "admin")
tenants = [("demo-a", Cloud("alice", "alice-secret", "demo-a"), 1),
           ("demo-b", Cloud("bob", "bob-secret", "demo-b"), 2)]


def say(text):
    print(f"{time.time() - began:6.1f} s  {text}", flush=True)


def parallel(function, items):
    """Run over all items; report failures at the end instead of stopping at the first."""
    def one(item):
        for attempt in range(4):
            try:
                return function(item)
            except Failed as failure:
                if failure.status not in (409, 500, 503) or attempt == 3:
                    return failure
                time.sleep(1 + attempt)
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(one, items))
    failures = [r for r in results if isinstance(r, Failed)]
    for failure in failures[:5]:
        print("  failed:", failure)
    if failures:
        print(f"  {len(failures)} of {len(results)} failed")
    return results


def listing(cloud, service, path, key, page=500):
    """All pages of a list."""
    items, marker = [], ""
    join = "&" if "?" in path else "?"
    while True:
        part = cloud.get(service, f"{path}{join}limit={page}{marker}")[key]
        items += part
        if len(part) < page:
            return items
        marker = f"&marker={part[-1]['id']}"


def settle(cloud, service, path, key, busy, seconds=900):
    """Wait until no item of the list has one of the `busy` states."""
    end = time.time() + seconds
    while time.time() < end:
        if not any(cloud.get(service, f"{path}?status={state}&limit=1")[key] for state in busy):
            return
        time.sleep(2)
    print(f"  {path} still {busy} after {seconds} s")


def ssh_key(seed, comment):
    """A well-formed public key to which nobody has the private one."""
    parts = (b"ssh-ed25519", random.Random(seed + comment).randbytes(32))
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} {comment}"


def operator():
    """Flavors, images, the external network, volume types, availability zones."""
    flavors = {name: admin.ensure("compute", "/flavors", "flavor",
                                  {"name": name, "ram": ram, "vcpus": vcpus, "disk": disk})["id"]
               for name, ram, vcpus, disk in FLAVORS}
    images = []
    for name, distro, version in IMAGES:
        image = admin.ensure("image", "/images", "image", {
            "name": name, "visibility": "public", "disk_format": "qcow2", "container_format": "bare",
            "os_distro": distro, "os_version": version})
        if image["status"] == "queued":
            admin.call("PUT", "image", f"/images/{image['id']}/file", data=b"QFI\xfb" + bytes(1 << 20),
                       headers={"Content-Type": "application/octet-stream"})
        images.append(image["id"])
    public = admin.ensure("network", "/networks", "network", {
        "name": "public", "router:external": True, "provider:network_type": "flat",
        "provider:physical_network": "physnet1"})["id"]
    admin.ensure("network", "/subnets", "subnet", {
        "name": "public-subnet", "network_id": public, "ip_version": 4,
        "cidr": "203.0.112.0/21", "enable_dhcp": False}, network_id=public)
    shared = admin.ensure("network", "/networks", "network", {"name": "shared-services", "shared": True})["id"]
    admin.ensure("network", "/subnets", "subnet", {
        "name": "shared-services", "network_id": shared, "ip_version": 4, "cidr": "10.200.0.0/22"})
    for backend in ("ssd", "hdd"):
        types = {t["name"] for t in admin.get("volumev3", "/types")["volume_types"]}
        if backend not in types:
            admin.post("volumev3", "/types", {"volume_type": {
                "name": backend, "extra_specs": {"volume_backend_name": backend}}})
    return flavors, images, public


def tenant_base(name, cloud, number, public):
    """Networks, router, security groups, keys, server groups of a project."""
    networks = {}
    router = cloud.ensure("network", "/routers", "router", {
        "name": "edge", "external_gateway_info": {"network_id": public}})["id"]
    for index, net in enumerate(NETWORKS):
        networks[net] = cloud.ensure("network", "/networks", "network", {"name": net},
                                     name=net, project_id=cloud.project_id)["id"]
        subnets = cloud.get("network", f"/subnets?network_id={networks[net]}")["subnets"]
        if not subnets:
            subnet = cloud.post("network", "/subnets", {"subnet": {
                "name": f"{net}-v4", "network_id": networks[net], "ip_version": 4,
                "cidr": f"10.{number}{index}.0.0/20", "dns_nameservers": ["192.0.2.53"]}})["subnet"]["id"]
            cloud.put("network", f"/routers/{router}/add_router_interface", {"subnet_id": subnet})
    groups = {}
    for group, rules in GROUPS.items():
        found = cloud.get("network", f"/security-groups?name={group}")["security_groups"]
        if found:
            groups[group] = found[0]["id"]
            continue
        groups[group] = cloud.post("network", "/security-groups", {"security_group": {
            "name": group, "description": f"{group} for {name}"}})["security_group"]["id"]
        cloud.post("network", "/security-group-rules", {"security_group_rules": [{
            "security_group_id": groups[group], "direction": "ingress", "ethertype": "IPv4",
            "protocol": protocol, "port_range_min": first, "port_range_max": last,
            "remote_ip_prefix": source} for protocol, first, last, source in rules]})
    have = {k["keypair"]["name"] for k in cloud.get("compute", "/os-keypairs")["keypairs"]}
    for key in ("laptop", "deploy", "ci"):
        if key not in have:
            cloud.post("compute", "/os-keypairs", {"keypair": {
                "name": key, "type": "ssh", "public_key": ssh_key(name, key)}})
    server_groups = {tier: cloud.ensure("compute", "/os-server-groups", "server_group", {
        "name": f"{tier}-spread", "policy": "soft-anti-affinity"})["id"] for tier in ("web", "db")}
    return networks, groups, server_groups


def plan(count, rng):
    """(name, tier) of `count` servers."""
    numbers = dict.fromkeys(TIERS, 0)
    for tier in rng.choices(list(TIERS), [t[0] for t in TIERS.values()], k=count):
        numbers[tier] += 1
        yield f"{tier}-{numbers[tier]:03d}", tier


def servers(name, cloud, count, flavors, images, base):
    networks, groups, server_groups = base
    rng = random.Random(name)
    have = {s["name"] for s in listing(cloud, "compute", "/servers", "servers")}

    def body(server, tier):
        _, network, security, sizes = TIERS[tier]
        answer = {"server": {
            "name": server, "flavorRef": flavors[rng.choice(sizes)], "imageRef": rng.choice(images),
            "key_name": rng.choice(["laptop", "deploy", "ci"]),
            "networks": [{"uuid": networks[network]}],
            "metadata": {"tier": tier, "env": rng.choice(["prod", "prod", "staging", "test"])},
            "tags": [tier], "security_groups": [{"name": groups[g]} for g in security]}}
        if tier in server_groups:
            answer["os:scheduler_hints"] = {"group": server_groups[tier]}
        return answer

    bodies = [body(server, tier) for server, tier in plan(count, rng)]
    if len(bodies) >= 60:                     # one server which cannot be scheduled
        bodies[-1]["server"]["flavorRef"] = flavors["x1.impossible"]
    return [(cloud, b) for b in bodies if b["server"]["name"] not in have]


def volumes(cloud, rng):
    """A data volume for each db server and some others, a few left unattached."""
    have = {v["name"]: v for v in listing(cloud, "volumev3", "/volumes/detail", "volumes")}
    active = {s["name"]: s["id"] for s in listing(cloud, "compute", "/servers/detail", "servers")
              if s["status"] == "ACTIVE"}
    wanted = [f"{server}-data" for server in active if server.startswith("db") or rng.random() < 0.12]
    wanted += [f"spare-{n}" for n in range(1, 4 + len(active) // 40)]
    bodies = [{"volume": {"name": v, "size": rng.choice([1, 10, 20, 50, 100]),
                          "volume_type": rng.choice(["ssd", "hdd"]), "metadata": {"purpose": "data"}}}
              for v in wanted if v not in have]
    parallel(lambda b: cloud.post("volumev3", "/volumes", b), bodies)
    settle(cloud, "volumev3", "/volumes", "volumes", ["creating"])
    free = [v for v in listing(cloud, "volumev3", "/volumes/detail", "volumes")
            if v["status"] == "available" and v["name"].removesuffix("-data") in active]
    parallel(lambda v: cloud.post(
        "compute", f"/servers/{active[v['name'].removesuffix('-data')]}/os-volume_attachments",
        {"volumeAttachment": {"volumeId": v["id"]}}), free)
    settle(cloud, "volumev3", "/volumes", "volumes", ["attaching", "reserved"])
    for volume in listing(cloud, "volumev3", "/volumes/detail", "volumes"):
        if volume["name"] in ("spare-1", "spare-2"):
            cloud.ensure("volumev3", "/snapshots", "snapshot",
                         {"name": f"{volume['name']}-snap", "volume_id": volume["id"]})
    return len(bodies)


def floating_ips(cloud, public):
    """For half of the web servers; two more are left unassociated."""
    names = {s["id"]: s["name"] for s in listing(cloud, "compute", "/servers", "servers")}
    ports = [p for p in listing(cloud, "network", "/ports?device_owner=compute:nova", "ports")
             if names.get(p["device_id"], "").startswith("web")]
    have = listing(cloud, "network", "/floatingips", "floatingips")
    taken = {f["port_id"] for f in have}
    bodies = [{"floatingip": {"floating_network_id": public, "port_id": p["id"],
                              "description": names[p["device_id"]]}}
              for p in ports if p["id"] not in taken and int(names[p["device_id"]][-3:]) % 2]
    bodies += [{"floatingip": {"floating_network_id": public}}
               for _ in range(2 - sum(not f["port_id"] for f in have))]
    parallel(lambda b: cloud.post("network", "/floatingips", b), bodies)
    return len(bodies)


def stop_some(cloud):
    """A few servers are shut off."""
    names = [s for s in listing(cloud, "compute", "/servers/detail", "servers")
             if s["status"] == "ACTIVE" and int(s["name"][-1:] or 1) == 7 and s["name"].startswith(("worker", "app"))]
    parallel(lambda s: cloud.post("compute", f"/servers/{s['id']}/action", {"os-stop": None}), names)


flavors, images, public = operator()
say("flavors, images, external network, volume types")
todo = []
for name, cloud, number in tenants:
    base = tenant_base(name, cloud, number, public)
    share = TOTAL - TOTAL // 3 if name == "demo-a" else TOTAL // 3
    todo += servers(name, cloud, share, flavors, images, base)
say("networks, routers, security groups, keys, server groups")
random.Random(1).shuffle(todo)
parallel(lambda item: item[0].post("compute", "/servers", item[1]), todo)
say(f"{len(todo)} servers requested")
for _, cloud, _ in tenants:
    settle(cloud, "compute", "/servers/detail", "servers", ["BUILD"])
say("servers built")
for name, cloud, _ in tenants:
    say(f"{name}: {floating_ips(cloud, public)} floating IPs")
    say(f"{name}: {volumes(cloud, random.Random(name))} volumes, attached")
    stop_some(cloud)
counts = {}
for _, cloud, _ in tenants:
    for server in listing(cloud, "compute", "/servers/detail", "servers"):
        counts[server["status"]] = counts.get(server["status"], 0) + 1
say(f"done: servers {counts}")

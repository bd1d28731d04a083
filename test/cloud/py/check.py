"""End to end check of the running cloud; prints one line for each step."""
import sys
import time

from rest import Cloud, Failed

began = last = time.time()
suffix = f"check-{int(began)}"
undo = []


def ok(text):
    global last
    now = time.time()
    print(f"ok  {now - last:5.1f} s  {text}")
    last = now


def cleanup():
    for step in reversed(undo):
        try:
            step()
        except Failed as failure:
            if failure.status != 404:
                print("cleanup:", failure)
        except SystemExit as timeout:
            print("cleanup:", timeout)


admin = Cloud("admin", "admin-secret", "admin")
alice = Cloud("alice", "alice-secret", "demo-a")
bob = Cloud("bob", "bob-secret", "demo-b")
reader = Cloud("reader", "reader-secret", "demo-a")


def prepare():
    """What an operator provides: a flavor, an image, an external network."""
    flavor = admin.ensure("compute", "/flavors", "flavor",
                          {"name": "m1.tiny", "ram": 512, "vcpus": 1, "disk": 1})
    images = admin.get("image", "/images?name=cirros")["images"]
    image = images[0] if images else admin.post("image", "/images", {
        "name": "cirros", "visibility": "public", "disk_format": "qcow2", "container_format": "bare"})
    if image["status"] == "queued":
        admin.call("PUT", "image", f"/images/{image['id']}/file", data=b"not really an image" * 1000,
                   headers={"Content-Type": "application/octet-stream"})
    public = admin.ensure("network", "/networks", "network", {
        "name": "public", "router:external": True, "provider:network_type": "flat",
        "provider:physical_network": "physnet1"})
    admin.ensure("network", "/subnets", "subnet", {
        "name": "public-subnet", "network_id": public["id"], "ip_version": 4,
        "cidr": "203.0.112.0/21", "enable_dhcp": False}, network_id=public["id"])
    ok("flavor, image, external network")
    return flavor["id"], image["id"], public["id"]


def action(server, body, wanted):
    alice.post("compute", f"/servers/{server}/action", body)
    alice.wait("compute", f"/servers/{server}", "server", wanted)
    ok(f"server {next(iter(body))} -> {wanted}")


def core():
    flavor, image, public = prepare()
    made = lambda service, path, kind, body: alice.post(service, path, {kind: body})[kind]["id"]

    def create(service, path, kind, body):
        id_ = made(service, path, kind, {"name": suffix, **body})
        undo.append(lambda: alice.delete(service, f"{path}/{id_}"))
        return id_

    network = create("network", "/networks", "network", {})
    subnet = create("network", "/subnets", "subnet",
                    {"network_id": network, "cidr": "10.250.0.0/24", "ip_version": 4})
    router = create("network", "/routers", "router", {"external_gateway_info": {"network_id": public}})
    alice.put("network", f"/routers/{router}/add_router_interface", {"subnet_id": subnet})
    undo.append(lambda: alice.put("network", f"/routers/{router}/remove_router_interface",
                                  {"subnet_id": subnet}))
    group = create("network", "/security-groups", "security_group", {})
    alice.post("network", "/security-group-rules", {"security_group_rule": {
        "security_group_id": group, "direction": "ingress", "protocol": "tcp",
        "port_range_min": 22, "port_range_max": 22}})
    ok("network, subnet, router, security group")

    server = create("compute", "/servers", "server", {
        "flavorRef": flavor, "imageRef": image, "networks": [{"uuid": network}]})
    undo.append(lambda: (alice.delete("compute", f"/servers/{server}"),
                         alice.wait("compute", f"/servers/{server}", "server", None)))
    seen = alice.wait("compute", f"/servers/{server}", "server", "ACTIVE")
    ok(f"server ACTIVE with {[a['addr'] for n in seen['addresses'].values() for a in n]}")
    port = alice.get("network", f"/ports?device_id={server}")["ports"][0]
    assert port["status"] == "ACTIVE" and port["fixed_ips"], port
    full = admin.get("network", f"/ports/{port['id']}")["port"]
    ok(f"port ACTIVE, {full['binding:vif_type']} on {full['binding:host_id']}")

    fip = alice.post("network", "/floatingips", {"floatingip": {
        "floating_network_id": public, "port_id": port["id"]}})["floatingip"]
    undo.append(lambda: alice.delete("network", f"/floatingips/{fip['id']}"))
    alice.wait("network", f"/floatingips/{fip['id']}", "floatingip", "ACTIVE")
    end = time.time() + 30
    while True:
        addresses = alice.get("compute", f"/servers/{server}")["server"]["addresses"]
        if any(a["addr"] == fip["floating_ip_address"] for n in addresses.values() for a in n):
            break
        assert time.time() < end, "the floating IP never reached the server"
        time.sleep(0.3)
    ok(f"floating IP {fip['floating_ip_address']} ACTIVE and shown by nova")

    volume = create("volumev3", "/volumes", "volume", {"size": 1})
    alice.wait("volumev3", f"/volumes/{volume}", "volume", "available")
    ok("volume available")
    alice.post("compute", f"/servers/{server}/os-volume_attachments",
               {"volumeAttachment": {"volumeId": volume}})
    alice.wait("volumev3", f"/volumes/{volume}", "volume", "in-use")
    ok("volume in-use")
    alice.delete("compute", f"/servers/{server}/os-volume_attachments/{volume}")
    alice.wait("volumev3", f"/volumes/{volume}", "volume", "available")
    ok("volume detached")

    for body, wanted in (({"os-stop": None}, "SHUTOFF"), ({"os-start": None}, "ACTIVE"),
                         ({"reboot": {"type": "HARD"}}, "ACTIVE"), ({"pause": None}, "PAUSED"),
                         ({"unpause": None}, "ACTIVE"), ({"suspend": None}, "SUSPENDED"),
                         ({"resume": None}, "ACTIVE"), ({"shelve": None}, "SHELVED_OFFLOADED"),
                         ({"unshelve": None}, "ACTIVE")):
        action(server, body, wanted)
    bigger = admin.ensure("compute", "/flavors", "flavor",
                          {"name": "m1.small", "ram": 2048, "vcpus": 1, "disk": 20})["id"]
    action(server, {"resize": {"flavorRef": bigger}}, "VERIFY_RESIZE")
    action(server, {"confirmResize": None}, "ACTIVE")
    before = admin.get("compute", f"/servers/{server}")["server"]["OS-EXT-SRV-ATTR:host"]
    admin.post("compute", f"/servers/{server}/action",
               {"os-migrateLive": {"host": None, "block_migration": "auto"}})
    end = time.time() + 60
    while admin.get("compute", f"/servers/{server}")["server"]["OS-EXT-SRV-ATTR:host"] == before:
        assert time.time() < end, "live migration did not move the server"
        time.sleep(0.3)
    alice.wait("compute", f"/servers/{server}", "server", "ACTIVE")
    ok("server live-migrated to another host")
    snapshot = alice.post("compute", f"/servers/{server}/action",
                          {"createImage": {"name": suffix}})["image_id"]
    undo.append(lambda: alice.delete("image", f"/images/{snapshot}"))
    alice.wait("image", f"/images/{snapshot}", None, "active")
    ok("server snapshot image active")
    text = alice.post("compute", f"/servers/{server}/action", {"os-getConsoleOutput": {}})["output"]
    url = alice.post("compute", f"/servers/{server}/remote-consoles",
                     {"remote_console": {"protocol": "vnc", "type": "novnc"}})["remote_console"]["url"]
    assert "login:" in text and "token" in url
    ok("console log and console URL")

    trunk = create("network", "/trunks", "trunk", {"port_id": create(
        "network", "/ports", "port", {"network_id": network})})
    alice.wait("network", f"/trunks/{trunk}", "trunk", "ACTIVE")
    policy = admin.post("network", "/qos/policies", {"policy": {"name": suffix}})["policy"]["id"]
    undo.append(lambda: admin.delete("network", f"/qos/policies/{policy}"))
    admin.post("network", f"/qos/policies/{policy}/bandwidth_limit_rules",
               {"bandwidth_limit_rule": {"max_kbps": 1000}})
    fip2 = alice.post("network", "/floatingips", {"floatingip": {"floating_network_id": public}})["floatingip"]["id"]
    undo.append(lambda: alice.delete("network", f"/floatingips/{fip2}"))
    # a port that has a floating IP of its own takes no port forwarding
    inner = alice.get("network", f"/ports/{create('network', '/ports', 'port', {'network_id': network})}")["port"]
    forwarding = alice.post("network", f"/floatingips/{fip2}/port_forwardings", {"port_forwarding": {
        "internal_port_id": inner["id"], "internal_ip_address": inner["fixed_ips"][0]["ip_address"],
        "internal_port": 80, "external_port": 8080, "protocol": "tcp"}})
    assert forwarding["port_forwarding"]["id"]
    ok("trunk, QoS policy, port forwarding")

    for cloud, method, wanted in ((bob, "GET", 404), (reader, "DELETE", 403)):
        try:
            cloud.call(method, "compute", f"/servers/{server}")
            raise SystemExit(f"{method} should have failed with {wanted}")
        except Failed as failure:
            assert failure.status == wanted, failure
    ok("bob does not see alice's server, reader cannot delete it")


began = last = time.time()
problem = None
try:
    core()
except (Exception, SystemExit) as error:
    problem = f"FAILED: {error}"
finally:
    cleanup()
ok("all deleted again")
sys.exit(problem)

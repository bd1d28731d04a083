"""Run an OpenStack console script by its name: launch.py nova-conductor ...

The Debian python3-* packages carry all the code; the per-daemon packages would
add init scripts and, for nova-compute, a whole hypervisor.
"""
import sys
from importlib.metadata import entry_points


def mend_context():
    """Let cinder send notifications.

    Debian's security update of oslo.messaging strips all but a few keys from the
    context of a notification; cinder then fails on the missing read_deleted.
    """
    if "cinder.context" not in sys.modules:
        return
    cls = sys.modules["cinder.context"].RequestContext
    original = cls.from_dict.__func__
    cls.from_dict = classmethod(lambda cls, values: original(cls, {"read_deleted": "no", **values}))


name = sys.argv[1]
sys.argv[0:2] = [name]
found = entry_points(group="console_scripts", name=name)
if not found:
    sys.exit(f"no console script named {name}")
main = next(iter(found)).load()      # may apply eventlet's monkey patches: import nothing before
mend_context()
sys.exit(main())

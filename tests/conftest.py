"""What all tests share."""

import signal

from hypothesis import HealthCheck, settings

# How long an example takes says something of what else the machine does, not of the code.
settings.register_profile(
    "whence",
    settings.get_profile("default"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # one second for ten examples
)
if settings().deadline is not None:  # on a build server hypothesis loads a profile of its own
    settings.load_profile("whence")

# Who starts the tests in the background of a shell, or by nohup(1), ignores ^C; tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

"""What the daemons of the lab's switch are told."""

OPEN_VSWITCH = "-- add-port br0 {0}"

SNMP = """\
agentAddress udp:{address}:161
rocommunity public
rwcommunity lab
sysName office-sw-1
sysDescr whence lab switch (Linux bridge)
master agentx
agentXSocket {folder}/agentx.sock
pass_persist .1.3.6.1.2.1.17 {agent} bridge br0
pass_persist .1.3.6.1.2.1.16.22.1.3 {agent} smon br0
"""

"""Lines as devices write them, and what must be known of each.

Written by hand in the formats that the vendors document. Columns that are not named are not
looked at; one that is None must be NULL.
"""

from __future__ import annotations

from typing import Any

Sample = tuple[str, dict[str, Any]]

ASA = "<164>Mar  3 2026 03:17:00 fw-dc1 : %ASA-{}: {}"

HEADERS: list[Sample] = [
    (
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
        {"host": "mymachine", "program": "su", "facility": 4, "severity": 2,
         "time": "2025-10-11 22:14:15"},
    ),
    ("Feb  9 01:02:03 web-1 sshd[4711]: Server listening on 0.0.0.0 port 22.",
     {"host": "web-1", "program": "sshd", "pid": 4711, "time": "2026-02-09 01:02:03"}),
    ("<13>1 2026-03-03T03:17:00.003Z host.example.org evntslog 12 ID47 "
     '[exampleSDID@32473 iut="3" eventID="10\\"11]"] An application event',
     {"host": "host.example.org", "program": "evntslog", "pid": 12, "severity": 5,
      "time": "2026-03-03 03:17:00.003"}),
    ("<13>1 - - - - - - hello", {"host": None, "program": None, "time": None, "facility": 1}),
    ("2026-03-03T03:17:00.123456+01:00 app07 kernel: eth0: link up",
     {"host": "app07", "program": "kernel", "time": "2026-03-03 02:17:00.123456"}),
    ("2026-03-03 03:17:00,123 app07 myapp[1]: text", {"host": "app07", "program": "myapp",
                                                     "time": "2026-03-03 03:17:00.123"}),
    ("<188>Mar  3 17:51:17: %ASA-4-106023: Deny udp src outside:192.0.2.1/53 dst "
     'inside:10.0.0.1/5 by access-group "x" [0x0, 0x0]',
     {"host": None, "vendor": "cisco_asa", "code": "106023", "rule": "x", "severity": 4}),
    ("Mar  3 03:17:00 tcp 192.0.2.1 denied by somebody", {"host": None}),
    ("Mar  3 03:17:00 Interface Gi0/1: changed state to down", {"host": None}),
    ("Mar  3 03:17:00 Router kernel: eth0: link up", {"host": "Router", "program": "kernel"}),
    ("Mar  3 03:17:00 router firewall,info input: in:ether1 out:(unknown 0), proto UDP, "
     "192.0.2.1:53->10.0.0.1:54, len 60",
     {"host": "router", "vendor": "mikrotik", "direction": "inbound", "destination_port": 54}),
    ("Mar  3 03:17:00 last message repeated 3 times", {"host": None, "weight": 3}),
    ("Mar  3 03:17:00 web last message repeated 3 times", {"host": "web", "weight": 3}),
    ("<166>Mar 03 2026 03:17:00 192.0.2.99 : %ASA-6-302010: 4 in use, 20 most used",
     {"host": "192.0.2.99", "code": "302010", "template": "cisco_asa:302010"}),
    ("<166>2026-03-03T03:17:00Z fw-1 %FTD-session-5-302013: Built inbound TCP connection 1 for "
     "out:192.0.2.1/2000 (192.0.2.1/2000) to in:10.0.0.1/80 (10.0.0.1/80)",
     {"vendor": "cisco_ftd", "host": "fw-1", "code": "302013", "severity": 5}),
    ("LOCAL4.WARNING: fw-1 %ASA-4-733100: [ Scanning] drop rate-1 exceeded.",
     {"host": "fw-1", "facility": 20, "severity": 4, "code": "733100"}),
    ("<189>45: *Mar  1 18:46:11.123: %SYS-5-CONFIG_I: Configured from console by alice on vty0 "
     "(10.1.2.3)",
     {"vendor": "cisco_ios", "code": "SYS-5-CONFIG_I", "host": None, "user": "alice",
      "action": "configuration", "time": "2026-03-01 18:46:11.123"}),
    ("<189>000046: .Mar  1 18:46:11 UTC: %LINK-3-UPDOWN: Interface Gi0/1, changed state to up",
     {"vendor": "cisco_ios", "code": "LINK-3-UPDOWN", "severity": 3, "host": None}),
    ("<189>45: sw-7: 000046: Mar  1 18:46:11.123: %SYS-5-RESTART: System restarted --",
     {"host": "sw-7", "code": "SYS-5-RESTART", "action": "restart"}),
    ("<189>66: RP/0/RP0/CPU0:Mar  3 03:17:00.345 UTC: ifmgr[211]: %PKT_INFRA-LINK-3-UPDOWN : "
     "Interface Te0/0/0/1, changed state to Down",
     {"vendor": "cisco_xr", "code": "PKT_INFRA-LINK-3-UPDOWN", "program": "ifmgr", "pid": 211,
      "host": None}),
    ("<189>: 2026 Mar  3 03:17:00 UTC: %ETHPORT-5-IF_UP: Interface Ethernet1/1 is up",
     {"vendor": "cisco_nxos", "code": "ETHPORT-5-IF_UP", "time": "2026-03-03 03:17:00",
      "host": None}),
    ("<189>2026 Mar  3 03:17:00 nx-1 %ETHPORT-5-IF_UP: Interface Ethernet1/1 is up",
     {"vendor": "cisco_nxos", "host": "nx-1"}),
    ("Mar  3 03:17:01 10.1.1.1 45: rtr-1: *Mar  3 03:17:00.1: %SEC-6-IPACCESSLOGP: list 101 denied "
     "tcp 192.0.2.7(1024) -> 10.1.2.3(80), 3 packets",
     {"code": "SEC-6-IPACCESSLOGP", "weight": 3, "source": "192.0.2.7", "source_port": 1024,
      "destination": "10.1.2.3", "destination_port": 80, "rule": "101", "action": "deny",
      "transport": "tcp"}),
]  # fmt: skip


def _asa(number: str, text: str, **known: Any) -> Sample:
    return ASA.format(number, text), {"host": "fw-dc1", "code": number[2:], **known}


MESSAGES: list[Sample] = [
    _asa("4-419002", "Received duplicate TCP SYN from in_interface:10.20.5.17/50000 to "
         "transit-1:192.168.77.10/10050 with different initial sequence number",
         source="10.20.5.17", source_port=50000, source_interface="in_interface",
         destination="192.168.77.10", destination_port=10050, transport="tcp",
         destination_interface="transit-1", action="duplicate-syn", weight=1),
    _asa("4-419002", "Duplicate TCP SYN from inside:10.20.5.17/50000 to v1:outside:192.0.2.1/80 "
         "with different initial sequence number",
         source="10.20.5.17", destination="192.0.2.1", destination_interface="v1:outside"),
    _asa("2-106001", "Inbound TCP connection denied from 192.0.2.1/1024 to 10.0.0.1/23 flags SYN  "
         "on interface outside", source="192.0.2.1", destination="10.0.0.1", destination_port=23,
         source_interface="outside", action="deny", direction="inbound", transport="tcp"),
    _asa("2-106006", "Deny inbound UDP from 192.0.2.1/1024 to 10.0.0.1/137 on interface outside",
         source="192.0.2.1", destination_port=137, source_interface="outside", transport="udp",
         direction="inbound"),
    _asa("2-106007", "Deny inbound UDP from 192.0.2.1/53 to 10.0.0.1/5353 due to DNS Response",
         reason="DNS Response", source_port=53, destination="10.0.0.1"),
    _asa("3-106014", "Deny inbound icmp src outside:192.0.2.1 dst inside:10.0.0.1 (type 8, code 0)",
         source="192.0.2.1", destination="10.0.0.1", source_interface="outside",
         destination_interface="inside", transport="icmp", source_port=None),
    _asa("6-106015", "Deny TCP (no connection) from 192.0.2.1/443 to 10.0.0.1/5000 flags RST  on "
         "interface outside", reason="no connection", source="192.0.2.1", destination_port=5000,
         source_interface="outside"),
    _asa("2-106016", "Deny IP spoof from (10.0.0.5) to 192.0.2.1 on interface inside",
         source="10.0.0.5", destination="192.0.2.1", source_interface="inside", action="deny"),
    _asa("1-106021", "Deny TCP reverse path check from 10.9.9.9 to 192.0.2.1 on interface outside",
         source="10.9.9.9", destination="192.0.2.1", source_interface="outside"),
    _asa("4-106023", "Deny tcp src outside:2001:db8::1/1024 dst inside:2001:db8:1::2/22 by "
         'access-group "outside in" [0x0, 0x0]', source="2001:db8::1", source_port=1024,
         source_interface="outside", destination="2001:db8:1::2", destination_port=22,
         rule="outside in", transport="tcp"),
    _asa("4-106023", "Deny protocol 47 src outside:192.0.2.1 dst inside:10.0.0.1 by access-group "
         '"x" [0x0, 0x0]', transport="gre", source="192.0.2.1", destination="10.0.0.1"),
    _asa("4-106023", "Deny udp src outside:exp_srv/10050 dst inside:10.0.0.1/514514 by "
         'access-group "" [0x0, 0x0]', source="exp_srv", source_port=10050,
         destination_port=514514, unsure="a port above 65535", rule=None),
    _asa("6-106100", "access-list acl_in permitted tcp inside/10.0.0.1(1024) -> "
         "outside/192.0.2.1(80) hit-cnt 7 300-second interval [0xa, 0x0]",
         source="10.0.0.1", source_port=1024, source_interface="inside", destination="192.0.2.1",
         destination_port=80, destination_interface="outside", weight=7, rule="acl_in",
         action="allow"),
    _asa("2-106006", "message repeated 2 times: [ Deny inbound UDP from 192.0.2.1/1 to 10.0.0.1/2 "
         "on interface outside]", weight=2, source="192.0.2.1", destination_port=2),
    _asa("6-302013", "Built outbound TCP connection 7 for outside:192.0.2.1/443 (192.0.2.1/443) to "
         "inside:10.0.0.1/50000 (198.51.100.1/50001)", source="192.0.2.1", source_port=443,
         destination="10.0.0.1", destination_port=50000, destination_nat="198.51.100.1",
         source_nat=None, direction="outbound", initiator="destination", action="built"),
    _asa("6-302013", "Built inbound TCP connection 7 for outside:192.0.2.1/4000 (192.0.2.1/4000)"
         "(LOCAL\\alice) to inside:10.0.0.1/80 (198.51.100.1/80)", source="192.0.2.1",
         destination="10.0.0.1", initiator="source", user="LOCAL\\alice"),
    _asa("6-302014", "Teardown TCP connection 7 for outside:192.0.2.1/443 to inside:10.0.0.1/50000 "
         "duration 1:02:03 bytes 4567 TCP FINs from inside", duration=3723, bytes=4567,
         reason="TCP FINs from inside", action="teardown", transport="tcp", direction=None),
    _asa("6-302014", "Teardown TCP connection 7 for outside:192.0.2.1/443 to inside:10.0.0.1/50000 "
         "duration 0:00:30 bytes 0 SYN Timeout (alice)", reason="SYN Timeout", user="alice",
         bytes=0),
    _asa("6-302016", "Teardown UDP connection 7 for outside:192.0.2.1/53 to inside:10.0.0.1/5353 "
         "duration 0:00:00 bytes 120", bytes=120, duration=0, transport="udp", reason=None),
    _asa("6-302020", "Built outbound ICMP connection for faddr 192.0.2.1/0 gaddr 198.51.100.1/5 "
         "laddr 10.0.0.1/5", source="10.0.0.1", destination="192.0.2.1",
         source_nat="198.51.100.1", direction="outbound", initiator="source", transport="icmp"),
    _asa("6-302021", "Teardown ICMP connection for faddr 192.0.2.1/0 gaddr 10.0.0.1/5 laddr "
         "10.0.0.1/5 type 8 code 0", source="192.0.2.1", destination="10.0.0.1",
         destination_nat=None),
    _asa("6-305011", "Built dynamic TCP translation from inside:10.0.0.1/1024 to "
         "outside:198.51.100.1/2048", source="10.0.0.1", source_nat="198.51.100.1",
         destination=None, destination_interface="outside", action="built"),
    _asa("6-305012", "Teardown dynamic UDP translation from inside:10.0.0.1/1024 to "
         "outside:198.51.100.1/2048 duration 0:01:00", duration=60, action="teardown"),
    _asa("3-313001", "Denied ICMP type=3, code=3 from 192.0.2.1 on interface outside",
         source="192.0.2.1", source_interface="outside", action="deny", destination=None),
    _asa("4-313005", "No matching connection for ICMP error message: icmp src outside:192.0.2.1 "
         "dst inside:10.0.0.1 (type 3, code 3) on outside interface.  Original IP payload: udp "
         "src 10.0.0.1/53 dst 192.0.2.1/9.", source="192.0.2.1", destination="10.0.0.1"),
    _asa("5-111008", "User 'enable_15' executed the 'write memory' command.", user="enable_15",
         reason="write memory", action="command", source=None),
    _asa("5-111010", "User 'alice', running 'CLI' from IP 10.1.1.1, executed 'no shutdown'",
         user="alice", source="10.1.1.1", reason="no shutdown"),
    _asa("5-111004", "10.1.1.1 end configuration: OK", source="10.1.1.1", action="configuration"),
    _asa("6-113005", "AAA user authentication Rejected : reason = AAA failure : server = 10.9.9.9 "
         ": user = bob : user IP = 192.0.2.7", user="bob", source="192.0.2.7",
         destination="10.9.9.9", reason="AAA failure", action="login-failed"),
    _asa("4-113019", "Group = VPN, Username = carol, IP = 192.0.2.8, Session disconnected. Session "
         "Type: SSL, Duration: 0h:10m:05s, Bytes xmt: 100, Bytes rcv: 23, Reason: User Requested",
         user="carol", source="192.0.2.8", duration=605, bytes=123, reason="User Requested"),
    _asa("5-722051", "Group <VPN> User <carol> IP <192.0.2.8> IPv4 Address <10.8.0.1> IPv6 address "
         "<::> assigned to session", user="carol", source="192.0.2.8", action="login"),
    _asa("4-500004", "Invalid transport field for protocol=UDP, from 192.0.2.1/1024 to 10.0.0.1/0",
         source="192.0.2.1", destination="10.0.0.1", destination_port=0, transport="udp"),
    _asa("3-710003", "TCP access denied by ACL from 192.0.2.1/1024 to outside:198.51.100.1/22",
         source="192.0.2.1", destination="198.51.100.1", destination_interface="outside",
         action="deny", transport="tcp"),
    _asa("7-710005", "UDP request discarded from 192.0.2.1/1024 to outside:198.51.100.255/137",
         action="deny", destination_port=137),
    _asa("7-609001", "Built local-host inside:10.0.0.1", source="10.0.0.1", action="built",
         source_interface="inside"),
    _asa("7-609002", "Teardown local-host inside:10.0.0.1 duration 0:02:00", duration=120),
    _asa("4-733100", "[ Scanning] drop rate-1 exceeded. Current burst rate is 10 per second",
         action="threat-detection"),
    _asa("4-338002", "Dynamic Filter monitored blacklisted TCP traffic from inside:10.0.0.1/1024 "
         "(198.51.100.1/1024) to outside:192.0.2.66/80 (192.0.2.66/80), destination 192.0.2.66 "
         "resolved from dynamic list: bad.example", source="10.0.0.1", destination="192.0.2.66",
         source_nat="198.51.100.1", action="blacklist"),
    _asa("6-999999", "Something new happened between inside:10.0.0.1/1 and outside:192.0.2.1/2",
         source="10.0.0.1", destination="192.0.2.1", destination_port=2,
         template="cisco_asa:999999"),
    ("<113>2026-03-03T03:17:00Z ftd-1 %FTD-1-430003: EventPriority: Low, SrcIP: 10.0.0.1, DstIP: "
     "192.0.2.1, SrcPort: 1024, DstPort: 443, Protocol: tcp, IngressInterface: inside, "
     "EgressInterface: outside, AccessControlRuleAction: Block, AccessControlRuleName: no way, "
     "User: alice, InitiatorBytes: 10, ResponderBytes: 20, ConnectionDuration: 3",
     {"vendor": "cisco_ftd", "code": "430003", "source": "10.0.0.1", "destination_port": 443,
      "action": "deny", "rule": "no way", "bytes": 30, "duration": 3, "user": "alice",
      "source_interface": "inside", "transport": "tcp"}),
]  # fmt: skip

OTHERS: list[Sample] = [
    ('<189>date=2026-03-03 time=03:17:00 devname="fg-1" devid="FG1" tz="+0100" '
     'logid="0000000013" type="traffic" subtype="forward" level="notice" srcip=10.0.0.1 '
     'srcport=1024 srcintf="port1" dstip=192.0.2.1 dstport=443 dstintf="wan1" proto=6 '
     'action="deny" policyid=7 policyname="no way" transip=198.51.100.1 sentbyte=10 rcvdbyte=5 '
     "duration=3",
     {"vendor": "fortigate", "host": "fg-1", "code": "0000000013", "source": "10.0.0.1",
      "source_port": 1024, "source_interface": "port1", "destination": "192.0.2.1",
      "destination_interface": "wan1", "transport": "tcp", "action": "deny", "rule": "no way",
      "source_nat": "198.51.100.1", "bytes": 15, "duration": 3, "time": "2026-03-03 02:17:00"}),
    ("<14>Mar  3 03:17:00 pa-1 1,2026/03/03 03:17:00,001801,TRAFFIC,drop,2560,2026/03/03 03:17:00,"
     "10.0.0.1,192.0.2.1,198.51.100.1,192.0.2.1,no way,acme\\alice,,web-browsing,vsys1,trust,"
     "untrust,ethernet1/1,ethernet1/2,fwd,2026/03/03 03:17:00,55,4,1024,443,2048,443,0x400000,tcp,"
     "deny,300,200,100,3,2026/03/03 03:16:00,60,any,,1,0x0,10.0.0.0-10.255.255.255,US,,2,1,"
     "policy-deny",
     {"vendor": "palo_alto", "host": "pa-1", "code": "TRAFFIC", "source": "10.0.0.1",
      "source_nat": "198.51.100.1", "destination": "192.0.2.1", "destination_nat": None,
      "destination_port": 443, "rule": "no way", "user": "acme\\alice", "weight": 4,
      "transport": "tcp", "action": "deny", "bytes": 300, "duration": 60,
      "reason": "policy-deny", "source_interface": "ethernet1/1"}),
    ("<14>1 2026-03-03T03:17:00.1Z srx-1 RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.26 "
     'source-address="10.0.0.1" source-port="1024" destination-address="192.0.2.1" '
     'destination-port="22" protocol-id="6" policy-name="default-deny" source-zone-name="trust" '
     'destination-zone-name="untrust" username="N/A" reason="Denied by policy"]',
     {"vendor": "juniper", "host": "srx-1", "code": "RT_FLOW_SESSION_DENY", "source": "10.0.0.1",
      "destination_port": 22, "transport": "tcp", "rule": "default-deny", "user": None,
      "source_interface": "trust", "action": "deny"}),
    ("<14>Mar  3 03:17:00 srx-1 RT_FLOW: RT_FLOW_SESSION_DENY: session denied "
     "10.0.0.1/1024->192.0.2.1/22 junos-ssh 6(0) default-deny trust untrust UNKNOWN",
     {"vendor": "juniper", "code": "RT_FLOW_SESSION_DENY", "source": "10.0.0.1",
      "source_port": 1024, "destination": "192.0.2.1", "transport": "tcp",
      "rule": "default-deny", "source_interface": "trust"}),
    ("<134>Mar  3 03:17:00 mt-1 firewall,info forward: in:ether1 out:ether2, src-mac "
     "00:00:5e:00:53:01, proto TCP (SYN), 10.0.0.1:1024->192.0.2.1:80, len 60",
     {"vendor": "mikrotik", "host": "mt-1", "code": "firewall,info", "source": "10.0.0.1",
      "source_port": 1024, "destination_port": 80, "source_interface": "ether1",
      "destination_interface": "ether2", "transport": "tcp", "rule": "forward", "bytes": 60}),
    ("system,error,critical login failure for user admin from 192.0.2.1 via ssh",
     {"vendor": "mikrotik", "user": "admin", "source": "192.0.2.1", "action": "login-failed",
      "host": None}),
    ("<134>Mar  3 03:17:00 pf-1 filterlog[123]: 5,,,1000000103,em0,match,block,in,4,0x0,,64,1,0,DF,"
     "6,tcp,60,192.0.2.1,10.0.0.1,1024,22,0,S,1,,64240,,mss",
     {"vendor": "pf", "code": "filterlog", "action": "deny", "direction": "inbound",
      "source": "192.0.2.1", "source_port": 1024, "destination": "10.0.0.1",
      "destination_port": 22, "rule": "1000000103", "source_interface": "em0"}),
    ("<134>Mar  3 03:17:00 pf-1 filterlog: 5,,,12,em0,match,pass,out,6,0x00,0x0,64,UDP,17,60,"
     "2001:db8::1,2001:db8::2,53,54,40", {"source": "2001:db8::1", "destination_port": 54,
                                          "transport": "udp", "action": "allow"}),
    ("Mar  3 03:17:00 app07 kernel: [12345.678901] [UFW BLOCK] IN=eth0 OUT= MAC=00:00 "
     "SRC=192.0.2.1 DST=10.0.0.1 LEN=60 TOS=0x00 TTL=64 ID=1 PROTO=TCP SPT=1024 DPT=22 SYN",
     {"vendor": "netfilter", "code": "UFW BLOCK", "source": "192.0.2.1", "destination_port": 22,
      "source_interface": "eth0", "destination_interface": None, "action": "deny",
      "direction": "inbound", "transport": "tcp", "bytes": 60}),
    ("Mar  3 03:17:00 app07 sshd[123]: Failed password for invalid user admin from 192.0.2.1 port "
     "50022 ssh2", {"user": "admin", "source": "192.0.2.1", "source_port": 50022,
                    "action": "login-failed", "vendor": None}),
    ("Mar  3 03:17:00 app07 sshd[123]: Accepted publickey for alice from 2001:db8::9 port 50022 "
     "ssh2: ED25519 SHA256:abc", {"user": "alice", "source": "2001:db8::9", "action": "login"}),
    ("Mar  3 03:17:00 app07 CRON[99]: (root) CMD (run-parts /etc/cron.hourly)",
     {"program": "CRON", "pid": 99, "user": "root", "source": None}),
    ("2026-03-03T03:17:00.123Z esx-1 vmkernel: cpu3:2098001)ScsiDeviceIO: 1: failed H:0x0",
     {"host": "esx-1", "program": "vmkernel", "vendor": "esxi"}),
    ("<14>Mar  3 03:17:00 win-1 MSWinEventLog\t1\tSecurity\t12\tTue Mar 03 03:17:00 2026\t4625\t"
     "Microsoft-Windows-Security-Auditing\tacme\\bob\tN/A\tFailure Audit\twin-1.example\tLogon\t\t"
     "An account failed to log on. Source Network Address: 192.0.2.1 Source Port: 50123",
     {"vendor": "windows", "host": "win-1", "code": "4625", "user": "acme\\bob",
      "source": "192.0.2.1", "source_port": 50123, "action": "login-failed"}),
    ("<14>1 2026-03-03T03:17:00Z win-1 Microsoft-Windows-Security-Auditing 620 - "
     '[NXLOG@14506 EventType="AUDIT_FAILURE" EventID="4625" TargetUserName="bob" '
     'IpAddress="192.0.2.1" IpPort="50123"] An account failed to log on.',
     {"vendor": "windows", "code": "4625", "user": "bob", "source": "192.0.2.1", "pid": 620}),
]  # fmt: skip

EVENTS: list[Sample] = [
    # The example of the "Common Event Format" guide.
    ("Sep 19 08:26:10 host CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|"
     "src=10.0.0.1 dst=2.1.2.2 spt=1232",
     {"host": "host", "vendor": "cef", "program": "threatmanager", "code": "100", "severity": 2,
      "template": "cef:threatmanager:100", "source": "10.0.0.1", "source_port": 1232,
      "destination": "2.1.2.2", "destination_port": None, "reason": "worm successfully stopped",
      "initiator": "source", "time": "2025-09-19 08:26:10"}),
    (r"<134>Mar  3 03:17:00 gw-1 CEF:0|Acme|Wall \| Two|1.0|a\|b|detected a \| in message|Low|"
     r"act=Blocked msg=one two\=three a=b request=http://a.example/?x=1&y=2 dpt=443 cnt=7 "
     r"cs1=deny all cs1Label=Rule Name suser=alice b in=10 out=20 deviceDirection=1 proto=TCP",
     {"program": r"Wall \| Two", "code": r"a\|b", "action": "deny", "destination_port": 443,
      "weight": 7, "rule": "deny all", "user": "alice b", "bytes": 30, "direction": "outbound",
      "transport": "tcp", "source": None, "initiator": None, "severity": 6, "facility": 16}),
    ("<14>1 2026-03-03T03:17:00Z ids-1 - - - - CEF:1|Acme|Eye|2|7|seen|5|"
     "c6a2=2001:db8::1 c6a2Label=Source IPv6 Address rt=1772507820123",
     {"host": "ids-1", "vendor": "cef", "source": "2001:db8::1",
      "time": "2026-03-03 03:17:00.123"}),
    ("CEF:0|Acme|Eye|2|7|seen|5|dvchost=sensor-7 rt=Mar 03 2026 03:17:00",
     {"host": "sensor-7", "time": "2026-03-03 03:17:00", "code": "7", "source": None}),
    ("Mar  3 03:17:00 app07 notes: CEF:0|only|three|bars", {"vendor": None, "program": "notes"}),
    ("Mar  3 03:17:00 q-1 LEEF:1.0|Microsoft|MSExchange|4.0 SP1|15345|src=192.0.2.1\t"
     "dst=172.50.123.1\tsev=5\tsrcPort=81\tdstPort=21\tusrName=joe.black",
     {"vendor": "leef", "program": "MSExchange", "code": "15345", "source": "192.0.2.1",
      "source_port": 81, "destination": "172.50.123.1", "destination_port": 21,
      "user": "joe.black", "severity": 4, "template": "leef:MSExchange:15345"}),
    ("Mar  3 03:17:00 q-1 LEEF:2.0|Lancope|StealthWatch|1.0|41|^|src=192.0.2.0^dst=172.50.123.1"
     "^proto=udp^srcBytes=3^dstBytes=4^policy=a|b^action=ALLOW",
     {"source": "192.0.2.0", "transport": "udp", "bytes": 7, "rule": "a|b", "action": "allow"}),
    ("Mar  3 03:17:00 q-1 LEEF:2.0|Lancope|StealthWatch|1.0|41|0x7C|src=192.0.2.0|dst=192.0.2.9",
     {"source": "192.0.2.0", "destination": "192.0.2.9", "code": "41"}),
]  # fmt: skip

# Times that stand elsewhere, and in other forms, than in the headers of syslog.
TIMES: list[Sample] = [
    ('192.0.2.9 - - [03/Mar/2026:10:11:12 +0100] "GET / HTTP/1.1" 404 153 "-" "curl/8.5.0"',
     {"time": "2026-03-03 09:11:12", "source": "192.0.2.9"}),
    ('www.example.com:443 192.0.2.9 - bob [03/Mar/2026:10:11:13 +0000] "GET / HTTP/2.0" 200 1',
     {"time": "2026-03-03 10:11:13", "source": "192.0.2.9"}),
    ("[Tue Mar 03 10:11:12.123456 2026] [authz_core:error] [pid 12:tid 14] [client 192.0.2.9:4321] "
     "AH01630: client denied by server configuration: /var/www/secret",
     {"time": "2026-03-03 10:11:12.123456", "source": "192.0.2.9", "source_port": 4321}),
    ("[03-Mar-2026 10:11:14] WARNING: [pool www] server reached max_children",
     {"time": "2026-03-03 10:11:14"}),
    ("03-Mar-2026 10:11:12.125 client @0x7f 192.0.2.9#51234 (example.com): query: example.com IN A",
     {"time": "2026-03-03 10:11:12.125", "source": "192.0.2.9", "source_port": 51234}),
    ("2026/03/03 10:11:12 [error] 12#56: *9 connect() failed (111: Connection refused) while "
     "connecting to upstream, client: 192.0.2.9, server: example.com, request: \"GET / HTTP/1.1\"",
     {"time": "2026-03-03 10:11:12", "source": "192.0.2.9", "destination": None}),
    ("1772532672.123    109 192.0.2.9 TCP_MISS/200 2750 GET http://example.com/ - -/- text/html",
     {"time": "2026-03-03 10:11:12.123", "source": "192.0.2.9"}),
    ("1772532673.123456\tCHhAvVGS1DHFjwGM9\t192.0.2.9\t51234\t198.51.100.9\t443\ttcp\tssl",
     {"time": "2026-03-03 10:11:13.123456"}),
    ("03/03/2026-10:11:12.123456  [**] [1:2001219:20] ET SCAN [**] [Priority: 2] {TCP} "
     "192.0.2.9:4321 -> 10.1.1.5:22",
     {"time": "2026-03-03 10:11:12.123456", "source": "192.0.2.9", "destination_port": 22}),
    ("03/02-10:11:12.123456  [**] [1:2001219:20] ET SCAN [**] [Priority: 2] {TCP} "
     "192.0.2.9:4321 -> 10.1.1.5:22", {"time": "2026-03-02 10:11:12.123456"}),
    ("type=USER_LOGIN msg=audit(1772532672.125:4711): pid=1 uid=0 auid=4294967295 ses=1 msg='op'",
     {"time": "2026-03-03 10:11:12.125"}),
    ("<134> 03/03/2026:10:11:16 GMT ns1 0-PPE-0 : default TCP CONN_TERMINATE 4711 0 : Source "
     "192.0.2.9:4321 - Destination 10.1.1.5:443",
     {"time": "2026-03-03 10:11:16", "source": "192.0.2.9", "destination": "10.1.1.5"}),
    ('time="2026-03-03T10:11:12+01:00" level=info msg="no 03/Mar/2026"',
     {"time": "2026-03-03 09:11:12"}),
    ("Mar  3 10:11:12 UTC web-1 app[7]: text", {"host": "web-1", "program": "app", "pid": 7}),
]  # fmt: skip

# Of makers whose lines are keys and values, and what others leave to a name or to another key.
KEYS: list[Sample] = [
    ('<30>device="SFW" date=2026-03-03 time=10:11:12 timezone="CET" device_name="XG210" '
     'device_id=C12 log_id=010101600001 log_type="Firewall" log_subtype="Denied" fw_rule_id=2 '
     'user_name="bob" in_interface="Port1" out_interface="Port2" src_ip=10.1.1.5 '
     'dst_ip=192.0.2.9 protocol="TCP" src_port=51234 dst_port=443',
     {"time": "2026-03-03 09:11:12", "source": "10.1.1.5", "source_port": 51234, "user": "bob",
      "source_interface": "Port1", "destination": "192.0.2.9", "destination_port": 443,
      "transport": "tcp"}),
    ('2026:03:03-10:11:12 utm1 ulogd[4567]: id="2001" severity="info" sys="SecureNet" '
     'sub="packetfilter" action="drop" fwrule="60001" initf="eth1" srcip="192.0.2.9" '
     'dstip="10.1.1.5" proto="6" length="40" srcport="4321" dstport="22" tcpflags="SYN"',
     {"time": "2026-03-03 10:11:12", "host": "utm1", "program": "ulogd", "pid": 4567,
      "action": "deny", "source": "192.0.2.9", "source_port": 4321, "destination_port": 22,
      "transport": "tcp", "source_interface": "eth1"}),
    ('<134>id=firewall sn=0017C5123456 time="2026-03-03 10:11:17 UTC" fw=203.0.113.9 pri=6 c=1024 '
     'm=98 msg="Connection Opened" n=4711 src=10.1.1.5:51234:X0 dst=192.0.2.9:443:X1 '
     "proto=tcp/https",
     {"time": "2026-03-03 10:11:17", "source": "10.1.1.5", "source_port": 51234,
      "source_interface": "X0", "destination": "192.0.2.9", "destination_port": 443,
      "transport": "tcp"}),
    ("<134>1 1772532672.123456789 MX84 flows src=10.1.1.5 dst=192.0.2.9 mac=00:11:22:33:44:55 "
     "protocol=tcp sport=51234 dport=443 pattern: deny all",
     {"time": "2026-03-03 10:11:12.123456", "host": "MX84", "program": "flows",
      "source": "10.1.1.5", "source_port": 51234, "destination_port": 443, "transport": "tcp"}),
    ('<188>date=2026-03-03 time=10:11:12 devname="FGT1" devid="FG1" logid="0100032002" '
     'type="event" subtype="system" level="alert" logdesc="Admin login failed" user="admin" '
     'srcip=192.0.2.9 dstip=10.1.1.1 action="login" status="failed" reason="passwd_invalid"',
     {"action": "login-failed", "user": "admin", "source": "192.0.2.9"}),
    ("<190>: 2026 Mar  3 10:11:12 UTC: %ACLLOG-6-ACLLOG_FLOW_INTERVAL: Src IP: 10.1.1.5, "
     "Dst IP: 10.2.2.6, Src Port: 51234, Dst Port: 443, Src Intf: Ethernet1/3, "
     'Protocol: "TCP"(6), Hit-count = 17',
     {"source": "10.1.1.5", "source_port": 51234, "source_interface": "Ethernet1/3",
      "destination": "10.2.2.6", "destination_port": 443, "transport": "tcp", "weight": 17}),
    ("<189>49: Mar  3 10:11:12.123 UTC: %SYS-5-CONFIG_I: Configured from console by admin on vty0 "
     "(10.1.1.50)", {"user": "admin", "source": "10.1.1.50", "action": "configuration"}),
    _asa("6-605005", 'Login permitted from 10.1.1.50/51000 to inside:10.1.1.1/ssh for user "admin"',
         source="10.1.1.50", destination="10.1.1.1", destination_port=22,
         destination_interface="inside", user="admin"),
    _asa("7-710005", "UDP request discarded from 10.1.1.5/137 to inside:10.1.1.255/netbios-ns",
         source="10.1.1.5", destination="10.1.1.255", destination_port=137),
    ('{"EventTime":"2026-03-03 10:11:12","Hostname":"dc1","EventType":"AUDIT_FAILURE",'
     '"EventID":4625,"Message":"An account failed to log on.","TargetUserName":"bob",'
     '"IpAddress":"10.1.1.66","IpPort":"51234","EventReceivedTime":"2026-03-03 10:11:14"}',
     {"host": "dc1", "user": "bob", "source": "10.1.1.66", "source_port": 51234,
      "template": "windows:4625",
      "time": "2026-03-03 10:11:12", "received": "2026-03-03 10:11:14"}),
]  # fmt: skip

# Of makers and programs whose lines have places or names of their own for ends, verdict and time.
PLACES: list[Sample] = [
    ('<134>1 2026-03-03T10:11:12Z mgmt CheckPoint 18160 - [action:"Drop"; ifdir:"inbound"; '
     'ifname:"eth1"; __policy_id_tag:"product=VPN-1[db_tag={X};policy_name=Standard\\]"; '
     'dst:"192.0.2.9"; product:"VPN-1 & FireWall-1"; proto:"17"; rule:"7"; rule_name:"Cleanup"; '
     's_port:"51234"; service:"53"; src:"10.1.1.1"; xlatesrc:"203.0.113.1"; user:"bob"]',
     {"vendor": "check_point", "host": "mgmt", "program": "CheckPoint", "pid": 18160,
      "code": "VPN-1 & FireWall-1", "action": "deny", "transport": "udp", "source": "10.1.1.1",
      "source_port": 51234, "source_nat": "203.0.113.1", "source_interface": "eth1",
      "destination": "192.0.2.9", "destination_port": 53, "rule": "Cleanup", "user": "bob"}),
    ('<134>Mar  3 10:11:12 mgmt CheckPoint[18160]: action:"Accept"; ifdir:"outbound"; '
     'ifname:"eth0"; src:"10.1.1.1"; dst:"192.0.2.9"; proto:"6"; service:"443"',
     {"vendor": "check_point", "action": "allow", "source": "10.1.1.1", "destination_port": 443,
      "source_interface": None, "destination_interface": "eth0", "source_port": None}),
    ('<134>1 2026-03-03T10:11:12Z mgmt CheckPoint 18160 - [Fields@1.3.6.1.4.1.2620 Action="reject" '
     'src="10.1.1.1" dst="192.0.2.9" proto="6" s_port="51234" service="22"]',
     {"vendor": "check_point", "action": "deny", "source_port": 51234, "destination_port": 22}),
    ('Mar  3 10:11:12 fb-1 (2026-03-03T10:11:12) firewall: msg_id="3000-0148" Allow 1-Trusted '
     "0-External 52 tcp 20 127 10.0.1.2 203.0.113.9 50123 443 offset 8 S 3 win 61690 (HTTPS-00)",
     {"vendor": "watchguard", "host": "fb-1", "program": "firewall", "code": "3000-0148",
      "action": "allow", "source_interface": "1-Trusted", "destination_interface": "0-External",
      "transport": "tcp", "source": "10.0.1.2", "source_port": 50123, "bytes": 52,
      "destination": "203.0.113.9", "destination_port": 443, "rule": "HTTPS-00"}),
    ("<140>Mar  3 10:11:12 fb-1 firewall: Deny 0-External Firebox 84 icmp 20 245 198.51.100.9 "
     "203.0.113.2 8 0 (Unhandled External Packet-00)",
     {"vendor": "watchguard", "action": "deny", "transport": "icmp", "source": "198.51.100.9",
      "source_port": None, "destination_port": None, "rule": "Unhandled External Packet-00"}),
    ("<140>Mar  3 10:11:12 fb-1 firewall: Deny all that comes from 198.51.100.9",
     {"vendor": None, "source": "198.51.100.9"}),
    ("<134>Mar  3 10:11:12 cgf-1 NGFW/box_Firewall_Activity: Info     NGFW Detect: type=FWD|"
     "proto=TCP|srcIF=p1|srcIP=10.1.1.5|srcPort=51234|srcMAC=00:00:5e:00:53:01|dstIP=192.0.2.9|"
     "dstPort=443|dstService=https|dstIF=p2|rule=LAN-2-NET|info=Normal Operation|"
     "srcNAT=203.0.113.1|dstNAT=192.0.2.9|duration=5000|count=2|receivedBytes=0|sentBytes=0",
     {"vendor": "barracuda", "code": "Detect", "action": "allow", "source": "10.1.1.5",
      "source_port": 51234, "source_nat": "203.0.113.1", "source_interface": "p1",
      "destination": "192.0.2.9", "destination_port": 443, "destination_nat": None,
      "destination_interface": "p2", "rule": "LAN-2-NET", "weight": 2, "duration": 5}),
    ("<134>Mar  3 10:11:12 cgf-1 box_Firewall_Activity:  Info     cgf-1 Block: FWD|TCP|p1|10.1.1.5|"
     "51234|00:00:5e:00:53:01|192.0.2.9|443|https|p2|BLOCKALL|Block by Rule|0.0.0.0|0.0.0.0|0|1|0",
     {"vendor": "barracuda", "action": "deny", "source": "10.1.1.5", "source_nat": None,
      "destination_port": 443, "rule": "BLOCKALL", "reason": "Block by Rule"}),
    ("2026-03-03 10:11:12.34 spid5s      Starting up database 'master'.",
     {"vendor": "sql_server", "host": None, "program": None, "time": "2026-03-03 10:11:12.34"}),
    ("2026-03-03 10:11:12.34 Logon       Error: 18456, Severity: 14, State: 8.",
     {"vendor": "sql_server", "host": None, "program": None, "code": "18456", "severity": 3}),
    ("2026-03-03 10:11:12.34 Logon       Login failed for user 'sa'. Reason: Password did not match"
     " that for the login provided. [CLIENT: 192.0.2.7]",
     {"vendor": "sql_server", "host": None, "action": "login-failed", "user": "sa",
      "source": "192.0.2.7", "reason": "Password did not match that for the login provided"}),
    ("2026-03-03 10:11:12.34 spid51 app[7]: this is a host with a strange name",
     {"vendor": None, "host": "spid51", "program": "app"}),
    ("2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 "
     "1772532672 1772532732 ACCEPT OK",
     {"vendor": "aws_vpc", "time": "2026-03-03 10:11:12", "code": "ACCEPT", "action": "allow",
      "source": "172.31.16.139", "source_port": 20641, "destination": "172.31.16.21",
      "destination_port": 22, "transport": "tcp", "bytes": 4249, "host": None}),
    ("2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 0 0 1 4 336 1772532672 "
     "1772532732 REJECT OK",
     {"action": "deny", "transport": "icmp", "source_port": None, "destination_port": None}),
    ("2 123456789010 eni-1235b8ca123456789 - - - - - - - 1772532672 1772532732 - NODATA",
     {"code": "NODATA", "action": None, "source": None, "time": "2026-03-03 10:11:12"}),
    ("1772532673.123456\tCHhAvVGS1DHFjwGM9\t2001:db8::9\t51234\t198.51.100.9\t443\ttcp\tssl",
     {"vendor": "zeek", "source": "2001:db8::9", "source_port": 51234,
      "destination": "198.51.100.9", "destination_port": 443}),
    ("Mar  3 10:11:12 mail postfix/smtpd[4711]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 554 "
     "5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.example.org; "
     "from=<a@example.com> to=<b@example.org> proto=ESMTP helo=<x.example>",
     {"source": "192.0.2.9", "destination": None}),
    ("1772532672.123   1090 192.0.2.9 TCP_TUNNEL/200 2750 CONNECT example.com:443 bob "
     "HIER_DIRECT/198.51.100.34 -",
     {"time": "2026-03-03 10:11:12.123", "source": "192.0.2.9", "destination": "198.51.100.34",
      "destination_port": 443, "destination_interface": None, "user": "bob", "bytes": 2750,
      "transport": "tcp", "reason": "TCP_TUNNEL", "duration": 1, "action": None}),
    ("Mar  3 10:11:12 proxy (squid-1)[12]: 1772532672.123      0 192.0.2.9 TCP_DENIED/403 3800 GET "
     "http://example.com/ - HIER_NONE/- text/html",
     {"host": "proxy", "source": "192.0.2.9", "destination": None, "action": "deny",
      "user": None}),
    ('{"@timestamp":"2026-03-03T10:11:12.123Z","winlog":{"event_id":4625,"event_data":'
     '{"TargetUserName":"bob","IpAddress":"10.1.1.66","IpPort":"51234"}},"event":{"code":"4625",'
     '"provider":"Microsoft-Windows-Security-Auditing","action":"logon-failed"},'
     '"host":{"name":"dc1"},"message":"An account failed to log on."}',
     {"vendor": "windows", "code": "4625", "action": "login-failed", "user": "bob",
      "template": "windows:4625", "source": "10.1.1.66", "source_port": 51234}),
    ('{"@timestamp":"2026-03-03T10:11:12.123Z","winlog":{"event_id":"4624","event_data":'
     '{"TargetUserName":"bob","IpAddress":"-"}},"message":"An account was successfully logged on.'
     '\\n\\nSubject:\\n\\tAccount Name:\\t\\tDC1$\\n\\nNetwork Information:\\n'
     '\\tSource Network Address:\\t10.1.1.67\\n\\tSource Port:\\t\\t51235"}',
     {"vendor": "windows", "code": "4624", "action": "login", "user": "bob",
      "template": "windows:4624", "source": "10.1.1.67", "source_port": 51235}),
    ('{"@timestamp":"2026-03-03T10:11:12Z","winlog":{"event_id":"7036","provider_name":'
     '"Service Control Manager"},"message":"The service entered the stopped state."}',
     {"vendor": "windows", "code": "7036", "program": "Service Control Manager"}),
    ('{"EventTime":"2026-03-03 10:11:12","Hostname":"dc1","EventID":5157,"SourceName":'
     '"Microsoft-Windows-Security-Auditing","Message":"The Windows Filtering Platform has blocked '
     'a connection.","SourceAddress":"10.1.1.66","SourcePort":"51234","DestAddress":"10.1.1.5",'
     '"DestPort":"445"}',
     {"vendor": "windows", "code": "5157", "action": "deny", "source": "10.1.1.66",
      "source_port": 51234, "destination": "10.1.1.5", "destination_port": 445,
      "program": "Microsoft-Windows-Security-Auditing"}),
    ('{"@timestamp":"2026-03-03T10:11:12Z","event":{"code":"106023","action":"denied"},'
     '"message":"text"}', {"vendor": None, "code": "106023", "action": "denied"}),
    ('<4>Mar  3 10:11:12 UDMPro [WAN_IN-2001-A] DESCR="from outside" IN=eth8 OUT=br0 MAC=00:00 '
     "SRC=192.0.2.1 DST=10.0.0.1 LEN=60 TOS=0x00 PROTO=TCP SPT=1024 DPT=22 SYN",
     {"vendor": "netfilter", "host": "UDMPro", "code": "WAN_IN-2001-A", "action": "allow",
      "rule": "from outside", "source_interface": "eth8"}),
    ("<4>Mar  3 10:11:12 edge kernel: [LAN_IN-10-R]IN=eth1 OUT=eth0 SRC=10.1.1.1 DST=192.0.2.1 "
     "LEN=60 PROTO=UDP SPT=1024 DPT=53", {"code": "LAN_IN-10-R", "action": "deny"}),
    ("Mar  3 10:11:12 gw dnsmasq[12]: reply example.com is 192.0.2.34", {"source": None}),
    ("Mar  3 10:11:12 gw dnsmasq[12]: query[A] example.com from 10.1.1.5", {"source": "10.1.1.5"}),
    ("Mar  3 10:11:12 gw dhcpd[12]: DHCPREQUEST for 10.1.1.7 (10.1.1.1) from 00:00:5e:00:53:01 via "
     "eth0", {"source": "10.1.1.7", "source_nat": None, "destination": "10.1.1.1"}),
    ("Mar  3 10:11:12 srv dropbear[1]: Bad password attempt for 'root' from 192.0.2.9:51234",
     {"user": "root", "action": "login-failed", "source_port": 51234}),
    ("Tue Mar  3 10:11:12 2026 app-1 app[7]: text",
     {"host": "app-1", "program": "app", "time": "2026-03-03 10:11:12"}),
    ("Tue Mar  3 10:11:12 text", {"host": None, "time": "2026-03-03 10:11:12"}),
    ("1,2026/03/03 10:11:13,001801,SYSTEM,general,0,2026/03/03 10:11:12,,x,,0,0,general,high,text",
     {"vendor": "palo_alto", "time": "2026-03-03 10:11:12"}),
]  # fmt: skip

# Behind the header of a relay.
RELAYED: list[Sample] = [
    ("<189>Mar  3 10:11:12 n9k-1 : 2026 Mar  3 10:11:12 UTC: %$ VDC-1 %$ %ETHPORT-5-IF_UP: "
     "Interface Ethernet1/1 is up",
     {"vendor": "cisco_nxos", "host": "n9k-1", "code": "ETHPORT-5-IF_UP", "severity": 5}),
    ("Mar  3 10:11:12 10.1.1.9 %$ VDC-1 %$ %ETHPORT-5-IF_UP: Interface Ethernet1/1 is up",
     {"vendor": "cisco_nxos", "host": "10.1.1.9"}),
    ("Mar  3 10:11:12 10.1.1.9 %ETHPORT-5-IF_UP: Interface Ethernet1/1 is up 7%$ ",
     {"vendor": "cisco_ios"}),
]  # fmt: skip

# Dates of programs that write files of their own.
DATES: list[Sample] = [
    ("Tue, 03 Mar 2026 10:11:12 +0100 connected to 192.0.2.9:443",
     {"time": "2026-03-03 09:11:12", "destination": "192.0.2.9", "destination_port": 443}),
    ("3 Mar 2026 10:11:12,123 text", {"time": "2026-03-03 10:11:12.123"}),
    ("4711:M 03 Mar 2026 10:11:12.123 * Ready to accept connections",
     {"time": "2026-03-03 10:11:12.123"}),
    ("Tue 03 Mar 2026 01:11:12 PM CET backup ended", {"time": "2026-03-03 12:11:12"}),
    ("Mar 03, 2026 1:11:12 PM org.apache.catalina.startup.Catalina start",
     {"time": "2026-03-03 13:11:12", "host": None}),
    ("3/4/2026 12:01:12 AM text", {"time": "2026-03-04 00:01:12"}),
    ("3/4/2026 10:01:12 text", {"time": None}),  # or the third of April
    ("2026-03-03 12:11:12 PM text", {"time": "2026-03-03 12:11:12"}),
    ("2026-03-03 10:11:12 PMC text", {"time": "2026-03-03 10:11:12"}),
    ("Mar  3 10:11:12 PM cron: text", {"time": "2026-03-03 22:11:12", "program": "cron"}),
    ("I0303 10:11:12.123456    4711 server.go:12] dialed 192.0.2.9:443",
     {"time": "2026-03-03 10:11:12.123456", "host": None, "source": "192.0.2.9"}),
    ("  4711:20260303:101112.123 agent on 192.0.2.9 is not available",
     {"time": "2026-03-03 10:11:12.123", "host": None}),
    ("20260303T101112Z text", {"time": "2026-03-03 10:11:12"}),
    ("20260303 10:11:12 text", {"time": "2026-03-03 10:11:12"}),
    ("20260303101112345 text", {"time": None}),
    ("[1772532672] SERVICE ALERT: host-1;PING;CRITICAL", {"time": "2026-03-03 10:11:12"}),
    ("2026.03.03 10:11:12 LOG5[4711]: Connection closed", {"time": "2026-03-03 10:11:12"}),
    ("2026-03-03_10:11:12.12345 text", {"time": "2026-03-03 10:11:12.12345"}),
    ("03.03.2026 10:11:12 text", {"time": "2026-03-03 10:11:12"}),
    ("(2026-03-03 10:11:12:123456): [sssd] [x] text", {"time": "2026-03-03 10:11:12"}),
    ("level=info ts=1772532672.123 msg=text", {"time": "2026-03-03 10:11:12.123"}),
    ("ts=2026-03-03T10:11:12.123Z level=info msg=text", {"time": "2026-03-03 10:11:12.123"}),
    ('2026/03/03 10:11:12 [error] 8#8: *9 connect() failed (111: Connection refused) while '
     'connecting to upstream, client: 192.0.2.9, server: example.com, request: "GET / HTTP/1.1", '
     'upstream: "http://10.1.1.5:8080/x", host: "example.com"',
     {"source": "192.0.2.9", "destination": "10.1.1.5", "destination_port": 8080}),
    ('2026/03/03 10:11:12 [error] 8#8: *9 upstream timed out, client: 192.0.2.9, server: _, '
     'upstream: "fastcgi://[2001:db8::5]:9000", host: "_"',
     {"source": "192.0.2.9", "destination": "2001:db8::5", "destination_port": 9000}),
    ('2026/03/03 10:11:12 [crit] 8#8: *9 connect() failed, client: 192.0.2.9, server: _, '
     'upstream: "fastcgi://unix:/run/php.sock:"', {"source": "192.0.2.9", "destination": None}),
]  # fmt: skip

ALL = [*HEADERS, *MESSAGES, *OTHERS, *EVENTS, *TIMES, *RELAYED, *DATES, *KEYS, *PLACES]

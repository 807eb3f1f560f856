"""Files of other tools, written for tests: name → kind, rows, text."""

from pathlib import Path

TABLES = Path(__file__).parent / "tables"  # too wide for a program's text


def _table(name: str) -> str:
    return (TABLES / f"{name}.txt").read_text(encoding="utf-8")


ZEEK = "\t".join
ZEEK_MORE = ("ts", "id.orig_h", "id.orig_p", "service")
ZEEK_FROM = ("192.0.2.4", "50124", "~")
SYSMON = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Provider Name='Microsoft-Windows-Sysmon'/><EventID>{id}</EventID>"
    "<TimeCreated SystemTime='2026-11-17T09:30:00.1234567Z'/><Computer>srv7.example</Computer>"
    "</System><EventData><Data Name='UtcTime'>2026-11-17 09:30:00.123</Data>"
    "<Data Name='ProcessGuid'>{{1-2}}</Data><Data Name='ProcessId'>4711</Data>"
    "<Data Name='Image'>C:\\inv\\inv.exe</Data>{more}</EventData></Event>"
)
STARTED = (
    "<Data Name='CommandLine'>\"C:\\inv\\inv.exe\" --all</Data>"
    "<Data Name='ParentProcessId'>7</Data><Data Name='ParentImage'>C:\\w\\cmd.exe</Data>"
)
CALLED = (
    "<Data Name='Protocol'>tcp</Data><Data Name='Initiated'>true</Data>"
    "<Data Name='SourceIp'>10.9.1.4</Data><Data Name='SourcePort'>50123</Data>"
    "<Data Name='DestinationIp'>10.9.3.7</Data><Data Name='DestinationHostname'>-</Data>"
    "<Data Name='DestinationPort'>17777</Data>"
)
ASKED = (
    "<Data Name='QueryName'>inventory.example</Data>"
    "<Data Name='QueryResults'>type:  5 x.example;::ffff:10.9.3.7;</Data>"
)
CHANGED = (
    "<Event><System><Provider Name='{by}'/><EventID>{id}</EventID>"
    "<TimeCreated SystemTime='2026-11-17T09:30:00.0Z'/><Computer>srv7</Computer></System>"
    "<EventData>{data}</EventData></Event>"
)
NFDUMP = (
    "2026-11-17 09:30:00.000,2026-11-17 09:30:01.500,1.500,192.0.2.4,203.0.113.8,50124,17777,TCP,"
    "......S.,0,0,2,120,0,0,0,0"
)

SAMPLES: dict[str, tuple[str, int, str]] = {
    "zeek, other order": (
        "zeek_conn",
        1,
        "\n".join(
            [
                "#separator \\x09",
                ZEEK(["#empty_field", "(empty)"]),
                ZEEK(["#unset_field", "~"]),
                ZEEK(["#path", "conn"]),
                ZEEK(["#fields", "proto", "conn_state", "id.resp_p", "id.resp_h", *ZEEK_MORE]),
                ZEEK(["tcp", "S0", "17777", "203.0.113.8", "1700000001.123456", *ZEEK_FROM]),
                ZEEK(["#close", "2026-11-17-10-00-00"]),
            ]
        ),
    ),
    "zeek json": (
        "zeek_conn",
        1,
        '{"ts":1700000001.123456,"uid":"C","id.orig_h":"192.0.2.4","id.orig_p":50124,'
        '"id.resp_h":"203.0.113.8","id.resp_p":17777,"proto":"tcp","conn_state":"S0"}\n',
    ),
    "zeek json, nested": (
        "zeek_conn",
        3,
        '[{"ts":1700000001.123456,"id":{"orig_h":"192.0.2.4","orig_p":50124,"resp_h":"203.0.113.8",'
        '"resp_p":17777},"proto":"tcp","duration":2.5e-05,"conn_state":"S0"},\n'
        '{"ts":1700000002,"id":{"orig_h":"192.0.2.4","orig_p":50125,"resp_h":"203.0.113.8",'
        '"resp_p":17777},"proto":"tcp","conn_state":"S0"}\n]\n'
        '[{"ts":1700000002,"id.orig_h":"192.0.2.4","id.orig_p":50125,"id.resp_h":"203.0.113.8",'
        '"id.resp_p":53,"proto":"udp","orig_pkts":1},{"_path":"dns","ts":1700000002,'
        '"id.orig_h":"192.0.2.4","id.orig_p":50125,"id.resp_h":"203.0.113.8","id.resp_p":53,'
        '"proto":"udp","query":"a.example"}]\n',
    ),
    "suricata": (
        "suricata_eve",
        4,
        '{"timestamp":"2026-11-17T09:30:00.1+0100","event_type":"flow","src_ip":"192.0.2.4",'
        '"src_port":5,"dest_ip":"203.0.113.8","dest_port":443,"proto":"TCP","flow":'
        '{"pkts_toserver":1,"pkts_toclient":0,"bytes_toserver":60,"bytes_toclient":0,'
        '"start":"2026-11-17T09:29:00.1+0100","end":"2026-11-17T09:30:00.1+0100"}}\n'
        '{"timestamp":"2026-11-17T09:30:00.1+0100","event_type":"alert","src_ip":"192.0.2.4",'
        '"dest_ip":"203.0.113.8","proto":"TCP","alert":{"signature":"odd"}}\n'
        '{"timestamp":"2026-11-17T09:30:00.1+0100","event_type":"dns","src_ip":"192.0.2.4",'
        '"dns":{"type":"answer","rrname":"a.example","grouped":{"A":["203.0.113.8"]}}}\n'
        '{"timestamp":"2026-11-17T09:30:00.1+0100","event_type":"tls","src_ip":"192.0.2.4",'
        '"dest_ip":"203.0.113.8","proto":"TCP","tls":{"sni":"a.example"}}\n'
        '{"timestamp":"2026-11-17T09:30:00.1+0100","event_type":"stats"}\n',
    ),
    "nfdump csv": (
        "nfdump_csv",
        1,
        "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out\n"
        f"{NFDUMP}\nSummary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n1,120,2,1,1,60\n",
    ),
    "nfdump new csv": (
        "nfdump_csv",
        1,
        "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,bps,bpp,flows\n"
        "2026-11-17 09:30:00.000,1.500,TCP,192.0.2.4,50124,203.0.113.8,17777,2,120,1,60,1\n",
    ),
    "nfdump line": (
        "nfdump_text",
        1,
        "Date first seen          Duration Proto      Src IP Addr:Port          Dst IP Addr:Port"
        "   Packets    Bytes Flows\n"
        "2026-11-17 09:30:00.000     1.500 TCP          192.0.2.4:50124 ->      203.0.113.8:17777"
        "        2      120     1\n"
        "Summary: total flows: 1, total bytes: 120, total packets: 2\n",
    ),
    "nfdump line, IPv6": (
        "nfdump_text",
        3,
        "Date first seen             Duration     Proto   Src IP Addr:Port      Dst IP Addr:Port"
        "     Packets    Bytes     Flows\n"
        "2026-11-17 09:30:00.000     00:00:01.500 TCP          2001:db8::4:1.50124 ->"
        "      2001:db8::8.17777        2        1.2 M     1\n"
        "2026-11-17 09:30:00.000     00:00:00.000 ICMP6         fe80::1.0 ->      ff02::1.134.0"
        "        1        84     1\n"
        "2026-11-17 09:30:00.000     00:00:00.000 ICMP     192.0.2.4:0 ->      203.0.113.8:8.0"
        "        1        84     1\n",
    ),
    "pfirewall": (
        "windows_firewall",
        1,
        "#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Time Format: Local\n"
        "#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn"
        " tcpack tcpwin icmptype icmpcode info path pid\n\n"
        "2026-11-17 09:30:00 DROP TCP 192.0.2.4 203.0.113.8 50124 17777 60 S 1 0 64240"
        " - - - SEND 7\n",
    ),
    "tcpdump": (
        "tcpdump",
        2,
        "tcpdump: verbose output suppressed\n"
        "09:30:00.000001 IP 192.0.2.4.50124 > 203.0.113.8.17777: Flags [S], seq 1, length 0\n"
        "09:30:00.000002 ARP, Request who-has 192.0.2.1 tell 192.0.2.4, length 28\n"
        "09:30:00.000003 ARP, Reply 192.0.2.1 is-at 00:14:22:03:04:05, length 28\n",
    ),
    "lsof -F": (
        "lsof_fields",
        1,
        "p4711\ncinv\nLroot\nf3\ntIPv4\nPTCP\nn192.0.2.4:5->203.0.113.8:443\nTST=SYN_SENT\n",
    ),
    "lsof -F0": (
        "lsof_fields",
        2,
        "p4711\0cinv\0Lroot\0\nf3\0tIPv4\0PTCP\0n192.0.2.4:5->203.0.113.8:443\0TST=SYN_SENT\0\n"
        "f4\0tREG\0n/var/log/x:1\0\np99\0csshd\0\nf3\0tIPv6\0PTCP\0n[::1]:22\0TST=LISTEN\0\n",
    ),
    "lsof -F pcn": (
        "lsof_fields",
        2,
        "p4711\ncinv\nf3\nn192.0.2.4:5->203.0.113.8:443\nf4\nn/var/log/x:1\nf5\nn*:80\n",
    ),
    "arp of Windows": (
        "arp",
        1,
        "\nInterface: 192.0.2.4 --- 0x4\n  Internet Address      Physical Address      Type\n"
        "  192.0.2.1             00-14-22-03-04-05     dynamic   \n"
        "  192.0.2.255           ff-ff-ff-ff-ff-ff     static    \n",
    ),
    "arp of Linux": (
        "arp",
        2,
        "gw (192.0.2.1) at 00:14:22:03:04:05 [ether] on eth0\n"
        "? (192.0.2.9) at <incomplete> on eth0\n",
    ),
    "arp of macOS": ("arp", 1, "? (192.0.2.1) at 0:14:22:3:4:5 on en0 ifscope [ethernet]\n"),
    "arp -n": (
        "arp",
        2,
        "Address                  HWtype  HWaddress           Flags Mask            Iface\n"
        "192.0.2.1                ether   00:14:22:03:04:05   C                     eth0\n"
        "192.0.2.9                        (incomplete)                              eth0\n",
    ),
    "arp of Cisco IOS": (
        "arp",
        3,
        "R1#show ip arp\n"
        "Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n"
        "Internet  192.0.2.1               -   0014.2203.0405  ARPA   GigabitEthernet0/0\n"
        "Internet  192.0.2.2              12   0014.2203.0406  ARPA   Vlan10\n"
        "Internet  192.0.2.9               0   Incomplete      ARPA\n",
    ),
    "arp of NX-OS": (
        "arp",
        2,
        "IP ARP Table for context default\nTotal number of entries: 2\n"
        "Address         Age       MAC Address     Interface       Flags\n"
        "192.0.2.1       00:02:55  0014.2203.0405  Vlan10\n"
        "192.0.2.9       00:02:55  INCOMPLETE      Vlan10\n",
    ),
    "arp of ASA": (
        "arp",
        2,
        "        inside 192.0.2.1 0014.2203.0405 12\n"
        "        outside 203.0.113.1 0014.2203.0406 -\n",
    ),
    "arp of Junos": (
        "arp",
        3,
        "MAC Address       Address         Name                      Interface       Flags\n"
        "00:14:22:03:04:05 192.0.2.1       192.0.2.1                 ge-0/0/0.0      none\n"
        "00:14:22:03:04:06 192.0.2.2       irb.10 [ge-0/0/1.0]       none 1200\n"
        "00:14:22:03:04:07 192.0.2.3       desk ge-0/0/0.0           permanent\n"
        "Total entries: 3\n",
    ),
    "/proc/net/arp": (
        "arp",
        2,
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "192.0.2.1        0x1         0x2         00:14:22:03:04:05     *        eth0\n"
        "192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0\n",
    ),
    "arp of OpenBSD": (
        "arp",
        3,
        "Host                                 Ethernet Address    Netif Expire    Flags\n"
        "192.0.2.1                            00:14:22:03:04:05     em0 19m59s    \n"
        "192.0.2.2                            00:14:22:03:04:06     em0 permanent l\n"
        "192.0.2.9                            (incomplete)          em0 expired   \n",
    ),
    "ip neigh": (
        "ip_neigh",
        2,
        "192.0.2.1 dev eth0 lladdr 00:14:22:03:04:05 used 5/0/3 probes 4 STALE\n"
        "192.0.2.9 dev eth0  FAILED\n",
    ),
    "ip -json": (
        "ip_neigh",
        2,
        '[{"dst":"192.0.2.1","dev":"eth0","lladdr":"00:14:22:03:04:05","state":["STALE"]},'
        '{"dst":"192.0.2.9","dev":"eth0","state":["FAILED"]}]\n',
    ),
    "leases": ("dhcp_leases", 1, "9999999999 00:14:22:03:04:05 192.0.2.1 desk *\n"),
    "mac table": (
        "mac_table",
        2,
        "sw3#show mac address-table\n          Mac Address Table\n-----\n"
        "Vlan    Mac Address       Type        Ports\n"
        "  10    0014.2233.4455    DYNAMIC     Gi1/0/7\n"
        "  10    0014.2233.4456    DYNAMIC     Gi1/0/24\n"
        " All    0100.0ccc.cccc    STATIC      CPU\n"
        "Total Mac Addresses for this criterion: 3\n",
    ),
    "bindings of a switch": (
        "switch_bindings",
        2,
        "sw3#show ip dhcp snooping binding\n"
        "MacAddress          IpAddress        Lease(sec)  Type           VLAN  Interface\n"
        "------------------  ---------------  ----------  -------------  ----  --------\n"
        "00:14:22:33:44:55   192.0.2.7        85000       dhcp-snooping  10    Gi1/0/7\n"
        "Total number of bindings: 1\n",
    ),
    "wireless clients": (
        "wireless_clients",
        2,
        "(wlc) >show client summary\n\n"
        "MAC Address       AP Name      Status        WLAN\n"
        "00:14:22:33:44:55 AP-7         Associated    1\n"
        "00:14:22:33:44:56 AP-8         Associated    1\n",
    ),
    "sysmon": (
        "windows_events",
        3,
        "\n".join(
            SYSMON.format(id=id_, more=more)
            for id_, more in ((1, STARTED), (3, CALLED), (22, ASKED))
        ),
    ),
    "sysmon changes": (
        "windows_events",
        4,
        "\n".join(
            SYSMON.format(id=id_, more=more)
            for id_, more in (
                (13, "<Data Name='TargetObject'>HKLM\\S\\CurrentVersion\\Run\\Inv</Data>"),
                (11, "<Data Name='TargetFilename'>C:\\Windows\\Tasks\\At1.job</Data>"),
                (20, "<Data Name='Operation'>Created</Data><Data Name='Name'> \"Inv\"</Data>"),
                (6, "<Data Name='ImageLoaded'>C:\\inv\\inv.sys</Data>"),
                (7, "<Data Name='ImageLoaded'>C:\\inv\\inv.dll</Data>"),
            )
        ),
    ),
    "windows changes": (
        "windows_events",
        3,
        "\n".join(
            CHANGED.format(by=by, id=id_, data=data)
            for by, id_, data in (
                (
                    "Microsoft-Windows-WindowsUpdateClient",
                    19,
                    "<Data Name='updateTitle'>KB5031356</Data>",
                ),
                (
                    "Service Control Manager",
                    7045,
                    "<Data Name='ServiceName'>Inventory</Data>"
                    "<Data Name='ImagePath'>C:\\inv\\inv.exe</Data>",
                ),
                ("MsiInstaller", 1033, "<Data>Inventory</Data><Data>4.2</Data><Data>1033</Data>"),
                ("Somebody", 1, ""),
            )
        ),
    ),
    "netsh dhcp": ("dhcp_leases", 3, _table("netsh-dhcp")),
    "Get-DhcpServerv4Lease, table": ("dhcp_leases", 3, _table("get-dhcpserverv4lease-table")),
    "Get-DhcpServerv4Lease, list": ("dhcp_leases", 2, _table("get-dhcpserverv4lease-list")),
    "Get-NetTCPConnection, table": ("powershell_sockets", 3, _table("get-nettcpconnection-table")),
    "Get-NetTCPConnection, list": ("powershell_sockets", 2, _table("get-nettcpconnection-list")),
    "Get-NetTCPConnection, CSV": ("powershell_sockets", 2, _table("get-nettcpconnection-csv")),
    "Get-NetNeighbor": ("powershell_neighbours", 2, _table("get-netneighbor")),
    "netstat of macOS": ("bsd_netstat", 4, _table("netstat-macos")),
    "netstat of FreeBSD": ("bsd_netstat", 3, _table("netstat-bsd")),
    "netstat of Solaris": ("bsd_netstat", 3, _table("netstat-solaris")),
    "pf-states": ("pf_states", 4, _table("pf-states")),
    "conntrack-l": ("conntrack", 4, _table("conntrack-l")),
    "asa-show-conn": ("asa_connections", 3, _table("asa-show-conn")),
    "asa-show-conn-detail": ("asa_connections", 1, _table("asa-show-conn-detail")),
    "fortigate-session-list": ("fortigate_sessions", 1, _table("fortigate-session-list")),
    "fortigate-get-session-list": ("fortigate_sessions", 2, _table("fortigate-get-session-list")),
    "panos-sessions": ("panos_sessions", 1, _table("panos-sessions")),
    "junos-sessions": ("junos_sessions", 1, _table("junos-sessions")),
    "routeros-connections": ("routeros_connections", 2, _table("routeros-connections")),
    "checkpoint-connections": ("checkpoint_connections", 1, _table("checkpoint-connections")),
    "conntrack-e": ("conntrack", 2, _table("conntrack-e")),
    "arp-solaris": ("arp", 2, _table("arp-solaris")),
    "arp-aix": ("arp", 2, _table("arp-aix")),
    "arp-routeros": ("arp", 2, _table("arp-routeros")),
    "arp-fortigate": ("arp", 2, _table("arp-fortigate")),
    "arp-panos": ("arp", 2, _table("arp-panos")),
    "arp-vrp": ("arp", 2, _table("arp-vrp")),
    "arp-comware": ("arp", 1, _table("arp-comware")),
    "arp-procurve": ("arp", 1, _table("arp-procurve")),
    "arp-eos": ("arp", 2, _table("arp-eos")),
    "tasklist": ("tasklist", 2, _table("tasklist")),
    "tasklist /svc": ("tasklist", 3, _table("tasklist-svc-german")),
    "tasklist /fo csv": ("tasklist", 2, _table("tasklist-csv-french")),
    "sockstat": ("sockstat", 5, _table("sockstat")),
    "tshark": ("tshark", 15, _table("tshark")),
    "tshark -t ad": ("tshark", 15, _table("tshark-t-ad")),
    "tshark -T ek": ("tshark_json", 16, _table("tshark-ek")),
    "tshark -T json": ("tshark_json", 3, _table("tshark-json")),
    "ra": ("argus_ra", 7, _table("argus-ra")),
    "ra -c ,": ("argus_ra", 3, _table("argus-ra-csv")),
    "rwcut": ("rwcut", 4, _table("rwcut")),
    "ps -ef": ("ps", 6, _table("ps-ef")),
    "ps aux": ("ps", 3, _table("ps-aux")),
    "ps of macOS": ("ps", 2, _table("ps-macos")),
    "ps -o lstart": ("ps", 2, _table("ps-lstart")),
    "osqueryi --json": ("osquery", 3, _table("osquery-sockets")),
    "osqueryi --json_pretty": ("osquery", 2, _table("osquery-joined")),
    "osqueryd": ("osquery", 5, _table("osquery-results")),
    "velociraptor": ("velociraptor", 3, _table("velociraptor-netstat")),
    "velociraptor, enriched": ("velociraptor", 2, _table("velociraptor-enriched")),
    "docker ps": ("docker_ps", 5, _table("docker-ps")),
    "docker ps --no-trunc": ("docker_ps", 4, _table("docker-ps-no-trunc")),
    "docker ps --format json": ("docker_ps", 4, _table("docker-ps-json")),
    "podman ps": ("docker_ps", 2, _table("podman-ps")),
    "podman ps --format json": ("docker_ps", 2, _table("podman-ps-json")),
    "docker inspect": ("docker_inspect", 6, _table("docker-inspect")),
    "docker network inspect": ("docker_inspect", 1, _table("docker-network")),
    "kubectl get pods -A -o wide": ("kubectl_get", 3, _table("kubectl-pods")),
    "kubectl get pods -o json": ("kubectl_get", 3, _table("kubectl-pods-json")),
    "kubectl get pods -o yaml": ("kubectl_get", 3, _table("kubectl-pods-yaml")),
    "kubectl get services -A -o wide": ("kubectl_get", 6, _table("kubectl-services")),
    "kubectl get nodes -o wide": ("kubectl_get", 3, _table("kubectl-nodes")),
    "kubectl get services,nodes -A -o yaml": (
        "kubectl_get",
        6,
        _table("kubectl-services-nodes-yaml"),
    ),
    "kubectl get services,nodes -A -o json": (
        "kubectl_get",
        6,
        _table("kubectl-services-nodes-json"),
    ),
    "Get-NetTCPConnection, JSON": ("powershell_json", 3, _table("get-nettcpconnection-json")),
    "Get-NetNeighbor, JSON": ("powershell_json", 2, _table("get-netneighbor-json")),
    "docker compose ps": ("docker_ps", 3, _table("docker-compose-ps")),
}

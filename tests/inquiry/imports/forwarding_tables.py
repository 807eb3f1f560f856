"""Forwarding tables in the form of each maker, after the makers' manuals."""

# A text, the rows as last byte of the MAC address, port, VLAN and status; how many are left out.
Said = list[tuple[str, str, int | None, str]]
TEXTS: dict[str, tuple[str, Said, int]] = {
    "Arista EOS": (
        """
Vlan    Mac Address       Type        Ports      Moves   Last Move
----    -----------       ----        -----      -----   ---------
   7    0014.2200.0001    DYNAMIC     Et7        1       0:03:15 ago
   7    0014.2200.0002    STATIC      Cpu
   8    0014.2200.0003    DYNAMIC     Po3        2       40 days, 1:02:03 ago
""",
        [("01", "Et7", 7, "learned"), ("03", "Po3", 8, "learned")],
        1,
    ),
    "Catalyst 4500": (
        """Unicast Entries
 vlan     mac address     type        protocols               port
---------+---------------+--------+---------------------+-------------------------
   7      0014.2200.0001   dynamic ip,ipx,assigned,other GigabitEthernet2/7
   8      0014.2200.0002    static ip,ipx,assigned,other Switch
   9      0014.2200.0003   dynamic ip                    Port-channel4
""",
        [("01", "GigabitEthernet2/7", 7, "learned"), ("03", "Port-channel4", 9, "learned")],
        1,
    ),
    "Catalyst 6500": (
        """  vlan   mac address     type    learn     age              ports
------+----------------+--------+-----+----------+--------------------------
*    7  0014.2200.0001   dynamic  Yes         45   Gi3/7
*    8  0014.2200.0002   static   No           -   Router
S    9  0014.2200.0003   static   No           -   Po9
*    9  0014.2200.0004   static  Yes           -   -
""",
        [("01", "Gi3/7", 7, "learned"), ("03", "Po9", 9, "static")],
        2,
    ),
    "Catalyst 2900XL": (
        """Destination Address  Address Type  VLAN  Destination Port
-------------------  ------------  ----  --------------------
0014.2200.0001       Dynamic          7  FastEthernet0/7
0014.2200.0002       Self             1  Vlan1
""",
        [("01", "FastEthernet0/7", 7, "learned")],
        1,
    ),
    "IOS, several ports and none": (
        """Vlan    Mac Address       Type        Ports
----    -----------       --------    -----
   7    0014.2200.0001    DYNAMIC     Gi1/0/7, Gi2/0/7
   7    0014.2200.0002    DYNAMIC     Drop
   7    0014.2200.0003    STATIC      Vl7
""",
        [("01", "Gi1/0/7, Gi2/0/7", 7, "learned")],
        2,
    ),
    "Cisco Small Business": (
        """Aging time is 300 sec

    Vlan          Mac Address         Port       Type
------------ --------------------- ---------- ----------
     7         00:14:22:00:00:01      gi7      dynamic
     7         00:14:22:00:00:02      0         self
     8         00:14:22:00:00:03      Po2       static
""",
        [("01", "gi7", 7, "learned"), ("03", "Po2", 8, "static")],
        1,
    ),
    "NX-OS": (
        """        age - seconds since last seen,+ - primary entry using vPC Peer-Link,
   VLAN     MAC Address      Type      age     Secure NTFY Ports
---------+-----------------+--------+---------+------+----+------------------
*    7     0014.2200.0001   dynamic  30         F      F    vPC Peer-Link
G    -     0014.2200.0002   static   -          F      F    sup-eth1(R)
C    8     0014.2200.0003   dynamic  0          F      F    nve1(192.0.2.8)
+    9     0014.2200.0004   dynamic  ~~~        F      F    Eth1/9
""",
        [
            ("01", "vPC Peer-Link", 7, "learned"),
            ("03", "nve1(192.0.2.8)", 8, "learned"),
            ("04", "Eth1/9", 9, "learned"),
        ],
        1,
    ),
    "FabricPath": (
        """   VLAN     MAC Address      Type      age     Secure NTFY   Ports/SWID.SSID.LID
---------+-----------------+--------+---------+------+----+------------------
* 7        0014.2200.0001    dynamic   30         F    F  Eth1/7
* 7        0014.2200.0002    dynamic   30         F    F  301.12.65535
""",
        [("01", "Eth1/7", 7, "learned"), ("02", "301.12.65535", 7, "learned")],
        0,
    ),
    "Alcatel": (
        """   Domain    Vlan/SrvcId[ISId/vnId]  Mac Address      Type       Operation     Interface
------------+----------------------+-------------------+-------------+-------------+------------
      VLAN                        7   00:14:22:00:00:01      dynamic     bridging     1/1/7
""",
        [("01", "1/1/7", 7, "learned")],
        0,
    ),
    "IOS XR": (
        """
Mac Address    Type    Learned from/Filtered on    LC learned Resync Age/Last Change Mapped to
-------------- ------- --------------------------- ---------- ---------------------- --------------
0014.2200.0001 dynamic Te0/0/0/7.70                N/A        05 Feb 12:13:14        N/A
0014.2200.0002 routed  BV7                         N/A        N/A                    N/A
0014.2200.0003 dynamic (192.0.2.8, 7)              0/0/CPU0   0d 0h 1m 2s            N/A
0014.2200.0004 EVPN    BD id: 7                    N/A        N/A                    N/A
""",
        [("01", "Te0/0/0/7.70", None, "learned"), ("03", "(192.0.2.8, 7)", None, "learned")],
        2,
    ),
    "EdgeSwitch": (
        """Address Entries Currently in Use............... 2

VLAN ID  MAC Address         Interface              IfIndex  Status
-------  ------------------  ---------------------  -------  ------------
7        00:14:22:00:00:01   0/7                    7        Learned
7        00:14:22:00:00:02   3/1                    450      Management
""",
        [("01", "0/7", 7, "learned")],
        1,
    ),
    "Netgear": (
        """  VLAN ID     MAC Address        Interface     IfIndex     Status
-----------  -----------------  ---------  -----------  ------------
          7  00:14:22:00:00:01  lag 7              776  Learned
          7  00:14:22:00:00:02  CPU Interface: 0/5/1  769  Management
          8  00:14:22:00:00:03  2/0/8               60  Static
""",
        [("01", "lag 7", 7, "learned"), ("03", "2/0/8", 8, "static")],
        1,
    ),
    "Dell OS9": (
        """Codes: *N - VLT Peer Synced MAC
VlanId     Mac Address           Type          Interface        State
 7         00:14:22:00:00:01     Dynamic       Te 0/7           Active
 8         00:14:22:00:00:02     Static        Po 8             Active
""",
        [("01", "Te 0/7", 7, "learned"), ("02", "Po 8", 8, "static")],
        0,
    ),
    "Dell OS10": (
        """VlanId        Mac Address         Type        Interface
7             00:14:22:00:00:01   dynamic     ethernet1/1/7
""",
        [("01", "ethernet1/1/7", 7, "learned")],
        0,
    ),
    "Dell N": (
        """Vlan     Mac Address           Type        Port
-------- --------------------- ----------- ---------------------
7        0014.2200.0001        Dynamic     Te1/0/7
7        0014.2200.0002        Management  Vl7
""",
        [("01", "Te1/0/7", 7, "learned")],
        1,
    ),
    "Brocade ICX": (
        """Total active entries from all ports = 2
MAC-Address     Port           Type          Index  VLAN
0014.2200.0001  1/1/7          Dynamic       28     7
0014.2200.0002  1/1/8*2/1/8    Static        32     8
""",
        [("01", "1/1/7", 7, "learned"), ("02", "1/1/8*2/1/8", 8, "static")],
        0,
    ),
    "brctl showmacs": (
        "port no\tmac addr\t\tis local?\tageing timer\n"
        "  7\t00:14:22:00:00:01\tno\t\t   3.21\n"
        "  8\t00:14:22:00:00:02\tyes\t\t   0.00\n",
        [("01", "7", None, "learned")],
        1,
    ),
    "bridge fdb": (
        """00:14:22:00:00:01 dev eth7 vlan 7 master br0
00:14:22:00:00:02 dev eth8 vlan 8 master br0 permanent
33:33:00:00:00:01 dev eth8 self permanent
00:14:22:00:00:03 dev vlan9 master br0 static
00:14:22:00:00:04 dev vxlan1 dst 192.0.2.8 self
""",
        [
            ("01", "eth7", 7, "learned"),
            ("03", "vlan9", None, "static"),
            ("04", "vxlan1", None, "learned"),
        ],
        2,
    ),
    "RouterOS 6": (
        """Flags: X - disabled, I - invalid, D - dynamic, L - local, E - external
 #       MAC-ADDRESS        VID ON-INTERFACE            BRIDGE            AGE
 0   D   00:14:22:00:00:01      ether7                  bridge1           10s
 1   D L 00:14:22:00:00:02      bridge1                 bridge1
 2   D   00:14:22:00:00:03    8 ether8                  bridge1           1m
""",
        [("01", "ether7", None, "learned"), ("03", "ether8", 8, "learned")],
        1,
    ),
    "RouterOS 7": (
        """Flags: D - DYNAMIC; L - LOCAL; E - EXTERNAL
Columns: MAC-ADDRESS, VID, ON-INTERFACE, BRIDGE
 #    MAC-ADDRESS        VID  ON-INTERFACE    BRIDGE
 0 D  00:14:22:00:00:01    7  ether 7 uplink  bridge1
 1 DL 00:14:22:00:00:02       bridge1         bridge1
 2    00:14:22:00:00:03       vlan8           bridge1
""",
        [
            ("01", "ether 7 uplink", 7, "learned"),
            ("03", "vlan8", None, "learned"),
        ],
        1,
    ),
    "TP-Link": (
        """ MAC Address         VLAN    Port      Type            Aging
 -----------         ----    ----      ----            -----
 00:14:22:00:00:01   7       Gi1/0/7   dynamic         aging
 00:14:22:00:00:02   8       Gi1/0/8   static          no-aging
""",
        [("01", "Gi1/0/7", 7, "learned"), ("02", "Gi1/0/8", 8, "static")],
        0,
    ),
    "EXOS": (
        """MAC                     VLAN Name( Tag) Age Flags         Port / Virtual Port List
------------------------------------------------------------------------------------------------------
00:14:22:00:00:01           office(0007) 0030 d m         7
00:14:22:00:00:02           voice(0008)  0000 d m    i    2:8
00:14:22:00:00:03           voice(0008)  0000 spm         9
""",
        [("01", "7", 7, "learned"), ("02", "2:8", 8, "learned"), ("03", "9", 8, "static")],
        0,
    ),
    "FortiSwitch": (
        """
MAC: 00:14:22:00:00:01  VLAN: 7 Port: port7(port-id 7)
  Flags: 0x00010440 [ hit dynamic src-hit native ]

MAC: 00:14:22:00:00:02  VLAN: 8 Trunk: uplink-0(trunk-id 1)
MAC: 00:14:22:00:00:03  VLAN: 4094 Port: internal(port-id 29)
""",
        [("01", "port7", 7, "learned"), ("02", "uplink-0", 8, "learned")],
        1,
    ),
    "FortiGate": (
        """show bridge control interface lan host.
fdb: hash size=32768, used=2, num=2, depth=1, gc_time=4
Bridge lan host table
port no device  devname mac addr                ttl     attributes
  1     7       internal1       00:14:22:00:00:01       3        Hit(3)
  2     8       internal2       00:14:22:00:00:02       0        Local Static
""",
        [("01", "internal1", None, "learned")],
        1,
    ),
    "VRP, old": (
        """MAC address table of slot 0:
-------------------------------------------------------------------------------
MAC Address    VLAN/       PEVLAN CEVLAN Port            Type      LSP/LSR-ID
               VSI/SI                                              MAC-Tunnel
-------------------------------------------------------------------------------
0014-2200-0001 7           -      -      GE0/0/7         dynamic   0/-
0014-2200-0002 8           -      -      Eth-Trunk8      static    -
""",
        [("01", "GE0/0/7", 7, "learned"), ("02", "Eth-Trunk8", 8, "static")],
        0,
    ),
    "VRP": (
        """MAC Address    VLAN/VSI/BD                       Learned-From        Type
0014-2200-0001 7/-/-                             GE0/0/7             dynamic
0014-2200-0002 -/vsi8/-                          GE0/0/8             dynamic
""",
        [("01", "GE0/0/7", 7, "learned"), ("02", "GE0/0/8", None, "learned")],
        0,
    ),
    "Comware": (
        """MAC ADDR        VLAN ID   STATE            PORT INDEX               AGING TIME(s)
0014-2200-0001  7         Learned          GigabitEthernet1/0/7     AGING
0014-2200-0002  8         Config static    Bridge-Aggregation8      NOAGED
""",
        [
            ("01", "GigabitEthernet1/0/7", 7, "learned"),
            ("02", "Bridge-Aggregation8", 8, "static"),
        ],
        0,
    ),
    "D-Link": (
        """VID  VLAN Name                        MAC Address       Port Type
---- -------------------------------- ----------------- ---- ---------------
7    office                           00-14-22-00-00-01 7    Dynamic
7    office                           00-14-22-00-00-02 CPU  Self
""",
        [("01", "7", 7, "learned")],
        1,
    ),
    "Zyxel": (
        """Port    VLAN ID    MAC Address          Type
7       7          00:14:22:00:00:01    Dynamic
CPU     1          00:14:22:00:00:02    Static
""",
        [("01", "7", 7, "learned")],
        1,
    ),
    "Enterasys": (
        """MAC Address       FID  Port          Type
----------------- ---- ------------- --------
00-14-22-00-00-01 7    ge.1.7        Learned
00-14-22-00-00-02 7    host.0.1      Self
""",
        [("01", "ge.1.7", 7, "learned")],
        1,
    ),
    "ProCurve": (
        """ Status and Counters - Port Address Table

  MAC Address       Port                            VLAN
  ----------------- ------------------------------- ----
  001422-000001     2/A1                            7
  001422-000002     Trk8                            8
  001422-000003     9
""",
        [("01", "2/A1", 7, "learned"), ("02", "Trk8", 8, "learned"), ("03", "9", None, "learned")],
        0,
    ),
    "ProCurve, of a port and of a VLAN": (
        """ Status and Counters - Port Address Table - 7

  MAC Address   VLANs
  ------------- ------------
  001422-000001 70

 Status and Counters - Address Table - VLAN 80

  MAC Address   Port
  ------------- -----
  001422-000002 8
""",
        [("01", "7", 70, "learned"), ("02", "8", 80, "learned")],
        0,
    ),
    "AOS-CX": (
        """MAC Address          VLAN     Type                      Port
--------------------------------------------------------------
00:14:22:00:00:01    7        dynamic                   vxlan1(192.0.2.8)
00:14:22:00:00:02    8        port-access-security      lag8
""",
        [("01", "vxlan1(192.0.2.8)", 7, "learned"), ("02", "lag8", 8, "learned")],
        0,
    ),
    "Junos": (
        """Ethernet switching table : 4 entries, 4 learned
Routing instance : default-switch
   Vlan                MAC                 MAC      Age    Logical                NH        RTR
   name                address             flags           interface              Index     ID
   v7                  00:14:22:00:00:01   D          -   ge-0/0/7.0             0         0
   VLAN-0008           00:14:22:00:00:02   S,NM       -   xe-0/1/8.0             0         0
   office              00:14:22:00:00:03   DR         -   vtep.32769             192.0.2.8
""",
        [
            ("01", "ge-0/0/7.0", 7, "learned"),
            ("02", "xe-0/1/8.0", 8, "static"),
            ("03", "vtep.32769", None, "learned"),
        ],
        0,
    ),
    "Junos without ELS": (
        """Ethernet-switching table: 3 entries, 1 learned
  VLAN              MAC address       Type         Age Interfaces
  default           *                 Flood          - All-members
  v7                00:14:22:00:00:01 Learn       1:20 ae7.0
  v7                00:14:22:00:00:02 Static         - Router
""",
        [("01", "ae7.0", 7, "learned")],
        1,
    ),
    "Avaya ERS": (
        """   MAC Address    Vid   Type       Source
----------------- ---- ------- --------------
00-14-22-00-00-01    7 Dynamic Port: 7
00-14-22-00-00-02    7 Self
00-14-22-00-00-03    8 Dynamic Trunk:8
""",
        [("01", "Port:7", 7, "learned"), ("03", "Trunk:8", 8, "learned")],
        1,
    ),
    "VOSS": (
        """                            Vlan Fdb
VLAN            MAC                                   SMLT
ID   STATUS     ADDRESS            INTERFACE          REMOTE   TUNNEL
--------------------------------------------------------------------------------
7    learned    00:14:22:00:00:01  Port-1/7           false    -
7    self       00:14:22:00:00:02  Port-cpp           false    -
8    learned    00:14:22:00:00:03  MLT-8              true     -
""",
        [("01", "Port-1/7", 7, "learned"), ("03", "MLT-8", 8, "learned")],
        1,
    ),
    "AlliedWare Plus": (
        """VLAN Port             MAC            State
ARP  -                0014.2200.0001 static
7    port1.0.7        0014.2200.0002 dynamic
8    po8              0014.2200.0003 static
""",
        [("02", "port1.0.7", 7, "learned"), ("03", "po8", 8, "static")],
        1,
    ),
    "PAN-OS": (
        """total MAC entries in table :        2
status: s - static, c - complete, i - incomplete

vlan                  hw address          interface         status       ttl
--------------------------------------------------------------------------
v7                    00:14:22:00:00:01   ethernet1/7         c         1500
office                00:14:22:00:00:02   ethernet1/8.8       s         1500
""",
        [("01", "ethernet1/7", 7, "learned"), ("02", "ethernet1/8.8", None, "static")],
        0,
    ),
    "CatOS": (
        """* = Static Entry. + = Permanent Entry. # = System Entry. R = Router Entry.

VLAN  Dest MAC/Route Des    [CoS]  Destination Ports or VCs / [Protocol Type]
----  ------------------    -----  -------------------------------------------
7     00-14-22-00-00-01             3/7 [ALL]
7     00-14-22-00-00-02     #       1/3
8     00-14-22-00-00-03     *       3/8 [ALL]
""",
        [("01", "3/7", 7, "learned"), ("03", "3/8", 8, "static")],
        1,
    ),
    "Cumulus": (
        """VLAN      Master    Interface    MAC                TunnelDest  State     Flags  LastSeen
--------  --------  -----------  -----------------  ----------  --------  -----  --------
7         bridge    swp7         00:14:22:00:00:01                                00:00:12
7         bridge    bridge       00:14:22:00:00:02              permanent         1 day
untagged            swp8         00:14:22:00:00:03              permanent         <1 sec
""",
        [("01", "swp7", 7, "learned")],
        2,
    ),
    "SmartAX": (
        """  SRV-P BUNDLE TYPE MAC            MAC TYPE F /S /P  VPI  VCI   VLAN ID
  INDEX INDEX
      7      -  gpon 0014-2200-0001 dynamic  0 /1 /7  3    1        70
      -      -  eth  0014-2200-0002 static   0 /19/8  -    -        80
""",
        [("01", "0/1/7", 70, "learned"), ("02", "0/19/8", 80, "static")],
        0,
    ),
    "FASTPATH, old": (
        """Mac Addr                 Slot.Port      IfIndex  Status
-----------------------  -------------  -------  ------------
00:07:00:14:22:00:00:01  0.7            7        Learned
00:01:00:14:22:00:00:02  3.1            65       Management
""",
        [("01", "0.7", 7, "learned")],
        1,
    ),
    "TiMOS": (
        """ServId     MAC               Source-Identifier       Type     Last Change
            Transport:Tnl-Id                         Age
-------------------------------------------------------------------------------
100        00:14:22:00:00:01 sap:1/1/7:70            L/30     11/26/26 10:00:00
100        00:14:22:00:00:02 sap:lag-8:80.9          S/0      11/26/26 10:00:00
100        00:14:22:00:00:03 sdp:9:100               L/30     11/26/26 10:00:00
""",
        [
            ("01", "1/1/7", 70, "learned"),
            ("02", "lag-8", 80, "static"),
            ("03", "sdp:9:100", None, "learned"),
        ],
        0,
    ),
    "ArubaOS": (
        """Datapath Bridge Table Entries
Flags: P - Permanent, D - Deny, R - Route, M - Mobile, X - Xsec, A - Auth
       MAC           VLAN   Assigned VLAN  Destination    Flags  Bridge-Role ACL  DestChange Aging
-----------------    ----   -------------  -----------    -----  --------------- ---------- -----
00:14:22:00:00:01    7      7              0/0/7                 0          0       -
00:14:22:00:00:02    7      7              local          P      0          0       -
00:14:22:00:00:03    8      8              tunnel 9       M      0          0       -
""",
        [("01", "0/0/7", 7, "learned"), ("03", "tunnel 9", 8, "learned")],
        1,
    ),
    "Moxa": (
        """  MAC               Type      VLAN  Port
  ----------------- --------- ----- -----
  00:14:22:00:00:01 Learnt(D) 7     1/7
""",
        [("01", "1/7", 7, "learned")],
        0,
    ),
    "Dell OS9, of a peer": (
        """VlanId     Mac Address           Type          Interface        State
 8         00:14:22:00:00:02     Dynamic (N)   Po 8             Active
""",
        [("02", "Po 8", 8, "learned")],
        0,
    ),
    "ASA": (
        """interface                   mac  address          type      Age(min)    bridge-group
----------------------------------------------------------------------------------
inside                      0014.2200.0001        dynamic   5           1
outside                     0014.2200.0002        static    -           1
""",
        [("01", "inside", None, "learned"), ("02", "outside", None, "static")],
        0,
    ),
    "UniFi": (
        """Port  VLAN  MAC                IP           Hostname  Uptime   Age  Type
----  ----  -----------------  -----------  --------  -------  ---  --------
   7     7  00:14:22:00:00:01  192.0.2.7    pc7         10023    0   Dynamic
   8     1  00:14:22:00:00:02                           10023    0   Dynamic
""",
        [("01", "7", 7, "learned"), ("02", "8", 1, "learned")],
        0,
    ),
    "Scalance": (
        """Vlan    Mac Address         Type     ConnectionId  Ports
----    -----------         ----     ------------  -----
7       00:14:22:00:00:01   Learnt                 fa 0/7
8       00:14:22:00:00:02   Static                 Gi0/8
""",
        [("01", "fa 0/7", 7, "learned"), ("02", "Gi0/8", 8, "static")],
        0,
    ),
    "Adtran": (
        """VLAN   MAC Address         Type        Interface
------ ------------------- ----------- ----------------------
7      00:14:22:00:00:01   Dynamic     gigabit-switchport 0/7
8      00:14:22:00:00:02   Dynamic     switchport 0/8
""",
        [("01", "gigabit-switchport 0/7", 7, "learned"), ("02", "switchport 0/8", 8, "learned")],
        0,
    ),
    "SLX": (
        """VlanId/BDId   Mac-address       Type        State        Ports/LIF/PW/T
7 (V)         0014.2200.0001    Dynamic     Active       Eth 0/7
8 (B)         0014.2200.0002    EVPN        Active       Tu 32769
""",
        [("01", "Eth 0/7", 7, "learned"), ("02", "Tu 32769", None, "learned")],
        0,
    ),
    "Ruijie": (
        """Vlan        MAC Address          Type     Interface
         7  0014.2200.0001       DYNAMIC  GigabitEthernet 0/7
         8  0014.2200.0002       STATIC   AggregatePort 8
""",
        [("01", "GigabitEthernet 0/7", 7, "learned"), ("02", "AggregatePort 8", 8, "static")],
        0,
    ),
    "Edgecore": (
        """Interface   MAC Address        VLAN     Type    Life Time
Eth 1/ 7    00-14-22-00-00-01     7 Learn    Delete on Timeout
CPU         00-14-22-00-00-02     1 CPU      Delete on Reset
""",
        [("01", "Eth 1/7", 7, "learned")],
        1,
    ),
    "without signs": (
        """Vlan  Mac Address     Type     Ports
7     001422000001    dynamic  Gi1/0/7
8     001422000002    static   Po8
""",
        [("01", "Gi1/0/7", 7, "learned"), ("02", "Po8", 8, "static")],
        0,
    ),
    "with commas": (
        """MAC Address,VLAN,Port,Description
00:14:22:00:00:01,7,GigabitEthernet 1/0/7,"a desk, or two"
001422000002,8,Po8,
""",
        [("01", "GigabitEthernet 1/0/7", 7, "learned"), ("02", "Po8", 8, "learned")],
        0,
    ),
    "with semicolons": (
        """Port;VLAN;MAC;Type
7;7;0014-2200-0001;Dynamic
CPU;1;0014-2200-0002;Self
""",
        [("01", "7", 7, "learned")],
        1,
    ),
    "two tables, columns in another order": (
        """Vlan    Mac Address       Type        Ports
   7    0014.2200.0001    DYNAMIC     Gi1/0/7
 VID | Port | MAC Address       | Status
   8 | 18   | 00:14:22:00:00:02 | learned
""",
        [("01", "Gi1/0/7", 7, "learned"), ("02", "18", 8, "learned")],
        0,
    ),
}

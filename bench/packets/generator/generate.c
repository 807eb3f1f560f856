/* Write a day of made-up traffic and, beside it, the truth about it.
 *
 *   generate SHAPE SEED BASE      SHAPE: day, million, quick or tiny
 *
 * makes BASE.pcap, BASE.tsv (one line a flow) and BASE.json (totals, and who is loud, who gets no
 * answer and who comes again and again). The same seed gives the same bytes on every machine. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "traffic.h"

const char *const KIND_NAMES[KINDS] = {"tls", "http", "plain", "dns", "quic", "clock", "log", "ping",
    "ghost", "beacon", "loud"};
const char *const OUTCOME_NAMES[OUTCOMES] = {"SF", "S0", "S1", "REJ", "RSTO", "RSTR", "OTH"};

static const int64_t SECOND = 1000000;
static const int64_t EPOCH = 1772409600; /* 2026-03-02T00:00:00Z, a Monday */

struct shape {
    const char *name;
    uint32_t flows, hosts;
    int64_t seconds;
    uint32_t response, doublings_q8, rounds; /* bytes, their spread, how often a client asks */
};

static const struct shape SHAPES[] = {
    {"day", 340000, 10000, 86400, 1000, 380, 7},
    {"million", 1000000, 10000, 3600, 90, 100, 1},
    {"quick", 33500, 1500, 86400, 1000, 380, 7},
    {"tiny", 8000, 1500, 86400, 300, 256, 3},
};

enum { SERVERS = 20000, INNER_SERVERS = 200, RESOLVERS = 4, GHOST_PLACES = 400, GHOST_SEEKERS = 300 };
enum { BEACONS = 12, LOUD_HOST = 1008 /* 10.0.4.9 */, LOUD_FLOWS = 40, LOUD_TIMES = 250 };
static const uint64_t GATEWAY_MAC = 0x020000ffff01;

struct beacon {
    struct end from, to;
    uint8_t protocol;
    uint32_t period, jitter_percent, missing_percent, contacts; /* period in seconds */
};

struct arp {
    int64_t when;
    bool reply;
    struct end asks, asked;
};

static const struct shape *shape;
static uint64_t luck;
static struct flow *flows;
static uint32_t planned;
static uint16_t *ports; /* the next ephemeral port of each host */
static struct beacon beacons[BEACONS];
static struct arp *arps;
static uint32_t arp_count;

/* ---- who there is ---- */

static struct end inner(uint32_t host, bool six) {
    struct end end = {.mac = 0x020000000000 + host, .ttl = 64};
    uint8_t net = (uint8_t)(host / 250), number = (uint8_t)(1 + host % 250);
    if (six) {
        memcpy(end.address, "\x20\x01\x0d\xb8\x00\x00\x00", 7);
        end.address[7] = net, end.address[15] = number;
    } else {
        memcpy(end.address, (uint8_t[]){10, 0, net, number}, 4);
    }
    return end;
}

static struct end outer(uint32_t server, bool six, uint16_t port) {
    struct end end = {.mac = GATEWAY_MAC, .port = port, .ttl = (uint8_t)(44 + server % 16)};
    external(server, six, end.address);
    return end;
}

/* Networks that are nowhere: everything sent there goes to the gateway and is never answered. */
static struct end nowhere(uint32_t place, bool six, uint16_t port) {
    struct end end = {.mac = GATEWAY_MAC, .port = port, .ttl = 64};
    if (six) {
        memcpy(end.address, "\x20\x01\x0d\xb8\xde\xad", 6);
        end.address[15] = (uint8_t)place, end.address[14] = (uint8_t)(place >> 8);
    } else {
        uint8_t first = place % 2 ? 172 : 10, second = place % 2 ? 31 : 99;
        memcpy(end.address, (uint8_t[]){first, second, (uint8_t)(place / 200), (uint8_t)(1 + place % 200)}, 4);
    }
    return end;
}

/* ---- what they plan ---- */

/* When offices are open there is more traffic: parts of it in each of the 24 hours. */
static int64_t some_time(void) {
    static const uint8_t busy[24] = {2, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 10, 12, 14, 13, 12, 10, 7, 5, 4, 4, 3, 3};
    uint32_t at = below(&luck, 170), hour = 0;
    while (hour < 23 && at >= busy[hour]) at -= busy[hour++];
    int64_t hour_length = shape->seconds * SECOND / 24;
    return hour * hour_length + (int64_t)(next(&luck) % (uint64_t)hour_length);
}

static uint16_t ephemeral(uint32_t host) {
    if (ports[host] < 32768 || ports[host] > 60998) ports[host] = 32767;
    return ++ports[host];
}

static struct flow *plan(enum kind kind, uint8_t protocol, uint32_t host, struct end server, bool six) {
    struct flow *flow = &flows[planned++];
    *flow = (struct flow){.kind = (uint8_t)kind, .protocol = protocol, .six = six, .small = shape->rounds == 1};
    flow->random = next(&luck), flow->identity = next(&luck);
    flow->start = some_time();
    flow->ends[CLIENT] = inner(host, six);
    flow->ends[CLIENT].port = ephemeral(host);
    flow->ends[SERVER] = server;
    flow->vlan = host % 20 == 7 ? (uint16_t)(100 + host / 20 % 10) : 0; /* 5 % of the hosts */
    flow->begin[CLIENT] = (uint32_t)next(&luck), flow->begin[SERVER] = (uint32_t)next(&luck);
    memcpy(flow->sequence, flow->begin, sizeof flow->begin);
    flow->round_trip = spread(&luck, 12000, 256, 2000000);
    flow->pace = 20 + below(&luck, 400);
    flow->rounds = 1;
    flow->identification = (uint16_t)flow->identity;
    return flow;
}

static bool is_six(void) { return chance(&luck, 106); }

static uint32_t some_host(void) {
    uint32_t host = below(&luck, shape->hosts);
    return host == LOUD_HOST ? host + 1 : host;
}

static void sizes(struct flow *flow) {
    flow->request = flow->small ? 60 + below(&luck, 60) : spread(&luck, 420, 256, 20000);
    flow->response = spread(&luck, shape->response, shape->doublings_q8, flow->small ? 400 : 4000000);
    flow->rounds = (uint8_t)(1 + below(&luck, shape->rounds));
}

static void ending(struct flow *flow) {
    uint32_t luck_of_it = below(&luck, 1000);
    flow->outcome = luck_of_it < 40 ? RSTO : luck_of_it < 80 ? RSTR : luck_of_it < 110 ? REJ
                    : luck_of_it < 130 ? S1 : SF;
}

static void plan_question(uint32_t host, uint32_t name, int64_t before, bool six) {
    struct end resolver = inner(10 + below(&luck, RESOLVERS), six);
    resolver.port = 53;
    struct flow *flow = plan(DNS, UDP, host, resolver, six);
    flow->start = before < 0 ? flow->start : before;
    flow->name = name;
    flow->round_trip = 300 + below(&luck, 30000);
    flow->outcome = before < 0 && chance(&luck, 50) ? REJ : SF; /* a name that does not exist */
}

/* A connection to a server outside, in half of the cases after a question for its address. */
static uint32_t plan_web(bool may_ask) {
    static const struct { enum kind kind; uint8_t protocol; uint16_t port; uint32_t part; } kinds[] = {
        {TLS, TCP, 443, 76}, {HTTP, TCP, 80, 13}, {QUIC, UDP, 443, 11}};
    uint32_t host = some_host(), server = popular(&luck, SERVERS), at = below(&luck, 100), i = 0;
    while (at >= kinds[i].part) at -= kinds[i++].part;
    bool six = is_six();
    struct flow *flow = plan(kinds[i].kind, kinds[i].protocol, host, outer(server, six, kinds[i].port), six);
    flow->name = server;
    sizes(flow);
    if (flow->kind == TLS) flow->rounds++;
    if (flow->kind == HTTP) flow->request = http_request_length(flow), flow->response += HTTP_ANSWER_HEADER;
    if (flow->kind == QUIC) {
        flow->request = flow->small ? 60 : 80 + below(&luck, 400);
        flow->response = flow->small ? 90 : 1200;
        flow->rounds = (uint8_t)(1 + below(&luck, flow->small ? 2 : 14));
    } else {
        ending(flow);
    }
    if (!may_ask || !chance(&luck, 520)) return 1;
    int64_t asked = flow->start - 40000;
    plan_question(host, server, asked < 0 ? 0 : asked, is_six());
    return 2;
}

static uint32_t plan_inner(void) {
    static const uint16_t services[] = {8443, 445, 5432, 9443};
    bool six = is_six();
    struct end server = inner(100 + below(&luck, INNER_SERVERS), six);
    server.port = services[below(&luck, 4)];
    struct flow *flow = plan(PLAIN, TCP, some_host(), server, six);
    sizes(flow);
    ending(flow);
    flow->round_trip = 200 + below(&luck, 800);
    if (flow->outcome == SF && chance(&luck, 20)) flow->outcome = OTH;
    return 1;
}

static void plan_clock(void) {
    struct flow *flow = plan(CLOCK, UDP, some_host(), outer(SERVERS + 1 + below(&luck, 4), false, 123), false);
    flow->request = flow->response = 48;
}

/* Log messages to a machine that lives and listens, and never answers: not ghosts. */
static void plan_log(void) {
    struct end collector = inner(50, false);
    collector.port = 514;
    struct flow *flow = plan(LOG, UDP, some_host(), collector, false);
    flow->attempts = (uint8_t)(1 + below(&luck, 8));
    flow->outcome = S0;
}

static void plan_ping(uint32_t number) { /* no host asks the same server twice: the flows stay apart */
    uint32_t host = number % shape->hosts, server = number / shape->hosts * 7 + host % 5000;
    bool six = is_six();
    struct flow *flow = plan(PING, six ? ICMPV6 : ICMP, host, outer(server, six, 0), six);
    flow->ends[CLIENT].port = six ? 128 : 8, flow->ends[SERVER].port = six ? 129 : 0; /* as Zeek has it */
    flow->request = flow->response = 56;
    flow->rounds = (uint8_t)(1 + below(&luck, 4));
    flow->outcome = OTH; /* what Zeek calls all of ICMP */
}

static void plan_ghost(void) {
    static const uint16_t tcp_ports[] = {445, 8080, 3389, 9100}, udp_ports[] = {10161, 1514, 9000, 6343};
    uint32_t host = 300 + below(&luck, GHOST_SEEKERS) * 2, place = below(&luck, GHOST_PLACES);
    bool six = is_six(), tcp = chance(&luck, 600);
    uint16_t port = (tcp ? tcp_ports : udp_ports)[place % 4];
    struct flow *flow = plan(GHOST, tcp ? TCP : UDP, host, nowhere(place, six, port), six);
    flow->attempts = (uint8_t)(tcp ? 2 + below(&luck, 4) : 1 + below(&luck, 5));
    flow->request = 40 + below(&luck, 60);
    flow->outcome = S0;
}

static void plan_beacon(uint32_t number) {
    static const uint32_t periods[] = {60, 300, 900, 3600}, jitters[] = {0, 10, 30}, misses[] = {0, 10, 20};
    struct beacon *beacon = &beacons[number];
    uint32_t host = 700 + 23 * number;
    beacon->period = periods[number % 4] * (uint32_t)shape->seconds / 86400;
    if (beacon->period < 6) beacon->period = 6;
    beacon->jitter_percent = jitters[number / 4], beacon->missing_percent = misses[number / 4];
    beacon->protocol = number % 3 == 2 ? UDP : TCP;
    beacon->from = inner(host, false);
    beacon->to = (struct end){.mac = GATEWAY_MAC, .ttl = 50, .port = beacon->protocol == TCP ? 443 : 4444};
    memcpy(beacon->to.address, (uint8_t[]){198, 51, 100, (uint8_t)(10 + number)}, 4);
    int64_t period = beacon->period * SECOND, width = period * beacon->jitter_percent / 100;
    for (int64_t due = below(&luck, beacon->period) * SECOND; due < shape->seconds * SECOND; due += period) {
        int64_t late = width ? (int64_t)(next(&luck) % (uint64_t)(2 * width + 1)) - width : 0;
        if (due + late < 0 || chance(&luck, beacon->missing_percent * 10)) continue;
        struct flow *flow = plan(BEACON, beacon->protocol, host, beacon->to, false);
        flow->start = due + late;
        flow->name = SERVERS + 100 + number;
        flow->request = 180, flow->response = flow->small ? 120 : 900;
        flow->rounds = beacon->protocol == TCP ? 2 : 1;
        beacon->contacts++;
    }
}

static void plan_loud(uint32_t packets) {
    for (uint32_t i = 0; i < LOUD_FLOWS; i++) {
        struct flow *flow = plan(LOUD, TCP, LOUD_HOST, outer(SERVERS + 50 + i % 3, false, 443), false);
        flow->name = SERVERS + 50 + i % 3;
        flow->pace = shape->seconds < 86400 ? 2000 : 9000;
        flow->rounds = 2;
        flow->request = (packets / LOUD_FLOWS > 8 ? packets / LOUD_FLOWS - 8 : 1) * SEGMENT;
        flow->response = 300;
    }
}

static void plan_arp(void) {
    uint32_t number = shape->flows / 60;
    arps = calloc(number * 2, sizeof *arps);
    for (uint32_t i = 0; i < number; i++) {
        struct end asks = inner(some_host(), false), asked = inner(some_host(), false);
        int64_t when = some_time();
        bool absent = i % 10 == 0; /* the last addresses of each network belong to nobody */
        if (absent) asked.address[3] = (uint8_t)(251 + i / 10 % 4), asked.mac = 0;
        arps[arp_count++] = (struct arp){when, false, asks, asked};
        if (!absent) arps[arp_count++] = (struct arp){when + 200, true, asks, asked};
    }
}

/* ---- how loud is everybody? ---- */

/* Packets of a flow without writing them: the client's in the upper half, the server's in the lower. */
static uint64_t quiet_packets(struct flow copy) {
    uint8_t room[LARGEST_FRAME];
    struct packet packet;
    for (bool more = true; more;) {
        more = step(&copy, &packet, room);
        copy.sent[packet.sender].packets++;
    }
    return copy.sent[CLIENT].packets << 32 | copy.sent[SERVER].packets;
}

static int by_size(const void *one, const void *other) {
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

/* The host of an inner address, IPv6 after all of IPv4; -1: it is not inside. */
static int64_t inner_number(const struct end *end, bool six) {
    if ((end->mac & ~0xffffull) != 0x020000000000) return -1;
    return (int64_t)(end->mac & 0xffff) + (six ? shape->hosts : 0);
}

/* Packets that the inner address in the middle sends. */
static uint32_t median_sender(void) {
    uint32_t *sent = calloc(2 * shape->hosts, sizeof *sent), silent = 0;
    for (uint32_t i = 0; i < planned; i++) {
        struct flow copy = flows[i];
        copy.when = copy.start;
        uint64_t both = quiet_packets(copy);
        for (int side = 0; side < 2; side++) {
            int64_t host = inner_number(&copy.ends[side], copy.six);
            if (host >= 0) sent[host] += (uint32_t)(side == CLIENT ? both >> 32 : both);
        }
    }
    qsort(sent, 2 * shape->hosts, sizeof *sent, by_size);
    while (silent < 2 * shape->hosts && sent[silent] == 0) silent++;
    uint32_t median = sent[silent + (2 * shape->hosts - silent) / 2];
    free(sent);
    return median;
}

static uint32_t plan_all(void) {
    uint32_t ghosts = shape->flows * 33 / 680, pings = shape->flows / 50, clocks = shape->flows * 3 / 100;
    uint32_t logs = shape->flows / 900, room = shape->flows - LOUD_FLOWS;
    for (uint32_t i = 0; i < BEACONS; i++) plan_beacon(i);
    for (uint32_t i = 0; i < ghosts; i++) plan_ghost();
    for (uint32_t i = 0; i < pings; i++) plan_ping(i);
    for (uint32_t i = 0; i < clocks; i++) plan_clock();
    for (uint32_t i = 0; i < logs; i++) plan_log();
    while (planned < room) {
        if (chance(&luck, 150)) plan_inner();
        else if (chance(&luck, 60)) plan_question(some_host(), popular(&luck, SERVERS), -1, is_six());
        else plan_web(planned + 1 < room);
    }
    plan_arp();
    uint32_t median = median_sender();
    plan_loud(LOUD_TIMES * median);
    return median;
}

/* ---- in order of time ---- */

static uint32_t *heap, heaped;

static bool sooner(uint32_t a, uint32_t b) {
    return flows[a].when != flows[b].when ? flows[a].when < flows[b].when : a < b;
}

static void sink(uint32_t at) {
    for (uint32_t child; (child = 2 * at + 1) < heaped; at = child) {
        if (child + 1 < heaped && sooner(heap[child + 1], heap[child])) child++;
        if (!sooner(heap[child], heap[at])) return;
        uint32_t swap = heap[at];
        heap[at] = heap[child], heap[child] = swap;
    }
}

static void push(uint32_t flow) {
    uint32_t at = heaped++;
    heap[at] = flow;
    for (uint32_t parent; at && sooner(heap[at], heap[parent = (at - 1) / 2]); at = parent) {
        uint32_t swap = heap[at];
        heap[at] = heap[parent], heap[parent] = swap;
    }
}

static int by_start(const void *one, const void *other) {
    const struct flow *a = one, *b = other;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    return a->identity < b->identity ? -1 : a->identity > b->identity;
}

static int by_time(const void *one, const void *other) {
    const struct arp *a = one, *b = other;
    return a->when < b->when ? -1 : a->when > b->when;
}

static void write_all(FILE *file) {
    uint8_t room[LARGEST_FRAME];
    struct packet packet;
    uint32_t started = 0, asked = 0;
    qsort(flows, planned, sizeof *flows, by_start);
    qsort(arps, arp_count, sizeof *arps, by_time);
    heap = malloc(planned * sizeof *heap);
    while (started < planned || heaped) {
        while (started < planned && (!heaped || flows[started].start <= flows[heap[0]].when)) {
            flows[started].when = flows[started].start;
            push(started++);
        }
        struct flow *flow = &flows[heap[0]];
        for (; asked < arp_count && arps[asked].when <= flow->when; asked++)
            write_arp(file, EPOCH * SECOND, arps[asked].when, arps[asked].reply, &arps[asked].asks, &arps[asked].asked);
        bool more = step(flow, &packet, room);
        write_packet(file, EPOCH * SECOND, flow, &packet);
        count(flow, &packet);
        if (!more) heap[0] = heap[--heaped];
        sink(0);
    }
    for (; asked < arp_count; asked++)
        write_arp(file, EPOCH * SECOND, arps[asked].when, arps[asked].reply, &arps[asked].asks, &arps[asked].asked);
}

/* ---- the truth ---- */

static const char *written(const struct end *end, bool six, char *text) {
    return inet_ntop(six ? AF_INET6 : AF_INET, end->address, text, INET6_ADDRSTRLEN);
}

static void write_flows(FILE *file) {
    fprintf(file, "kind\tfirst_us\tlast_us\tvlan\tsource_ip\tsource_port\tdestination_ip\tdestination_port\t"
            "protocol\tstate\tsource_packets\tsource_bytes\tsource_payload\tsource_wire_bytes\t"
            "source_retransmissions\tdestination_packets\tdestination_bytes\tdestination_payload\t"
            "destination_wire_bytes\tdestination_retransmissions\n");
    for (uint32_t i = 0; i < planned; i++) {
        const struct flow *flow = &flows[i];
        char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
        const char *state = OUTCOME_NAMES[flow->kind == DNS ? SF : flow->outcome];
        fprintf(file, "%s\t%lld\t%lld\t%.0u\t%s\t%u\t%s\t%u\t%u\t%s", KIND_NAMES[flow->kind],
                (long long)(EPOCH * SECOND + flow->first), (long long)(EPOCH * SECOND + flow->last), flow->vlan,
                written(&flow->ends[CLIENT], flow->six, from), flow->ends[CLIENT].port,
                written(&flow->ends[SERVER], flow->six, to), flow->ends[SERVER].port, flow->protocol, state);
        for (int side = 0; side < 2; side++) {
            const struct sent *sent = &flow->sent[side];
            fprintf(file, "\t%llu\t%llu\t%llu\t%llu\t%u", (unsigned long long)sent->packets,
                    (unsigned long long)sent->ip_bytes, (unsigned long long)sent->payload,
                    (unsigned long long)sent->wire_bytes, sent->repeated);
        }
        fputc('\n', file);
    }
}

struct total { uint64_t flows, packets, ip_bytes, wire_bytes, six, tagged; };

static struct total total_of(enum kind first, enum kind last) {
    struct total total = {0};
    for (uint32_t i = 0; i < planned; i++) {
        const struct flow *flow = &flows[i];
        if (flow->kind < first || flow->kind > last) continue;
        total.flows++;
        total.six += flow->six, total.tagged += flow->vlan > 0;
        for (int side = 0; side < 2; side++) {
            total.packets += flow->sent[side].packets;
            total.ip_bytes += flow->sent[side].ip_bytes, total.wire_bytes += flow->sent[side].wire_bytes;
        }
    }
    return total;
}

static void write_total(FILE *file, const char *name, struct total total) {
    fprintf(file, "\"%s\": {\"flows\": %llu, \"packets\": %llu, \"ip_bytes\": %llu, \"wire_bytes\": %llu, "
            "\"ipv6_flows\": %llu, \"tagged_flows\": %llu}", name, (unsigned long long)total.flows,
            (unsigned long long)total.packets, (unsigned long long)total.ip_bytes,
            (unsigned long long)total.wire_bytes, (unsigned long long)total.six, (unsigned long long)total.tagged);
}

static void write_truth(FILE *file, uint64_t seed, uint32_t median) {
    char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
    struct total all = total_of(0, KINDS - 1);
    uint64_t loud = 0;
    struct end loud_end = inner(LOUD_HOST, false);
    for (uint32_t i = 0; i < planned; i++)
        for (int side = 0; side < 2; side++)
            if (!flows[i].six && flows[i].ends[side].mac == loud_end.mac) loud += flows[i].sent[side].packets;
    fprintf(file, "{\n \"shape\": \"%s\", \"seed\": %llu, \"seconds\": %lld, \"hosts\": %u,\n", shape->name,
            (unsigned long long)seed, (long long)shape->seconds, shape->hosts);
    fprintf(file, " \"packets\": %llu, \"arp_packets\": %u, \"frame_bytes\": %llu,\n ",
            (unsigned long long)(all.packets + arp_count), arp_count,
            (unsigned long long)(all.wire_bytes + arp_count * 60ull));
    write_total(file, "ip", all);
    fprintf(file, ",\n \"kinds\": {");
    for (enum kind kind = 0; kind < KINDS; kind++) {
        fprintf(file, "%s\n  ", kind ? "," : "");
        write_total(file, KIND_NAMES[kind], total_of(kind, kind));
    }
    fprintf(file, "},\n \"loud\": {\"address\": \"%s\", \"sent_packets\": %llu, \"median_sent_packets\": %u},\n \"beacons\": [",
            written(&loud_end, false, from), (unsigned long long)loud, median);
    for (uint32_t i = 0; i < BEACONS; i++) {
        const struct beacon *beacon = &beacons[i];
        fprintf(file, "%s\n  {\"source\": \"%s\", \"destination\": \"%s\", \"port\": %u, \"protocol\": %u, "
                "\"period_seconds\": %u, \"jitter_percent\": %u, \"missing_percent\": %u, \"contacts\": %u}",
                i ? "," : "", written(&beacon->from, false, from), written(&beacon->to, false, to),
                beacon->to.port, beacon->protocol, beacon->period, beacon->jitter_percent,
                beacon->missing_percent, beacon->contacts);
    }
    fprintf(file, "]\n}\n");
}

static FILE *create(const char *base, const char *ending) {
    char path[4096];
    snprintf(path, sizeof path, "%s.%s", base, ending);
    FILE *file = fopen(path, "wb");
    if (!file) perror(path), exit(1);
    setvbuf(file, NULL, _IOFBF, 1 << 20);
    return file;
}

static void done(FILE *file) {
    if (ferror(file) || fclose(file)) perror("write"), exit(1);
}

int main(int count_of, char **words) {
    for (size_t i = 0; count_of == 4 && i < sizeof SHAPES / sizeof *SHAPES; i++)
        if (!strcmp(words[1], SHAPES[i].name)) shape = &SHAPES[i];
    if (!shape) return fprintf(stderr, "usage: generate day|million|quick|tiny SEED BASE\n"), 2;
    uint64_t seed = strtoull(words[2], NULL, 10);
    luck = seed;
    make_pool(next(&luck));
    flows = calloc(shape->flows + 4096, sizeof *flows);
    ports = calloc(shape->hosts, sizeof *ports);
    for (uint32_t i = 0; i < shape->hosts; i++) ports[i] = (uint16_t)(32768 + below(&luck, 28000));
    uint32_t median = plan_all();
    FILE *capture = create(words[3], "pcap"), *table = create(words[3], "tsv"), *truth = create(words[3], "json");
    begin_capture(capture);
    write_all(capture);
    write_flows(table);
    write_truth(truth, seed, median);
    done(capture), done(table), done(truth);
    return 0;
}

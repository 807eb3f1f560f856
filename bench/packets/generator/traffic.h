/* What the parts of the generator tell each other. */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum side { CLIENT, SERVER };
enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { SEGMENT = 1448, LARGEST_FRAME = 2048, LONGEST_NAME = 64 }; /* 1500 less IP, TCP, timestamps */

/* What a flow is for; KIND_NAMES has the same order. */
enum kind { TLS, HTTP, PLAIN, DNS, QUIC, CLOCK, LOG, PING, GHOST, BEACON, LOUD, KINDS };
extern const char *const KIND_NAMES[KINDS];

/* How a TCP connection ends, as Zeek's conn_state says it; OUTCOME_NAMES has the same order. */
enum outcome { SF, S0, S1, REJ, RSTO, RSTR, OTH, OUTCOMES };
extern const char *const OUTCOME_NAMES[OUTCOMES];

struct end {
    uint8_t address[16]; /* an IPv4 address is the first four */
    uint64_t mac;
    uint16_t port;
    uint8_t ttl;
};

struct sent {
    uint64_t packets, ip_bytes, wire_bytes, payload; /* payload: without what was sent again */
    uint32_t repeated;                               /* segments that were sent again */
};

struct flow {
    int64_t start, when, first, last; /* µs since the capture began */
    uint64_t random;                  /* the state of this flow's own generator */
    uint64_t identity;                /* decides what is in its payload */
    struct end ends[2];
    struct sent sent[2];
    uint32_t sequence[2], stamp[2], begin[2];
    uint32_t left, turn_length;   /* bytes of this turn: still to be sent, in all */
    uint32_t request, response;   /* bytes of the next turns */
    uint32_t round_trip, pace;    /* µs: to the server and back; between two segments */
    uint32_t name;                /* number of the server, whose name it is called by */
    uint32_t repeat_length;       /* > 0: this many bytes are sent again next */
    uint16_t vlan, identification;
    uint8_t kind, outcome, protocol, phase, side, unacknowledged, turn, rounds, attempts;
    bool six, small;
};

/* The next packet of a flow. */
struct packet {
    int64_t when;
    enum side sender;
    uint8_t flags;
    uint32_t sequence, acknowledged;
    const uint8_t *data;
    uint32_t length;
    bool again; /* sequence space that was already sent */
};

/* chance.c: numbers that depend on the seed only, made of integers so that no libm matters */
uint64_t next(uint64_t *state);
uint32_t below(uint64_t *state, uint32_t limit);
bool chance(uint64_t *state, uint32_t per_mille);
uint32_t spread(uint64_t *state, uint32_t median, uint32_t doublings_q8, uint32_t most);
uint32_t popular(uint64_t *state, uint32_t count);

/* payload.c */
void make_pool(uint64_t seed);
const uint8_t *pool(uint64_t where);
uint32_t name_of(uint32_t server, char *name);
void external(uint32_t server, bool six, uint8_t *address);
uint32_t segment(const struct flow *flow, enum side sender, uint32_t at, uint32_t length, uint8_t *out);
uint32_t client_hello_length(const struct flow *flow);
enum { HTTP_ANSWER_HEADER = 104 };
uint32_t http_request_length(const struct flow *flow);
uint32_t datagram(const struct flow *flow, enum side sender, uint32_t number, uint8_t *out);

/* talk.c: gives the next packet of a flow and sets when the one after it comes; false: the last */
bool step(struct flow *flow, struct packet *packet, uint8_t *room);

/* frame.c */
void begin_capture(FILE *file);
void count(struct flow *flow, const struct packet *packet);
uint32_t frame_length(const struct flow *flow, const struct packet *packet);
void write_packet(FILE *file, int64_t epoch, struct flow *flow, const struct packet *packet);
void write_arp(FILE *file, int64_t epoch, int64_t when, bool reply, const struct end *asks,
               const struct end *asked);

#endif

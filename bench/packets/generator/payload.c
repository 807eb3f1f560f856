/* What is inside: names, TLS, HTTP, DNS, and bytes that mean nothing. */
#include <string.h>

#include "traffic.h"

enum { POOL = 1 << 22 };
static uint8_t random_bytes[POOL + LARGEST_FRAME];

void make_pool(uint64_t seed) {
    for (size_t at = 0; at < sizeof random_bytes; at += 8) {
        uint64_t value = next(&seed);
        memcpy(random_bytes + at, &value, 8);
    }
}

const uint8_t *pool(uint64_t where) { return random_bytes + next(&where) % POOL; }

static const char *const WORDS[] = {"alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo",
    "hazel", "iroko", "juniper", "katsura", "larch", "maple", "neem", "oak", "pine"};
static const char *const ENDS[] = {"com", "net", "org"};

/* The name of a server: only names that are reserved for examples (RFC 2606). */
uint32_t name_of(uint32_t server, char *name) {
    return (uint32_t)sprintf(name, "%s-%u.example.%s", WORDS[server % 16], server, ENDS[server % 3]);
}

/* Servers live in the networks for benchmarks: 198.18.0.0/15 (RFC 2544), 2001:2::/48 (RFC 5180). */
void external(uint32_t server, bool six, uint8_t *address) {
    memset(address, 0, 16);
    if (six) {
        memcpy(address, "\x20\x01\x00\x02\x00\x00", 6);
        address[13] = (uint8_t)(server >> 16), address[14] = (uint8_t)(server >> 8);
        address[15] = (uint8_t)server;
        address[7] = 1;
    } else {
        uint32_t value = 0xc6120100u + server;
        for (int i = 0; i < 4; i++) address[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

static uint8_t *put(uint8_t *out, const void *bytes, size_t length) {
    memcpy(out, bytes, length);
    return out + length;
}

static uint8_t *put16(uint8_t *out, uint32_t value) {
    out[0] = (uint8_t)(value >> 8), out[1] = (uint8_t)value;
    return out + 2;
}

/* ---- TLS (RFC 8446) ---- */

/* A TLS 1.3 client's first record; some clients know fewer ciphers, which changes their JA4. */
static uint32_t client_hello(const struct flow *flow, uint8_t *out) {
    static const uint8_t ciphers[] = {0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c,
        0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, 0xc0, 0x13, 0xc0, 0x14, 0, 0x9c, 0, 0x9d, 0, 0x2f, 0, 0x35};
    static const uint8_t rest[] = "\0\x17\0\0\xff\x01\0\x01\0\0\x0a\0\x08\0\x06\0\x1d\0\x17\0\x18"
        "\0\x0b\0\x02\x01\0\0\x23\0\0\0\x10\0\x0e\0\x0c\x02h2\x08http/1.1"
        "\0\x0d\0\x12\0\x10\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08\x06\x06\x01"
        "\0\x2b\0\x05\x04\x03\x04\x03\x03\0\x2d\0\x02\x01\x01\0\x33\0\x26\0\x24\0\x1d\0\x20";
    char name[LONGEST_NAME];
    uint32_t name_length = name_of(flow->name, name);
    uint32_t cipher_bytes = (uint32_t)sizeof ciphers - 2 * (uint32_t)(flow->identity % 4);
    uint8_t *at = put(out, "\x16\x03\x01\0\0\x01\0\0\0\x03\x03", 11);
    at = put(at, pool(flow->identity), 32);
    *at++ = 32;
    at = put(at, pool(flow->identity + 1), 32);
    at = put(put16(at, cipher_bytes), ciphers, cipher_bytes);
    at = put(at, "\x01\0", 2);
    uint8_t *extensions = at;
    at = put16(put16(at + 2, 0), name_length + 5);
    at = put16(at, name_length + 3);
    *at++ = 0;
    at = put(put16(at, name_length), name, name_length);
    at = put(at, rest, sizeof rest - 1);
    at = put(at, pool(flow->identity + 2), 32);
    uint32_t have = (uint32_t)(at - out);
    uint32_t padding = flow->small || have + 4 >= 517 ? 0 : 517 - have - 4;
    if (padding) { /* RFC 7685 */
        at = put16(put16(at, 21), padding);
        memset(at, 0, padding);
        at += padding;
    }
    uint32_t length = (uint32_t)(at - out);
    put16(extensions, (uint32_t)(at - extensions) - 2);
    put16(out + 3, length - 5);
    put16(out + 7, length - 9);
    return length;
}

uint32_t client_hello_length(const struct flow *flow) {
    uint8_t room[LARGEST_FRAME];
    return client_hello(flow, room);
}

static uint32_t server_hello(const struct flow *flow, uint8_t *out) {
    uint8_t *at = put(out, "\x16\x03\x03\0\x7a\x02\0\0\x76\x03\x03", 11);
    at = put(at, pool(flow->identity + 3), 32);
    *at++ = 32;
    at = put(at, pool(flow->identity + 1), 32); /* the client's session id, given back */
    at = put(at, "\x13\x01\0\0\x2e\0\x2b\0\x02\x03\x04\0\x33\0\x24\0\x1d\0\x20", 19);
    at = put(at, pool(flow->identity + 4), 32);
    at = put(at, "\x14\x03\x03\0\x01\x01", 6);
    return (uint32_t)(at - out);
}

static uint32_t application_record(uint32_t length, uint8_t *out) {
    put16(put(out, "\x17\x03\x03", 3), length > 16384 ? 16384 : length);
    return 5;
}

/* ---- HTTP/1.1 ---- */

static uint32_t http(const struct flow *flow, enum side sender, uint8_t *out) {
    char name[LONGEST_NAME];
    name_of(flow->name, name);
    return (uint32_t)(sender == CLIENT
        ? sprintf((char *)out, "GET /%llx HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench/1\r\n"
                  "Accept: */*\r\n\r\n", (unsigned long long)flow->identity & 0xffff, name)
        : sprintf((char *)out, "HTTP/1.1 200 OK\r\nServer: example\r\nContent-Type: "
                  "application/octet-stream\r\nContent-Length: %010u\r\n\r\n",
                  flow->turn_length - HTTP_ANSWER_HEADER));
}

uint32_t http_request_length(const struct flow *flow) {
    uint8_t room[LARGEST_FRAME];
    return http(flow, CLIENT, room);
}

/* `length` bytes of a direction's turn, from byte `at` of it; the same whenever it is asked. */
uint32_t segment(const struct flow *flow, enum side sender, uint32_t at, uint32_t length, uint8_t *out) {
    uint32_t have = 0;
    bool hello = flow->kind == TLS || flow->kind == BEACON || flow->kind == LOUD;
    if (at == 0 && hello && flow->turn == 0)
        have = sender == CLIENT ? client_hello(flow, out) : server_hello(flow, out);
    else if (at == 0 && flow->kind == HTTP)
        have = http(flow, sender, out);
    if (at == 0 && hello && have + 5 < length)
        have += application_record(flow->turn_length - have - 5, out + have);
    if (have < length)
        memcpy(out + have, pool(flow->identity * 31 + flow->turn * 4099u + at + sender), length - have);
    return length;
}

/* ---- datagrams ---- */

static uint8_t *dns_name(uint8_t *out, const char *name) {
    for (const char *dot; *name; name = *dot ? dot + 1 : dot) {
        dot = strchr(name, '.');
        if (!dot) dot = name + strlen(name);
        *out++ = (uint8_t)(dot - name);
        out = put(out, name, (size_t)(dot - name));
    }
    *out++ = 0;
    return out;
}

static uint32_t dns(const struct flow *flow, enum side sender, uint8_t *out) {
    char name[LONGEST_NAME];
    name_of(flow->name, name);
    bool missing = flow->outcome == REJ; /* used by DNS for: there is no such name */
    uint8_t address[16];
    bool six = flow->identity & 1;
    external(flow->name, six, address);
    uint8_t *at = put16(out, flow->identification);
    at = put16(at, sender == CLIENT ? 0x0100 : missing ? 0x8183 : 0x8180);
    at = put16(put16(at, 1), sender == SERVER && !missing);
    at = put16(put16(at, 0), 0);
    at = dns_name(at, name);
    at = put16(put16(at, six ? 28 : 1), 1);
    if (sender == SERVER && !missing) {
        at = put16(put16(put16(at, 0xc00c), six ? 28 : 1), 1);
        at = put16(put16(at, 0), 300);
        at = put(put16(at, six ? 16 : 4), address, six ? 16 : 4);
    }
    return (uint32_t)(at - out);
}

/* Datagram `number` of a direction. */
uint32_t datagram(const struct flow *flow, enum side sender, uint32_t number, uint8_t *out) {
    uint64_t where = flow->identity + number * 2 + sender;
    uint32_t length = sender == CLIENT ? flow->request : flow->response;
    if (flow->kind == DNS) return dns(flow, sender, out);
    if (flow->kind == LOG)
        return (uint32_t)sprintf((char *)out, "<30>bench: message %u of %llx", number,
                                 (unsigned long long)flow->identity);
    memcpy(out, pool(where), length);
    if (flow->kind == CLOCK) out[0] = sender == CLIENT ? 0x23 : 0x24;      /* NTP version 4 */
    if (flow->kind == QUIC) out[0] = (uint8_t)(0x40 | (out[0] & 0x3f));    /* a short header */
    return length;
}

/* Headers, checksums, and the file: pcap with microseconds, little-endian, Ethernet. */
#include <string.h>

#include "traffic.h"

enum { ETHERNET = 14, TAG = 4, SHORTEST = 60, RECORD = 16 };

static uint8_t *put(uint8_t *out, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
    return out + bytes;
}

void begin_capture(FILE *file) {
    const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1};
    fwrite(header, sizeof header, 1, file);
}

static uint32_t transport_header(const struct flow *flow, const struct packet *packet) {
    if (flow->protocol != TCP) return 8;
    return packet->flags & SYN ? 40 : packet->flags & RST ? 20 : 32;
}

static uint32_t ip_length(const struct flow *flow, const struct packet *packet) {
    return (flow->six ? 40 : 20) + transport_header(flow, packet) + packet->length;
}

uint32_t frame_length(const struct flow *flow, const struct packet *packet) {
    uint32_t length = ETHERNET + ip_length(flow, packet);
    return (length < SHORTEST ? SHORTEST : length) + (flow->vlan ? TAG : 0);
}

void count(struct flow *flow, const struct packet *packet) {
    struct sent *sent = &flow->sent[packet->sender];
    if (flow->sent[CLIENT].packets + flow->sent[SERVER].packets == 0) flow->first = packet->when;
    flow->last = packet->when;
    sent->packets++;
    sent->ip_bytes += ip_length(flow, packet);
    sent->wire_bytes += frame_length(flow, packet);
    if (packet->again) sent->repeated++;
    else sent->payload += packet->length;
}

static uint64_t sum(const uint8_t *bytes, uint32_t length, uint64_t total) {
    for (; length >= 2; bytes += 2, length -= 2) {
        uint16_t word;
        memcpy(&word, bytes, 2); /* any byte order gives the same sum (RFC 1071) */
        total += word;
    }
    return length ? total + *bytes : total;
}

static void put_checksum(uint8_t *out, uint64_t total, uint16_t instead_of_zero) {
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    uint16_t value = (uint16_t)~total;
    if (value == 0) value = instead_of_zero;
    memcpy(out, &value, 2);
}

static uint8_t *put_ethernet(uint8_t *out, const struct flow *flow, enum side sender) {
    out = put(out, flow->ends[!sender].mac, 6);
    out = put(out, flow->ends[sender].mac, 6);
    if (flow->vlan) out = put(put(out, 0x8100, 2), flow->vlan, 2);
    return put(out, flow->six ? 0x86dd : 0x0800, 2);
}

static uint8_t *put_ip(uint8_t *out, const struct flow *flow, const struct packet *packet) {
    const struct end *from = &flow->ends[packet->sender], *to = &flow->ends[!packet->sender];
    uint32_t length = ip_length(flow, packet);
    uint8_t *begin = out;
    if (flow->six) {
        out = put(put(out, 0x60000000 | (flow->identity & 0xfffff), 4), length - 40, 2);
        out = put(put(out, flow->protocol, 1), from->ttl, 1);
        memcpy(out, from->address, 16), memcpy(out + 16, to->address, 16);
        return out + 32;
    }
    uint64_t number = (flow->identity + flow->sent[packet->sender].packets) & 0xffff;
    out = put(put(put(put(out, 0x4500, 2), length, 2), number, 2), 0x4000, 2);
    out = put(put(put(out, from->ttl, 1), flow->protocol, 1), 0, 2);
    memcpy(out, from->address, 4), memcpy(out + 4, to->address, 4);
    put_checksum(begin + 10, sum(begin, 20, 0), 0);
    return out + 8;
}

static uint8_t *put_timestamps(uint8_t *out, struct flow *flow, const struct packet *packet) {
    enum side sender = packet->sender;
    flow->stamp[sender] = (uint32_t)(packet->when / 1000 + (flow->identity >> (sender ? 40 : 20)));
    return put(put(put(out, 0x080a, 2), flow->stamp[sender], 4),
               packet->flags & ACK ? flow->stamp[!sender] : 0, 4);
}

static uint8_t *put_tcp(uint8_t *out, struct flow *flow, const struct packet *packet) {
    out = put(put(out, flow->ends[packet->sender].port, 2), flow->ends[!packet->sender].port, 2);
    out = put(put(out, packet->sequence, 4), packet->acknowledged, 4);
    out = put(put(out, transport_header(flow, packet) / 4 << 4, 1), packet->flags, 1);
    out = put(put(out, packet->flags & RST ? 0 : 501, 2), 0, 4); /* window; checksum, urgent */
    if (packet->flags & SYN) {
        out = put(put(out, 0x020405b4, 4), 0x0402, 2); /* MSS 1460, SACK permitted */
        out = put_timestamps(out, flow, packet);
        return put(out, 0x01030307, 4); /* window scale 7 */
    }
    return packet->flags & RST ? out : put_timestamps(put(out, 0x0101, 2), flow, packet);
}

static uint8_t *put_transport(uint8_t *out, struct flow *flow, const struct packet *packet) {
    const struct end *from = &flow->ends[packet->sender], *to = &flow->ends[!packet->sender];
    if (flow->protocol == TCP) return put_tcp(out, flow, packet);
    if (flow->protocol == UDP) {
        out = put(put(out, from->port, 2), to->port, 2);
        return put(put(out, 8 + packet->length, 2), 0, 2);
    }
    uint32_t type = flow->six ? 128 + packet->sender : packet->sender == CLIENT ? 8 : 0;
    out = put(put(put(out, type, 1), 0, 1), 0, 2);
    return put(put(out, flow->identity & 0xffff, 2), packet->sequence, 2);
}

/* The sum over the addresses, the protocol and the length (RFC 9293, RFC 8200). */
static uint64_t pseudo_header(const struct flow *flow, uint32_t length) {
    uint8_t tail[4];
    put(put(tail, length, 2), flow->protocol, 2);
    uint32_t size = flow->six ? 16 : 4;
    uint64_t total = flow->protocol == ICMP ? 0 : sum(tail, 4, 0);
    for (int i = 0; i < 2 && flow->protocol != ICMP; i++)
        total = sum(flow->ends[i].address, size, total);
    return total;
}

static void write_frame(FILE *file, int64_t at, uint8_t *record, uint32_t length) {
    const uint32_t header[4] = {(uint32_t)(at / 1000000), (uint32_t)(at % 1000000), length, length};
    memcpy(record, header, RECORD);
    fwrite(record, RECORD + length, 1, file);
}

void write_packet(FILE *file, int64_t epoch, struct flow *flow, const struct packet *packet) {
    uint8_t record[RECORD + LARGEST_FRAME];
    memset(record, 0, RECORD + SHORTEST + TAG);
    uint8_t *out = put_ethernet(record + RECORD, flow, packet->sender);
    uint8_t *transport = put_ip(out, flow, packet);
    out = put_transport(transport, flow, packet);
    if (packet->length) memcpy(out, packet->data, packet->length);
    uint32_t length = (uint32_t)(out - transport) + packet->length;
    uint32_t place = flow->protocol == TCP ? 16 : flow->protocol == UDP ? 6 : 2;
    uint16_t instead = flow->protocol == UDP ? 0xffff : 0; /* zero in UDP: there is no checksum */
    put_checksum(transport + place, sum(transport, length, pseudo_header(flow, length)), instead);
    write_frame(file, epoch + packet->when, record, frame_length(flow, packet));
}

/* "Who has the address?" to all, or the answer to the one who asked (RFC 826). */
void write_arp(FILE *file, int64_t epoch, int64_t when, bool reply, const struct end *asks,
               const struct end *asked) {
    uint8_t record[RECORD + SHORTEST] = {0};
    const struct end *from = reply ? asked : asks, *to = reply ? asks : asked;
    uint8_t *out = put(record + RECORD, reply ? to->mac : 0xffffffffffff, 6);
    out = put(put(put(out, from->mac, 6), 0x0806, 2), 0x000108000604, 6);
    out = put(put(out, reply ? 2 : 1, 2), from->mac, 6);
    memcpy(out, from->address, 4);
    out = put(out + 4, reply ? to->mac : 0, 6);
    memcpy(out, to->address, 4);
    write_frame(file, epoch + when, record, SHORTEST);
}

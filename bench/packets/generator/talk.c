/* How two machines talk: the packets of one flow, one after the other. */
#include "traffic.h"

enum phase { OPEN, REFUSE, ACCEPT, AGREE, TALK, CONFIRM, CLOSE, CLOSE_TOO, LAST };
enum { MILLISECOND = 1000, SECOND = 1000000, REPEATED_PER_MILLE = 4 };

static void say(struct flow *flow, struct packet *packet, enum side sender, uint8_t flags) {
    packet->sender = sender;
    packet->flags = flags;
    packet->sequence = flow->sequence[sender];
    packet->acknowledged = flags & ACK ? flow->sequence[!sender] : 0;
}

static void then(struct flow *flow, enum phase phase, uint32_t later) {
    flow->phase = (uint8_t)phase;
    flow->when += later;
}

static void begin_turn(struct flow *flow, enum side side, uint32_t length) {
    flow->side = (uint8_t)side;
    flow->left = flow->turn_length = length;
    flow->phase = TALK;
    flow->unacknowledged = 0;
}

/* The first turns of TLS are the handshake; what comes later has the sizes that were planned. */
static uint32_t request(const struct flow *flow) {
    bool hello = flow->turn == 0 && (flow->kind == TLS || flow->kind == BEACON || flow->kind == LOUD);
    return hello ? client_hello_length(flow) : flow->request;
}

static uint32_t response(struct flow *flow) {
    bool hello = flow->turn == 0 && (flow->kind == TLS || flow->kind == LOUD);
    return !hello ? flow->response : flow->small ? 180 : 2400 + below(&flow->random, 1600);
}

static bool open_connection(struct flow *flow, struct packet *packet) {
    flow->sequence[CLIENT] = flow->begin[CLIENT];
    say(flow, packet, CLIENT, SYN);
    packet->again = flow->turn > 0;
    flow->sequence[CLIENT]++;
    if (flow->outcome == S0) { /* after 1, 2, 4, 8, 16 s again, as Linux does */
        flow->when += (int64_t)SECOND << flow->turn++;
        return flow->turn < flow->attempts;
    }
    then(flow, flow->outcome == REJ ? REFUSE : ACCEPT, flow->round_trip);
    return true;
}

static bool after_segment(struct flow *flow) {
    if (flow->left == 0 && flow->side == CLIENT) {
        flow->when += flow->round_trip;
        begin_turn(flow, SERVER, response(flow));
    } else if (flow->left == 0 || flow->unacknowledged == 2) {
        then(flow, CONFIRM, 20 + flow->pace / 4);
    } else {
        flow->when += flow->pace;
    }
    return true;
}

static bool talk(struct flow *flow, struct packet *packet, uint8_t *room) {
    enum side side = flow->side;
    uint32_t length = flow->repeat_length ? flow->repeat_length
                      : flow->left < SEGMENT ? flow->left : SEGMENT;
    say(flow, packet, side, ACK | (length == flow->left ? PSH : 0));
    packet->length = length;
    packet->data = room;
    if (flow->repeat_length) {
        packet->again = true;
        packet->sequence -= length;
        flow->repeat_length = 0;
        segment(flow, side, flow->turn_length - flow->left - length, length, room);
        return after_segment(flow);
    }
    uint32_t at = flow->turn_length - flow->left;
    segment(flow, side, at, length, room);
    flow->left -= length;
    flow->sequence[side] += length;
    flow->unacknowledged++;
    if (at > 0 && chance(&flow->random, REPEATED_PER_MILLE)) {
        flow->repeat_length = length;
        flow->when += 200 * MILLISECOND;
        return true;
    }
    return after_segment(flow);
}

static bool end_connection(struct flow *flow) {
    flow->side = chance(&flow->random, 300) ? SERVER : CLIENT;
    if (flow->outcome == S1 || flow->outcome == OTH) return false;
    if (flow->outcome == RSTO) flow->side = CLIENT;
    if (flow->outcome == RSTR) flow->side = SERVER;
    then(flow, CLOSE, below(&flow->random, 5 * SECOND) + 100);
    return true;
}

static bool confirm(struct flow *flow, struct packet *packet) {
    say(flow, packet, !flow->side, ACK);
    flow->unacknowledged = 0;
    if (flow->left > 0) {
        then(flow, TALK, flow->pace);
        return true;
    }
    flow->turn++;
    if (--flow->rounds == 0) return end_connection(flow);
    begin_turn(flow, CLIENT, request(flow));
    flow->when += flow->turn == 1 ? 300 : spread(&flow->random, 300 * MILLISECOND, 512, 50 * SECOND);
    return true;
}

static bool close_connection(struct flow *flow, struct packet *packet) {
    if (flow->outcome == RSTO || flow->outcome == RSTR) {
        say(flow, packet, flow->side, RST | ACK);
        return false;
    }
    say(flow, packet, flow->side, FIN | ACK);
    flow->sequence[flow->side]++;
    then(flow, CLOSE_TOO, flow->round_trip);
    return true;
}

static bool step_tcp(struct flow *flow, struct packet *packet, uint8_t *room) {
    switch ((enum phase)flow->phase) {
    case OPEN:
        if (flow->outcome != OTH) return open_connection(flow, packet);
        begin_turn(flow, CLIENT, request(flow)); /* it began before the capture did */
        return talk(flow, packet, room);
    case REFUSE:
        say(flow, packet, SERVER, RST | ACK);
        packet->sequence = 0;
        return false;
    case ACCEPT:
        say(flow, packet, SERVER, SYN | ACK);
        flow->sequence[SERVER]++;
        then(flow, AGREE, 40);
        return true;
    case AGREE:
        say(flow, packet, CLIENT, ACK);
        begin_turn(flow, CLIENT, request(flow));
        flow->when += 200;
        return true;
    case TALK: return talk(flow, packet, room);
    case CONFIRM: return confirm(flow, packet);
    case CLOSE: return close_connection(flow, packet);
    case CLOSE_TOO:
        say(flow, packet, !flow->side, FIN | ACK);
        flow->sequence[!flow->side]++;
        then(flow, LAST, 50);
        return true;
    case LAST: break;
    }
    say(flow, packet, flow->side, ACK);
    return false;
}

static bool step_datagram(struct flow *flow, struct packet *packet, uint8_t *room) {
    enum side sender = flow->side;
    packet->sender = sender;
    packet->sequence = flow->turn;
    packet->data = room;
    packet->length = datagram(flow, sender, flow->turn, room);
    if (flow->attempts) { /* nobody answers */
        flow->turn++;
        flow->when += SECOND + below(&flow->random, 9 * SECOND);
        return flow->turn < flow->attempts;
    }
    flow->side = !sender;
    if (sender == CLIENT) {
        flow->when += flow->round_trip;
        return true;
    }
    flow->turn++;
    flow->when += flow->kind == PING ? SECOND : flow->pace;
    return --flow->rounds > 0;
}

bool step(struct flow *flow, struct packet *packet, uint8_t *room) {
    *packet = (struct packet){.when = flow->when};
    return flow->protocol == TCP ? step_tcp(flow, packet, room) : step_datagram(flow, packet, room);
}

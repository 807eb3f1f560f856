/* Chance that is the same on every machine: integers only. */
#include "traffic.h"

/* splitmix64 (Steele, Lea, Flood 2014) */
uint64_t next(uint64_t *state) {
    uint64_t mixed = *state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

uint32_t below(uint64_t *state, uint32_t limit) {
    return (uint32_t)(((next(state) >> 32) * limit) >> 32);
}

bool chance(uint64_t *state, uint32_t per_mille) { return below(state, 1000) < per_mille; }

/* 2 to the power of a number with 16 bits after the point, for a base of 16 bits after the point */
static uint64_t power_of_two(uint32_t exponent_q16) {
    uint32_t whole = exponent_q16 >> 16, part = exponent_q16 & 0xffff;
    return (0x10000u + (uint64_t)part) << (whole > 40 ? 40 : whole); /* straight between two powers */
}

/* Much like a log-normal: `median`, with one standard deviation of `doublings_q8` / 256 doublings. */
uint32_t spread(uint64_t *state, uint32_t median, uint32_t doublings_q8, uint32_t most) {
    int64_t normal = -6 * 65536; /* twelve uniform numbers are nearly a normal one */
    for (int i = 0; i < 3; i++)
        for (uint64_t four = next(state), j = 0; j < 4; j++, four >>= 16) normal += four & 0xffff;
    int64_t exponent = normal * doublings_q8 / 256;
    uint64_t factor = power_of_two((uint32_t)(exponent < 0 ? -exponent : exponent));
    uint64_t value = exponent < 0 ? ((uint64_t)median << 16) / factor : (median * factor) >> 16;
    return value < 1 ? 1 : value > most ? most : (uint32_t)value;
}

/* One of `count`, the first the most popular, as Zipf's law has it. */
uint32_t popular(uint64_t *state, uint32_t count) {
    uint32_t doublings_q16 = 0;
    for (uint32_t size = count; size > 1; size >>= 1) doublings_q16 += 0x10000;
    uint32_t rank = (uint32_t)(power_of_two(below(state, doublings_q16 + 1)) >> 16) - 1;
    return rank < count ? rank : count - 1;
}

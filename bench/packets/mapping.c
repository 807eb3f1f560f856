/* Read a pcap file, or map it? Walks all records and looks at the first bytes of each packet, as the reader does.
 *
 *   cc -O2 -o /var/tmp/mapping bench/packets/mapping.c
 *   /var/tmp/mapping read|map|populate|ahead CAPTURE [KILOBYTES]
 *
 * read: read(2) into one buffer.  map: windows of the file, mapped and unmapped.  populate: the same with
 * MAP_POPULATE.  ahead: as map, and what comes next is prefetched.  Only for files of this byte order.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define AHEAD 4096 /* bytes that are prefetched */

static uint64_t records, sum;

/* Go through whole records; say how many bytes they are. */
static size_t walk(const uint8_t *data, size_t at, size_t end, int ahead) {
    size_t fetched = at;
    while (at + 16 <= end) {
        uint32_t captured;
        uint64_t addresses, ports;
        memcpy(&captured, data + at + 8, 4);
        if (captured > end - at - 16) break;
        if (captured >= 54) {
            memcpy(&addresses, data + at + 16 + 26, 8);
            memcpy(&ports, data + at + 16 + 34, 8);
            sum += addresses ^ ports;
        }
        records++;
        at += 16 + captured;
        for (; ahead && fetched < at + AHEAD && fetched < end; fetched += 64) __builtin_prefetch(data + fetched);
    }
    return at;
}

int main(int count, char **words) {
    struct stat about;
    struct rusage cost;
    if (count < 3) return 2;
    const char *way = words[1];
    size_t size = (size_t)(count > 3 ? atol(words[3]) : strcmp(way, "read") ? 2048 : 128) << 10;
    int file = open(words[2], O_RDONLY);
    if (file < 0 || fstat(file, &about)) return 1;
    size_t length = (size_t)about.st_size, offset = 24, used = 1;
    uint8_t *buffer = aligned_alloc(4096, size);
    while (offset < length && used) {
        if (!strcmp(way, "read")) {
            ssize_t got = pread(file, buffer, size, (off_t)offset);
            used = got > 0 ? walk(buffer, 0, (size_t)got, 0) : 0;
        } else {
            size_t begin = offset & ~(size_t)4095, window = length - begin < size ? length - begin : size;
            int flags = MAP_SHARED | (strcmp(way, "populate") ? 0 : MAP_POPULATE);
            uint8_t *data = mmap(NULL, window, PROT_READ, flags, file, (off_t)begin);
            if (data == MAP_FAILED) return 1;
            used = walk(data, offset - begin, window, !strcmp(way, "ahead")) - (offset - begin);
            munmap(data, window);
        }
        offset += used;
    }
    getrusage(RUSAGE_SELF, &cost);
    printf("%s: %lu records, %.2f s user, %.2f s system, %ld faults, %ld MB (%lx)\n", way, (unsigned long)records,
           (double)cost.ru_utime.tv_sec + (double)cost.ru_utime.tv_usec / 1e6,
           (double)cost.ru_stime.tv_sec + (double)cost.ru_stime.tv_usec / 1e6, cost.ru_minflt, cost.ru_maxrss >> 10,
           (unsigned long)(sum & 0xf));
    return 0;
}

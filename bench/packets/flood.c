/*
 * Sends datagrams as fast as told: flood ADDRESS COUNT FLOWS BYTES RATE
 *
 * Datagram i goes to port 10000 + i % FLOWS. RATE is in packets a second, 0: without a pause.
 * Says at the end how many the kernel took, and how many nanoseconds that lasted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define AT_ONCE 64

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	static char payload[65536];
	struct mmsghdr messages[AT_ONCE] = {};
	struct sockaddr_in to[AT_ONCE] = {};
	struct iovec part = {payload, 0};
	long long began, sent = 0, count, rate;
	int flows, file = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc != 6 || file < 0)
		return 2;
	count = atoll(argv[2]);
	flows = atoi(argv[3]);
	part.iov_len = atoi(argv[4]);
	rate = atoll(argv[5]);
	for (int i = 0; i < AT_ONCE; i++) {
		to[i].sin_family = AF_INET;
		inet_pton(AF_INET, argv[1], &to[i].sin_addr);
		messages[i].msg_hdr.msg_name = &to[i];
		messages[i].msg_hdr.msg_namelen = sizeof(to[i]);
		messages[i].msg_hdr.msg_iov = &part;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	began = now();
	while (sent < count) {
		int wanted = count - sent < AT_ONCE ? count - sent : AT_ONCE, done;

		for (int i = 0; i < wanted; i++)
			to[i].sin_port = htons(10000 + (sent + i) % flows);
		done = sendmmsg(file, messages, wanted, 0);
		if (done < 0 && errno != ENOBUFS && errno != EAGAIN)
			return 1;
		if (done > 0)
			sent += done;
		if (rate) {
			long long due = began + sent * 1000000000LL / rate;
			struct timespec until = {due / 1000000000, due % 1000000000};

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		}
	}
	printf("%lld %lld\n", sent, now() - began);
	return 0;
}

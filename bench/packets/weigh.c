/* Run a command and write, as the last thing, what it and all below it took: one JSON object.
 *
 *   weigh RESULT COMMAND ARGUMENT...
 *
 * CPU time is the kernel's own count (wait4), of every process in the tree: who loses its parent
 * becomes a child of this program. Memory is looked at every 5 ms and summed over the tree; the
 * resident peak is at least what the kernel saw as the peak of any one process. A small program
 * does this because a child's peak begins with that of the process that forked it. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct memory { long resident, anonymous; }; /* kB */

static void add_process(long pid, struct memory *sum) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    FILE *file = fopen(path, "r");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        long kilobytes;
        if (sscanf(line, "VmRSS: %ld", &kilobytes) == 1) sum->resident += kilobytes;
        if (sscanf(line, "RssAnon: %ld", &kilobytes) == 1) sum->anonymous += kilobytes;
        if (sscanf(line, "RssShmem: %ld", &kilobytes) == 1) sum->anonymous += kilobytes;
    }
    fclose(file);
}

static void add_below(long pid, struct memory *sum) {
    char path[320];
    snprintf(path, sizeof path, "/proc/%ld/task", pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks && (task = readdir(tasks));) {
        if (task->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%ld/task/%s/children", pid, task->d_name);
        FILE *file = fopen(path, "r");
        for (long child; file && fscanf(file, "%ld", &child) == 1;) {
            add_process(child, sum);
            add_below(child, sum);
        }
        if (file) fclose(file);
    }
    if (tasks) closedir(tasks);
}

static double seconds(struct timeval value) { return value.tv_sec + value.tv_usec / 1e6; }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words) {
    if (count < 3) return fprintf(stderr, "usage: weigh RESULT COMMAND...\n"), 2;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    double begin = now(), user = 0, system = 0;
    pid_t command = fork();
    if (command == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* who stops the benchmark stops what it runs */
        execvp(words[2], words + 2);
        perror(words[2]);
        _exit(127);
    }
    struct memory peak = {0, 0};
    int status = 0;
    for (;;) {
        int ended;
        struct rusage usage;
        pid_t pid = wait4(-1, &ended, WNOHANG, &usage);
        if (pid < 0) break;
        if (pid == 0) {
            struct memory sum = {0, 0};
            add_below(getpid(), &sum);
            if (sum.resident > peak.resident) peak.resident = sum.resident;
            if (sum.anonymous > peak.anonymous) peak.anonymous = sum.anonymous;
            nanosleep(&(struct timespec){0, 5000000}, NULL);
            continue;
        }
        if (pid == command) status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
        user += seconds(usage.ru_utime), system += seconds(usage.ru_stime);
        if (usage.ru_maxrss > peak.resident) peak.resident = usage.ru_maxrss;
    }
    FILE *file = fopen(words[1], "w");
    if (!file) return perror(words[1]), 1;
    fprintf(file, "{\"status\": %d, \"user\": %.4f, \"system\": %.4f, \"wall\": %.4f, \"resident_kb\": %ld, "
            "\"anonymous_kb\": %ld}\n", status, user, system, now() - begin, peak.resident, peak.anonymous);
    return fclose(file) ? 1 : 0;
}

#!/usr/bin/env perl
# The script case of workload.c: sends once from an interpreter that env(1) looked up.
# Arguments: ID KIND ADDRESS PORT LIFE_US
use strict;
use warnings;
use Socket;
use Time::HiRes qw(time usleep);

my ($id, $kind, $address, $port, $life) = @ARGV;
socket(my $sock, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
connect($sock, pack_sockaddr_in($port, inet_aton($address))) or die "connect: $!";
my ($source_port, $source) = unpack_sockaddr_in(getsockname($sock));

open(my $stat, '<', '/proc/self/stat') or die "stat: $!";
my ($start) = (split ' ', (split /\) /, <$stat>, 2)[1])[19];
open(my $line, '<', '/proc/self/cmdline') or die "cmdline: $!";
my $args = join ',', map { "\"$_\"" } split /\0/, <$line>;
my ($parent, $parent_start) = split ' ', $ENV{BENCH_PARENT};

open(my $truth, '>>&=', $ENV{BENCH_TRUTH}) or die "truth: $!";
syswrite $truth, sprintf(
    '{"id":"%s","pid":%d,"start":%s,"parent":[%s,%s],"exe":"%s","netns":%d,"at":%.6f,"args":[%s],'
      . '"script":"%s","kind":"%s","source":"%s","source_port":%d,"destination":"%s",'
      . '"destination_port":%d}' . "\n",
    $id, $$, $start, $parent, $parent_start, readlink('/proc/self/exe'),
    (stat '/proc/self/ns/net')[1], time, $args, $0, $kind, inet_ntoa($source), $source_port,
    $address, $port);
usleep $life;

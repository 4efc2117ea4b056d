/* SPDX-License-Identifier: MIT
 * simul.h - async IO for C
 *
 * Includes everything. Each header under simul/ is the manual of what it
 * declares, and a page of it: `man simul_queue`, `man simul_queue_put`.
 *
 *	run.h        start a loop, sleep, what time it is
 *	task.h       functions that run beside each other
 *	scope.h      deadlines, and protection from cancellation
 *	gather.h     wait for several tasks
 *	group.h      tasks that succeed or fail together
 *	sync.h       lock, event, condition, semaphore, barrier
 *	queue.h      hand items from task to task
 *	future.h     a result that will be there later
 *	select.h     wait for several things, take one
 *	generator.h  coroutines that produce values one by one
 *	local.h      values that children inherit
 *	thread.h     between a loop and other threads
 *	thread_queue.h  hand items from thread to thread
 *	loops.h      several loops: more cores
 *	stream.h     bytes that come and go: the verbs
 *	file.h       files as streams, and what only files can do
 *	path.h       the names of files
 *	directory.h  what is in a directory, and in all below it
 *	copy.h       copy files and trees of them, and remove trees
 *	watch.h      be told what happens to files
 *	temporary.h  files and directories that go away by themselves
 *	pipe.h       pipes and terminals as streams
 *	net.h        connections: all of the next five
 *	address.h    where a socket is
 *	resolve.h    from names to addresses, and back
 *	connect.h    connections that we begin
 *	listen.h     connections that others begin
 *	socket.h     streams that are sockets: their ends, their options
 *	server.h     a task for each connection
 *	udp.h        datagrams
 *	tls.h        streams that nobody else can read (libsimul-tls)
 *	process.h    run other programs
 *	process_pool.h  work for other processes
 *	signal.h     wait for signals
 *	http_client.h  get things from HTTP servers
 *	http_server.h  answer HTTP requests
 *	memory.h     what the library has allocated for you
 *	error.h      what can go wrong
 *	version.h    which Simul this is
 *	export.h     marks what the shared library exports
 */
#ifndef SIMUL_H
#define SIMUL_H

#include <simul/address.h>
#include <simul/connect.h>
#include <simul/copy.h>
#include <simul/directory.h>
#include <simul/error.h>
#include <simul/export.h>
#include <simul/file.h>
#include <simul/future.h>
#include <simul/gather.h>
#include <simul/generator.h>
#include <simul/group.h>
#include <simul/http_client.h>
#include <simul/http_server.h>
#include <simul/listen.h>
#include <simul/local.h>
#include <simul/loops.h>
#include <simul/memory.h>
#include <simul/net.h>
#include <simul/path.h>
#include <simul/pipe.h>
#include <simul/process.h>
#include <simul/process_pool.h>
#include <simul/queue.h>
#include <simul/resolve.h>
#include <simul/run.h>
#include <simul/scope.h>
#include <simul/select.h>
#include <simul/server.h>
#include <simul/signal.h>
#include <simul/socket.h>
#include <simul/stream.h>
#include <simul/sync.h>
#include <simul/task.h>
#include <simul/temporary.h>
#include <simul/thread.h>
#include <simul/thread_queue.h>
#include <simul/tls.h>
#include <simul/udp.h>
#include <simul/version.h>
#include <simul/watch.h>

#endif /* SIMUL_H */

/* SPDX-License-Identifier: MIT
 * postgres.c - other people's libraries: libpq, and several queries at once.
 *
 * libpq can do its work in small steps and say what it waits for in between.
 * simul_wait_fd waits for that, and lets other tasks run meanwhile; the rest
 * is as libpq's manual has it (chapter "Asynchronous Command Processing").
 *
 * Run it: postgres [CONNINFO], where CONNINFO is "host=/run/postgresql" or the
 * like. (A name of a host would be looked up by libpq itself, and the loop
 * would have to wait; "hostaddr=127.0.0.1" is not.) */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include <libpq-fe.h>
#include <simul.h>

/* ---- libpq in a task */

/* PQconnectdb. *ret_db is to be given to PQfinish, also after -EIO, for which
 * PQerrorMessage has the words. */
static int open_db(const char *conninfo, PGconn **ret_db)
{
	PGconn *db = PQconnectStart(conninfo);
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;
	int r = db && PQstatus(db) != CONNECTION_BAD ? 0 : -EIO;

	while (r >= 0 && next != PGRES_POLLING_OK) {
		r = simul_wait_fd(PQsocket(db), next == PGRES_POLLING_READING
							? POLLIN
							: POLLOUT);
		if (r >= 0)
			next = PQconnectPoll(db);
		if (next == PGRES_POLLING_FAILED)
			r = -EIO;
	}
	*ret_db = db;
	return r;
}

/* Send what waits to be sent. A server that sends much meanwhile must not be
 * left waiting for us. */
static int send_all(PGconn *db)
{
	int left, r;

	while ((left = PQflush(db)) > 0) {
		r = simul_wait_fd(PQsocket(db), POLLIN | POLLOUT);
		if (r < 0)
			return r;
		if ((r & POLLIN) && !PQconsumeInput(db))
			return -EIO;
	}
	return left < 0 ? -EIO : 0;
}

/* PQgetResult: *ret_result is NULL when there is no more. */
static int next_result(PGconn *db, PGresult **ret_result)
{
	while (PQisBusy(db)) {
		int r = simul_wait_fd(PQsocket(db), POLLIN);

		if (r < 0)
			return r;
		if (!PQconsumeInput(db))
			return -EIO;
	}
	*ret_result = PQgetResult(db);
	return 0;
}

/* ---- What is cancelled here is cancelled there, too */

/* PQcancel makes a connection of its own, and waits: in a thread. */
static int cancel(void *arg)
{
	char words[256];

	return PQcancel(arg, words, sizeof words) ? 0 : -EIO;
}

/* The server would go on with what nobody wants any more. It answers that the
 * query was cancelled, or what it has come to, and is ready for the next. */
static int end_query(void *arg)
{
	PGresult *result = NULL;
	PGconn *db = arg;
	PGcancel *request = PQgetCancel(db);
	int r = request ? simul_to_thread(cancel, request) : -EIO;

	PQfreeCancel(request);
	while (r >= 0) {
		r = next_result(db, &result);
		if (r < 0 || !result)
			break;
		PQclear(result);
	}
	return r;
}

static int end_query_soon(void *db)
{
	return simul_wait_for(5, end_query, db);
}

/* ---- A query */

/* PQexec, for one statement: *ret_result is to be given to PQclear. If this is
 * cancelled, the query was, and the connection can be used again. */
static int query(PGconn *db, const char *sql, PGresult **ret_result)
{
	PGresult *result = NULL, *next;
	int r;

	PQsetnonblocking(db, 1);
	r = PQsendQuery(db, sql) ? send_all(db) : -EIO;
	while (r >= 0) {
		r = next_result(db, &next);
		if (r < 0 || !next)
			break;
		PQclear(result);
		result = next;
	}
	if (r >= 0)
		*ret_result = result;
	else
		PQclear(result);
	if (r == -ECANCELED)
		simul_shield(end_query_soon, db);
	return r;
}

/* ---- The example */

struct ask {
	const char *conninfo;
	const char *sql;
};

static void print(PGresult *result)
{
	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0)
		puts(PQgetvalue(result, 0, 0));
	else
		fputs(PQresultErrorMessage(result), stdout);
}

/* A connection does one query at a time, so each task has its own. */
static int ask(void *arg)
{
	const struct ask *my = arg;
	PGresult *result;
	PGconn *db;
	int r = open_db(my->conninfo, &db);

	if (r >= 0)
		r = query(db, my->sql, &result);
	if (r >= 0) {
		print(result);
		PQclear(result);
	} else if (r == -EIO) {
		fprintf(stderr, "postgres: %s", PQerrorMessage(db));
	}
	PQfinish(db);
	return r;
}

/* Is anybody still at it? */
static const char sleepers[] =
	"SELECT 'asleep: ' || count(*) FROM pg_stat_activity "
	"WHERE state = 'active' AND query LIKE '%pg_sleep(1000)'";

static int be_impatient(const char *conninfo)
{
	struct ask my = { conninfo, "SELECT 'never' FROM pg_sleep(1000)" };
	int r = simul_wait_for(0.5, ask, &my);

	if (r != -ETIMEDOUT)
		return r < 0 ? r : -EIO;
	my.sql = sleepers;
	return ask(&my);
}

static int amain(void *arg)
{
	const char *conninfo = arg ? arg : "";
	simul_task *t[3];

	t[0] = simul_go(ask, conninfo,
			"SELECT 'last: ' || 6 * 7 FROM pg_sleep(2)");
	t[1] = simul_go(ask, conninfo, "SELECT 'then' FROM pg_sleep(1)");
	t[2] = simul_go(ask, conninfo, "SELECT 'at once'");
	if (simul_await(t[2]) < 0)
		return -EIO;
	t[2] = simul_go(ask, conninfo, "SELECT 1 / 0");
	if (simul_gather(t, 3, NULL) < 0)
		return -EIO;
	return be_impatient(conninfo);
}

int main(int argc, char **argv)
{
	int r = simul_run(amain, argc > 1 ? argv[1] : NULL);

	if (r < 0 && r != -EIO)
		fprintf(stderr, "postgres: %s\n", simul_strerror(r));
	return r < 0;
}

/* SPDX-License-Identifier: MIT
 * bench/peers/c/libcurl_client.c - "client" with libcurl's multi interface, as
 * its example 10-at-a-time has it. */
#include "../../client.h"

#include <curl/curl.h>

struct page {
	char bytes[64];
	size_t length;
};

static struct client_count counted;

static size_t keep(char *bytes, size_t size, size_t n, void *arg)
{
	struct page *page = arg;

	n *= size;
	if (page->length + n > sizeof(page->bytes))
		return 0;
	memcpy(page->bytes + page->length, bytes, n);
	page->length += n;
	return n;
}

static void add(CURLM *multi, const char *url)
{
	struct page *page = bench_alloc(sizeof(*page));
	CURL *easy = curl_easy_init();

	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, page);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, page);
	curl_multi_add_handle(multi, easy);
}

static void check(CURL *easy, CURLcode result, const struct page *page)
{
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (result ||
	    !client_is_hello((int)status, page->bytes, page->length)) {
		fprintf(stderr, "libcurl: %s\n", curl_easy_strerror(result));
		exit(1);
	}
}

/* The transfers that have ended begin anew. */
static void renew(CURLM *multi)
{
	struct page *page;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left))) {
		CURL *easy = message->easy_handle;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&page);
		check(easy, message->data.result, page);
		counted.done++;
		page->length = 0;
		curl_multi_remove_handle(multi, easy);
		curl_multi_add_handle(multi, easy);
	}
}

int main(int argc, char **argv)
{
	CURLM *multi;
	char url[64];
	int running;

	snprintf(url, sizeof(url), "http://127.0.0.1:%ld/",
		 bench_number(argc, argv, 1, 7000));
	curl_global_init(CURL_GLOBAL_ALL);
	multi = curl_multi_init();
	for (int i = 0; i < CLIENTS; i++)
		add(multi, url);
	client_begin(&counted);
	while (client_goes_on(&counted)) {
		curl_multi_perform(multi, &running);
		renew(multi);
		curl_multi_poll(multi, NULL, 0, 100, NULL);
	}
	client_report(&counted);
	return 0;
}

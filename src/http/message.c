/* SPDX-License-Identifier: MIT
 * http/message.c - the head of a request or response, as the parser found it.
 */
#include "http/message.h"

#include <errno.h>

#include <simul/error.h>

#include "base/alloc.h"

static int grow(struct smi_http_message *m)
{
	uint32_t room = m->room ? 2 * m->room : 16;
	struct smi_http_field *fields;

	fields = smi_resize(m->fields, room * sizeof(*fields));
	if (!fields)
		return -ENOMEM;
	m->fields = fields;
	m->room = room;
	return 0;
}

int smi_http_message_add(struct smi_http_message *m,
			 struct smi_http_field field, uint32_t limit)
{
	int r;

	if (m->count >= limit)
		return -SIMUL_ETOOLONG;
	if (m->count == m->room) {
		r = grow(m);
		if (r < 0)
			return r;
	}
	m->fields[m->count++] = field;
	return 0;
}

void smi_http_message_done(struct smi_http_message *m)
{
	smi_free(m->fields);
	*m = (struct smi_http_message){ 0 };
}

bool smi_http_find_next(const struct smi_http_message *m, struct smi_slice name,
			size_t *at, struct smi_slice *ret_value)
{
	for (size_t i = *at; i < m->count; i++) {
		if (!smi_slice_is_like(smi_http_name(m, i), name))
			continue;
		*at = i + 1;
		*ret_value = smi_http_value(m, i);
		return true;
	}
	return false;
}

bool smi_http_find(const struct smi_http_message *m, struct smi_slice name,
		   struct smi_slice *ret_value)
{
	size_t at = 0;

	return smi_http_find_next(m, name, &at, ret_value);
}

/* Where the first element of a list ends: at a comma outside quotes. */
static size_t element_length(struct smi_slice list)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < list.length; i++) {
		if (list.at[i] == '"')
			quoted = !quoted;
		else if (quoted && list.at[i] == '\\')
			i++;
		else if (!quoted && list.at[i] == ',')
			return i;
	}
	return list.length;
}

bool smi_http_list_next(struct smi_slice *list, struct smi_slice *ret_element)
{
	while (list->length) {
		size_t n = element_length(*list);
		struct smi_slice element =
			smi_slice_trim(smi_slice(list->at, n));

		n += n < list->length; /* the comma */
		list->at += n;
		list->length -= n;
		if (element.length) {
			*ret_element = element;
			return true;
		}
	}
	return false;
}

bool smi_http_has(const struct smi_http_message *m, struct smi_slice name,
		  struct smi_slice token)
{
	struct smi_slice list, element;
	size_t at = 0;

	while (smi_http_find_next(m, name, &at, &list))
		while (smi_http_list_next(&list, &element))
			if (smi_slice_is_like(element, token))
				return true;
	return false;
}

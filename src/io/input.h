/* SPDX-License-Identifier: MIT
 * io/input.h - what a stream has received and nobody has taken yet.
 *
 * Most connections are idle most of the time, so what waits for bytes to come
 * holds no memory but a small block inside the stream itself. A large one is
 * allocated when that has been filled at once, as then there is probably more,
 * or when what is to be kept together doesn't fit; and it goes before
 * the next wait, unless bytes come so fast that it would be allocated again.
 */
#ifndef SMI_IO_INPUT_H
#define SMI_IO_INPUT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SMI_INPUT_SMALL = 1024, /* the block inside */
	SMI_INPUT_LARGE = 16384
};

/* Behind the room of a block is one more byte, for the zero behind a string. */
struct smi_input {
	char *block; /* small, or from smi_alloc */
	size_t start;
	size_t end;
	size_t room;
	size_t unit; /* receive so much at once, if not 0 */
	bool eager;  /* the last receipt took all the space there was */
	char small[SMI_INPUT_SMALL + 1];
};

void smi_input_init(struct smi_input *in, size_t unit);
void smi_input_done(struct smi_input *in);

static inline char *smi_input_bytes(const struct smi_input *in)
{
	return in->block + in->start;
}

static inline size_t smi_input_length(const struct smi_input *in)
{
	return in->end - in->start;
}

/* Where to receive more, and how much fits there. */
static inline char *smi_input_tail(const struct smi_input *in)
{
	return in->block + in->end;
}

static inline size_t smi_input_space(const struct smi_input *in)
{
	return in->room - in->end;
}

/* Have some space, if possible a good deal of it. 0 or -ENOMEM. What was taken
 * before is forgotten. */
int smi_input_prepare(struct smi_input *in);

/* n bytes were received there. */
void smi_input_commit(struct smi_input *in, size_t n);

/* Put n bytes behind what is there. 0 or -ENOMEM. */
int smi_input_append(struct smi_input *in, const void *bytes, size_t n);

/* n bytes from the front were taken. They stay where they are until the next
 * call of prepare, append or release. */
void smi_input_take(struct smi_input *in, size_t n);

/* Give back a large block that is empty. */
void smi_input_release(struct smi_input *in);

#endif /* SMI_IO_INPUT_H */

/* SPDX-License-Identifier: MIT
 * io/input.h - what a stream has received and nobody has taken yet.
 *
 * Most connections are idle most of the time, so there is a block only while
 * there is something in it, or about to be. It is a small one at first. A large
 * one comes when that has been filled at once, as then there is probably more,
 * or when what is to be kept together doesn't fit; and it stays when it is
 * empty only if bytes come so fast that it would be allocated again.
 */
#ifndef SMI_IO_INPUT_H
#define SMI_IO_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/shared.h"
#include "base/spare.h"

enum { SMI_INPUT_SMALL = SMI_SPARE_SIZE - 1, SMI_INPUT_LARGE = 16384 };

/* Behind the room of a block is one more byte, for the zero behind a string. */
struct smi_input {
	char *block; /* NULL: none */
	size_t start;
	size_t end;
	size_t room;
	struct smi_spares *spares;
	size_t unit; /* receive so much at once, if not 0 */
	bool eager;  /* the last receipt took all the space there was */
};

void smi_input_init(struct smi_input *in, size_t unit,
		    struct smi_spares *spares);
void smi_input_done(struct smi_input *in);

/* Never NULL, so that it can be searched and copied where there is nothing. */
static inline char *smi_input_bytes(const struct smi_input *in)
{
	return in->block ? in->block + in->start : (char *)"";
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

/* The same with all that is in a buffer, which is empty afterwards: if nothing
 * is to be kept, its block becomes ours. */
int smi_input_append_buffer(struct smi_input *in, struct smi_buffer *b);

/* n bytes from the front were taken. They stay where they are until the next
 * call of prepare, append or release. */
void smi_input_take(struct smi_input *in, size_t n);

/* Take all that is there away, with its block. */
struct smi_buffer smi_input_detach(struct smi_input *in);

/* Give back a large block that is empty; a small one stays until nothing more
 * is expected soon, ... */
void smi_input_release(struct smi_input *in);

/* ... which is now. */
SMI_SHARED void smi_input_rest(struct smi_input *in);

#endif /* SMI_IO_INPUT_H */

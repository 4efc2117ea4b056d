/* SPDX-License-Identifier: MIT
 * arch/fiber.h - tell tools about stacks and switches.
 *
 * AddressSanitizer and ThreadSanitizer must know which stack runs, valgrind
 * which memory is a stack. Without them all of this is nothing.
 *
 * Around every switch:
 *
 *	smi_fiber_leave(&from, &to);
 *	smi_switch(...);
 *	smi_fiber_arrive(&from);	// when it is back
 *
 * and on a stack that runs for the first time smi_fiber_begin.
 */
#ifndef SMI_ARCH_FIBER_H
#define SMI_ARCH_FIBER_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define SMI_FIBER_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define SMI_FIBER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SMI_FIBER_ASAN 1
#elif __has_feature(thread_sanitizer)
#define SMI_FIBER_TSAN 1
#endif
#endif

#if defined(SMI_FIBER_ASAN)

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

struct smi_fiber {
	void *fake; /* ASan's own stack for it, while it does not run */
	const void *bottom;
	size_t size;
};

/* A stack of size bytes from bottom is about to be used. */
static inline void smi_fiber_new(struct smi_fiber *f, const void *bottom,
				 size_t size)
{
	*f = (struct smi_fiber){ NULL, bottom, size };
}

/* The stack that runs now, which somebody else made. Its bounds are learned
 * when it is first left. */
static inline void smi_fiber_adopt(struct smi_fiber *f)
{
	*f = (struct smi_fiber){ 0 };
}

static inline void smi_fiber_leave(struct smi_fiber *from, struct smi_fiber *to)
{
	__sanitizer_start_switch_fiber(&from->fake, to->bottom, to->size);
}

/* Leave a stack for good. */
static inline void smi_fiber_end(struct smi_fiber *to)
{
	__sanitizer_start_switch_fiber(NULL, to->bottom, to->size);
}

static inline void smi_fiber_arrive(struct smi_fiber *self)
{
	__sanitizer_finish_switch_fiber(self->fake, NULL, NULL);
}

/* The first words on a new stack; from is who switched to it. */
static inline void smi_fiber_begin(struct smi_fiber *from)
{
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(NULL, &bottom, &size);
	if (!from->bottom) {
		from->bottom = bottom;
		from->size = size;
	}
}

/* The stack is used no more: frames that were left on it mean nothing. */
static inline void smi_fiber_done(struct smi_fiber *f)
{
	__asan_unpoison_memory_region(f->bottom, f->size);
}

#elif defined(SMI_FIBER_TSAN)

#include <sanitizer/tsan_interface.h>

struct smi_fiber {
	void *fiber;
};

static inline void smi_fiber_new(struct smi_fiber *f, const void *bottom,
				 size_t size)
{
	(void)bottom;
	(void)size;
	f->fiber = __tsan_create_fiber(0);
}

static inline void smi_fiber_adopt(struct smi_fiber *f)
{
	f->fiber = __tsan_get_current_fiber();
}

static inline void smi_fiber_leave(struct smi_fiber *from, struct smi_fiber *to)
{
	(void)from;
	__tsan_switch_to_fiber(to->fiber, 0);
}

static inline void smi_fiber_end(struct smi_fiber *to)
{
	__tsan_switch_to_fiber(to->fiber, 0);
}

static inline void smi_fiber_arrive(struct smi_fiber *self)
{
	(void)self;
}

static inline void smi_fiber_begin(struct smi_fiber *from)
{
	(void)from;
}

static inline void smi_fiber_done(struct smi_fiber *f)
{
	__tsan_destroy_fiber(f->fiber);
}

#else

struct smi_fiber {
	char nothing;
};

static inline void smi_fiber_new(struct smi_fiber *f, const void *bottom,
				 size_t size)
{
	(void)f;
	(void)bottom;
	(void)size;
}

static inline void smi_fiber_adopt(struct smi_fiber *f)
{
	(void)f;
}

static inline void smi_fiber_leave(struct smi_fiber *from, struct smi_fiber *to)
{
	(void)from;
	(void)to;
}

static inline void smi_fiber_end(struct smi_fiber *to)
{
	(void)to;
}

static inline void smi_fiber_arrive(struct smi_fiber *self)
{
	(void)self;
}

static inline void smi_fiber_begin(struct smi_fiber *from)
{
	(void)from;
}

static inline void smi_fiber_done(struct smi_fiber *f)
{
	(void)f;
}

#endif

#endif /* SMI_ARCH_FIBER_H */

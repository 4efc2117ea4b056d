/* SPDX-License-Identifier: MIT
 * python_print.h - print lists and times of day the way Python does. */
#ifndef PYTHON_PRINT_H
#define PYTHON_PRINT_H

#include <stddef.h>

/* print([1, 2, 3], end='') */
void print_list(const int *numbers, size_t n);

/* print(time.strftime('%H:%M:%S')), as the loop's clock sees it: where that is
 * a virtual one, the time that it would be by now. */
void print_time(void);

#endif /* PYTHON_PRINT_H */

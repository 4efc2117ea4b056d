/* SPDX-License-Identifier: MIT
 * file/random_name.h - names that nobody else has. */
#ifndef SMI_FILE_RANDOM_NAME_H
#define SMI_FILE_RANDOM_NAME_H

enum { SMI_RANDOM_LENGTH = 12 };

/* Write so many random letters and digits to name, without a zero. There are
 * 2^60 such names: nobody guesses the next, and two are hardly ever the
 * same. */
void smi_random_name(char *name);

/* Call make(path, arg) until it returns something else than -EEXIST, each time
 * with another path: directory, a slash, prefix, a random name and suffix, of
 * which NULL is none. The path is smi_alloc'd: *ret_path, unless it failed. */
int smi_with_random_name(const char *directory, const char *prefix,
			 const char *suffix,
			 int (*make)(const char *path, void *arg), void *arg,
			 char **ret_path);

#endif /* SMI_FILE_RANDOM_NAME_H */

/* SPDX-License-Identifier: MIT
 * tests/tls/folder.h - certificates in files. */
#ifndef FOLDER_H
#define FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static char folder[32];

/* Make the folder if there is none yet, and write the path of a file in it. */
static inline const char *in_folder(const char *name, char path[128])
{
	if (!folder[0])
		CHECK(mkdtemp(strcpy(folder, "/tmp/simul_tls_XXXXXX")));
	snprintf(path, 128, "%s/%s", folder, name);
	return path;
}

static inline void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	CHECK(f && fputs(text, f) >= 0);
	fclose(f);
}

static inline void remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -r %s", folder);
	CHECK_INT(system(command), ==, 0);
	folder[0] = 0;
}

#endif /* FOLDER_H */

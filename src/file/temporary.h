/* SPDX-License-Identifier: MIT
 * file/temporary.h - where temporary files lie. */
#ifndef SMI_FILE_TEMPORARY_H
#define SMI_FILE_TEMPORARY_H

/* directory, or what it is if it is NULL. */
const char *smi_temporary_place(const char *directory);

#endif /* SMI_FILE_TEMPORARY_H */

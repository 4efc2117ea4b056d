/* SPDX-License-Identifier: MIT
 * base/shared.h - marks what libraries beside this one may use of its inside.
 *
 * What needs another library, as TLS needs OpenSSL, is a library of its own
 * (libsimul-tls), and uses a few functions that are nobody else's business. The
 * linker shows them; they change with every version, and both libraries are of
 * the same one. */
#ifndef SMI_BASE_SHARED_H
#define SMI_BASE_SHARED_H

#include <simul/export.h>

#define SMI_SHARED SIMUL_API

#endif /* SMI_BASE_SHARED_H */

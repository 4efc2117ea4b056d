/* SPDX-License-Identifier: MIT
 * http/client_fault.h - what went wrong, in words.
 *
 * An error's number tells a program what to do; these words tell a person
 * where to look: which host, after how many bytes. Whoever knows writes them,
 * at the moment of the failure.
 */
#ifndef SMI_HTTP_CLIENT_FAULT_H
#define SMI_HTTP_CLIENT_FAULT_H

struct smi_client_fault {
	char text[400]; /* cut off if it is longer */
};

/* Write the words down and return error. */
int smi_client_fail(struct smi_client_fault *fault, int error,
		    const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Something failed while we were `doing` something with `whom`, as in "connect
 * to" "example.org:81": write down both and what error means. */
int smi_client_fail_at(struct smi_client_fault *fault, int error,
		       const char *doing, const char *whom);

/* Write words in front of those that are there. */
void smi_client_fault_precede(struct smi_client_fault *fault,
			      const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* SMI_HTTP_CLIENT_FAULT_H */

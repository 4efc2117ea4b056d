/* SPDX-License-Identifier: MIT
 * base/error.c - errors in words. */
#include <simul/error.h>

#include <string.h>

static const char *own(unsigned error)
{
	switch (error) {
	case SIMUL_EEOF:
		return "the stream ended before all was read";
	case SIMUL_ETOOLONG:
		return "longer than its limit";
	case SIMUL_EBROKEN:
		return "the barrier is broken";
	case SIMUL_ENONAME:
		return "no such host name";
	case SIMUL_ERESOLVE:
		return "the host name could not be looked up just now";
	case SIMUL_EURL:
		return "not a URL that can be used here";
	case SIMUL_EPROTOCOL:
		return "the peer broke the rules of the protocol";
	case SIMUL_EREDIRECTS:
		return "too many redirects";
	case SIMUL_EUNSUPPORTED:
		return "not supported by this build of Simul";
	case SIMUL_ECERTIFICATE:
		return "the peer's certificate is not to be trusted";
	case SIMUL_EHOSTNAME:
		return "the peer's certificate is for another host";
	case SIMUL_EALERT:
		return "the peer has refused the connection";
	case SIMUL_ETRUNCATED:
		return "the connection was cut off";
	case SIMUL_EWORKER:
		return "a worker process died of its job";
	default:
		return "unknown error";
	}
}

const char *simul_strerror(int error)
{
	const char *words;

	if (error >= 0)
		return "success";
	if (error <= -SIMUL_EEOF)
		return own(-(unsigned)error);
	words = strerrordesc_np(-error);
	return words ? words : "unknown error";
}

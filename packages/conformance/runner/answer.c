/*
 * What came of a step, in words: `EINVAL`, `4096`, `ok`, `"hello"`, `SIGSEGV after 3`,
 * `0-2 rw-p, 4-8 rw-p`. cases.c holds the words that are expected.
 */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "pack.h"

static void error_text(long long value, char *text)
{
	const char *name = error_name(-value);

	if (name != NULL)
		strcpy(text, name);
	else
		sprintf(text, "error %lld", -value);
}

static const char *signal_text(int signal)
{
	static char text[24];

	switch (signal) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGBUS:
		return "SIGBUS";
	case SIGKILL:
		return "SIGKILL";
	case SIGSYS:
		return "SIGSYS";
	}
	sprintf(text, "signal %d", signal);
	return text;
}

/* Letters, digits and blanks as they are, other bytes as \xNN. */
static void quote(const struct result *result, char *text)
{
	*text++ = '"';
	for (int i = 0; i < result->payload_bytes; i++) {
		unsigned char byte = result->payload[i];

		text += sprintf(text, byte < 128 && (isalnum(byte) || byte == '_' || byte == ' ') ? "%c" :
				      "\\x%02x", byte);
	}
	strcpy(text, "\"");
}

/* Whether every call went well that makes a process what it is to be. */
static void made_text(const struct step *step, char *text)
{
	strcpy(text, "ok");
	for (int i = step->first; i <= step->last; i++)
		if (shared->results[i].value < 0) {
			error_text(shared->results[i].value, text);
			return;
		}
}

void answer_text(const struct step *step, char *text)
{
	const struct result *result = &shared->results[step->last];

	switch (result->state) {
	case NOT_REACHED:
		strcpy(text, "not reached");
		return;
	case ABSENT:
		strcpy(text, "its process is gone");
		return;
	case DIED:
		sprintf(text, "ended by %s", signal_text(result->signal));
		return;
	case FAULTED:
		sprintf(text, "%s after %lld", signal_text(result->signal), result->value);
		return;
	case DONE:
		break;
	}
	if (step->shows == MADE) {
		made_text(step, text);
		return;
	}
	if (result->value < 0 && result->value >= -4095) {
		error_text(result->value, text);
		return;
	}
	switch (step->shows) {
	case NUMBER:
		sprintf(text, "%lld", result->value);
		break;
	case A_PROCESS:
		strcpy(text, result->value == 0 ? "0" : "ok");
		break;
	case BYTES:
		quote(result, text);
		break;
	case AREAS:
		strcpy(text, (const char *)result->payload);
		break;
	default:
		strcpy(text, "ok");
	}
}

/* Whether an answer is one of those that stand between " | ". */
int is_allowed(const char *answer, const char *allowed)
{
	size_t length = strlen(answer);

	for (;;) {
		const char *end = strstr(allowed, " | ");
		size_t one = end == NULL ? strlen(allowed) : (size_t)(end - allowed);

		if (one == length && memcmp(allowed, answer, one) == 0)
			return 1;
		if (end == NULL)
			return 0;
		allowed = end + 3;
	}
}

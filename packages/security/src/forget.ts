import type { AccessDecision } from "./accessDecision.ts";
import { unknownCredentials } from "./credentials.ts";
import type { Subject } from "./subject.ts";

/** What of a task is to be forgotten; everything that is not named is. */
export interface ForgetOptions {
  readonly credentials?: boolean;
  readonly dumpable?: boolean;
}

/**
 * Makes what is known of a task unknown: something happened to it that nobody saw. Its user
 * namespace and securebits count as known still.
 *
 * @example
 * forgetCredentials(access, task, { dumpable: false });
 */
export function forgetCredentials(
  access: AccessDecision,
  subject: Subject,
  options: ForgetOptions = {},
): void {
  const { journal } = access.ports;
  if (options.credentials !== false) {
    const { userNamespace, securebits } = subject.credentials;
    journal.save(subject, "credentials");
    subject.credentials = unknownCredentials({
      whose: `process ${String(subject.pid)}`,
      userNamespace,
      securebits,
    });
  }
  if (options.dumpable !== false) {
    journal.save(subject.exec, "dumpable");
    subject.exec.dumpable = "unknown";
  }
}

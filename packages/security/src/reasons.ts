import { Reasons } from "@kadvise/uapi";
import { CAPABILITY_REASONS } from "./reasons/capabilities.ts";
import type { SecurityReason } from "./reasons/entry.ts";
import { IDENTITY_REASONS } from "./reasons/identity.ts";
import { NAMESPACE_REASONS } from "./reasons/namespaces.ts";
import { POLICY_REASONS } from "./reasons/policies.ts";
import { PTRACE_REASONS } from "./reasons/ptrace.ts";

/** The id of a rule of this package. */
export type SecurityReasonId =
  | keyof typeof CAPABILITY_REASONS
  | keyof typeof IDENTITY_REASONS
  | keyof typeof NAMESPACE_REASONS
  | keyof typeof POLICY_REASONS
  | keyof typeof PTRACE_REASONS;

/**
 * Every rule of this package as data: what it answers, why, where Linux has it, what would turn it.
 */
export const SECURITY_REASONS: { readonly [id in SecurityReasonId]: SecurityReason } = {
  ...PTRACE_REASONS,
  ...POLICY_REASONS,
  ...IDENTITY_REASONS,
  ...CAPABILITY_REASONS,
  ...NAMESPACE_REASONS,
};

/** The catalogue through which the rules of this package report themselves. */
export const reasons: Reasons<SecurityReasonId> = new Reasons<SecurityReasonId>(SECURITY_REASONS);

export type { AccessDecision } from "./accessDecision.ts";
export { agreedCredentials } from "./agree.ts";
export { AccessControl, type AccessControlOptions } from "./accessControl.ts";
export * from "./calls/capget.ts";
export { capset } from "./calls/capset.ts";
export type { FileCapabilities } from "./calls/execCapabilities.ts";
export {
  execCredentials,
  type ExecFile,
  type ExecOptions,
  type ExecOutcome,
} from "./calls/execCredentials.ts";
export * from "./calls/getIds.ts";
export { writeIdMap, writeSetgroups, type WrittenRange } from "./calls/idMap.ts";
export { getParentDeathSignal, prctl, type PrctlCall } from "./calls/prctl.ts";
export { ptraceAttach, ptraceDetach, ptraceTraceme } from "./calls/ptraceAttach.ts";
export { setfsgid, setfsuid } from "./calls/setfsuid.ts";
export { getgroups, maySetgroups, setgroups } from "./calls/setgroups.ts";
export { setregid, setreuid } from "./calls/setreuid.ts";
export { setresgid, setresuid } from "./calls/setresuid.ts";
export { setgid, setuid } from "./calls/setuid.ts";
export {
  cloneIntoUserNamespace,
  createUserNamespace,
  enterSeenNamespace,
  joinUserNamespace,
  type JoinOptions,
} from "./calls/userNamespace.ts";
export * from "./capabilitySet.ts";
export { commitCredentials, type CommitOptions } from "./commitCredentials.ts";
export {
  credentials,
  unknownCredentials,
  type CapabilitySetName,
  type CredentialOptions,
  type Credentials,
  type IdField,
  type UnknownCredentialOptions,
  type UnknownFacts,
} from "./credentials.ts";
export { ExecState, readDumpable, type Dumpable } from "./execState.ts";
export type { ExplainedCheck, Explanation } from "./explain.ts";
export { securityFeatures, type SecurityFeatures, type SecuritySettings } from "./features.ts";
export { forgetCredentials, forgetPrivileges, type ForgetOptions } from "./forget.ts";
export { INVALID_ID, OVERFLOW_ID, ROOT_ID, UNKNOWN_ID, isUnknownId } from "./ids.ts";
export {
  exitSubject,
  forkSubject,
  releaseSubject,
  reparentSubject,
  type ForkOptions,
} from "./lifecycle.ts";
export type { Maybe } from "./maybe.ts";
export { commoncap } from "./policies/commoncap.ts";
export { POLICY_NAMES, policyFromName } from "./policies/fromName.ts";
export { landlock, type LandlockPolicy, type LandlockState } from "./policies/landlock.ts";
export { CONTAINER_DEFAULT, seccompList, type SeccompOptions } from "./policies/seccompList.ts";
export { typeEnforcement, type TypeEnforcementOptions } from "./policies/typeEnforcement.ts";
export { yama, type YamaPolicy, type YamaScope, type YamaState } from "./policies/yama.ts";
export type {
  CapableQuestion,
  ExitQuestion,
  ForkQuestion,
  HookName,
  Objection,
  Policy,
  PrctlQuestion,
  PtraceMode,
  PtraceQuestion,
  SyscallQuestion,
  TracemeQuestion,
  Verdict,
} from "./policy.ts";
export { SECURITY_REASONS, type SecurityReasonId } from "./reasons.ts";
export type { SecurityReason } from "./reasons/entry.ts";
export { Subject, subject, type SubjectOptions } from "./subject.ts";
export { idIs, readCapabilities, readCapability, readGroups, readId } from "./unknownFacts.ts";
export {
  UserNamespace,
  fromKernelId,
  initialUserNamespace,
  isWithin,
  shownId,
  toKernelId,
  type IdKind,
  type IdRange,
} from "./userNamespace.ts";
export { smallestSets } from "./smallestSets.ts";
export {
  restorePolicies,
  restoreSubjects,
  snapshotPolicies,
  snapshotSubjects,
  type PoliciesSnapshot,
  type SubjectsSnapshot,
} from "./snapshot.ts";
export { smallestChanges, type RefusedAction, type Turn } from "./smallestChanges.ts";
export { smallestTurns } from "./turns.ts";

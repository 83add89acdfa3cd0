import { CAP, CAP_LAST_CAP, capabilityName, type CapabilityName } from "@kadvise/uapi";

/**
 * A set of capabilities: 64 bits as two unsigned halves, so that a test costs one AND and no
 * BigInt.
 *
 * Linux: kernel_cap_t, include/linux/capability.h
 */
export interface CapabilitySet {
  /** Capabilities 0 to 31. */
  readonly lo: number;
  /** Capabilities 32 to 63. */
  readonly hi: number;
}

/** What a caller may say for a set: everything, nothing, names, or a set that exists already. */
export type CapabilitySpec = "all" | "none" | readonly CapabilityName[] | CapabilitySet;

/** The set of two halves; negative halves are read as unsigned. */
export function capabilityHalves(lo: number, hi: number): CapabilitySet {
  return Object.freeze({ lo: lo >>> 0, hi: hi >>> 0 });
}

/** The empty set. */
export const NO_CAPABILITIES: CapabilitySet = capabilityHalves(0, 0);

/** Every capability up to a number: what the kernel of a release calls the full set. */
export function capabilitiesUpTo(last: number): CapabilitySet {
  return last >= 32
    ? capabilityHalves(-1, 2 ** (last - 31) - 1)
    : capabilityHalves(2 ** (last + 1) - 1, 0);
}

/** Every capability that the data knows. */
export const ALL_CAPABILITIES: CapabilitySet = capabilitiesUpTo(CAP_LAST_CAP);

/**
 * Makes a set.
 *
 * @example
 * capabilitySet(["CAP_SYS_NICE"]); // { lo: 0x800000, hi: 0 }
 */
export function capabilitySet(spec: CapabilitySpec): CapabilitySet {
  if (spec === "all") return ALL_CAPABILITIES;
  if (spec === "none") return NO_CAPABILITIES;
  if (!isNames(spec)) return capabilityHalves(spec.lo, spec.hi);
  let lo = 0;
  let hi = 0;
  for (const name of spec) {
    const number = CAP[name] as number | undefined;
    if (number === undefined)
      throw new TypeError(`no capability is called ${JSON.stringify(name)}`);
    if (number < 32) lo |= 1 << number;
    else hi |= 1 << (number - 32);
  }
  return capabilityHalves(lo, hi);
}

function isNames(spec: CapabilitySpec): spec is readonly CapabilityName[] {
  return Array.isArray(spec);
}

/** Whether the set holds a capability, by number. */
export function hasCapability(set: CapabilitySet, number: number): boolean {
  return number < 32 ? (set.lo & (1 << number)) !== 0 : (set.hi & (1 << (number - 32))) !== 0;
}

/** The set of one capability, by number. */
export function oneCapability(number: number): CapabilitySet {
  return number < 32 ? capabilityHalves(1 << number, 0) : capabilityHalves(0, 1 << (number - 32));
}

/** What is in either. */
export function unite(a: CapabilitySet, b: CapabilitySet): CapabilitySet {
  return capabilityHalves(a.lo | b.lo, a.hi | b.hi);
}

/** What is in both. */
export function intersect(a: CapabilitySet, b: CapabilitySet): CapabilitySet {
  return capabilityHalves(a.lo & b.lo, a.hi & b.hi);
}

/** What is in the first and not in the second. */
export function without(a: CapabilitySet, b: CapabilitySet): CapabilitySet {
  return capabilityHalves(a.lo & ~b.lo, a.hi & ~b.hi);
}

/**
 * Whether everything in the first is in the second. Allocates nothing: the access check asks it.
 */
export function isSubset(a: CapabilitySet, b: CapabilitySet): boolean {
  return (a.lo & ~b.lo) === 0 && (a.hi & ~b.hi) === 0;
}

/** Whether nothing is in the set. */
export function isEmpty(set: CapabilitySet): boolean {
  return (set.lo | set.hi) === 0;
}

/** Whether two sets hold the same. */
export function sameCapabilities(a: CapabilitySet, b: CapabilitySet): boolean {
  return a.lo === b.lo && a.hi === b.hi;
}

/** The names of a set's members, lowest number first; a number without a name is left out. */
export function capabilityNames(set: CapabilitySet): CapabilityName[] {
  const names: CapabilityName[] = [];
  for (let number = 0; number < 64; number++) {
    const name = hasCapability(set, number) ? capabilityName(number) : undefined;
    if (name !== undefined) names.push(name);
  }
  return names;
}

/** A set as /proc/PID/status prints it: sixteen hex digits. */
export function formatCapabilities(set: CapabilitySet): string {
  return set.hi.toString(16).padStart(8, "0") + set.lo.toString(16).padStart(8, "0");
}

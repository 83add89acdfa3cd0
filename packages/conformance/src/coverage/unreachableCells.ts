/** Advice that no campaign gives, by whose memory it is for, and why. */
export const UNREACHABLE_ADVICE: { readonly [advice: string]: string } = {
  "MADV_HWPOISON own": "it takes real memory out of use until the machine is started again",
  "MADV_SOFT_OFFLINE own": "it takes real memory out of use until the machine is started again",
};

/** Kinds of areas that no campaign meets, and why. */
export const UNREACHABLE_KINDS: { readonly [kind: string]: string } = {};

/** Kinds of areas that came with a release. */
export const KIND_SINCE: { readonly [kind: string]: string } = {
  secret: "5.14",
  sealed: "6.10",
  droppable: "6.11",
  guard: "6.13",
};

import type { FeaturePatch } from "./features.ts";

/**
 * The never-merged proposal of 2020-05-19, as its patches were mailed that week ("seed-code").
 *
 * Sources: linux-mm archive, the vector patch of 2020-05-15, "use only pidfd" of 2020-05-18 and its
 * fixup that turned EINVAL for a negative pidfd into EBADF. Areas and pages beneath it are 5.10's.
 */
export const SEED_CODE: FeaturePatch = {
  processMadvise: {
    exists: true,
    importBeforeFlags: true,
    adviceCheck: "remote-before-access",
    remoteAdvice: ["MADV_COLD", "MADV_PAGEOUT", "MADV_MERGEABLE", "MADV_UNMERGEABLE"],
    checksValidAdvice: false,
    own: "address-space",
    accessMode: "PTRACE_MODE_ATTACH_FSCREDS",
    sysNice: "nobody",
    partial: "errno",
    zeroLengthSegments: "each",
    lock: "range",
    flush: "range",
    fatalTargetSkips: true,
  },
  vector: { checks: "interleaved", singleIsCutFirst: false, addressLimit: "limit" },
  pidfd: { lookup: "thread" },
};

/**
 * The proposal as its text promises it ("seed"): as the code, except that an error after some
 * progress returns the bytes advised so far, and that one's own process is one's own thread group.
 */
export const SEED_TEXT: FeaturePatch = {
  processMadvise: { partial: "bytes", own: "thread-group" },
};

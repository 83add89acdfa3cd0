import type { Change } from "./change.ts";
import type { FeaturePatch, Features } from "./features.ts";

/** The features of a kernel that has a change more. */
export function applyChange(features: Features, change: Change): Features {
  const { mm, processMadvise, abi } = features;
  return patch(
    patch(features, {
      mm: { advice: [...mm.advice, ...(change.addsAdvice ?? [])] },
      processMadvise: {
        remoteAdvice: [...processMadvise.remoteAdvice, ...(change.addsRemoteAdvice ?? [])],
      },
      abi: { calls: [...abi.calls, ...(change.addsCalls ?? [])] },
    }),
    change.set ?? {},
  );
}

/** Features with some switches turned. */
export function patch(features: Features, turned: FeaturePatch): Features {
  return {
    processMadvise: { ...features.processMadvise, ...turned.processMadvise },
    vector: { ...features.vector, ...turned.vector },
    mm: { ...features.mm, ...turned.mm },
    security: { ...features.security, ...turned.security },
    pidfd: { ...features.pidfd, ...turned.pidfd },
    abi: { ...features.abi, ...turned.abi },
  };
}

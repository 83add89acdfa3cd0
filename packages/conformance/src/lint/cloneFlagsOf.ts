import type { CallEvent, Value } from "@kadvise/strace";
import { CLONE } from "@kadvise/uapi";
import { numberOf } from "./adviceGiven.ts";

/**
 * What a call shares with the child that it makes, as CLONE_* bits; undefined for calls that make
 * none.
 */
export function cloneFlagsOf({ name, args }: CallEvent): number | undefined {
  switch (name) {
    case "fork":
      return 0;
    case "vfork":
      return CLONE.CLONE_VM | CLONE.CLONE_VFORK;
    case "clone":
      return low(args.find((one) => one.name === "flags")?.value ?? args[0]?.value);
    case "clone3": {
      const argument = args[0]?.value;
      const fields = argument?.kind === "change" ? argument.before : argument;
      if (fields?.kind !== "struct") return undefined;
      return low(fields.fields.find((one) => one.name === "flags")?.value);
    }
    default:
      return undefined;
  }
}

function low(value: Value | undefined): number | undefined {
  const number = numberOf(value);
  return number === undefined ? undefined : Number(BigInt.asIntN(32, number));
}

import fc from "fast-check";
import { literal, mostly, oneOf, type Operation } from "./operation.ts";
import { at, bytes, page, pages, range } from "./ranges.ts";

const onRange = (name: string): Operation["arbitrary"] =>
  literal(range.map(([start, size]) => `${name}(${start}, ${size})`));

const withFlags = (name: string, flags: fc.Arbitrary<string>): Operation["arbitrary"] =>
  literal(
    fc.tuple(range, flags).map(([[start, size], bits]) => `${name}(${start}, ${size}, ${bits})`),
  );

/** Locks, and what pages are there. */
export const LOCKING: readonly Operation[] = [
  { name: "mlock", weight: 35, arbitrary: onRange("mlock"), compat: true },
  { name: "munlock", weight: 25, arbitrary: onRange("munlock"), compat: true },
  {
    name: "mlock2",
    weight: 20,
    arbitrary: withFlags(
      "mlock2",
      mostly(fc.constantFrom("0", "MLOCK_ONFAULT"), { one: fc.constant("2"), in: 8 }),
    ),
    compat: true,
  },
  {
    name: "mlockall",
    weight: 5,
    arbitrary: oneOf(
      ...["mlockall(MCL_FUTURE)", "mlockall(MCL_FUTURE|MCL_ONFAULT)", "mlockall(0)"],
      ...["mlockall(MCL_CURRENT|MCL_ONFAULT)", "mlockall(MCL_ONFAULT)", "mlockall(8)"],
      ...["mlockall(MCL_CURRENT|MCL_FUTURE|MCL_ONFAULT)", "mlockall(MCL_CURRENT)"],
    ),
    compat: true,
  },
  { name: "munlockall", weight: 5, arbitrary: oneOf("munlockall()"), compat: true },
  {
    name: "msync",
    weight: 25,
    arbitrary: withFlags(
      "msync",
      mostly(fc.constantFrom("MS_ASYNC", "MS_SYNC", "MS_INVALIDATE", "0"), {
        one: fc.constantFrom("MS_SYNC|MS_ASYNC", "8", "MS_SYNC|MS_INVALIDATE"),
        in: 5,
      }),
    ),
    compat: true,
  },
  {
    name: "mincore",
    weight: 60,
    arbitrary: literal(
      mostly(
        fc
          .tuple(page, pages)
          .map(
            ([start, count]) =>
              `mincore(${at(start)}, ${bytes(count)}, [${Array(count).fill(0).join(", ")}])`,
          ),
        {
          one: fc
            .tuple(
              range,
              page.map((n) => at(n, 4095)),
            )
            .map(([[start, size], into]) => `mincore(${start}, ${size}, ${into})`),
          in: 12,
        },
      ),
    ),
  },
];

import fc from "fast-check";
import { literal, mostly, oneOf, type Operation } from "./operation.ts";

const id = mostly(fc.constantFrom("-1", "1000", "0", "2000"), {
  one: fc.constantFrom("65534", "4294967294", "500"),
  in: 12,
});
const one = (name: string): Operation["arbitrary"] => literal(id.map((n) => `${name}(${n})`));
const two = (name: string): Operation["arbitrary"] =>
  literal(fc.tuple(id, id).map((ids) => `${name}(${ids.join(", ")})`));
const three = (name: string): Operation["arbitrary"] =>
  literal(fc.tuple(id, id, id).map((ids) => `${name}(${ids.join(", ")})`));

/** Who one is: users and groups. */
export const IDENTITY: readonly Operation[] = [
  { name: "setresuid", weight: 10, arbitrary: three("setresuid"), compat: true },
  { name: "setreuid", weight: 4, arbitrary: two("setreuid"), compat: true },
  { name: "setuid", weight: 3, arbitrary: one("setuid"), compat: true },
  { name: "setfsuid", weight: 8, arbitrary: one("setfsuid"), compat: true },
  { name: "setresgid", weight: 8, arbitrary: three("setresgid"), compat: true },
  { name: "setregid", weight: 4, arbitrary: two("setregid"), compat: true },
  { name: "setgid", weight: 3, arbitrary: one("setgid"), compat: true },
  { name: "setfsgid", weight: 8, arbitrary: one("setfsgid"), compat: true },
  {
    name: "setgroups",
    weight: 5,
    arbitrary: oneOf(
      ...["setgroups(2, [7, 3])", "setgroups(0, [])", "setgroups(1, [1000])"],
      ...["setgroups(65537, NULL)", "setgroups(1, [4294967295])", "setgroups(1, NULL)"],
    ),
  },
  {
    name: "getgroups",
    weight: 6,
    arbitrary: oneOf("getgroups(4, [0, 0, 0, 0])", "getgroups(0, NULL)", "getgroups(1, [0])"),
  },
  { name: "getresuid", weight: 14, arbitrary: oneOf("getresuid([0], [0], [0])") },
  { name: "getresgid", weight: 12, arbitrary: oneOf("getresgid([0], [0], [0])") },
];

import type { Change } from "../change.ts";

/** The import of a vector. */
export const VECTOR_CHANGES: readonly Change[] = [
  {
    id: "iovec-lengths-first",
    subject: "every length of a vector is checked before any address",
    mainline: "5.10",
    source: "lib/iov_iter.c iovec_from_user, __import_iovec 5.10; asked on 5.10.223",
    set: { vector: { checks: "lengths-first" } },
  },
  {
    id: "iovec-elementwise",
    subject:
      "a vector is copied element by element: a negative length beats a later unreadable element",
    mainline: "6.4",
    source:
      "487c20b016dc of 2023-03-30, merged for 6.4; lib/iov_iter.c copy_iovec_from_user; asked on " +
      "6.1.192 (without) and 6.12.100 (with)",
    set: { vector: { checks: "elementwise" } },
  },
  {
    id: "iovec-single-cut-first",
    subject: "a single segment is cut to MAX_RW_COUNT before its address is checked",
    mainline: "6.4",
    source:
      "lib/iov_iter.c __import_iovec_ubuf, import_ubuf 6.4; asked on 6.1.192 (without) and " +
      "6.12.100 (with)",
    set: { vector: { singleIsCutFirst: true } },
  },
  {
    id: "access-ok-sign-bit",
    subject: "x86-64's access_ok tests only the sign of the address",
    mainline: "6.4",
    source:
      "6014bc27561f of 2023-04-28; arch/x86/include/asm/uaccess_64.h; absent in 6.1.192, present " +
      "in 6.4.6",
    set: { vector: { addressLimit: "sign-bit" } },
  },
  {
    id: "access-ok-limit-minus-one",
    subject: "x86-64's access_ok compares with the user limit again, one byte short",
    mainline: "6.12",
    stable: { "6.11": 6 },
    source:
      "86e6b1547b3d of 2024-10-25, in the announcement of 6.11.6; uaccess_64.h read in 6.12.0",
    set: { vector: { addressLimit: "limit-minus-one" } },
  },
  {
    id: "access-ok-limit",
    subject: "x86-64's access_ok lets a range end exactly at the user limit",
    mainline: "6.13",
    stable: { "6.11": 11, "6.12": 2 },
    source:
      "573f45a9f9a4; reviews of 2024-12-03 for 6.11.11 (480 of 817) and 6.12.2 (465 of 826); " +
      "asked on 6.12.100",
    set: { vector: { addressLimit: "limit" } },
  },
];

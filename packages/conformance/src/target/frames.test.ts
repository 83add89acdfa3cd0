import fc from "fast-check";
import { expect, test } from "vitest";
import { FRAME, FRAME_HEADER_BYTES, FrameReader, frameHeader, type Frame } from "./frames.ts";
import { enumeration, sizeOf } from "../program/testing/protocolHeader.ts";

const frames = fc.array(
  fc.record({ kind: fc.integer({ min: 1, max: 19 }), bytes: fc.uint8Array({ maxLength: 40 }) }),
);

test("frames come out as they went in, however the line cuts them", () => {
  fc.assert(
    fc.property(
      frames,
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (sent, cuts) => {
        const line = Buffer.concat(
          sent.flatMap(({ kind, bytes }) => [frameHeader(kind, bytes.length), bytes]),
        );
        const reader = new FrameReader();
        const seen: Frame[] = [];
        for (let at = 0, i = 0; at < line.length; i++) {
          const cut = cuts[i % cuts.length];
          seen.push(...reader.take(line.subarray(at, at + cut)));
          at += cut;
        }
        expect(seen.map(({ kind, bytes }) => ({ kind, bytes: [...bytes] }))).toEqual(
          sent.map(({ kind, bytes }) => ({ kind, bytes: [...bytes] })),
        );
      },
    ),
  );
});

test("the bytes of a frame with a block do not follow it", () => {
  const line = Buffer.concat([frameHeader(17, 5000, 4096), frameHeader(18, 0)]);
  const seen = [...new FrameReader().take(line)];
  expect(seen.map(({ kind, length, block }) => [kind, length, block])).toEqual([
    [17, 5000, 4096],
    [18, 0, 0],
  ]);
});

test("what is no frame is not taken for one", () => {
  const other = Buffer.from("[    0.000000] Linux version 6.12");
  expect(() => [...new FrameReader().take(other)]).toThrow(RangeError);
  const endless = frameHeader(17, 0xffff_ffff);
  expect(() => [...new FrameReader().take(endless)]).toThrow(RangeError);
});

test("kinds and header are those of protocol.h", () => {
  const agent = [...enumeration("frame_kind")].map(([word, value]) => [
    word.replace("FRAME_", "").toLowerCase(),
    value,
  ]);
  expect(FRAME).toEqual(Object.fromEntries(agent));
  expect(FRAME_HEADER_BYTES).toBe(sizeOf("frame"));
});

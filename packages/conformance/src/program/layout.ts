/**
 * Where things lie in every actor, and how much fits. The same numbers stand in the agent's
 * protocol.h; a test compares them.
 */
export const SHARED_ADDRESS = 0x0f00_0000;
export const SHARED_BYTES = 0x0100_0000;

/** Where a program's data block lies: below 4 GiB, so that a 32-bit caller can name it too. */
export const DATA_ADDRESS = 0x0f40_0000;
export const DATA_BYTES = 0x10_0000;

/** Where the agent's image lies; the heap begins behind it. */
export const IMAGE_ADDRESS = 0x1000_0000;

export const MAX_OPERATIONS = 8192;
export const MAX_RELOCATIONS = 16384;
export const MAX_ACTORS = 32;
/** The bytes that all payloads of one program may have together; what is beyond is cut. */
export const PAYLOAD_BYTES = 0xa0_0000;

export const PROTOCOL_VERSION = 2;

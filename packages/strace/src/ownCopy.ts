/**
 * A copy of a text that does not keep alive what it was cut from.
 *
 * Engines cut strings by reference: the name of a pending call, eight characters of a chunk, would
 * hold the whole chunk for as long as the call is pending. Reading such a cut is slow besides, each
 * character being looked up by way of the whole. Joining two pieces makes a string with memory of
 * its own.
 */
export function ownCopy(text: string): string {
  return [text.slice(0, 1), text.slice(1)].join("");
}

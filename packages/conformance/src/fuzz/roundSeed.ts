/** Far apart, so that campaigns of neighbouring seeds share no round. */
const STRIDE = 0x9e37_79b1;

/** The seed of a campaign's n-th round, counted from 0: that of the first is the campaign's own. */
export function roundSeed(seed: number, round: number): number {
  return (seed + Math.imul(round, STRIDE)) | 0;
}

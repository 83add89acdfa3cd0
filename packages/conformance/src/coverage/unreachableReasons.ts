/** Reasons that no campaign can see on a real kernel, and why. */
export const UNREACHABLE_REASONS: { readonly [id: string]: string } = {};

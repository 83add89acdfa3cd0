/** Images of the agent, by the mode that they have: some make whoever executes them another. */
export const IMAGES: { readonly [kind: string]: number } = {
  plain: 0o755,
  unreadable: 0o711,
  setUserId: 0o4755,
  setGroupId: 0o2755,
};

/**
 * What sets few areas apart besides their flags, as one text: areas of different labels do not
 * join. "" is the label of most.
 */
export type Label = string;

/** What a label says. */
export interface Labelled {
  /** What PR_SET_VMA_ANON_NAME called the area. */
  readonly name?: string | undefined;
  /** The protection key; 0 is everybody's. */
  readonly key?: number;
  /** The memory policy that mbind gave, as a text that equal ones share; "" for the process' own. */
  readonly policy?: string;
}

/** `KEY;POLICY;` and the name behind `=`, if there is one. */
export function labelOf({ name, key = 0, policy = "" }: Labelled): Label {
  if (key === 0 && policy === "" && name === undefined) return "";
  return `${key};${policy};${name === undefined ? "" : `=${name}`}`;
}

/** A label with something else in it. */
export function relabelled(label: Label, change: Labelled): Label {
  if (label === "") return labelOf(change);
  return labelOf({ name: nameIn(label), key: keyIn(label), policy: policyIn(label), ...change });
}

/** The name that a label holds. */
export function nameIn(label: Label): string | undefined {
  const rest = label.slice(label.indexOf(";", label.indexOf(";") + 1) + 1);
  return label === "" || rest === "" ? undefined : rest.slice(1);
}

/** The protection key that a label holds. */
export function keyIn(label: Label): number {
  return label === "" ? 0 : Number(label.slice(0, label.indexOf(";")));
}

/** The policy that a label holds. */
export function policyIn(label: Label): string {
  if (label === "") return "";
  const start = label.indexOf(";") + 1;
  return label.slice(start, label.indexOf(";", start));
}

/** An element of XML. */
export interface Element {
  readonly name: string;
  readonly attributes: { [name: string]: string };
  readonly children: Element[];
}

/** Reads XML as strictly as its grammar asks, for what a report may hold. */
export function readXml(text: string): Element {
  const top: Element = { name: "", attributes: {}, children: [] };
  const open = [top];
  let rest = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>/, "");
  while (rest.trim() !== "") {
    const match =
      /^(?:<!--(?:(?!--)[^])*-->|<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<>]+))/.exec(
        rest,
      );
    if (match === null) throw new Error(`not well-formed: ${rest.slice(0, 60)}`);
    rest = rest.slice(match[0].length);
    const [, closed, opened, attributes = "", isEmpty, content] = match;
    for (const part of [attributes, content ?? ""])
      if (/&(?!(amp|lt|gt|quot|apos);)/.test(part)) throw new Error(`a bare & in ${part}`);
    if (closed !== undefined && open.pop()?.name !== closed) throw new Error(`</${closed}>`);
    if (opened === undefined) continue;
    const element: Element = { name: opened, attributes: {}, children: [] };
    for (const [, name = "", value = ""] of attributes.matchAll(/ ([\w-]+)="([^"]*)"/g))
      element.attributes[name] = unescaped(value);
    open.at(-1)?.children.push(element);
    if (isEmpty !== "/") open.push(element);
  }
  if (open.length !== 1 || top.children[0] === undefined) throw new Error("not closed");
  return top.children[0];
}

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}

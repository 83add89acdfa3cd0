import { ownLogs } from "../../judge/testing/ownLogs.ts";
import { LogExplainer, type LogCallExplained } from "../explainLog.ts";

/** Explains calls of a shipped log: those of one name, or the one on a line. */
export function explainOwn(
  log: string,
  wanted: { readonly name: string } | { readonly line: number },
): readonly LogCallExplained[] {
  const [kernel = ""] = log.split("/");
  const own = ownLogs([kernel]).find(({ name }) => name === log);
  if (own === undefined) throw new RangeError(`no shipped log ${log}`);
  const explainer = new LogExplainer({
    kernel,
    settings: own.settings,
    ...("name" in wanted
      ? { wants: ({ name }: { name: string }) => name === wanted.name }
      : { line: wanted.line }),
  });
  explainer.push(own.text);
  explainer.end();
  return explainer.results;
}

import ts from "typescript";

/** A place in a source where one small change makes a fault. */
export interface Site {
  /** Which text is replaced, by where it stands, and by what. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** What the change is: `< to <=`. */
  readonly change: string;
  /** The expression around it. */
  readonly around: { readonly start: number; readonly end: number };
}

const COMPARISONS: { readonly [token: string]: string } = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
};
const CONNECTIVES: { readonly [token: string]: string } = { "&&": "||", "||": "&&" };

/** An errno's neighbour: the one that Linux might just as well have answered. */
const ERRNOS: { readonly [code: string]: string } = {
  EINVAL: "EPERM",
  EPERM: "EACCES",
  EACCES: "EPERM",
  ENOMEM: "EFAULT",
  EFAULT: "ENOMEM",
  ESRCH: "EINVAL",
  EBADF: "EINVAL",
};
const OTHER_ERRNO = "EINVAL";
const ERRNO = /^E[A-Z0-9]{2,}$/;

/**
 * All places of a source at which its behaviour hangs: conditions, comparisons, connectives,
 * numbers, truth values and errnos. Types are none of it, nor is what it imports.
 */
export function sitesOf(text: string, fileName: string): readonly Site[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const sites: Site[] = [];
  const add = (node: ts.Node, replacement: string, change: string): void => {
    const place = ts.isExpression(node) ? node : node.parent;
    const around = { start: place.getStart(source), end: place.end };
    const [start, end] = [node.getStart(source), node.end];
    sites.push({ start, end, replacement, change, around });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    operator(node, add);
    constant(node, add);
    condition(node, add);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return sites.sort((a, b) => a.start - b.start || a.end - b.end || (a.change < b.change ? -1 : 1));
}

type Add = (node: ts.Node, replacement: string, change: string) => void;

function operator(node: ts.Node, add: Add): void {
  if (!ts.isBinaryExpression(node)) return;
  const token = node.operatorToken.getText();
  const other = COMPARISONS[token] ?? CONNECTIVES[token];
  if (other !== undefined) add(node.operatorToken, other, `${token} to ${other}`);
}

function constant(node: ts.Node, add: Add): void {
  if (ts.isNumericLiteral(node)) {
    const more = `${Number(node.text) + 1}`;
    add(node, more, `${node.getText()} to ${more}`);
  } else if (ts.isBigIntLiteral(node)) {
    const more = `${BigInt(node.text.replace(/n$/, "")) + 1n}n`;
    add(node, more, `${node.getText()} to ${more}`);
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, "false", "true to false");
  else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, "true", "false to true");
  else if (ts.isStringLiteral(node) && ERRNO.test(node.text)) {
    const other = ERRNOS[node.text] ?? OTHER_ERRNO;
    add(node, JSON.stringify(other), `${node.text} to ${other}`);
  }
}

/** What decides a branch is turned round as a whole, unless a comparison does so already. */
function condition(node: ts.Node, add: Add): void {
  const decides =
    ts.isIfStatement(node) || ts.isWhileStatement(node)
      ? node.expression
      : ts.isConditionalExpression(node) || ts.isForStatement(node)
        ? node.condition
        : undefined;
  if (decides === undefined) return;
  if (ts.isBinaryExpression(decides) && decides.operatorToken.getText() in COMPARISONS) return;
  add(decides, `!(${decides.getText()})`, "negated");
}

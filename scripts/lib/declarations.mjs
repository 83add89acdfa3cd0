import ts from "typescript";

const printer = ts.createPrinter({ removeComments: true });

/**
 * Prints what a package's entry offers: every exported declaration by name, then those that these
 * mention without exporting them. Comments, files and private members are left out: they may change
 * without anyone outside having to know.
 * @param {string} entry a built .d.ts file
 * @returns {string}
 */
export function printDeclarations(entry) {
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts"],
    types: [],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  if (!source) throw new Error(`${entry} is not there: build first`);
  const module = checker.getSymbolAtLocation(source);
  const folder = entry.slice(0, entry.lastIndexOf("/") + 1);

  /** @param {ts.Symbol} symbol */
  const resolve = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  /** @param {ts.Symbol} symbol */
  const declarationsOf = (symbol) =>
    (symbol.declarations ?? []).map(statementOf).filter((statement) => statement !== undefined);

  /** @param {ts.Node} statement */
  const isOwn = (statement) => statement.getSourceFile().fileName.startsWith(folder);

  /** @type {Map<ts.Symbol, string>} */
  const offered = new Map();
  /** @type {string[]} */
  const lines = [];
  for (const symbol of (module ? checker.getExportsOfModule(module) : []).sort(byName)) {
    const target = resolve(symbol);
    const known = offered.get(target);
    offered.set(target, known ?? symbol.name);
    if (known !== undefined) lines.push(`export { ${known} as ${symbol.name} };`);
    else if (declarationsOf(target).some((statement) => !isOwn(statement))) {
      lines.push(`export { ${symbol.name} }; // of another package`);
    } else {
      if (target.name !== symbol.name) lines.push(`export { ${target.name} as ${symbol.name} };`);
      lines.push(...declarationsOf(target).map(print));
    }
  }

  /** @type {Map<ts.Symbol, string>} */
  const mentioned = new Map();
  const queue = [...offered.keys()];
  for (let symbol = queue.pop(); symbol; symbol = queue.pop()) {
    for (const statement of declarationsOf(symbol)) {
      if (!isOwn(statement)) continue;
      for (const found of symbolsIn(withoutPrivate(statement))) {
        if (offered.has(found) || mentioned.has(found)) continue;
        const declarations = declarationsOf(found);
        if (!declarations.some(isOwn)) continue;
        mentioned.set(found, declarations.map(print).join("\n"));
        queue.push(found);
      }
    }
  }
  const hidden = [...mentioned.values()].sort();
  if (hidden.length > 0) lines.push("", "// Mentioned above, not exported.", ...hidden);
  return `${lines.join("\n")}\n`;

  /**
   * @param {ts.Node} node
   * @returns {ts.Symbol[]}
   */
  function symbolsIn(node) {
    /** @type {ts.Symbol[]} */
    const found = [];
    /** @param {ts.Node} child */
    const visit = (child) => {
      const symbol = ts.isIdentifier(child) ? checker.getSymbolAtLocation(child) : undefined;
      if (symbol) found.push(resolve(symbol));
      ts.forEachChild(child, visit);
    };
    visit(node);
    return found;
  }
}

/**
 * The statement at the top of its file that declares something, or nothing for a member or
 * parameter.
 * @param {ts.Declaration} declaration
 * @returns {ts.Node | undefined}
 */
function statementOf(declaration) {
  if (ts.isVariableDeclaration(declaration)) {
    const statement = declaration.parent.parent;
    return ts.isSourceFile(statement.parent) ? statement : undefined;
  }
  return ts.isSourceFile(declaration.parent) ? declaration : undefined;
}

/** @param {ts.Node} node */
function print(node) {
  return printer
    .printNode(ts.EmitHint.Unspecified, withoutPrivate(node), node.getSourceFile())
    .replace(/^export /, "")
    .replace(/^declare /, "");
}

/**
 * @param {ts.Node} node
 * @returns {ts.Node}
 */
function withoutPrivate(node) {
  if (!ts.isClassDeclaration(node)) return node;
  const members = node.members.filter(
    (member) => !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private),
  );
  return ts.factory.updateClassDeclaration(
    node,
    node.modifiers,
    node.name,
    node.typeParameters,
    node.heritageClauses,
    members,
  );
}

/**
 * @param {ts.Symbol} a
 * @param {ts.Symbol} b
 */
function byName(a, b) {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

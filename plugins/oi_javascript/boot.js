// JavaScript as a program: what V8's REPL mode lacks is rewritten, with the parser that node's own REPL uses: import
// statements, import(), names that are declared again as something else, and awaiting, which must end with its cell.
const WRITES = /^process\s*\.\s*std(out|err)\s*\.\s*write\s*\(/;
const kinds = new Map(); // what each name of the top level is: "let", or "var"

function rewrite(code) {
  const edits = [], edit = (start, end, text) => edits.push([start, end, text]);
  try {
    const { parse } = require("internal/deps/acorn/acorn/dist/acorn");
    const options = { allowAwaitOutsideFunction: true, allowImportExportEverywhere: true, allowHashBang: true };
    for (const node of parse(code, { ecmaVersion: "latest", ...options }).body) {
      declare(node, code, edit);
      walk(node, edit);
      if (WRITES.test(code.slice(node.start, node.start + 99))) edit(node.end, node.end, ";void 0;"); // not its true
    }
  } catch {
    return code; // V8 says why
  }
  let at = 0, text = "";
  for (const [start, end, replacement] of edits.sort((one, other) => one[0] - other[0]))
    [text, at] = [text + code.slice(at, start) + replacement, end];
  return text + code.slice(at);
}

function walk(node, edit) {
  if (Array.isArray(node)) return node.forEach((inner) => walk(inner, edit));
  if (typeof node?.type !== "string") return;
  const { type, start, end, right } = node;
  const around = (before, from, to) => edit(from, from, before) + edit(to, to, ")");
  if (type === "ImportExpression" || (type === "MetaProperty" && node.meta.name === "import"))
    edit(start, start + 6, "__import");
  if (type === "AwaitExpression") around(" __import.step(", start + 5, end);
  if (type === "ForOfStatement" && node.await) around("__import.each(", right.start, right.end);
  for (const key in node) walk(node[key], edit);
}

// A name can be declared again when it is again of the same kind, and no constant.
function declare(node, code, edit) {
  const { type, start, end, declaration: inner } = node, newlines = code.slice(start, end).replace(/[^\n]/g, "");
  if (type === "ImportDeclaration") return edit(start, end, importing(node, code) + newlines);
  if (type.startsWith("Export") && !inner) return edit(start, end, newlines);
  if (type.startsWith("Export")) {
    edit(start, inner.start, inner.id || inner.declarations ? "" : "__import.exported = ");
    return declare(inner, code, edit);
  }
  const names = node.declarations?.flatMap(({ id }) => bound(id)) ?? (node.id ? [node.id.name] : []);
  const [own, other] = type === "FunctionDeclaration" || node.kind === "var" ? ["var", "let"] : ["let", "var"];
  const kind = remember(names, own, other), { length } = node.kind ?? "";
  if (length) edit(start, start + length, kind.padEnd(length));
  else if (kind === other) {
    edit(start, start, own === "var" ? `void (${names[0]} = ` : `var ${names[0]} = `);
    edit(end, end, own === "var" ? ");" : ";");
  }
}

function remember(names, own, other) {
  if (names.some((name) => kinds.get(name) === other)) return other;
  for (const name of names) kinds.set(name, own);
  return own;
}

function bound({ type, name, left, argument, value, elements = [], properties = [] }) {
  if (type === "Identifier") return [name];
  return [left, argument, value, ...elements, ...properties].filter(Boolean).flatMap(bound);
}

function importing({ specifiers, source, attributes = [] }, code) {
  const text = ({ start }, { end }) => code.slice(start, end);
  const space = specifiers.find(({ type }) => type === "ImportNamespaceSpecifier"), parts = [], wanted = [];
  for (const { imported, local } of specifiers.filter((specifier) => specifier !== space)) {
    wanted.push(imported ? imported.name ?? imported.value : "default");
    parts.push(`${imported ? text(imported, imported) : "default"}: ${local.name}`);
  }
  const options = attributes.length ? `{ with: { ${text(attributes[0], attributes.at(-1))} } }` : "undefined";
  const call = `await __import.step(__import(${source.raw}, ${options}, ${JSON.stringify(wanted)}))`;
  const targets = [...(space ? [space.local.name] : []), ...(parts.length ? [`{ ${parts} }`] : [])];
  if (!targets.length) return `void ${call};`;
  const kind = remember(specifiers.map(({ local }) => local.name), "let", "var");
  return `${kind} ${targets.map((target) => `${target} = ${call}`).join(", ")};`;
}

// What rewritten code calls.
async function load(name, options, names = []) {
  const found = await importModule(name, options);
  const missing = names.find((wanted) => !(wanted in found));
  if (missing) throw new SyntaxError(`The requested module '${name}' does not provide an export named '${missing}'`);
  return found;
}
// Code that awaits goes no further once its cell was stopped.
load.step = (value, mine = cell) => {
  const go = () => (mine.stopped ? new Promise(() => {}) : undefined);
  return Promise.resolve(value).then((got) => go() ?? got, (error) => go() ?? Promise.reject(error));
};
load.each = async function* (source) {
  const items = (source[Symbol.asyncIterator] ?? source[Symbol.iterator]).call(source);
  try {
    for (let item; !(item = await load.step(items.next())).done; ) yield item.value;
  } finally {
    await items.return?.();
  }
};
Object.defineProperty(globalThis, "__import", { value: load });

async function run(code, cell) {
  const dirname = process.cwd(), filename = path.join(dirname, "cell.js");
  load.meta = { url: pathToFileURL(filename).href, filename, dirname };
  show(await load.step(evaluate(rewrite(code), cell, code)));
}
process.nextTick(rewrite, ""); // the parser is loaded while nobody waits

// Part 4: JavaScript, or what a language has become, is run by V8's REPL mode: it awaits at the top level, and lets a
// declaration be made again. Modules are found from the current folder.
const { promiseHooks } = require("v8"), { pathToFileURL } = require("url"), path = require("path");
const EventEmitter = require("events"), promises = new Set(), holder = {};
const IMPORT = "module.exports = (name, options) => (options ? import(name, options) : import(name))";
let folder = "", importModule;

function post(method, parameters) {
  let answer;
  session.post(method, parameters, (error, given) => (answer = given));
  return answer; // of what answers at once
}

// Returns the value of the last expression, or throws what the code threw.
async function evaluate(code, { id }, source = code) {
  enter(process.cwd());
  const { result, exceptionDetails: details } = await answer(`${code}\n//# sourceURL=<cell-${id}>`);
  const value = local(details ? details.exception : result);
  if (!details) return value;
  if (value instanceof SyntaxError) point(value, id, source, details);
  throw value;
}

function answer(expression) {
  let done, own;
  const answered = new Promise((resolve) => (done = resolve));
  const options = { expression, replMode: true, awaitPromise: true, objectGroup: "cell" };
  // The first promise is that of the cell. V8 tells the inspector when one is collected that can never end, and in the
  // midst of a collection node cannot take that: of a cell that is stopped, it is kept.
  const watching = promiseHooks?.onInit((promise) => watching(promises.add((own = promise))));
  session.post("Runtime.evaluate", options, (error, given) => error || done(given, promises.delete(own)));
  return answered; // never, when it was stopped
}

function local({ objectId, value, unserializableValue }) {
  const given = objectId ? { objectId } : unserializableValue ? { unserializableValue } : { value };
  const functionDeclaration = "function (value) { this.value = value }";
  post("Runtime.callFunctionOn", { objectId: holderId, functionDeclaration, arguments: [given] });
  post("Runtime.releaseObjectGroup", { objectGroup: "cell" });
  return [holder.value, (holder.value = undefined)][0];
}

// Of a syntax error, the place is shown below its words.
function point(error, id, source, { lineNumber, columnNumber }) {
  const line = source.split("\n")[lineNumber];
  if (line === undefined || /\n +at /.test(error.stack)) return;
  error.stack += `\n    at <cell-${id}>:${lineNumber + 1}\n\n${line}\n${" ".repeat(columnNumber)}^`;
}

// Calls that are made for their effect return timers, servers, streams and the like; these are not shown.
function show(value) {
  const isRunning = value instanceof EventEmitter || typeof value?.unref === "function";
  if (value !== undefined && !isRunning) process.stdout.write(`${util.inspect(value)}\n`);
}

function enter(current) {
  if (folder === current) return;
  folder = current;
  const filename = path.join(folder, "cell.js");
  globalThis.module = Object.assign(new Module(filename), { filename, paths: Module._nodeModulePaths(folder) });
  module._compile(IMPORT, filename); // import() in this text itself crashes older nodes, once it was collected
  [importModule, module.exports] = [module.exports, {}];
  globalThis.exports = module.exports;
  globalThis.require = Object.assign(Module.createRequire(filename), { main: module });
  process.argv[1] = globalThis.__filename = filename;
  globalThis.__dirname = folder;
}

session.connect();
globalThis.holder = holder;
const holderId = post("Runtime.evaluate", { expression: "holder" }).result.objectId;
delete globalThis.holder;
